// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks of each object that a module's functions use whether it is the one that the source means: the kernel's, with all
 * that has happened to it since it booted, or one that begins afresh. Of
 *
 *	net_get_random_once(&salt, ...);	new in the diff; declares a ___done of its own
 *	net_get_random_once(&secret, ...);	declares another ___done
 *
 * the normal build has two ___done, and the kernel one, whose block refers to secret, too. So the
 * one beside secret has to be the kernel's, and the other one, as salt is new, the patch's own.
 *
 * Nothing of what kgr-build pairs objects by is used here (compare/, select/): an object is known by its name in the
 * source and the function that declares it, and of several by the names of what its block refers to. What is shared is
 * how DWARF is read. The rules only have to tell right from wrong; how to choose is the builder's work.
 */
#include <string.h>

#include "elf/reloc.h"
#include "elf/symbol-name.h"
#include "kernel/linked-image.h"
#include "prove/state.h"

static void row_free(gpointer data)
{
	struct kgr_state_row *row = data;

	g_free(row->unit);
	g_free(row->object);
	g_free(row->place);
	g_free(row->kind);
	g_free(row->kernel);
	g_free(row->rule);
	g_free(row);
}

GPtrArray *kgr_state_rows_new(void)
{
	return g_ptr_array_new_with_free_func(row_free);
}

void kgr_state_row_add(GPtrArray *rows, const struct kgr_state_row *row)
{
	g_ptr_array_add(rows, g_memdup2(row, sizeof(*row)));
}

bool kgr_state_is_object(const struct kgr_sym *sym)
{
	return kgr_sym_is_object(sym) && sym->size && sym->sec->sh.sh_flags & SHF_WRITE &&
	       !sym->sec->special && !kgr_sym_is_constant(sym);
}

/* By the source's name, or the symbol's, should DWARF not know it. */
static bool is_named_as(const struct kgr_sym *a, const struct kgr_sym *b)
{
	return a->source_name && b->source_name ? !strcmp(a->source_name, b->source_name) :
						  kgr_name_same_but_numbers(a->name, b->name);
}

static const char *name_of(const struct kgr_sym *sym)
{
	return sym->source_name ?: sym->name;
}

/* Of WARN_ONCE(), dev_warn_once() and the like: whether a message has been. */
static const char *const message_guards[] = { "__already_done", "__print_once", "__warned", NULL };

static const char *kind_of(const struct kgr_sym *sym)
{
	static const struct {
		const char *in_type, *kind;
	} kinds[] = {
		{ "lock_class_key", "lock class" },
		{ "static_key", "static key" },
		{ "lock", "lock" },
		{ "mutex", "lock" },
		{ "semaphore", "lock" },
		{ "wait_queue_head", "lock" },
		{ "completion", "lock" },
		{ "srcu_struct", "lock" },
	};
	static const char *const guards[] = { "___done", "___once_key", NULL };
	const char *type = sym->type_name ?: "";
	size_t i;

	if (sym->scope && (g_strv_contains(guards, name_of(sym)) ||
			   g_strv_contains(message_guards, name_of(sym)) || !strcmp(type, "bool") ||
			   !strcmp(type, "_Bool")))
		return "guard";
	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strstr(type, kinds[i].in_type) && !strchr(type, '*'))
			return kinds[i].kind;
	}
	return "object";
}

static bool is_kind(const struct kgr_sym *sym, const char *kind)
{
	return !strcmp(kind_of(sym), kind);
}

/*
 * Those of @obj that are named as @sym and declared in the function @place, or NULL: in none; what
 * is gone after boot is none.
 */
static GPtrArray *in_place(const struct kgr_obj *obj, const struct kgr_sym *sym, const char *place)
{
	GPtrArray *out = g_ptr_array_new();
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_state_is_object(&obj->syms[i]) && is_named_as(&obj->syms[i], sym) &&
		    !kgr_sec_is_init(obj->syms[i].sec) && !g_strcmp0(obj->syms[i].scope, place))
			g_ptr_array_add(out, &obj->syms[i]);
	}
	return out;
}

