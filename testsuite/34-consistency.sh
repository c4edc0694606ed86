# SPDX-License-Identifier: GPL-3.0-or-later
# Functions whose old and new versions do not understand each other, called from everywhere at once
# while the kernel moves to and fro: nobody may ever meet both. And the proof that this test can fail:
# runtimes that move somebody at a wrong moment. KGR_TORTURE_CYCLES=1000 makes it long.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
torture_guest "$KGR_STAGE"
cycles=${KGR_TORTURE_CYCLES:-8}
# consistent CPUS CYCLES PREEMPTION
consistent() {
	echo "== $1 CPUs, preempt=$3"
	BOOT_CPUS=$1 BOOT_ARGS=preempt=$3 BOOT_TIMEOUT=$((120 + $2 * 20))
	boot <<END
torture_through $2
END
}
consistent 2 $cycles full
consistent 4 $cycles full
consistent 2 3 voluntary
consistent 2 3 none

# broken WHAT SED...: with these changes of the runtime, each of which must find something to change, mixes must
# be seen
broken() {
	echo "== broken on purpose: $1"
	shift
	rm -rf "$work/stage" "$work/before"
	cp -r "$KGR_STAGE" "$work/stage"
	for change; do
		rm -rf "$work/before"
		cp -r "$work/stage/share/kgraft/runtime" "$work/before"
		sed -i "$change" "$work"/stage/share/kgraft/runtime/*.[ch]
		! diff -rq "$work/before" "$work/stage/share/kgraft/runtime" >/dev/null ||
			fail "the runtime is not broken: $change"
	done
	torture_guest "$work/stage"
	boot <<'END'
dmesg -n 1
torture_cycles 8
grep -q "mixes 0 " /proc/kgr_torture/stats && fail "no mix seen"
dmesg | grep "kgr_torture: mix" | sed 's/.*kgr_torture/kgr_torture/' | sort | uniq -c
END
}
BOOT_ARGS=
broken "tasks move in the middle of a system call" \
	's/^\tkgr_task_queue_work(state);/\tkgr_task_move(state);/'
broken "interrupts change sides in their middle" \
	's/^\t\treturn this_cpu_read(kgr_cpu_universe) == KGR_NEW;/\t\treturn jiffies \& 1;/'
broken "sleeping threads are not looked at, and are not waited for" \
	's/^\t\tclean = (!request->asleep .*/\t\tclean = true || (/' \
	's/^\t\t\tis_clean(task, kgr_arch_saved_stack_pointer(task), &request->what);/\t\t\tfalse);/' \
	's/^#define KTHREAD_BUSY_PATIENCE .*/#define KTHREAD_BUSY_PATIENCE 0/' \
	's/^#define KTHREAD_BUSY_SLEEPS .*/#define KTHREAD_BUSY_SLEEPS 0/'
