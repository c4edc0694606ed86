# SPDX-License-Identifier: GPL-3.0-or-later
# The runtime, attacked: thousands of tasks born in a transition that then turns round; work items and threads that ask
# whether to stop, sleep and receive in the middle of a round; files written before the load is done; a cumulative patch
# over those that redirect nothing; tasks that no signal gets out of the kernel; a CPU that a real-time task has to itself;
# a question asked too early.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
torture_guest "$KGR_STAGE"
for name in one two three; do
	kgr-build -C "$kernel" -n "$name" -o "$guest/kgraft-$name.ko" "$tests/patches/leaf.diff"
done
kgr-build -C "$kernel" -o "$guest/kgraft-late.ko" "$tests/patches/late.diff"
guest_program sleepers
# modules_of DIR: what is there, compiled for the kernel
modules_of() {
	compile_modules "$1"
	cp "$1"/*.ko "$guest/"
}
cp -r "$tests/attack" "$work/attack"
modules_of "$work/attack"
# The module that a patch is for, with an init that takes longer than a patch waits for it.
mkdir "$work/slow"
sed 's/^static int __init late_init(void)$/&\n{\n\tmsleep(12000);/; /^static int __init late_init/,/^}/{ /^{$/d; }' \
	"$src/lib/torture/kgr_torture_late.c" | sed 's/^#include <linux.init.h>$/#include <linux\/delay.h>\n&/' \
	>"$work/slow/kgr_torture_late.c"
grep -A 2 'late_init(void)' "$work/slow/kgr_torture_late.c" | grep -q msleep || fail "it is not slow"
echo 'obj-m := kgr_torture_late.o' >"$work/slow/Kbuild"
modules_of "$work/slow"
mkdir "$guest/fast"
cp "$kernel/lib/torture/kgr_torture_late.ko" "$guest/fast/"

# altered NAME PATCH FILE SED-SCRIPT...: a patch with a runtime of which FILE is another one
altered() {
	rm -rf "$work/stage"
	cp -r "$KGR_STAGE" "$work/stage"
	name=$1
	diff=$2
	file=$work/stage/share/kgraft/runtime/$3
	shift 3
	for change; do
		cp "$file" "$work/before"
		sed -i "$change" "$file"
		! cmp -s "$file" "$work/before" || fail "the runtime does not change: $change"
	done
	"$work/stage/bin/kgr-build" -C "$kernel" -n "$name" -o "$guest/kgraft-$name.ko" "$tests/patches/$diff.diff"
}

# Runtimes that take their time between choosing a task and holding it: as it is, and one that asks before whether the
# task has called a stale function.
# slowly NAME SED-SCRIPT...
slowly() {
	name=$1
	shift
	altered "$name" torture stack.c 's/^\tmoved = kgr_call(task_call_func)/\tif (!strcmp(task->comm, "attack-late"))\n\t\tmsleep(400);\n&/' \
		's/^#include <linux.kernel.h>$/#include <linux\/delay.h>\n&/' "$@"
}
slowly slow
slowly early 's/^\tif (!request->ran && kgr_task_ran_stale.*/\tif (0)/' \
	's/^\tif (!strcmp(task->comm/\tif (!request->ran \&\& kgr_task_ran_stale(request->state))\n\t\treturn false;\n&/'

# A runtime that has room for nobody but those who are there.
altered narrow leaf universe.c 's/^\tn += n \/ 4 + 256;$//' 's/^\tn += n \/ 2;$//'

# A runtime that does not know where tasks enter this kernel, as an older one on a newer processor.
altered foreign leaf arch/x86/exit-path.c 's/^\treturn is_entry_text(pc) || is_fork_return(pc);/\treturn is_fork_return(pc);/'

BOOT_MEMORY=1024 BOOT_TIMEOUT=400
boot <<'END'
p=/sys/kernel/kgraft
attack() { echo "$1" >/proc/kgr_attack; }
insmod /kgr_attack.ko || fail "insmod"

echo "== where nobody can be seen to leave the kernel every patch is refused"
! insmod /kgraft-foreign.ko || fail "a patch that nobody would ever move to"
dmesg | grep "kgraft-foreign: tasks enter this kernel at entry_SYSCALL_64.*, where this kgraft does not expect them" ||
	fail "the cause is not named"

echo "== work items and threads in the middle of a round stay where they are, whatever is done to them"
attack "item 18000"
attack "tcp 18000"
attack "worker 18000"
attack "thread 1"
(attack "stubborn 19000") &
(attack "met 19000") &
sleep 0.5
kgr load --no-wait /kgraft-torture.ko || fail load
[ $(($(cat /proc/sys/kernel/tainted) & 32768)) = 32768 ] || fail "not tainted as livepatch does"
attack go
sleep 1
kgr poke torture
sleep 3
kgr blocking torture
for item in attack_item attack_tcp attack_worker; do
	kgr blocking torture | grep -q "(work item $item " || fail "$item is not named"
done
! kgr blocking torture | grep -q attack-thread || fail "the thread finds no end of its round"
sleep 10
expect_no_mix_at_all
expect 1 cat $p/kgraft-torture/transition
settled kgraft-torture
expect_no_mix_at_all
# Once by the poke; one that met an old function after 15 s and after 16 s, the other after 16 s.
expect "stubborn 2 met 3" cat /proc/kgr_attack
attack "thread 0"

echo "== items without a pause between them"
attack "queue 1"
for n in 1 2 3; do
	start=$(uptime_s)
	patch_out torture
	patch_in torture
	[ $(($(uptime_s) - start)) -le 6 ] || fail "it takes too long"
	expect_no_mix_at_all
done
attack "queue 0"
attack "thread 1"
for n in 1 2 3; do
	patch_out torture
	patch_in torture
	expect_no_mix_at_all
done
attack "thread 0"
patch_out torture
expect_no_mix_at_all

echo "== thousands are born, and the transition turns round"
echo 30000 >/proc/sys/kernel/threads-max
echo 100000 >/proc/sys/vm/max_map_count
sleep 1000 &
kgr load --no-wait --stragglers=wait /kgraft-torture.ko || fail load
sleepers 1 8300 &
sleepers=$!
for n in $(seq 300); do
	[ "$(ls /proc/$sleepers/task | wc -l)" -lt 8300 ] || break
	sleep 0.2
done
[ "$(ls /proc/$sleepers/task | wc -l)" -ge 8300 ] || fail "not so many threads"
for on in 0 1 0 1; do
	echo $on >$p/kgraft-torture/enabled || fail "it cannot turn round"
	echo chain >/proc/kgr_torture/run
done
echo 0 >$p/kgraft-torture/enabled || fail "it cannot turn round"
kill $sleepers
settled_after_poke torture
kgr unload torture || fail unload
expect_no_mix_at_all

echo "== a file that is written before the load is done"
insmod /kgr_torture_late.ko &
sleep 1
insmod /kgraft-late.ko 2>/tmp/said &
loading=$!
sleep 1
[ -d $p/kgraft-late ] || fail "it is not being loaded"
(echo 1 >$p/kgraft-late/enabled) 2>/dev/null && fail "enabled before it is loaded"
wait $loading && fail "it is loaded"
grep -q "busy" /tmp/said || fail "$(cat /tmp/said)"
[ ! -e $p ] || fail "$p is left"
! grep . /sys/kernel/tracing/enabled_functions || fail "a handler is left"
for n in $(seq 100); do
	[ ! -e /proc/kgr_torture_late ] || break
	sleep 0.2
done
expect "init old now old" cat /proc/kgr_torture_late
rmmod kgr_torture_late

echo "== a cumulative patch over one below another, and one whose module is not there"
for name in one two late; do
	kgr load --stragglers=stack /kgraft-$name.ko || fail "load"
done
kgr load --stragglers=stack --replace /kgraft-three.ko || fail "replace"
cleared_up kgraft-three
for name in one two late; do
	expect 0 cat $p/kgraft-$name/enabled
	rmmod kgraft_$name || fail "$name is in use"
done
! dmesg | grep "was to be replaced" || fail "it says so itself"
kgr unload three || fail "unload"
[ ! -e $p ] || fail "$p is left"
# That turns round: all are as they were, and nobody holds them.
for name in one two late; do
	kgr load --stragglers=stack /kgraft-$name.ko || fail "load"
done
kgr load --no-wait --stragglers=wait --replace /kgraft-three.ko || fail "replace"
sleep 0.5
expect 1 cat $p/kgraft-three/transition
refuses 1 sh -c "echo 0 >$p/kgraft-late/enabled"
# A module that only one of them patches, and which comes meanwhile: who is new meets the kernel's own function.
for n in 1 2; do
	insmod /fast/kgr_torture_late.ko
	expect "init old now old" cat /proc/kgr_torture_late
	[ $n = 2 ] || rmmod kgr_torture_late
done
patch_out three
expect "init old now new" cat /proc/kgr_torture_late
rmmod kgr_torture_late
for name in late two one; do
	expect 1 cat $p/kgraft-$name/enabled
	kgr unload $name || fail "unload"
done

echo "== whether a task has called a stale function is asked when it cannot any more"
# late NAME: loads that while a task is about to call one
late() {
	attack stay
	(attack late) &
	late=$!
	sleep 0.5
	insmod /kgraft-$1.ko stragglers=stack
	sleep 0.2
	attack go
	wait $late
	settled kgraft-$1
	patch_out $1
}
late slow
expect_no_mix_at_all
dmesg -n 1
late early
! grep -q "^mixes 0 " /proc/kgr_torture/stats || fail "a runtime that asks too early makes no mix: this tests nothing"
dmesg -n 4

echo "== turned round when everybody has a state already, and there is no room for more"
mkfifo /tmp/fifo
sh -c 'exec 3<>/tmp/fifo; while [ ! -e /tmp/now ]; do read -t 1 -u 3 x; done; >/tmp/sleeping; read -u 3 x' &
sleeper=$!
insmod /kgraft-narrow.ko stragglers=wait
sleep 3
>/tmp/now
sleep 2
[ -e /tmp/sleeping ] || fail "it does not sleep"
echo 0 >$p/kgraft-narrow/enabled
sleep 1
expect 1 cat $p/kgraft-narrow/transition
grep -q "^$sleeper " $p/kgraft-narrow/blocking || fail "$(cat $p/kgraft-narrow/blocking)"
echo >/tmp/fifo
settled_after_poke narrow
cleared_up kgraft-narrow
rmmod kgraft_narrow

echo "== a real-time task has a CPU to itself"
# soon COMMAND...: it does not wait for that CPU
soon() {
	sh -c "$*" &
	soon=$!
	for n in $(seq 40); do
		kill -0 $soon 2>/dev/null || { wait $soon || fail "$*: exit $?"; return; }
		sleep 0.1
	done
	fail "still waiting: $*: $(cat /proc/$soon/stack)"
}
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
taskset 2 sh -c 'echo fifo >/proc/kgr_attack; while :; do :; done' &
hog=$!
sleep 1
soon insmod /kgraft-late.ko
soon insmod /fast/kgr_torture_late.ko
expect "init new now new" cat /proc/kgr_torture_late
expect 1 cat $p/kgraft-late/transition
soon cat $p/kgraft-late/blocking $p/kgraft-late/enabled
soon "echo 1 >$p/kgraft-late/poke"
soon "echo 0 >$p/kgraft-late/enabled"
soon "echo 1 >$p/kgraft-late/enabled"
expect 1 cat $p/kgraft-late/transition
soon "echo 1 >$p/kgraft-late/force"
settled kgraft-late
# ftrace waits for that CPU now, and who wants the next change waits for ftrace, but can be killed.
sh -c "echo 0 >$p/kgraft-late/enabled" &
changer=$!
sleep 1
kill -9 $changer
for n in $(seq 20); do
	[ -d /proc/$changer ] || break
	sleep 0.1
done
[ ! -d /proc/$changer ] || fail "it cannot be killed: $(cat /proc/$changer/stack)"
soon cat $p/kgraft-late/blocking $p/kgraft-late/enabled
kill -0 $hog || fail "no real-time task"
kill -9 $hog
echo 0 >$p/kgraft-late/enabled || fail "it cannot be disabled"
settled_after_poke late
expect "init new now old" cat /proc/kgr_torture_late
END
