/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the proof share: see proof.c. */
#ifndef KGR_PROVING_H
#define KGR_PROVING_H

#include "adopt/image-view.h"

struct kgr_proving {
	struct kgr_obj *obj; /* what was compiled here */
	struct kgr_view view; /* what runs */
	unsigned int file; /* of the image, see kgr_image_file_idx() */
	bool *placed; /* of each section, by its index: is it known where it is? */
	uint64_t *base; /* and where */
	const char *dir; /* of the source here */
	char *there; /* that of the image's, once a file's name has told */
	GQueue *todo; /* of struct kgr_sec: placed, and not compared yet */
};

/* kgr_proving_place() - the object's section @sec is at @base in the image; false: it is elsewhere */
bool kgr_proving_place(struct kgr_proving *p, const struct kgr_sec *sec, uint64_t base);

/* kgr_prove_ref() - does the image's reference at @address refer to what @rel of the object refers
 * to?
 * @bias: as for kgr_target()
 *
 * A section of which that is the first thing known is placed by it.
 */
bool kgr_prove_ref(struct kgr_proving *p, const struct kgr_rel *rel, int bias, uint64_t address);

/* kgr_prove_tables() - has the image the same entries of all tables for the unit's code?
 *
 * False with @error set.
 */
bool kgr_prove_tables(struct kgr_proving *p, GError **error);

/* kgr_proof_fails() - set the error of a proof: @what in @sec differs at @offset, or if that is in
 * no symbol, the section
 */
bool kgr_proof_fails(const struct kgr_proving *p, const struct kgr_sec *sec, uint64_t offset,
		     const char *how, GError **error);

#endif
