# SPDX-License-Identifier: GPL-3.0-or-later
# Tasks asleep in a system call: by default a notify signal after 15 s, with "wait" never, with
# "stack" at once; and the files and commands that show all this. Compressed modules load as plain ones.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
build_fix prctl-auxv
new_guest
cp "$work/kgraft-prctl-auxv.ko" "$guest/"
gzip -c "$work/kgraft-prctl-auxv.ko" >"$guest/kgraft-prctl-auxv.ko.gz"
for program in xz zstd; do
	! kmod --version | grep -qi "+$program" || $program -c "$work/kgraft-prctl-auxv.ko" \
		>"$guest/kgraft-prctl-auxv.ko.${program%d}"
done
boot <<'END'
p=/sys/kernel/kgraft/kgraft-prctl-auxv
sleep 1000 &
sleeper=$!

# By default it takes the sleepers 15 seconds, and they go on sleeping.
start=$(cut -d. -f1 /proc/uptime)
kgr load /kgraft-prctl-auxv.ko || fail load
took=$(($(cut -d. -f1 /proc/uptime) - start))
[ $took -ge 14 ] && [ $took -le 25 ] || fail "converged after $took s"
expect fixed probe prctl-auxv
kill -0 $sleeper || fail "the sleeper died"
[ "$(cat $p/remaining)" = 0 ] || fail remaining
expect "kgraft-prctl-auxv	patched" kgr list
kgr status --json prctl-auxv | grep -q '"state":"patched"' || fail json
kgr status --json prctl-auxv | grep -q '"prctl_set_auxv"' || fail json
patch_out prctl-auxv

# wait: the fix works for every new entry into the kernel, the sleeper keeps the checks alive.
kgr load --stragglers=wait --no-wait /kgraft-prctl-auxv.ko || fail load
sleep 1
expect fixed probe prctl-auxv
expect 1 cat $p/transition
kgr blocking prctl-auxv | grep -q '^    do_syscall_64+' || fail "no stack"
kgr blocking prctl-auxv | grep -q "^$sleeper sleep S, asleep for" || fail "blocking: $(kgr blocking prctl-auxv)"
sleep 17
expect 1 cat $p/transition
refuses 1 rmmod kgraft_prctl_auxv
expect 1 cat $p/transition

# Unloading in the middle turns round.
patch_out prctl-auxv
expect buggy probe prctl-auxv
[ ! -d $p ] || fail "sysfs directory left"

# stack: nobody waits for anybody who sleeps elsewhere.
kgr load --stragglers=stack --timeout 10 /kgraft-prctl-auxv.ko || fail load
expect fixed probe prctl-auxv
kgr status prctl-auxv | grep -q stragglers=stack || fail status
kgr unload --timeout 10 prctl-auxv || fail unload
kill -0 $sleeper || fail "the sleeper died"

# A time limit that runs out says who is left.
said=$(kgr load --stragglers=wait --timeout 1 /kgraft-prctl-auxv.ko 2>&1) && fail "in time"
says "still in transition"
says "$sleeper sleep S"
kgr poke prctl-auxv
settled kgraft-prctl-auxv
expect fixed probe prctl-auxv
patch_out prctl-auxv

for packed in /kgraft-prctl-auxv.ko.*; do
	expect "kgraft-prctl-auxv: patched" kgr load --stragglers=stack --timeout 10 $packed
	expect fixed probe prctl-auxv
	kgr unload --timeout 10 prctl-auxv || fail unload
	head -c 5000 $packed >/tmp/${packed##*/}
	refuses 2 kgr load /tmp/${packed##*/}
done
END
