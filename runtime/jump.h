/* SPDX-License-Identifier: GPL-2.0-only */
/* The jump behind an old function's fentry, or at its top, once converged. */
#ifndef KGR_JUMP_H
#define KGR_JUMP_H

#include "kgraft.h"
#include "peer.h"

void kgr_jumps_begin(void);
void kgr_jumps_end(void);
bool kgr_has_kprobe(unsigned long address);
unsigned int kgr_read_entry(const struct kgr_peer_func *func, u8 first, u8 text[KGR_ARCH_JUMP_MAX]);
const char *kgr_jump_write(struct kgr_peer_func *func, const u8 *first);
int kgr_jump_may_go(const struct kgr_peer_func *func);
void kgr_jump_take_away(struct kgr_peer_func *func);

#endif
