# SPDX-License-Identifier: GPL-3.0-or-later
# Loading that fails at every step, turning round, coming and going many times, a forced end: under
# the kernel that watches itself, with its memory counted. KGR_RELOADS=100 makes it long.
. "$KGR_SRCDIR/testsuite/lib.sh"
debug_kernel
build_fix prctl-auxv
torture_guest "$KGR_STAGE"
cp "$work/kgraft-prctl-auxv.ko" "$guest/"
expect_exit 0 kgr-build -C "$kernel" -n second -o "$guest/kgraft-second.ko" "$tests/fixes/prctl-auxv.diff"
guest_program fail-nth
reloads=${KGR_RELOADS:-10}
# Where memory ends in a transition, in bytes.
ends="0 4000 24000 48000 100000"
[ "$reloads" -lt 100 ] || ends="$ends 1000 16000 32000 64000 200000"
echo $reloads >"$guest/reloads"
echo "$ends" >"$guest/ends"
BOOT_TIMEOUT=$((400 + reloads * 6)) BOOT_MEMORY=1024 BOOT_ARGS=kmemleak=on
boot <<'END'
p=/sys/kernel/kgraft/kgraft-prctl-auxv
mount -t debugfs debug /sys/kernel/debug
echo 0 >/sys/kernel/debug/failslab/ignore-gfp-wait
nothing_left() {
	[ ! -e $p ] || fail "its directory is left: $1"
	[ ! -e /sys/kernel/kgraft ] || fail "/sys/kernel/kgraft is left: $1"
	! grep -q kgraft_ /proc/modules || fail "the module is left: $1"
	! grep -q . /sys/kernel/tracing/enabled_functions || fail "functions are redirected: $1"
}

# Our own steps, one after the other, until it loads.
step=1
while ! insmod /kgraft-prctl-auxv.ko fail_step=$step 2>/dev/null; do
	nothing_left "step $step"
	step=$((step + 1))
	[ $step -lt 30 ] || fail "it never loads"
done
[ $step -ge 8 ] || fail "only $step steps"
echo "steps that failed: $((step - 1))"
settled_after_poke prctl-auxv
expect fixed probe prctl-auxv

# Turning round in the middle, and on again when it is out.
sleep 1000 &
for round in 1 2 3; do
	echo 0 >$p/enabled
	echo 1 >$p/enabled
	expect fixed probe prctl-auxv
	echo 0 >$p/enabled
	settled_after_poke prctl-auxv
	expect buggy probe prctl-auxv
	echo 1 >$p/enabled
	settled_after_poke prctl-auxv
	expect fixed probe prctl-auxv
done
patch_out prctl-auxv
nothing_left "unloaded"
# With "stack" sleepers go back as they came, without a poke.
for round in 1 2 3; do
	insmod /kgraft-prctl-auxv.ko stragglers=stack
	echo 0 >$p/enabled
	settled kgraft-prctl-auxv
	kgr unload prctl-auxv || fail unload
done

# Memory that is not there, allocation by allocation.
# What the kernel says of these failures are warnings with a trace, which are not what is looked for.
dmesg -n 1
echo 0 >/sys/kernel/debug/failslab/verbose
fail-nth /kgraft-prctl-auxv.ko prctl-auxv || fail "fail-nth"
! dmesg | grep -E "BUG:|WARNING:|Oops|possible .* deadlock|suspicious RCU" || fail "the kernel complains"
dmesg -c >/dev/null
dmesg -n 4
nothing_left "after failing allocations"

