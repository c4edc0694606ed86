# SPDX-License-Identifier: GPL-3.0-or-later
# The two examples: callbacks, for vmlinux and for a module, one that says no, a transition that turns
# round; and shadow variables, which a later patch finds. And data that has another initial value, which a callback or
# the runtime writes.
. "$KGR_SRCDIR/testsuite/lib.sh"
cd "$work"
sed '/about to be patched/,/return/s/return 0/return -EBUSY/' "$top/examples/callbacks.diff" >no.diff
cmp -s no.diff "$top/examples/callbacks.diff" && fail "no.diff does not say no"

# written: patches with other initial values that no callback deals with
written() {
	for name in first again; do
		expect_exit 0 kgr-build --allow-data=fs_overflowuid -C "$kernel" -n $name init.diff
		says 'written  fs_overflowuid (4711, was 65534; when all have moved)'
	done
	edit kernel/sys.c 's/^int fs_overflowuid = DEFAULT_FS_OVERFLOWUID/int fs_overflowuid = 815/
		/^SYSCALL_DEFINE1(umask/,/^}/s/^\treturn mask;/\treturn mask | 01000;/' >other.diff
	expect_exit 0 kgr-build --json --allow-data=fs_overflowuid -C "$kernel" other.diff
	says '"is":"815"'
	edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^\treturn mask;/\treturn mask | 01000;/' >plain.diff
	expect_exit 0 kgr-build -C "$kernel" plain.diff
	# A pointer to another function, in what is read-only.
	edit drivers/char/mem.c '/ null_fops = {/,/^}/s/read_null/read_zero/' >null.diff
	expect_exit 0 kgr-build --allow-data=null_fops -C "$kernel" null.diff
	says 'written  null_fops.read (read_zero, was read_null; when all have moved)'
}

# late_data: late-limit.ko, a module that has a variable with an initial value, and a patch that gives it another one
late_data() {
	rm -rf late
	mkdir late
	sed 's/^static int reads;/static int limit = 3;\nmodule_param(limit, int, 0644);\n&/' \
		"$src/lib/torture/kgr_torture_late.c" >late/kgr_torture_late.c
	echo 'obj-m := kgr_torture_late.o' >late/Kbuild
	make -s -C "$kernel" M="$work/late" CC=kgr-gcc modules >said 2>&1 || {
		cat said
		fail "the module does not compile"
	}
	cp late/kgr_torture_late.ko late-limit.ko
	mkdir -p a b
	cp late/kgr_torture_late.c a/
	sed 's/^static int limit = 3/static int limit = 5/' a/kgr_torture_late.c >b/kgr_torture_late.c
	diff -u a/kgr_torture_late.c b/kgr_torture_late.c >limit.diff || true
	for name in limit limit-again; do
		expect_exit 0 kgr-build --allow-data=limit -C "$kernel" -M late -n $name limit.diff
	done
}

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
	# Another initial value: refused, unless somebody says so; then a callback deals with it, or the runtime.
	sed 's/pr_info("umask: about to be patched in.*/fs_overflowuid = 4711;/' "$top/examples/callbacks.diff" >data.diff
	edit kernel/sys.c 's/^int fs_overflowuid = DEFAULT_FS_OVERFLOWUID/int fs_overflowuid = 4711/' >init.diff
	expect_exit 1 kgr-build -C "$kernel" data.diff init.diff
	says 'object fs_overflowuid (.data.fs_overflowuid) has another initial value'
	expect_exit 1 kgr-build -C "$kernel" -o none.ko init.diff
	says 'and is not overwritten unasked'
	expect_exit 0 kgr-build --allow-data=fs_overflowuid -C "$kernel" data.diff init.diff
	says 'which is left to the callback, as was allowed'
	written
	[ "$1" != 6.1 ] || late_data
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
	[ ! -f late-limit.ko ] || mv late-limit.ko "$guest/"
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

# Other initial values. Nobody but who lives in the new universe meets them, and they go before anybody leaves it.
overflow="cat /proc/sys/fs/overflowuid"
dir=/sys/kernel/kgraft
set_overflow() { echo $1 >/proc/sys/fs/overflowuid; }
logged() { dmesg | grep -q "$1" || fail "no \"$1\": $(dmesg)"; dmesg -c >/dev/null; }
# moving NAME: it stays in transition, for there is a sleeper
moving() {
	sleep 0.5
	expect 1 cat $dir/kgraft-$1/transition
}
# The callback above left its own.
expect 4711 $overflow
set_overflow 65534
sleep 1000 &
kgr load --no-wait --stragglers=wait /kgraft-first.ko || fail load
moving first
expect 65534 $overflow
settled_after_poke first
expect 4711 $overflow
sleep 1000 &
echo 0 >$dir/kgraft-first/enabled
moving first
expect 65534 $overflow
echo 1 >$dir/kgraft-first/enabled
settled_after_poke first
expect 4711 $overflow
patch_out first
expect 65534 $overflow

