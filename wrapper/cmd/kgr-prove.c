// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-prove: does a patch module hold what a normal build of the patched source makes? It shares with
 * kgr-build how a recorded unit is compiled and how an object is read, and nothing of how functions are
 * chosen, matched and moved.
 */
#include <locale.h>
#include <string.h>

#include "lib/command-line.h"
#include "lib/error.h"
#include "units/find-units.h"
#include "prove/module-reader.h"
#include "elf/symbol-name.h"
#include "prove/prove.h"
#include "units/replay.h"
#include "select/select.h"
#include "units/session.h"

struct options {
	gchar *build;
	gint jobs;
	gboolean nothing, version;
	gchar **files; /* the module, unless there is nothing, and the diffs */
};

struct proving {
	struct kgr_session *session;
	GPtrArray *units; /* of struct kgr_unit, that the diffs touch */
	GPtrArray *others; /* the same, whose functions are in the module as they call what changed */
	struct kgr_module_reader *view;
	GHashTable *brought; /* as in struct kgr_proof */
	guint functions, instructions, references, entries;
};

/* One unit: the object of the kernel's build, and the one of a build of the patched source. */
struct pair {
	const struct kgr_unit *unit;
	struct kgr_obj *built, *normal;
};

static void free_pair(gpointer data)
{
	struct pair *pair = data;

	kgr_obj_close(pair->built);
	kgr_obj_close(pair->normal);
	g_free(pair);
}

static void free_unit(gpointer unit)
{
	kgr_unit_free(unit);
}

static bool parse(char **argv, struct options *o, GError **error)
{
	static const struct kgr_program program = {
		.name = "kgr-prove",
		.arguments = "MODULE DIFF...",
		.summary = "Compare a patch module with what a normal build of the patched source "
			   "makes.",
		.description =
			"Exit status: 0 the same code, 1 not, 2 trouble, 4 the patched source "
			"does not compile.\nSee kgr-prove(1).",
	};
	const GOptionEntry entries[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the kernel's build directory (default: this one)", "DIR" },
		{ "jobs", 'j', 0, G_OPTION_ARG_INT, &o->jobs,
		  "programs to run at a time (default: one a processor)", "N" },
		{ "nothing", 0, 0, G_OPTION_ARG_NONE, &o->nothing,
		  "there is no module: is there really nothing to patch?", NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &o->version, "print the version", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(&program, entries, argv, error))
		return false;
	if (!o->version && (!o->files || (!o->nothing && !o->files[1])))
		return kgr_fail(error, KGR_TROUBLE,
				"a module and its diffs are needed, see kgr-prove --help");
	return o->jobs >= 0 || kgr_fail(error, KGR_TROUBLE, "-j needs a number above 0");
}

static struct kgr_sym *function_named(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_func(&obj->syms[i]) &&
		    kgr_name_same_but_numbers(obj->syms[i].name, name))
			return &obj->syms[i];
	}
	return NULL;
}

/* A function of the module against every function that could be meant: one has to be the same. */
static bool prove_function(struct proving *v, struct kgr_sym *func, GPtrArray *pairs,
			   GError **error)
{
	char *why = NULL;
	bool proved = false;
	guint i;
	size_t n;

	for (i = 0; i < pairs->len && !proved; i++) {
		const struct pair *pair = pairs->pdata[i];
		struct kgr_proof p;

		kgr_proof_init(&p, v->view->obj, pair->normal);
		p.outside = v->view->outside;
		p.source = pair->unit->old_source;
		p.built = pair->built;
		p.brought = v->brought;
		for (n = 0; n < pair->normal->nsyms && !proved; n++) {
			struct kgr_sym *other = &pair->normal->syms[n];
			char *problem;

			if (!kgr_sym_is_func(other) ||
			    !kgr_name_same_but_numbers(other->name, func->name))
				continue;
			problem = kgr_cmp_function(&p.same, func, other);
			proved = !problem;
			if (problem && !why)
				why = g_strdup_printf("%s: %s", func->name, problem);
			g_free(problem);
		}
		kgr_cmp_clear(&p.same);
		if (proved) {
			v->functions++;
			v->instructions += p.same.instructions;
			v->references += p.same.references;
			v->entries += p.same.entries;
		}
	}
	if (!proved)
		kgr_fail(error, KGR_REFUSED, "%s: %s%s", v->view->obj->path, why ?: func->name,
			 why ? "" : ": a function that a normal build does not make");
	g_free(why);
	return proved;
}

