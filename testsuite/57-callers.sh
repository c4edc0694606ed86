# SPDX-License-Identifier: GPL-3.0-or-later
# A function without fentry that other files call: all its callers are replaced, if they are known, also those in
# files that the diff does not touch.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >hook.diff
expect_exit 0 kgr-build -C "$kernel" -n hook -o kgraft-hook.ko hook.diff
says 'replaced split_map_pages (calls post_alloc_hook, which is notrace, so ftrace cannot hook it)'
says 'included post_alloc_hook'
expect_exit 0 kgr-prove -C "$kernel" kgraft-hook.ko hook.diff
says 'as a normal build makes them'
readelf -sW kgraft-hook.ko | grep -q ' split_map_pages\.kgr$' || fail "the other file's caller is not in the module"

# The caller has the name of another function that is replaced; tracepoints come by where both are.
edit kernel/trace/trace_events.c '/^void trace_event_\(eval_update\|update_all\)(/,/^}/s/^\tup_write(&trace_event_sem);/&\n\tWRITE_ONCE(last_i, 0);/
	/^static void trace_module_add_events(/,/^}/s/__add_event_to_tracers(\*call)/(void)READ_ONCE(mod->num_trace_events), &/' >namesakes.diff
expect_exit 1 kgr-build -C "$kernel" namesakes.diff
says 'trace_module_notify is notrace, so ftrace cannot hook it, and no breakpoint may be there either'

# Of one that modules may call, one whose address is in a table of another file, one whose address a
# function of another file takes, and one that assembly calls, not all callers are known.
edit lib/string.c '/^int strcmp/,/^}/s/unsigned char c1, c2;/&\n\n\tif (cs == ct)\n\t\treturn 0;/' >x.diff
refused 1 'strcmp is notrace, so ftrace cannot hook it, and it is exported' --no-kprobe
edit arch/x86/kernel/trace_clock.c 's/return rdtsc_ordered();/return rdtsc_ordered() | 1;/' >x.diff
refused 1 'trace_clock_x86_tsc is notrace, so ftrace cannot hook it, and trace_clocks in ' --no-kprobe
edit kernel/trace/trace_event_perf.c '/^void perf_kprobe_destroy(/,/^}/s/^{/&\n\tpr_info("kgraft: gone\\n");/' >x.diff
refused 1 'perf_kprobe_destroy is notrace, so ftrace cannot hook it, and perf_kprobe_event_init in ' --no-kprobe
edit arch/x86/kernel/traps.c '/^asmlinkage __visible noinstr .*fixup_bad_iret(/,/^}/s/^{/&\n\tWRITE_ONCE(current->thread.error_code, 1);/' >x.diff
refused 1 'fixup_bad_iret is notrace, so ftrace cannot hook it, and ' --no-kprobe
says 'entry_64.o refers to it: it has no record'
# The same function, when the diff has its address taken for the first time: who gets that may call it.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/
	/^void __free_pages(struct page/,/^{/s/^{/&\n\tbarrier_data(post_alloc_hook);/' >x.diff
refused 1 'post_alloc_hook is notrace, so ftrace cannot hook it, and __free_pages in ' --no-kprobe
expect_exit 0 kgr-build -C "$kernel" -n taken -o kgraft-taken.ko x.diff
says 'by a breakpoint, then a jump at its top, as it is notrace'

new_guest
cp kgraft-hook.ko "$guest/"
boot <<'END'
expect 2 cat /proc/sys/kernel/randomize_va_space
patch_in hook
dd if=/dev/zero of=/tmp/file bs=64k count=100 2>/dev/null
expect 1 cat /proc/sys/kernel/randomize_va_space
patch_out hook
echo 2 >/proc/sys/kernel/randomize_va_space
expect 2 cat /proc/sys/kernel/randomize_va_space
END
