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
# A function that begins with a static key's branch, where a jump would be: reading 11 bytes gives none with either
# patch, and 7 with the first one, 9 with the second.
cd "$work"
for bytes in 7 9; do
	edit drivers/char/random.c "/^static ssize_t urandom_read_iter(/,/^}/s/^{/&\n\tif (iov_iter_count(iter) == 11 || iov_iter_count(iter) == $bytes)\n\t\treturn 0;\n/" >random.diff
	kgr-build -C "$kernel" -n random-$bytes -o "$work/kgraft-random-$bytes.ko" random.diff
done
other_kgraft other 's/^#define KGR_PEER_MAGIC/#define KGR_OTHER_VERSION 1\n&/'
other_kgraft stranger 's/^\(#define KGR_PEER_VERSION\) .*/\1 99/'
cp "$work"/*.ko "$guest/"
boot <<'END'
dir=/sys/kernel/kgraft
t=/sys/kernel/tracing
on() { echo "$1" >$dir/kgraft-$2/enabled && settled_after_poke $2; }
# leaf_is MODULE: when all is cleared up torture_leaf() is traced, and what it is redirected to, and that is in this module
leaf_is() {
	cleared_up $(echo $1 | tr _ -)
	! grep torture_ $t/enabled_functions || fail "a handler is left"
	echo 'torture_leaf*' >$t/set_ftrace_filter
	echo sym-addr >$t/trace_options
	echo function >$t/current_tracer
	cat /proc/kgr_torture/leaf >/dev/null
	sed -n 's/.*: [^ ]* <\(ffff[0-9a-f]*\)>.*<-.*/\1/p' $t/trace | sort -u | while read -r fentry; do
		printf '%x\n' $((0x$fentry - pad))
	done >/tmp/traced
	echo nop >$t/current_tracer
	echo >$t/set_ftrace_filter
	grep -F -f /tmp/traced /proc/kallsyms | awk '$3 ~ /^torture_leaf/ { print $3 " " $4 }' | sort >/tmp/leaders
	expect "torture_leaf ,torture_leaf.kgr [$1]" sh -c "paste -sd, /tmp/leaders"
}
# A fentry stands behind the landing pad, if there is one.
case $(uname -r) in
6.1.*) pad=0 ;;
*) pad=4 ;;
esac
chain() { echo chain >/proc/kgr_torture/run; }

# A handler that stays (where 7.2 would have a jump, because of a kprobe): a second patch takes it over, gives it back, or
# takes the first one's place, and no call gets to the kernel's own meanwhile.
reads() { dd if=/dev/urandom bs=$1 count=1 2>/dev/null | wc -c; }
handled() {
	cleared_up kgraft-random-$1
	expect 1 grep -c "^urandom_read_iter .* I" $t/enabled_functions
	expect 0 reads 11
	expect 0 reads $1
	expect $2 reads $2
}
readers=
expect 11 reads 11
case $(uname -r) in
6.1.* | 6.12.*) why="a static key's branch" ;;
*)
	why="a kprobe"
	echo p:in_the_way urandom_read_iter+$((pad + 5)) >$t/kprobe_events
	;;
esac
patch_in random-7
handled 7 9
dmesg | grep "kgraft-random-7: the handler stays at urandom_read_iter(), as $why is in the way" ||
	fail "no reason given"
for n in 1 2 3; do
	while :; do [ "$(reads 11)" = 0 ] || echo leads >>/tmp/own; done &
	readers="$readers $!"
done
insmod /kgraft-random-9.ko || fail "stacking"
settled_after_poke random-9
handled 9 7
patch_out random-9
handled 7 9
insmod /kgraft-random-9.ko replace=1 || fail "replacing"
settled_after_poke random-9
handled 9 7
rmmod kgraft_random_7 || fail "the replaced one is in use"
kill $readers
wait $readers
[ ! -e /tmp/own ] || fail "$(wc -l </tmp/own) calls got to the kernel's own"
patch_out random-9
expect 9 reads 9
echo >$t/kprobe_events
! grep . $t/enabled_functions || fail "a handler is left"

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
dmesg | grep -q "kgraft-torture is still moving" || fail "no reason"
settled_after_poke torture

# Cumulative: what the new one does not have goes back to the kernel's own.
expect fixed probe prctl-auxv
insmod /kgraft-leaf.ko replace=1 || fail "replacing"
settled_after_poke leaf
leaf_is kgraft_leaf
expect buggy probe prctl-auxv
expect 0 cat $dir/kgraft-prctl-auxv/enabled
expect 0 cat $dir/kgraft-torture/enabled
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
