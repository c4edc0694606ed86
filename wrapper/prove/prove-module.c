// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Proves a module by units that were compiled as the kernel's own build would.
 *
 * 1. The module may have more functions of a name than the units that the diffs touch: callers in other files. The units
 *    that have functions of such a name are compiled as well (more-units.h).
 * 2. Unit by unit, every function of the module is compared with those of its name: one has to be the same. And every
 *    function of the unit that is not what the kernel has must be in the module.
 *
 * If a.c's f() changed, which is notrace, and b.c calls it from g(): the module has f and g, a.c has only f, so the
 * records are asked which units have a g(). b.c is compiled, and proves g.
 *
 *    What changed has to be entered in the kernel function's place, and nobody else (redirections.h).
 *
 * 3. Of each unit, whose objects its functions use (state.h), and whether what is new and may be kept by the kernel is among
 *    what the module says of that (prove-escapes.h).
 *
 * 4. And whether the values that it writes to the kernel's data are those of a normal build (values.h).
 *
 * A unit's two objects are open while it is looked at, so that memory does not grow with the number of units.
 */
#include <string.h>

#include "dwarf/dwarf-types.h"
#include "elf/arch.h"
#include "elf/reloc.h"
#include "elf/special-sections.h"
#include "lib/error.h"
#include "elf/symbol-name.h"
#include "prove/module-reader.h"
#include "prove/more-units.h"
#include "prove/prove.h"
#include "prove/prove-escapes.h"
#include "prove/prove-module.h"
#include "prove/redirections.h"
#include "prove/state.h"
#include "prove/values.h"
#include "units/unit-image.h"

/* What is known of a function of the module. */
struct claim {
	struct kgr_sym *func;
	guint alike; /* functions of its name that the diffs' units have */
	const struct kgr_module_func *redirection; /* that leads to it; NULL: none does */
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
	struct kgr_image *image; /* what it was linked into */
	unsigned int file_idx; /* as which file of that */
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

/* Where the kernel has it, if that is known; what the diffs bring was linked into nothing. */
static void pair_locate(struct proving *v, struct pair *pair)
{
	pair->image = kgr_unit_image(v->session->kernel, pair->unit, NULL);
	pair->file_idx = KGR_NO_FILE;
	if (pair->image && pair->unit->old_source)
		kgr_image_file_idx(pair->image, pair->built, pair->unit->old_source,
				   &pair->file_idx, NULL);
}

typedef bool (*pair_fn)(struct proving *v, struct pair *pair, GError **error);

static bool for_each_pair(struct proving *v, const GPtrArray *units, pair_fn fn, GError **error)
{
	guint i;

	for (i = 0; i < units->len; i++) {
		g_auto(pair) pair = { 0 };

		if (!pair_open(&pair, units->pdata[i], error) || !fn(v, &pair, error))
			return false;
	}
	return true;
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
		g_hash_table_remove_all(p->uses);
		difference = kgr_cmp_function(&p->same, claim->func, other);
		claim->proved = !difference;
		if (!claim->why)
			claim->why = g_steal_pointer(&difference);
	}
}

static GHashTable *uses_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

/* What one more function uses. */
static void add_uses(GHashTable *all, GHashTable *uses)
{
	GHashTableIter it;
	gpointer sym, value;

	g_hash_table_iter_init(&it, uses);
	while (g_hash_table_iter_next(&it, &sym, &value)) {
		const struct kgr_state_use *use = value;
		struct kgr_state_use *sum = g_hash_table_lookup(all, sym);

		if (!sum) {
			g_hash_table_insert(all, sym, g_memdup2(use, sizeof(*use)));
			continue;
		}
		sum->own |= use->own;
		sum->exported |= use->exported;
		sum->kernels = sum->kernels ?: use->kernels;
	}
}

