/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look at a line table's header before libdwarf takes its word for how many names it holds. */
#ifndef KGR_DEBUG_LINE_CHECK_H
#define KGR_DEBUG_LINE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "elf/arch.h"

/* kgr_debug_line_is_sane() - are the directories and files that the header at @at of .debug_line counts in it, and are
 * their names text?
 * @arch: whose byte order it has
 * @data: the section, of @size bytes
 *
 * Each takes at least a byte there. libdwarf 20210528 asks for memory for each before it looks, and reads nothing for
 * those that are described as having no parts: without end, in effect. And a name that is given as a number it takes
 * for a place in memory, and the number of a directory for one that it has. (All found by make fuzz.)
 */
bool kgr_debug_line_is_sane(const struct kgr_arch *arch, const uint8_t *data, uint64_t size,
			    uint64_t at);

#endif
