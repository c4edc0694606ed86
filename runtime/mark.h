/* SPDX-License-Identifier: GPL-2.0-only */
/* One task's place in a transition. Shared by the files that move tasks, and by nobody else. */
#ifndef KGR_MARK_H
#define KGR_MARK_H

#include <linux/sched.h>
#include <linux/task_work.h>

#include "kgraft.h"

struct kgr_mark {
	struct task_struct *task; /* pinned; NULL: a free slot */
	u8 universe; /* enum kgr_universe */
	u8 ran_left; /* called a function of the universe that is left, since it is being left */
	u8 queued; /* work is on its way to the task, or running there */
	struct callback_head work;
};

/* The table, for those who walk it: [0, kgr_mark_slots()), free slots included. */
unsigned int kgr_mark_slots(void);
struct kgr_mark *kgr_mark_slot(unsigned int n);

static inline bool kgr_mark_moved(const struct kgr_mark *mark)
{
	return READ_ONCE(mark->universe) == kgr_target_universe();
}

static inline void kgr_mark_move(struct kgr_mark *mark)
{
	WRITE_ONCE(mark->universe, kgr_target_universe());
}

#endif
