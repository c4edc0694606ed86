# SPDX-License-Identifier: GPL-3.0-or-later
# Nearly out of memory, with processes being killed for it: a patch gets in and works, or does not get in
# and leaves nothing behind.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
build_fix prctl-auxv
new_guest
guest_program sleepers
cp "$work/kgraft-prctl-auxv.ko" "$guest/"
BOOT_MEMORY=256
boot <<'END'
# Who is killed is reported with a trace, which is not what is looked for here.
dmesg -n 1
free_kb() {
	sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
}
: >/killed
killed() {
	wc -l </killed
}
# Rather than those who do the test, whoever takes what is left, again and again.
for process in /proc/[0-9]*; do
	echo -900 >$process/oom_score_adj
done
# And when they are all dead, others who are easy to spare.
sh -c 'echo 500 >/proc/self/oom_score_adj; exec sleepers 300' &
sleep 2
mount -t tmpfs -o size=100% fill /tmp
n=0
while [ "$(free_kb)" -gt 24000 ]; do
	dd if=/dev/zero of=/tmp/fill$n bs=1M count=1 2>/dev/null || break
	n=$((n + 1))
done
hogs=
for n in 1 2; do
	while :; do
		sh -c 'echo 1000 >/proc/self/oom_score_adj; exec dd if=/dev/zero of=/dev/null bs=15M count=20' ||
			echo >>/killed
	done >/dev/null 2>&1 &
	hogs="$hogs $!"
done
until [ "$(killed)" -gt 2 ]; do
	sleep 0.5
done
in=0 out=0
for n in 1 2 3 4 5; do
	if said=$(kgr load --no-wait /kgraft-prctl-auxv.ko 2>&1); then
		in=$((in + 1))
		kgr poke prctl-auxv
		settled kgraft-prctl-auxv
		[ "$(probe prctl-auxv)" = fixed ] || fail "not fixed"
		echo 0 >/sys/kernel/kgraft/kgraft-prctl-auxv/enabled
		kgr poke prctl-auxv
		settled kgraft-prctl-auxv
		kgr unload prctl-auxv || fail unload
	else
		says "Cannot allocate memory"
		out=$((out + 1))
	fi
	[ ! -e /sys/kernel/kgraft ] && ! grep -q ^kgraft_ /proc/modules || fail "something is left"
	[ "$(probe prctl-auxv)" = buggy ] || fail "not buggy"
done
kill $hogs
echo "ok: $in times in, $out times no memory, $(killed) killed"
[ $in -gt 0 ] || fail "never in"
[ "$(killed)" -gt 5 ] || fail "hardly anybody was killed"
! dmesg | grep -E "BUG:|Oops|WARNING:|kgr_" || fail "the kernel complains"
rm /tmp/fill*
patch_in prctl-auxv
expect fixed probe prctl-auxv
patch_out prctl-auxv
END
