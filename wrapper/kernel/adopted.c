// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The file in which kgr-adopt writes down what it found out. Lines of fields with tabs between them:
 *
 *   kgraft-adopted  1
 *   release         6.1.0-56-cloud-amd64
 *   version         6.1.192-2
 *   compiler        /usr/bin/gcc-12
 *   compiled-by     GCC: (Debian 12.2.0-14+deb12u1) 12.2.0
 *   build-id        ...
 *   unit            vmlinux         fs/namespace.c           one for each image that a source was compiled for
 *   unit            fs/xfs/xfs.ko   fs/xfs/xfs_ioctl.c
 *   end
 */
#include <string.h>

#include "kernel/adopted.h"
#include "lib/error.h"

#define HEAD "kgraft-adopted\t1"

static void unref_images(gpointer images)
{
	g_ptr_array_unref(images);
}

struct kgr_adopted *kgr_adopted_new(void)
{
	struct kgr_adopted *a = g_new0(struct kgr_adopted, 1);

	a->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_images);
	a->named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return a;
}

void kgr_adopted_free(struct kgr_adopted *a)
{
	if (!a)
		return;
	g_hash_table_unref(a->units);
	g_hash_table_unref(a->named);
	g_free(a->release);
	g_free(a->version);
	g_free(a->compiler);
	g_free(a->compiled_by);
	g_free(a->build_id);
	g_free(a->objects);
	g_free(a);
}

char *kgr_adopted_source(const char *named)
{
	g_autofree char *full = g_canonicalize_filename(named, "/");

	return g_strdup(full + 1);
}

const char *kgr_adopted_named(const struct kgr_adopted *a, const char *source)
{
	return g_hash_table_lookup(a->named, source) ?: source;
}

void kgr_adopted_add(struct kgr_adopted *a, const char *named, const char *image)
{
	g_autofree char *source = kgr_adopted_source(named);
	GPtrArray *images = g_hash_table_lookup(a->units, source);

	if (strcmp(source, named) != 0)
		g_hash_table_replace(a->named, g_strdup(source), g_strdup(named));
	if (!images) {
		images = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(a->units, g_strdup(source), images);
	}
	if (!g_ptr_array_find_with_equal_func(images, image, g_str_equal, NULL))
		g_ptr_array_add(images, g_strdup(image));
}

const GPtrArray *kgr_adopted_images(const struct kgr_adopted *a, const char *source)
{
	return g_hash_table_lookup(a->units, source);
}

GString *kgr_adopted_text(const struct kgr_adopted *a)
{
	g_autoptr(GList) sources =
		g_list_sort(g_hash_table_get_keys(a->units), (GCompareFunc)strcmp);
	GString *out = g_string_new(HEAD "\n");
	const GList *it;
	guint i;

	g_string_append_printf(out,
			       "release\t%s\nversion\t%s\ncompiler\t%s\ncompiled-by\t%s\n"
			       "build-id\t%s\n",
			       a->release, a->version, a->compiler, a->compiled_by, a->build_id);
	for (it = sources; it; it = it->next) {
		const GPtrArray *images = kgr_adopted_images(a, it->data);

		for (i = 0; i < images->len; i++)
			g_string_append_printf(out, "unit\t%s\t%s\n", (char *)images->pdata[i],
					       kgr_adopted_named(a, it->data));
	}
	return g_string_append(out, "end\n");
}

static void read_line(struct kgr_adopted *a, char **f)
{
	const struct {
		const char *name;
		char **value;
	} fields[] = {
		{ "release", &a->release },   { "version", &a->version },
		{ "compiler", &a->compiler }, { "compiled-by", &a->compiled_by },
		{ "build-id", &a->build_id },
	};
	size_t i;

	if (g_strv_length(f) == 3 && !strcmp(f[0], "unit"))
		kgr_adopted_add(a, f[2], f[1]);
	for (i = 0; g_strv_length(f) == 2 && i < G_N_ELEMENTS(fields); i++) {
		if (!strcmp(f[0], fields[i].name) && !*fields[i].value)
			*fields[i].value = g_strdup(f[1]);
	}
}

/* One for each kernel and each directory that it was adopted in: records have that directory's name in them. */
static char *objects_of(const char *build, const struct kgr_adopted *a)
{
	g_autofree char *name = g_strdup_printf("%s-%08x", a->build_id, g_str_hash(build));

	return g_build_filename(g_get_user_cache_dir(), "kgraft-adopted", name, NULL);
}

bool kgr_adopted_read(const char *build, struct kgr_adopted **adopted, GError **error)
{
	g_autofree char *path = g_build_filename(build, KGR_ADOPTED_FILE, NULL), *text = NULL;
	g_autoptr(kgr_adopted) a = NULL;
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) lines = NULL;
	guint i;

	*adopted = NULL;
	if (!g_file_get_contents(path, &text, NULL, &cause))
		return g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
		       kgr_fail(error, KGR_TROUBLE, "%s", cause->message);
	a = kgr_adopted_new();
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);

		read_line(a, fields);
	}
	if (!g_str_has_prefix(text, HEAD "\n") || !g_str_has_suffix(text, "\nend\n") ||
	    !a->release || !a->version || !a->compiler || !a->compiled_by || !a->build_id)
		return kgr_fail(error, KGR_TROUBLE,
				"%s: it is damaged, or of another version of kgraft; remove %s and "
				"adopt the kernel again (kgr-adopt)",
				path, build);
	a->objects = objects_of(build, a);
	*adopted = g_steal_pointer(&a);
	return true;
}
