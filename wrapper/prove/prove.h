/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a function of a patch module the same code as one of a normal build? */
#ifndef KGR_PROVE_H
#define KGR_PROVE_H

#include "compare/cmp.h"

typedef struct kgr_proof kgr_proof;

struct kgr_proof {
	struct kgr_cmp same; /* a: what is to be proved, b: what a normal build makes */
	GHashTable *
		outside; /* as in struct kgr_module_reader; NULL: a is the object of a build, too */
	const char *source; /* of the unit, for the kernel's symbols; NULL: not known */
	GHashTable *
		brought; /* name -> struct kgr_sym: objects for all that only a normal build has; or NULL */
	GHashTable *uses; /* gets objects of b, see kgr_state_judge(), as they are met; or NULL */
	struct kgr_obj *built; /* the running code's object: its data must not be copied */
};

/* kgr_proof_init() - prove what @a has by what @b has; the other members may be set behind it */
void kgr_proof_init(struct kgr_proof *proof, struct kgr_obj *a, struct kgr_obj *b);

/* kgr_proof_is_called() - is this what the kernel calls so, and of the right file where several do?
 * @called: of struct kgr_ksym
 */
bool kgr_proof_is_called(const struct kgr_proof *proof, const GSList *called,
			 const struct kgr_sym *sym);

/* kgr_function_named() - the first function of that name, but for the compiler's numbers, or NULL */
struct kgr_sym *kgr_function_named(const struct kgr_obj *obj, const char *name);

/* kgr_proof_clear() - free what proving has cached; the objects stay open */
void kgr_proof_clear(struct kgr_proof *proof);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_proof, kgr_proof_clear)

#endif
