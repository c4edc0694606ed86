/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deciding for every function and object whether it means the same in both objects. */
#ifndef KGR_COMPARE_H
#define KGR_COMPARE_H

#include "dwarf/dwarf-types.h"
#include "elf/object.h"

/* kgr_compare() - match both objects and set verdict and cause of all their symbols; references
 * between functions of one section have relocations from then on (local-relocs.h)
 *
 * Returns false with @error set if code or a table cannot be understood.
 */
bool kgr_compare(struct kgr_obj *orig, struct kgr_obj *patched, GError **error);

/* kgr_changed_offsets() - where a changed object of the same size is another than its counterpart:
 * bytes, and references by their first one; ascending
 *
 * Returns an array of uint64_t, g_array_unref() it.
 */
GArray *kgr_changed_offsets(struct kgr_obj *orig, struct kgr_obj *patched,
			    const struct kgr_sym *sym);

/* kgr_excuse - may a type have another layout?
 * @why: why, or, if it may not, what else is to be said of that, or NULL; to be g_free()d
 */
typedef bool (*kgr_excuse)(void *arg, const struct kgr_type *orig, char **why);

/* kgr_compare_types() - is every type that both know laid out the same?
 * @excuse: asked for those that are not; NULL: nothing excuses them
 * @notes: what the difference of an excused one is, is added here
 *
 * Returns NULL if so, else a description of the first differences (g_free it).
 */
char *kgr_compare_types(const struct kgr_dwarf_types *orig, const struct kgr_dwarf_types *patched,
			kgr_excuse excuse, void *arg, GPtrArray *notes);

#endif
