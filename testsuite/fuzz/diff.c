// SPDX-License-Identifier: GPL-3.0-or-later
/* A diff of whatever content, applied to a small source tree; nothing outside may change. */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/tmpdir.h"
#include "input.h"
#include "source/diff-names.h"
#include "source/source-overlay.h"

static const char text[] = "int one(void)\n{\n\treturn 1;\n}\n\nint two(void)\n{\n\treturn 2;\n}\n";
static char *root, *source;

static void begin(void)
{
	char *file;

	root = g_dir_make_tmp("kgraft-fuzz-XXXXXX", NULL);
	source = g_build_filename(root, "source", NULL);
	file = g_build_filename(source, "dir", NULL);
	g_mkdir_with_parents(file, 0700);
	g_free(file);
	file = g_build_filename(source, "dir/file.c", NULL);
	if (!g_file_set_contents(file, text, -1, NULL))
		abort();
	g_free(file);
}

static void see_that_nothing_changed(void)
{
	char *file = g_build_filename(source, "dir/file.c", NULL), *now = NULL;
	GDir *dir = g_dir_open(source, 0, NULL);
	int entries = 0;

	if (!g_file_get_contents(file, &now, NULL, NULL) || strcmp(now, text) != 0)
		abort();
	while (g_dir_read_name(dir))
		entries++;
	if (entries != 1)
		abort();
	g_dir_close(dir);
	g_free(now);
	g_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], *diffs[2] = { path, NULL }, *copy;
	int fd = fuzz_file(data, size, path);

	if (!root)
		begin();
	copy = g_build_filename(root, "input.diff", NULL);
	if (!g_file_set_contents(copy, (const char *)data, (gssize)size, NULL))
		abort();
	diffs[0] = copy;
	kgr_overlay_free(kgr_overlay_create(source, root, diffs, KGR_STRIP_UNKNOWN, NULL));
	g_free(copy);
	copy = g_build_filename(root, "overlay", NULL);
	kgr_remove_tree(copy);
	g_free(copy);
	see_that_nothing_changed();
	close(fd);
	return 0;
}
