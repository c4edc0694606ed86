// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Proves a module by units that were compiled as the kernel's own build would.
 *
 * 1. The module may have more functions of a name than the units that the diffs touch: callers in other files. The units
 *    that have functions of such a name are compiled as well.
 * 2. Unit by unit, every function of the module is compared with those of its name: one has to be the same. And every
 *    function of the unit that is not what the kernel has must be in the module.
 *
 * If a.c's f() changed, which is notrace, and b.c calls it from g(): the module has f and g, a.c has only f, so the
 * records are asked which units have a g(). b.c is compiled, and proves g.
 *
 * A unit's two objects are open while it is looked at, so that memory does not grow with the number of units.
 */
#include <string.h>

#include "lib/error.h"
#include "elf/symbol-name.h"
#include "prove/module-reader.h"
#include "prove/prove.h"
#include "prove/prove-module.h"
#include "units/find-units.h"
#include "units/replay.h"

/* What is known of a function of the module. */
struct claim {
	struct kgr_sym *func;
	guint alike; /* functions of its name that the diffs' units have */
	bool proved;
	char *why; /* how it differs from the first of its name; NULL: there was none */
};

static void clear_claim(gpointer data)
{
	g_free(((struct claim *)data)->why);
}

typedef struct proving proving;

struct proving {
	struct kgr_session *session;
	const GPtrArray *units; /* of struct kgr_unit, that the diffs touch */
	GPtrArray *others; /* the same, whose functions are in the module as they call what changed */
	struct kgr_module_reader *view;
	GArray *claims; /* of struct claim, all functions of the module */
	GHashTable *brought; /* as in struct kgr_proof */
	GPtrArray *bringing; /* of struct kgr_obj, those that have what is brought */
	GError *lacking; /* the first function that changed, and is not in the module */
	struct kgr_proved *out;
};

static void close_obj(gpointer obj)
{
	kgr_obj_close(obj);
}

