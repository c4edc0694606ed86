# SPDX-License-Identifier: GPL-3.0-or-later
# What the kernel lists of functions: those that no kprobe may be in, and those that errors may be injected into. A
# replaced one's copy is listed as well. A message that comes once, in a trace of its own and without. Code that
# refers to what a table says of it, as WARN() does in Linux 7.2. And formats of trace_printk().
. "$KGR_SRCDIR/testsuite/lib.sh"
debug_kernel
cd "$work"
# Whom int3 is told to, among others: no kprobe may be there.
edit kernel/notifier.c '/^static int notifier_call_chain(/,/^}/s/^\tint ret = NOTIFY_DONE;/&\n\n\trandomize_va_space = 0;/
	s/^#include <linux\/export.h>/&\n#include <linux\/mm.h>/' >notify.diff
# System calls: errors may be injected. And a new function of each kind, which has the third entry read that is about it.
entry='struct bug_entry *entry;\n\n\tasm volatile("leaq 2f(%%rip), %0\\n1:\\tnop\\n\\t.pushsection __bug_table, \\"aw\\"\\n2:\\t.long 1b - ., 0\\n\\t.word 4711, 0\\n\\t.popsection" : "=r" (entry));\n\ttrace_printk("kgraft: entry %d\\n", entry->line);'
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static noinline int kgr_mask(int mask)\n{\n\t'"$entry"'\n\n\tWARN_ONCE(mask == 0707, "kgraft: a mask");\n\tWARN_ON_ONCE(mask == 0706);\n\treturn mask \& 0777;\n}\nNOKPROBE_SYMBOL(kgr_mask);\nALLOW_ERROR_INJECTION(kgr_mask, ERRNO);\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tmask = kgr_mask(mask);\n\tif (mask < 0)\n\t\treturn mask;\n\ttrace_printk("kgraft: umask %o\\n", mask);/
	s/^#include <linux\/export.h>/&\n#include <linux\/error-injection.h>\n#include <linux\/kprobes.h>/' >umask.diff
# A message that has been said stays said.
edit fs/proc/base.c '/^static int __set_oom_adj(/,/^}/s/^\tint err = 0;/&\n\n\trandomize_va_space = 1;/' >said.diff
for fix in notify umask said; do
	expect_exit 0 kgr-build -C "$kernel" $fix.diff
	expect_exit 0 kgr-prove -C "$kernel" kgraft-$fix.ko $fix.diff
done
# The kernel's own entry stays as it is, whatever a diff does to it.
edit kernel/notifier.c '/^NOKPROBE_SYMBOL(atomic_notifier_call_chain)/d' >x.diff
refused 1 'the diff changes what _kprobe_blacklist says of atomic_notifier_call_chain'
edit kernel/sys.c '$a NOKPROBE_SYMBOL(ksys_setsid);
	s/^#include <linux\/export.h>/&\n#include <linux\/kprobes.h>/' >x.diff
refused 1 'the diff changes what _kprobe_blacklist says of ksys_setsid'
edit kernel/sys.c '$a ALLOW_ERROR_INJECTION(ksys_setsid, ERRNO);
	s/^#include <linux\/export.h>/&\n#include <linux\/error-injection.h>/' >x.diff
refused 1 'the diff changes what _error_injection_whitelist says of ksys_setsid'

new_guest
cp kgraft-notify.ko kgraft-umask.ko kgraft-said.ko "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
boot <<'END'
debug=/sys/kernel/debug
[ -d $debug/kprobes ] || mount -t debugfs none $debug
blacklist=$debug/kprobes/blacklist
list=$debug/error_injection/list
events=/sys/kernel/tracing/kprobe_events

expect 0 sh -c "grep -c kgraft_notify $blacklist || :"
patch_in notify
insmod /kgr_torture_late.ko
expect 0 cat /proc/sys/kernel/randomize_va_space
grep 'notifier_call_chain' $blacklist
grep -q 'notifier_call_chain\.kgr *\[kgraft_notify\]' $blacklist || fail "the copy may have a kprobe"
grep 'notifier_call_chain$' $blacklist || fail "the kernel's own may have a kprobe"
echo 'p kgraft_notify:notifier_call_chain.kgr' >$events && fail "a kprobe in the copy"
patch_out notify
expect 0 sh -c "grep -c kgraft_notify $blacklist || :"

umask 0022
patch_in umask
expect 0022 umask
grep umask $list
grep -q '__x64_sys_umask\.kgr \[kgraft_umask\].*ERRNO' $list || fail "no errors for the copy"
grep -q 'kgr_mask\.kgr \[kgraft_umask\].*ERRNO' $list || fail "no errors for the new function"
grep -q 'kgr_mask\.kgr *\[kgraft_umask\]' $blacklist || fail "the new function may have a kprobe"
grep -q 'kgraft: umask 22' /sys/kernel/tracing/trace || fail "trace_printk() says nothing"
grep -q 'kgraft: entry 4711' /sys/kernel/tracing/trace || fail "the code refers to another entry"
# A warning with a trace comes once.
dmesg -n 1
umask 0707
umask 0707
umask 0022
expect 1 sh -c 'dmesg | grep -c "kgraft: a mask"'
dmesg | grep -q 'WARNING: .*kernel/sys.c:[0-9]* kgr_mask.*kgraft_umask' || fail "not of that place: $(dmesg | tail -n 30)"
dmesg -c >/dev/null
umask 0706
umask 0706
umask 0022
expect 1 sh -c 'dmesg | grep -c "WARN.NG: .*kgr_mask"'
dmesg -c >/dev/null
patch_out umask
cat /sys/kernel/tracing/trace | grep -q 'kgraft: umask 22' || fail "the formats are gone"
expect 0 sh -c "grep -c kgraft_umask $list || :"

said() {
	echo 1 >/proc/self/oom_adj
	dmesg | grep -c "oom_adj is deprecated"
}
expect 1 said
patch_in said
expect 1 said
expect 1 cat /proc/sys/kernel/randomize_va_space
patch_out said
expect 1 said
END
