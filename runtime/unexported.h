/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reaching what the kernel does not export: linked address, made a constant by kgr-build from
 * unexported.list, plus the slide that KASLR gave this boot.
 */
#ifndef KGR_UNEXPORTED_H
#define KGR_UNEXPORTED_H

#include "kgraft.h"

#define KGR_UNEXPORTED(name) extern const struct kgr_text kgr_link_##name

/* The address of a symbol, 0 if this kernel has none of that name. */
#define kgr_address(name) (kgr_link_##name.address ? kgr_link_##name.address + kgr_slide : 0)

/* A function by its declared type, to be called. */
#define kgr_call(name) ((typeof(&name))kgr_address(name))

#endif
