// SPDX-License-Identifier: GPL-3.0-or-later
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content-hash.h"

int kgr_hash_file(const char *path, uint64_t *hash)
{
	/* Kept from file to file: a unit has hundreds of them, most far below a megabyte. */
	static char *buf;
	static size_t room;
	size_t have = 0;
	struct stat st;
	ssize_t n = 0;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		goto fail;
	if (room < (size_t)st.st_size + 1) {
		char *more = realloc(buf, (size_t)st.st_size + 65536);

		if (!more)
			goto fail;
		buf = more;
		room = (size_t)st.st_size + 65536;
	}
	while (have < room && (n = read(fd, buf + have, room - have)) > 0)
		have += (size_t)n;
	if (n < 0)
		goto fail;
	close(fd);
	*hash = XXH3_64bits(buf, have);
	return 0;
fail:
	err = errno;
	close(fd);
	errno = err;
	return -1;
}
