# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels with CONFIG_DYNAMIC_DEBUG and CONFIG_PRINTK_INDEX, as distributions have them: the debug messages
# of a replaced function are the patch's, off until somebody asks for them; other functions of the file, whose
# records only moved, are left alone.
. "$KGR_SRCDIR/testsuite/lib.sh"
debug_kernel
for option in DYNAMIC_DEBUG PRINTK_INDEX FTRACE_SYSCALLS FORTIFY_SOURCE; do
	grep -qx "CONFIG_$option=y" "$kernel/.config" || fail "this kernel has no $option"
done
cd "$work"
edit kernel/module/main.c '/^SYSCALL_DEFINE3(finit_module,/,/^}/s/^\tpr_debug("finit_module/\tpr_info("kgraft: a module comes\\n");\n\tpr_debug("kgraft: a new message\\n");\n&/' >messages.diff
expect_exit 0 kgr-build -C "$kernel" messages.diff
[ "$(grep -c ^replaced out)" = 1 ] || fail "more than the one function is replaced"
expect_exit 0 kgr-prove -C "$kernel" kgraft-messages.ko messages.diff
# A line more above all functions, and nothing else.
edit kernel/module/main.c '/^static bool .*finished_loading\|^SYSCALL_DEFINE2(delete_module/i \/* a comment */' >lines.diff
expect_exit 3 kgr-build -C "$kernel" lines.diff

new_guest
cp kgraft-messages.ko "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
boot <<'END'
control=/proc/dynamic_debug/control
come_and_go() {
	dmesg -c >/dev/null
	insmod /kgr_torture_late.ko
	rmmod kgr_torture_late
	dmesg >/tmp/said
}
says_not() { ! grep -q "$1" /tmp/said || fail "it says $1"; }
come_and_go
says_not finit_module
patch_in messages
come_and_go
grep -q "kgraft: a module comes" /tmp/said || fail "not patched"
says_not finit_module:
says_not "a new message"
grep "kgraft_messages" $control
expect 2 grep -c "\[kgraft_messages\].*=_" $control
echo 'module kgraft_messages +p' >$control
come_and_go
grep "finit_module: fd=" /tmp/said || fail "the debug message does not come"
grep "kgraft: a new message" /tmp/said || fail "the new debug message does not come"
echo 'module kgraft_messages -p' >$control
come_and_go
says_not finit_module:
says_not "a new message"
patch_out messages
expect 0 sh -c "grep -c kgraft_messages $control || :"
# The kernel's own are where they were.
echo 'func __do_sys_finit_module +p' >$control
come_and_go
grep "finit_module: fd=" /tmp/said || fail "the kernel's own message does not come"
says_not "kgraft: a module comes"
END
