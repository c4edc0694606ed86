/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of units that nobody recorded when they were compiled. */
#ifndef KGR_MAKE_RECORDS_H
#define KGR_MAKE_RECORDS_H

#include "kernel/kernel-build.h"

/* kgr_make_records() - have a record of each of these units, which is proved to be that of what runs
 * @kernel: an adopted one
 * @sources: of char *, relative to the source; each is compiled in this kernel
 * @jobs: how many programs may run at a time
 *
 * What is not there yet is compiled, compared with the image that it is part of, and kept. False
 * with @error set, a refusal if a unit comes out differently.
 */
bool kgr_make_records(struct kgr_kernel *kernel, const GPtrArray *sources, guint jobs,
		      GError **error);

/* kgr_adopted_image() - vmlinux or the module that a source of an adopted kernel was compiled for
 *
 * It stays the kernel's. NULL with @error set if it is part of none, or of several.
 */
struct kgr_image *kgr_adopted_image(struct kgr_kernel *kernel, const char *source, GError **error);

/* kgr_adopted_record() - the name of a source's record, whether it is there or not; g_free() it */
char *kgr_adopted_record(const struct kgr_kernel *kernel, const char *source);

/* kgr_has_proved_record() - is there one of a source already? Whether it still holds kgr_make_records() finds out */
bool kgr_has_proved_record(const struct kgr_kernel *kernel, const char *source);

/* kgr_is_proved() - is a record of an adopted kernel's one that was proved?
 * @record: its full name
 */
bool kgr_is_proved(const char *record);

#endif
