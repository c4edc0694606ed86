/* SPDX-License-Identifier: GPL-2.0-only */
/* Lengths in x86 code by which structures of the runtime are laid out. */
#ifndef KGR_ARCH_LENGTHS_H
#define KGR_ARCH_LENGTHS_H

#include "kgraft-abi.h"

/* Bytes that a jump takes the place of, at most: no instruction that it cuts at its last byte is longer. */
#define KGR_ARCH_JUMP_MAX 20

/* Bytes of a stub (stub.c). */
#define KGR_ARCH_STUB_SIZE KGR_X86_STUB_SIZE

#endif
