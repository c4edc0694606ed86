# SPDX-License-Identifier: GPL-3.0-or-later
# Code that the compiler does not put in a section of its own: a __sched function that calls its
# neighbour, static_cpu_has(), a changed message for netlink; the kernel's side of the vdso; and a new export,
# which only the patch has.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

edit kernel/time/hrtimer.c '/^static long __sched hrtimer_nanosleep_restart(/,/^}/s/^{/&\n\tpr_info_once("kgraft: a sleep goes on\\n");\n/' >sched.diff
edit kernel/fork.c '/^static __latent_entropy struct task_struct \*copy_process(/,/^}/s/^\tstruct task_struct \*p;/&\n\n\tpr_info_once("kgraft: a task forks\\n");/' >cpu-has.diff
edit net/ipv4/devinet.c 's/"ipv4: Invalid values in header for address dump request"/"ipv4: These values are invalid in a dump request"/' >message.diff
edit kernel/sys.c '$a int kgr_new_thing(void);\nint kgr_new_thing(void) { return 1; }\nEXPORT_SYMBOL_GPL(kgr_new_thing);' >export.diff
edit arch/x86/entry/vdso/vma.c '/^static int map_vdso(/,/^}/s/^{/&\n\tpr_info_once("kgraft: a vdso is mapped\\n");/' >vdso.diff
expect_exit 0 kgr-build -C "$kernel" -n sections -o kgraft-sections.ko sched.diff cpu-has.diff message.diff export.diff vdso.diff
says "the new export kgr_new_thing is for this patch only"
expect_exit 0 kgr-prove -C "$kernel" kgraft-sections.ko sched.diff cpu-has.diff message.diff export.diff vdso.diff
for section in .altinstr_aux .altinstructions; do
	readelf -SW kgraft-sections.ko | grep -q " $section " || fail "nothing in $section"
done

new_guest
cp kgraft-sections.ko "$guest/"
boot <<'END'
patch_in sections
sleep 2 &
sleeper=$!
sleep 0.5
kill -STOP $sleeper
sleep 0.5
kill -CONT $sleeper
wait $sleeper || fail "the sleep was not slept: $?"
dmesg | grep "kgraft: a sleep goes on" || fail "the restart was not replaced"
dmesg | grep "kgraft: a task forks" || fail "fork() was not replaced"
dmesg | grep "kgraft: a vdso is mapped" || fail "the vdso is mapped as ever"
patch_out sections
END
