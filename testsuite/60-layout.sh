# SPDX-License-Identifier: GPL-3.0-or-later
# A type that lives on stacks alone may have another layout, when all who use it are replaced, one that the diff does
# not touch included. What makes it doubtful that it does is in 12-kgr-diff.sh.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

grow='s/^struct resource_constraint {/&\n\tint weight;/'
edit kernel/resource.c "$grow" >layout.diff
expect_exit 0 kgr-build -C "$kernel" layout.diff
says 'note     another layout of what is on stacks alone; what uses it is replaced: '
says 'replaced reallocate_resource (uses a type that has another layout)'
expect_exit 0 kgr-prove -C "$kernel" kgraft-layout.ko layout.diff
says '3 functions, '

# With a list head inside, which others are given; nobody makes that the whole again.
edit kernel/sched/fair.c 's/^struct lb_env {/&\n\tint weight;/' >list.diff
expect_exit 0 kgr-build -C "$kernel" list.diff
says 'struct lb_env: member int weight at offset 0'
says 'replaced load_balance'
expect_exit 0 kgr-prove -C "$kernel" kgraft-list.ko list.diff
# container_of() by the new source alone, which may meet an old one; and a cast of other bytes, which DWARF does not tell.
edit kernel/sched/fair.c 's/^struct lb_env {/&\n\tint weight;/
	/^static int load_balance(/i static noinline int kgr_weight(struct list_head *tasks) { return READ_ONCE(container_of(tasks, struct lb_env, tasks)->weight); }
	/^static int load_balance(/,/^}/s/^\tcpumask_and(.*/&\n\tkgr_weight(\&env.tasks);/' >x.diff
refused 1 'from its tasks one may come back to it (container_of)'
edit net/ipv4/inet_fragment.c 's/^struct ipfrag_skb_cb {/&\n\tint weight;/' >x.diff
refused 1 'one may come back to it (container_of)'

# One who knew it, and is no more, would go on with the old one.
edit kernel/resource.c "$grow; s/\\<reallocate_resource\\>/kgr_reallocate_resource/" >x.diff
refused 1 'the diff changes the layout of a type that reallocate_resource uses, which is gone'

new_guest
cp kgraft-layout.ko kgraft-list.ko "$guest/"
boot <<'END'
patch_in layout
patch_in list
patch_out list
patch_out layout
END
