/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packages that an image is made of, where it is not one package. */
#ifndef KGR_IMAGE_PARTS_H
#define KGR_IMAGE_PARTS_H

#include <stdbool.h>
#include <glib.h>

/* kgr_image_parts() - their names, from the Depends of the image's package
 * @depends: as dpkg-deb -f has it
 *
 * Empty if the package has the image itself. g_ptr_array_unref() it.
 */
GPtrArray *kgr_image_parts(const char *depends, const char *release);

/* kgr_image_rearrange() - files that are in such packages go to where they are in an image of one package
 * @dir: what the image's packages unpacked to
 */
bool kgr_image_rearrange(const char *dir, const char *release, GError **error);

#endif
