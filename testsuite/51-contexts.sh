# SPDX-License-Identifier: GPL-3.0-or-later
# Tasks in every place that one can be in for long: io_uring and its workers, seccomp, vfork, page faults,
# stopped, frozen, traced, signalled all the time; on later kernels than 6.1 running a guest of KVM's, and working for one. Who cannot move is named, all
# others do; with stragglers=stack everybody does. And CPUs that go and come in the middle of
# transitions.
. "$KGR_SRCDIR/testsuite/lib.sh"
contexts_test() {
	test_kernel small "$1"
	torture_guest "$KGR_STAGE"
	guest_program contexts
	BOOT_TIMEOUT=300
	boot <<'END'
p=/sys/kernel/kgraft/kgraft-torture
# KVM runs a guest inside a system call. vhost's worker moves, not the process whose it is, which sleeps.
virtual=
[ ! -e /dev/kvm ] || virtual="kvm kvm-computing "
[ ! -e /dev/vhost-vsock ] || virtual="${virtual}vhost "
case $(uname -r) in
6.1.*) ;;
*) [ "$virtual" = "kvm kvm-computing vhost " ] || fail "neither KVM nor vhost" ;;
esac
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
start_contexts() {
	rm -f /tmp/contexts
	contexts >/tmp/contexts &
	main=$!
	until grep -qs ready /tmp/contexts; do
		kill -0 $main || fail "$(cat /tmp/contexts)"
		sleep 0.2
	done
}
pid_of() { sed -n "s/^$1 //p" /tmp/contexts; }
# Before anybody converges: emulated, the virtual CPU turns round in KVM_RUN without ever getting anywhere or
# giving way, and ftrace waits for it in RCU's grace period for tasks.
stop_computing() {
	[ -z "$virtual" ] || kill "$(pid_of kvm-computing)"
}
# Names of those that are blocking, in the order of /tmp/contexts.
blocking() {
	kgr blocking torture | sed -n 's/^\([0-9]*\) .*/\1/p' >/tmp/left
	while read -r name pid; do
		[ -z "$pid" ] || ! grep -qx "$pid" /tmp/left || echo -n "$name "
	done </tmp/contexts
}
# becomes NAMES: those, and before long
becomes() {
	for n in $(seq 50); do
		names=$(blocking)
		[ "$names" != "$1 " ] && [ "$names" != "$1" ] || { echo "ok: left: $names"; return; }
		sleep 0.1
	done
	fail "left are \"$names\" instead of \"$1\": $(kgr blocking torture)"
}
start_contexts
echo 1 >/proc/kgr_torture/background

# Who returns to user space by itself, or was there, has moved; who sleeps in a system call has not.
kgr load --stragglers=wait --no-wait /kgraft-torture.ko
becomes "${virtual}io_uring io_uring-worker io_uring-poller seccomp vfork user-fault stopped frozen frozen-running traced-entry traced-exit"
# Asked to, most come out for a moment and sleep on. io_uring answers in the middle of its system call.
kgr poke torture
becomes "io_uring io_uring-worker io_uring-poller vfork stopped traced-entry traced-exit"
stop_computing
kill -CONT "$(pid_of stopped)"
becomes "io_uring io_uring-worker io_uring-poller vfork traced-entry traced-exit"
# The way back: who is still old has nowhere to go, and who has moved moves again.
echo 0 >$p/enabled
becomes "${virtual%kvm-computing *}${virtual#*kvm-computing }seccomp user-fault frozen frozen-running"
kgr poke torture
settled kgraft-torture
echo 1 >$p/enabled
kgr poke torture
becomes "io_uring io_uring-worker io_uring-poller vfork traced-entry traced-exit"
kill $main
settled_after_poke torture
expect_no_mix_at_all
patch_out torture

# The stack check moves them all. It promises less: who calls second() may have called the other first().
echo 0 >/proc/kgr_torture/background
start_contexts
kgr load --stragglers=stack --no-wait /kgraft-torture.ko
# Who computes is moved when it waits for a CPU, or gets a signal after 15 s; then ftrace waits for it.
settled kgraft-torture
stop_computing
kgr unload --timeout 10 torture || fail "unload: $?"
kill $main

# CPUs go and come.
echo 1 >/proc/kgr_torture/background
torture 3600 &
torturer=$!
while :; do
	for on in 0 1; do
		echo $on >/sys/devices/system/cpu/cpu1/online
		sleep 0.3
	done
done &
plugging=$!
for n in 1 2 3 4; do
	patch_in torture
	expect_no_mix_at_all
	patch_out torture
	expect_no_mix_at_all
done
dmesg | grep -q "smpboot: CPU 1 is now offline" || fail "no CPU went"
kill $plugging
wait $plugging
echo 1 >/sys/devices/system/cpu/cpu1/online
echo 0 >/proc/kgr_torture/background
kill $torturer
expect_no_mix
END
}
contexts_test "$oldest"
[ "$newest" = "$oldest" ] || contexts_test "$newest"