static guint count_in_place(const struct kgr_obj *obj, const struct kgr_sym *sym, const char *place)
{
	g_autoptr(GPtrArray) found = in_place(obj, sym, place);

	return found->len;
}

/* What blocks refer to. */

typedef void (*target_fn)(const struct kgr_sym *sym, const struct kgr_target *t, void *data);

/* @block: that of @sym, or the one around it. Other objects of its own are there for what it does, as this one is. */
static void for_each_target(const struct kgr_sym *sym, const GArray *block, target_fn fn,
			    void *data)
{
	guint i;
	size_t count, r;

	for (i = 0; block && i < block->len; i++) {
		const struct kgr_code_range *code = &g_array_index(block, struct kgr_code_range, i);
		const struct kgr_rel *rels =
			kgr_sec_rels(code->sec, code->start, code->end, &count);

		for (r = 0; r < count; r++) {
			struct kgr_target t;

			kgr_target(&rels[r], kgr_rel_usual_bias(&rels[r]), &t);
			if (kgr_target_is_jump(&t))
				continue;
			if (t.kind == KGR_TARGET_SYMBOL &&
			    (t.sym->block == sym->block ? t.sym->block != NULL :
							  t.sym->sec && is_kind(t.sym, "guard")))
				continue;
			fn(sym, &t, data);
		}
	}
}

static void add_literal(const struct kgr_sym *sym, const struct kgr_target *t, void *data)
{
	(void)sym;
	if (t->kind == KGR_TARGET_STRING && t->sec->data && t->pos < t->sec->sh.sh_size)
		g_hash_table_add(data, g_strndup((const char *)t->sec->data + t->pos,
						 strnlen((const char *)t->sec->data + t->pos,
							 t->sec->sh.sh_size - t->pos)));
}

static void add_name(const struct kgr_sym *sym, const struct kgr_target *t, void *data)
{
	if (t->kind == KGR_TARGET_SYMBOL)
		g_hash_table_add(data, kgr_name_without_numbers(name_of(t->sym)));
	else
		add_literal(sym, t, data);
}

static GHashTable *in_block(const struct kgr_sym *sym, target_fn add)
{
	GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for_each_target(sym, sym->around, add, texts);
	return texts;
}

/* Of WARN_ONCE() and the like: is it known what is said once? */
static bool is_known_message(const struct kgr_sym *sym)
{
	g_autoptr(GHashTable) literals = in_block(sym, add_literal);

	return g_strv_contains(message_guards, name_of(sym)) && g_hash_table_size(literals);
}

static bool are_other_messages(const struct kgr_sym *a, const struct kgr_sym *b)
{
	g_autoptr(GHashTable) x = in_block(a, add_literal), y = in_block(b, add_literal);
	GHashTableIter it;
	gpointer literal;

	if (!is_known_message(a) || !is_known_message(b))
		return false;
	g_hash_table_iter_init(&it, x);
	while (g_hash_table_iter_next(&it, &literal, NULL)) {
		if (g_hash_table_contains(y, literal))
			return false;
	}
	return true;
}

static bool refer_to_the_same(const struct kgr_sym *a, const struct kgr_sym *b)
{
	g_autoptr(GHashTable) x = in_block(a, add_name), y = in_block(b, add_name);
	GHashTableIter it;
	gpointer name;

	if (!g_hash_table_size(x) || g_hash_table_size(x) != g_hash_table_size(y))
		return false;
	g_hash_table_iter_init(&it, x);
	while (g_hash_table_iter_next(&it, &name, NULL)) {
		if (!g_hash_table_contains(y, name))
			return false;
	}
	return true;
}

