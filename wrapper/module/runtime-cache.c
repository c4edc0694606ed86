// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The compiled runtime and what Kbuild finds out, in .kgraft of the build directory under a name
 * made of kgraft's version, the runtime's sources, the kernel's build-id, and where it and its
 * source are, for what Kbuild finds out names these. So what was made for others is not found:
 *
 *   BUILD/.kgraft/0123456789abcdef-runtime.o
 *   BUILD/.kgraft/0123456789abcdef-kbuild       see kgr_kbuild_save_env()
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf/arch.h"
#include "lib/hash.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/tmpdir.h"
#include "kernel/kbuild.h"
#include "module/runtime-cache.h"
#include "lib/subprocess.h"

/* Those of a list like runtime/files.list, and the list itself; names below runtime/. */
static bool add_files(GPtrArray *files, const char *dir, GError **error)
{
	g_autofree char *list = g_strconcat(dir, "files.list", NULL);
	g_autofree char *name = g_strconcat("runtime/", list, NULL), *text = NULL;
	g_auto(GStrv) lines = NULL;
	char path[PATH_MAX];
	int i;

	if (!kgr_installed(path, name, error) || !g_file_get_contents(path, &text, NULL, error))
		return false;
	g_ptr_array_add(files, g_steal_pointer(&list));
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		if (*lines[i])
			g_ptr_array_add(files, g_strconcat(dir, lines[i], NULL));
	}
	return true;
}

/* All files of the runtime for this architecture; NULL with @error set if a list of them cannot be read. */
static GPtrArray *runtime_files(const struct kgr_arch *arch, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

	if (!add_files(files, "", error) || !add_files(files, arch->source_dir, error))
		return NULL;
	g_ptr_array_add(files, g_strdup("kgraft-abi.h"));
	g_ptr_array_add(files, g_strdup("kgraft-macros.h"));
	return g_steal_pointer(&files);
}

/* The full name, in @path of PATH_MAX bytes, of one of them. */
static bool find_file(char *path, const char *file, GError **error)
{
	g_autofree char *name = g_strconcat("runtime/", file, NULL);

	return kgr_installed(path, name, error);
}

#define RUNTIME "runtime.o"
#define KBUILD "kbuild"

/*
 * The loader registers jump labels and static calls of a module before its init; the graft's must be
 * registered later, when their keys are resolved, and both in one table: so the runtime's own wait,
 * too (runtime/resolve.c). Until then they are what they were compiled as.
 */
static bool rename_tables(const char *object, GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "objcopy", "--rename-section", "__jump_table=.kgr.jump_table",
			   "--rename-section", ".static_call_sites=.kgr.static_call_sites", object,
			   NULL);
	return kgr_subprocess_run(&run, "objcopy", error);
}

static bool copy_runtime(const struct kgr_arch *arch, const char *dir, GError **error)
{
	g_autofree char *sub = g_build_filename(dir, arch->source_dir, NULL);
	g_autoptr(GPtrArray) files = runtime_files(arch, error);
	char path[PATH_MAX];
	guint i;

	if (!files)
		return false;
	if (g_mkdir_with_parents(sub, 0700))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", sub, g_strerror(errno));
	for (i = 0; i < files->len; i++) {
		if (!find_file(path, files->pdata[i], error) ||
		    !kgr_copy_file(path, dir, files->pdata[i], error))
			return false;
	}
	return true;
}

/* @dir/kgraft-runtime.o */
static bool build_runtime(const struct kgr_kernel *k, const char *dir, guint jobs, GError **error)
{
	g_autofree char *made = g_build_filename(dir, "kgraft-runtime.o", NULL);

	return copy_runtime(k->vmlinux->arch, dir, error) &&
	       kgr_kbuild(k, dir, "kgraft-runtime.o", jobs, error) && rename_tables(made, error);
}

/* One number for what all of the runtime's files hold. */
static bool hash_runtime(const struct kgr_arch *arch, uint64_t *all, GError **error)
{
	g_autoptr(GPtrArray) files = runtime_files(arch, error);
	char path[PATH_MAX];
	uint64_t one;
	guint i;

	for (i = 0; files && i < files->len; i++) {
		if (!find_file(path, files->pdata[i], error))
			return false;
		if (kgr_hash_file(path, &one))
			return kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
		*all = *all * 31 + one;
	}
	return files;
}

static char *path_of(const struct kgr_kernel *kernel, const char *what, GError **error)
{
	/* Other versions may run Kbuild in another way. */
	uint64_t all = g_str_hash(KGR_VERSION);
	size_t i;

	if (!hash_runtime(kernel->vmlinux->arch, &all, error))
		return NULL;
	/* Another kernel in the same directory has another build-id. */
	for (i = 0; i < kernel->build_id_size; i++)
		all = all * 31 + kernel->build_id[i];
	all = (all * 31 + g_str_hash(kernel->build)) * 31 + g_str_hash(kernel->source);
	return g_strdup_printf("%s/.kgraft/%016" G_GINT64_MODIFIER "x-%s", kernel->build, all,
			       what);
}

static bool make_dir(const char *path, mode_t mode, GError **error)
{
	return !mkdir(path, mode) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot be made: %s%s", path, g_strerror(errno),
			errno == EEXIST ? "; move it away first" : "");
}

bool kgr_runtime_cache_make(const struct kgr_kernel *k, guint jobs, GError **error)
{
	g_autofree char *runtime = path_of(k, RUNTIME, error), *kbuild = path_of(k, KBUILD, error);
	g_autofree char *cache = g_build_filename(k->build, ".kgraft", NULL);
	g_autofree char *made = NULL, *found = NULL, *sub = NULL;
	const char *dir;

	if (!runtime || !kbuild)
		return false;
	/* The runtime comes last, so that all is there if it is. */
	if (!access(runtime, R_OK))
		return true;
	dir = kgr_temp_dir(error);
	if (!dir)
		return false;
	made = g_build_filename(dir, "kgraft-runtime.o", NULL);
	sub = g_build_filename(dir, "kbuild", NULL);
	found = g_build_filename(dir, "found", NULL);
	if (!build_runtime(k, dir, jobs, error) || !make_dir(sub, 0700, error) ||
	    !kgr_kbuild_save_env(k, sub, found, error))
		return false;
	/* What is of other kernels or versions of kgraft is of no use here any more. */
	kgr_remove_tree(cache);
	return make_dir(cache, 0755, error) && kgr_install_file(found, kbuild, error) &&
	       kgr_install_file(made, runtime, error);
}

char *kgr_runtime_cache_kbuild(const struct kgr_kernel *k, GError **error)
{
	return path_of(k, KBUILD, error);
}

bool kgr_runtime_cache_get(const struct kgr_kernel *k, const char *dir, guint jobs, GError **error)
{
	g_autofree char *cached = path_of(k, RUNTIME, error), *sub = NULL, *made = NULL;

	if (!cached)
		return false;
	if (access(cached, R_OK)) {
		sub = g_build_filename(dir, "runtime", NULL);
		made = g_build_filename(sub, "kgraft-runtime.o", NULL);
		if (!make_dir(sub, 0700, error) || !build_runtime(k, sub, jobs, error))
			return false;
	}
	return kgr_copy_file(made ?: cached, dir, "kgraft-runtime.o_shipped", error);
}
