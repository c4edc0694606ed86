# SPDX-License-Identifier: GPL-3.0-or-later
# Functions that have no fentry, redirected by a breakpoint in a transition and by a jump at their top when that is over: one that
# others call, one in a table, one that runs in hard interrupts, the exit of a module; patches on top of one another and
# in place of all others; kprobes there before the patch, in its transition and after it; what text is left. With landing pads, if
# there is a kernel later than 6.1; KGR_TEST_SERIES=6.1 runs it where there are none, and no debugfs, KGR_TEST_CONFIG=debug under KASAN and lockdep.
. "$KGR_SRCDIR/testsuite/lib.sh"
oldest=$newest
test_kernel "${KGR_TEST_CONFIG:-small}"
cd "$work"
# Who is refused first: with KASAN glob_match_len(), which has the same inside; on later ones do_syscall_64(), which calls what differs.
[ "${KGR_TEST_CONFIG:-small}" = debug ] && first=glob_match_len || first=glob_match
case $newest in
6.1) entry=kernel/entry/common.c edited=$entry ;;
6.12) entry=arch/x86/entry/common.c edited=kernel/entry/common.c ;;
*) entry=arch/x86/entry/syscall_64.c edited=$entry ;;
esac

edit lib/glob.c "/case '?':/,/break;/s/if (c == '.0')/if (true)/" >glob.diff
edit lib/kobject.c '/^static ssize_t kobj_attr_show(/,/^}/s/\treturn ret;/\tif (!strcmp(attr->name, "fscaps"))\n\t\tret = sprintf(buf, "1, patched\\n");\n&/' >table.diff
edit lib/timerqueue.c '
/^#include <linux\/export.h>/a #include <linux/preempt.h>\n#include <linux/printk.h>\n#include "kgraft-macros.h"\n\nstatic int kgr_ran[2];\nstatic void kgr_say(patch_object *object)\n{\n\tpr_info("kgraft: %d in interrupts, %d else\\n", kgr_ran[1], kgr_ran[0]);\n}\nKPATCH_POST_UNPATCH_CALLBACK(kgr_say);
/^bool timerqueue_add(/,/^}/s/^{/&\n\tkgr_ran[!!in_hardirq()]++;\n/' >irq.diff

expect_exit 1 kgr-build --no-kprobe -C "$kernel" -o no.ko glob.diff
says "refused: $first is notrace, so ftrace cannot hook it, and it is exported"
says "do without --no-kprobe"
expect_exit 1 kgr-build --no-kprobe -C "$kernel" -o no.ko table.diff
says "kobj_attr_show is notrace, so ftrace cannot hook it, and kobj_sysfs_ops in .rodata"
says "do without --no-kprobe"
# What runs there may be the way to the handler.
edit $edited '/^__visible noinstr bool do_syscall_64(/,/^}/s/^{/{\n\tregs->r11++;/;/^noinstr void syscall_exit_to_user_mode(/,/^}/s/^{/&\n\tbarrier_data(regs);/;/^__visible noinstr void syscall_exit_to_user_mode(/,/^}/s/^{/&\n\tregs->r11++;/' >noinstr.diff
expect_exit 1 kgr-build -C "$kernel" -o no.ko noinstr.diff
says "no breakpoint may be there either, in .noinstr.text of $entry"
# So may what tracepoints call.
edit kernel/trace/trace.c '/^tracing_set_trace_read(/,/^}/s/"%s\\n"/"%s, patched\\n"/' >trace.diff
expect_exit 1 kgr-build -C "$kernel" -o no.ko trace.diff
says "no breakpoint may be there either, in .text.tracing_set_trace_read of kernel/trace/trace.c"
[ ! -e no.ko ] || fail "refused, and still there"

expect_exit 0 kgr-build -C "$kernel" -n glob glob.diff table.diff irq.diff
says "by a breakpoint, then a jump at its top, as it is notrace and ftrace cannot hook it"
expect_exit 0 kgr-prove -C "$kernel" kgraft-glob.ko glob.diff table.diff irq.diff
expect_exit 0 kgr-show kgraft-glob.ko
says "by a breakpoint, then a jump at its top, as it is notrace"

# Another version of one of them, without the others.
sed 's/, patched/, twice/' table.diff >twice.diff
expect_exit 0 kgr-build -C "$kernel" twice.diff

# Both of them, otherwise.
edit lib/glob.c "/case '?':/,/break;/s/if (c == '.0')/if (c != 'e')/" >glob2.diff
expect_exit 0 kgr-build -C "$kernel" -n both glob2.diff twice.diff

# A module's exit.
edit lib/torture/kgr_torture_late.c 's/late: read %d/late: was read %d/' >exit.diff
expect_exit 1 kgr-build --no-kprobe -C "$kernel" exit.diff
says "late_exit (.exit.text) runs when the module goes, and has no fentry to redirect; do without --no-kprobe"
expect_exit 0 kgr-build -C "$kernel" exit.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-exit.ko exit.diff
# Its two names are one function, to which all entries of tables belong.
[ "$(nm kgraft-exit.ko | awk '$3 == "late_exit.kgr" || $3 == "cleanup_module.kgr" { n++; at[$1] } END { print n, length(at) }')" = "2 1" ] ||
	fail "late_exit() and cleanup_module() are not one function"

# Of the kernel and of a module.
expect_exit 0 kgr-build -C "$kernel" -n joined table.diff exit.diff

cp -r "$tests/direct" "$work/direct"
compile_modules "$work/direct"
BOOT_TIMEOUT=600
new_guest
cp "$kernel/lib/torture/kgr_torture_late.ko" direct/kgr_text.ko direct/kgr_probe.ko "$guest/"
guest_program slow-write
cp ./*.ko "$guest/"
boot <<'END'
t=/sys/kernel/tracing
glob() { echo 'do_?xit' >$t/set_ftrace_filter 2>/dev/null; grep -c do_exit $t/set_ftrace_filter || :; }
address_of() { awk -v name="$1" '$3 == name { print "0x" $1 }' /proc/kallsyms; }
# text_of FUNCTION: what is at its top, behind a landing pad
text_of() {
	echo $(address_of $1) >/sys/module/kgr_text/parameters/address
	sed 's/^f3 0f 1e fa \|^0f 1f 40 d6 //' /sys/module/kgr_text/parameters/text
}
# has_jump FUNCTION: it has, or gets one, now that a transition is over
has_jump() {
	for n in $(seq 50); do
		! text_of $1 | grep -q '^e9' || return 0
		sleep 0.1
	done
	fail "no jump at $1: $(text_of $1)"
}
# Breakpoints and jumps come and go when all have moved.
on() { echo "$1" >/sys/kernel/kgraft/kgraft-$2/enabled && settled_after_poke $2 && cleared_up kgraft-$2; }
expect 1 glob
expect 1 cat /sys/kernel/fscaps
busy 2
insmod /kgraft-glob.ko || fail "insmod"
settled_after_poke glob
expect 0 glob
expect "1, patched" cat /sys/kernel/fscaps

# In the middle of a transition everybody sees their own.
sleep 1000 &
on 0 glob
expect 1 glob
expect 1 cat /sys/kernel/fscaps
on 1 glob
expect 0 glob
patch_out glob

# One system call, one universe: this one asks glob_match() after the patch has come, and gets the old one.
slow-write $t/set_ftrace_filter 'do_?xit ' /tmp/go >/tmp/said &
until grep -q asleep /tmp/said; do sleep 0.1; done
kgr load --stragglers=wait --no-wait /kgraft-glob.ko
sleep 1
expect 1 cat /sys/kernel/kgraft/kgraft-glob/transition
expect "1, patched" cat /sys/kernel/fscaps
touch /tmp/go
wait $!
expect do_exit cat $t/set_ftrace_filter
kgr poke glob
settled kgraft-glob
expect 0 glob
expect "1, patched" cat /sys/kernel/fscaps

# On top of it, and back.
insmod /kgraft-twice.ko || fail "stacking"
settled_after_poke twice
expect "1, twice" cat /sys/kernel/fscaps
expect 0 glob
patch_out twice
expect "1, patched" cat /sys/kernel/fscaps

# Instead of it: what it does not have goes back to the kernel's own.
insmod /kgraft-twice.ko replace=1 || fail "replacing"
settled_after_poke twice
expect "1, twice" cat /sys/kernel/fscaps
expect 1 glob
cleared_up kgraft-twice
expect 0 cat /sys/kernel/kgraft/kgraft-glob/enabled
rmmod kgraft_glob || fail "the replaced one is in use"
patch_out twice
expect 1 cat /sys/kernel/fscaps

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
[ ! -d /sys/kernel/debug ] || dmesg | grep -q "kgraft: [1-9][0-9]* in interrupts, [1-9][0-9]* else" || fail "nothing ran in interrupts"

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

# The module comes when another patch has taken the place of this one in the kernel.
patch_in joined
patch_in twice
insmod /kgr_torture_late.ko
expect "1, twice" cat /sys/kernel/fscaps
patch_out twice
expect "1, patched" cat /sys/kernel/fscaps
rmmod kgr_torture_late
expect 3 sh -c "dmesg | grep -c 'late: was read'"
sleep 1000 &
kgr load --no-wait --stragglers=wait /kgraft-twice.ko || fail load
expect "1, twice" cat /sys/kernel/fscaps
insmod /kgr_torture_late.ko
expect "1, twice" cat /sys/kernel/fscaps
settled_after_poke twice
rmmod kgr_torture_late
patch_out twice
patch_out joined
expect 1 cat /sys/kernel/fscaps

# The rest needs no load.
kill $(jobs -p) 2>/dev/null || :

# When converged there is a jump and nothing else, when it is out the function's own text.
insmod /kgr_text.ko || fail "insmod kgr_text"
debug=/sys/kernel/debug
mount -t debugfs none $debug || debug=
no_kprobes() { [ -z "$debug" ] || expect "" cat $debug/kprobes/list; }
glob_text=$(text_of glob_match)
table_text=$(text_of kobj_attr_show)
all_is_out() {
	expect 1 glob
	expect 1 cat /sys/kernel/fscaps
	expect "$glob_text" text_of glob_match
	expect "$table_text" text_of kobj_attr_show
	no_kprobes
}
patch_in glob
has_jump glob_match
has_jump kobj_attr_show
no_kprobes
on 0 glob
all_is_out
sleep 1000 &
echo 1 >/sys/kernel/kgraft/kgraft-glob/enabled
text_of glob_match | grep '^cc' || fail "no breakpoint in a transition"
on 1 glob
has_jump glob_match
insmod /kgraft-twice.ko replace=1 || fail "replacing"
settled_after_poke twice
cleared_up kgraft-twice
expect "$glob_text" text_of glob_match
has_jump kobj_attr_show
rmmod kgraft_glob || fail "the replaced one is in use"
patch_out twice
all_is_out

# probe [OFFSET]: somebody's kprobe at glob_match(); hit: it sees a call
probe() { insmod /kgr_probe.ko address=$(address_of glob_match) offset=${1:-0}; }
probe_gone() { rmmod kgr_probe; }
hits() { cat /sys/module/kgr_probe/parameters/hits; }
hit() {
	before=$(hits)
	glob >/dev/null
	[ "$(hits)" -gt "$before" ] || fail "the kprobe is not hit"
}

# There when the patch has converged: it is at the jump, and sees all calls; the way back waits for it.
patch_in glob
has_jump glob_match
probe || fail "no kprobe at the jump"
hit
expect 0 glob
sleep 0.5
expect 0 glob
refuses 1 sh -c "echo 0 >/sys/kernel/kgraft/kgraft-glob/enabled"
dmesg | grep -q "kgraft-glob: glob_match+.* has a kprobe (its handler is kgr_probe_hit" || fail "the owner is not named"
hit
expect 0 glob
probe_gone
has_jump glob_match
patch_out glob
all_is_out

# There before it, as a breakpoint or as the jump that the kernel makes of one: the fix is in force, by a kprobe beside it.
for optimised in 0 1; do
	echo $optimised >/proc/sys/debug/kprobes-optimization
	probe
	hit
	sleep 0.5
	patch_in glob
	expect 0 glob
	has_jump kobj_attr_show
	dmesg | grep -q "the breakpoint stays at glob_match(), as a kprobe is in the way of a jump" || fail "no reason given"
	on 0 glob
	hit
	expect 1 glob
	on 1 glob
	expect 0 glob
	probe_gone
	expect 0 glob
	on 0 glob
	all_is_out
	on 1 glob
	has_jump glob_match
	patch_out glob
	all_is_out
done

# Inside the old function, where the jump would be: behind its first byte, and behind a landing pad's.
for offset in 1 2 3 5 6 7 8 none; do
	! probe $offset 2>/dev/null || break
done
[ $offset != none ] || fail "no instruction where the jump would be"
patch_in glob
expect 0 glob
dmesg | grep -q "the breakpoint stays at glob_match(), as a kprobe is in the way of a jump" || fail "no reason given"
text_of glob_match | grep '^cc' || fail "no breakpoint beside a kprobe"
insmod /kgraft-twice.ko replace=1 || fail "replacing"
settled_after_poke twice
cleared_up kgraft-twice
expect 1 glob
rmmod kgraft_glob || fail "the replaced one is in use"
hit
patch_in glob
expect 0 glob
patch_out glob
patch_out twice
probe_gone
all_is_out

# In a transition no other breakpoint may be there.
sleep 1000 &
insmod /kgraft-glob.ko
! probe || fail "a kprobe on a breakpoint"
settled_after_poke glob
has_jump glob_match
probe || fail "no kprobe after the transition"
hit
probe_gone
patch_out glob
all_is_out
[ -n "$debug" ] || exit 0

# Whoever has switched kprobes off has not switched this off; where it takes a kprobe, a patch that would do nothing is refused.
echo 0 >$debug/kprobes/enabled
patch_in glob
expect 0 glob
patch_out glob
probe
refuses 16 insmod /kgraft-glob.ko
dmesg | grep -q "kgraft-glob: all kprobes are switched off" || fail "no reason given"
probe_gone
echo 1 >$debug/kprobes/enabled
all_is_out
patch_in glob
expect 0 glob
patch_out glob
all_is_out

# Where an earlier patch cannot resume the later one stands in for it, and no other patch comes by them.
probe
patch_in glob
patch_in both
expect "1, twice" cat /sys/kernel/fscaps
echo 0 >$debug/kprobes/enabled
on 0 both
n=0
until dmesg | grep "kgraft-both: an earlier patch cannot redirect again"; do
	n=$((n + 1))
	[ $n -lt 100 ] || fail "it did not have to stand in"
	sleep 0.1
done
echo 1 >$debug/kprobes/enabled
expect 0 glob
expect "1, patched" cat /sys/kernel/fscaps
for replace in 0 1; do
	refuses 16 insmod /kgraft-twice.ko replace=$replace
	dmesg -c | grep "kgraft-twice: kgraft-both is off, but stands in" || fail "no reason given"
done
on 1 both
on 0 both
kgr unload both || fail "still in use"
expect "1, patched" cat /sys/kernel/fscaps
patch_in twice
patch_out twice
patch_out glob
probe_gone
all_is_out

# ftrace switched off where it has nothing to do with the functions: it is needed to see tasks move, and only for that.
f=/proc/sys/kernel/ftrace_enabled
echo 0 >$f
refuses 16 insmod /kgraft-glob.ko
dmesg | grep "kgraft-glob: ftrace does not show where tasks move .*kernel.ftrace_enabled" || fail "no reason given"
all_is_out
echo 1 >$f
sleep 1000 &
insmod /kgraft-twice.ko stragglers=wait
refuses 1 sh -c "echo 0 >$f"
settled_after_poke twice
has_jump kobj_attr_show
cleared_up kgraft-twice
echo 0 >$f || fail "ftrace cannot be switched off"
expect "1, twice" cat /sys/kernel/fscaps
refuses 1 sh -c "echo 0 >/sys/kernel/kgraft/kgraft-twice/enabled"
expect "1, twice" cat /sys/kernel/fscaps
echo 1 >$f
patch_out twice
all_is_out

# In place of a patch whose functions have jumps, by force: nobody knows who is in the functions of either, so both stay, and there is
# no jump where somebody may be. It can be disabled and enabled.
patch_in glob
has_jump glob_match
has_jump kobj_attr_show
sleep 1000 &
insmod /kgraft-twice.ko replace=1 stragglers=wait || fail "replacing"
expect 1 cat /sys/kernel/kgraft/kgraft-twice/transition
text_of glob_match | grep '^cc' || fail "no breakpoint in a transition"
text_of kobj_attr_show | grep '^cc' || fail "no breakpoint in a transition"
expect "1, twice" cat /sys/kernel/fscaps
expect 1 glob
echo 1 >/sys/kernel/kgraft/kgraft-twice/force
settled kgraft-twice
cleared_up kgraft-twice
expect "$glob_text" text_of glob_match
text_of kobj_attr_show | grep '^cc' || fail "a jump where somebody may be inside"
expect 0 cat /sys/kernel/kgraft/kgraft-glob/enabled
dmesg | grep "kgraft-glob: cannot be unloaded, as what force has left inside" || fail "not a word"
refuses 1 rmmod kgraft_glob
for n in 1 2; do
	expect "1, twice" cat /sys/kernel/fscaps
	on 0 twice
	all_is_out
	on 1 twice
done
refuses 1 rmmod kgraft_twice
END