static void add_object(const struct kgr_sym *sym, const struct kgr_target *t, void *data)
{
	(void)sym;
	if (t->kind == KGR_TARGET_SYMBOL && t->sym->sec && kgr_state_is_object(t->sym) &&
	    !g_ptr_array_find(data, t->sym, NULL))
		g_ptr_array_add(data, t->sym);
}

struct judging {
	GPtrArray *rows;
	const char *unit;
	const struct kgr_obj *built, *normal;
	GHashTable *uses;
};

static bool is_own(const struct judging *j, const struct kgr_sym *sym)
{
	const struct kgr_state_use *use = g_hash_table_lookup(j->uses, sym);

	return use && use->own;
}

/* The objects in a guard's block: all, and how many of them are the patch's own. */
static GPtrArray *guarded_by(const struct judging *j, const struct kgr_sym *guard, guint *own)
{
	GPtrArray *objects = g_ptr_array_new();
	guint i;

	*own = 0;
	for_each_target(guard, guard->block, add_object, objects);
	for (i = 0; i < objects->len; i++)
		*own += is_own(j, objects->pdata[i]);
	return objects;
}

/* Has an object of the kernel no more its place in the source? */
static bool has_gone(const struct judging *j, const struct kgr_sym *old)
{
	return count_in_place(j->normal, old, old->scope) <
	       count_in_place(j->built, old, old->scope);
}

typedef bool (*old_fn)(const struct kgr_sym *old, const struct kgr_sym *sym);

/* An object of the kernel that has gone from its place, and of which @fn says yes, or NULL. */
static const struct kgr_sym *gone_like(const struct judging *j, const struct kgr_sym *sym,
				       old_fn fn)
{
	size_t i;

	for (i = 0; i < j->built->nsyms; i++) {
		const struct kgr_sym *old = &j->built->syms[i];

		if (kgr_state_is_object(old) && fn(old, sym) && has_gone(j, old))
			return old;
	}
	return NULL;
}

static bool both_locks(const struct kgr_sym *old, const struct kgr_sym *sym)
{
	return is_kind(old, "lock") && is_kind(sym, "lock");
}

static bool one_type(const struct kgr_sym *old, const struct kgr_sym *sym)
{
	return old->type_name && old->size == sym->size &&
	       !g_strcmp0(old->type_name, sym->type_name);
}

/* Names of macros say nothing: only that their blocks refer to the same does. */
static bool one_state(const struct kgr_sym *old, const struct kgr_sym *sym)
{
	return one_type(old, sym) && is_named_as(old, sym) &&
	       (*name_of(sym) != '_' || refer_to_the_same(old, sym));
}

static char *place_words(const struct kgr_sym *sym)
{
	return sym->scope ? g_strdup_printf("%s, static in %s()", sym->name, sym->scope) :
			    g_strdup(sym->name);
}

/* The kernel's own: which object of the unit's is at that address? What has no byte shares it with what comes next. */
static const struct kgr_sym *built_object(const struct judging *j, const GSList *kernels)
{
	size_t i;

	for (; kernels; kernels = kernels->next) {
		const struct kgr_ksym *k = kernels->data;

		for (i = 0; i < j->built->nsyms; i++) {
			if (kgr_state_is_object(&j->built->syms[i]) &&
			    !strcmp(j->built->syms[i].name, k->name))
				return &j->built->syms[i];
		}
	}
	return NULL;
}

/* A guard says of all in its block that it is done. In a whole function, what is new may be beside. */
static char *guard_of_new(const struct judging *j, const struct kgr_sym *sym)
{
	g_autoptr(GPtrArray) objects = NULL;
	guint own, i;

	if (!is_kind(sym, "guard"))
		return NULL;
	objects = guarded_by(j, sym, &own);
	if (!own || (!sym->in_inner_block && own < objects->len))
		return NULL;
	for (i = 0; !is_own(j, objects->pdata[i]);)
		i++;
	return g_strdup_printf("it says that %s is done, which is new", name_of(objects->pdata[i]));
}

