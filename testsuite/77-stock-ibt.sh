# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's 6.12: a kernel with IBT, where objtool is run on the whole of vmlinux, and whose headers package has another "vmlinux".
. "$KGR_SRCDIR/testsuite/lib.sh"
. "$KGR_SRCDIR/testsuite/stock.sh"

stock_kernel 6.12
cd "$work"
stock_files >before

# A fix, the other way round. A weak function of the file, which another one overrides, is in no list of ftrace's.
copies kernel/sys.c
patch -s -R -p1 --no-backup-if-mismatch -d b <"$tests/fixes/prctl-auxv.diff"
diff_to auxv
kgr-build -C "$kernel" auxv.diff
kgr-prove -C "$kernel" kgraft-auxv.ko auxv.diff
# A module of one file, through which Kbuild ran objtool by itself, and one of several.
edit fs/binfmt_misc.c 's/"enabled\\n" :/"enabled, and patched\\n" :/' >binfmt.diff
kgr-build -C "$kernel" binfmt.diff
kgr-prove -C "$kernel" kgraft-binfmt.ko binfmt.diff
edit fs/xfs/xfs_extent_busy.h 's/^\tlist_sort(NULL, list, xfs_extent_busy_ag_cmp);/\tif (!list_empty(list))\n\t&/' >xfs.diff
kgr-build -C "$kernel" xfs.diff
kgr-prove -C "$kernel" kgraft-xfs.ko xfs.diff
# A function without fentry that another file calls: its callers are found in vmlinux.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >hook.diff
expect_exit 0 kgr-build --no-kprobe -C "$kernel" hook.diff
says 'replaced compaction_alloc (calls post_alloc_hook, which is notrace, so ftrace cannot hook it)'
expect_exit 0 kgr-prove -C "$kernel" kgraft-hook.ko hook.diff
says 'as a normal build makes them'

stock_files >after
cmp before after || fail "the build directory or the source has changed"

new_guest
cp kgraft-auxv.ko kgraft-binfmt.ko kgraft-hook.ko "$guest/"
cp "$kernel/.packages/image/lib/modules/$release/kernel/fs/binfmt_misc.ko" "$guest/"
boot "$work/shipped" <<'END'
uname -r
expect fixed probe prctl-auxv
patch_in auxv
expect buggy probe prctl-auxv
patch_out auxv
expect fixed probe prctl-auxv
patch_in binfmt
insmod /binfmt_misc.ko
mkdir /tmp/b
mount -t binfmt_misc none /tmp/b
expect "enabled, and patched" cat /tmp/b/status
patch_out binfmt
expect enabled cat /tmp/b/status
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
