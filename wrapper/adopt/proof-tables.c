// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Entries of the kernel's tables (alternatives, exceptions, bugs, jump labels, ...) in the image,
 * for the code of one unit.
 *
 * The linker puts the entries of all units together, and some tables are sorted afterwards, so an
 * entry is found by the code that it is about: for each of the object's there must be one in the
 * image about the same place that is the same, and none besides. ORC is left out: objtool makes it
 * of the code, which has been compared, in a format that a later objtool of the same series is
 * taken to keep. So is the list of landing pads that the kernel takes away: which address nothing
 * takes is known of the whole only.
 */
#include <string.h>

#include "adopt/proving.h"
#include "elf/arch.h"
#include "elf/reloc.h"
#include "elf/special-sections.h"

struct table {
	const struct kgr_sec *sec; /* the object's */
	unsigned int size; /* of an entry */
	uint64_t address, bytes; /* the image's */
	const struct kgr_rel *owner; /* of the first entry: of that kind they all are */
	GHashTable *by_site; /* place in the code -> GArray of uint64_t, addresses of entries */
};

/* The object's reference to the code that the entry at @offset is about. */
static const struct kgr_rel *owner_at(const struct kgr_sec *sec, uint64_t offset)
{
	uint64_t at = offset + sec->special->owner;
	size_t count;
	const struct kgr_rel *rel = kgr_sec_rels(sec, at, at + 1, &count);

	return count ? rel : NULL;
}

static void read_table(const struct kgr_proving *p, struct table *t)
{
	uint64_t at;

	for (at = 0; at + t->size <= t->bytes; at += t->size) {
		uint64_t entry = t->address + at;
		struct kgr_view_ref ref;
		GArray *same;

		if (!kgr_view_ref(&p->view, t->owner, entry + t->sec->special->owner, &ref) ||
		    ref.name)
			continue;
		same = g_hash_table_lookup(t->by_site, &ref.place);
		if (!same) {
			same = g_array_new(FALSE, FALSE, sizeof(entry));
			g_hash_table_insert(t->by_site, g_memdup2(&ref.place, sizeof(ref.place)),
					    same);
		}
		g_array_append_val(same, entry);
	}
}

static bool has_same_bytes(const struct kgr_proving *p, const struct table *t, uint64_t offset,
			   uint64_t there)
{
	bool zero;
	const uint8_t *bytes = kgr_view_bytes(&p->view, there, t->size, &zero);
	g_autofree uint8_t *ours = NULL, *theirs = NULL;
	struct kgr_rel *rels;
	size_t count, i;

	if (!bytes)
		return false;
	ours = g_memdup2(t->sec->data + offset, t->size);
	theirs = g_memdup2(bytes, t->size);
	rels = kgr_sec_rels(t->sec, offset, offset + t->size, &count);
	for (i = 0; i < count; i++) {
		uint64_t in = rels[i].offset - offset;

		kgr_rel_clear(&rels[i], ours + in, t->size - in);
		kgr_rel_clear(&rels[i], theirs + in, t->size - in);
	}
	return !memcmp(ours, theirs, t->size);
}

/* What the wrong entry would have said, of where sections are and where the source was, it has not said. */
static bool has_same_refs(struct kgr_proving *p, const struct table *t, uint64_t offset,
			  uint64_t there)
{
	g_autofree bool *placed = g_memdup2(p->placed, p->obj->nsecs * sizeof(*placed));
	guint before = p->todo->length;
	bool knew = p->there;
	struct kgr_rel *rels;
	size_t count, i;

	rels = kgr_sec_rels(t->sec, offset, offset + t->size, &count);
	for (i = 0; i < count; i++) {
		if (!kgr_prove_ref(p, &rels[i], 0, there + rels[i].offset - offset))
			break;
	}
	if (i == count)
		return true;
	memcpy(p->placed, placed, p->obj->nsecs * sizeof(*placed));
	while (p->todo->length > before)
		g_queue_pop_tail(p->todo);
	if (!knew)
		g_clear_pointer(&p->there, g_free);
	return false;
}

/* An entry of the image is there for one of the object's only. */
static bool find_entry(struct kgr_proving *p, const struct table *t, uint64_t offset)
{
	const struct kgr_rel *owner = owner_at(t->sec, offset);
	const struct kgr_sec *code = owner ? owner->sym->sec : NULL;
	uint64_t site, entry;
	GArray *there;
	guint i;

	/* Of what another unit's code is, or nothing of ours: the entry itself has no place to be looked for. */
	if (!code || !p->placed[code->index])
		return false;
	site = p->base[code->index] + owner->sym->value + (uint64_t)owner->addend;
	there = g_hash_table_lookup(t->by_site, &site);
	for (i = there ? there->len : 0; i > 0; i--) {
		entry = g_array_index(there, uint64_t, i - 1);
		if (!has_same_bytes(p, t, offset, entry) || !has_same_refs(p, t, offset, entry))
			continue;
		g_array_remove_index(there, i - 1);
		return true;
	}
	return false;
}

