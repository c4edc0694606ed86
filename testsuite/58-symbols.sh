# SPDX-License-Identifier: GPL-3.0-or-later
# Symbols of all kinds in what a fix touches: per-CPU data, static locals, names that several files have, weak functions,
# aliases, exports of a namespace, functions that become inlined or are no longer; and tracepoints in them.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

# A new per-CPU counter, new data in sections of their own, and an export that has a namespace.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static DEFINE_PER_CPU(int, kgr_calls);\nstatic int kgr_often __read_mostly = 01000;\nstatic int kgr_once __ro_after_init = 02000;\n
	/^SYSCALL_DEFINE1(umask/,/^}/{
		s/^{/&\n\tif (mask == -1) {\n\t\tinsert_resource_expand_to_fit(NULL, NULL);\n\t\treturn 0;\n\t}/
		s/^\treturn mask;/\treturn mask | kgr_often | kgr_once | (this_cpu_inc_return(kgr_calls) ? 04000 : 0);/
	}' >new-data.diff
# The kernel's own per-CPU data.
edit kernel/fork.c '/^int nr_processes(/,/^}/s/return total;/return total + 1000;/' >per-cpu.diff
# A static local that stays, next to one that is new; one that goes.
edit fs/file_table.c '/^struct file \*alloc_empty_file(/,/^}/s/^\tstatic long old_max;/&\n\tstatic long kgr_files;\n\n\tkgr_files++;/' >local-stays.diff
edit fs/stat.c '/^static int cp_old_stat(/,/^}/{ s/^\tstatic int warncount = 5;/\tint warncount = 0;/ }' >local-goes.diff
# Two files of that name have a function of that name.
edit arch/x86/kernel/cpu/proc.c '/^static void \*c_start(/,/^}/s/^{/&\n\tif (m->size)\n\t\treturn NULL;/' >same-name.diff
# Both of them.
{
	cat same-name.diff
	edit fs/proc/consoles.c '/^static void \*c_start(/,/^}/s/^{/&\n\tif (m->size)\n\t\trandomize_va_space = 2;/; s/^#include <linux\/proc_fs.h>/&\n#include <linux\/mm.h>/'
} >both-names.diff
# Weak, and nothing else of that name.
edit kernel/signal.c '/^void __weak sigaction_compat_abi(/,/^}/s/^{/&\n\trandomize_va_space = 1;/' >weak.diff
# Two names for one function; of lib/, where nothing has a fentry.
edit lib/crc32.c '/crc32table_le, CRC32_POLY_LE/s/crc32_le_generic(crc,/crc32_le_generic(crc ^ 1,/' >alias.diff
# New objects of one file that another's function uses, through a table too, and which it flips.
{
	edit mm/mincore.c '/^static long do_mincore(/i DEFINE_STATIC_KEY_FALSE(kgr_key);\nint kgr_total = 7;\nint *const kgr_where[] = { \&kgr_total };\n'
	edit mm/msync.c '/^SYSCALL_DEFINE3(msync/i #include <linux/jump_label.h>\nextern int *const kgr_where[];\nDECLARE_STATIC_KEY_FALSE(kgr_key);\n
		/^SYSCALL_DEFINE3(msync/,/^}/s/^{/&\n\tif (static_branch_unlikely(\&kgr_key))\n\t\tstatic_branch_disable(\&kgr_key);\n\telse\n\t\t++*kgr_where[start \& 1];\n/'
} >other-file.diff
# A new key that nothing but the branch names.
edit mm/mincore.c '/^static long do_mincore(/i static DEFINE_STATIC_KEY_FALSE(kgr_never);\n
	/^static long do_mincore(/,/^}/s/^\tvma = find_vma(/\tif (static_branch_unlikely(\&kgr_never))\n\t\treturn -EPERM;\n&/' >branch-alone.diff
# A function that gets inlined, and a part that gets a function of its own.
edit kernel/sys.c 's/^static int prctl_set_auxv(/static __always_inline int prctl_set_auxv(/
	/^static __always_inline int prctl_set_auxv(/,/^}/s/memcpy(mm->saved_auxv, user_auxv, len)/memcpy(mm->saved_auxv, user_auxv, sizeof(user_auxv))/' >inlined.diff
edit kernel/fork.c '/^static struct task_struct \*dup_task_struct(/i static noinline void kgr_part(struct task_struct *task)\n{\n\ttask->pid += 0;\n\trandomize_va_space = 0;\n}\n
	/^pid_t kernel_clone(/,/^}/s/^\ttrace_sched_process_fork(current, p);/\tkgr_part(p);\n&/' >part.diff

for fix in new-data per-cpu local-stays local-goes same-name both-names weak alias other-file branch-alone inlined part; do
	echo "== $fix"
	expect_exit 0 kgr-build -C "$kernel" $fix.diff
	cp out said-$fix
	expect_exit 0 kgr-prove -C "$kernel" kgraft-$fix.ko $fix.diff
	says 'as a normal build makes them'
done

[ "$(grep -c '^replaced crc32_le.* by a breakpoint' said-alias)" = 1 ] || fail "two breakpoints for one function"
! grep -q "by a breakpoint" said-[!a]* || fail "these have a fentry"
grep -q '^replaced prctl_set_mm ' said-inlined || fail "not inlined"
grep -q '^included kgr_part' said-part || fail "no function of its own"

# One that another file overrides is not in the kernel; one that would override another, or moves.
edit kernel/fork.c '/^int __weak arch_dup_task_struct(/,/^}/s/return 0;/return 1;/' >x.diff
refused 3 'arch_dup_task_struct left alone: it is weak, and another file'
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i const char *arch_vma_name(struct vm_area_struct *vma);\nconst char *arch_vma_name(struct vm_area_struct *vma) { return "[mine]"; }\n' >x.diff
refused 1 'arch_vma_name is new in '
says 'and the kernel has a function of that name'
# One that overrode another goes, so that the other one would be called; one that somebody calls still; one that nobody does.
edit arch/x86/kernel/process.c '/^int arch_dup_task_struct(/,/^}/d' >x.diff
refused 1 'arch_dup_task_struct is gone from arch/x86/kernel/process.c, and kernel/fork.c still refers to it'
edit mm/mincore.c '/^SYSCALL_DEFINE3(mincore/i int kgr_never_defined(void);\n
	/^SYSCALL_DEFINE3(mincore/,/^}/s/^\tunsigned char \*tmp;/&\n\n\tif (len == -1)\n\t\treturn kgr_never_defined();/' >x.diff
refused 1 'kgr_never_defined'
edit fs/file_table.c '/^unsigned long get_max_files(/,/^}/d; /EXPORT_SYMBOL_GPL(get_max_files)/d' >x.diff
refused 1 'get_max_files'
{
	edit fs/fs_struct.c '/^struct fs_struct \*copy_fs_struct(/,/^}/s/copy_fs_struct/kgr_copy_fs/'
	edit kernel/fork.c '/^static int copy_fs(/i extern struct fs_struct *kgr_copy_fs(struct fs_struct *);\n
		/^static int copy_fs(/,/^}/s/copy_fs_struct(/kgr_copy_fs(/'
} >x.diff
refused 1 'copy_fs_struct'

new_guest
cp kgraft-*.ko "$guest/"
boot <<'END'
umask 0022
expect 0022 umask
patch_in new-data
expect 7022 umask
patch_out new-data
links=$(stat -c %h /proc)
patch_in per-cpu
more=$(stat -c %h /proc)
[ $((more - links)) -gt 900 ] || fail "nr_processes: $links, then $more"
patch_out per-cpu
patch_in local-stays
patch_in local-goes
expect same sh -c 'echo same >/tmp/x; cat /tmp/x'
patch_out local-goes
patch_out local-stays
grep -q processor /proc/cpuinfo || fail "no processor"
patch_in same-name
grep -q processor /proc/cpuinfo && fail "the other c_start() is replaced"
cat /proc/consoles | grep -q ttyS0 || fail "the wrong c_start() is replaced"
patch_out same-name
grep -q processor /proc/cpuinfo || fail "no processor any more"
patch_in both-names
grep -q processor /proc/cpuinfo && fail "the first c_start() is not replaced"
for dir in c_start c_start,2; do
	[ -d "/sys/kernel/kgraft/kgraft-both-names/vmlinux/$dir" ] || fail "no $dir"
done
patch_out both-names
patch_in weak
trap : USR1
expect 1 cat /proc/sys/kernel/randomize_va_space
patch_out weak
patch_in alias
patch_out alias
expect buggy probe prctl-auxv
patch_in inlined
expect fixed probe prctl-auxv
patch_out inlined
expect buggy probe prctl-auxv
# The tracepoint of a replaced function, switched on and off while the patch is in.
events=/sys/kernel/tracing/events/sched/sched_process_fork/enable
patch_in part
expect 0 cat /proc/sys/kernel/randomize_va_space
echo 1 >$events
(exit 0)
echo 0 >$events
grep -q sched_process_fork: /sys/kernel/tracing/trace || fail "no event"
patch_out part
END