static bool is_in_module(const struct proving *v, const char *name)
{
	guint i;

	for (i = 0; v->view && i < v->view->text->syms->len; i++) {
		const struct kgr_sym *sym = v->view->text->syms->pdata[i];

		if (kgr_name_same_but_numbers(sym->name, name))
			return true;
	}
	return false;
}

static bool lacks(const struct proving *v, const struct pair *pair, const char *name,
		  const char *problem, GError **error)
{
	if (v->view)
		return kgr_fail(error, KGR_REFUSED, "%s: it lacks %s of %s, which changed: %s",
				v->view->obj->path, name, pair->unit->source, problem);
	return kgr_fail(error, KGR_REFUSED, "there is %s of %s, which changed: %s", name,
			pair->unit->source, problem);
}

/* The other way round: what a normal build compiles otherwise than the kernel's did has to be there. */
static bool check_complete(struct proving *v, const struct pair *pair, GError **error)
{
	struct kgr_proof p;
	bool ok = true;
	size_t n;

	kgr_proof_init(&p, pair->built, pair->normal);
	for (n = 0; ok && n < pair->normal->nsyms; n++) {
		struct kgr_sym *after = &pair->normal->syms[n], *before;
		char *problem;

		if (!kgr_sym_is_func(after) || kgr_sym_is_constructor(after) ||
		    kgr_sec_is_init(after->sec))
			continue;
		before = function_named(pair->built, after->name);
		/* A new one counts where it is called. */
		problem = before ? kgr_cmp_function(&p.same, before, after) : NULL;
		if (problem && !is_in_module(v, after->name))
			ok = lacks(v, pair, after->name, problem, error);
		g_free(problem);
	}
	kgr_cmp_clear(&p.same);
	return ok;
}

static bool open_pairs(const GPtrArray *units, GPtrArray *pairs, GError **error)
{
	guint i;

	for (i = 0; i < units->len; i++) {
		struct pair *pair = g_new0(struct pair, 1);

		pair->unit = units->pdata[i];
		g_ptr_array_add(pairs, pair);
		pair->built = kgr_obj_open(pair->unit->built_objtool ?: pair->unit->built, error);
		pair->normal = pair->built ? kgr_obj_open(pair->unit->normal, error) : NULL;
		if (!pair->normal)
			return false;
	}
	return true;
}

/* What the diffs touch. */
static bool compile(struct proving *v, const struct options *o, char *const *diffs,
		    GPtrArray *pairs, GError **error)
{
	struct kgr_session *s = v->session;

	if (!kgr_session_open_kernel(s, o->build, error) || !kgr_session_apply(s, diffs, error))
		return false;
	kgr_progress_step(&s->progress, "compile");
	v->units = kgr_find_units(s, NULL, error);
	return v->units && kgr_compile_normally(s, v->units, error) &&
	       open_pairs(v->units, pairs, error);
}

/* A line "F NAME ..." of a record against names. */
static bool is_fact_of(const char *fact, const GPtrArray *names)
{
	char *name;
	bool found = false;
	guint i;

	if (!g_str_has_prefix(fact, "F\t"))
		return false;
	name = g_strndup(fact + 2, strcspn(fact + 2, "\t"));
	for (i = 0; i < names->len && !found; i++)
		found = kgr_name_same_but_numbers(name, names->pdata[i]);
	g_free(name);
	return found;
}

/* The units that have functions of these names. */
static bool find_units_with(struct proving *v, const GPtrArray *names, GPtrArray *found,
			    GError **error)
{
	const struct kgr_build_index *index = kgr_session_index(v->session);
	struct kgr_kernel *kernel = v->session->kernel;
	bool ok = kgr_session_all_recorded(v->session, error);
	guint i, f;

	for (i = 0; ok && i < index->records->len; i++) {
		const char *path = index->records->pdata[i];
		struct kgr_record *record;
		bool has = false;

		if (kgr_is_outside_image(kernel, path) || kgr_has_unit(v->units, path))
			continue;
		record = kgr_record_read(path, error);
		ok = record;
		for (f = 0; ok && !has && f < record->facts->len; f++)
			has = is_fact_of(record->facts->pdata[f], names);
		kgr_record_free(record);
		if (has)
			ok = kgr_add_unit(found, kernel, path, NULL, error);
	}
	return ok;
}

