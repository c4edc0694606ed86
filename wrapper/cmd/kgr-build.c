// SPDX-License-Identifier: GPL-3.0-or-later
/* kgr-build: from a source diff to a patch module. */
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "module/module-sections.h"
#include "select/plan.h"
#include "lib/debug.h"
#include "lib/error.h"
#include "extract/extract.h"
#include "lib/tmpdir.h"
#include "units/find-units.h"
#include "module/patch-module.h"
#include "select/patched-func.h"
#include "module/keep.h"
#include "module/report.h"
#include "units/session.h"

#define NAME_MAX_LEN 48 /* MODULE_NAME_LEN is 56 on 64 bits, with the ending NUL */

struct options {
	gchar *build, *output, *name, *keep, *debug;
	gint jobs;
	gboolean allow_kprobe, json, timings, version;
	gchar **diffs, **allow_layout, **allow_data;
};

struct building {
	const struct options *opt;
	struct kgr_session *session;
	char *name, *output;
	char *keep; /* where intermediates are kept, or NULL */
	GPtrArray *units, *removed;
	struct kgr_plan choice;
	GPtrArray *info;
};

static bool parse(int *argc, char ***argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the kernel's build directory (default: this one)", "DIR" },
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "the module to make (default: kgraft-NAME.ko here)", "FILE" },
		{ "name", 'n', 0, G_OPTION_ARG_STRING, &o->name,
		  "the patch's name (default: the first diff's)", "NAME" },
		{ "jobs", 'j', 0, G_OPTION_ARG_INT, &o->jobs,
		  "programs to run at a time (default: one a processor)", "N" },
		{ "allow-kprobe", 0, 0, G_OPTION_ARG_NONE, &o->allow_kprobe,
		  "redirect functions that have no fentry by a kprobe", NULL },
		{ "allow-layout", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_layout,
		  "accept that the diff changes the layout of this type", "TYPE" },
		{ "allow-data", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_data,
		  "leave another initial value of this object to the diff's callback", "OBJECT" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o->json,
		  "say what was done, or why not, as JSON on standard output", NULL },
		{ "keep", 0, 0, G_OPTION_ARG_FILENAME, &o->keep,
		  "keep all that is made on the way in DIR, which is new or empty", "DIR" },
		{ "debug", 0, 0, G_OPTION_ARG_STRING, &o->debug,
		  "say on stderr what was decided and why: units, match, compare, select, "
		  "extract, or all",
		  "LIST" },
		{ "timings", 0, 0, G_OPTION_ARG_NONE, &o->timings,
		  "say on stderr where the time went", NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &o->version, "print the version", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->diffs, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	GOptionContext *ctx = g_option_context_new("DIFF...");
	bool ok;

	g_option_context_set_summary(ctx, "Make a live patch module from source diffs.");
	g_option_context_set_description(
		ctx,
		"Exit status: 0 built, 1 refused, 2 trouble, 3 nothing to patch, 4 the patched "
		"source does not compile.\nSee kgr-build(1).");
	g_option_context_add_main_entries(ctx, entries, NULL);
	ok = g_option_context_parse(ctx, argc, argv, error);
	g_option_context_free(ctx);
	if (ok && !o->version && !o->diffs)
		return kgr_fail(error, KGR_TROUBLE, "no diff given, see kgr-build --help");
	if (ok && o->jobs < 0)
		return kgr_fail(error, KGR_TROUBLE, "-j needs a number above 0");
	return ok && (!o->debug || kgr_debug_enable(o->debug, error));
}

/* "kgraft-" and the name, of characters that a module's name may have. */
static bool choose_names(struct building *b, GError **error)
{
	char *base = b->opt->name ? g_strdup(b->opt->name) : g_path_get_basename(b->opt->diffs[0]);
	char *dot = strrchr(base, '.'), *at;

	if (!b->opt->name && dot && dot > base)
		*dot = 0;
	for (at = base; *at; at++) {
		if (!g_ascii_isalnum(*at) && *at != '_')
			*at = '-';
	}
	b->name = g_strconcat("kgraft-", base, NULL);
	g_free(base);
	if (strlen(b->name) > NAME_MAX_LEN)
		return kgr_fail(error, KGR_TROUBLE,
				"the name %s is longer than %d characters; give a shorter one with "
				"-n",
				b->name, NAME_MAX_LEN);
	b->output = b->opt->output ? g_strdup(b->opt->output) : g_strconcat(b->name, ".ko", NULL);
	return true;
}

