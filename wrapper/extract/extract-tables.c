// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Takes from a unit's special sections (special-sections.h) the entries of functions that go along.
 *
 * An entry says something of a place in a function: that a fault there ends there (__ex_table), that a branch there
 * depends on a static key (__jump_table). If the place is in a selected function, the entry is copied to the section of
 * that name, with its references, and means the copy then. Tables that the module loader would use before the runtime has
 * resolved their keys get another name and are handed over later: of a jump label on a key of module foo, the first that
 * is named, .kgr.jump_table.1.
 *
 * Code may refer to an entry that is about it: in Linux 7.2 WARN() gives __WARN_trap() its entry of __bug_table. So
 * these get their places first, and what stands in them when the code has been copied.
 */
#include <string.h>

#include "lib/debug.h"
#include "lib/error.h"
#include "extract/extracting.h"
#include "elf/arch.h"
#include "elf/reloc.h"

/* An entry of one of the unit's special sections. */
struct entry {
	const struct kgr_sec *sec;
	uint64_t at;
	unsigned int size;
	const struct kgr_sym *owner; /* the function that goes along, which it is about */
};

/* The kernel's own data that is read-only once it has booted. */
static bool is_read_only_after_init(struct kgr_extracting *x, const struct kgr_ksym *ksym)
{
	const struct kgr_ksym *start, *end;

	if (ksym->image->module)
		return kgr_image_in_section(ksym, ".data..ro_after_init");
	start = kgr_image_find(x->kernel->vmlinux, KGR_NO_FILE, "__start_ro_after_init", false,
			       NULL);
	end = kgr_image_find(x->kernel->vmlinux, KGR_NO_FILE, "__end_ro_after_init", false, NULL);
	return start && end && ksym->address >= start->address && ksym->address < end->address;
}

/* The symbol of an entry's key, NULL if the key is new. */
static bool find_key(struct kgr_extracting *x, const struct kgr_special *special,
		     const struct kgr_sec *sec, uint64_t at, const struct kgr_ksym **key,
		     GError **error)
{
	struct kgr_target t;
	struct kgr_rel *rel;
	size_t count;

	*key = NULL;
	rel = kgr_sec_rels(sec, at + special->key, at + special->key + 1, &count);
	if (count != 1)
		return kgr_fail(
			error, KGR_REFUSED,
			"an entry of %s has no key: the object is damaged, or its layout is not known; "
			"leave the function that it is about out of the fix",
			sec->name);
	kgr_target(rel, 0, &t);
	if (t.kind != KGR_TARGET_SYMBOL || g_hash_table_contains(x->places, t.sym) ||
	    (!t.sym->sec && g_hash_table_contains(x->globals, t.sym->name)))
		return true;
	*key = kgr_extract_find(x, t.sym, error);
	return *key;
}

/*
 * Which table an entry goes to: modules' keys come and go, so each module has its own. A key that is
 * read-only after boot cannot take the entry (jump_label_add_module() links it into the key), and
 * need not, since it never flips again: the runtime sets the code once.
 */
static char *later_table(struct kgr_extracting *x, const struct kgr_special *special,
			 const struct kgr_sec *sec, uint64_t at, GError **error)
{
	const struct kgr_ksym *key;
	const char *module;

	if (!find_key(x, special, sec, at, &key, error))
		return NULL;
	module = key ? key->image->module : NULL;
	if (!key || !is_read_only_after_init(x, key))
		return module ? g_strdup_printf("%s.%u", special->later_name,
						kgr_module_ref_number(x->objects, key->image)) :
				g_strdup(special->later_name);
	if (!module && special->fixed_name)
		return g_strdup(special->fixed_name);
	kgr_fail(
		error, KGR_REFUSED,
		"the static key or call %s of %s is read-only after init: not supported yet; leave "
		"the function that asks for it out of the fix",
		key->name, module ?: "vmlinux");
	return NULL;
}

static struct kgr_out_sec *table_section(struct kgr_extracting *x, const struct kgr_sec *sec,
					 uint64_t at, GError **error)
{
	g_autofree char *name = NULL;
	struct kgr_out_sec *to;

	if (sec->special->kind == KGR_SPECIAL_LATER) {
		name = later_table(x, sec->special, sec, at, error);
		return name ? kgr_out_section(x->graft, name, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE,
					      8) :
			      NULL;
	}
	to = kgr_out_section(x->graft, sec->name, SHT_PROGBITS, sec->sh.sh_flags,
			     MAX(sec->sh.sh_addralign, 1));
	to->entsize = sec->sh.sh_entsize;
	return to;
}

