/* SPDX-License-Identifier: GPL-2.0-only */
/* The jump behind an old function's fentry, once converged. */
#ifndef KGR_JUMP_H
#define KGR_JUMP_H

#include "kgraft.h"
#include "peer.h"

void kgr_jumps_begin(void);
void kgr_jumps_end(void);
const char *kgr_jump_write(struct kgr_peer_func *func);
int kgr_jump_may_go(const struct kgr_peer_func *func);
void kgr_jump_take_away(struct kgr_peer_func *func);

#endif
