# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's own livepatch beside kgraft: each on its functions, and whoever comes second on the same
# one is refused. How long either takes to converge is printed.
. "$KGR_SRCDIR/testsuite/lib.sh"
needs_later_kernel
test_kernel small "$newest"
livepatch_guest
expect_exit 0 kgr-build -C "$kernel" -o "$guest/kgraft-late.ko" "$tests/patches/late.diff"
cp "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
BOOT_ARGS=printk.time=1
boot <<'END'
klp=/sys/kernel/livepatch/kgr_klp
klp_settled() {
	n=0
	while [ -e $klp ] && [ "$(cat $klp/transition)" = 1 ]; do
		n=$((n + 1))
		[ $n -lt 200 ] || fail "livepatch does not converge"
		sleep 0.1
	done
}
klp_out() {
	echo 0 >$klp/enabled
	klp_settled
	rmmod kgr_klp || fail "rmmod kgr_klp"
}
# Each on its own function.
insmod /kgr_klp.ko function=torture_second || fail insmod
klp_settled
patch_in leaf
klp_out
insmod /kgr_klp.ko function=torture_second || fail insmod
klp_settled
patch_out leaf
# On the same one: the second is refused, and names who is there.
klp_out
insmod /kgr_klp.ko || fail insmod
klp_settled
refuses 1 kgr load /kgraft-leaf.ko
dmesg | grep -q "klp_ftrace_handler.* has torture_leaf already" || fail "the owner is not named: $(dmesg | tail)"
[ -z "$(lsmod | grep kgraft)" ] || fail "a module is left"
klp_out
patch_in leaf
cleared_up kgraft-leaf
! grep torture_leaf /sys/kernel/tracing/enabled_functions || fail "ftrace refuses: this tests nothing"
refuses 16 insmod /kgr_klp.ko
dmesg | grep "kgraft-leaf: livepatch wants torture_leaf(), which this patch replaces" || fail "the owner is not named"
patch_out leaf
insmod /kgr_klp.ko || fail "livepatch is refused when nobody has the function"
klp_settled
klp_out
# Of a module that is not there both may want the same function. When it comes livepatch is told first; the
# module is refused as long as both are.
late_is() { expect "init $1 now $1" cat /proc/kgr_torture_late; }
patch_in late
cleared_up kgraft-late
insmod /kgr_klp.ko object=kgr_torture_late || fail insmod
klp_settled
refuses 16 insmod /kgr_torture_late.ko
dmesg | grep "kgraft-late: klp_ftrace_handler.* has torture_version already" || fail "the owner is not named"
klp_out
insmod /kgr_torture_late.ko || fail "the module is still kept out"
late_is new
refuses 16 insmod /kgr_klp.ko object=kgr_torture_late
dmesg | grep "kgraft-late: livepatch wants torture_version(), which this patch replaces" || fail "the owner is not named"
late_is new
rmmod kgr_torture_late
patch_out late
insmod /kgr_torture_late.ko
insmod /kgr_klp.ko object=kgr_torture_late || fail insmod
klp_settled
refuses 1 kgr load /kgraft-late.ko
dmesg | grep "kgraft-late: klp_ftrace_handler.* has torture_version already" || fail "the owner is not named"
klp_out
rmmod kgr_torture_late
# Side by side, among sleepers.
sleepers 100 &
sleep 1
for n in 1 2 3; do
	dmesg -c >/dev/null
	insmod /kgr_klp.ko
	klp_settled
	echo "livepatch: patched everywhere after $(livepatch_us) us"
	klp_out
	kgr load --stragglers=stack /kgraft-leaf.ko >/dev/null || fail load
	dmesg | sed -n 's/.*\(kgraft-leaf: patched everywhere.*\)/\1/p'
	kgr unload leaf || fail unload
done
END
