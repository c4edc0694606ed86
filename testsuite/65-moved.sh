# SPDX-License-Identifier: GPL-3.0-or-later
# A diff moves functions to another file: calls from files that it does not touch are redirected there. Variables
# cannot move, with what is in them.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

# move FUNCTION FROM TO [SED-SCRIPT]: in ./b, changed by the script; the last function of TO comes after it
move() {
	sed -n "/^[a-z].*[ *]$1(/,/^}/p" "b/$2" | sed "${4:-}" >function
	[ -s function ] || fail "no $1() in $2"
	sed -i "/^[a-z].*[ *]$1(/,/^}/d; /^EXPORT_SYMBOL.*($1);/d" "b/$2"
	cat function >>"b/$3"
}

# A function that the file next door calls; its caller here goes along.
copies kernel/fork.c kernel/exit.c
move nr_processes kernel/fork.c kernel/exit.c 's/return total;/return total + 1000;/'
diff_to moved
expect_exit 0 kgr-build -C "$kernel" moved.diff
says 'replaced nr_processes (moved from kernel/fork.c)'
expect_exit 0 kgr-prove -C "$kernel" kgraft-moved.ko moved.diff
says 'as a normal build makes them'
kgr-show kgraft-moved.ko | grep 'nr_processes' || fail "kgr-show"

# An exported one, and one that takes a static one with it; the old file goes.
copies kernel/regset.c kernel/ptrace.c kernel/Makefile
sed -i 's/ regset\.o//' b/kernel/Makefile
sed '/^#include/d; s/if (size > regset->n \* regset->size)/if (!regset->n)\n\t\treturn -EINVAL;\n\t&/' b/kernel/regset.c >>b/kernel/ptrace.c
sed -i '1,/^#include/s/^#include/#include <linux\/regset.h>\n&/' b/kernel/ptrace.c
rm b/kernel/regset.c
diff_to gone
expect_exit 0 kgr-build -C "$kernel" gone.diff
says 'replaced regset_get_alloc (moved from kernel/regset.c)'
! grep 'new, and exported' out || fail "the kernel exports it already"
expect_exit 0 kgr-prove -C "$kernel" kgraft-gone.ko gone.diff
says 'as a normal build makes them'

# One without fentry; one whose arguments modules know; variables.
copies lib/string.c kernel/exit.c
move strcspn lib/string.c kernel/exit.c 's/^size_t/__kernel_size_t/'
diff_to x
refused 1 'strcspn is notrace, so ftrace cannot hook it, and moves from lib/string.c to another file'
copies kernel/regset.c kernel/exit.c
move regset_get kernel/regset.c kernel/exit.c 's/unsigned int size/unsigned long size/'
sed -i 's/return __regset_get(target, regset, size, &data)/return -1/' b/kernel/exit.c
sed -i '1,/^#include/s/^#include/struct user_regset;\n&/' b/kernel/exit.c
diff_to x
refused 1 'regset_get is exported, and is int '
copies kernel/sys.c kernel/exit.c
sed -i '/^int fs_overflowuid = /d' b/kernel/sys.c
echo 'int fs_overflowuid = DEFAULT_FS_OVERFLOWUID;' >>b/kernel/exit.c
diff_to x
refused 1 'fs_overflowuid moves from kernel/sys.c to kernel/exit.c'
edit kernel/exit.c '$a int randomize_va_space;' >x.diff
refused 1 'randomize_va_space is new in kernel/exit.c, and the kernel has an object of that name'
# A static one that a function takes with it.
copies fs/file_table.c fs/stat.c
move alloc_empty_file fs/file_table.c fs/stat.c '/struct file \*f;/,/^over:/d
	s/get_nr_files() > old_max/old_max > flags/; s/old_max = .*/old_max++;/; s/get_max_files()/old_max/'
diff_to x
refused 1 'old_max.0 moves from fs/file_table.c to fs/stat.c'

new_guest
cp kgraft-moved.ko kgraft-gone.ko "$guest/"
boot <<'END'
links() { stat -c %h /proc; }
before=$(links)
patch_in moved
[ $(($(links) - before)) -gt 900 ] || fail "nr_processes: $before, then $(links)"
patch_in gone
patch_out gone
patch_out moved
[ "$(links)" -lt $((before + 100)) ] || fail "nr_processes: $before, then $(links)"
END
