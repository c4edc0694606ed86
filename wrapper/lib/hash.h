/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hash that says whether a file is still what it was: XXH3, 64 bits, over the content.
 * It guards against edits, not against forgers.
 */
#ifndef KGR_HASH_H
#define KGR_HASH_H

#include <stdint.h>
#include <stddef.h>

/* kgr_hash_file() - hash a file's content; 0, or -1 with errno set */
int kgr_hash_file(const char *path, uint64_t *hash);

#endif
