# SPDX-License-Identifier: GPL-3.0-or-later
# Functions whose old and new versions do not understand each other, called from everywhere at once
# while the kernel moves to and fro: nobody may ever meet both. And the proof that this test can fail:
# runtimes that move somebody at a wrong moment. KGR_TORTURE_CYCLES=1000 makes it long.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cp -r "$tests/attack" "$work/attack"
compile_modules "$work/attack"
# attacked_guest STAGE: a guest with the patch of this kgraft, and the module
attacked_guest() {
	torture_guest "$1"
	cp "$work/attack/kgr_attack.ko" "$guest/"
}
attacked_guest "$KGR_STAGE"
# Each with other versions of the same functions: one on top of the first, and one in the place of both.
for n in 3 4; do
	sed "s/PROTOCOL 2/PROTOCOL $n/" "$tests/patches/torture.diff" >"$work/torture$n.diff"
	kgr-build -C "$kernel" -o "$guest/kgraft-torture$n.ko" "$work/torture$n.diff"
done
cycles=${KGR_TORTURE_CYCLES:-4}
# consistent CPUS CYCLES PREEMPTION
consistent() {
	echo "== $1 CPUs, preempt=$3"
	BOOT_CPUS=$1 BOOT_ARGS=preempt=$3 BOOT_TIMEOUT=$((120 + $2 * 20))
	boot <<END
torture_through $2
END
}
echo "== three patches, with every policy"
BOOT_TIMEOUT=$((300 + cycles * 20))
boot <<END
# in_and_out POLICY: one, another on top, and one in the place of both
in_and_out() {
	for patch in torture torture3 torture4; do
		replace=
		[ \$patch != torture4 ] || replace=--replace
		kgr load --no-wait --stragglers=\$1 \$replace /kgraft-\$patch.ko || fail "load: \$?"
		settled_after_poke \$patch
		cleared_up kgraft-\$patch
	done
	for patch in torture torture3; do
		kgr unload \$patch || fail unload
	done
	patch_out torture4
}
torture_begin 20
for n in \$(seq $(((cycles + 3) / 4))); do
	in_and_out signal
	in_and_out wait
	expect_no_mix_at_all
done
expect_no_mix
# This policy promises nothing of what a task did before the transition, so the two that follow each other may differ, but
# not in an interrupt.
dmesg -n 1
in_and_out stack
in_and_out stack
! dmesg | grep "kgr_torture: mix in" | grep -Ev "second.. called from (a system call|a work item|a kthread|one of many|a thread)" ||
	fail "a mix"
torture_end
END
consistent 2 $cycles full
consistent 4 $cycles full
consistent 2 2 voluntary
consistent 2 2 none
if [ "$newest" != 6.1 ] && has_libbpf; then
	echo "== with BPF programs that come and go"
	(
		test_kernel small "$newest"
		torture_guest "$KGR_STAGE"
		guest_program bpf-user $(pkg-config --libs --static libbpf)
		BOOT_ARGS= BOOT_TIMEOUT=$((300 + cycles * 20))
		boot <<-END
			mount -t bpf bpf /sys/fs/bpf
			# One by one, and a word each about what they saw.
			while :; do
				for kind in fentry fexit-void; do
					bpf-user attach \$kind torture_f || exit
					sleep 0.1
					bpf-user seen
					bpf-user detach || exit
				done
			done >/tmp/seen 2>&1 &
			attacher=\$!
			torture_through $cycles
			kill \$attacher
			[ "\$(grep -c '^[1-9][0-9]* 0 torture_f' /tmp/seen)" -gt 4 ] || fail "\$(tail -n 5 /tmp/seen)"
			! grep bpf-user /tmp/seen || fail "refused"
		END
	)
fi

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
	attacked_guest "$work/stage"
	boot <<'END'
dmesg -n 1
torture_cycles 8 2500
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
broken "any thread moves wherever it asks whether to stop" \
	's/^\tif (READ_ONCE(current->__state) != TASK_RUNNING || !is_called_by_thread_function(parent_ip))/\tif (0)/' \
	's/^\telse if (current->flags & PF_WQ_WORKER)/\telse if (0)/' \
	's/^\t\tkgr_task_move_for_now(state);/\t\tkgr_task_move(state);/'
broken "a wait that asks while the thread runs counts as the end of its round" 's/^\tif (state->waits)$/\tif (0)/'
broken "a work item is moved in its middle" \
	's/^\t\t.what = { .work = true },/\t\t.what = { .work = false },/'
