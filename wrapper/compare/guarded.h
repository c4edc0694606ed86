/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the block that declares a static local refers to: what it is there for. */
#ifndef KGR_GUARDED_H
#define KGR_GUARDED_H

#include "elf/object.h"

/*
 * One reference is one text, which is the same for what is each other's counterpart in orig and patched: so those of
 * two blocks can be compared.
 */
struct kgr_guarded {
	char *all; /* the texts of all references, sorted; of the block around it, if it has none (kgr_sym.around) */
	char *writes; /* of objects that can be written alone, "" if there are none */
	GPtrArray *objects; /* of struct kgr_sym *: these objects */
};

typedef struct kgr_guarded kgr_guarded;

/* kgr_sym_is_state() - an object that can be written, and that no table of the kernel's is made of */
bool kgr_sym_is_state(const struct kgr_sym *sym);

/* kgr_sym_is_static_local() - an object of a function that keeps its value from call to call */
bool kgr_sym_is_static_local(const struct kgr_sym *sym);

/* kgr_sym_is_guard() - a static local that says whether something has been done: a bool, or what the kernel's macros
 * call so (include/linux/once.h, once_lite.h)
 */
bool kgr_sym_is_guard(const struct kgr_sym *sym);

/* kgr_sym_is_message_guard() - one that says whether, or how often, a message has been (WARN_ONCE(), dev_warn_once(),
 * pr_warn_ratelimited())
 */
bool kgr_sym_is_message_guard(const struct kgr_sym *sym);

/* kgr_guarded_new() - what the block of @sym, a static local, refers to, but for guards and other static locals of that
 * block. Whatever has a counterpart must know it by now. kgr_guarded_free() it
 * @orig: it is of orig, so that what has a counterpart is told by that
 */
struct kgr_guarded *kgr_guarded_new(const struct kgr_sym *sym, bool orig);

/* kgr_guarded_free() - NULL is none */
void kgr_guarded_free(struct kgr_guarded *guarded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_guarded, kgr_guarded_free)

#endif
