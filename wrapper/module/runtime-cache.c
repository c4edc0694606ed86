// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The compiled runtime and what Kbuild finds out, kept in .kgraft of the build directory under a name made of
 * kgraft's version, the runtime's sources and the kernel's build-id: what was made for others is not found.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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
	char *list = g_strconcat(dir, "files.list", NULL),
	     *name = g_strconcat("runtime/", list, NULL);
	char path[PATH_MAX], *text = NULL, **lines;
	bool ok = kgr_installed(path, name, error) && g_file_get_contents(path, &text, NULL, error);
	int i;

	g_free(name);
	g_ptr_array_add(files, list);
	lines = g_strsplit(ok ? text : "", "\n", -1);
	for (i = 0; lines[i]; i++) {
		if (*lines[i])
			g_ptr_array_add(files, g_strconcat(dir, lines[i], NULL));
	}
	g_strfreev(lines);
	g_free(text);
	return ok;
}

/* All files of the runtime; NULL with @error set if a list of them cannot be read. */
static GPtrArray *runtime_files(GError **error)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

	if (!add_files(files, "", error) ||
	    !add_files(files, "arch/" KGR_RUNTIME_ARCH "/", error)) {
		g_ptr_array_free(files, TRUE);
		return NULL;
	}
	g_ptr_array_add(files, g_strdup("kgraft-abi.h"));
	g_ptr_array_add(files, g_strdup("kgraft-macros.h"));
	return files;
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
	static const char *const words[] = {
		"objcopy",
		"--rename-section",
		"__jump_table=.kgr.jump_table",
		"--rename-section",
		".static_call_sites=.kgr.static_call_sites",
	};
	struct kgr_subprocess run = { .argv = g_ptr_array_new_with_free_func(g_free) };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(words); i++)
		g_ptr_array_add(run.argv, g_strdup(words[i]));
	g_ptr_array_add(run.argv, g_strdup(object));
	return kgr_subprocess_run(&run, "objcopy", error);
}

static bool copy_runtime(const char *dir, GError **error)
{
	char *arch = g_build_filename(dir, "arch", KGR_RUNTIME_ARCH, NULL), path[PATH_MAX];
	GPtrArray *files = runtime_files(error);
	bool ok = files;
	guint i;

	if (ok && g_mkdir_with_parents(arch, 0700))
		ok = kgr_fail(error, KGR_TROUBLE, "%s: %s", arch, g_strerror(errno));
	for (i = 0; ok && i < files->len; i++) {
		char *name = g_strconcat("runtime/", files->pdata[i], NULL);

		ok = kgr_installed(path, name, error) &&
		     kgr_copy_file(path, dir, files->pdata[i], error);
		g_free(name);
	}
	if (files)
		g_ptr_array_free(files, TRUE);
	g_free(arch);
	return ok;
}

/* @dir/kgraft-runtime.o */
static bool build_runtime(const struct kgr_kernel *k, const char *dir, guint jobs, GError **error)
{
	char *made = g_build_filename(dir, "kgraft-runtime.o", NULL);
	bool ok = copy_runtime(dir, error) && kgr_kbuild(k, dir, "kgraft-runtime.o", jobs, error) &&
		  rename_tables(made, error);

	g_free(made);
	return ok;
}

/* One number for what all of the runtime's files hold. */
static bool hash_runtime(uint64_t *all, GError **error)
{
	GPtrArray *files = runtime_files(error);
	bool ok = files;
	char path[PATH_MAX];
	uint64_t one;
	guint i;

	for (i = 0; ok && i < files->len; i++) {
		char *name = g_strconcat("runtime/", files->pdata[i], NULL);

		ok = kgr_installed(path, name, error);
		if (ok && kgr_hash_file(path, &one))
			ok = kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
		*all = *all * 31 + one;
		g_free(name);
	}
	if (files)
		g_ptr_array_free(files, TRUE);
	return ok;
}

/* The name depends on kgraft's version, on the runtime's sources and on the kernel. */
static char *path_of(const struct kgr_kernel *kernel, const char *what, GError **error)
{
	/* Other versions may run Kbuild in another way. */
	uint64_t all = g_str_hash(KGR_VERSION);
	size_t i;

	if (!hash_runtime(&all, error))
		return NULL;
	/* Another kernel in the same directory has another build-id. */
	for (i = 0; i < kernel->build_id_size; i++)
		all = all * 31 + kernel->build_id[i];
	return g_strdup_printf("%s/.kgraft/%016" G_GINT64_MODIFIER "x-%s", kernel->build, all,
			       what);
}

bool kgr_runtime_cache_make(const struct kgr_kernel *k, guint jobs, GError **error)
{
	char *runtime = path_of(k, RUNTIME, error), *kbuild = path_of(k, KBUILD, NULL);
	char *keep = g_build_filename(k->build, ".kgraft", NULL), *dir = NULL, *made = NULL;
	char *found = NULL, *sub = NULL;
	bool ok = runtime;

	/* The runtime comes last, so that all is there if it is. */
	if (!ok || !access(runtime, R_OK))
		goto out;
	dir = kgr_temp_dir(error);
	ok = dir;
	if (!ok)
		goto out;
	made = g_build_filename(dir, "kgraft-runtime.o", NULL);
	sub = g_build_filename(dir, "kbuild", NULL);
	found = g_build_filename(dir, "found", NULL);
	ok = build_runtime(k, dir, jobs, error) && !mkdir(sub, 0700) &&
	     kgr_kbuild_save_env(k, sub, found, error);
	if (!ok)
		goto out;
	/* What is of other kernels or versions of kgraft is of no use here any more. */
	kgr_remove_tree(keep);
	if (mkdir(keep, 0755))
		ok = kgr_fail(error, KGR_TROUBLE, "%s: %s", keep, g_strerror(errno));
	ok = ok && kgr_install_file(found, kbuild, error) && kgr_install_file(made, runtime, error);
out:
	g_free(found);
	g_free(sub);
	g_free(made);
	g_free(keep);
	g_free(kbuild);
	g_free(runtime);
	return ok;
}

char *kgr_runtime_cache_kbuild(const struct kgr_kernel *k, GError **error)
{
	return path_of(k, KBUILD, error);
}

bool kgr_runtime_cache_get(const struct kgr_kernel *k, const char *dir, guint jobs, GError **error)
{
	char *cached = path_of(k, RUNTIME, error), *sub = NULL, *made = NULL;
	bool ok = cached;

	if (ok && access(cached, R_OK)) {
		sub = g_build_filename(dir, "runtime", NULL);
		made = g_build_filename(sub, "kgraft-runtime.o", NULL);
		ok = !mkdir(sub, 0700) && build_runtime(k, sub, jobs, error);
	}
	ok = ok && kgr_copy_file(made ?: cached, dir, "kgraft-runtime.o_shipped", error);
	g_free(cached);
	g_free(sub);
	g_free(made);
	return ok;
}