/* What this version cannot do for any fix of such a kernel is said at once. */
static bool check_config(const struct kgr_kernel *k, GError **error)
{
	static const struct {
		const char *option;
		bool wanted;
		const char *why;
	} rules[] = {
		{ "X86_64", true, "only x86-64 is supported" },
		{ "MODULES", true, "a patch is a module" },
		{ "DYNAMIC_FTRACE_WITH_ARGS", true, "functions are redirected at their fentry" },
		{ "KALLSYMS", true, "ftrace needs it" },
		{ "PREEMPT_RT", false, "interrupts are threads there" },
		{ "LTO_CLANG", false, "objects hold no machine code there" },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(rules); i++) {
		if (kgr_kernel_config(k, rules[i].option) != rules[i].wanted)
			return kgr_fail(error, KGR_REFUSED, "the kernel has CONFIG_%s%s: %s",
					rules[i].option, rules[i].wanted ? " off" : "=y",
					rules[i].why);
	}
	return true;
}

static bool nothing(struct building *b, GError **error)
{
	guint i;
	GString *notes = g_string_new(NULL);

	for (i = 0; i < b->choice.selection.notes->len; i++)
		g_string_append_printf(notes, "\n  %s",
				       (char *)b->choice.selection.notes->pdata[i]);
	for (i = 0; i < b->choice.selection.exports->len; i++)
		g_string_append_printf(
			notes, "\n  the new export %s alone makes no patch",
			((struct kgr_export *)b->choice.selection.exports->pdata[i])->name);
	kgr_fail(error, KGR_NOTHING, "nothing to patch: %s%s",
		 b->units->len == 0 ? "no code is touched" :
		 b->choice.selection.callbacks->len ?
				      "no function is replaced, and callbacks alone make "
				      "no patch" :
		 b->choice.init_differs ? "only what is gone after init differs" :
					  "the patched source compiles to the same code",
		 notes->str);
	g_string_free(notes, TRUE);
	return false;
}

static void describe_for_modinfo(struct building *b)
{
	guint i;

	for (i = 0; b->opt->diffs[i]; i++) {
		char *base = g_path_get_basename(b->opt->diffs[i]);

		g_ptr_array_add(b->info, g_strconcat("kgraft_diff=", base, NULL));
		g_free(base);
	}
	for (i = 0; i < b->choice.old->len; i++) {
		const struct kgr_patched_func *old = b->choice.old->pdata[i];
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
		.sources = b->choice.sources,
		.selection = &b->choice.selection,
	};
}

static void carry(struct kgr_out_obj *graft, const char *section, const char *text, gsize size)
{
	kgr_out_append(kgr_out_section(graft, section, SHT_PROGBITS, 0, 1), text, size, 1);
}

static bool carry_all(struct building *b, struct kgr_out_obj *graft, GError **error)
{
	struct kgr_report report = report_of(b);
	char *lines = kgr_report_lines(&report), *diff;
	gsize size;
	guint i;

	carry(graft, KGR_SECTION_REPORT, lines, strlen(lines));
	g_free(lines);
	for (i = 0; b->opt->diffs[i]; i++) {
		if (!g_file_get_contents(b->opt->diffs[i], &diff, &size, error))
			return false;
		carry(graft, KGR_SECTION_DIFF, diff, size);
		g_free(diff);
	}
	return true;
}

