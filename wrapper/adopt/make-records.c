// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Records of an adopted kernel's units, made when they are needed:
 *
 *   1. Kbuild compiles the unit as it would compile the kernel (kbuild-env.c), with CC=kgr-gcc, in a directory of ours
 *      (object-tree.c): fs/namespace.o, fs/.namespace.o.kgr
 *   2. the object is compared with the image that holds the unit (proof.c)
 *   3. if that is so, fs/.namespace.o.proved says that it is, of which object and of which compiler
 *
 * The third file is what counts. What is without it, as of a build that was killed, or where it is
 * that of another object or compiler, is compiled again. That sources and headers are what they
 * were is checked by the record as of any other kernel.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "adopt/as-linked.h"
#include "adopt/compiler.h"
#include "adopt/kbuild-dirs.h"
#include "adopt/kbuild-env.h"
#include "adopt/make-records.h"
#include "adopt/object-tree.h"
#include "adopt/own-program.h"
#include "adopt/proof.h"
#include "elf/arch.h"
#include "kernel/build-index.h"
#include "lib/error.h"
#include "lib/hash.h"
#include "lib/subprocess.h"

struct making {
	struct kgr_kernel *kernel;
	const char *compiler; /* as it would name itself in an object */
	guint jobs;
};

static char *beside(const char *object, const char *suffix)
{
	g_autofree char *dir = g_path_get_dirname(object), *base = g_path_get_basename(object);

	return g_strdup_printf("%s/.%s%s", dir, base, suffix);
}

/* What the stamp says of an object and its record as they are; NULL if one is missing. */
static char *stamp_of(const struct making *m, const char *object)
{
	g_autofree char *record = kgr_record_beside(object);
	uint64_t a, b;

	if (kgr_hash_file(object, &a) || kgr_hash_file(record, &b))
		return NULL;
	return g_strdup_printf(
		"kgraft-proved\t1\nkgraft\t%s\ncompiler\t%s\nobject\t%016" G_GINT64_MODIFIER
		"x\nrecord\t%016" G_GINT64_MODIFIER "x\n",
		KGR_VERSION, m->compiler, a, b);
}

static bool is_marked(const struct making *m, const char *object)
{
	g_autofree char *path = beside(object, ".proved"), *is = NULL,
			*should = stamp_of(m, object);

	return should && g_file_get_contents(path, &is, NULL, NULL) && !strcmp(is, should);
}

bool kgr_is_proved(const char *record)
{
	g_autofree char *stamp =
		g_strdup_printf("%.*s.proved", (int)(strlen(record) - strlen(".kgr")), record);

	return !access(stamp, F_OK);
}

/* By its real name, which is there when it is compiled by another one. */
static char *object_of(const struct kgr_kernel *k, const char *source)
{
	g_autofree char *name = kgr_unit_object(source);

	return g_build_filename(k->adopted->objects, name, NULL);
}

char *kgr_adopted_record(const struct kgr_kernel *k, const char *source)
{
	g_autofree char *object = object_of(k, source);

	return kgr_record_beside(object);
}

bool kgr_has_proved_record(const struct kgr_kernel *k, const char *source)
{
	g_autofree char *record = kgr_adopted_record(k, source);

	return kgr_is_proved(record);
}

/* An older one would count as made by this compilation. */
static void forget(const char *object)
{
	g_autofree char *record = kgr_record_beside(object), *stamp = beside(object, ".proved");

	unlink(stamp);
	unlink(record);
	unlink(object);
}

static bool compile(const struct making *m, const char *top, GPtrArray *objects, GError **error)
{
	const struct kgr_kernel *k = m->kernel;
	g_autofree char *cc = kgr_own_program("kgr-gcc", error);
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(k->adopted->objects) };
	guint i;

	if (!cc)
		return false;
	run.env = kgr_kbuild_env_read(k->build, k->source, k->adopted->objects, cc, error);
	if (!run.env)
		return false;
	run.env = g_environ_setenv(run.env, "KGR_CC", k->adopted->compiler, TRUE);
	run.env = g_environ_unsetenv(run.env, "KGR_RECORD");
	run.argv = g_ptr_array_new_with_free_func(g_free);
	kgr_kbuild_env_make_args(run.env, run.argv, top);
	g_ptr_array_add(run.argv, g_strdup_printf("-j%u", m->jobs));
	for (i = 0; i < objects->len; i++)
		g_ptr_array_add(run.argv, g_strdup(objects->pdata[i]));
	return kgr_subprocess_run(&run, "compiling the unit as it was compiled", error);
}

