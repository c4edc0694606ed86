// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * scripts/Makefile.build is called for one directory, and goes down from there by itself. The top Makefile calls it for
 * "fs", "net", ..., and for some directories of the architecture's.
 */
#include <string.h>

#include "adopt/kbuild-dirs.h"
#include "elf/arch.h"
#include "lib/error.h"

bool kgr_makes_constants(const char *source)
{
	g_autofree char *base = g_path_get_basename(source);

	return !strcmp(base, "bounds.c") || g_str_has_suffix(base, "-offsets.c");
}

char *kgr_unit_object(const char *source)
{
	const char *dot = strrchr(source, '.');
	int length = dot ? (int)(dot - source) : (int)strlen(source);

	if (g_str_has_suffix(source, ".lds.S"))
		return g_strndup(source, (gsize)length);
	return g_strdup_printf("%.*s.%c", length, source, kgr_makes_constants(source) ? 's' : 'o');
}

/* The directory whose Makefile the top one calls for this object: from there Kbuild goes down by itself. */
static char *top_of(const struct kgr_kernel *k, const char *object)
{
	/* Those below the architecture's own that its Makefile names, and not its Kbuild file. */
	static const char *const own[] = { "lib", "pci", "power", "video", "math-emu" };
	const char *arch = k->vmlinux->arch->source_dir, *slash = strchr(object, '/');
	size_t i, len = strlen(arch) - 1;

	if (!g_str_has_prefix(object, arch))
		return g_strndup(object, slash ? (gsize)(slash - object) : 0);
	for (i = 0; i < G_N_ELEMENTS(own); i++) {
		g_autofree char *dir = g_strdup_printf("%s%s/", arch, own[i]);

		if (g_str_has_prefix(object, dir))
			return g_strndup(dir, strlen(dir) - 1);
	}
	return g_strndup(arch, len);
}

GHashTable *kgr_kbuild_dirs(const struct kgr_kernel *k, const GPtrArray *objects, GError **error)
{
	g_autoptr(GHashTable) dirs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							   (GDestroyNotify)g_ptr_array_unref);
	guint i;

	for (i = 0; i < objects->len; i++) {
		g_autofree char *name = top_of(k, objects->pdata[i]);
		GPtrArray *list = g_hash_table_lookup(dirs, name);

		if (!strcmp(name, "tools")) {
			kgr_fail(error, KGR_REFUSED,
				 "%s: " KGR_RULE_OF_ITS_OWN
				 ": leave it, and what it includes, out of the diff",
				 (char *)objects->pdata[i]);
			return NULL;
		}
		if (!list) {
			list = g_ptr_array_new();
			g_hash_table_insert(dirs, g_steal_pointer(&name), list);
		}
		g_ptr_array_add(list, objects->pdata[i]);
	}
	return g_steal_pointer(&dirs);
}
