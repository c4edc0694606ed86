# SPDX-License-Identifier: GPL-3.0-or-later
# Functions that have no fentry, redirected by kprobes because the user asked for it: one that others call,
# one in a table, one that runs in hard interrupts, the exit of a module; patches on top of one another and
# in place of all others.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel lockdep
cd "$work"

edit lib/glob.c "/case '?':/,/break;/s/if (c == '.0')/if (true)/" >glob.diff
edit kernel/trace/trace.c '/^tracing_set_trace_read(/,/^}/s/"%s\\n"/"%s, patched\\n"/' >table.diff
edit lib/timerqueue.c '
/^#include <linux\/export.h>/a #include <linux/preempt.h>\n#include <linux/printk.h>\n#include "kgraft-macros.h"\n\nstatic int kgr_ran[2];\nstatic void kgr_say(patch_object *object)\n{\n\tpr_info("kgraft: %d in interrupts, %d else\\n", kgr_ran[1], kgr_ran[0]);\n}\nKPATCH_POST_UNPATCH_CALLBACK(kgr_say);
/^bool timerqueue_add(/,/^}/s/^{/&\n\tkgr_ran[!!in_hardirq()]++;\n/' >irq.diff

expect_exit 1 kgr-build -C "$kernel" -o no.ko glob.diff
says "glob_match is notrace, so ftrace cannot hook it, and it is exported"
says "see --allow-kprobe"
expect_exit 1 kgr-build -C "$kernel" -o no.ko table.diff
says "tracing_set_trace_read is notrace, so ftrace cannot hook it, and set_tracer_fops in .rodata"
says "see --allow-kprobe"
# The kernel takes no kprobe there.
edit kernel/entry/common.c '/^noinstr void syscall_exit_to_user_mode(/,/^}/s/^{/&\n\tbarrier_data(regs);/;/^__visible noinstr void syscall_exit_to_user_mode(/,/^}/s/^{/&\n\tregs->r11++;/' >noinstr.diff
expect_exit 1 kgr-build --allow-kprobe -C "$kernel" -o no.ko noinstr.diff
says "the kernel takes no kprobe in .noinstr.text either"
[ ! -e no.ko ] || fail "refused, and still there"

expect_exit 0 kgr-build --allow-kprobe -C "$kernel" -n glob glob.diff table.diff irq.diff
says "by a kprobe, as it is notrace and ftrace cannot hook it"
expect_exit 0 kgr-prove -C "$kernel" kgraft-glob.ko glob.diff table.diff irq.diff
expect_exit 0 kgr-show kgraft-glob.ko
says "by a kprobe, as it is notrace"

# Another version of one of them, without the others.
sed 's/, patched/, twice/' table.diff >twice.diff
expect_exit 0 kgr-build --allow-kprobe -C "$kernel" twice.diff

# A module's exit.
edit lib/torture/kgr_torture_late.c 's/late: read %d/late: was read %d/' >exit.diff
expect_exit 1 kgr-build -C "$kernel" exit.diff
says "late_exit (.exit.text) runs when the module goes, and has no fentry to redirect; see --allow-kprobe"
expect_exit 0 kgr-build --allow-kprobe -C "$kernel" exit.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-exit.ko exit.diff

new_guest
cp "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
guest_program slow-write
cp ./*.ko "$guest/"
boot <<'END'
t=/sys/kernel/tracing
glob() { echo 'do_?xit' >$t/set_ftrace_filter 2>/dev/null; grep -c do_exit $t/set_ftrace_filter || :; }
on() { echo "$1" >/sys/kernel/kgraft/kgraft-$2/enabled && settled_after_poke $2; }
expect 1 glob
expect nop cat $t/current_tracer
busy 2
insmod /kgraft-glob.ko || fail "insmod"
settled_after_poke glob
expect 0 glob
expect "nop, patched" cat $t/current_tracer

# In the middle of a transition everybody sees their own.
sleep 1000 &
on 0 glob
expect 1 glob
expect nop cat $t/current_tracer
on 1 glob
expect 0 glob
patch_out glob

# One system call, one universe: this one asks glob_match() after the patch has come, and gets the old one.
slow-write $t/set_ftrace_filter 'do_?xit ' /tmp/go >/tmp/said &
until grep -q asleep /tmp/said; do sleep 0.1; done
kgr load --stragglers=wait --no-wait /kgraft-glob.ko
sleep 1
expect 1 cat /sys/kernel/kgraft/kgraft-glob/transition
expect "nop, patched" cat $t/current_tracer
touch /tmp/go
wait $!
expect do_exit cat $t/set_ftrace_filter
kgr poke glob
settled kgraft-glob
expect 0 glob
expect "nop, patched" cat $t/current_tracer

# On top of it, and back.
insmod /kgraft-twice.ko || fail "stacking"
settled_after_poke twice
expect "nop, twice" cat $t/current_tracer
expect 0 glob
patch_out twice
expect "nop, patched" cat $t/current_tracer

# Instead of it: what it does not have goes back to the kernel's own.
insmod /kgraft-twice.ko replace=1 || fail "replacing"
settled_after_poke twice
expect "nop, twice" cat $t/current_tracer
expect 1 glob
cleared_up kgraft-twice
expect 0 cat /sys/kernel/kgraft/kgraft-glob/enabled
rmmod kgraft_glob || fail "the replaced one is in use"
patch_out twice
expect nop cat $t/current_tracer

# Again and again under load, and what ran in interrupts knew its universe.
for n in 1 2 3 4 5; do
	insmod /kgraft-glob.ko || fail "insmod"
	settled_after_poke glob
	expect 0 glob
	sleep 0.2
	patch_out glob
	expect 1 glob
done
dmesg | grep "kgraft: [0-9]* in interrupts" || fail "the callback did not run"
dmesg | grep -q "kgraft: [1-9][0-9]* in interrupts, [1-9][0-9]* else" || fail "nothing ran in interrupts"

# The module comes after the patch, and before it.
patch_in exit
insmod /kgr_torture_late.ko
rmmod kgr_torture_late
expect 1 sh -c "dmesg | grep -c 'late: was read'"
patch_out exit
insmod /kgr_torture_late.ko
patch_in exit
rmmod kgr_torture_late
expect 2 sh -c "dmesg | grep -c 'late: was read'"
insmod /kgr_torture_late.ko
patch_out exit
rmmod kgr_torture_late
expect 1 sh -c "dmesg | grep -c 'late: read'"

# Whoever switches kprobes off must not make a patch that does nothing.
mount -t debugfs none /sys/kernel/debug
expect "" cat /sys/kernel/debug/kprobes/list
echo 0 >/sys/kernel/debug/kprobes/enabled
refuses 16 insmod /kgraft-glob.ko
dmesg | grep -q "kgraft-glob: all kprobes are switched off" || fail "no reason given"
expect "" cat /sys/kernel/debug/kprobes/list
echo 1 >/sys/kernel/debug/kprobes/enabled
patch_in glob
expect 0 glob
grep -c . /sys/kernel/debug/kprobes/list
patch_out glob
expect 1 glob
END