static bool compile_all(const struct making *m, const GPtrArray *objects, GError **error)
{
	g_autoptr(GHashTable) dirs = kgr_kbuild_dirs(m->kernel, objects, error);
	GHashTableIter it;
	gpointer dir, list;
	guint i;

	if (!dirs)
		return false;
	for (i = 0; i < objects->len; i++) {
		g_autofree char *full =
			g_canonicalize_filename(objects->pdata[i], m->kernel->adopted->objects);

		forget(full);
	}
	g_hash_table_iter_init(&it, dirs);
	while (g_hash_table_iter_next(&it, &dir, &list)) {
		if (!compile(m, dir, list, error))
			return false;
	}
	return true;
}

struct kgr_image *kgr_adopted_image(struct kgr_kernel *k, const char *source, GError **error)
{
	const GPtrArray *images = kgr_adopted_images(k->adopted, source);
	g_autofree char *name = NULL;

	if (!images || images->len != 1) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: %s, which is not supported; leave it out of the diff", source,
			 images ? "it is part of several modules" : "it is no unit of this kernel");
		return NULL;
	}
	if (!strcmp(images->pdata[0], KGR_ADOPTED_VMLINUX))
		return k->vmlinux;
	name = g_strdup(images->pdata[0]);
	*strrchr(name, '.') = 0;
	return kgr_kernel_module(k, name, error);
}

static bool is_not_what_runs(const struct making *m, const char *source, const GError *why,
			     GError **error)
{
	const struct kgr_adopted *a = m->kernel->adopted;

	if (why->code != KGR_REFUSED)
		return kgr_fail(error, why->code, "%s", why->message);
	return kgr_fail(
		error, KGR_REFUSED,
		"%s: what is compiled here is not what runs: %s. The kernel was compiled by "
		"\"%s\", and %s is \"%s\"%s",
		source, why->message, a->compiled_by, a->compiler, m->compiler,
		strcmp(a->compiled_by, m->compiler) != 0 ?
			"; install that one" :
			": so the source, the headers or the flags differ; adopt the kernel "
			"again, from packages of that very version");
}

static bool prove_object(const struct making *m, const char *object, const char *source,
			 struct kgr_image *image, GError **error)
{
	g_autofree char *linked = kgr_as_linked(m->kernel, object, image->module, error);
	bool ok = linked && kgr_prove_unit(linked, source, image, m->kernel->source, error);

	if (linked && strcmp(linked, object) != 0)
		unlink(linked);
	return ok;
}

static bool prove(const struct making *m, const char *source, GError **error)
{
	g_autofree char *object = object_of(m->kernel, source), *stamp = NULL, *path = NULL;
	struct kgr_image *image = kgr_adopted_image(m->kernel, source, error);
	g_autoptr(GError) why = NULL;

	if (!image)
		return false;
	stamp = stamp_of(m, object);
	if (!stamp)
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s was compiled, and there is no record of it: does kgraft's plugin load "
			"into %s?",
			object, m->kernel->adopted->compiler);
	if (!prove_object(m, object, source, image, &why))
		return is_not_what_runs(m, source, why, error);
	path = beside(object, ".proved");
	return g_file_set_contents(path, stamp, -1, error);
}

static bool make_missing(struct making *m, const GPtrArray *sources, GError **error)
{
	g_autoptr(GPtrArray) missing = g_ptr_array_new();
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
	guint i;

	for (i = 0; i < sources->len; i++) {
		g_autofree char *name =
			kgr_unit_object(kgr_adopted_named(m->kernel->adopted, sources->pdata[i]));
		g_autofree char *object = object_of(m->kernel, sources->pdata[i]);

		if (is_marked(m, object))
			continue;
		g_ptr_array_add(missing, sources->pdata[i]);
		g_ptr_array_add(objects, g_steal_pointer(&name));
	}
	if (!compile_all(m, objects, error))
		return false;
	for (i = 0; i < missing->len; i++) {
		if (!prove(m, missing->pdata[i], error))
			return false;
	}
	return true;
}

bool kgr_make_records(struct kgr_kernel *k, const GPtrArray *sources, guint jobs, GError **error)
{
	struct making m = { .kernel = k, .jobs = jobs };
	g_autofree char *compiler = NULL;
	g_auto(kgr_fd) lock = -1;

	if (!kgr_object_tree_open(k, &lock, error))
		return false;
	compiler = kgr_compiler_at_hand(k->adopted->compiler, error);
	m.compiler = compiler;
	return compiler && make_missing(&m, sources, error);
}