static void proving_clear(struct proving *v)
{
	g_clear_pointer(&v->brought, g_hash_table_unref);
	g_clear_pointer(&v->bringing, g_ptr_array_unref);
	g_clear_pointer(&v->claims, g_array_unref);
	g_clear_pointer(&v->view, kgr_module_reader_close);
	g_clear_pointer(&v->others, g_ptr_array_unref);
	g_clear_error(&v->lacking);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(proving, proving_clear)

/* One unit: the object of the kernel's build, and the one of a build of the patched source. */
typedef struct pair pair;

struct pair {
	const struct kgr_unit *unit;
	struct kgr_obj *built, *normal;
};

static void pair_clear(struct pair *pair)
{
	g_clear_pointer(&pair->built, kgr_obj_close);
	g_clear_pointer(&pair->normal, kgr_obj_close);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(pair, pair_clear)

static bool pair_open(struct pair *pair, const struct kgr_unit *unit, GError **error)
{
	*pair = (struct pair){ .unit = unit };
	pair->built = kgr_obj_open(unit->built_objtool ?: unit->built, error);
	pair->normal = pair->built ? kgr_obj_open(unit->normal, error) : NULL;
	return pair->normal;
}

typedef void (*pair_fn)(struct proving *v, struct pair *pair);

static bool for_each_pair(struct proving *v, const GPtrArray *units, pair_fn fn, GError **error)
{
	guint i;

	for (i = 0; i < units->len; i++) {
		g_auto(pair) pair = { 0 };

		if (!pair_open(&pair, units->pdata[i], error))
			return false;
		fn(v, &pair);
	}
	return true;
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

/* A function of the module against every function of the unit that could be meant: one has to be the same. */
static void compare_claim(const struct proving *v, struct claim *claim, const struct pair *pair,
			  struct kgr_proof *p)
{
	size_t n;

	p->outside = v->view->outside;
	p->source = pair->unit->old_source;
	p->built = pair->built;
	p->brought = v->brought;
	for (n = 0; n < pair->normal->nsyms && !claim->proved; n++) {
		struct kgr_sym *other = &pair->normal->syms[n];
		g_autofree char *difference = NULL;

		if (!kgr_sym_is_func(other) ||
		    !kgr_name_same_but_numbers(other->name, claim->func->name))
			continue;
		difference = kgr_cmp_function(&p->same, claim->func, other);
		claim->proved = !difference;
		if (!claim->why)
			claim->why = g_steal_pointer(&difference);
	}
}

static void prove_claim(struct proving *v, struct claim *claim, const struct pair *pair)
{
	g_auto(kgr_proof) p = { 0 };

	kgr_proof_init(&p, v->view->obj, pair->normal);
	compare_claim(v, claim, pair, &p);
	if (!claim->proved)
		return;
	v->out->functions++;
	v->out->instructions += p.same.instructions;
	v->out->references += p.same.references;
	v->out->entries += p.same.entries;
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

/* Only the first is said. */
static void note_lacking(struct proving *v, const struct pair *pair, const char *name,
			 const char *difference)
{
	if (v->view)
		kgr_fail(&v->lacking, KGR_REFUSED,
			 "%s: it lacks %s of %s, which changed: %s; make the module again of these "
			 "diffs",
			 v->view->obj->path, name, pair->unit->source, difference);
	else
		kgr_fail(&v->lacking, KGR_REFUSED,
			 "there is %s of %s, which changed: %s; make a module of these diffs", name,
			 pair->unit->source, difference);
}

/* The other way round: what a normal build compiles otherwise than the kernel's did has to be there. */
static void check_complete(struct proving *v, const struct pair *pair)
{
	g_auto(kgr_proof) p = { 0 };
	size_t n;

	kgr_proof_init(&p, pair->built, pair->normal);
	for (n = 0; !v->lacking && n < pair->normal->nsyms; n++) {
		struct kgr_sym *after = &pair->normal->syms[n], *before;
		g_autofree char *difference = NULL;

		if (!kgr_sym_is_func(after) || kgr_sym_is_constructor(after) ||
		    kgr_sec_is_init(after->sec))
			continue;
		before = function_named(pair->built, after->name);
		/* A new one counts where it is called. */
		difference = before ? kgr_cmp_function(&p.same, before, after) : NULL;
		if (difference && !is_in_module(v, after->name))
			note_lacking(v, pair, after->name, difference);
	}
}

static void prove_pair(struct proving *v, struct pair *pair)
{
	guint i;

	for (i = 0; i < v->claims->len; i++) {
		struct claim *claim = &g_array_index(v->claims, struct claim, i);

		if (!claim->proved && function_named(pair->normal, claim->func->name))
			prove_claim(v, claim, pair);
	}
	check_complete(v, pair);
}

/* A line "F NAME ..." of a record against names. */
static bool is_fact_of(const char *fact, const GPtrArray *names)
{
	g_autofree char *name = NULL;
	guint i;

	if (!g_str_has_prefix(fact, "F\t"))
		return false;
	name = g_strndup(fact + 2, strcspn(fact + 2, "\t"));
	for (i = 0; i < names->len; i++) {
		if (kgr_name_same_but_numbers(name, names->pdata[i]))
			return true;
	}
	return false;
}

/* Has a recorded unit a function of one of these names? */
static bool has_function(const char *path, const GPtrArray *names, bool *has, GError **error)
{
	g_autoptr(kgr_record) record = kgr_record_read(path, error);
	guint f;

	*has = false;
	for (f = 0; record && !*has && f < record->facts->len; f++)
		*has = is_fact_of(record->facts->pdata[f], names);
	return record;
}

/* The units that have functions of these names. */
static bool find_units_with(struct proving *v, const GPtrArray *names, GError **error)
{
	const struct kgr_build_index *index = kgr_session_index(v->session);
	struct kgr_kernel *kernel = v->session->kernel;
	guint i;

	if (!kgr_session_all_recorded(v->session, error))
		return false;
	for (i = 0; i < index->records->len; i++) {
		const char *path = index->records->pdata[i];
		bool has;

		if (kgr_is_outside_image(kernel, path) || kgr_has_unit(v->units, path))
			continue;
		if (!has_function(path, names, &has, error))
			return false;
		if (has && !kgr_add_unit(v->others, kernel, path, NULL, error))
			return false;
	}
	return true;
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

/* Objects for all that only a normal build has; their file stays open, as they are compared with. */
static void find_brought(struct proving *v, struct pair *pair)
{
	bool brings = false;
	size_t n;

	for (n = 0; n < pair->normal->nsyms; n++) {
		struct kgr_sym *sym = &pair->normal->syms[n];

		if (!kgr_sym_is_object(sym) || sym->bind == STB_LOCAL ||
		    kgr_obj_defined(pair->built, sym->name) ||
		    g_hash_table_contains(v->session->kernel->vmlinux->by_name, sym->name))
			continue;
		g_hash_table_insert(v->brought, (gpointer)sym->name, sym);
		brings = true;
	}
	if (brings)
		g_ptr_array_add(v->bringing, g_steal_pointer(&pair->normal));
}

/* What has to be known of all units that the diffs touch before the first is proved by. */
static void look_at(struct proving *v, struct pair *pair)
{
	guint i;

	for (i = 0; i < v->claims->len; i++) {
		struct claim *claim = &g_array_index(v->claims, struct claim, i);

		claim->alike += functions_called(pair->normal, NULL, claim->func->name);
	}
	find_brought(v, pair);
}

/*
 * Callers of a function that ftrace cannot hook may be of files that no diff touches: the module has more
 * functions of a name than the units that are known.
 */
static bool compile_others(struct proving *v, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	guint i;

	for (i = 0; i < v->claims->len; i++) {
		const struct claim *claim = &g_array_index(v->claims, struct claim, i);
		const char *name = claim->func->name;

		if (claim->alike < functions_called(v->view->obj, v->view->text, name))
			g_ptr_array_add(names, (gpointer)name);
	}
	return !names->len || (find_units_with(v, names, error) &&
			       kgr_compile_normally(v->session, v->others, error));
}

static bool read_module(struct proving *v, const char *path, GError **error)
{
	guint i;

	v->view = kgr_module_reader_open(path, v->session->kernel, error);
	if (!v->view)
		return false;
	for (i = 0; i < v->view->text->syms->len; i++) {
		const struct claim claim = { .func = v->view->text->syms->pdata[i] };

		g_array_append_val(v->claims, claim);
	}
	return v->claims->len ||
	       kgr_fail(error, KGR_REFUSED,
			"%s: it replaces no function; is it a module of kgr-build?", path);
}

static bool all_proved(const struct proving *v, GError **error)
{
	guint i;

	for (i = 0; i < v->claims->len; i++) {
		const struct claim *claim = &g_array_index(v->claims, struct claim, i);

		if (claim->proved)
			continue;
		return kgr_fail(error, KGR_REFUSED,
				"%s: %s: %s; is it made of these diffs? If so, do not load it, and "
				"report it",
				v->view->obj->path, claim->func->name,
				claim->why ?: "a function that a normal build does not make");
	}
	return true;
}

bool kgr_prove_module(struct kgr_session *session, const GPtrArray *units, const char *module,
		      struct kgr_proved *out, GError **error)
{
	g_auto(proving) v = {
		.session = session,
		.units = units,
		.others = kgr_units_new(),
		.claims = g_array_new(FALSE, FALSE, sizeof(struct claim)),
		.brought = g_hash_table_new(g_str_hash, g_str_equal),
		.bringing = g_ptr_array_new_with_free_func(close_obj),
		.out = out,
	};

	*out = (struct kgr_proved){ 0 };
	g_array_set_clear_func(v.claims, clear_claim);
	if (module &&
	    (!read_module(&v, module, error) || !for_each_pair(&v, units, look_at, error) ||
	     !compile_others(&v, error) || !for_each_pair(&v, v.others, find_brought, error)))
		return false;
	if (!for_each_pair(&v, units, prove_pair, error) ||
	    !for_each_pair(&v, v.others, prove_pair, error) || !all_proved(&v, error))
		return false;
	if (!v.lacking)
		return true;
	g_propagate_error(error, g_steal_pointer(&v.lacking));
	return false;
}
