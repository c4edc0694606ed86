# SPDX-License-Identifier: GPL-3.0-or-later
# Static keys and static calls that belong to a loadable module, which its tracepoints are: one that is flipped after
# the patch flips in the replaced function too, whichever of the two modules came first. One patch for the kernel and
# several modules. And a type that a module's init uses, which runs again whenever the module comes.
. "$KGR_SRCDIR/testsuite/lib.sh"
debug_kernel
cd "$work"
sample=samples/trace_events/trace-events-sample
edit $sample.c 's/trace_foo_bar("hello"/trace_foo_bar("hullo"/' >sample.diff
expect_exit 0 kgr-build -C "$kernel" sample.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-sample.ko sample.diff
for section in .kgr.jump_table.1 .kgr.static_call_sites.1; do
	readelf -SW kgraft-sample.ko | grep -q " $section .* 0000[0-9a-f]*[1-9a-f]" ||
		fail "no $section in the module: this tests nothing"
done

# The module's init has them on its stack.
edit lib/test_static_keys.c 's/^struct test_key {/&\n\tint kgr_number;/' >x.diff
refused 1 'struct test_key: member int kgr_number'

# A breakpoint is not where a key's branch is.
edit lib/test_static_keys.c 's/^\treturn branch(&key);\t/\tkgr_asked++;\t\t\t\\\n&/; s/^static void invert_key(/static int kgr_asked;\n&/' >x.diff
expect_exit 1 kgr-build -C "$kernel" -o out.ko x.diff
says 'and no breakpoint may be where it begins either: __jump_table has an entry for that'

# One diff for the kernel and for two modules.
{
	cat sample.diff "$tests/fixes/prctl-auxv.diff"
	edit lib/torture/kgr_torture_late.c '/char .torture_version/,/^}/s/"old"/"new"/'
} >many.diff
expect_exit 0 kgr-build -C "$kernel" many.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-many.ko many.diff

new_guest
cp kgraft-sample.ko kgraft-many.ko "$kernel/$sample.ko" "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
boot <<'END'
event=/sys/kernel/tracing/events/sample-trace/foo_bar/enable
# It counts once a second. (Who reads "trace" after it was emptied may see what was there before, again.)
seen() {
	echo >/sys/kernel/tracing/trace
	cat /sys/kernel/tracing/trace_pipe >/tmp/seen &
	sleep 2.5
	kill $!
	grep -o 'foo_bar: foo h.llo' /tmp/seen | sort -u
}
# The patch comes second.
insmod /trace-events-sample.ko
expect "" seen
echo 1 >$event
expect "foo_bar: foo hello" seen
echo 0 >$event
patch_in sample
expect "" seen
echo 1 >$event
expect "foo_bar: foo hullo" seen
echo 0 >$event
expect "" seen
echo 1 >$event
patch_out sample
expect "foo_bar: foo hello" seen
# On when it comes.
patch_in sample
expect "foo_bar: foo hullo" seen
echo 0 >$event
expect "" seen
# The module goes under the patch, and comes again.
rmmod trace_events_sample
insmod /trace-events-sample.ko
expect "" seen
echo 1 >$event
expect "foo_bar: foo hullo" seen
echo 0 >$event
expect "" seen
rmmod trace_events_sample
patch_out sample
# And first.
patch_in sample
insmod /trace-events-sample.ko
echo 1 >$event
expect "foo_bar: foo hullo" seen
patch_out sample
expect "foo_bar: foo hello" seen
echo 0 >$event
expect "" seen
rmmod trace_events_sample

# Many at once: one module is there, the other comes.
insmod /trace-events-sample.ko
echo 1 >$event
expect buggy probe prctl-auxv
patch_in many
expect fixed probe prctl-auxv
expect "foo_bar: foo hullo" seen
insmod /kgr_torture_late.ko
expect "init new now new" cat /proc/kgr_torture_late
patch_out many
expect "init new now old" cat /proc/kgr_torture_late
expect "foo_bar: foo hello" seen
expect buggy probe prctl-auxv
END
