// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the callbacks that a unit has: functions that the diff names with kgraft-macros.h's macros, one of a kind for
 * vmlinux and for each module. KPATCH_PRE_PATCH_CALLBACK(set_up) leaves one pointer, to set_up(), in
 * .kgr.callbacks.pre_patch, and set_up() goes along.
 */
#include "elf/reloc.h"
#include "lib/error.h"
#include "select/selecting.h"

/* Where kgraft-macros.h names the callback, or NULL. */
static const struct kgr_sec *callback_section(const struct kgr_obj *patched, unsigned int kind)
{
	g_autofree char *name = g_strconcat(".kgr.callbacks.", kgr_callback_kinds[kind], NULL);

	return kgr_sec_named(patched, name);
}

bool kgr_select_has_callback(const struct kgr_obj *patched)
{
	unsigned int kind;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		if (callback_section(patched, kind))
			return true;
	}
	return false;
}

static bool is_only_callback(const struct kgr_selecting *s, const struct kgr_callback *callback,
			     const struct kgr_sym *sym, GError **error)
{
	guint i;

	for (i = 0; i < s->out->callbacks->len; i++) {
		const struct kgr_callback *other =
			&g_array_index(s->out->callbacks, struct kgr_callback, i);

		if (other->kind == callback->kind && other->image == callback->image)
			return kgr_fail(error, KGR_REFUSED,
					"%s and %s are both %s callbacks for %s: there can be one; "
					"call one from the other",
					other->sym->name, sym->name,
					kgr_callback_kinds[callback->kind],
					callback->image->module ?: "vmlinux");
	}
	return true;
}

bool kgr_select_callbacks(struct kgr_selecting *s, GError **error)
{
	unsigned int kind;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		const struct kgr_sec *sec = callback_section(s->patched, kind);
		struct kgr_callback callback = { .kind = kind, .image = s->image };
		struct kgr_target t;

		if (!sec)
			continue;
		if (sec->nrels == 1)
			kgr_target(&sec->rels[0], 0, &t);
		if (sec->nrels != 1 || t.kind != KGR_TARGET_SYMBOL || !t.sym->sec || t.offset)
			return kgr_fail(
				error, KGR_REFUSED,
				"%s must name one function of the same file; see kgraft-macros.h",
				sec->name);
		if (!is_only_callback(s, &callback, t.sym, error))
			return false;
		callback.sym = t.sym;
		kgr_select_include(s, t.sym, "%s callback", kgr_callback_kinds[kind]);
		g_array_append_val(s->out->callbacks, callback);
	}
	return kgr_select_follow(s, error);
}
