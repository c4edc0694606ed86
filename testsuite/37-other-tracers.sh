# SPDX-License-Identifier: GPL-3.0-or-later
# Others who use a patched function's fentry, before the patch and after it: the function tracer, the
# graph tracer, kprobes and kretprobes; sleepers below an old function whose return addresses tracers
# hide; direct calls, as BPF's; and the switch that turns ftrace off.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
torture_guest "$KGR_STAGE"
cp -r "$tests/direct" "$work/direct"
compile_modules "$work/direct"
cp "$work/direct/kgr_direct.ko" "$guest/"
boot <<'END'
t=/sys/kernel/tracing
p=/sys/kernel/kgraft/kgraft-torture
chain() { echo chain >/proc/kgr_torture/run; }
# version_is old|new: what of the functions runs, by the counts
version_is() {
	read -r a mixes b even c odd </proc/kgr_torture/stats
	chain
	read -r a mixes b even2 c odd2 </proc/kgr_torture/stats
	case $1 in
	old) [ $odd2 -gt $odd ] && [ $even2 = $even ] ;;
	new) [ $even2 -gt $even ] && [ $odd2 = $odd ] ;;
	esac || fail "not $1: $even $odd, then $even2 $odd2"
	expect_no_mix_at_all
}
to() { echo $1 >$p/enabled && settled_after_poke torture && cleared_up kgraft-torture; }
traced() {
	echo >$t/trace
	chain
	grep -q torture_g $t/trace || fail "$(cat $t/current_tracer) does not see torture_g"
}
there_and_back() {
	insmod /kgraft-torture.ko || fail "insmod"
	settled_after_poke torture
	"$@"
	version_is new
	to 0
	"$@"
	version_is old
	to 1
	version_is new
	patch_out torture
	"$@"
	version_is old
}

version_is old
echo 'torture_*' >$t/set_ftrace_filter
echo 'torture_*' >$t/set_graph_function
for tracer in function function_graph; do
	# Before the patch.
	echo $tracer >$t/current_tracer
	there_and_back traced
	echo nop >$t/current_tracer
	# On top of it.
	insmod /kgraft-torture.ko
	settled_after_poke torture
	echo $tracer >$t/current_tracer
	version_is new
	to 0
	version_is old
	to 1
	version_is new
	echo nop >$t/current_tracer
	version_is new
	patch_out torture
done

hits() {
	before=$(awk '{ n += $2 } END { print n + 0 }' $t/kprobe_profile)
	chain
	after=$(awk '{ n += $2 } END { print n + 0 }' $t/kprobe_profile)
	[ $after -gt $before ] || fail "the probes are not hit any more"
}
for probe in 'p:g torture_g' 'r:g torture_g'; do
	echo "$probe" >$t/kprobe_events
	echo 1 >$t/events/kprobes/g/enable
	there_and_back hits
	echo 0 >$t/events/kprobes/g/enable
	echo >$t/kprobe_events
done

# The name of a function that is patched is still that of one function, for who puts a probe there now.
patch_in torture
for probe in 'p:g torture_g' 'r:g torture_g'; do
	echo "$probe" >$t/kprobe_events || fail "\"$probe\": $(tail -n 3 $t/error_log)"
	echo 1 >$t/events/kprobes/g/enable
	hits
	echo 0 >$t/events/kprobes/g/enable
	echo >$t/kprobe_events
done
grep -q ' torture_g\.kgr' /proc/kallsyms || fail "the new function has no name"
patch_out torture

# Somebody sleeps inside an old function, and all that a return address tells is hidden by tracers: the
# stack check must not move it, whatever the policy.
sleeps_inside() {
	echo "inside i 3000" >/proc/kgr_torture/run &
	sleep 0.3
	insmod /kgraft-torture.ko stragglers=stack
	sleep 0.7
	[ "$(cat $p/transition)" = 1 ] || fail "moved while inside: $1"
	refuses 1 sh -c "echo 0 >/proc/sys/kernel/ftrace_enabled"
	kgr blocking torture | grep -q "in torture_" || fail "$(kgr blocking torture)"
	wait $!
	settled kgraft-torture
	expect_no_mix_at_all
	patch_out torture
}
sleeps_inside "no tracer"
echo function_graph >$t/current_tracer
sleeps_inside "graph tracer"
echo nop >$t/current_tracer
echo 'r:h torture_h' >$t/kprobe_events
echo 1 >$t/events/kprobes/h/enable
sleeps_inside "kretprobe"
echo 0 >$t/events/kprobes/h/enable
echo >$t/kprobe_events

