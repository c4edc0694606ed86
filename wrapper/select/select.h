/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the changed symbols become the patch, and whether they may. */
#ifndef KGR_SELECT_H
#define KGR_SELECT_H

#include <kgraft-abi.h>

#include "select/exports.h"
#include "kernel/kernel-build.h"
#include "elf/object.h"
#include "record/record.h"

extern const char *const kgr_callback_kinds[KGR_CALLBACK_KINDS];

/* A function that the diff names with one of kgraft-macros.h's macros. */
struct kgr_callback {
	struct kgr_sym *sym;
	unsigned int kind;
	const struct kgr_image *image; /* what it is for; not known to kgr_select() */
};

/*
 * A function that other files may call and that cannot be redirected. If all who call it are replaced, nobody
 * needs that; the files that do have to be found and compiled, and then everything is selected again.
 */
struct kgr_no_fentry {
	char *name, *fentry; /* and why it has none */
	const struct kgr_image *image; /* what it is part of */
	bool searched; /* callers in other files are among the units */
	bool impossible; /* somebody keeps its address, or calls it from where nothing can be replaced */
	bool by_kprobe; /* so that a kprobe redirects it */
};

struct kgr_selection {
	const struct kgr_kernel
		*kernel; /* what it exports: modules that nobody knows may call that */
	bool allow_kprobe; /* asked for: where there is no fentry */
	char **allow_data; /* asked for: objects whose initial value a callback changes; or NULL */
	GPtrArray *no_fentry; /* of struct kgr_no_fentry; kept when all is selected again */
	GArray *callbacks; /* of struct kgr_callback */
	GPtrArray *redirected; /* of struct kgr_sym, functions whose callers are led elsewhere */
	GPtrArray *exports; /* of struct kgr_export, new ones that the patch offers */
	GPtrArray *notes; /* of char *, things worth telling */
};

/* kgr_select() - mark what of @patched goes along (included) and what is redirected
 * @record: of the unit as it was built, for what it says of fentry
 * @image: what the unit is part of
 * @file_idx: its STT_FILE there (kgr_image_file_idx()), negative if that is not known
 * @users: of char *, names of functions that have to be replaced since a type that they use has another layout
 * @out: added to; several units share one
 *
 * Refuses, with the symbol named, what must not be patched: changed data, functions that cannot be
 * redirected and whose callers cannot be replaced, and the like. Files with callers that are not among the
 * units are asked for in @out->no_fentry.
 */
bool kgr_select(struct kgr_obj *orig, struct kgr_obj *patched, const struct kgr_record *record,
		const struct kgr_image *image, int file_idx, const GPtrArray *users,
		struct kgr_selection *out, GError **error);

#endif
