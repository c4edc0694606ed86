// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <zlib.h>

#include "lib/error.h"
#include "elf/arch.h"
#include "select/moved.h"
#include "select/patched-func.h"
#include "elf/special-sections.h"
#include "elf/reloc.h"

void kgr_patched_func_free(struct kgr_patched_func *old)
{
	if (!old)
		return;
	g_free(old->name);
	g_array_free(old->spans, TRUE);
	g_free(old);
}

static bool has_function(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_func(&obj->syms[i]) && !strcmp(obj->syms[i].name, name))
			return true;
	}
	return false;
}

static void mask_out(GByteArray *mask, uint64_t at, uint64_t size)
{
	if (at < mask->len)
		memset(mask->data + at, 1, MIN(size, mask->len - at));
}

/* What is not the same in every boot, or not the same in the object and in vmlinux. */
static GByteArray *make_mask(const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	GByteArray *mask = g_byte_array_new();
	struct kgr_rel *rels;
	size_t count, i;
	uint64_t at, in;

	g_byte_array_set_size(mask, (guint)sym->size);
	memset(mask->data, 0, mask->len);
	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	for (i = 0; i < count; i++)
		mask_out(mask, rels[i].offset - sym->value, MAX(kgr_rel_width(&rels[i]), 4));
	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];
		const struct kgr_special *special = sec->special;
		unsigned int size;

		size = special && sec->data ? kgr_special_entry_size(special, sec) : 0;
		for (at = 0; size && at < sec->sh.sh_size; at += size) {
			if (kgr_special_owner(special, sec, at, &in) == sym)
				mask_out(mask, in,
					 kgr_special_rewritten(special, sec->data + at, size));
		}
	}
	return mask;
}

/* An earlier patch's kprobe is at the first instruction, or behind the landing pad. */
static void mask_out_kprobe(const struct kgr_arch *arch, GByteArray *mask, const uint8_t *text)
{
	mask_out(mask, 0, 1);
	mask_out(mask, kgr_landing_pad(arch, text, mask->len), 1);
}

static bool digest(struct kgr_patched_func *old, const struct kgr_obj *built,
		   const struct kgr_sym *sym, const uint8_t *text, GError **error)
{
	GByteArray *mask = make_mask(built, sym);
	const uint8_t *object = sym->sec->data + sym->value;
	uLong crc = crc32(0, NULL, 0);
	guint i = 0, start;
	bool ok = true;

	if (old->by_kprobe)
		mask_out_kprobe(built->arch, mask, object);
	while (i < mask->len && ok) {
		struct kgr_span span;

		if (mask->data[i]) {
			i++;
			continue;
		}
		for (start = i; i < mask->len && !mask->data[i]; i++)
			;
		span = (struct kgr_span){ start, i - start };
		g_array_append_val(old->spans, span);
		crc = crc32(crc, text + start, i - start);
		ok = !memcmp(text + start, object + start, i - start);
	}
	g_byte_array_free(mask, TRUE);
	old->digest = (uint32_t)crc;
	return ok || kgr_fail(error, KGR_REFUSED,
			      "%s: %s is not what %s holds; was it rebuilt after that was "
			      "linked?",
			      built->path, sym->name, old->part[0]->image->path);
}

struct kgr_patched_func *kgr_patched_func(struct kgr_image *image, const struct kgr_obj *built,
					  int file_idx, const struct kgr_sym *replacement,
					  GError **error)
{
	const struct kgr_sym *sym =
		replacement->moved ? replacement->moved->sym : replacement->twin;
	const char *name = sym->name;
	bool local = sym->bind == STB_LOCAL;
	struct kgr_patched_func *old = g_new0(struct kgr_patched_func, 1);
	const uint8_t *text;
	char *cold = g_strconcat(name, ".cold", NULL);

	old->name = g_strdup(name);
	old->by_kprobe = replacement->by_kprobe;
	old->spans = g_array_new(FALSE, FALSE, sizeof(struct kgr_span));
	old->part[0] = kgr_image_find(image, file_idx, name, local, error);
	if (!old->part[0])
		goto fail;
	text = kgr_image_bytes(old->part[0]);
	if (!text || old->part[0]->size != sym->size) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: %s has another size in %s; is it overridden there, or was the "
			 "object rebuilt after that was linked?",
			 built->path, name, image->path);
		goto fail;
	}
	if (has_function(built, cold)) {
		old->part[1] = kgr_image_find(image, file_idx, cold, true, error);
		if (!old->part[1])
			goto fail;
	}
	if (!digest(old, built, sym, text, error))
		goto fail;
	g_free(cold);
	return old;
fail:
	g_free(cold);
	kgr_patched_func_free(old);
	return NULL;
}
