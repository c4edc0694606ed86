# SPDX-License-Identifier: GPL-3.0-or-later
# One universe per system call, however long it takes: who called one of a pair of functions before the
# patch came, and sleeps for an hour, calls the other one of the same version. An hour of the guest's: its
# clock leaps over what nobody does anything in.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
torture_guest "$KGR_STAGE"
BOOT_CPUS=1 BOOT_OPTIONS="-icount shift=0,sleep=off"
boot <<'END'
p=/sys/kernel/kgraft/kgraft-torture
echo 0 >/proc/sys/kernel/hung_task_timeout_secs
# sleepers SECONDS: calls of a pair, with longer than that between the two
sleepers() {
	for state in i k u; do
		echo "pair $state $(($1 * 1000 + 20000))" >/proc/kgr_torture/run &
	done
	sleep 1
}
# stays SECONDS LEFT: after that long so many of them are left, and then everybody moves
stays() {
	start=$(uptime_s)
	sleep $1
	[ $(($(uptime_s) - start)) -ge $1 ] || fail "the guest's clock goes wrong"
	left=$(kgr blocking torture | grep -c "^    run_write+")
	[ "$left" = $2 ] || fail "$left of them are left: $(kgr blocking torture)"
	# The kernel rounds long timeouts up, by an eighth at most.
	sleep $(($1 / 8 + 60))
	settled_after_poke torture
	expect_no_mix_at_all
}
# there_and_back POLICY SECONDS LEFT
there_and_back() {
	sleepers $2
	kgr load --no-wait --stragglers=$1 /kgraft-torture.ko || fail load
	stays $2 $3
	sleepers 100
	echo 0 >$p/enabled
	stays 100 $3
	kgr unload torture || fail unload
}
# Whom a signal of ours wakes goes on, in the universe that it is in; no signal wakes the other two.
there_and_back signal 3600 2
there_and_back wait 100 3
grep -q "even 6 odd 6" /proc/kgr_torture/stats || fail "$(cat /proc/kgr_torture/stats)"
END
