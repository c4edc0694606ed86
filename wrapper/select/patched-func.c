// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds a function in what was linked, sees that it is the one of the unit's object, and says by a digest what its
 * bytes are. Bytes that the linker fills in, or that the kernel rewrites as it boots or later, count for neither:
 *
 *	0f 1f 44 00 00	fentry			does not: ftrace writes a call there
 *	8b 47 10	mov 0x10(%rdi),%eax	counts
 *	e8 xx xx xx xx	call foo		the first byte counts, the relocated four do not
 */
#include <string.h>
#include <zlib.h>

#include "lib/error.h"
#include "elf/arch.h"
#include "select/patched-func.h"
#include "elf/special-sections.h"
#include "elf/reloc.h"

void kgr_patched_func_free(struct kgr_patched_func *old)
{
	if (!old)
		return;
	g_free(old->name);
	if (old->spans)
		g_array_unref(old->spans);
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

	g_byte_array_set_size(mask, (guint)sym->size);
	memset(mask->data, 0, mask->len);
	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	for (i = 0; i < count; i++)
		mask_out(mask, rels[i].offset - sym->value, MAX(kgr_rel_width(&rels[i]), 4));
	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];
		struct kgr_special_walk walk = kgr_special_walk(sec, sym);

		while (kgr_special_next(&walk))
			mask_out(mask, walk.in,
				 kgr_special_rewritten(sec->special, sec->data + walk.at,
						       walk.size));
	}
	return mask;
}

/* An earlier patch's breakpoint, or a kprobe, is at the first instruction, or behind the landing pad. */
static void mask_out_breakpoint(const struct kgr_arch *arch, GByteArray *mask, const uint8_t *text)
{
	mask_out(mask, 0, 1);
	mask_out(mask, kgr_landing_pad(arch, text, mask->len), 1);
}

static bool digest(struct kgr_patched_func *old, const struct kgr_obj *built,
		   const struct kgr_sym *sym, const uint8_t *text, GError **error)
{
	g_autoptr(GByteArray) mask = make_mask(built, sym);
	const uint8_t *object = sym->sec->data + sym->value;
	uLong crc = crc32(0, NULL, 0);
	guint i = 0, start;
	bool ok = true;

	if (old->by_breakpoint)
		mask_out_breakpoint(built->arch, mask, object);
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
	old->digest = (uint32_t)crc;
	return ok || kgr_fail(error, KGR_REFUSED,
			      "%s: %s is not what %s holds; was it rebuilt after that was "
			      "linked? Build the kernel again and boot that",
			      built->path, sym->name, old->part[0]->image->path);
}

struct kgr_patched_func *kgr_patched_func_new(const struct kgr_compared *of,
					      const struct kgr_sym *sym, bool by_breakpoint,
					      GError **error)
{
	bool local = sym->bind == STB_LOCAL;
	g_autoptr(kgr_patched_func) old = g_new0(struct kgr_patched_func, 1);
	g_autofree char *cold = g_strconcat(sym->name, ".cold", NULL);
	const uint8_t *text;

	if (of->no_file) {
		g_propagate_error(error, g_error_copy(of->no_file));
		return NULL;
	}
	old->name = g_strdup(sym->name);
	old->by_breakpoint = by_breakpoint;
	old->spans = g_array_new(FALSE, FALSE, sizeof(struct kgr_span));
	old->part[0] = kgr_image_find(of->image, of->file_idx, sym->name, local, error);
	if (!old->part[0])
		return NULL;
	if (kgr_image_overrides(of->image, sym)) {
		kgr_fail(
			error, KGR_REFUSED,
			"%s: %s is weak, and another file's is what the kernel has; change that one",
			of->built->path, sym->name);
		return NULL;
	}
	text = kgr_image_bytes(old->part[0]);
	if (!text || old->part[0]->size != sym->size) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: %s has another size in %s; is it overridden there? Change that one. "
			 "Or was the object rebuilt after that was linked? Build the kernel again "
			 "and boot that",
			 of->built->path, sym->name, of->image->path);
		return NULL;
	}
	if (has_function(of->built, cold)) {
		old->part[1] = kgr_image_find(of->image, of->file_idx, cold, true, error);
		if (!old->part[1])
			return NULL;
	}
	return digest(old, of->built, sym, text, error) ? g_steal_pointer(&old) : NULL;
}
