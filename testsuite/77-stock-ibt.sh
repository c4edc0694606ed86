# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's 6.12: a kernel with IBT, where objtool is run on the whole of vmlinux, and whose headers package has another "vmlinux".
. "$KGR_SRCDIR/testsuite/lib.sh"
. "$KGR_SRCDIR/testsuite/stock.sh"

stock_kernel 6.12
cd "$work"
stock_files >before

# A weak function of kernel/sys.c, which another file overrides, is in no list of ftrace's; and through a module of one file Kbuild ran
# objtool by itself.
stock_fixes
# A function without fentry that another file calls: its callers are found in vmlinux.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >hook.diff
expect_exit 0 kgr-build --no-kprobe -C "$kernel" hook.diff
says 'replaced compaction_alloc (calls post_alloc_hook, which is notrace, so ftrace cannot hook it)'
expect_exit 0 kgr-prove -C "$kernel" kgraft-hook.ko hook.diff
says 'as a normal build makes them'

stock_files >after
cmp before after || fail "the build directory or the source has changed"

stock_guest
cp kgraft-hook.ko "$guest/"
boot_stock <<'END'
expect 2 cat /proc/sys/kernel/randomize_va_space
patch_in hook
dd if=/dev/zero of=/tmp/file bs=64k count=100 2>/dev/null
expect 1 cat /proc/sys/kernel/randomize_va_space
patch_out hook
END

# How objtool was run is part of what an adopted kernel has.
mkdir other
for f in $(ls -A "$kernel"); do
	ln -s "$kernel/$f" "other/$f"
done
rm other/.vmlinux.o.cmd
kernel=$work/other
cp auxv.diff x.diff
refused 2 ".vmlinux.o.cmd does not say how objtool was run; adopt the kernel again"
