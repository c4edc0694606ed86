/* SPDX-License-Identifier: GPL-2.0-only */
/* The breakpoints at old functions that have no fentry, in a transition. */
#ifndef KGR_BREAKPOINT_H
#define KGR_BREAKPOINT_H

#include "redirect-table.h"

int kgr_breakpoints_start(void);
void kgr_breakpoints_stop(void);
u8 kgr_breakpoint_first(const struct kgr_redirection *redir);
int kgr_breakpoint_may_be(const struct kgr_redirection *redir, const struct kgr_peer_func *by);
void kgr_breakpoint_set(struct kgr_redirection *redir, struct kgr_peer_func *by);
void kgr_breakpoint_claim(struct kgr_redirection *redir, u8 first);
void kgr_breakpoint_clear(struct kgr_redirection *redir);

#endif
