/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a record that of the object beside it? */
#ifndef KGR_RECORD_FITS_H
#define KGR_RECORD_FITS_H

#include "record/record.h"

/* kgr_record_check_object() - was the object made by the compilation that is recorded?
 * @object: its name; it was linked into the kernel
 * @command: Kbuild's .cmd file of it
 *
 * False with @error set if not.
 */
bool kgr_record_check_object(const struct kgr_record *record, const char *object,
			     const char *command, GError **error);

#endif
