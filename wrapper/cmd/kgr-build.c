// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-build: from a source diff to a patch module. Calls the stages, each of which is a room of its own, in their order:
 * kernel, diff, units, plan, graft, module; and says what came of it. What it was asked for, names, and the rounds of --split
 * are in build/.
 */
#include <locale.h>

#include "cmd/build/building.h"
#include "cmd/build/options.h"
#include "select/plan.h"
#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/standard-output.h"
#include "extract/extract.h"
#include "kernel/usable-config.h"
#include "source/diff-names.h"
#include "units/find-units.h"
#include "module/patch-module.h"
#include "select/exports.h"
#include "module/carried.h"
#include "module/keep.h"
#include "module/report.h"
#include "module/unexported.h"
#include "split/rounds.h"
#include "split/split-report.h"
#include "units/session.h"

typedef struct kgr_building kgr_building;

static void building_clear(struct kgr_building *b)
{
	/* The plan has taken from the units, and these from the kernel. */
	kgr_plan_clear(&b->plan);
	g_clear_pointer(&b->units, g_ptr_array_unref);
	g_clear_pointer(&b->removed, g_ptr_array_unref);
	kgr_rounds_free(b->rounds);
	g_free(b->live_diff);
	g_ptr_array_unref(b->as_before);
	g_clear_pointer(&b->objects, g_ptr_array_unref);
	kgr_session_free(b->session);
	g_free(b->name);
	g_free(b->output);
	g_free(b->keep);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_building, building_clear)

static const struct kgr_program program = {
	.name = "kgr-build",
	.arguments = "DIFF...",
	.summary = "Make a live patch module from source diffs.",
	.description = "Exit status: 0 built, 1 refused, 2 trouble, 3 nothing to patch, 4 the "
		       "patched source does not compile.\nSee kgr-build(1).",
};

static void add_notes(GString *to, const GPtrArray *notes)
{
	guint i;

	for (i = 0; i < notes->len; i++)
		g_string_append_printf(to, "\n  %s", (const char *)notes->pdata[i]);
}

static bool nothing(struct kgr_building *b, GError **error)
{
	const struct kgr_selection *selection = b->plan.selection;
	const char *refusal = b->rounds ? kgr_split_refusal(b->rounds->split) : NULL;
	const char *why = !b->reached ?
				  "no code is touched" :
			  selection->callbacks->len ?
				  "no function is replaced, and callbacks alone make no patch" :
			  b->plan.init_differs ? "only what is gone after init differs" :
						 "the patched source compiles to the same code";
	g_autoptr(GString) notes = g_string_new(NULL);
	guint i;

	add_notes(notes, b->session->notes);
	add_notes(notes, selection->notes);
	for (i = 0; i < selection->exports->len; i++) {
		const struct kgr_export *export = selection->exports->pdata[i];

		g_string_append_printf(notes, "\n  the new export %s alone makes no patch",
				       export->name);
	}
	if (refusal)
		return kgr_fail(error, KGR_REFUSED,
				"nothing of %s can be live: %s; of the rest %s%s", b->opt->diffs[0],
				refusal, why, notes->str);
	return kgr_fail(error, KGR_NOTHING, "nothing to patch: %s%s", why, notes->str);
}

static struct kgr_report report_of(const struct kgr_building *b)
{
	return (struct kgr_report){
		.output = b->output,
		.release = b->session->kernel ? b->session->kernel->release : NULL,
		.plan = &b->plan,
		.notes = b->session->notes,
	};
}

/* The kernel, and the source with the diffs applied. */
static bool open_session(struct kgr_session *s, const struct kgr_build_options *o, GError **error)
{
	if (!kgr_session_open_kernel(s, o->build, o->external, error) ||
	    !kgr_config_is_usable(s->kernel->config, s->kernel->adopted, error))
		return false;
	return kgr_session_apply(s, o->diffs, o->strip, error);
}

bool kgr_building_plan(struct kgr_building *b, GError **error)
{
	b->removed = kgr_units_new();
	b->units = kgr_find_units(b->session, b->removed, error);
	if (!b->units)
		return false;
	b->reached = b->units->len;
	return kgr_plan_make(
		&(struct kgr_plan_input){
			.session = b->session,
			.units = b->units,
			.removed = b->removed,
			.as_before = b->keep ? b->as_before : NULL,
			.allow_layout = b->opt->allow_layout,
			.allow_data = b->opt->allow_data,
			.allow_escape = b->opt->allow_escape,
			.no_kprobe = b->opt->no_kprobe,
			.memory = b->rounds ? b->rounds->memory : NULL,
		},
		&b->plan, error);
}