static void prove_claim(struct proving *v, struct claim *claim, const struct pair *pair,
			GHashTable *all)
{
	g_auto(kgr_proof) p = { 0 };
	g_autoptr(GHashTable) uses = uses_new();

	kgr_proof_init(&p, v->view->obj, pair->normal);
	p.uses = uses;
	compare_claim(v, claim, pair, &p);
	if (!claim->proved)
		return;
	add_uses(all, uses);
	v->out->functions++;
	v->out->instructions += p.same.instructions;
	v->out->references += p.same.references;
	v->out->entries += p.same.entries;
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

/* Is it the unit's own function that is redirected to this one? */
static bool is_instead_of_own(const struct pair *pair, const struct claim *claim)
{
	return claim->redirection && pair->image &&
	       kgr_redirection_is_of(claim->redirection, pair->image, pair->file_idx, pair->built);
}

/* May a unit prove this function? One that is redirected is of the unit whose own it is entered in place of, if it has one. */
static bool may_prove(const struct pair *pair, const struct claim *claim)
{
	if (!kgr_function_named(pair->normal, claim->func->name))
		return false;
	return !claim->redirection || !kgr_function_named(pair->built, claim->func->name) ||
	       is_instead_of_own(pair, claim);
}

/* Has the module what this unit has under the name? @entered gets whether the kernel's own leads to it, or cannot be hooked. */
static bool has_instead(const struct proving *v, const struct pair *pair,
			const struct kgr_sym *before, bool *entered)
{
	const struct kgr_arch *arch = pair->built->arch;
	bool any = false;
	guint i;

	*entered = !kgr_special_entry_of(kgr_special_find(arch, arch->fentry_list), pair->built,
					 before);
	for (i = 0; i < v->claims->len; i++) {
		const struct claim *claim = &g_array_index(v->claims, struct claim, i);
		bool own;

		if (!claim->proved || !kgr_name_same_but_numbers(claim->func->name, before->name))
			continue;
		/* Of parts, and of those whose callers are replaced, only the name tells. */
		own = is_instead_of_own(pair, claim);
		if (claim->redirection && !own)
			continue;
		*entered |= own;
		any = true;
	}
	return any;
}

/* The other way round: what a normal build compiles otherwise than the kernel's did has to be there, and entered. */
static void check_complete(struct proving *v, const struct pair *pair)
{
	g_auto(kgr_proof) p = { 0 };
	size_t n;

	kgr_proof_init(&p, pair->built, pair->normal);
	for (n = 0; !v->lacking && n < pair->normal->nsyms; n++) {
		struct kgr_sym *after = &pair->normal->syms[n], *before;
		g_autofree char *difference = NULL;
		bool entered;

		if (!kgr_sym_is_func(after) || kgr_sym_is_constructor(after) ||
		    kgr_sec_is_init(after->sec))
			continue;
		before = kgr_function_named(pair->built, after->name);
		/* A new one counts where it is called; so does one instead of what is gone after init, or was never linked. */
		if (!before || kgr_sec_is_init(before->sec) ||
		    (pair->image && kgr_image_overrides(pair->image, before)))
			continue;
		difference = kgr_cmp_function(&p.same, before, after);
		if (!difference)
			continue;
		entered = true;
		if (!v->view || !has_instead(v, pair, before, &entered))
			note_lacking(v, pair, after->name, difference);
		else if (!entered)
			kgr_fail(
				&v->lacking, KGR_REFUSED,
				"%s: it has %s of %s, which changed, and redirects no call to it; do not "
				"load it, and report it",
				v->view->obj->path, after->name, pair->unit->source);
	}
}

/* Which values the module writes to objects of a unit, and which of them the proved functions of it use. What DWARF cannot
 * say, kgr-build has refused. */
static bool judge_objects(struct proving *v, const struct pair *pair, GHashTable *uses,
			  GError **error)
{
	const char *missing;
	g_autoptr(GError) problem = NULL;
	g_autoptr(kgr_dwarf_types) built = kgr_dwarf_types_read(pair->built, &missing, &problem);
	g_autoptr(kgr_dwarf_types) normal = NULL;

	if (built)
		normal = kgr_dwarf_types_read(pair->normal, &missing, &problem);
	if (problem) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	if (!normal)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: its object has %s, so whose objects the module uses is not known; "
			"the kernel's debug information has to be whole and in its objects",
			pair->unit->source, missing);
	if (v->view)
		kgr_prove_values(v->view, v->out->state, pair->unit, pair->built, pair->normal);
	kgr_state_judge(v->out->state, pair->unit->source, pair->built, pair->normal, uses);
	return !v->view || kgr_prove_escapes(v->view, v->out->state, pair->unit, pair->built,
					     pair->normal, uses, error);
}