/* The kernel, and the source with the diffs applied. */
static bool open_session(struct kgr_session *s, const struct options *o, GError **error)
{
	kgr_progress_step(&s->progress, "kernel");
	s->kernel = kgr_kernel_open(o->build ?: ".", error);
	if (!s->kernel || !check_config(s->kernel, error))
		return false;
	if (o->allow_kprobe && !kgr_kernel_config(s->kernel, "KPROBES"))
		return kgr_fail(error, KGR_REFUSED,
				"--allow-kprobe: the kernel has CONFIG_KPROBES off");
	s->dir = kgr_temp_dir(error);
	if (!s->dir)
		return false;
	kgr_progress_step(&s->progress, "diff");
	s->overlay = kgr_overlay_create(s->kernel->source, s->dir, o->diffs, error);
	return s->overlay;
}

static bool build(struct building *b, GError **error)
{
	struct kgr_session *s = b->session;
	struct kgr_plan_input from;
	struct kgr_patch_module module = { 0 };
	bool ok;

	if (!open_session(s, b->opt, error))
		return false;
	b->removed = g_ptr_array_new();
	b->units = kgr_find_units(s, b->removed, error);
	if (!b->units)
		return false;
	from = (struct kgr_plan_input){
		.session = s,
		.units = b->units,
		.removed = b->removed,
		.allow_layout = b->opt->allow_layout,
		.allow_data = b->opt->allow_data,
		.allow_kprobe = b->opt->allow_kprobe,
	};
	if (!kgr_plan_make(&from, &b->choice, error))
		return false;
	if (!b->choice.selection.redirected->len)
		return nothing(b, error);
	kgr_progress_step(&s->progress, "extract");
	module.objects = kgr_module_refs_new();
	module.graft = kgr_extract(s->kernel, b->choice.sources, &b->choice.selection,
				   module.objects, error);
	if (!module.graft || !carry_all(b, module.graft, error))
		return false;
	kgr_progress_step(&s->progress, "module");
	describe_for_modinfo(b);
	module.name = b->name;
	module.session = s;
	module.old = b->choice.old;
	module.callbacks = b->choice.selection.callbacks;
	module.exports = b->choice.selection.exports;
	module.versions = kgr_export_versions(s, module.exports, error);
	if (!module.versions)
		return false;
	module.info = b->info;
	ok = kgr_patch_module_build(&module, b->output, error);
	kgr_out_free(module.graft);
	g_free(module.versions);
	g_ptr_array_free(module.objects, TRUE);
	return ok;
}

/* After a failure as well, which is when it is wanted most. */
static bool keep(const struct building *b, bool built, GError **error)
{
	GError *problem = NULL;

	if (!b->keep || !b->session->dir || kgr_keep_all(b->keep, b->session, b->units, &problem))
		return built;
	if (built)
		kgr_fail(error, KGR_TROUBLE, "%s was built, but not all could be kept: %s",
			 b->output, problem->message);
	else
		g_printerr("kgr-build: not all could be kept: %s\n", problem->message);
	g_error_free(problem);
	return false;
}

static int finish(const struct building *b, GError *error)
{
	struct kgr_report report = report_of(b);
	int code = error ? kgr_error_print("kgr-build", error) : KGR_BUILT;

	if (b->opt->json)
		kgr_report_json(&report, error, code);
	else if (!error)
		kgr_report_text(&report);
	return code;
}

int main(int argc, char **argv)
{
	struct options opt = { 0 };
	struct building b = { .opt = &opt };
	GError *error = NULL;
	bool ok;

	setlocale(LC_ALL, "");
	if (!parse(&argc, &argv, &opt, &error))
		return kgr_error_print("kgr-build", error) ? KGR_TROUBLE : 0;
	if (opt.version) {
		g_print("kgr-build %s\n", KGR_VERSION);
		return 0;
	}
	b.session = kgr_session_new((guint)opt.jobs);
	kgr_plan_init(&b.choice, b.session);
	b.info = g_ptr_array_new();
	if (opt.keep)
		b.keep = kgr_keep_prepare(opt.keep, &error);
	ok = !error && choose_names(&b, &error) && build(&b, &error);
	kgr_progress_step(&b.session->progress, NULL);
	if (opt.timings)
		kgr_progress_print_times(&b.session->progress, stderr);
	ok = keep(&b, ok, &error);
	return finish(&b, ok ? NULL : error);
}
