# SPDX-License-Identifier: GPL-3.0-or-later
# What is new in a patch and the kernel may keep the address of: a timer with its function, a work item. Such a patch is taken
# out, and stays in memory; unless an unpatch callback sees to it, and the diff's author says so.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

note() {
	says "the kernel may keep the address of what is new ($1), so the module cannot be unloaded"
}
# umask NAME NEW STATEMENTS [MORE]: what is new before umask(), and what is in it
umask_diff() {
	edit kernel/sys.c "/^SYSCALL_DEFINE1(umask/i $2
		/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\\n\\t$3/
		s/^#include <linux\\/export.h>/&\\n#include <linux\\/timer.h>\\n#include \"kgraft-macros.h\"/" >"$1.diff"
}
timer='static void kgr_late(struct timer_list *t)\n{\n\tpr_info("kgraft: late\\n");\n}\nstatic DEFINE_TIMER(kgr_timer, kgr_late);\n'
umask_diff timer "$timer" 'mod_timer(\&kgr_timer, jiffies + 3 * HZ);'
expect_exit 0 kgr-build -C "$kernel" timer.diff
note 'kgr_late, kgr_timer'
kgr-build -C "$kernel" --json -o json.ko timer.diff >out
tr -d ' \n' <out | grep -q '"escapes":\["kgr_late","kgr_timer"\]' || fail "not in the JSON"
# Work in memory of the kernel's.
umask_diff work 'static void kgr_later(struct work_struct *w)\n{\n\tkfree(to_delayed_work(w));\n}\n' \
	'struct delayed_work *w = kzalloc(sizeof(*w), GFP_KERNEL);\n\n\tif (w) {\n\t\tINIT_DELAYED_WORK(w, kgr_later);\n\t\tschedule_delayed_work(w, HZ);\n\t}'
expect_exit 0 kgr-build -C "$kernel" work.diff
note kgr_later
# A function that arms itself.
umask_diff self 'static noinline void kgr_again(struct rcu_head *head)\n{\n\tcall_rcu(head, kgr_again);\n}\nstatic struct rcu_head kgr_head;\n' \
	'if (mask == 0777777)\n\t\tkgr_again(\&kgr_head);'
