// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Compiling units again. Before, all recorded inputs are checked to be what they were; afterwards, that the
 * compiler was the recorded one and that every patched file was read from the overlay.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/error.h"
#include "units/new-unit.h"
#include "units/objtool.h"
#include "lib/install-path.h"
#include "units/compile-command.h"
#include "units/replay.h"
#include "lib/subprocess.h"

enum side {
	PATCHED,
	NORMAL
};

static const char *const side_names[] = { "patched", "normal" };

/* What makes the object comparable, and says what the compiler did. */
static bool add_own_arguments(GPtrArray *argv, const char *stem, GError **error)
{
	char plugin[PATH_MAX];

	if (kgr_install_path(plugin, sizeof(plugin), "libexec", "kgr_plugin.so"))
		return kgr_fail(error, KGR_TROUBLE, "the recorder kgr_plugin.so is not installed");
	g_ptr_array_add(argv, g_strdup("-ffunction-sections"));
	g_ptr_array_add(argv, g_strdup("-fdata-sections"));
	g_ptr_array_add(argv, g_strconcat("-fplugin=", plugin, NULL));
	g_ptr_array_add(argv, g_strconcat("-fplugin-arg-kgr_plugin-facts=", stem, ".facts", NULL));
	return true;
}

static bool prepare(struct kgr_subprocess *run, struct kgr_unit *u, const struct kgr_session *s,
		    enum side side, GError **error)
{
	char *stem = g_strdup_printf("%s/%u-%s", s->dir, u->number, side_names[side]);
	char *object = g_strconcat(stem, ".o", NULL);
	char **const objects[] = { &u->patched, &u->normal };
	bool ok;

	*objects[side] = object;
	ok = kgr_compile_command(run, u->record, s->overlay, object, error) &&
	     (side == NORMAL || add_own_arguments(run->argv, stem, error));
	g_free(stem);
	return ok;
}

static struct kgr_record *read_facts(const char *object, GError **error)
{
	char *path = g_strndup(object, strlen(object) - 2);
	char *facts = g_strconcat(path, ".facts", NULL);
	struct kgr_record *r = kgr_facts_read(facts, error);

	g_free(path);
	g_free(facts);
	return r;
}

/* A quoted include that climbs through a link can miss the patched copy of a file. */
static bool check_inputs_overlaid(const struct kgr_overlay *s, const struct kgr_record *facts,
				  const char *cwd, GError **error)
{
	guint i, f;
	bool ok = true;

	for (i = 0; ok && i < facts->inputs->len; i++) {
		char *full = g_canonicalize_filename(
			g_array_index(facts->inputs, struct kgr_input, i).path, cwd);
		char *real = realpath(full, NULL);

		for (f = 0; real && ok && f < s->files->len; f++) {
			char *old = g_build_filename(s->source, s->files->pdata[f], NULL);

			if (!strcmp(old, real))
				ok = kgr_fail(error, KGR_TROUBLE,
					      "%s was compiled without the diff (reached as %s)",
					      old, full);
			g_free(old);
		}
		free(real);
		g_free(full);
	}
	return ok;
}

/* Once more, with the line numbers that a person finds things by. */
static void compile_for_people(struct kgr_overlay *s, struct kgr_subprocess *run)
{
	struct kgr_subprocess again = *run;

	if (!kgr_overlay_drop_line_directives(s, NULL) ||
	    !kgr_subprocess_run_all(&again, 1, 1, NULL))
		return;
	if (again.status) {
		g_free(run->output);
		run->output = again.output;
	} else {
		g_free(again.output);
	}
}

static bool patched_does_not_compile(const struct kgr_unit *u, struct kgr_overlay *s,
				     struct kgr_subprocess *run, GError **error)
{
	char **parts, *text;

	compile_for_people(s, run);
	parts = g_strsplit(run->output, s->root, -1);
	text = g_strjoinv(s->source, parts);
	kgr_fail(error, KGR_COMPILE, "the patched %s does not compile:\n%s", u->source, text);
	g_strfreev(parts);
	g_free(text);
	return false;
}

static bool check_facts(const struct kgr_unit *u, struct kgr_session *s,
			const struct kgr_subprocess *run, GError **error)
{
	struct kgr_record *facts = read_facts(u->patched, error);
	bool ok = facts && kgr_record_check_compiler(u->record, facts, error) &&
		  check_inputs_overlaid(s->overlay, facts, run->cwd, error) &&
		  (u->old_source || kgr_check_new_inputs(s, u, facts, run->cwd, error));

	kgr_record_free(facts);
	return ok;
}

static bool check_compiled(const struct kgr_unit *u, struct kgr_session *s,
			   struct kgr_subprocess *run, enum side side, GError **error)
{
	if (run->status)
		return patched_does_not_compile(u, s->overlay, run, error);
	return (side == NORMAL || check_facts(u, s, run, error)) &&
	       kgr_overlay_restore_names(s->overlay, side == NORMAL ? u->normal : u->patched,
					 error);
}

/* Behind one that fails there may be some that are never started. */
static bool compile_all(struct kgr_session *s, GPtrArray *units, enum side side, GError **error)
{
	struct kgr_subprocess *runs = g_new0(struct kgr_subprocess, units->len + 1);
	bool ok = true;
	guint i;

	for (i = 0; ok && i < units->len; i++) {
		struct kgr_unit *u = units->pdata[i];

		u->number = s->numbered++;
		ok = kgr_record_check_inputs(u->record, s->hashes, error) &&
		     prepare(&runs[i], u, s, side, error);
		runs[i].vital = true;
	}
	ok = ok && kgr_subprocess_run_all(runs, units->len, s->jobs, error);
	for (i = 0; ok && i < units->len; i++)
		ok = check_compiled(units->pdata[i], s, &runs[i], side, error);
	for (i = 0; i < units->len; i++)
		kgr_subprocess_clear(&runs[i]);
	g_free(runs);
	return ok;
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
