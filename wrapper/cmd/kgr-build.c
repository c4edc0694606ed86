// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-build: from a source diff to a patch module. Each stage is a room of its own; this leads from one to the next,
 * and says what came of it.
 */
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "module/module-sections.h"
#include "select/plan.h"
#include "lib/command-line.h"
#include "lib/debug.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/standard-output.h"
#include "extract/extract.h"
#include "kernel/usable-config.h"
#include "source/diff-names.h"
#include "units/aside.h"
#include "units/find-units.h"
#include "module/patch-module.h"
#include "select/exports.h"
#include "select/patched-func.h"
#include "module/keep.h"
#include "module/report.h"
#include "module/unexported.h"
#include "split/rounds.h"
#include "split/split-report.h"
#include "units/session.h"

#define NAME_MAX_LEN 55 /* MODULE_NAME_LEN is 56 on 64 bits, with the ending NUL */

typedef struct options options;

struct options {
	gchar *build, *external, *output, *name, *keep, *debug, *jobs_text, *strip_text;
	int jobs, strip;
	gboolean no_kprobe, split, json, timings;
	gchar **diffs, **allow_layout, **allow_data, **allow_escape;
};

static void options_clear(struct options *o)
{
	g_free(o->build);
	g_free(o->external);
	g_free(o->output);
	g_free(o->name);
	g_free(o->keep);
	g_free(o->debug);
	g_free(o->jobs_text);
	g_free(o->strip_text);
	g_strfreev(o->diffs);
	g_strfreev(o->allow_layout);
	g_strfreev(o->allow_data);
	g_strfreev(o->allow_escape);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

typedef struct building building;

struct building {
	const struct options *opt;
	struct kgr_session *session;
	char *name, *output;
	/* With --split: */
	struct kgr_rounds *rounds;
	char *live_diff; /* where the diff of what is in goes */
	char *keep; /* with --keep: the directory for all that is made on the way, or NULL */
	GPtrArray *units, *removed; /* of struct kgr_unit */
	GPtrArray *as_before; /* with --keep: units where nothing differs */
	bool reached; /* there were units before those where nothing differs went */
	struct kgr_plan plan;
	GPtrArray *objects; /* from kgr_module_refs_new(), for extracting; NULL before that */
	GPtrArray *info; /* of char *: lines for modinfo */
};

static void building_clear(struct building *b)
{
	/* The plan has taken from the units, and these from the kernel. */
	kgr_plan_clear(&b->plan);
	g_clear_pointer(&b->units, g_ptr_array_unref);
	g_clear_pointer(&b->removed, g_ptr_array_unref);
	kgr_rounds_free(b->rounds);
	g_free(b->live_diff);
	g_ptr_array_unref(b->as_before);
	g_clear_pointer(&b->objects, g_ptr_array_unref);
	g_ptr_array_unref(b->info);
	kgr_session_free(b->session);
	g_free(b->name);
	g_free(b->output);
	g_free(b->keep);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(building, building_clear)

static const struct kgr_program program = {
	.name = "kgr-build",
	.arguments = "DIFF...",
	.summary = "Make a live patch module from source diffs.",
	.description = "Exit status: 0 built, 1 refused, 2 trouble, 3 nothing to patch, 4 the "
		       "patched source does not compile.\nSee kgr-build(1).",
};

static bool parse(char **argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the kernel's build directory (default: this one)", "DIR" },
		{ "modules", 'M', 0, G_OPTION_ARG_FILENAME, &o->external,
		  "patch external modules, built there with M=DIR", "DIR" },
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "the module to make (default: kgraft-NAME.ko here)", "FILE" },
		{ "name", 'n', 0, G_OPTION_ARG_STRING, &o->name,
		  "the patch's name (default: the first diff's)", "NAME" },
		{ "jobs", 'j', 0, G_OPTION_ARG_STRING, &o->jobs_text,
		  "programs to run at a time (default: one a processor)", "N" },
		{ "strip", 'p', 0, G_OPTION_ARG_STRING, &o->strip_text,
		  "leading directories that names in the diffs have too many (default: found out)",
		  "N" },
		{ "no-kprobe", 0, 0, G_OPTION_ARG_NONE, &o->no_kprobe,
		  "refuse what only a breakpoint, as kprobes use it, can redirect", NULL },
		{ "allow-layout", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_layout,
		  "accept that the diff changes the layout of this type", "TYPE" },
		{ "allow-escape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_escape,
		  "an unpatch callback takes the kernel's pointers to this new function or object away",
		  "SYMBOL" },
		{ "allow-data", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_data,
		  "write another initial value of this object, or leave that to the diff's callback",
		  "OBJECT" },
		{ "split", 0, 0, G_OPTION_ARG_NONE, &o->split,
		  "leave out what is refused, with what belongs to it, and build the rest of the "
		  "diff",
		  NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o->json,
		  "say what was done, or why not, as JSON on standard output", NULL },
		{ "keep", 0, 0, G_OPTION_ARG_FILENAME, &o->keep,
		  "keep all that is made on the way in DIR, which is new or empty", "DIR" },
		{ "debug", 0, 0, G_OPTION_ARG_STRING, &o->debug,
		  "say on stderr what was decided and why: units, match, compare, select, "
		  "extract, or all",
		  "LIST" },
		{ "timings", 0, 0, G_OPTION_ARG_NONE, &o->timings,
		  "say on stderr where the time went, and the peak memory", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->diffs, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(&program, entries, argv, error))
		return false;
	if (!o->diffs)
		return kgr_fail(error, KGR_TROUBLE, "no diff given, see kgr-build --help");
	if (o->split && o->diffs[1])
		return kgr_fail(error, KGR_TROUBLE,
				"--split takes one diff; give it the difference that these make "
				"together");
	if (o->split && o->keep)
		return kgr_fail(
			error, KGR_TROUBLE,
			"--split builds in rounds, of which --keep could keep one; build the "
			".live.diff that --split writes with --keep: it makes the same "
			"module");
	if (!kgr_command_line_number("-j", o->jobs_text, 1, &o->jobs, error) ||
	    !kgr_command_line_number("-p", o->strip_text, 0, &o->strip, error))
		return false;
	return !o->debug || kgr_debug_enable(o->debug, error);
}

/* The first diff's name without its ending: "0001-a-fix" of "0001-a-fix.patch.xz". */
static char *name_of_diff(const char *diff)
{
	static const char *const packed[] = { ".gz", ".xz", ".zst", ".bz2" };
	char *base = strcmp(diff, "-") ? g_path_get_basename(diff) : g_strdup("stdin"), *dot;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(packed); i++) {
		if (g_str_has_suffix(base, packed[i]))
			base[strlen(base) - strlen(packed[i])] = 0;
	}
	dot = strrchr(base, '.');
	if (dot > base)
		*dot = 0;
	return base;
}

