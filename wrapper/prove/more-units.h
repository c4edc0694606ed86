/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that no diff touches, and whose functions the module has nevertheless. */
#ifndef KGR_MORE_UNITS_H
#define KGR_MORE_UNITS_H

#include "elf/object.h"
#include "units/session.h"

/* kgr_count_functions() - how many functions of a name, but for the compiler's numbers, are in an object
 * @only: those of this section; NULL: of all
 */
guint kgr_count_functions(const struct kgr_obj *obj, const struct kgr_sec *only, const char *name);

/* kgr_compile_more_units() - find the recorded units that have functions of some names, and compile them
 * @units: of struct kgr_unit: those that are known already
 * @names: of char *
 * @others: of struct kgr_unit, added to
 */
bool kgr_compile_more_units(struct kgr_session *session, const GPtrArray *units,
			    const GPtrArray *names, GPtrArray *others, GError **error);

#endif
