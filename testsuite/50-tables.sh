# SPDX-License-Identifier: GPL-3.0-or-later
# A changed constant table that only functions read goes along with all who read it; one that somebody may hold a
# pointer to does not. Pointers beyond a table's end, as loops count with, belong to the table.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

edit fs/proc/array.c 's/"S (sleeping)"/"S (dozing)"/' >table.diff
expect_exit 0 kgr-build -C "$kernel" -n table table.diff
says "included task_state_array (string"
says "reads task_state_array, which changed"
says "note     task_state_array: all functions that read it are replaced"
expect_exit 0 kgr-prove -C "$kernel" kgraft-table.ko table.diff

# Functions, and who was given them when something was registered goes on with the old ones.
edit fs/proc/base.c '/^static const struct inode_operations proc_def_inode_operations/,/^}/{/setattr/d}' >ops.diff
expect_exit 1 kgr-build -C "$kernel" ops.diff
says "object proc_def_inode_operations (.rodata.proc_def_inode_operations) has another initial value"
# Boot code may have stored the address.
edit fs/proc/array.c 's/"S (sleeping)"/"S (dozing)"/
	$a static const void *kgr_kept;\nstatic int __init __used kgr_keep(void)\n{\n\tWRITE_ONCE(kgr_kept, task_state_array);\n\treturn 0;\n}' >init.diff
expect_exit 1 kgr-build -C "$kernel" init.diff
says "object task_state_array (.rodata.task_state_array) has another initial value"
# Other data points to it.
edit fs/proc/array.c 's/"S (sleeping)"/"S (dozing)"/
	$a static const void *kgr_kept __used = task_state_array;' >pointer.diff
expect_exit 1 kgr-build -C "$kernel" pointer.diff
says "object task_state_array (.rodata.task_state_array) has another initial value"
# Not a constant.
edit kernel/printk/printk.c '/^int console_printk\[4\] = {/,/^}/s/CONSOLE_LOGLEVEL_MIN/2/' >data.diff
expect_exit 1 kgr-build -C "$kernel" data.diff
says "object console_printk (.data.console_printk) has another initial value"

# Beyond the kernel's own table, and before it.
edit fs/proc/array.c '/^int proc_pid_status(/,/^}/s/^\ttask_state(m, ns, pid, task);/&\n\tunsigned long end = (unsigned long)(task_state_array + ARRAY_SIZE(task_state_array) + 4);\n\tunsigned long start = (unsigned long)(task_state_array - 1);\n\tOPTIMIZER_HIDE_VAR(end);\n\tOPTIMIZER_HIDE_VAR(start);\n\tseq_printf(m, "Table:\\t%lu\\n", end - start);/' >beyond.diff
expect_exit 0 kgr-build -C "$kernel" beyond.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-beyond.ko beyond.diff
# The end of one object, or another one that is new and comes next? The section says no more.
edit net/core/dev.c '/^struct list_head ptype_base/{i static int kgr_before __read_mostly = 1;
	a static int kgr_after __read_mostly = 1;
	}
	/^bool dev_nit_active(/,/^}/s/^{/&\n\tREAD_ONCE(kgr_before);\n\tREAD_ONCE(kgr_after);/' >beside.diff
expect_exit 1 kgr-build -C "$kernel" beside.diff
says "which lies beside it in .data..read_mostly; only one of them stays where it is"

new_guest
cp kgraft-table.ko kgraft-beyond.ko "$guest/"
boot <<'END'
sleep 1000 &
state() { sed -n 's/^State:.//p' /proc/$!/status; }
until [ "$(state)" = "S (sleeping)" ]; do sleep 0.1; done
patch_in table
expect "S (dozing)" state
patch_out table
expect "S (sleeping)" state
patch_in beyond
expect 112 sed -n 's/^Table:.//p' /proc/self/status
patch_out beyond
END
