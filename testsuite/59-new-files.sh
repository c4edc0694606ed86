# SPDX-License-Identifier: GPL-3.0-or-later
# A diff brings a file, takes one away, and gives one another name: Makefiles may change as far as they list
# these, and nothing else of them.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

with_new_file() {
	copies kernel/sys.c kernel/Makefile
	sed -i 's/memcpy(mm->saved_auxv, user_auxv, len);/kgr_keep_auxv(mm, user_auxv);\n\tif (kgr_kept > 1000)\n\t\treturn -ENOMEM;/
		s/^static int prctl_set_auxv/#include "kgr_auxv.h"\n\n&/' b/kernel/sys.c
	echo 'void kgr_keep_auxv(struct mm_struct *mm, const unsigned long *auxv);
extern unsigned int kgr_kept;' >b/kernel/kgr_auxv.h
	cat >b/kernel/kgr_auxv.c <<'END'
// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME " in " KBUILD_BASENAME ": " fmt
#include <linux/export.h>
#include <linux/mm_types.h>
#include <linux/printk.h>
#include <linux/string.h>
#include "kgr_auxv.h"

unsigned int kgr_kept = 40;
static unsigned int kept;

void kgr_keep_auxv(struct mm_struct *mm, const unsigned long *auxv)
{
	memcpy(mm->saved_auxv, auxv, sizeof(mm->saved_auxv));
	pr_info_once("%u kept\n", ++kept);
	kgr_kept++;
}
EXPORT_SYMBOL_GPL(kgr_keep_auxv);
END
	# Beside it a file that has flags of its own, and so is no example.
	sed -i 's/^\(obj-y *= \)\(.*\)/\1 kgr_auxv.o \2/' b/kernel/Makefile
	cmp -s a/kernel/Makefile b/kernel/Makefile && fail "the Makefile is as it was"
	:
}

with_new_file
diff_to new
expect_exit 0 kgr-build -C "$kernel" new.diff
says 'included kgr_keep_auxv (new, and exported)'
says 'included kept'
expect_exit 0 kgr-prove -C "$kernel" kgraft-new.ko new.diff
says 'as a normal build makes them'

# An export is the module loader's business, however a later kernel writes it down: nobody keeps the function's address.
if [ "$newest" != "$oldest" ]; then
	(
		test_kernel small "$newest"
		with_new_file
		diff_to later
		expect_exit 0 kgr-build -C "$kernel" -n later -o kgraft-later.ko later.diff
		says 'included kgr_keep_auxv (new, and exported)'
		! grep "may keep the address" "$work/out" || fail "an export is taken for an address that is kept"
	)
fi

# Another function, whose Makefile lists the file in an option's list: a line of its own.
with_new_file
cp a/kernel/Makefile b/kernel/Makefile
echo 'obj-$(CONFIG_MODULES) += kgr_auxv.o' >>b/kernel/Makefile
diff_to x
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'included kgr_keep_auxv'
rm out.ko

# Not compiled, a module of its own, within a condition, with flags of its own, in a directory of its own, beside
# nothing: not known how.
with_line() {
	with_new_file
	{
		cat a/kernel/Makefile
		printf "$1\n"
	} >b/kernel/Makefile
	diff_to x
}
with_line 'obj-$(CONFIG_KGRAFT_UNKNOWN) += kgr_auxv.o'
refused 1 'kgr_keep_auxv'
with_line 'obj-m += kgr_auxv.o'
refused 1 'kernel/kgr_auxv.c: the diff brings a module of its own'
with_line 'ifdef CONFIG_MODULES\nobj-y += kgr_auxv.o\nendif'
refused 1 'how the kernel is built'
with_line 'obj-y += kgr_auxv.o\nCFLAGS_kgr_auxv.o := -O1'
refused 1 'how the kernel is built'
with_line 'obj-y += kgr_auxv.o kgr_other/'
refused 1 'how the kernel is built'
with_line 'kgr-y += kgr_auxv.o'
refused 1 'kernel/kgr_auxv.c: the diff brings this file, and nothing that kernel/Makefile has in the same list'
with_new_file
sed '0,/^ifdef CONFIG_FUNCTION_TRACER/s//&\nobj-y += kgr_auxv.o/' a/kernel/Makefile >b/kernel/Makefile
diff_to x
refused 1 'kernel/kgr_auxv.c: the diff brings this file, and kernel/Makefile lists it within a condition'