/* An entry about the unit's code that the object does not have. */
static bool has_more(const struct kgr_proving *p, const struct table *t, const struct kgr_sec **sec,
		     uint64_t *offset)
{
	GHashTableIter it;
	gpointer site, list;
	size_t i;

	g_hash_table_iter_init(&it, t->by_site);
	while (g_hash_table_iter_next(&it, &site, &list)) {
		const GArray *left = list;

		for (i = 1; left->len && i < p->obj->nsecs; i++) {
			*sec = &p->obj->secs[i];
			*offset = *(uint64_t *)site - p->base[i];
			if (p->placed[i] && kgr_sec_is_text(*sec) && *offset < (*sec)->sh.sh_size)
				return true;
		}
	}
	return false;
}

/*
 * A weak function that another file overrides: nothing calls it, and the list of where ftrace hooks
 * functions need not have it (scripts/sorttable.c takes it out in newer kernels).
 */
static bool is_unlisted(const struct kgr_proving *p, const struct kgr_sec *table,
			const struct kgr_rel *owner)
{
	const struct kgr_sec *sec = owner->sym->sec;
	const struct kgr_sym *sym;
	const struct kgr_ksym *there;

	if (g_strcmp0(table->name, p->obj->arch->fentry_list) != 0 || !sec ||
	    !p->placed[sec->index])
		return false;
	sym = kgr_sec_sym_at(sec, owner->sym->value + (uint64_t)owner->addend);
	there = sym && sym->bind == STB_WEAK ? kgr_image_global(p->view.image, sym->name) : NULL;
	return there && kgr_view_address(&p->view, there) != p->base[sec->index] + sym->value;
}

static bool compare_section(struct kgr_proving *p, const struct table *t, const char *how,
			    GError **error)
{
	uint64_t at;

	for (at = 0; at < t->sec->sh.sh_size; at += t->size) {
		const struct kgr_rel *owner = owner_at(t->sec, at);

		if (find_entry(p, t, at) || (owner && is_unlisted(p, t->sec, owner)))
			continue;
		return owner && owner->sym->sec ?
			       kgr_proof_fails(p, owner->sym->sec,
					       owner->sym->value + (uint64_t)owner->addend, how,
					       error) :
			       kgr_proof_fails(p, t->sec, at, "it differs", error);
	}
	return true;
}

static bool is_compared(const struct kgr_proving *p, const struct kgr_sec *sec)
{
	/* Nobody needs what has no entries of a known size, and is left out (kgr_special). */
	if (!sec->special ||
	    (sec->special->kind == KGR_SPECIAL_DROP && !sec->special->layouts[0].size))
		return false;
	return sec->special->kind != KGR_SPECIAL_UNWIND &&
	       g_strcmp0(sec->name, p->obj->arch->seal_list) != 0 && sec->sh.sh_flags & SHF_ALLOC &&
	       sec->sh.sh_size && !g_str_has_prefix(sec->name, ".discard");
}

/* The object may have a section for each function, of which the linker makes one table. */
static bool compare_table(struct kgr_proving *p, struct table *t, GError **error)
{
	g_autofree char *how = g_strdup_printf("its entries in %s differ", t->sec->name);
	const struct kgr_sec *sec;
	uint64_t at;
	size_t i;

	for (i = t->sec->index; i < p->obj->nsecs; i++) {
		sec = &p->obj->secs[i];
		if (!is_compared(p, sec) || strcmp(sec->name, t->sec->name) != 0)
			continue;
		t->sec = sec;
		if (!sec->data || sec->sh.sh_size % t->size)
			return kgr_proof_fails(p, sec, 0, "its entries are not understood", error);
		if (!compare_section(p, t, how, error))
			return false;
	}
	return !has_more(p, t, &sec, &at) || kgr_proof_fails(p, sec, at, how, error);
}

static bool prove_table(struct kgr_proving *p, const struct kgr_sec *sec, GError **error)
{
	struct table t = { .sec = sec, .size = kgr_special_entry_size(sec->special, sec) };
	g_autoptr(GHashTable) by_site = NULL;

	if (!t.size || !sec->data)
		return kgr_proof_fails(p, sec, 0, "its entries are not understood", error);
	t.owner = owner_at(sec, 0);
	/* The linker throws away what nothing needs, of all units. */
	if (t.owner && sec->special->kind == KGR_SPECIAL_DROP &&
	    !kgr_view_table(&p->view, sec->name, &t.address, &t.bytes))
		return true;
	if (!t.owner || !kgr_view_table(&p->view, sec->name, &t.address, &t.bytes))
		return kgr_proof_fails(p, sec, 0, "there is no such table", error);
	by_site = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
					(GDestroyNotify)g_array_unref);
	t.by_site = by_site;
	read_table(p, &t);
	return compare_table(p, &t, error);
}

bool kgr_prove_tables(struct kgr_proving *p, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	size_t i;

	for (i = 1; i < p->obj->nsecs; i++) {
		const struct kgr_sec *sec = &p->obj->secs[i];

		/* All of one name at once. */
		if (is_compared(p, sec) && g_hash_table_add(names, (gpointer)sec->name) &&
		    !prove_table(p, sec, error))
			return false;
	}
	return true;
}
