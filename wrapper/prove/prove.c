// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Decides when a reference of a module's function is that of a normal build's function. Both are
 * compared as instructions (compare/cmp-code.c), but no pairing is trusted: symbols are known by
 * name. Of
 *
 *	static int limit;			the kernel's
 *	int f(void) { return limit + g(); }
 *
 * the module's f must refer to what vmlinux, or the module of the kernel, calls limit, at the address that the runtime
 * will find (module-reader.c), and in the file of the unit, as limit is static; or, if the diff brings limit, to the
 * module's own, with the same content. A copy of a limit that the kernel has is no proof.
 */
#include <string.h>

#include "kernel/linked-image.h"
#include "elf/symbol-name.h"
#include "prove/prove.h"
#include "prove/state.h"

struct kgr_sym *kgr_function_named(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_func(&obj->syms[i]) &&
		    kgr_name_same_but_numbers(obj->syms[i].name, name))
			return &obj->syms[i];
	}
	return NULL;
}

/* A static local has a number behind its name, and none when it has left its function. */
static bool is_name_of(const char *name, bool object, const struct kgr_sym *sym)
{
	size_t length = kgr_name_source_length(sym->name);

	return kgr_name_same_but_numbers(name, sym->name) ||
	       (object && kgr_name_source_length(name) == length &&
		!strncmp(name, sym->name, length));
}

bool kgr_proof_is_called(const struct kgr_proof *p, const GSList *called, const struct kgr_sym *sym)
{
	g_autofree char *file = p->source ? g_path_get_basename(p->source) : NULL;
	bool local = sym->sec && sym->bind == STB_LOCAL;

	for (; called; called = called->next) {
		const struct kgr_ksym *k = called->data;

		if (!is_name_of(k->name, k->type == STT_OBJECT, sym))
			continue;
		if (local ? k->bind == STB_LOCAL && file && k->file < k->image->files->len &&
				    !strcmp(k->image->files->pdata[k->file], file) :
			    k->bind != STB_LOCAL)
			return true;
	}
	return false;
}

static bool is_constant_called(const struct kgr_sym *sym, const char *name)
{
	return kgr_sym_is_object(sym) && !(sym->sec->sh.sh_flags & SHF_WRITE) &&
	       !strcmp(sym->name, name);
}

static bool has_other_content(struct kgr_proof *before, const struct kgr_sym *sym,
			      const struct kgr_sym *old)
{
	g_autofree char *difference = NULL;

	if (old->size != sym->size)
		return true;
	difference = kgr_cmp_region(&before->same, sym->sec, sym->value, old->sec, old->value,
				    old->size, 0);
	return difference;
}

/* Has the kernel's constant of this name another content? */
static bool is_changed_constant(const struct kgr_proof *p, const struct kgr_sym *sym)
{
	g_auto(kgr_proof) before = { 0 };
	size_t i;

	kgr_proof_init(&before, p->same.b.obj, p->built);
	for (i = 0; is_constant_called(sym, sym->name) && i < p->built->nsyms; i++) {
		const struct kgr_sym *old = &p->built->syms[i];

		if (is_constant_called(old, sym->name) && !kgr_sec_is_init(old->sec) &&
		    has_other_content(&before, sym, old))
			return true;
	}
	return false;
}

static guint count_objects(const struct kgr_obj *obj, const char *name)
{
	guint count = 0;
	size_t i;

	for (i = 0; i < obj->nsyms; i++)
		count += kgr_sym_is_object(&obj->syms[i]) && !kgr_sec_is_init(obj->syms[i].sec) &&
			 kgr_name_same_but_numbers(obj->syms[i].name, name);
	return count;
}

/* Objects without a byte, as __key without lockdep, share their place with what comes next. */
static bool has_name_at(const struct kgr_ref *ref, const char *name)
{
	guint i;

	for (i = 0; ref->sec && i < ref->sec->syms->len; i++) {
		const struct kgr_sym *sym = ref->sec->syms->pdata[i];

		if (sym->value == ref->pos && kgr_name_same_but_numbers(sym->name, name))
			return true;
	}
	return false;
}

/*
 * The normal build has many objects in a section: a place beyond the end of one is beside the start of
 * another there, while the patch's object knows which it belongs to.
 */