/* One of several in a function: the one whose block refers to the same; NULL if there is no such one. */
static char *judge_several(const struct judging *j, const struct kgr_sym *sym,
			   const struct kgr_sym *old, bool *proved)
{
	g_autoptr(GPtrArray) others = in_place(j->built, sym, sym->scope);
	guint i;

	if (refer_to_the_same(old, sym))
		return g_strdup("of several, its block refers to the same");
	for (i = 0; i < others->len; i++) {
		const struct kgr_sym *other = others->pdata[i];

		if (other != old && refer_to_the_same(other, sym)) {
			*proved = false;
			return g_strdup_printf("the block of the kernel's %s refers to the same",
					       other->name);
		}
	}
	return NULL;
}

static char *judge_moved(const struct judging *j, const struct kgr_sym *sym,
			 const struct kgr_sym *old, bool *proved)
{
	g_autofree char *words = place_words(old);

	*proved = one_type(old, sym) && has_gone(j, old) &&
		  count_in_place(j->built, sym, sym->scope) <
			  count_in_place(j->normal, sym, sym->scope);
	return g_strdup_printf(*proved ? "it was %s, which has gone from there" :
					 "%s is another state, or has not gone from there",
			       words);
}

static char *judge_kernels(const struct judging *j, const struct kgr_sym *sym,
			   const struct kgr_sym *old, bool *proved)
{
	char *why = guard_of_new(j, sym);
	bool several;

	*proved = !why;
	if (why)
		return why;
	if (!old) {
		*proved = sym->bind != STB_LOCAL;
		return g_strdup(*proved ? "global: there is one of that name" :
					  "the kernel's is not of this file");
	}
	if (!kgr_sec_stands_for(old->sec, sym->sec)) {
		*proved = false;
		return g_strdup_printf("it is in %s, and a normal build has one in %s",
				       old->sec->name, sym->sec->name);
	}
	if (!is_named_as(old, sym) || g_strcmp0(old->scope, sym->scope))
		return judge_moved(j, sym, old, proved);
	several = sym->scope && (count_in_place(j->built, sym, sym->scope) > 1 ||
				 count_in_place(j->normal, sym, sym->scope) > 1);
	why = several ? judge_several(j, sym, old, proved) : NULL;
	if (why)
		return why;
	if (are_other_messages(old, sym)) {
		*proved = false;
		return g_strdup_printf("the kernel's %s is of another message", old->name);
	}
	if (several)
		return g_strdup("of several, none fits better");
	if (g_strcmp0(old->type_name, sym->type_name) != 0)
		return g_strdup_printf("of that name and place; its bytes are still those of %s",
				       old->type_name ?: "another type");
	return g_strdup("of that name and place");
}

/* How many of its name and place are the patch's own? */
static guint count_own(const struct judging *j, const struct kgr_sym *sym)
{
	g_autoptr(GPtrArray) group = in_place(j->normal, sym, sym->scope);
	guint i, own = 0;

	for (i = 0; i < group->len; i++)
		own += is_own(j, group->pdata[i]);
	return own;
}

/* Is one of the kernel's lost: were there more of its name and place than are still used? */
static bool is_lost(const struct judging *j, const struct kgr_sym *sym)
{
	return count_own(j, sym) + count_in_place(j->built, sym, sym->scope) >
	       count_in_place(j->normal, sym, sym->scope);
}

/* A guard of the kernel's that says of the same that it is done, and that no other object stands for; or NULL. */
static const struct kgr_sym *guard_left(const struct judging *j, const struct kgr_sym *sym)
{
	g_autoptr(GPtrArray) group = in_place(j->built, sym, sym->scope);
	guint i;

	for (i = 0; i < group->len; i++) {
		if (refer_to_the_same(group->pdata[i], sym))
			return group->pdata[i];
	}
	return gone_like(j, sym, one_state);
}

