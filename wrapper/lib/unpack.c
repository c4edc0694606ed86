// SPDX-License-Identifier: GPL-3.0-or-later
/* Unpacks with the program whose format it is: a file into a private copy, data into memory. */
#include <string.h>

#include "lib/error.h"
#include "lib/files.h"
#include "lib/subprocess.h"
#include "lib/tmpdir.h"
#include "lib/unpack.h"

static const struct {
	const char *suffix, *program, *magic;
} formats[] = {
	{ ".gz", "gzip", "\x1f\x8b" },
	{ ".xz", "xz",
	  "\xfd"
	  "7zXZ" },
	{ ".zst", "zstd", "\x28\xb5\x2f\xfd" },
	{ ".bz2", "bzip2", "BZh" },
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

static GBytes *unpack_bytes(GBytes *bytes, const char *what, const char *program, GError **error)
{
	struct kgr_subprocess run = { 0 };
	const char *dir = scratch_dir(error);
	GBytes *out = NULL;
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);

	if (!dir)
		return NULL;
	run.input = g_build_filename(dir, "packed", NULL);
	run.argv = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(run.argv, g_strdup(program));
	g_ptr_array_add(run.argv, g_strdup("-dc"));
	if (g_file_set_contents(run.input, data, (gssize)size, error) &&
	    kgr_subprocess_run_all(&run, 1, 1, error)) {
		if (!run.status)
			out = g_bytes_new_take(g_steal_pointer(&run.output), run.size);
		else
			kgr_fail(error, KGR_TROUBLE, "%s failed", program);
	}
	if (!out)
		g_prefix_error(error, "%s cannot be unpacked: ", what);
	kgr_subprocess_clear(&run);
	return out;
}

GBytes *kgr_unpack_bytes(GBytes *bytes, const char *what, GError **error)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	guint i;

	for (i = 0; i < G_N_ELEMENTS(formats); i++) {
		size_t len = strlen(formats[i].magic);

		if (size >= len && !memcmp(data, formats[i].magic, len))
			return unpack_bytes(bytes, what, formats[i].program, error);
	}
	return g_bytes_ref(bytes);
}