struct kgr_out_obj *kgr_building_graft(struct kgr_building *b, const struct kgr_compared **at,
				       GError **error)
{
	kgr_progress_step(&b->session->progress, "extract");
	g_clear_pointer(&b->objects, g_ptr_array_unref);
	b->objects = kgr_module_refs_new();
	return kgr_extract(b->session->kernel, b->plan.sources, b->plan.selection, b->objects, at,
			   error);
}

static bool make_module(struct kgr_building *b, GError **error)
{
	const struct kgr_selection *selection = b->plan.selection;
	g_autoptr(kgr_out_obj) graft = kgr_building_graft(b, NULL, error);
	struct kgr_report report = report_of(b);
	g_autoptr(GPtrArray) info = NULL;
	g_autofree char *versions = NULL;
	struct kgr_session *s = b->session;

	if (!graft || !kgr_note_anchors(graft->arch, b->plan.old, s->notes, error))
		return false;
	kgr_carry(graft, &report, s->overlay->diffs);
	kgr_progress_step(&s->progress, "module");
	info = kgr_carried_info(b->opt->diffs, b->plan.old);
	versions = kgr_export_versions(s, selection->exports, error);
	if (!versions)
		return false;
	return kgr_patch_module_build(
		&(struct kgr_patch_module){
			.name = b->name,
			.session = s,
			.graft = graft,
			.objects = b->objects,
			.old = b->plan.old,
			.callbacks = selection->callbacks,
			.data = selection->data,
			.escapes = selection->escapes,
			.allowed_escapes = selection->allowed_escapes,
			.exports = selection->exports,
			.versions = versions,
			.info = info,
		},
		b->output, error);
}

static bool build(struct kgr_building *b, GError **error)
{
	if (!open_session(b->session, b->opt, error) ||
	    !(b->opt->split ? kgr_building_plan_in_rounds(b, error) : kgr_building_plan(b, error)))
		return false;
	return b->plan.selection->redirected->len || b->plan.selection->data->len ?
		       make_module(b, error) :
		       nothing(b, error);
}

/* After a failure as well, which is when it is wanted most. */
static bool keep(const struct kgr_building *b, bool built, GError **error)
{
	g_autoptr(GPtrArray) units = NULL;
	g_autoptr(GError) problem = NULL;
	guint i;

	if (!b->keep || !b->session->dir)
		return built;
	units = g_ptr_array_new();
	for (i = 0; b->units && i < b->units->len; i++)
		g_ptr_array_add(units, b->units->pdata[i]);
	for (i = 0; i < b->as_before->len; i++)
		g_ptr_array_add(units, b->as_before->pdata[i]);
	if (kgr_keep_all(b->keep, b->session, units, &problem))
		return built;
	if (built)
		return kgr_fail(error, KGR_TROUBLE, "%s was built, but not all could be kept: %s",
				b->output, problem->message);
	g_printerr("kgr-build: not all could be kept: %s\n", problem->message);
	return false;
}

static bool write_live_diff(const struct kgr_building *b, GError **error)
{
	g_autoptr(GBytes) live = kgr_split_text(b->rounds->split);
	gsize size;
	const char *text = g_bytes_get_data(live, &size);

	return g_file_set_contents(b->live_diff, text, (gssize)size, error);
}

static int finish(const struct kgr_building *b, const GError *error)
{
	struct kgr_report report = report_of(b);
	struct kgr_split_report split = { b->rounds, &b->plan, b->live_diff };
	int code = error ? kgr_error_print("kgr-build", (GError *)error) : KGR_BUILT;

	if (b->opt->json) {
		report.split = b->rounds && !error ? kgr_split_report_json(&split) : NULL;
		kgr_report_json(&report, error, code);
	} else if (!error) {
		kgr_report_text(&report);
		if (b->rounds)
			kgr_split_report_text(&split);
	}
	return code;
}

static int run(const struct kgr_build_options *opt)
{
	g_auto(kgr_building) b = {
		.opt = opt,
		.session = kgr_session_new((guint)opt->jobs),
		.as_before = kgr_units_new(),
	};
	g_autoptr(GError) error = NULL;
	bool built;

	kgr_plan_init(&b.plan);
	built = kgr_building_choose_names(&b, &error);
	if (built && opt->keep)
		b.keep = kgr_keep_prepare(opt->keep, &error);
	built = !error && build(&b, &error) && (!b.rounds || write_live_diff(&b, &error));
	kgr_progress_step(&b.session->progress, NULL);
	if (opt->timings)
		kgr_progress_print_times(&b.session->progress, stderr);
	keep(&b, built, &error);
	return finish(&b, error);
}

int main(int argc, char **argv)
{
	g_auto(kgr_build_options) opt = { .strip = KGR_STRIP_UNKNOWN };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-build");
	setlocale(LC_ALL, "");
	(void)argc;
	if (!kgr_build_options_parse(&program, argv, &opt, &error))
		return kgr_command_line_fail(&program, argv, error);
	return run(&opt);
}