# What somebody else has written is checked at load and when it is enabled again, and stays.
set_overflow 100
dmesg -c >/dev/null
refuses 1 kgr load /kgraft-first.ko
logged "fs_overflowuid has another value than the one that the kernel was built with: not patched"
[ -z "$(lsmod | grep kgraft)" ] || fail "a module is left"
set_overflow 65534
patch_in first
set_overflow 5
echo 0 >$dir/kgraft-first/enabled
settled_after_poke first
logged "fs_overflowuid has not the value any more that the patch wrote: it is left as it is"
expect 5 $overflow
! echo 1 >$dir/kgraft-first/enabled || fail "enabled though the value is another"
logged "fs_overflowuid has another value"
set_overflow 65534
echo 1 >$dir/kgraft-first/enabled || fail "not enabled again"
settled_after_poke first
expect 4711 $overflow
patch_out first
sleep 1000 &
kgr load --no-wait --stragglers=wait /kgraft-first.ko || fail load
moving first
set_overflow 7
settled_after_poke first
logged "fs_overflowuid has got another value"
patch_out first
expect 7 $overflow
set_overflow 65534

# A second patch that has it, too: only in the place of the first one. Another value, and the transition turns round;
# the same value, which stays; none.
patch_in first
refuses 1 kgr load /kgraft-other.ko
logged "kgraft-first changes fs_overflowuid, too"
sleep 1000 &
kgr load --replace --no-wait --stragglers=wait /kgraft-other.ko || fail load
moving other
expect 65534 $overflow
echo 0 >$dir/kgraft-other/enabled
settled_after_poke other
expect 4711 $overflow
kgr unload other
# Given back by hand, too.
set_overflow 65534
kgr load --replace --no-wait /kgraft-other.ko || fail load
settled_after_poke other
expect 815 $overflow
cleared_up kgraft-other
expect 0 cat $dir/kgraft-first/enabled
! echo 1 >$dir/kgraft-first/enabled || fail "enabled below another"
kgr unload first || fail unload
sleep 1000 &
kgr load --replace --no-wait --stragglers=wait /kgraft-plain.ko || fail load
moving plain
expect 65534 $overflow
settled_after_poke plain
expect 65534 $overflow
cleared_up kgraft-plain
kgr unload other || fail unload
patch_out plain
patch_in first
sleep 1000 &
kgr load --replace --no-wait --stragglers=wait /kgraft-again.ko || fail load
moving again
expect 4711 $overflow
settled_after_poke again
expect 4711 $overflow
cleared_up kgraft-again
kgr unload first || fail unload
expect 4711 $overflow
patch_out again
expect 65534 $overflow

# Read-only data, and pointers.
null() { dd if=/dev/null bs=4 count=1 2>/dev/null | wc -c; }
expect 0 null
patch_in null
expect 4 null
patch_out null
expect 0 null

# A module that comes later: written before its own init, and before its parameters.
if [ -f /late-limit.ko ]; then
	rmmod kgr_torture_late
	limit="cat /sys/module/kgr_torture_late/parameters/limit"
	patch_in limit
	insmod /late-limit.ko || fail insmod
	expect 5 $limit
	rmmod kgr_torture_late
	insmod /late-limit.ko limit=9 || fail insmod
	expect 9 $limit
	dmesg -c >/dev/null
	patch_out limit
	logged "limit has not the value any more"
	expect 9 $limit
	refuses 1 kgr load /kgraft-limit.ko
	logged "limit has another value"
	rmmod kgr_torture_late
	sleep 1000 &
	kgr load --no-wait --stragglers=wait /kgraft-limit.ko || fail load
	moving limit
	insmod /late-limit.ko
	expect 3 $limit
	settled_after_poke limit
	expect 5 $limit
	patch_out limit
	expect 3 $limit
	patch_in limit
	expect 5 $limit
	rmmod kgr_torture_late
	# Another patch takes the place of this one, and the module comes meanwhile.
	refuses 1 kgr load /kgraft-limit-again.ko
	logged "kgraft-limit changes limit, too"
	sleep 1000 &
	kgr load --replace --no-wait --stragglers=wait /kgraft-limit-again.ko || fail load
	moving limit-again
	insmod /late-limit.ko || fail insmod
	expect 3 $limit
	settled_after_poke limit-again
	expect 5 $limit
	cleared_up kgraft-limit-again
	kgr unload limit || fail unload
	patch_out limit-again
	expect 3 $limit
	rmmod kgr_torture_late
fi

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
tried "$oldest"
[ "$newest" = "$oldest" ] || tried "$newest"
echo "== more than one, or nothing else"
expect_exit 1 kgr-build -C "$kernel" "$top/examples/callbacks.diff" "$tests/patches/second-callback.diff"
says "are both pre_patch callbacks for vmlinux"
expect_exit 3 kgr-build -C "$kernel" "$tests/patches/second-callback.diff"
says "callbacks alone make no patch"
