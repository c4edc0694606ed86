// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Opens a kernel's build directory, and that of external modules if these are to be patched, and
 * reads
 *
 *	.kgr-adopted			if kgr-adopt made the directory: what it found out, also the
 *					compiler
 *	include/config/kernel.release	the release
 *	source				the link to the source; without one the directory is the
 *					source
 *	include/config/auto.conf	the configuration
 *	vmlinux				symbols; the build-id, and where it is linked to be
 *	Module.symvers			what is exported; every __ksymtab_ symbol of vmlinux must
 *					have a line there, or it is cut short
 *	init/.main.o.kgr		the compiler, since this file is part of every kernel; of
 *					external modules any record of theirs, which must also be
 *					for this kernel
 *
 * Modules of the kernel are opened when they are first asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/build-index.h"
#include "kernel/kernel-build.h"
#include "kernel/usable-config.h"
#include "lib/error.h"
#include "lib/files.h"
#include "record/record.h"

static bool is_cut(const char *path, const char *why, GError **error)
{
	return kgr_fail(error, KGR_TROUBLE,
			"%s is damaged: %s; build all of it again (make, or make modules)", path,
			why);
}

const char *kgr_kernel_tree(const struct kgr_kernel *k)
{
	return k->external ?: k->source;
}

const char *kgr_kernel_objects(const struct kgr_kernel *k)
{
	return k->external ?: k->adopted ? k->adopted->objects : k->build;
}

/* There is one beside the kernel, and one beside external modules for theirs. */
static char *symvers_in(const char *dir)
{
	return g_build_filename(dir, "Module.symvers", NULL);
}

/* CRC <tab> name <tab> where <tab> kind <tab> namespace (scripts/mod/modpost.c, write_dump()). */
static bool read_exports(struct kgr_kernel *k, const char *dir, GError **error)
{
	g_autofree char *path = symvers_in(dir), *text = NULL;
	g_autoptr(GError) cause = NULL;
	char *line, *next;

	if (!g_file_get_contents(path, &text, NULL, &cause))
		return g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) ?
			       kgr_fail(error, KGR_TROUBLE,
					"%s is missing; build all of it first (make, or make "
					"modules)",
					path) :
			       kgr_fail(error, KGR_TROUBLE, "%s", cause->message);
	for (line = text; *line; line = next) {
		g_auto(GStrv) f = NULL;

		next = strchr(line, '\n');
		if (!next)
			return is_cut(path, "its last line is not whole", error);
		*next++ = 0;
		f = g_strsplit(line, "\t", 5);
		if (g_strv_length(f) < 4)
			return is_cut(path, line, error);
		if (strcmp(f[2], "vmlinux") != 0)
			g_hash_table_insert(k->module_exports, g_strdup(f[1]), g_strdup(f[2]));
		else
			g_hash_table_insert(k->exported, g_strdup(f[1]), g_strdup(f[4] ?: ""));
	}
	return true;
}

/* What an image exports has an entry of this name, and a line in the list. */
#define EXPORT_ENTRY "__ksymtab_"

static bool check_exports(const struct kgr_kernel *k, const struct kgr_image *im, GError **error)
{
	GHashTable *listed = im->module ? k->module_exports : k->exported;
	size_t i;

	for (i = 0; i < im->nsyms; i++) {
		const char *name = im->syms[i].name;
		g_autofree char *path = NULL, *why = NULL;

		if (!g_str_has_prefix(name, EXPORT_ENTRY) ||
		    g_hash_table_contains(listed, name + strlen(EXPORT_ENTRY)))
			continue;
		path = symvers_in(im->module ? kgr_kernel_objects(k) : k->build);
		why = g_strdup_printf("%s exports %s, which is not in it", im->path,
				      name + strlen(EXPORT_ENTRY));
		return is_cut(path, why, error);
	}
	return true;
}

static bool read_build_id(struct kgr_kernel *k, GError **error)
{
	const uint8_t *bytes;

	k->build_id_size = kgr_image_build_id(k->vmlinux, &bytes, &k->build_id_address);
	if (!k->build_id_size || k->build_id_size > KGR_BUILD_ID_MAX)
		return kgr_fail(error, KGR_TROUBLE,
				"%s: it has no build-id, so a module could not prove what it runs "
				"on; link the kernel with ld's --build-id and boot that",
				k->vmlinux->path);
	memcpy(k->build_id, bytes, k->build_id_size);
	return true;
}

