# SPDX-License-Identifier: GPL-3.0-or-later
# A function of a loadable module: there before the patch, come after it, before any of its code runs,
# gone and come again; with two patches on it, in the middle of a transition; and a module that is not
# the one the patch was made for.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
for name in late later; do
	kgr-build -C "$kernel" -o "$work/kgraft-$name.ko" "$tests/patches/$name.diff"
done
kgr-show "$work/kgraft-late.ko" | grep "torture_version .*kgr_torture_late" || fail "kgr-show"
new_guest
cp "$work"/kgraft-*.ko "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
# The patch, made for another text of the function.
digest=$(modinfo -F kgraft_func "$work/kgraft-late.ko" | awk '{ print $4 }')
perl -e '
	my $from = pack "V", hex $ARGV[0];
	local $/;
	open my $in, "<:raw", $ARGV[1]; my $data = <$in>;
	my $n = ($data =~ s/\Q$from\E/\x01\x02\x03\x04/g);
	die "swapped $n times\n" unless $n == 1;
	open my $out, ">:raw", $ARGV[2]; print $out $data;
' "$digest" "$work/kgraft-late.ko" "$guest/other.ko"
boot <<'END'
module=/kgr_torture_late.ko
late="cat /proc/kgr_torture_late"
patched=/sys/kernel/kgraft/kgraft-late/kgr_torture_late/patched

# The module comes after the patch, goes, and comes again.
patch_in late
expect 0 cat $patched
expect "kgraft-late: patched, 0 to go, stragglers=signal
  torture_version [kgr_torture_late]" kgr status late
for n in 1 2 3; do
	insmod $module || fail "insmod"
	expect 1 cat $patched
	expect "init new now new" $late
	rmmod kgr_torture_late || fail "rmmod"
	expect 0 cat $patched
done
patch_out late
insmod $module
expect "init old now old" $late

# It is there, goes under the patch, comes again, and the patch goes.
patch_in late
expect "init old now new" $late
dmesg -c >/dev/null
rmmod kgr_torture_late
dmesg | grep -q "read 3 times" || fail "the module's data is not shared: $(dmesg)"
insmod $module
expect "init new now new" $late
patch_out late
expect "init new now old" $late
rmmod kgr_torture_late

# Under way there, and back.
sleep 1000 &
kgr load --no-wait --stragglers=wait /kgraft-late.ko || fail load
sleep 0.5
expect 1 cat /sys/kernel/kgraft/kgraft-late/transition
for n in 1 2 3; do
	insmod $module
	expect "init new now new" $late
	[ $n = 3 ] || rmmod kgr_torture_late
done
settled_after_poke late
expect "init new now new" $late
sleep 1000 &
sleep 0.5
echo 0 >/sys/kernel/kgraft/kgraft-late/enabled
sleep 0.5
expect 1 cat /sys/kernel/kgraft/kgraft-late/transition
rmmod kgr_torture_late
insmod $module
expect "init old now old" $late
settled_after_poke late
rmmod kgr_torture_late
kgr unload late || fail unload

# Two patches, each there before the module; the later one goes first, with the module there or not.
patch_in late
patch_in later
insmod $module
expect "init newer now newer" $late
patch_out later
expect "init newer now new" $late
patch_in later
expect "init newer now newer" $late
rmmod kgr_torture_late
insmod $module
rmmod kgr_torture_late
patch_out later
insmod $module
expect "init new now new" $late
patch_out late
rmmod kgr_torture_late

# Enabled again in another order than they came in, while the module is not there: each would be on top of the other.
patch_in late
patch_in later
both=/sys/kernel/kgraft/kgraft
for name in later late; do
	echo 0 >$both-$name/enabled
	settled_after_poke $name
done
echo 1 >$both-later/enabled
settled_after_poke later
refuses 1 sh -c "echo 1 >$both-late/enabled"
dmesg | grep -q "kgraft-later came later, is on, and replaces torture_version() of module kgr_torture_late, too" ||
	fail "no reason"
echo 0 >$both-later/enabled
settled_after_poke later
for name in late later; do
	echo 1 >$both-$name/enabled
	settled_after_poke $name
done
insmod $module
expect "init newer now newer" $late
patch_out later
expect "init newer now new" $late
patch_out late
rmmod kgr_torture_late

# Not the module that the patch was made for: neither gets in where the other is.
dmesg -c >/dev/null
kgr load --no-wait /other.ko || fail "load without the module"
refuses 8 insmod $module
dmesg | grep -q "torture_version() is not the function that the patch replaces" || fail "$(dmesg)"
dmesg | grep -q "module kgr_torture_late is refused" || fail "$(dmesg)"
settled_after_poke late
echo 0 >/sys/kernel/kgraft/kgraft-late/enabled
settled_after_poke late
kgr unload late || fail unload
insmod $module
expect "init old now old" $late
refuses 1 kgr load /other.ko
expect "init old now old" $late
rmmod kgr_torture_late
END

# What a module runs once: its init is over, its exit is not and has no fentry.
cd "$work"
changed() {
	edit lib/torture/kgr_torture_late.c "$1" >once.diff
	expect_exit "$2" kgr-build -C "$kernel" --no-kprobe once.diff
	says "$3"
}
changed '/__init late_init/,/^}/s/^{/{\n\treads = 5;/' 3 "a module that is loaded later still runs the old one"
changed '/__exit late_exit/,/^}/s/^{/{\n\treads = 5;/' 1 "late_exit (.exit.text) runs when the module goes"
# And what it does not keep: code of its init, and a static key that can only be set there.
changed 's/^static int late_show/static int late_init(void);\n&/; /late_show(struct/,/^}/s/return 0/return late_init()/' \
	1 "late_init is gone after the init of module kgr_torture_late"
changed '/char .torture_sealed/,/^}/s/"open"/"ajar"/' 1 \
	"static key or call sealed of kgr_torture_late is read-only after init"
