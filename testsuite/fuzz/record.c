// SPDX-License-Identifier: GPL-3.0-or-later
/* A record's text, compressed as a record is, and the same text as the plugin's facts. */
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "input.h"
#include "record/record.h"

static void read_packed(const char *path)
{
	GPtrArray *files = g_ptr_array_new();
	bool found;
	struct kgr_record *r = kgr_record_read(path, NULL);

	g_ptr_array_add(files, "/usr/include/stdio.h");
	kgr_record_mentions(path, "/usr/include/stdio.h", &found);
	kgr_record_includes(path, files, &found, NULL);
	if (r) {
		g_free(kgr_record_fentry(r, "main"));
		kgr_record_check_compiler(r, r, NULL);
	}
	kgr_record_free(r);
	g_ptr_array_free(files, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char plain[32], packed[32];
	int fd = fuzz_file(data, size, plain), to = fuzz_file(data, 0, packed);
	gzFile out = gzopen(packed, "wb1");

	if (!out || gzfwrite(data, 1, size, out) != size || gzclose(out) != Z_OK)
		abort();
	read_packed(packed);
	/* And not compressed, or as a fuzzer thinks a compressed file looks. */
	read_packed(plain);
	kgr_record_free(kgr_facts_read(plain, NULL));
	close(fd);
	close(to);
	return 0;
}
