/* SPDX-License-Identifier: GPL-2.0-only */
/* The handler at old functions' fentries, which chooses for each call. */
#ifndef KGR_HANDLER_H
#define KGR_HANDLER_H

#include "redirect-table.h"

/* Does the handler stay at a function's fentry when converged? */
static inline bool kgr_keeps_handler(const struct kgr_redirection *redir)
{
	return redir->func && kgr_self.funcs[kgr_func_number(redir)].handled;
}

bool kgr_handler_is_on(void);
bool kgr_handler_may_be_at(struct kgr_redirection *redir);
int kgr_handler_set(bool all);
void kgr_handler_stop(void);
bool kgr_bridge_is_on(void);
int kgr_bridge_start(bool all);
void kgr_bridge_stop(void);

#endif