static bool copy_replacement(struct kgr_extracting *x, const struct kgr_special *special,
			     const struct kgr_rel *rel, unsigned int len,
			     const struct kgr_rel_place *at, GError **error)
{
	struct kgr_out_sec *repl = kgr_out_section(x->graft, x->graft->arch->replacements,
						   SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1);
	uint64_t pos = rel->sym->value + (uint64_t)rel->addend;
	struct kgr_rewritten r = { .sec = repl, .table = special->name };

	if (!rel->sym->sec || !rel->sym->sec->data || pos + len > rel->sym->sec->sh.sh_size)
		return kgr_fail(
			error, KGR_REFUSED,
			"an alternative's replacement is out of bounds: the object is damaged; build the "
			"kernel again");
	r.start = kgr_out_append(repl, rel->sym->sec->data + pos, len, 1);
	r.end = r.start + len;
	g_array_append_val(x->rewritten, r);
	kgr_out_reloc(at->sec, at->offset, rel->type, repl->symbol, (int64_t)r.start);
	return kgr_extract_rels(x, rel->sym->sec, pos, len,
				&(struct kgr_rel_place){ repl, r.start, NULL }, error);
}

/* @in: how far into its function the place is that the entry is about */
static void note_rewritten(struct kgr_extracting *x, const struct entry *e, uint64_t in)
{
	const struct kgr_special *special = e->sec->special;
	const struct kgr_place *p = g_hash_table_lookup(x->places, e->owner);
	unsigned int length = kgr_special_site_length(special, e->sec->data + e->at, e->size);
	struct kgr_rewritten r = { .sec = p->sec, .start = p->offset + in, .table = special->name };

	r.end = r.start + length;
	if (length)
		g_array_append_val(x->rewritten, r);
}

const struct kgr_place *kgr_extract_entry(const struct kgr_extracting *x, const struct kgr_sec *sec,
					  uint64_t pos, uint64_t *in)
{
	unsigned int size;

	if (!sec->special || sec->special->kind != KGR_SPECIAL_COPY || pos >= sec->sh.sh_size)
		return NULL;
	size = kgr_special_entry_size(sec->special, sec);
	if (!size)
		return NULL;
	*in = pos % size;
	return g_hash_table_lookup(x->entries, sec->data + pos - *in);
}

static bool place_entry(struct kgr_extracting *x, const struct entry *e, GError **error)
{
	struct kgr_out_sec *to = table_section(x, e->sec, e->at, error);
	struct kgr_place *p;

	if (!to)
		return false;
	p = g_new0(struct kgr_place, 1);
	p->sec = to;
	p->offset = kgr_out_append(to, e->sec->data + e->at, e->size, 1);
	g_hash_table_insert(x->entries, (void *)(e->sec->data + e->at), p);
	return true;
}

static bool copy_entry(struct kgr_extracting *x, const struct entry *e, GError **error)
{
	const struct kgr_special *special = e->sec->special;
	const uint8_t *bytes = e->sec->data + e->at;
	const struct kgr_place *p;
	struct kgr_rel *rels;
	size_t count, i;

	if (special->kind != KGR_SPECIAL_COPY && !place_entry(x, e, error))
		return false;
	p = g_hash_table_lookup(x->entries, bytes);
	rels = kgr_sec_rels(e->sec, e->at, e->at + e->size, &count);
	for (i = 0; i < count; i++) {
		uint64_t in = rels[i].offset - e->at;
		struct kgr_rel_place at = { p->sec, p->offset + in, e->owner };
		bool ok;

		if (special->replacement && in == special->replacement)
			ok = copy_replacement(
				x, special, &rels[i],
				kgr_special_replacement_length(special, bytes, e->size), &at,
				error);
		else
			ok = kgr_extract_rel(x, &rels[i], 0, &at, error);
		if (!ok)
			return false;
	}
	return true;
}

/* Copy how to unwind from the place that the entry at @at of @sec names. */
static bool copy_orc(struct kgr_extracting *x, const struct kgr_sec *sec, uint64_t at,
		     unsigned int entry_size, GError **error)
{
	struct kgr_sec *orc = kgr_sec_named(x->from->patched, sec->special->unwind_data);
	uint64_t count = sec->sh.sh_size / entry_size, size;
	struct kgr_out_sec *to;

	if (!orc || !orc->data || orc->sh.sh_size % count)
		return kgr_fail(error, KGR_REFUSED,
				"%s does not fit %s: the object is damaged; build the kernel again",
				sec->special->unwind_data, sec->name);
	size = orc->sh.sh_size / count;
	to = kgr_out_section(x->graft, orc->name, SHT_PROGBITS, orc->sh.sh_flags, 2);
	to->entsize = orc->sh.sh_entsize;
	kgr_out_append(to, orc->data + at / entry_size * size, size, 1);
	return true;
}

/* The name under which the function that an entry is about goes along; NULL if it does not. */
static struct kgr_sym *selected_name(const struct kgr_extracting *x, struct kgr_sym *owner)
{
	guint i;