/* What git format-patch calls its files is often longer than the kernel allows. */
static void shorten(struct building *b)
{
	if (b->opt->name || strlen(b->name) <= NAME_MAX_LEN)
		return;
	b->name[NAME_MAX_LEN] = 0;
	g_ptr_array_add(b->session->notes,
			g_strdup_printf("the patch's name is cut to %s, for a module's has at most "
					"%d characters; -n gives another",
					b->name, NAME_MAX_LEN));
}

/* "kgraft-" and the name, of characters that a module's name may have. */
static bool choose_names(struct building *b, GError **error)
{
	g_autofree char *base =
		b->opt->name ? g_strdup(b->opt->name) : name_of_diff(b->opt->diffs[0]);
	char *at;

	for (at = base; *at; at++) {
		if (!g_ascii_isalnum(*at) && *at != '_')
			*at = '-';
	}
	b->name = g_strconcat("kgraft-", base, NULL);
	shorten(b);
	if (strlen(b->name) > NAME_MAX_LEN)
		return kgr_fail(error, KGR_TROUBLE,
				"the name %s is longer than %d characters; give a shorter one with "
				"-n",
				b->name, NAME_MAX_LEN);
	b->output = b->opt->output ? g_strdup(b->opt->output) : g_strconcat(b->name, ".ko", NULL);
	return true;
}

static void add_notes(GString *to, const GPtrArray *notes)
{
	guint i;

	for (i = 0; i < notes->len; i++)
		g_string_append_printf(to, "\n  %s", (const char *)notes->pdata[i]);
}

static bool nothing(struct building *b, GError **error)
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

static void describe_for_modinfo(struct building *b)
{
	guint i;

	for (i = 0; b->opt->diffs[i]; i++) {
		g_autofree char *base = g_path_get_basename(b->opt->diffs[i]);

		g_ptr_array_add(b->info, g_strconcat("kgraft_diff=", base, NULL));
	}
	for (i = 0; i < b->plan.old->len; i++) {
		const struct kgr_patched_func *old = b->plan.old->pdata[i];
		const struct kgr_ksym *sym = old->part[0];

		g_ptr_array_add(b->info,
				g_strdup_printf("kgraft_func=%s 0x%" G_GINT64_MODIFIER
						"x %" G_GUINT64_FORMAT " %08x %s",
						old->name, sym->address, sym->size, old->digest,
						sym->image->module ?: "vmlinux"));
	}
}

static struct kgr_report report_of(const struct building *b)
{
	return (struct kgr_report){
		.output = b->output,
		.release = b->session->kernel ? b->session->kernel->release : NULL,
		.plan = &b->plan,
		.notes = b->session->notes,
	};
}

static void carry(struct kgr_out_obj *graft, const char *section, const char *text, gsize size)
{
	kgr_out_append(kgr_out_section(graft, section, SHT_PROGBITS, 0, 1), text, size, 1);
}

/* The report, and the diffs as they were applied, whatever has become of the files. */
static void carry_all(struct building *b, struct kgr_out_obj *graft)
{
	struct kgr_report report = report_of(b);
	g_autofree char *lines = kgr_report_lines(&report);
	const GPtrArray *diffs = b->session->overlay->diffs;
	guint i;

	carry(graft, KGR_SECTION_REPORT, lines, strlen(lines));
	for (i = 0; i < diffs->len; i++) {
		gsize size;
		const char *diff = g_bytes_get_data(diffs->pdata[i], &size);

		carry(graft, KGR_SECTION_DIFF, diff, size);
	}
}

