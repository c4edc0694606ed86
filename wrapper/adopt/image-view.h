/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A linked image as bytes and references at addresses, the same for vmlinux and for a module. */
#ifndef KGR_IMAGE_VIEW_H
#define KGR_IMAGE_VIEW_H

#include "elf/object.h"
#include "kernel/linked-image.h"

/*
 * In vmlinux an address is one as linked. A module has none yet: there it is made of the section's
 * number and the offset in it. So one and the other are one number, and distances within a section
 * are what they are.
 */
struct kgr_view {
	struct kgr_image *image;
	struct kgr_obj *module; /* with its relocations; NULL: vmlinux */
};

/* What a reference of the image refers to. */
struct kgr_view_ref {
	const char *name; /* of the undefined symbol, in a module; else NULL */
	uint64_t place; /* symbol + addend; with a name, the addend alone */
};

/* kgr_view_open() - look at an image; kgr_view_close() it. False with @error set if it cannot be read */
bool kgr_view_open(struct kgr_view *view, struct kgr_image *image, GError **error);

/* kgr_view_close() - the image stays the caller's */
void kgr_view_close(struct kgr_view *view);

typedef struct kgr_view kgr_view;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_view, kgr_view_close)

/* kgr_view_address() - that of a symbol of the image */
uint64_t kgr_view_address(const struct kgr_view *view, const struct kgr_ksym *sym);

/* kgr_view_bytes() - the bytes from @address on
 * @size: how many at least
 * @zero: gets whether it is a place that has none in the file, as .bss
 *
 * They stay the image's; NULL if there are not that many, or none.
 */
const uint8_t *kgr_view_bytes(const struct kgr_view *view, uint64_t address, uint64_t size,
			      bool *zero);

/* kgr_view_string() - the string at @address; NULL if there is none */
const char *kgr_view_string(const struct kgr_view *view, uint64_t address);

/* kgr_view_ref() - the reference of the image at @address, which is of the kind of @rel
 *
 * False if there is none, or of another kind.
 */
bool kgr_view_ref(const struct kgr_view *view, const struct kgr_rel *rel, uint64_t address,
		  struct kgr_view_ref *out);

/* kgr_view_count_refs() - how many places of [address, address + size) a module has relocations for; 0 of vmlinux */
size_t kgr_view_count_refs(const struct kgr_view *view, uint64_t address, uint64_t size);

/* kgr_view_table() - where a table of the kernel's is in the image
 * @name: of its section in an object
 *
 * False if the image has no such table.
 */
bool kgr_view_table(const struct kgr_view *view, const char *name, uint64_t *address,
		    uint64_t *size);

#endif
