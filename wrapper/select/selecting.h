/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of selecting from one unit share: what goes along (select.c), changed data (changed-data.c), callbacks
 * (callbacks.c), and how callers come to functions (hook.c).
 */
#ifndef KGR_SELECTING_H
#define KGR_SELECTING_H

#include "select/compared.h"
#include "select/selection.h"

struct kgr_selecting {
	const struct kgr_unit *unit;
	const GPtrArray *data; /* of struct kgr_data_object; or NULL */
	struct kgr_obj *orig, *patched; /* as built, and with the diff */
	const struct kgr_record *record;
	struct kgr_image *image;
	unsigned int file_idx; /* of its STT_FILE there */
	struct kgr_selection *out;
	GPtrArray *todo; /* selected, references not followed yet */
};

/* kgr_select_include() - take a symbol of the patched object along, if it does not go already
 * @format: why, for people
 */
void kgr_select_include(struct kgr_selecting *s, struct kgr_sym *sym, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* kgr_select_note() - tell something, once however often it comes up */
void kgr_select_note(struct kgr_selecting *s, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* kgr_select_follow() - take along what the symbols that have been included need; false with @error set, a refusal */
bool kgr_select_follow(struct kgr_selecting *s, GError **error);

/* kgr_select_is_exported() - may a module that is not of this build call the function of that name? */
bool kgr_select_is_exported(const struct kgr_selecting *s, const char *name);

/* kgr_select_is_module_exit() - does it run when the module is unloaded, so that it may be patched? */
bool kgr_select_is_module_exit(const struct kgr_selecting *s, const struct kgr_sym *sym);

/* kgr_select_changed_object() - decide about an object that has another initial value; false with @error set, a refusal
 * @sym: the patched one
 *
 * It goes along with the functions that read it, or is left to the callback, or to the runtime, whose list it joins.
 */
bool kgr_select_changed_object(struct kgr_selecting *s, struct kgr_sym *sym, GError **error);

/* kgr_select_has_callback() - does the diff name a callback in this unit? */
bool kgr_select_has_callback(const struct kgr_obj *patched);

/* kgr_select_callbacks() - take the unit's callbacks along, and list them; false with @error set, a refusal */
bool kgr_select_callbacks(struct kgr_selecting *s, GError **error);

/* kgr_replace_callers_of_others() - take along what calls functions of other files that ftrace cannot hook
 *
 * If this unit stores the address of one, that is said in its struct kgr_no_fentry, or refused: false with @error set.
 */
bool kgr_replace_callers_of_others(struct kgr_selecting *s, GError **error);

/* kgr_choose_redirected() - choose how callers come to each function that goes along
 *
 * Those to which the kernel's own are redirected are marked, and added to the selection's list;
 * others' callers go along. False with @error set, a refusal, if there is no way to a function.
 */
bool kgr_choose_redirected(struct kgr_selecting *s, GError **error);

#endif
