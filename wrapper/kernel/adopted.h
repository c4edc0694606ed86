/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel that somebody else built: what its build directory, which kgr-adopt made of packages, says of it. */
#ifndef KGR_ADOPTED_H
#define KGR_ADOPTED_H

#include <stdbool.h>
#include <glib.h>

#define KGR_ADOPTED_FILE ".kgr-adopted" /* in the build directory; what is not whole has none */
#define KGR_ADOPTED_VMLINUX "vmlinux" /* the image of what is no module's */

struct kgr_adopted {
	char *release; /* as uname -r says */
	char *version; /* of the packages: "6.1.192-2" */
	char *compiler; /* the one at hand, full name */
	char *compiled_by; /* what compiled the kernel, as .comment has it */
	char *build_id; /* hexadecimal */
	GHashTable *units; /* source -> GPtrArray of the images (char *) that it was compiled for */
	GHashTable *named; /* source -> how the build names it, if otherwise: by way of ".." */
	/* Where units are compiled again (adopt/object-tree.h); this directory may not be there. */
	char *objects;
};

/* kgr_adopted_read() - what is known of an adopted kernel
 * @build: its build directory, canonical
 * @adopted: gets it, for kgr_adopted_free(); NULL: kgr-adopt has not made this directory
 *
 * False with @error set if it is damaged.
 */
bool kgr_adopted_read(const char *build, struct kgr_adopted **adopted, GError **error);

/* kgr_adopted_text() - the same as the file that says it; g_string_free() it */
GString *kgr_adopted_text(const struct kgr_adopted *adopted);

/* kgr_adopted_new() - one of which nothing is known yet */
struct kgr_adopted *kgr_adopted_new(void);

/* kgr_adopted_add() - a source is compiled for @image; both are copied
 * @named: as the build names it, maybe by way of ".."
 */
void kgr_adopted_add(struct kgr_adopted *adopted, const char *named, const char *image);

/* kgr_adopted_source() - "virt/kvm/vfio.c", whatever the build names it; g_free() it */
char *kgr_adopted_source(const char *named);

/* kgr_adopted_named() - how the build names a source, so that Kbuild knows it; stays @adopted's, or
 * the caller's @source
 */
const char *kgr_adopted_named(const struct kgr_adopted *adopted, const char *source);

/* kgr_adopted_images() - the images that a source was compiled for, of char *; NULL: it was for none */
const GPtrArray *kgr_adopted_images(const struct kgr_adopted *adopted, const char *source);

/* kgr_adopted_free() - NULL is fine */
void kgr_adopted_free(struct kgr_adopted *adopted);

typedef struct kgr_adopted kgr_adopted;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_adopted, kgr_adopted_free)

#endif
