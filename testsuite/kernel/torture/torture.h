/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions whose old and new versions do not understand each other, called from every context
 * there is. Who meets both within one system call, one interrupt or one run of a thread's work has
 * met a mix of universes, and that is counted.
 */
#ifndef KGR_TORTURE_H
#define KGR_TORTURE_H

#include <linux/types.h>

enum torture_pause {
	PAUSE_NONE,
	PAUSE_SPIN, /* for places that must not sleep */
	PAUSE_RANDOM, /* any of those below, for at most a few ms */
	PAUSE_INTERRUPTIBLE,
	PAUSE_KILLABLE,
	PAUSE_UNINTERRUPTIBLE,
};

/* One system call, interrupt, or round of a thread's work. */
struct torture_run {
	const char *context;
	enum torture_pause pause; /* inside each function, and between the two of a pair */
	unsigned int ms;
	const char __user *user; /* read by torture_g(), if given: may sleep in a page fault */
	u32 seed;
	u32 token;
};

/* chain.c: what is patched */
void torture_f(struct torture_run *run);
void torture_g(struct torture_run *run);
void torture_h(struct torture_run *run);
void torture_first(struct torture_run *run);
void torture_second(struct torture_run *run);
u32 torture_leaf(u32 value);

/* contexts.c: who calls it */
void torture_pause(const struct torture_run *run);
void torture_round(struct torture_run *run);
void torture_mix(const struct torture_run *run, const char *where);
void torture_count(u32 protocol);
int torture_start(void);
void torture_stop(void);
extern atomic_t torture_mixes, torture_runs[2];

#endif