	if (!owner || !kgr_sym_is_func(owner))
		return NULL;
	if (kgr_selected(x->selection, owner))
		return owner;
	for (i = 0; i < owner->sec->syms->len; i++) {
		struct kgr_sym *other = g_ptr_array_index(owner->sec->syms, i);

		if (kgr_sym_first_name(other) == owner && kgr_selected(x->selection, other))
			return other;
	}
	return NULL;
}

typedef bool (*entry_fn)(struct kgr_extracting *x, const struct entry *e, GError **error);

static bool for_each_entry(struct kgr_extracting *x, entry_fn fn, GError **error)
{
	size_t i;
	uint64_t in;

	for (i = 1; i < x->from->patched->nsecs; i++) {
		const struct kgr_sec *sec = &x->from->patched->secs[i];
		const struct kgr_special *special = sec->special;
		struct entry e = { .sec = sec };

		if (!special || special->kind == KGR_SPECIAL_DROP || !sec->data || !sec->sh.sh_size)
			continue;
		e.size = kgr_special_entry_size(special, sec);
		if (!e.size)
			return kgr_fail(
				error, KGR_REFUSED,
				"the entries of %s have an unknown layout; leave the functions that "
				"it is about out of the fix",
				sec->name);
		for (e.at = 0; e.at < sec->sh.sh_size; e.at += e.size) {
			e.owner = selected_name(x, kgr_special_owner(special, sec, e.at, &in));
			if (e.owner && !fn(x, &e, error))
				return false;
		}
	}
	return true;
}

/* First pass: which code will be rewritten, and where entries are, has to be known before any reference is copied. */
static bool scan_entry(struct kgr_extracting *x, const struct entry *e, GError **error)
{
	const struct kgr_special *special = e->sec->special;
	uint64_t in;

	kgr_special_owner(special, e->sec, e->at, &in);
	note_rewritten(x, e, in);
	return special->kind != KGR_SPECIAL_COPY || place_entry(x, e, error);
}

static bool take_entry(struct kgr_extracting *x, const struct entry *e, GError **error)
{
	if (e->sec->special->kind == KGR_SPECIAL_UNWIND &&
	    !copy_orc(x, e->sec, e->at, e->size, error))
		return false;
	return copy_entry(x, e, error);
}

/* The last ORC entry of @sec that is at the function's start or before it in the same section; NULL if none is. */
static const struct kgr_rel *orc_at_start(const struct kgr_sec *sec, const struct kgr_sym *func)
{
	const struct kgr_rel *best = NULL;
	uint64_t best_pos = 0;
	size_t i;

	for (i = 0; i < sec->nrels; i++) {
		const struct kgr_rel *rel = &sec->rels[i];
		uint64_t pos = rel->sym->value + (uint64_t)rel->addend;

		if (rel->sym->sec == func->sec && pos <= func->value &&
		    (!best || pos >= best_pos)) {
			best = rel;
			best_pos = pos;
		}
	}
	return best;
}

/*
 * objtool writes no ORC entry for a function that begins as what lies before it ends: another function, or the padding
 * that has a symbol of its own (__pfx_...). In the graft something else lies before it, so it gets one.
 */
static bool begin_orc(struct kgr_extracting *x, const struct kgr_sec *sec,
		      const struct kgr_sym *func, GError **error)
{
	const struct kgr_rel *rel = orc_at_start(sec, func);
	unsigned int size = kgr_special_entry_size(sec->special, sec);
	const struct kgr_place *p = g_hash_table_lookup(x->places, func);
	struct kgr_out_sec *to;

	if (p->shared || !rel || rel->sym->value + (uint64_t)rel->addend == func->value)
		return true;
	if (!copy_orc(x, sec, rel->offset, size, error))
		return false;
	to = table_section(x, sec, rel->offset, error);
	kgr_out_reloc(to, kgr_out_append(to, NULL, size, 1), rel->type, p->symbol, 0);
	return true;
}

static bool begin_all_orc(struct kgr_extracting *x, GError **error)
{
	const struct kgr_obj *obj = x->from->patched;
	size_t i, s;

	for (s = 1; s < obj->nsecs; s++) {
		const struct kgr_sec *sec = &obj->secs[s];

		if (!sec->special || sec->special->kind != KGR_SPECIAL_UNWIND || !sec->nrels)
			continue;
		for (i = 0; i < obj->nsyms; i++) {
			if (g_hash_table_contains(x->places, &obj->syms[i]) &&
			    kgr_sym_is_func(&obj->syms[i]) &&
			    !begin_orc(x, sec, &obj->syms[i], error))
				return false;
		}
	}
	return true;
}

bool kgr_extract_scan_tables(struct kgr_extracting *x, GError **error)
{
	return for_each_entry(x, scan_entry, error);
}

bool kgr_extract_tables(struct kgr_extracting *x, GError **error)
{
	return for_each_entry(x, take_entry, error) && begin_all_orc(x, error);
}
