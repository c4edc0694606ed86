/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the runtime uses of the kernel by its linked address: runtime/unexported.list and the architecture's. */
#ifndef KGR_MODULE_UNEXPORTED_H
#define KGR_MODULE_UNEXPORTED_H

#include <glib.h>
#include <stdbool.h>

struct kgr_arch;

struct kgr_unexported {
	char **names; /* that kernels have for it; the first is the runtime's */
	bool optional; /* a kernel may lack it */
	bool anchor; /* the runtime tells by it where a task is */
};

/* kgr_unexported_read() - both lists: of struct kgr_unexported, g_ptr_array_unref() it; NULL with @error set */
GPtrArray *kgr_unexported_read(const struct kgr_arch *arch, GError **error);

/* kgr_note_anchors() - say which of the functions that a patch replaces are anchors
 * @old: of struct kgr_patched_func
 * @notes: of char *, added to
 *
 * False with @error set if the lists cannot be read.
 */
bool kgr_note_anchors(const struct kgr_arch *arch, const GPtrArray *old, GPtrArray *notes,
		      GError **error);

#endif