static guint functions_called(const struct kgr_obj *obj, const struct kgr_sec *only,
			      const char *name)
{
	guint count = 0;
	size_t i;

	for (i = 0; i < obj->nsyms; i++)
		count += kgr_sym_is_func(&obj->syms[i]) && (!only || obj->syms[i].sec == only) &&
			 kgr_name_same_but_numbers(obj->syms[i].name, name);
	return count;
}

/*
 * Callers of a function that cannot be redirected may be of files that no diff touches: the module has more
 * functions of a name than the units that are known.
 */
static bool compile_others(struct proving *v, GPtrArray *pairs, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	guint i, n;

	for (i = 0; i < v->view->text->syms->len; i++) {
		const char *name = ((struct kgr_sym *)v->view->text->syms->pdata[i])->name;
		guint known = 0;

		for (n = 0; n < pairs->len; n++)
			known += functions_called(((struct pair *)pairs->pdata[n])->normal, NULL,
						  name);
		if (known < functions_called(v->view->obj, v->view->text, name))
			g_ptr_array_add(names, (gpointer)name);
	}
	return !names->len || (find_units_with(v, names, v->others, error) &&
			       kgr_compile_normally(v->session, v->others, error) &&
			       open_pairs(v->others, pairs, error));
}

static void find_brought(struct proving *v, const GPtrArray *pairs)
{
	guint i;
	size_t n;

	v->brought = g_hash_table_new(g_str_hash, g_str_equal);
	for (i = 0; i < pairs->len; i++) {
		const struct pair *pair = pairs->pdata[i];

		for (n = 0; n < pair->normal->nsyms; n++) {
			struct kgr_sym *sym = &pair->normal->syms[n];

			if (kgr_sym_is_object(sym) && sym->bind != STB_LOCAL &&
			    !kgr_obj_defined(pair->built, sym->name) &&
			    !g_hash_table_contains(v->session->kernel->vmlinux->by_name, sym->name))
				g_hash_table_insert(v->brought, (gpointer)sym->name, sym);
		}
	}
}

static bool prove_module(struct proving *v, const char *path, GPtrArray *pairs, GError **error)
{
	bool ok;
	guint i;

	v->view = kgr_module_reader_open(path, v->session->kernel, error);
	ok = v->view && compile_others(v, pairs, error);
	if (ok)
		find_brought(v, pairs);
	for (i = 0; ok && i < v->view->text->syms->len; i++)
		ok = prove_function(v, v->view->text->syms->pdata[i], pairs, error);
	if (ok && !v->functions)
		ok = kgr_fail(error, KGR_REFUSED, "%s: it replaces no function", path);
	return ok;
}

static bool prove(struct proving *v, const struct options *o, GError **error)
{
	g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(free_pair);
	bool ok;
	guint i;

	ok = compile(v, o, o->files + !o->nothing, pairs, error) &&
	     (o->nothing || prove_module(v, o->files[0], pairs, error));
	for (i = 0; ok && i < pairs->len; i++)
		ok = check_complete(v, pairs->pdata[i], error);
	return ok;
}

static void print_proved(const struct proving *v, const struct options *o)
{
	if (o->nothing)
		g_print("a normal build makes the same code, but for what is gone after init\n");
	else
		g_print("%s: %u functions, %u instructions, %u references, %u table entries: as a "
			"normal build makes them\n",
			o->files[0], v->functions, v->instructions, v->references, v->entries);
}

static int run(const struct options *o)
{
	struct proving v = { .session = kgr_session_new((guint)o->jobs),
			     .others = g_ptr_array_new_with_free_func(free_unit) };
	g_autoptr(GError) error = NULL;
	bool proved = prove(&v, o, &error);
	int code = 0;

	kgr_progress_step(&v.session->progress, NULL);
	if (proved)
		print_proved(&v, o);
	else
		code = kgr_error_print("kgr-prove", error);
	kgr_module_reader_close(v.view);
	g_clear_pointer(&v.brought, g_hash_table_unref);
	g_ptr_array_unref(v.others);
	g_clear_pointer(&v.units, g_ptr_array_unref);
	kgr_session_free(v.session);
	return code;
}

int main(int argc, char **argv)
{
	struct options opt = { 0 };
	g_autoptr(GError) error = NULL;
	int code = 0;

	setlocale(LC_ALL, "");
	(void)argc;
	if (!parse(argv, &opt, &error))
		code = kgr_error_print("kgr-prove", error);
	else if (opt.version)
		g_print("kgr-prove %s\n", KGR_VERSION);
	else
		code = run(&opt);
	g_free(opt.build);
	g_strfreev(opt.files);
	return code;
}
