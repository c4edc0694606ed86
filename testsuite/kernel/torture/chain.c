// SPDX-License-Identifier: GPL-2.0-only
/* What the torture's patch replaces: all of it by changing one number. */
#include <linux/uaccess.h>

#include "torture.h"

#define PROTOCOL 1

noinline void torture_h(struct torture_run *run)
{
	torture_pause(run);
	if (run->token != run->seed + PROTOCOL + (PROTOCOL << 8))
		torture_mix(run, "h");
}

noinline void torture_g(struct torture_run *run)
{
	char c;

	if (run->token != run->seed + PROTOCOL)
		torture_mix(run, "g");
	if (run->user && get_user(c, run->user))
		run->user = NULL;
	torture_pause(run);
	run->token += PROTOCOL << 8;
	torture_h(run);
	if (run->token != run->seed + PROTOCOL + (PROTOCOL << 8))
		torture_mix(run, "g after h");
}

noinline void torture_f(struct torture_run *run)
{
	run->token = run->seed + PROTOCOL;
	torture_count(PROTOCOL);
	torture_pause(run);
	torture_g(run);
	if (run->token != run->seed + PROTOCOL + (PROTOCOL << 8))
		torture_mix(run, "f after g");
}

/* These two are not on the stack together: only the promise keeps them in one universe. */
noinline void torture_first(struct torture_run *run)
{
	run->token = run->seed ^ PROTOCOL;
	torture_count(PROTOCOL);
}

noinline void torture_second(struct torture_run *run)
{
	if (run->token != (run->seed ^ PROTOCOL))
		torture_mix(run, "second");
}

/* For the count of instructions: nothing but a call. */
noinline u32 torture_leaf(u32 value)
{
	return value + PROTOCOL;
}