# Another name for a file, and a fix in it: what did not change stays where it is.
copies kernel/sys.c kernel/Makefile
sed 's/memcpy(mm->saved_auxv, user_auxv, len);/memcpy(mm->saved_auxv, user_auxv, sizeof(user_auxv));/' \
	a/kernel/sys.c >b/kernel/more-calls.c
rm b/kernel/sys.c
sed -i 's/\<sys\.o\>/more-calls.o/' b/kernel/Makefile
diff_to moved
expect_exit 0 kgr-build -C "$kernel" moved.diff
says 'replaced prctl_set_auxv'
says 'note     kernel/sys.c is now kernel/more-calls.c'
grep -c '^replaced' out
expect_exit 0 kgr-prove -C "$kernel" kgraft-moved.ko moved.diff
says 'as a normal build makes them'

# The same as git writes it: only what differs.
git diff --no-index -M a b >renamed.diff || true
grep -q '^rename to b*/*kernel/more-calls.c' renamed.diff || fail "git sees no other name for the file"
expect_exit 0 kgr-build -C "$kernel" -o out.ko renamed.diff
says 'replaced prctl_set_auxv'
says 'note     kernel/sys.c is now kernel/more-calls.c'
expect_exit 0 kgr-prove -C "$kernel" out.ko renamed.diff
rm out.ko

# Without the Makefile's word nobody knows what has become of it.
cp a/kernel/Makefile b/kernel/Makefile
sed -i 's/^obj-y *= /&more-calls.o /' b/kernel/Makefile
diff_to x
refused 1 'how the kernel is built'

# A second diff changes what the first one brings.
with_new_file
diff_to first
rm -rf a
mv b a
cp -r a b
sed -i 's/^unsigned int kgr_kept = 40;/unsigned int kgr_kept = 41;/' b/kernel/kgr_auxv.c
diff_to second
expect_exit 0 kgr-build -C "$kernel" -o out.ko first.diff second.diff
says 'included kgr_keep_auxv'
expect_exit 0 kgr-prove -C "$kernel" out.ko first.diff second.diff
cat first.diff second.diff >x.diff
expect_exit 0 kgr-prove -C "$kernel" out.ko x.diff
rm out.ko

# One that goes though others refer to it, and one that goes with all of that.
copies kernel/Makefile kernel/ksysfs.c
rm b/kernel/ksysfs.c
sed -i 's/\<ksysfs\.o\>//' b/kernel/Makefile
diff_to x
refused 1 'rcu_expedited is gone from kernel/ksysfs.c, and kernel/rcu/update.c still refers to it'
copies fs/proc/Makefile fs/proc/version.c kernel/sys.c
rm b/fs/proc/version.c
sed -i '/version\.o/d' b/fs/proc/Makefile
diff_to x
expect_exit 3 kgr-build -C "$kernel" -o out.ko x.diff
says 'fs/proc/version.c is taken away: what the kernel has of it stays as it is'
patch -s -p1 --no-backup-if-mismatch -d b <"$tests/fixes/prctl-auxv.diff"
diff_to x
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'replaced prctl_set_auxv'
expect_exit 0 kgr-prove -C "$kernel" out.ko x.diff

new_guest
cp kgraft-new.ko kgraft-moved.ko "$guest/"
boot <<'END'
for patch in new moved; do
	expect buggy probe prctl-auxv
	patch_in $patch
	expect fixed probe prctl-auxv
	patch_out $patch
done
expect buggy probe prctl-auxv
dmesg | grep 'kgr_auxv in kgr_auxv: 1 kept' || fail "it does not say who it is"
END