static bool is_beyond(const struct kgr_ref *a, const struct kgr_ref *b)
{
	guint i;

	for (i = 0; a->sym && b->sec && i < b->sec->syms->len; i++) {
		const struct kgr_sym *sym = b->sec->syms->pdata[i];

		if (kgr_name_same_but_numbers(a->sym->name, sym->name) &&
		    sym->value + (uint64_t)a->offset == b->pos)
			return true;
	}
	return false;
}

static char *same_object(struct kgr_cmp *s, const struct kgr_sym *a, const struct kgr_sym *b,
			 int depth)
{
	if (depth > 2)
		return NULL;
	return a->size == b->size ?
		       kgr_cmp_region(s, a->sec, a->value, b->sec, b->value, b->size, depth + 1) :
		       g_strdup_printf("%s has another size", b->name);
}

static char *compare_symbol(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			    int depth)
{
	const struct kgr_proof *p = (const struct kgr_proof *)s;
	const GSList *called = p->outside ? g_hash_table_lookup(p->outside, a->sym) : NULL;
	const struct kgr_sym *brought;

	if (!b->sym)
		return is_beyond(a, b) ? NULL : kgr_cmp_other_ref(s, a, b);
	if (called ? !kgr_proof_is_called(p, called, b->sym) :
		     !is_name_of(a->sym->name, kgr_sym_is_object(a->sym), b->sym)) {
		if ((!a->sym->size && has_name_at(b, a->sym->name)) ||
		    (a->offset && is_beyond(a, b)))
			return NULL;
		return kgr_cmp_other_ref(s, a, b);
	}
	if (kgr_sym_is_func(a->sym) && kgr_sym_is_func(b->sym)) {
		if (kgr_cmp_place(s, a, b))
			return NULL;
		return s->error ? kgr_cmp_undecided(s) : kgr_cmp_other_ref(s, a, b);
	}
	if (a->offset != b->offset)
		return kgr_cmp_other_ref(s, a, b);
	if (!a->sym->sec || !p->built)
		return NULL;
	/* Another file's there. The module's functions are proved one by one, whichever file they are of. */
	if (!b->sym->sec && kgr_sym_is_func(a->sym))
		return NULL;
	brought = p->brought ? g_hash_table_lookup(p->brought, b->sym->name) : NULL;
	if (brought && (!b->sym->sec || b->sym == brought))
		return same_object(s, a->sym, brought, depth);
	/*
	 * It is in the module, so there must be more of that name than the kernel has; but for a
	 * table that the fix changes, and that only functions read. Of what can be written the unit as a whole
	 * says that (state.h).
	 */
	if (!kgr_state_is_object(b->sym) &&
	    count_objects(s->b.obj, b->sym->name) <= count_objects(p->built, b->sym->name) &&
	    !is_changed_constant(p, b->sym))
		return g_strdup_printf("%s is the module's own copy of what the kernel has",
				       b->sym->name);
	return b->sym->sec ? same_object(s, a->sym, b->sym, depth) : NULL;
}

/* Another object's place may be named as this one's end: then it is not used. */
static void note_use(const struct kgr_proof *p, const struct kgr_sym *a, struct kgr_sym *b)
{
	GSList *called = p->outside ? g_hash_table_lookup(p->outside, a) : NULL;
	struct kgr_state_use *use;

	if (called ? !kgr_proof_is_called(p, called, b) : !is_name_of(a->name, true, b))
		return;
	use = g_hash_table_lookup(p->uses, b);
	if (!use) {
		use = g_new0(struct kgr_state_use, 1);
		g_hash_table_insert(p->uses, b, use);
	}
	if (called)
		use->kernels = called;
	use->exported |= !called && !a->sec;
	use->own |= !called && a->sec;
}

static char *same_symbol(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			 int depth)
{
	const struct kgr_proof *p = (const struct kgr_proof *)s;
	char *difference = compare_symbol(s, a, b, depth);

	if (!difference && p->uses && a->sym && b->sym && kgr_state_is_object(b->sym))
		note_use(p, a->sym, b->sym);
	return difference;
}

void kgr_proof_init(struct kgr_proof *p, struct kgr_obj *a, struct kgr_obj *b)
{
	*p = (struct kgr_proof){ 0 };
	kgr_cmp_init(&p->same, a, b, "a normal build has");
	p->same.symbol = same_symbol;
}

void kgr_proof_clear(struct kgr_proof *p)
{
	kgr_cmp_clear(&p->same);
}
