# SPDX-License-Identifier: GPL-3.0-or-later
# Two patches of one kernel: on different functions, on the same one, and one that replaces all others.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
build_fix prctl-auxv
torture_guest "$KGR_STAGE"
# Another version of one of the functions that the torture patch has, too.
kgr-build -C "$kernel" -o "$work/kgraft-leaf.ko" "$tests/patches/leaf.diff"
# The same patch from a kgraft of another version that means the same by what patches share, and of one that
# does not.
# other_kgraft NAME SED-SCRIPT
other_kgraft() {
	cp -r "$KGR_STAGE" "$work/stage"
	sed -i "$2" "$work/stage/share/kgraft/runtime/peer.h"
	! cmp -s "$KGR_STAGE/share/kgraft/runtime/peer.h" "$work/stage/share/kgraft/runtime/peer.h" ||
		fail "not another version"
	"$work/stage/bin/kgr-build" -C "$kernel" -n "$1" -o "$work/kgraft-$1.ko" "$tests/patches/leaf.diff"
	rm -r "$work/stage"
}
other_kgraft other 's/^#define KGR_PEER_MAGIC/#define KGR_OTHER_VERSION 1\n&/'
other_kgraft stranger 's/^\(#define KGR_PEER_VERSION\) .*/\1 99/'
cp "$work"/*.ko "$guest/"
boot <<'END'
dir=/sys/kernel/kgraft
on() { echo "$1" >$dir/kgraft-$2/enabled && settled_after_poke $2; }
leaf_is() {
	cleared_up $(echo $1 | tr _ -)
	grep -A 1 torture_leaf /sys/kernel/tracing/enabled_functions | grep -q "direct-->.*$1" ||
		fail "torture_leaf is not led by $1: $(cat /sys/kernel/tracing/enabled_functions)"
}
chain() { echo chain >/proc/kgr_torture/run; }

# Side by side, one after the other in quick succession.
insmod /kgraft-prctl-auxv.ko
insmod /kgraft-torture.ko
settled_after_poke prctl-auxv
settled_after_poke torture
expect fixed probe prctl-auxv
chain

# On top: the later one leads, and the earlier one comes back when it goes.
leaf_is kgraft_torture
insmod /kgraft-leaf.ko || fail "stacking"
settled_after_poke leaf
leaf_is kgraft_leaf
refuses 1 sh -c "echo 0 >$dir/kgraft-torture/enabled"
dmesg | grep -q "a later patch stands on this one" || fail "no reason given"
patch_out leaf
leaf_is kgraft_torture

# Who does not understand the others does not get in, whoever came first.
insmod /kgraft-other.ko || fail "stacking on another version"
settled_after_poke other
leaf_is kgraft_other
patch_out other
leaf_is kgraft_torture
refuses 16 insmod /kgraft-stranger.ko
dmesg | grep -q "kgraft-stranger: kgraft-.* was made by a kgraft that this one does not understand" ||
	fail "no reason given"
leaf_is kgraft_torture

# While the one below still moves, nobody may stand on it.
sleep 1000 &
on 0 torture
echo 1 >$dir/kgraft-torture/enabled
refuses 16 insmod /kgraft-leaf.ko
dmesg | grep -q "kgraft-torture replaces the same function and is still moving" || fail "no reason"
settled_after_poke torture

# Cumulative: what the new one does not have goes back to the kernel's own.
expect fixed probe prctl-auxv
insmod /kgraft-leaf.ko replace=1 || fail "replacing"
settled_after_poke leaf
leaf_is kgraft_leaf
expect buggy probe prctl-auxv
expect 0 cat $dir/kgraft-prctl-auxv/enabled
expect 0 cat $dir/kgraft-torture/enabled
expect 1 grep -c "direct-->" /sys/kernel/tracing/enabled_functions
rmmod kgraft_prctl_auxv || fail "the replaced one is in use"
rmmod kgraft_torture || fail "the replaced one is in use"
patch_out leaf
[ ! -e $dir ] || fail "$dir is left"
echo chain >/proc/kgr_torture/run

insmod /kgraft-stranger.ko
settled_after_poke stranger
refuses 16 insmod /kgraft-leaf.ko
patch_out stranger

# A cumulative patch that is turned round leaves the earlier ones where they were.
insmod /kgraft-torture.ko
settled_after_poke torture
insmod /kgraft-prctl-auxv.ko replace=1
expect fixed probe prctl-auxv
patch_out prctl-auxv
leaf_is kgraft_torture
expect buggy probe prctl-auxv
patch_out torture
expect_no_mix_at_all
END
