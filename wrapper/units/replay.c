// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Compiling units again. Before, all recorded inputs are checked to be what they were; afterwards, that the
 * compiler was the recorded one and that every patched file was read from the overlay. Of the unit with number 7:
 *
 *   PATCHED   7-patched.o, one section per function and object, and 7-patched.facts, what the plugin saw
 *   NORMAL    7-normal.o, just as the kernel's own build compiles the patched source (for kgr-prove)
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/build-index.h"
#include "units/aside.h"
#include "lib/error.h"
#include "lib/files.h"
#include "units/new-unit.h"
#include "units/objtool.h"
#include "lib/install-path.h"
#include "units/compile-command.h"
#include "units/record-fits.h"
#include "units/replay.h"
#include "lib/subprocess.h"

enum side {
	PATCHED,
	NORMAL
};

static const char *const side_names[] = { "patched", "normal" };

/* What makes the object comparable, and says what the compiler did. */
static bool add_own_arguments(struct kgr_subprocess *run, const char *stem, GError **error)
{
	char plugin[PATH_MAX];

	if (kgr_install_path(plugin, sizeof(plugin), "libexec", "kgr_plugin.so"))
		return kgr_fail(
			error, KGR_TROUBLE,
			"the recorder kgr_plugin.so is not installed; install kgraft again");
	kgr_subprocess_add(run, "-ffunction-sections", "-fdata-sections", NULL);
	g_ptr_array_add(run->argv, g_strconcat("-fplugin=", plugin, NULL));
	g_ptr_array_add(run->argv,
			g_strconcat("-fplugin-arg-kgr_plugin-facts=", stem, ".facts", NULL));
	return true;
}

/* @overlay: the patched source, or NULL for the source as it was built */
static bool prepare(struct kgr_subprocess *run, const struct kgr_unit *u,
		    struct kgr_overlay *overlay, enum side side, const char *stem, GError **error)
{
	g_autofree char *object = g_strconcat(stem, ".o", NULL);

	return kgr_compile_command(run, u->record, overlay, object, error) &&
	       (side == NORMAL || add_own_arguments(run, stem, error));
}

static struct kgr_record *read_facts(const char *object, GError **error)
{
	g_autofree char *facts = g_strdup_printf("%.*s.facts", (int)strlen(object) - 2, object);

	return kgr_facts_read(facts, error);
}

/* Most units read the same headers. */
static const char *real_path(GHashTable *known, const char *path)
{
	const char *real = g_hash_table_lookup(known, path);
	char *found;

	if (real)
		return real;
	found = realpath(path, NULL) ?: g_strdup("");
	g_hash_table_insert(known, g_strdup(path), found);
	return found;
}

/*
 * A quoted include that climbs through a link can miss the patched copy of a file. So what counts
 * is where the name leads, link by link, and not what is left of it when "a/.." is taken out.
 */
static bool check_inputs_overlaid(const struct kgr_session *s, const struct kgr_record *facts,
				  const char *cwd, GError **error)
{
	guint i;

	for (i = 0; i < facts->inputs->len; i++) {
		const char *path = g_array_index(facts->inputs, struct kgr_input, i).path;
		g_autofree char *full =
			*path == '/' ? g_strdup(path) : g_build_filename(cwd, path, NULL);
		const char *real = real_path(s->real_paths, full);
		const char *file = kgr_path_below(s->overlay->source, real);

		if (file && kgr_overlay_has(s->overlay, file))
			return kgr_fail(
				error, KGR_TROUBLE,
				"%s was compiled without the diff (reached as %s); take the link "
				"away that leads there, or let the include name the file",
				real, full);
	}
	return true;
}

/* Once more, with the line numbers of the patched file as it is: what the compiler says is for people to read. */
static bool compile_unnumbered(struct kgr_overlay *s, struct kgr_subprocess *run, GError **error)
{
	struct kgr_subprocess again = *run;

	if (!kgr_overlay_drop_line_directives(s, error) ||
	    !kgr_subprocess_run_all(&again, 1, 1, error))
		return false;
	if (!again.status)
		kgr_fail(error, KGR_TROUBLE,
			 "the compiler failed, and did not when it was run once more; it said:\n%s",
			 run->output);
	g_free(run->output);
	run->output = again.output;
	return again.status;
}

/* In the same place, with the same options, the source as it was: if that fails, it is not for the patch. */
static bool compile_unpatched(const struct kgr_unit *u, const struct kgr_session *s, enum side side,
			      GError **error)
{
	g_autofree char *stem = g_strdup_printf("%s/%u-unpatched", s->dir, u->number);
	g_autofree char *full = g_canonicalize_filename(u->record->source, u->record->dir);
	g_auto(kgr_subprocess) run = { 0 };

	/* What the diff brings was not there. */
	if (access(full, F_OK))
		return true;
	return prepare(&run, u, NULL, side, stem, error) &&
	       kgr_subprocess_run_all(&run, 1, 1, error) &&
	       (!run.status ||
		kgr_fail(error, KGR_TROUBLE,
			 "%s does not compile as it is, without the patch; repair the build of the "
			 "kernel first. The compiler said:\n%s",
			 u->source, run.output));
}

