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
torture_cycles $2
expect_no_mix
torture_end
expect_no_mix
END
}
consistent 2 $cycles full
consistent 4 $cycles full
consistent 2 3 voluntary
consistent 2 3 none

# broken WHAT FILE SED: with this change of the runtime mixes must be seen
broken() {
	echo "== broken on purpose: $1"
	rm -rf "$work/stage"
	cp -r "$KGR_STAGE" "$work/stage"
	sed -i "$3" "$work/stage/share/kgraft/runtime/$2"
	cmp -s "$work/stage/share/kgraft/runtime/$2" "$KGR_STAGE/share/kgraft/runtime/$2" &&
		fail "the runtime is not broken: $3"
	torture_guest "$work/stage"
	boot <<'END'
dmesg -n 1
torture_cycles 8
grep -q "mixes 0 " /proc/kgr_torture/stats && fail "no mix seen"
dmesg | grep "kgr_torture: mix" | sed 's/.*kgr_torture/kgr_torture/' | sort | uniq -c
END
}
BOOT_ARGS=
broken "tasks move in the middle of a system call" move.c \
	's/^\tkgr_mark_queue_work(mark);/\tkgr_mark_move(mark);/'
broken "interrupts change sides in their middle" mark.h \
	's/^\t\treturn this_cpu_read(kgr_cpu_universe) == KGR_NEW;/\t\treturn jiffies \& 1;/'
broken "sleeping threads are not looked at" stack.c \
	's/^\t\tmoved = is_clean(task, task->thread.sp, &what);/\t\tmoved = true;/'
