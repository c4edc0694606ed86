# SPDX-License-Identifier: GPL-3.0-or-later
# The newest kernel that this machine's release of Debian has, as it was shipped, compiled with its newest gcc: fixes of
# vmlinux, of modules; and functions that do not understand each other, called from everywhere, in a module
# that is built outside of the kernel. Of 6.1 and 6.12 tests 81 and 77 ask more.
. "$KGR_SRCDIR/testsuite/lib.sh"
. "$KGR_SRCDIR/testsuite/stock.sh"
series=$(dpkg-query -f '${db:Status-Abbrev} ${Package}\n' -W 'linux-source-[0-9]*' 2>/dev/null |
	sed -n 's/^ii  *linux-source-//p' | sort -V | tail -n 1)
case $series in
6.1 | 6.12) skip "linux-source-$series is the newest one here: tests 81 and 77 adopt it" ;;
'') skip "no linux-source is installed" ;;
esac
stock_kernel "$series"
cd "$work"
stock_files >before
stock_fixes
# A warning with what it prints: two, and each refers to its own entry of __bug_table.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tWARN_ONCE(mask == 0706, "kgraft: a %s", "fault");\n\tWARN_ONCE(mask == 0707, "kgraft: umask %o of %s", mask, current->comm);\n/' >warn.diff
expect_exit 0 kgr-build -C "$kernel" warn.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-warn.ko warn.diff

# The functions that other tests compile into their kernels; what is called otherwise here they call so.
mkdir torture
cp "$tests"/kernel/torture/*.[ch] torture/
[ ! -f "$tests/kernel/torture-$series.sed" ] ||
	sed -i -f "$tests/kernel/torture-$series.sed" torture/*.[ch]
sed -i '1a#include <linux/module.h>\nMODULE_LICENSE("GPL");
	s/late_initcall/module_init/' torture/files.c
sed -i 's/printk_deferred/printk/' torture/*.c
printf 'obj-m := kgr_torture.o\nkgr_torture-y := chain.o contexts.o files.o\n' >torture/Kbuild
make -s -C "$kernel" M="$work/torture" CC=kgr-gcc modules >said 2>&1 || fail "$(cat said)"
sed 's,lib/torture/,,' "$tests/patches/torture.diff" >torture.diff
expect_exit 0 kgr-build -C "$kernel" -M torture torture.diff
expect_exit 0 kgr-prove -C "$kernel" -M torture kgraft-torture.ko torture.diff
stock_files >after
cmp before after || fail "the build directory or the source has changed"

stock_guest
guest_program torture
cp torture/kgr_torture.ko kgraft-torture.ko kgraft-warn.ko "$guest/"
BOOT_TIMEOUT=600
boot_stock <<'END'
umask 0022
patch_in warn
dmesg -n 1
umask 0707
umask 0707
umask 0022
expect 1 sh -c 'dmesg | grep -c "kgraft: umask 707 of "'
expect 0 sh -c 'dmesg | grep -c "kgraft: a fault" || :'
dmesg | grep -q 'WARNING: .*kernel/sys.c[:#][0-9]*' || fail "not of that place: $(dmesg | tail -n 30)"
dmesg -c >/dev/null
umask 0706
umask 0022
expect 1 sh -c 'dmesg | grep -c "kgraft: a fault"'
dmesg -c >/dev/null
patch_out warn
insmod /kgr_torture.ko
torture_through 4
END
