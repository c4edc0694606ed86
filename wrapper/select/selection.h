/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A selection: what of the compared units becomes the patch. It changes nothing in the units, so it can be thrown away
 * and made again while they stay.
 */
#ifndef KGR_SELECTION_H
#define KGR_SELECTION_H

#include <kgraft-abi.h>

#include "kernel/kernel-build.h"
#include "elf/object.h"
#include "select/moved.h"

/* "pre_patch" and so on, by the kinds of kgraft-abi.h */
extern const char *const kgr_callback_kinds[KGR_CALLBACK_KINDS];

/* A function that the diff names with one of kgraft-macros.h's macros. */
struct kgr_callback {
	struct kgr_sym *sym;
	unsigned int kind;
	const struct kgr_image *image; /* what it is for */
};

/*
 * A function that other files may call and that ftrace cannot hook. It need not if all its callers
 * are replaced: the files that have them are found and compiled, and then everything is selected
 * again.
 */
struct kgr_no_fentry {
	char *name;
	const char *why; /* ftrace cannot hook it: kgr_fentry_words() */
	const struct kgr_image *image; /* what it is part of */
	bool searched; /* callers in other files are among the units */
	bool impossible; /* its callers cannot all be replaced: its address is stored, or assembly calls it */
	bool by_breakpoint; /* so that redirects it */
};

/* What a selection is made with, and what outlives it. */
struct kgr_select_input {
	const struct kgr_kernel *kernel; /* what it exports, modules of other builds may call */
	bool no_kprobe; /* asked for: what has no fentry is not redirected */
	char **allow_data; /* asked for: objects whose initial value may change; or NULL */
	GPtrArray *no_fentry; /* of struct kgr_no_fentry: added to */
	GHashTable *
		wanted; /* names of what selected symbols refer to and other files define: added to */
};

/* What becomes of a symbol of a patched object that goes along. */
struct kgr_selected {
	char *why;
	bool redirected; /* callers of the kernel's own come here */
	bool by_breakpoint; /* as there is no fentry */
	bool callers_replaced; /* as there is none, and so nothing has to be redirected */
	bool exported; /* new, and exported by the patch */
	bool local_copy; /* goes along for its address alone; the kernel's own stays in use */
};

struct kgr_selection {
	const struct kgr_select_input *in;
	GHashTable *selected; /* struct kgr_sym -> struct kgr_selected */
	GHashTable *
		moved; /* struct kgr_sym that is new in its unit -> struct kgr_moved, see moved.h */
	GArray *callbacks; /* of struct kgr_callback */
	GPtrArray *
		redirected; /* of struct kgr_sym, functions to which the kernel's own are redirected */
	GPtrArray *data; /* of struct kgr_data_object, the units': what the runtime writes to */
	GPtrArray *exports; /* of struct kgr_export, new ones */
	GPtrArray *
		escapes; /* of char *, names of what the kernel may keep the address of (escapes.h) */
	GPtrArray *allowed_escapes; /* of char *, names of those that an unpatch callback sees to */
	GPtrArray *notes; /* of char *, things worth telling */
};

/* kgr_selection_new() - an empty one; @in and the objects that are selected from outlive it */
struct kgr_selection *kgr_selection_new(const struct kgr_select_input *in);

/* kgr_selection_free() - free a selection; NULL is none */
void kgr_selection_free(struct kgr_selection *selection);
typedef struct kgr_selection kgr_selection;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_selection, kgr_selection_free)

/* kgr_selected() - what becomes of a symbol of a patched object; NULL: it does not go along */
static inline struct kgr_selected *kgr_selected(const struct kgr_selection *selection,
						const struct kgr_sym *sym)
{
	return g_hash_table_lookup(selection->selected, sym);
}

/* kgr_moved_from() - where a new symbol was before; NULL: nowhere, or it has not moved */
static inline const struct kgr_moved *kgr_moved_from(const struct kgr_selection *selection,
						     const struct kgr_sym *sym)
{
	return g_hash_table_lookup(selection->moved, sym);
}

/* kgr_is_redirected() - is it a function to which the kernel's own is redirected? */
static inline bool kgr_is_redirected(const struct kgr_selection *selection,
				     const struct kgr_sym *sym)
{
	const struct kgr_selected *selected = kgr_selected(selection, sym);

	return selected && selected->redirected;
}

/* kgr_no_fentry_new() - an empty list of struct kgr_no_fentry; g_ptr_array_unref() it */
GPtrArray *kgr_no_fentry_new(void);

/* kgr_fentry_words() - why ftrace cannot hook a function, for messages: "is notrace"
 * @fentry: what its record says (kgr_record_fentry()); NULL: nothing
 */
const char *kgr_fentry_words(const char *fentry);

#endif
