// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The hash of a file's content: read whole into one buffer that grows, then hashed at once. Without GLib on
 * purpose: kgr-gcc runs once for every file of a kernel, and hashes some hundred headers each time.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/hash.h"

int kgr_hash_file(const char *path, uint64_t *hash)
{
	/* Kept from file to file: a unit has hundreds of them, most far below a megabyte. */
	static char *buf;
	static size_t room;
	size_t have = 0;
	ssize_t n;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	do {
		if (have == room) {
			size_t wider = room ? room * 2 : 1 << 20;
			char *more = realloc(buf, wider);

			if (!more)
				goto fail;
			buf = more;
			room = wider;
		}
		n = read(fd, buf + have, room - have);
		if (n < 0)
			goto fail;
		have += (size_t)n;
	} while (n);
	close(fd);
	*hash = XXH3_64bits(buf, have);
	return 0;
fail:
	err = errno;
	close(fd);
	errno = err;
	return -1;
}
