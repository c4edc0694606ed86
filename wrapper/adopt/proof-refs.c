// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Does a reference of the image refer to what the object's refers to?
 *
 *   a global symbol            to the image's symbol of that name
 *   a string, a constant       to the same content: the linker keeps one of each; a source file's
 *                              full name, which UBSAN has for each place that it checks, may begin
 *                              with another directory
 *   a place in the object      to that place, from where its section begins in the image
 *
 * Where a section without symbols begins in the image, the first reference to it says; all others
 * have to agree, and its bytes, too.
 */
#include <string.h>

#include "adopt/proving.h"
#include "elf/reloc.h"

bool kgr_proving_place(struct kgr_proving *p, const struct kgr_sec *sec, uint64_t base)
{
	if (p->placed[sec->index])
		return p->base[sec->index] == base;
	p->placed[sec->index] = true;
	p->base[sec->index] = base;
	g_queue_push_tail(p->todo, (void *)sec);
	return true;
}

/* In a module it is defined, or not: then the loader finds it. */
static bool leads_to_global(const struct kgr_proving *p, const struct kgr_rel *rel,
			    const struct kgr_view_ref *ref)
{
	const struct kgr_ksym *sym = kgr_image_global(p->view.image, rel->sym->name);
	uint64_t place;

	if (ref->name)
		return rel->sym->undefined && !strcmp(ref->name, rel->sym->name) &&
		       ref->place == (uint64_t)rel->addend;
	if (!sym && rel->sym->bind != STB_WEAK)
		return false;
	place = (sym ? kgr_view_address(&p->view, sym) : 0) + (uint64_t)rel->addend;
	/* What is left of it in a narrow field. */
	return place == ref->place ||
	       (kgr_rel_width(rel) == 4 && (uint32_t)place == (uint32_t)ref->place);
}

/* DIR/fs/pipe.c here, and OTHER/fs/pipe.c there: OTHER is the same for all of a unit's files. */
static bool is_same_file(struct kgr_proving *p, const char *here, const char *there)
{
	size_t len = strlen(p->dir);
	const char *file = here + len;

	if (strncmp(here, p->dir, len) != 0 || *file != '/' || *there != '/' ||
	    !g_str_has_suffix(there, file))
		return false;
	len = strlen(there) - strlen(file);
	if (!p->there)
		p->there = g_strndup(there, len);
	return strlen(p->there) == len && !strncmp(p->there, there, len);
}

static bool is_same_string(struct kgr_proving *p, const struct kgr_sec *sec, uint64_t pos,
			   uint64_t address)
{
	const char *there = kgr_view_string(&p->view, address);
	const char *here = (const char *)sec->data + pos;

	return there && pos < sec->sh.sh_size && memchr(here, 0, sec->sh.sh_size - pos) &&
	       (!strcmp(here, there) || is_same_file(p, here, there));
}

static bool is_same_constant(const struct kgr_proving *p, const struct kgr_sec *sec, uint64_t pos,
			     uint64_t address)
{
	uint64_t size = sec->sh.sh_entsize, start = size ? pos - pos % size : pos;
	const uint8_t *there;
	bool zero;

	if (!size || start > sec->sh.sh_size || size > sec->sh.sh_size - start)
		return false;
	there = kgr_view_bytes(&p->view, address - (pos - start), size, &zero);
	return there && !memcmp(there, sec->data + start, size);
}

static bool leads_into_object(struct kgr_proving *p, const struct kgr_rel *rel, int bias,
			      const struct kgr_view_ref *ref)
{
	const struct kgr_sec *sec = rel->sym->sec;
	uint64_t pos = rel->sym->value + (uint64_t)rel->addend, there = ref->place;

	if (ref->name || !sec)
		return false;
	if (sec->data && kgr_sec_is_strings(sec))
		return is_same_string(p, sec, pos + (uint64_t)bias, there + (uint64_t)bias);
	if (sec->data && sec->sh.sh_flags & SHF_MERGE)
		return is_same_constant(p, sec, pos + (uint64_t)bias, there + (uint64_t)bias);
	return kgr_proving_place(p, sec, there - pos);
}

bool kgr_prove_ref(struct kgr_proving *p, const struct kgr_rel *rel, int bias, uint64_t address)
{
	struct kgr_view_ref ref;
	bool absolute = !rel->sym->undefined && !rel->sym->sec;

	/* One that says nothing, and those that were found in the code, not in the file. */
	if (!rel->howto->mask || rel->type >= KGR_TYPE_VALUE)
		return true;
	if (!kgr_view_ref(&p->view, rel, address, &ref))
		return false;
	if (rel->sym->undefined || (rel->sym->bind != STB_LOCAL && rel->sym->type != STT_SECTION))
		return leads_to_global(p, rel, &ref);
	if (absolute)
		return !ref.name && ref.place == rel->sym->value + (uint64_t)rel->addend;
	return leads_into_object(p, rel, bias, &ref);
}
