# SPDX-License-Identifier: GPL-3.0-or-later
# Another initial value of an object, which the runtime writes (45-callbacks.sh has it in a guest): what is said of it,
# what cannot be written, and what kgr-prove finds.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

# builds OBJECT: of x.diff
builds() {
	expect_exit 0 kgr-build --allow-data="$1" -C "$kernel" -o out.ko x.diff
}
# not_written OBJECT TEXT: nothing is made of x.diff
not_written() {
	rm -f out.ko
	expect_exit 1 kgr-build --allow-data="$1" -C "$kernel" -o out.ko x.diff
	says "object $1 ("
	says 'which a patch cannot write: '
	says "$2"
	[ ! -e out.ko ] || fail "a module all the same"
}

echo "== numbers and pointers, by member, and proved"
edit fs/sysctls.c 's/0644/0600/; 0,/SYSCTL_ZERO/s/SYSCTL_ZERO/SYSCTL_ONE/' >x.diff
builds fs_shared_sysctls
says 'written  fs_shared_sysctls[0].mode (384, was 420; when all have moved)'
says 'written  fs_shared_sysctls[0].extra1 (sysctl_vals+4, was sysctl_vals; when all have moved)'
says 'written  fs_shared_sysctls[1].mode (384, was 420; when all have moved)'
says 'fs_shared_sysctls: 3 values, each written in one store, but not all at once'
expect_exit 0 kgr-prove -C "$kernel" out.ko x.diff
says "value      fs_shared_sysctls[1].mode (fs/sysctls.c): the kernel's fs_shared_sysctls"
edit fs/sysctls.c 's/0644/0600/; 0,/SYSCTL_ZERO/s/SYSCTL_ZERO/SYSCTL_MAXOLDUID/' >other.diff
expect_exit 1 kgr-prove -C "$kernel" out.ko other.diff
says 'fs_shared_sysctls[0].extra1 of fs/sysctls.c: a normal build has another value'
edit fs/sysctls.c 's/0644/0600/; s/SYSCTL_ZERO/SYSCTL_ONE/' >other.diff
expect_exit 1 kgr-prove -C "$kernel" out.ko other.diff
says 'a normal build has other values beside it'
edit kernel/sys.c 's/^int fs_overflowuid = DEFAULT_FS_OVERFLOWUID/int fs_overflowuid = 1/' >other.diff
expect_exit 1 kgr-prove -C "$kernel" out.ko other.diff
says 'it writes to fs_shared_sysctls[0].mode, which no file of these diffs has'

echo "== a static local whose number is another one's in the patched object"
edit kernel/irq/spurious.c 's/static int count = 100;/static int count = 200;/
	/^static int try_one_irq(/,/^}/s/^\traw_spin_lock(&desc->lock);/\tstatic int count = 7;\n\n\tif (count > 0)\n\t\tcount--;\n&/' >x.diff
builds count.0
says 'written  count (200, was 100; when all have moved)'
expect_exit 0 kgr-prove -C "$kernel" out.ko x.diff
says "value      count (kernel/irq/spurious.c): the kernel's count."
sed 's/= 200;/= 7;/' x.diff >other.diff
expect_exit 1 kgr-prove -C "$kernel" out.ko other.diff
says 'count of kernel/irq/spurious.c: a normal build has another value'

echo "== what cannot be written"
edit fs/sysctls.c 's/"overflowgid"/"overflow"/' >x.diff
not_written fs_shared_sysctls 'fs_shared_sysctls[1].procname points to a string'
edit drivers/char/mem.c '/ null_fops = {/,/^}/s/read_null/read_new/
	/^static.* null_fops = {/i static ssize_t read_new(struct file *file, char __user *buf, size_t count, loff_t *ppos) { return 3; }' >x.diff
not_written null_fops 'null_fops.read points to read_new, which is new'
edit kernel/cpu.c 's/\.fail = CPUHP_INVALID/.fail = CPUHP_OFFLINE/' >x.diff
not_written cpuhp_state 'it is per-CPU'
edit kernel/panic.c 's/^static int pause_on_oops;/static int pause_on_oops = 1;/' >x.diff
not_written pause_on_oops 'it is in .bss, and had no initial value'
edit lib/torture/kgr_torture_late.c 's/DEFINE_STATIC_KEY_FALSE_RO/DEFINE_STATIC_KEY_TRUE_RO/' >x.diff
not_written sealed 'it is struct static_key_true now, and was struct static_key_false'
edit kernel/rcu/update.c 's/module_param(rcu_normal, int, 0444)/module_param(rcu_normal, int, 0644)/' >x.diff
not_written __param_rcu_normal 'it is in __param, which the kernel makes a table of'
edit kernel/sys.c 's/^int overflowuid = DEFAULT_OVERFLOWUID;/int overflowuid = DEFAULT_OVERFLOWUID + 1;/' >x.diff
expect_exit 1 kgr-build -C "$kernel" -o out.ko x.diff
says 'object overflowuid (.data.overflowuid) has another initial value'
says 'see --allow-data'