expect_exit 0 kgr-build -C "$kernel" -o x.ko self.diff
note 'kgr_again, kgr_head'
# New in one file, given away in another; in data that assembly makes; lists and queues that are pointed back to.
{
	edit mm/msync.c '/^SYSCALL_DEFINE3(msync/i void kgr_late(struct rcu_head *head);\nvoid kgr_late(struct rcu_head *head)\n{\n}\n'
	edit mm/mincore.c '/^static long do_mincore(/i void kgr_late(struct rcu_head *head);\n
		/^static long do_mincore(/,/^}/s/^{/&\n\tif (!addr)\n\t\tcall_rcu((struct rcu_head *)vec, kgr_late);\n/'
} >cross.diff
expect_exit 0 kgr-build -C "$kernel" -o x.ko cross.diff
note kgr_late
umask_diff asm 'static noinline __used void kgr_late(struct rcu_head *head)\n{\n}\nasm(".pushsection .rodata\\nkgr_table: .quad kgr_late\\n.popsection");\nextern void *kgr_table[];\n' \
	'current->journal_info = kgr_table[0];'
expect_exit 0 kgr-build -C "$kernel" -o x.ko asm.diff
note kgr_late
umask_diff heads 'static HLIST_HEAD(kgr_list);\nstatic DECLARE_WAIT_QUEUE_HEAD(kgr_queue);\n' \
	'if (mask == 0777777)\n\t\thlist_add_head((struct hlist_node *)current->journal_info, \&kgr_list);\n\twake_up(\&kgr_queue);'
expect_exit 0 kgr-build -C "$kernel" -o x.ko heads.diff
note 'kgr_list, kgr_queue'
# A table that nothing is linked to, as it cannot be written and has no addresses.
umask_diff policy 'static const struct timer_list kgr_none[2];\nstatic noinline int kgr_sum(const struct timer_list *t)\n{\n\treturn READ_ONCE(t[mask_of(t)].flags);\n}\n' \
	'mask ^= kgr_sum(kgr_none);'
sed -i 's/mask_of(t)/jiffies \& 1/' policy.diff
expect_exit 0 kgr-build -C "$kernel" -o x.ko policy.diff
! grep -q 'may keep' out || fail "a constant without addresses escapes"
# What else the kernel keeps: a thread, a notifier, tables whose functions are all the kernel's.
umask_diff thread 'static int kgr_thread(void *unused)\n{\n\treturn 0;\n}\n' \
	'kthread_run(kgr_thread, NULL, "kgr");'
sed -i 's/timer\.h>/kthread.h>/' thread.diff
expect_exit 0 kgr-build -C "$kernel" -o x.ko thread.diff
note kgr_thread
umask_diff notifier 'static int kgr_notify(struct notifier_block *nb, unsigned long event, void *data)\n{\n\treturn NOTIFY_DONE;\n}\nstatic struct notifier_block kgr_block = { .notifier_call = kgr_notify };\n' \
	'register_reboot_notifier(\&kgr_block);'
expect_exit 0 kgr-build -C "$kernel" -o x.ko notifier.diff
note 'kgr_block, kgr_notify'
umask_diff operations 'static const struct file_operations kgr_operations = { .llseek = noop_llseek };\n' \
	'((struct file *)current->journal_info)->f_op = \&kgr_operations;'
expect_exit 0 kgr-build -C "$kernel" -o x.ko operations.diff
note kgr_operations
umask_diff table 'static int kgr_value;\nstatic struct ctl_table kgr_table[] = {\n\t{ .procname = "kgr", .data = \&kgr_value, .maxlen = sizeof(int), .mode = 0644, .proc_handler = proc_dointvec }, { }\n};\n' \
	'register_sysctl("kernel", kgr_table);'
sed -i 's/timer\.h>/sysctl.h>/' table.diff
expect_exit 0 kgr-build -C "$kernel" -o x.ko table.diff
note kgr_table
# Any object, a table without functions, a literal: if it is written to the kernel's memory.
umask_diff stored 'static int kgr_state;\n' \
	'current->journal_info = \&kgr_state;\n\tkgr_state++;'
expect_exit 0 kgr-build -C "$kernel" stored.diff
note kgr_state
umask_diff named 'struct kgr_named {\n\tconst char *name;\n};\n' \
	'((struct kgr_named *)current->journal_info)->name = mask \& 1 ? "one" : "two words";'
expect_exit 0 kgr-build -C "$kernel" named.diff
note '"one", "two\040words"'
for name in stored named; do
	expect_exit 0 kgr-prove -C "$kernel" "kgraft-$name.ko" "$name.diff"
	says "stays in memory"
done
# Written to the patch's own object, or handed over.
umask_diff inside 'static const char *kgr_last;\nstatic int kgr_count;\nstatic int *kgr_where;\n' \
	'WRITE_ONCE(kgr_last, mask \& 1 ? "one" : "two");\n\tWRITE_ONCE(kgr_where, \&kgr_count);\n\tpr_debug("%s %d\\n", READ_ONCE(kgr_last), *READ_ONCE(kgr_where));'
expect_exit 0 kgr-build -C "$kernel" -o x.ko inside.diff
! grep -q 'may keep' out || fail "what the patch keeps in itself escapes"
# What is only called, and numbers and locks: nothing stays.
umask_diff plain 'static DEFINE_MUTEX(kgr_lock);\nstatic int kgr_count;\nstatic noinline int kgr_next(int *count)\n{\n\treturn ++*count;\n}\n' \
	'mutex_lock(\&kgr_lock);\n\tkgr_next(\&kgr_count);\n\tmutex_unlock(\&kgr_lock);'
expect_exit 0 kgr-build -C "$kernel" plain.diff
! grep -q 'may keep' out || fail "a lock and a number escape"
# With a callback, of which the author says that it is enough.
cp timer.diff x.diff
expect_exit 1 kgr-build -C "$kernel" -o out.ko --allow-escape=kgr_late x.diff
says 'so the diff needs a pre- or post-unpatch callback'
expect_exit 1 kgr-build -C "$kernel" -o out.ko --allow-escape=kgr_other x.diff
says 'nothing new of that name'
umask_diff stopped "${timer}static void kgr_stop(patch_object *object)\n{\n\tdel_timer_sync(\&kgr_timer);\n}\nKPATCH_POST_UNPATCH_CALLBACK(kgr_stop);\n" \
	'mod_timer(\&kgr_timer, jiffies + 3 * HZ);'
expect_exit 0 kgr-build -C "$kernel" -o x.ko --allow-escape=kgr_late stopped.diff
note kgr_timer
expect_exit 0 kgr-build -C "$kernel" --allow-escape=kgr_late --allow-escape=kgr_timer stopped.diff
! grep -q 'cannot be unloaded' out || fail "what is allowed escapes"
# The module says which names were allowed, for people and for kgr-prove.
for name in kgr_late kgr_timer; do
	says "the kernel may keep the address of $name, which is left to the unpatch callback, as was allowed"
done
expect_exit 0 kgr-show kgraft-stopped.ko
for name in kgr_late kgr_timer; do
	says "the kernel may keep the address of $name, which is left to the unpatch callback, as was allowed"
done
expect_exit 0 kgr-prove -C "$kernel" kgraft-stopped.ko stopped.diff
for name in kgr_late kgr_timer; do
	grep -q "$name .*: the patch's own; .*, whose unpatch callback sees to it, as was allowed" out ||
		fail "kgr-prove does not say that $name was allowed"
done
# A cumulative patch leaves it in memory, too.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tmask \&= 0770;/' >next.diff
expect_exit 0 kgr-build -C "$kernel" next.diff

new_guest
cp kgraft-timer.ko kgraft-work.ko kgraft-plain.ko kgraft-stopped.ko kgraft-next.ko "$guest/"
boot <<'END'
patch_in plain
umask
patch_out plain
patch_in stopped
umask
patch_out stopped
patch_in work
umask
kgr unload work >/tmp/out 2>&1 && fail "unloaded with work that is pending"
grep 'it stays in memory .* kgr_later' /tmp/out || fail "$(cat /tmp/out)"
patch_in timer
grep . /sys/kernel/kgraft/kgraft-timer/escapes
dmesg | grep 'kgraft-timer: cannot be unloaded, as the kernel may keep the address of kgr_late kgr_timer' ||
	fail "the log does not say so"
umask
kgr load --replace /kgraft-next.ko
# Clearing up holds it, too; then only what may be pointed to does.
cleared_up kgraft-next
expect 1 cat /sys/module/kgraft_timer/refcnt
rmmod kgraft_timer && fail "removed with a timer that is pending"
# Back, and in again: only its module stays.
kgr unload next
sleep 4
dmesg | grep 'kgraft: late' || fail "the timer has not run"
kgr status
END
