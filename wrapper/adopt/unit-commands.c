// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * make -n says what it would run:
 *
 *   set -e;  exec >/dev/null; trap ...;
 *	gcc-12 -Wp,-MMD,net/ipv4/.udp.o.d ... -c -o net/ipv4/udp.o SOURCE/net/ipv4/udp.c ; ...
 *
 * The command of an object is what stands between two semicolons around " -c -o OBJECT ". An object
 * that is there already was compiled by kgr-gcc, which is another command, so that make names it
 * all the same. Where files are compiled another way for what they are linked into (the 32-bit
 * vdso), make is asked for that.
 */
#include <string.h>

#include "adopt/kbuild-dirs.h"
#include "adopt/kbuild-env.h"
#include "adopt/object-tree.h"
#include "adopt/unit-commands.h"
#include "elf/arch.h"
#include "lib/error.h"
#include "lib/subprocess.h"
#include "record/record.h"

#define AT_A_TIME 200 /* objects for one make */

static bool has_goals(const char *object)
{
	const struct kgr_arch_place *place = kgr_arch_place(object);

	return place && place->goals;
}

/* What make is asked for to say how these objects are made: in most places they themselves. */
static void add_goals(GPtrArray *argv, const GPtrArray *objects, guint first)
{
	g_autoptr(GHashTable) asked = g_hash_table_new(g_direct_hash, g_direct_equal);
	guint i, n;

	for (i = first; i < MIN(first + AT_A_TIME, objects->len); i++) {
		const struct kgr_arch_place *place = kgr_arch_place(objects->pdata[i]);
		g_auto(GStrv) goals =
			has_goals(objects->pdata[i]) ? g_strsplit(place->goals, " ", -1) : NULL;

		if (!goals)
			g_ptr_array_add(argv, g_strdup(objects->pdata[i]));
		else if (g_hash_table_add(asked, (gpointer)place))
			for (n = 0; goals[n]; n++)
				g_ptr_array_add(argv, g_strconcat(place->prefix, goals[n], NULL));
	}
}

static char *ask(const struct kgr_kernel *k, const char *dir, const GPtrArray *objects, guint first,
		 GError **error)
{
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(k->adopted->objects) };

	run.env = kgr_kbuild_env_read(k->build, k->source, k->adopted->objects,
				      k->adopted->compiler, error);
	if (!run.env)
		return NULL;
	run.argv = g_ptr_array_new_with_free_func(g_free);
	kgr_kbuild_env_make_args(run.env, run.argv, dir);
	g_ptr_array_add(run.argv, g_strdup("-n"));
	add_goals(run.argv, objects, first);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (!run.status)
		return g_steal_pointer(&run.output);
	kgr_fail(error, KGR_TROUBLE,
		 "Kbuild does not say how units are compiled; adopt the kernel again (kgr-adopt). "
		 "make says:\n%s",
		 run.output);
	return NULL;
}

static struct kgr_record *parse(const struct kgr_kernel *k, const char *object, const char *start,
				const char *end)
{
	g_autofree char *text = g_strndup(start, (gsize)(end - start));
	g_auto(GStrv) argv = NULL;
	int count;

	if (!g_shell_parse_argv(text, &count, &argv, NULL) || count < 2)
		return NULL;
	return kgr_record_of_command(k->adopted->objects, object, argv[0], argv + 1);
}

static struct kgr_record *find(const struct kgr_kernel *k, const char *object, const char *said)
{
	/* An object may be linked of others, too. */
	const char *how = g_str_has_suffix(object, ".o") ? " -c" : "";
	g_autofree char *output = g_strdup_printf("%s -o %s ", how, object);
	const char *at = strstr(said, output), *start = at, *end;

	if (!at)
		return NULL;
	while (start > said && start[-1] != ';' && start[-1] != '\n')
		start--;
	end = at + strcspn(at, ";\n");
	return parse(k, object, start, end);
}

static bool find_all(const struct kgr_kernel *k, const GPtrArray *objects, guint first,
		     const char *said, GHashTable *found, GError **error)
{
	guint i;

	for (i = first; i < MIN(first + AT_A_TIME, objects->len); i++) {
		struct kgr_record *r = find(k, objects->pdata[i], said);

		if (!r && has_goals(objects->pdata[i]))
			continue;
		if (!r)
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: Kbuild does not say how it is compiled, so it is not "
				"known what a changed header does to it; leave the header out "
				"of the diff",
				(char *)objects->pdata[i]);
		g_hash_table_insert(found, objects->pdata[i], r);
	}
	return true;
}

static bool ask_all(const struct kgr_kernel *k, const GPtrArray *objects, GHashTable *found,
		    GError **error)
{
	g_autoptr(GHashTable) dirs = kgr_kbuild_dirs(k, objects, error);
	GHashTableIter it;
	gpointer dir, list;

	if (!dirs)
		return false;

	g_hash_table_iter_init(&it, dirs);
	while (g_hash_table_iter_next(&it, &dir, &list)) {
		const GPtrArray *below = list;
		guint first;

		for (first = 0; first < below->len; first += AT_A_TIME) {
			g_autofree char *said = ask(k, dir, below, first, error);

			if (!said || !find_all(k, below, first, said, found, error))
				return false;
		}
	}
	return true;
}

GPtrArray *kgr_unit_commands(struct kgr_kernel *k, const GPtrArray *sources, GError **error)
{
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) commands =
		g_ptr_array_new_with_free_func((GDestroyNotify)kgr_record_free);
	g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
							    (GDestroyNotify)kgr_record_free);
	g_auto(kgr_fd) lock = -1;
	guint i;

	if (!kgr_object_tree_open(k, &lock, error))
		return NULL;
	for (i = 0; i < sources->len; i++)
		g_ptr_array_add(objects,
				kgr_unit_object(kgr_adopted_named(k->adopted, sources->pdata[i])));
	if (!ask_all(k, objects, found, error))
		return NULL;
	for (i = 0; i < objects->len; i++) {
		gpointer record = NULL;

		g_hash_table_steal_extended(found, objects->pdata[i], NULL, &record);
		g_ptr_array_add(commands, record);
	}
	return g_steal_pointer(&commands);
}
