/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the kernel's functions led to what a normal build makes of them? */
#ifndef KGR_PROVE_REDIRECTIONS_H
#define KGR_PROVE_REDIRECTIONS_H

#include "prove/module-reader.h"
#include "units/unit.h"

/* kgr_prove_names() - is each redirected function led to one of its own name? */
bool kgr_prove_names(const struct kgr_module_reader *view, GError **error);

/* kgr_prove_redirections() - has one unit nothing to say against the module's redirections?
 * @built, @normal: the unit as the kernel has it and as a normal build makes it
 */
bool kgr_prove_redirections(const struct kgr_module_reader *view, const struct kgr_unit *unit,
			    struct kgr_obj *built, struct kgr_obj *normal, GError **error);

/* kgr_is_redirected() - does the module lead anybody to this function of it? */
bool kgr_is_redirected(const struct kgr_module_reader *view, const struct kgr_sym *func);

#endif