# When converged nothing of the patch is left in ftrace.
insmod /kgraft-torture.ko
settled_after_poke torture
cleared_up kgraft-torture
! grep torture_ $t/enabled_functions || fail "a handler is left"
! dmesg | grep "the handler stays" || fail "no jump"

# ftrace switched off: a jump needs none, and the way back does.
echo 0 >/proc/sys/kernel/ftrace_enabled || fail "ftrace cannot be switched off"
version_is new
refuses 1 sh -c "echo 0 >$p/enabled"
dmesg | grep "kgraft-torture: ftrace refuses: .*kernel.ftrace_enabled is 0" || fail "the cause is not named"
expect 1 cat $p/enabled
version_is new
echo 1 >/proc/sys/kernel/ftrace_enabled

# Behind the landing pad, if there is one, and the fentry.
case $(uname -r) in
6.1.*) jump=5 ;;
*) jump=9 ;;
esac
# A kprobe at the jump is hit, and keeps the function's own text from coming back, until it goes.
echo "p:jump torture_g+$jump" >$t/kprobe_events || fail "no kprobe there"
echo 1 >$t/events/kprobes/jump/enable
hits
version_is new
refuses 1 sh -c "echo 0 >$p/enabled"
dmesg | grep "kgraft-torture: torture_g+0x$jump/.* has a kprobe (its handler is kprobe_dispatcher)" || fail "the owner is not named"
expect 1 cat $p/enabled
expect 0 cat $p/transition
hits
version_is new
! grep torture_ $t/enabled_functions | grep -v " tramp: .*kprobe" || fail "the handler has not left again"
echo 0 >$t/events/kprobes/jump/enable
echo >$t/kprobe_events
to 0
version_is old

# Set in a transition, where the jump would be: it stays, and so does the handler.
sleep 1000 &
echo 1 >$p/enabled
echo "p:jump torture_g+$jump" >$t/kprobe_events || fail "no kprobe there"
echo 1 >$t/events/kprobes/jump/enable
settled_after_poke torture
cleared_up kgraft-torture
dmesg | grep "the handler stays at torture_g(), as a kprobe is in the way of a jump" || fail "no reason given"
expect 1 grep -c "^torture_" $t/enabled_functions
version_is new
to 0
version_is old
hits
echo 0 >$t/events/kprobes/jump/enable
echo >$t/kprobe_events
to 1
! grep torture_ $t/enabled_functions || fail "a handler is left"
version_is new

patch_out torture

# What has a direct call, as BPF's fentry, sees all calls: there before the patch, and after it; in a transition; and it
# keeps the handler from nothing.
directly() {
	before=$(cat /sys/module/kgr_direct/parameters/hits)
	version_is $1
	[ "$(cat /sys/module/kgr_direct/parameters/hits)" -gt "$before" ] || fail "the direct call is not hit any more"
}
address_of() { awk -v name="$1" '$3 == name { print "0x" $1 }' /proc/kallsyms; }
direct() { insmod /kgr_direct.ko address=$(address_of torture_g) || fail "no direct call"; }
direct
directly old
insmod /kgraft-torture.ko
directly new
settled_after_poke torture
directly new
cleared_up kgraft-torture
expect 1 grep -c "^torture_" $t/enabled_functions
to 0
directly old
rmmod kgr_direct
to 1
direct
directly new
sleep 1000 &
echo 0 >$p/enabled
directly old
to 0
directly old
to 1
directly new
! dmesg | grep "handler stays at torture_[^g]" || fail "no jump"
rmmod kgr_direct

# Somebody is between a fentry and the jump behind it when the patch is disabled: the function's own text must wait.
insmod /kgr_direct.ko address=$(address_of torture_second) slow=3000
echo "pair u 300" >/proc/kgr_torture/run &
late=$!
for n in $(seq 100); do
	[ "$(cat /sys/module/kgr_direct/parameters/slow)" != 0 ] || break
	sleep 0.1
done
expect 0 cat /sys/module/kgr_direct/parameters/slow
to 0
wait $late
expect_no_mix_at_all
to 1
rmmod kgr_direct

# Whoever turns ftrace off can have that; what needs it again is refused.
echo 0 >/proc/sys/kernel/ftrace_enabled || fail "ftrace cannot be turned off"
version_is new
refuses 1 sh -c "echo 0 >$p/enabled"
dmesg | grep -q "kgraft-torture: ftrace refuses: .* or kernel.ftrace_enabled is 0" || fail "no reason given"
version_is new
echo 1 >/proc/sys/kernel/ftrace_enabled
patch_out torture
version_is old
echo 0 >/proc/sys/kernel/ftrace_enabled
refuses 16 insmod /kgraft-torture.ko
echo 1 >/proc/sys/kernel/ftrace_enabled
version_is old
END