/* The kernel, and the source with the diffs applied. */
static bool open_session(struct kgr_session *s, const struct options *o, GError **error)
{
	if (!kgr_session_open_kernel(s, o->build, o->external, error) ||
	    !kgr_config_is_usable(s->kernel->config, s->kernel->adopted, error))
		return false;
	return kgr_session_apply(s, o->diffs, o->strip, error);
}

static bool make_plan(struct building *b, GError **error)
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

/* @at: see kgr_extract() */
static struct kgr_out_obj *make_graft(struct building *b, const struct kgr_compared **at,
				      GError **error)
{
	kgr_progress_step(&b->session->progress, "extract");
	g_clear_pointer(&b->objects, g_ptr_array_unref);
	b->objects = kgr_module_refs_new();
	return kgr_extract(b->session->kernel, b->plan.sources, b->plan.selection, b->objects, at,
			   error);
}

static bool make_module(struct building *b, GError **error)
{
	const struct kgr_selection *selection = b->plan.selection;
	g_autoptr(kgr_out_obj) graft = make_graft(b, NULL, error);
	g_autofree char *versions = NULL;
	struct kgr_session *s = b->session;

	if (!graft || !kgr_note_anchors(graft->arch, b->plan.old, s->notes, error))
		return false;
	carry_all(b, graft);
	kgr_progress_step(&s->progress, "module");
	describe_for_modinfo(b);
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
			.exports = selection->exports,
			.versions = versions,
			.info = b->info,
		},
		b->output, error);
}

/* What can be selected can be extracted, with rare exceptions: they belong to a unit, too. */
static bool try_graft(struct building *b, GError **error)
{
	g_autoptr(kgr_out_obj) graft = NULL;
	g_autoptr(GError) why = NULL;
	const struct kgr_compared *at = NULL;

	graft = make_graft(b, &at, &why);
	if (graft || (at && kgr_set_aside_unit(b->session, at->unit, &why)))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

static void forget_plan(struct building *b)
{
	kgr_plan_clear(&b->plan);
	kgr_plan_init(&b->plan);
	g_clear_pointer(&b->units, g_ptr_array_unref);
	g_clear_pointer(&b->removed, g_ptr_array_unref);
}

/* The plan of the last round: of the diff without what is refused. */
static bool plan_in_rounds(struct building *b, GError **error)
{
	bool again = true;

	b->rounds = kgr_rounds_open(b->session, b->opt->diffs[0], b->opt->strip, error);
	while (b->rounds && again) {
		forget_plan(b);
		if (!kgr_rounds_begin(b->rounds, error) || !make_plan(b, error))
			return false;
		if (kgr_rounds_is_whole(b->rounds) && !kgr_is_any_refused(b->session) &&
		    !try_graft(b, error))
			return false;
		if (!kgr_rounds_end(b->rounds, &again, error))
			return false;
	}
	return b->rounds;
}

static bool build(struct building *b, GError **error)
{
	if (!open_session(b->session, b->opt, error) ||
	    !(b->opt->split ? plan_in_rounds(b, error) : make_plan(b, error)))
		return false;
	return b->plan.selection->redirected->len || b->plan.selection->data->len ?
		       make_module(b, error) :
		       nothing(b, error);
}

/* After a failure as well, which is when it is wanted most. */
static bool keep(const struct building *b, bool built, GError **error)
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

static bool write_live_diff(const struct building *b, GError **error)
{
	g_autoptr(GBytes) live = kgr_split_text(b->rounds->split);
	gsize size;
	const char *text = g_bytes_get_data(live, &size);

	return g_file_set_contents(b->live_diff, text, (gssize)size, error);
}

static int finish(const struct building *b, const GError *error)
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

/* "foo.live.diff" beside foo.ko, which has to be possible before anything is done. */
static bool choose_live_diff(struct building *b, GError **error)
{
	size_t len = strlen(b->output) - (g_str_has_suffix(b->output, ".ko") ? 3 : 0);

	if (!b->opt->split)
		return true;
	b->live_diff = g_strdup_printf("%.*s.live.diff", (int)len, b->output);
	return kgr_check_output(b->live_diff, b->opt->diffs, error);
}

static int run(const struct options *opt)
{
	g_auto(building) b = {
		.opt = opt,
		.session = kgr_session_new((guint)opt->jobs),
		.as_before = kgr_units_new(),
		.info = g_ptr_array_new_with_free_func(g_free),
	};
	g_autoptr(GError) error = NULL;
	bool built;

	kgr_plan_init(&b.plan);
	built = choose_names(&b, &error) && kgr_check_output(b.output, opt->diffs, &error) &&
		choose_live_diff(&b, &error);
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
	g_auto(options) opt = { .strip = KGR_STRIP_UNKNOWN };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-build");
	setlocale(LC_ALL, "");
	(void)argc;
	if (!parse(argv, &opt, &error))
		return kgr_command_line_fail(&program, argv, error);
	return run(&opt);
}
