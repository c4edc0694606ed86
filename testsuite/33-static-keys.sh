# SPDX-License-Identifier: GPL-3.0-or-later
# Jump labels and static calls of a replaced function: a key flipped after the patch flips there too.
# The tracepoint in exec is a jump label and a static call, both of keys that are not exported.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"
# Seen from user space: one interpreter less may call another.
edit fs/exec.c '/^static int exec_binprm/,/^}/s/if (depth > 5)/if (depth > 4)/' >exec.diff
expect_exit 0 kgr-build -C "$kernel" exec.diff
for section in .kgr.jump_table .kgr.static_call_sites; do
	readelf -SW kgraft-exec.ko | grep -q " \\$section .* 0000[0-9a-f]*[1-9a-f]" ||
		fail "no $section in the module: this tests nothing"
done
new_guest
cp kgraft-exec.ko "$guest/"
boot <<'END'
event=/sys/kernel/tracing/events/sched/sched_process_exec/enable
[ -e $event ] || fail "no trace events"
traced() {
	echo >/sys/kernel/tracing/trace
	/bin/busybox true
	/bin/busybox true
	grep -c 'sched_process_exec:' /sys/kernel/tracing/trace || true
}
# A chain of scripts, each the interpreter of the next.
printf '#!/bin/busybox sh\necho deep\n' >/tmp/s1
for n in 2 3 4 5; do
	printf '#!/tmp/s%s\n' $((n - 1)) >/tmp/s$n
done
chmod 0755 /tmp/s*
expect deep /tmp/s5
expect 0 traced
patch_in exec
/tmp/s5 2>/dev/null && fail "the patched limit is not in force"
expect deep /tmp/s4
# Off when patched; on; off; on again, and it stays on when the patch goes and comes.
expect 0 traced
echo 1 >$event
[ "$(traced)" -ge 2 ] || fail "the replaced function does not trace"
echo 0 >$event
expect 0 traced
echo 1 >$event
patch_out exec
expect deep /tmp/s5
[ "$(traced)" -ge 2 ] || fail "the old function does not trace"
patch_in exec
[ "$(traced)" -ge 2 ] || fail "the replaced function does not trace when it comes later"
echo 0 >$event
expect 0 traced
patch_out exec
echo 1 >$event
echo 0 >$event
END
