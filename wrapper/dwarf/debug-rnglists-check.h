/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look at the headers of .debug_rnglists before libdwarf takes their word. */
#ifndef KGR_DEBUG_RNGLISTS_CHECK_H
#define KGR_DEBUG_RNGLISTS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "elf/arch.h"

/* kgr_debug_rnglists_is_sane() - does the section consist of whole tables of DWARF 5?
 * @arch: whose byte order it has
 * @data: the section, of @size bytes
 *
 * libdwarf 20210528 frees twice where a header is damaged (found by make fuzz).
 */
bool kgr_debug_rnglists_is_sane(const struct kgr_arch *arch, const uint8_t *data, uint64_t size);

#endif
