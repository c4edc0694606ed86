# SPDX-License-Identifier: GPL-3.0-or-later
# What test scripts in a guest use.

fail() {
	echo "GUEST-FAIL: $*"
	dmesg | tail -n 30
	exit 1
}

# expect WORDS COMMAND...: the command prints just that
expect() {
	want=$1
	shift
	got=$("$@" 2>&1) || fail "$*: exit $?: $got"
	[ "$got" = "$want" ] || fail "$*: \"$got\" instead of \"$want\""
	echo "ok: $*: $got"
}

# refuses CODE COMMAND...: the command fails with that exit code; its words are in $said
refuses() {
	code=$1
	shift
	said=$("$@" 2>&1)
	rc=$?
	[ "$rc" = "$code" ] || fail "$*: exit $rc instead of $code: $said"
	echo "ok: $*: $said"
}

# says TEXT: $said contains it
says() {
	case $said in
	*"$1"*) ;;
	*) fail "\"$said\" does not say \"$1\"" ;;
	esac
}

# over_and_over COMMAND: for ever, in the background; it gives way to what the test itself does
over_and_over() {
	nice -n 19 sh -c "while :; do $1; done" >/dev/null 2>&1 &
}

# busy PROBE: processes that fork, compute, read, write and meet the patched code all the time
busy() {
	for n in 1 2; do
		while :; do probe "$1" >/dev/null 2>&1; done &
	done
	over_and_over 'cat /proc/meminfo /proc/self/maps'
	over_and_over 'dd if=/dev/zero of=/tmp/junk bs=64k count=16'
	over_and_over :
	sleep 3600 &
}

uptime_s() {
	cut -d. -f1 /proc/uptime
}

# settled PATCH: wait until its transition is over
settled() {
	end=$(($(uptime_s) + 40))
	while [ "$(cat /sys/kernel/kgraft/$1/transition)" = 1 ]; do
		[ "$(uptime_s)" -lt $end ] || fail "$1 does not converge: $(kgr blocking $1)"
		sleep 0.05
	done
}

# cleared_up PATCH: wait until nothing is left of past transitions, as whoever changes something next does; it is not
# one that is being replaced
cleared_up() {
	cat /sys/kernel/kgraft/$1/enabled >/sys/kernel/kgraft/$1/enabled
}

# settled_after_poke NAME: the same, with the sleepers hurried along
settled_after_poke() {
	kgr poke $1
	settled kgraft-$1
}

# patch_in NAME: load it and hurry the sleepers along instead of waiting 15 s for them
patch_in() {
	kgr load --no-wait /kgraft-$1.ko || fail "load: $?"
	kgr poke $1
	settled kgraft-$1
}

patch_out() {
	echo 0 >/sys/kernel/kgraft/kgraft-$1/enabled
	kgr poke $1
	settled kgraft-$1
	kgr unload $1 || fail "unload: $?"
}

# torture_begin MS: from now on everything calls what the torture patches replace; items of work take MS where
# there is the module that attacks
torture_begin() {
	torture 86400 &
	torturer=$!
	echo 1 >/proc/kgr_torture/background
	if [ -e /kgr_attack.ko ]; then
		insmod /kgr_attack.ko && echo "busy $1" >/proc/kgr_attack || fail "no attack"
	fi
}

# torture_cycles N [MS]: the torture patch in and out N times while everything calls what it replaces, or
# until somebody meets a mix
torture_cycles() {
	torture_begin ${2:-20}
	kgr load --no-wait /kgraft-torture.ko || fail load
	n=0
	while [ $n -lt "$1" ] && grep -q 'mixes 0 ' /proc/kgr_torture/stats; do
		settled_after_poke torture
		echo 0 >/sys/kernel/kgraft/kgraft-torture/enabled
		settled_after_poke torture
		echo 1 >/sys/kernel/kgraft/kgraft-torture/enabled
		n=$((n + 1))
		[ $((n % 50)) != 0 ] || echo "$n cycles, $(uptime_s) s"
	done
	echo "$n cycles: $(cat /proc/kgr_torture/stats)"
}

torture_end() {
	[ ! -e /sys/kernel/kgraft/kgraft-torture ] || patch_out torture
	[ ! -e /proc/kgr_attack ] || echo "busy 0" >/proc/kgr_attack || fail "the attack does not end"
	echo 0 >/proc/kgr_torture/background
	kill -9 $torturer
}

expect_no_mix() {
	read -r word mixes word even word odd </proc/kgr_torture/stats
	[ "$mixes" = 0 ] || fail "$mixes mixes"
	[ "$even" -gt 100 ] && [ "$odd" -gt 100 ] || fail "hardly anything was called"
}

# torture_through N: the cycles, and out again, and nobody met a mix
torture_through() {
	torture_cycles $1
	expect_no_mix
	torture_end
	expect_no_mix
}

expect_no_mix_at_all() {
	grep -q '^mixes 0 ' /proc/kgr_torture/stats || fail "$(cat /proc/kgr_torture/stats)"
}

# leaf_cost WHAT: instructions of one round of a loop that calls torture_leaf(), in a task and in an interrupt, if one takes a
# nanosecond; in a shell of its own, born after the transition began: it lives where that leads
leaf_cost() {
	sh -c 'cat /proc/kgr_torture/leaf >/dev/null; cat /proc/kgr_torture/leaf' |
		awk -v what="$1" '{ printf "%-36s %8.0f %12.0f\n", what, $1 / 1000, $2 / 1000 }'
}

# livepatch_us: how long the kernel's livepatch took, by its two messages; needs printk.time=1
livepatch_us() {
	dmesg | sed -n "s/^\[ *\([0-9.]*\)\] livepatch: 'kgr_klp': .*patching.*/\1/p" |
		awk 'NR == 1 { first = $1 } { last = $1 } END { printf "%d\n", (last - first) * 1e6 }'
}