static bool prove_pair(struct proving *v, struct pair *pair, GError **error)
{
	g_autoptr(GHashTable) uses = uses_new();
	guint i;
	bool any = false;

	pair_locate(v, pair);
	for (i = 0; i < v->claims->len; i++) {
		struct claim *claim = &g_array_index(v->claims, struct claim, i);

		if (!claim->proved && may_prove(pair, claim))
			prove_claim(v, claim, pair, uses);
		any |= claim->proved;
	}
	check_complete(v, pair);
	if (v->view &&
	    (!kgr_prove_redirections(v->view, pair->unit, pair->built, pair->normal, error) ||
	     (pair->image && !pair->image->module &&
	      !kgr_prove_callbacks(v->view, pair->normal, error))))
		return false;
	any |= v->view && v->view->values->len;
	return !any || judge_objects(v, pair, uses, error);
}

/* Objects for all that only a normal build has; their file stays open, as they are compared with. */
static bool find_brought(struct proving *v, struct pair *pair, GError **error)
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
	(void)error;
	return true;
}

/* What has to be known of all units that the diffs touch before the first is proved by. */
static bool look_at(struct proving *v, struct pair *pair, GError **error)
{
	guint i;

	for (i = 0; i < v->claims->len; i++) {
		struct claim *claim = &g_array_index(v->claims, struct claim, i);

		claim->alike += kgr_count_functions(pair->normal, NULL, claim->func->name);
	}
	return find_brought(v, pair, error);
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

		if (claim->alike < kgr_count_functions(v->view->obj, v->view->text, name))
			g_ptr_array_add(names, (gpointer)name);
	}
	return !names->len || kgr_compile_more_units(v->session, v->units, names, v->others, error);
}

static bool read_module(struct proving *v, const char *path, GError **error)
{
	guint i;

	v->view = kgr_module_reader_open(path, v->session->kernel, error);
	if (!v->view)
		return false;
	for (i = 0; i < v->view->text->syms->len; i++) {
		struct kgr_sym *func = v->view->text->syms->pdata[i];
		const struct claim claim = {
			.func = func,
			.redirection = kgr_redirection_to(v->view, func),
		};

		g_array_append_val(v->claims, claim);
	}
	if (!kgr_prove_names(v->view, error))
		return false;
	return v->claims->len || v->view->values->len ||
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
	for (i = 0; v->view && i < v->view->values->len; i++) {
		const struct kgr_written *w =
			&g_array_index(v->view->values, struct kgr_written, i);

		if (!w->judged)
			return kgr_fail(error, KGR_REFUSED,
					"%s: it writes to %s, which no file of these diffs has; is "
					"it made of them? If so, do not load it, and report it",
					v->view->obj->path, w->name);
	}
	return true;
}

static bool state_proved(const struct proving *v, GError **error)
{
	guint i;

	for (i = 0; i < v->out->state->len; i++) {
		const struct kgr_state_row *row = v->out->state->pdata[i];

		if (!row->proved)
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: %s of %s: %s; is it made of these diffs? If so, do not load "
				"it, and report it",
				v->view->obj->path, row->object, row->unit, row->rule);
	}
	return true;
}

void kgr_proved_clear(struct kgr_proved *proved)
{
	g_clear_pointer(&proved->state, g_ptr_array_unref);
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

	*out = (struct kgr_proved){ .state = kgr_state_rows_new() };
	g_array_set_clear_func(v.claims, clear_claim);
	if (module &&
	    (!read_module(&v, module, error) || !for_each_pair(&v, units, look_at, error) ||
	     !compile_others(&v, error) || !for_each_pair(&v, v.others, find_brought, error)))
		return false;
	if (!for_each_pair(&v, units, prove_pair, error) ||
	    !for_each_pair(&v, v.others, prove_pair, error) || !all_proved(&v, error) ||
	    !state_proved(&v, error))
		return false;
	if (!v.lacking)
		return true;
	g_propagate_error(error, g_steal_pointer(&v.lacking));
	return false;
}
