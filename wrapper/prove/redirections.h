/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the kernel's functions redirected to what a normal build makes of them? */
#ifndef KGR_PROVE_REDIRECTIONS_H
#define KGR_PROVE_REDIRECTIONS_H

#include "prove/module-reader.h"
#include "units/unit.h"

/* kgr_prove_names() - is each function redirected to one of its own name, and are both where the
 * module says, for who looks at stacks?
 */
bool kgr_prove_names(const struct kgr_module_reader *view, GError **error);

/* kgr_prove_callbacks() - are the module's callbacks of vmlinux's those that a unit has (kgraft-macros.h)?
 * @normal: the unit as a normal build makes it
 */
bool kgr_prove_callbacks(const struct kgr_module_reader *view, const struct kgr_obj *normal,
			 GError **error);

/* kgr_prove_redirections() - of functions that have several names in the kernel: are all of them
 * still one in this unit?
 * @built, @normal: the unit as the kernel has it and as a normal build makes it
 */
bool kgr_prove_redirections(const struct kgr_module_reader *view, const struct kgr_unit *unit,
			    struct kgr_obj *built, struct kgr_obj *normal, GError **error);

/* kgr_redirection_to() - the redirection to this function of the module, or NULL; it stays @view's
 */
const struct kgr_module_func *kgr_redirection_to(const struct kgr_module_reader *view,
						 const struct kgr_sym *func);

/* kgr_redirection_is_of() - is what is redirected a unit's own?
 * @image, @file_idx: what the unit was linked into, and as which file (kgr_image_file_idx())
 * @built: the unit as the kernel has it
 */
bool kgr_redirection_is_of(const struct kgr_module_func *r, struct kgr_image *image,
			   unsigned int file_idx, const struct kgr_obj *built);

#endif
