# SPDX-License-Identifier: GPL-3.0-or-later
# Makes of the torture functions (torture/) what Linux 7.2 understands.
s/\<del_timer_sync\>/timer_delete_sync/
# A timer's function is given where the timer is set up.
/^\thrtimer_init(/d
s/^\tc->hard\.function = in_hardirq_timer/\thrtimer_setup(\&c->hard, in_hardirq_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD)/
s/c->hard\.function/c->hard.base/
s/("torture", 0, 0)/("torture", WQ_PERCPU, 0)/
