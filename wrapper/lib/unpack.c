// SPDX-License-Identifier: GPL-3.0-or-later
/* Unpacks a compressed file with the program whose format it is, into a private copy. */
#include <string.h>

#include "lib/files.h"
#include "lib/subprocess.h"
#include "lib/tmpdir.h"
#include "lib/unpack.h"

static const struct {
	const char *suffix, *program;
} formats[] = {
	{ ".gz", "gzip" },
	{ ".xz", "xz" },
	{ ".zst", "zstd" },
};

/* All copies go into one directory. */
static const char *scratch_dir(GError **error)
{
	static char *dir;

	if (!dir)
		dir = kgr_temp_dir(error);
	return dir;
}

static char *unpack(const char *path, const char *suffix, const char *program, GError **error)
{
	g_autofree char *base = g_path_get_basename(path), *packed = NULL;
	g_auto(kgr_subprocess) run = { 0 };
	const char *dir = scratch_dir(error);

	if (!dir || !kgr_copy_file(path, dir, base, error))
		return NULL;
	packed = g_build_filename(dir, base, NULL);
	kgr_subprocess_add(&run, program, "-df", packed, NULL);
	if (!kgr_subprocess_run(&run, program, error)) {
		g_prefix_error(error, "%s cannot be unpacked: ", path);
		return NULL;
	}
	return g_strndup(packed, strlen(packed) - strlen(suffix));
}

char *kgr_unpacked(const char *path, GError **error)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(formats); i++) {
		if (g_str_has_suffix(path, formats[i].suffix))
			return unpack(path, formats[i].suffix, formats[i].program, error);
	}
	return g_strdup(path);
}