static bool read_release(struct kgr_kernel *k, GError **error)
{
	g_autofree char *path = g_build_filename(k->build, "include/config/kernel.release", NULL);

	if (!g_file_get_contents(path, &k->release, NULL, NULL))
		return kgr_fail(error, KGR_TROUBLE,
				"%s: not a kernel build directory (no %s); name the one that the "
				"kernel was built in",
				k->build, path);
	g_strstrip(k->release);
	return true;
}

/* Without one every option is off, which kgr-build refuses by name. */
static void read_config(struct kgr_kernel *k)
{
	g_autofree char *path = g_build_filename(k->build, "include/config/auto.conf", NULL);
	g_autofree char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	k->config = g_strconcat("\n", text, NULL);
}

/* A build directory that is not the source itself has a link to it (the top Makefile, outputmakefile). */
static bool find_source(struct kgr_kernel *k, GError **error)
{
	g_autofree char *link = g_build_filename(k->build, "source", NULL);
	g_autofree char *target = g_file_read_link(link, NULL), *makefile = NULL;

	k->source = realpath(link, NULL);
	if (!k->source && target)
		return kgr_fail(error, KGR_TROUBLE,
				"%s: the source that the kernel was built from is not there any "
				"more (%s leads there): %s; put it back",
				target, link, g_strerror(errno));
	if (!k->source)
		k->source = g_strdup(k->build);
	makefile = g_build_filename(k->source, "scripts", "Makefile.build", NULL);
	return !access(makefile, R_OK) ||
	       kgr_fail(error, KGR_TROUBLE,
			"%s: it is no kernel's source (no scripts/Makefile.build); put that back "
			"which the kernel was built from",
			k->source);
}

/* Kbuild compiles a file of the kernel's own into modules wherever they are, since 6.12 (scripts/module-common.c). */
static bool is_kernels_own(const struct kgr_kernel *k, const struct kgr_record *r)
{
	g_autofree char *source = g_canonicalize_filename(r->source, r->dir);

	return kgr_path_below(k->source, source) && !kgr_path_below(k->external, source);
}

/* The first of external modules; NULL, with @error set if one cannot be read. */
static struct kgr_record *read_external_record(const struct kgr_kernel *k, GError **error)
{
	struct kgr_build_index index = {};
	struct kgr_record *found = NULL;
	bool readable = true;
	guint i;

	kgr_build_index_read(&index, k->external);
	for (i = 0; readable && !found && i < index.records->len; i++) {
		found = kgr_record_read(index.records->pdata[i], error);
		readable = found;
		if (found && is_kernels_own(k, found))
			g_clear_pointer(&found, kgr_record_free);
	}
	kgr_build_index_clear(&index);
	return found;
}

/* That of a file that is part of every kernel. */
static struct kgr_record *read_kernel_record(const struct kgr_kernel *k, GError **error)
{
	g_autofree char *object = g_build_filename(k->build, "init/main.o", NULL);
	g_autofree char *path = kgr_record_beside(object);

	return access(path, F_OK) ? NULL : kgr_record_read(path, error);
}

/*
 * Kbuild runs the compiler in the kernel's build directory, and from 6.13 on in the modules'; then
 * a header says which kernel it is that each file reads, the configuration's.
 */
static bool is_for_kernel(const struct kgr_kernel *k, const struct kgr_record *r)
{
	g_autofree char *dir = realpath(r->dir, NULL);
	g_autofree char *config = g_build_filename(k->build, "include/generated/autoconf.h", NULL);
	guint i;

	if (!g_strcmp0(dir, k->build))
		return true;
	for (i = 0; !g_strcmp0(dir, k->external) && i < r->inputs->len; i++) {
		const struct kgr_input *in = &g_array_index(r->inputs, struct kgr_input, i);
		g_autofree char *path = g_canonicalize_filename(in->path, r->dir);
		g_autofree char *real = realpath(path, NULL);

		if (!g_strcmp0(real, config))
			return true;
	}
	return false;
}

