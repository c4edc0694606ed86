# SPDX-License-Identifier: GPL-3.0-or-later
# The two examples: callbacks, for vmlinux and for a module, one that says no, a transition that turns
# round; and shadow variables, which a later patch finds.
. "$KGR_SRCDIR/testsuite/lib.sh"
cd "$work"
sed '/about to be patched/,/return/s/return 0/return -EBUSY/' "$top/examples/callbacks.diff" >no.diff
cmp -s no.diff "$top/examples/callbacks.diff" && fail "no.diff does not say no"

# tried SERIES
tried() {
	echo "== $1"
	test_kernel small "$1"
	for diff in "$top/examples/callbacks.diff" "$top/examples/shadow-variable.diff" no.diff \
		"$tests/patches/late-callbacks.diff"; do
		expect_exit 0 kgr-build -C "$kernel" "$diff"
	done
	edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i #include "kgraft-macros.h"\n\
		static int umask_says_no(void *fs, void *data, void *arg) { return -EINVAL; }\n\
		static void umask_forgets(patch_object *object) { klp_shadow_free_all(7, NULL); }\n\
		KPATCH_POST_UNPATCH_CALLBACK(umask_forgets);\n
		/^SYSCALL_DEFINE1(umask/,/^}/s/^\treturn mask;/\treturn klp_shadow_get_or_alloc(current->fs, 7, 4, \
			GFP_KERNEL, umask_says_no, NULL) ? mask : mask | 01000;/' >constructor.diff
	# Whoever is given the constructor may keep it, as far as kgr-build can tell.
	expect_exit 0 kgr-build -C "$kernel" --allow-escape=umask_says_no constructor.diff
	# Another initial value: refused, unless a callback deals with it and somebody says so.
	sed 's/pr_info("umask: about to be patched in.*/fs_overflowuid = 4711;/' "$top/examples/callbacks.diff" >data.diff
	edit kernel/sys.c 's/^int fs_overflowuid = DEFAULT_FS_OVERFLOWUID/int fs_overflowuid = 4711/' >init.diff
	expect_exit 1 kgr-build -C "$kernel" data.diff init.diff
	says 'object fs_overflowuid (.data.fs_overflowuid) has another initial value'
	expect_exit 1 kgr-build --allow-data=fs_overflowuid -C "$kernel" -o none.ko init.diff
	expect_exit 0 kgr-build --allow-data=fs_overflowuid -C "$kernel" data.diff init.diff
	says 'which is left to the callback, as was allowed'
	# The same for programs; and why not.
	expect_exit 0 kgr-build --json -C "$kernel" -n shadow2 "$top/examples/shadow-variable.diff"
	says '"outcome":"built"'
	says '"why":"post_unpatch callback"'
	says '"exported":false'
	expect_exit 2 kgr-build --json -C "$kernel" -o none.ko no-such.diff
	says '"outcome":"trouble"'
	[ ! -e none.ko ] || fail "a module all the same"
	new_guest
	cp kgraft-*.ko "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
	boot <<'END'
said() { dmesg | sed -n 's/.*umask: //p; s/.*callback \(p.*_patch\|p.*_unpatch\)/\1/p' | tr '\n' ';'; dmesg -c >/dev/null; }
expect 65534 cat /proc/sys/fs/overflowuid
patch_in data
expect 4711 cat /proc/sys/fs/overflowuid
patch_out data
dmesg -c >/dev/null
umask 0022
patch_in callbacks
expect "about to be patched in vmlinux;patched everywhere;" said
expect 1022 umask
# A way back that comes to nothing, for a kprobe stands where the jump is: nobody is told of it.
cleared_up kgraft-callbacks
t=/sys/kernel/tracing
f=$(ls -d /sys/kernel/kgraft/kgraft-callbacks/vmlinux/*umask*)
f=${f##*/} f=${f%,*}
# Behind the fentry, which an ENDBR may precede.
echo "p:jump $f+5" >$t/kprobe_events || echo "p:jump $f+9" >$t/kprobe_events || fail "no kprobe there"
echo 1 >$t/events/kprobes/jump/enable
refuses 1 sh -c "echo 0 >/sys/kernel/kgraft/kgraft-callbacks/enabled"
dmesg | grep "$f+0x[59]/.* has a kprobe" || fail "the owner is not named"
expect "" said
expect 1022 umask
echo 0 >$t/events/kprobes/jump/enable
echo >$t/kprobe_events
patch_out callbacks
expect "about to be as before;as before everywhere;" said
expect 0022 umask

# Turning round: nobody was told that all had moved.
sleep 1000 &
kgr load --no-wait --stragglers=wait /kgraft-callbacks.ko || fail load
sleep 0.5
expect 1 cat /sys/kernel/kgraft/kgraft-callbacks/transition
echo 0 >/sys/kernel/kgraft/kgraft-callbacks/enabled
settled_after_poke callbacks
expect "about to be patched in vmlinux;as before everywhere;" said
kgr unload callbacks || fail unload

refuses 1 kgr load /kgraft-no.ko
dmesg | grep -q "pre-patch callback for vmlinux says no (error -16)" || fail "$(dmesg)"
[ -z "$(lsmod | grep kgraft)" ] || fail "a module is left"
expect 0022 umask
said >/dev/null

# A module's: when it is there, when it comes and goes, and when it says no.
patch_in late-callbacks
expect "" said
insmod /kgr_torture_late.ko || fail insmod
expect "pre_patch kgr_torture_late 1;post_patch kgr_torture_late;" said
expect "init new now new" cat /proc/kgr_torture_late
rmmod kgr_torture_late
expect "pre_unpatch kgr_torture_late;post_unpatch kgr_torture_late;" said
insmod /kgr_torture_late.ko
said >/dev/null
patch_out late-callbacks
expect "pre_unpatch kgr_torture_late;post_unpatch kgr_torture_late;" said
expect "init new now old" cat /proc/kgr_torture_late
patch_in late-callbacks
expect "pre_patch kgr_torture_late 1;post_patch kgr_torture_late;" said
patch_out late-callbacks
cat /proc/kgr_torture_late
refuses 1 kgr load /kgraft-late-callbacks.ko
dmesg | grep -q "pre-patch callback for kgr_torture_late says no" || fail "$(dmesg)"
expect "init new now old" cat /proc/kgr_torture_late

# Shadow variables: a shell calls umask() twice to print it, so it shows when that is done for the third
# time. A patch that takes the place finds the count.
patch_in shadow-variable
for n in 1 2 3 4 5; do
	expect "0022
0022" sh -c 'umask; umask'
done
expect 1022 sh -c 'umask >/dev/null; umask >/dev/null; umask'
sh -c 'umask >/dev/null; umask >/dev/null
	insmod /kgraft-shadow2.ko replace=1; kgr poke shadow2
	while [ $(cat /sys/kernel/kgraft/kgraft-shadow2/transition) = 1 ]; do sleep 0.1; done
	umask' >/tmp/said
expect 1022 tail -n 1 /tmp/said
kgr unload shadow-variable
patch_out shadow2
expect 0022 sh -c 'umask >/dev/null; umask >/dev/null; umask >/dev/null; umask'

# A constructor that says no.
dmesg -c >/dev/null
patch_in constructor
expect 1022 umask
# A kernel with livepatch has these functions itself, and says it in its own words.
dmesg | grep -q 'onstruct.* shadow variable .*(.*-22)' || fail "$(dmesg)"
patch_out constructor
expect 0022 umask
END
}
tried 6.1
! has_series 6.12 || tried 6.12
echo "== more than one, or nothing else"
expect_exit 1 kgr-build -C "$kernel" "$top/examples/callbacks.diff" "$tests/patches/second-callback.diff"
says "are both pre_patch callbacks for vmlinux"
expect_exit 3 kgr-build -C "$kernel" "$tests/patches/second-callback.diff"
says "callbacks alone make no patch"