static char *judge_own_guard(const struct judging *j, const struct kgr_sym *sym, bool *proved)
{
	guint own;
	g_autoptr(GPtrArray) objects = guarded_by(j, sym, &own);
	const struct kgr_sym *left;
	g_autofree char *words = NULL;

	*proved = true;
	if (own && own == objects->len)
		return g_strdup("new, as is what it guards");
	left = guard_left(j, sym);
	*proved = !left && (is_known_message(sym) || !is_lost(j, sym));
	if (left)
		return g_strdup_printf(
			"the kernel's %s says that it is done: it would be done once more",
			left->name);
	if (!*proved)
		return g_strdup("a copy of what the kernel has");
	left = *name_of(sym) == '_' ? NULL : gone_like(j, sym, one_type);
	if (!left)
		return g_strdup("a new guard; none of the kernel's says the same");
	words = place_words(left);
	return g_strdup_printf("a new guard; %s, of the same type, has gone", words);
}

/* pr_warn_ratelimited() and the like: how often a message has been. */
static bool is_rate_of_message(const struct kgr_sym *sym)
{
	return sym->scope && *name_of(sym) == '_' &&
	       !g_strcmp0(sym->type_name, "struct ratelimit_state");
}

static char *judge_own_rate(const struct judging *j, const struct kgr_sym *sym, bool *proved)
{
	size_t i;

	for (i = 0; i < j->built->nsyms; i++) {
		const struct kgr_sym *old = &j->built->syms[i];

		*proved = !(kgr_state_is_object(old) && one_state(old, sym));
		if (!*proved)
			return g_strdup("a copy of what the kernel has");
	}
	*proved = true;
	return g_strdup("new: the kernel has none of that message");
}

static char *judge_own(const struct judging *j, const struct kgr_sym *sym, bool *proved)
{
	const struct kgr_sym *old;
	g_autofree char *words = NULL;

	if (is_kind(sym, "guard"))
		return judge_own_guard(j, sym, proved);
	if (is_rate_of_message(sym))
		return judge_own_rate(j, sym, proved);
	*proved = false;
	if (is_lost(j, sym))
		return g_strdup("a copy of what the kernel has");
	old = gone_like(j, sym, one_state);
	if (!old && is_kind(sym, "lock"))
		old = gone_like(j, sym, both_locks);
	*proved = !old;
	if (!old)
		old = gone_like(j, sym, one_type);
	if (!old)
		return g_strdup("new: the kernel has none of that name and type");
	words = place_words(old);
	return g_strdup_printf(*proved ? "new; %s, of the same type, has gone" :
					 "it has to be the kernel's %s",
			       words);
}

static void judge(const struct judging *j, const struct kgr_sym *sym,
		  const struct kgr_state_use *use)
{
	const struct kgr_sym *old = built_object(j, use->kernels);
	struct kgr_state_row row = {
		.unit = g_strdup(j->unit),
		.object = g_strdup(name_of(sym)),
		.place = g_strdup(sym->scope),
		.kind = g_strdup(kind_of(sym)),
	};

	if (use->exported)
		old = kgr_obj_defined(j->built, sym->name);
	if (use->exported || use->kernels)
		row.kernel = g_strdup(old ? old->name : sym->name);
	if (use->own && row.kernel)
		row.rule = g_strdup("some functions use the kernel's, others the patch's own");
	else
		row.rule = use->own ? judge_own(j, sym, &row.proved) :
				      judge_kernels(j, sym, old, &row.proved);
	kgr_state_row_add(j->rows, &row);
}

void kgr_state_judge(GPtrArray *rows, const char *unit, const struct kgr_obj *built,
		     const struct kgr_obj *normal, GHashTable *uses)
{
	const struct judging j = { rows, unit, built, normal, uses };
	size_t i;

	for (i = 0; i < normal->nsyms; i++) {
		const struct kgr_state_use *use = g_hash_table_lookup(uses, &normal->syms[i]);

		if (use)
			judge(&j, &normal->syms[i], use);
	}
}