static bool check_external(const struct kgr_kernel *k, const struct kgr_record *r, GError **error)
{
	g_autofree char *source = g_canonicalize_filename(r->source, r->dir);

	if (!kgr_path_below(k->external, source))
		return kgr_fail(error, KGR_REFUSED,
				"%s: %s says that it was compiled from %s, which is not below that "
				"directory; build the modules again with M=%s",
				k->external, r->path, source, k->external);
	return is_for_kernel(k, r) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s: the modules were built for the kernel in %s, not for that in %s; name "
			"that one with -C, or build them again",
			k->external, r->dir, k->build);
}

/* One record speaks for all. */
static bool read_compiler(struct kgr_kernel *k, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(kgr_record) r = NULL;

	if (k->adopted && !k->external) {
		k->compiler = g_strdup(k->adopted->compiler);
		return true;
	}
	r = k->external ? read_external_record(k, &problem) : read_kernel_record(k, &problem);
	if (problem) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	if (!r)
		return kgr_fail(error, KGR_REFUSED, "%s has no records; build %s with CC=kgr-gcc%s",
				kgr_kernel_objects(k), k->external ? "the modules" : "the kernel",
				k->external ? "" :
					      ", or adopt it from its packages with kgr-adopt");
	if (k->external && !check_external(k, r, error))
		return false;
	k->compiler = g_strdup(r->compiler);
	return true;
}

static bool open_vmlinux(struct kgr_kernel *k, GError **error)
{
	g_autofree char *path = g_build_filename(k->build, "vmlinux", NULL);

	k->vmlinux = kgr_image_open(path, false, error);
	return k->vmlinux;
}

static char *find_dir(const char *name, const char *what, GError **error)
{
	char *dir = realpath(name, NULL);

	if (!dir)
		kgr_fail(error, KGR_TROUBLE, "%s: %s; name the directory that %s built in", name,
			 g_strerror(errno), what);
	return dir;
}

struct kgr_kernel *kgr_kernel_open(const char *build, const char *external, GError **error)
{
	g_autoptr(kgr_kernel) k = g_new0(struct kgr_kernel, 1);

	k->modules = g_ptr_array_new_with_free_func((GDestroyNotify)kgr_image_close);
	k->exported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	k->module_exports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	k->build = find_dir(build, "the kernel was", error);
	if (!k->build)
		return NULL;
	if (external) {
		k->external = find_dir(external, "the modules were", error);
		if (!k->external)
			return NULL;
	}
	if (!kgr_adopted_read(k->build, &k->adopted, error) || !read_release(k, error))
		return NULL;
	if (!find_source(k, error))
		return NULL;
	read_config(k);
	if (!open_vmlinux(k, error) || !read_build_id(k, error) ||
	    !read_exports(k, k->build, error) || !check_exports(k, k->vmlinux, error) ||
	    (k->external && !read_exports(k, k->external, error)) || !read_compiler(k, error))
		return NULL;
	return g_steal_pointer(&k);
}

void kgr_kernel_close(struct kgr_kernel *k)
{
	if (!k)
		return;
	g_hash_table_unref(k->exported);
	g_hash_table_unref(k->module_exports);
	g_ptr_array_unref(k->modules);
	kgr_image_close(k->vmlinux);
	kgr_adopted_free(k->adopted);
	g_free(k->build);
	g_free(k->source);
	g_free(k->external);
	g_free(k->compiler);
	g_free(k->release);
	g_free(k->config);
	g_free(k);
}

struct kgr_image *kgr_kernel_module(struct kgr_kernel *k, const char *name, GError **error)
{
	g_autofree char *full = g_canonicalize_filename(name, k->build);
	g_autofree char *path = g_strconcat(full, ".ko", NULL);
	struct kgr_image *im;
	guint i;

	for (i = 0; i < k->modules->len; i++) {
		im = k->modules->pdata[i];
		if (!strcmp(im->path, path))
			return im;
	}
	im = kgr_image_open(path, true, error);
	if (!im)
		return NULL;
	g_ptr_array_add(k->modules, im);
	return check_exports(k, im, error) ? im : NULL;
}

char kgr_kernel_option(const struct kgr_kernel *k, const char *name)
{
	return kgr_config_option(k->config, name);
}

bool kgr_kernel_config(const struct kgr_kernel *k, const char *name)
{
	return kgr_kernel_option(k, name) == 'y';
}

char *kgr_kernel_build_id_text(const struct kgr_kernel *k)
{
	return kgr_build_id_text(k->build_id, k->build_id_size);
}