/* Of what runs out, a smaller compilation may find enough; the compiler has no language but C's. */
static bool check_room(const struct kgr_unit *u, const char *said, GError **error)
{
	static const int causes[] = { ENOSPC, EDQUOT, EMFILE, ENFILE };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(causes); i++) {
		g_autofree char *line = g_strdup_printf(": %s\n", strerror(causes[i]));

		if (strstr(said, line))
			return kgr_fail(error, KGR_TROUBLE,
					"%s cannot be compiled here%.*s; make room where TMPDIR "
					"is, or raise the limit (ulimit). The compiler said:\n%s",
					u->source, (int)strlen(line) - 1, line, said);
	}
	return true;
}

static bool does_not_compile(const struct kgr_unit *u, const struct kgr_session *s, enum side side,
			     struct kgr_subprocess *run, GError **error)
{
	g_auto(GStrv) parts = NULL;
	g_autofree char *text = NULL;

	if (!check_room(u, run->output, error) || !compile_unnumbered(s->overlay, run, error) ||
	    !compile_unpatched(u, s, side, error))
		return false;
	parts = g_strsplit(run->output, s->overlay->root, -1);
	text = g_strjoinv(s->overlay->source, parts);
	return kgr_fail(error, KGR_COMPILE, "the patched %s does not compile:\n%s", u->source,
			text);
}

static bool check_facts(const struct kgr_unit *u, struct kgr_session *s,
			const struct kgr_subprocess *run, GError **error)
{
	g_autoptr(kgr_record) facts = read_facts(u->patched, error);

	return facts && kgr_record_check_compiler(u->record, facts, error) &&
	       check_inputs_overlaid(s, facts, run->cwd, error) &&
	       (u->old_source || kgr_check_new_inputs(s, u, facts, run->cwd, error));
}

static bool check_compiled(const struct kgr_unit *u, struct kgr_session *s,
			   struct kgr_subprocess *run, enum side side, GError **error)
{
	if (run->status)
		return does_not_compile(u, s, side, run, error);
	return (side == NORMAL || check_facts(u, s, run, error)) &&
	       kgr_overlay_restore_names(s->overlay, side == NORMAL ? u->normal : u->patched,
					 error);
}

/* What the diff brings, or moves, is compiled by a record that was made of a neighbour's. */
static bool check_record(const struct kgr_unit *u, GError **error)
{
	g_autofree char *command = kgr_command_beside(u->kbuild_object);
	g_autofree char *beside = kgr_record_beside(u->built);

	return strcmp(beside, u->record->path) != 0 ||
	       kgr_record_check_object(u->record, u->built, command, error);
}

/* The overlay's line numbers stay as they are: the round goes on, with other units. */
static bool fails_in_round(const struct kgr_unit *u, const struct kgr_session *s, enum side side,
			   const struct kgr_subprocess *run, GError **error)
{
	g_auto(GStrv) parts = NULL;
	g_autofree char *text = NULL;

	if (!check_room(u, run->output, error) || !compile_unpatched(u, s, side, error))
		return false;
	parts = g_strsplit(run->output, s->overlay->root, -1);
	text = g_strjoinv(kgr_kernel_tree(s->kernel), parts);
	return kgr_fail(error, KGR_COMPILE, "the patched %s does not compile:\n%s", u->source,
			text);
}

/* Of one that is set aside nothing is left that could be looked at. */
static bool check_or_set_aside(struct kgr_unit *u, struct kgr_session *s,
			       struct kgr_subprocess *run, enum side side, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (run->status && s->aside ? fails_in_round(u, s, side, run, &why) :
				      check_compiled(u, s, run, side, &why))
		return true;
	if (!kgr_set_aside_unit(s, u, &why)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	g_clear_pointer(side == NORMAL ? &u->normal : &u->patched, g_free);
	return true;
}

/* Behind one that fails there may be some that are never started. */
static bool compile_all(struct kgr_session *s, GPtrArray *units, enum side side, GError **error)
{
	g_autoptr(GArray) runs = kgr_subprocesses_new(units->len);
	guint i;

	for (i = 0; i < units->len; i++) {
		struct kgr_subprocess *run = kgr_subprocess_at(runs, i);
		struct kgr_unit *u = units->pdata[i];
		g_autofree char *stem = NULL;

		u->number = s->numbered++;
		stem = g_strdup_printf("%s/%u-%s", s->dir, u->number, side_names[side]);
		*(side == NORMAL ? &u->normal : &u->patched) = g_strconcat(stem, ".o", NULL);
		run->vital = !s->aside;
		if (!kgr_record_check_inputs(u->record, s->hashes, error) ||
		    !check_record(u, error) || !prepare(run, u, s->overlay, side, stem, error))
			return false;
	}
	if (!kgr_subprocesses_run(runs, s->jobs, error))
		return false;
	for (i = 0; i < units->len; i++) {
		if (!check_or_set_aside(units->pdata[i], s, kgr_subprocess_at(runs, i), side,
					error))
			return false;
	}
	return true;
}

bool kgr_replay(struct kgr_session *session, GPtrArray *units, GError **error)
{
	return compile_all(session, units, PATCHED, error) &&
	       kgr_objtool_all(session, units, error);
}

bool kgr_compile_normally(struct kgr_session *session, GPtrArray *units, GError **error)
{
	return compile_all(session, units, NORMAL, error) && kgr_objtool_all(session, units, error);
}
