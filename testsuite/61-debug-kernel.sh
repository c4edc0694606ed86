# SPDX-License-Identifier: GPL-3.0-or-later
# A kernel with KASAN, UBSAN and lockdep, in which nobody is preempted: what the compiler adds for these to every
# function and file is nobody's change, and goes along where a function does. And they watch the runtime; test 56 has them
# watch transitions.
. "$KGR_SRCDIR/testsuite/lib.sh"
debug_kernel
fix_test prctl-auxv debug
cd "$work"
expect_exit 0 kgr-prove -C "$kernel" kgraft-prctl-auxv.ko "$tests/fixes/prctl-auxv.diff"
says '1 functions, '

# UBSAN finds a slip in a replaced function, and says where it is.
edit kernel/sys.c '/^static int prctl_set_auxv/,/^}/s/^\ttask_lock(current);/\tWRITE_ONCE(fs_overflowgid, fs_overflowgid + (0 << (len + 1000)));\n&/' >slip.diff
expect_exit 0 kgr-build -C "$kernel" slip.diff
[ "$(grep -c '^replaced' out)" = 1 ] || fail "more than one function is replaced"
line=$(sed -n 's/^@@ -\([0-9]*\),.*/\1/p' slip.diff)
new_guest
cp kgraft-slip.ko "$guest/"
boot <<END
dmesg -n 1
patch_in slip
expect buggy probe prctl-auxv
dmesg | grep "UBSAN: shift-out-of-bounds in $src/kernel/sys.c:$((line + 3))" || fail "UBSAN sees nothing"
dmesg | grep "prctl_set_auxv.*kgraft_slip" || fail "it is not the patch's function"
patch_out slip
END