# Two patches of one function, of which the first has a handler that stays, as a kprobe is where the jump would be. There is
# no memory for whoever switches the second one: from the start, or after so many bytes. Whether that goes through, or is refused,
# or the first one cannot resume and the second stands in for it, the fix is there, and with memory all goes on.
sleep 1000 &
insmod /kgraft-prctl-auxv.ko stragglers=wait
f=$(ls -d $p/vmlinux/*)
f=${f##*/} f=${f%,*}
echo "p:there $f+5" >/sys/kernel/tracing/kprobe_events || fail "no kprobe there"
echo 1 >/sys/kernel/tracing/events/kprobes/there/enable
settled_after_poke prctl-auxv
cleared_up kgraft-prctl-auxv
dmesg | grep "the handler stays at $f()" || fail "it has a jump"
second=/sys/kernel/kgraft/kgraft-second
failslab=/sys/kernel/debug/failslab
echo Y >$failslab/task-filter
echo 1 >$failslab/interval
echo 100 >$failslab/probability
# no_memory BYTES: but these; it comes to an end
no_memory() {
	echo $1 >$failslab/space
	echo 200 >$failslab/times
}
memory() { echo 0 >$failslab/times; }
# no_memory_for VALUE: written to "enabled" by a task that has none
no_memory_for() { sh -c "exec 3>$second/enabled; echo 1 >/proc/self/make-it-fail; echo $1 >&3" 2>/dev/null; }
stood_in() { dmesg | grep -c "kgraft-second: an earlier patch cannot redirect again"; }
insmod /kgraft-second.ko stragglers=stack || fail "stacking"
settled kgraft-second
cleared_up kgraft-second
refused=0 stood=0
for bytes in $(cat /ends); do
	for value in 0 1; do
		no_memory $bytes
		no_memory_for $value || refused=$((refused + 1))
		memory
		expect fixed probe prctl-auxv
		settled kgraft-second
		expect fixed probe prctl-auxv
		if [ $(stood_in) != $stood ]; then
			stood=$(stood_in)
			expect 0 cat $second/enabled
			refuses 1 rmmod kgraft_second
		fi
		echo $value >$second/enabled || fail "$value after $bytes bytes: it cannot go on"
		settled kgraft-second
		cleared_up kgraft-second
	done
done
echo "refused for want of memory: $refused; stood in: $stood"
[ $refused -ge $(($(wc -w </ends) * 2 / 5)) ] || fail "hardly ever was there no memory"
[ $stood -ge 1 ] || fail "the second patch did not have to stand in for the first"
kgr unload second || fail unload
expect fixed probe prctl-auxv
echo N >$failslab/task-filter
echo 0 >/sys/kernel/tracing/events/kprobes/there/enable
echo >/sys/kernel/tracing/kprobe_events
expect 1 cat $p/enabled
patch_out prctl-auxv
expect buggy probe prctl-auxv
nothing_left "after having no memory"
dmesg -c >/dev/null

# To and fro. What the first rounds allocate once does not count.
to_and_fro() {
	for round in $(seq $1); do
		insmod /kgraft-prctl-auxv.ko stragglers=stack
		settled kgraft-prctl-auxv
		echo 0 >$p/enabled
		settled kgraft-prctl-auxv
		kgr unload prctl-auxv >/dev/null || fail unload
	done
}
# Objects in the caches that are nobody's in particular, where a leak of ours would be.
objects() {
	echo 2 >/proc/sys/vm/drop_caches
	# Free ones that lie with a CPU count as used (mm/slub.c, get_slabinfo()).
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >$cache; done
	awk '/^kmalloc-|^radix_tree_node|^kernfs_node_cache/ { n += $2 } END { print n }' /proc/slabinfo
}
to_and_fro 3
echo clear >/sys/kernel/debug/kmemleak
before=$(objects)
to_and_fro $(cat /reloads)
# What RCU frees later on a busy machine is not left.
for wait in $(seq 20); do
	after=$(objects)
	[ $((after - before)) -ge 50 ] || break
	sleep 0.5
done
echo "ok: $(cat /reloads) reloads: $before objects before, $after after"
[ $((after - before)) -lt 50 ] || fail "objects are left"
sleep 6
echo scan >/sys/kernel/debug/kmemleak
sleep 1
echo scan >/sys/kernel/debug/kmemleak
! grep -A 12 kgr_ /sys/kernel/debug/kmemleak || fail "leaks"

# The forced end: a sleeper inside an old function is taken over, and the module stays for ever.
echo "inside u 30000" >/proc/kgr_torture/run &
sleep 0.5
kgr load --no-wait --stragglers=wait /kgraft-torture.ko
sleep 0.5
expect 1 cat /sys/kernel/kgraft/kgraft-torture/transition
kgr blocking torture | grep -q "in torture_" || fail "$(kgr blocking torture)"
echo 1 >/sys/kernel/kgraft/kgraft-torture/force
settled kgraft-torture
dmesg | grep -q "ended by force" || fail "not a word"
cleared_up kgraft-torture
dmesg | grep "the handler stays at torture_f(), as what force has left inside is in the way" || fail "no reason given"
grep "^torture_f .* I" /sys/kernel/tracing/enabled_functions || fail "a jump where somebody is inside"
[ $(($(cat /proc/sys/kernel/tainted) & 64)) = 64 ] || fail "not tainted"
refuses 1 kgr unload --timeout 5 torture
END
