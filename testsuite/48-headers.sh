# SPDX-License-Identifier: GPL-3.0-or-later
# A changed header: what calls its inline function is replaced, what only includes it is not even compiled;
# a comment changes nothing; a layout, assembly and the constants that assembly uses are refused.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
own_kernel
cd "$work"

edit include/linux/utsname.h '/^static inline struct new_utsname \*utsname(void)/,/^}/s/^{/&\n\tpr_info_once("kgraft: somebody asks for the name\\n");/
	$i/* Nobody calls it. */\nstatic inline int kgr_nobody(void) { return 1; }\nint kgr_no_function(int);' >name.diff
kgr-build -C "$kernel" -n name -o kgraft-name.ko name.diff | tee out
grep -q "replaced version_proc_show" out || fail "the reader of /proc/version is not replaced"
# note FILES files are touched or include a changed header; for SAME of them nothing changes
awk '/^note .*include a changed header/ { if ($2 > 20 && $13 > $2 / 2) good = 1 } END { exit !good }' out ||
	fail "too much was compiled"
kgr-prove -C "$kernel" kgraft-name.ko name.diff

edit include/linux/utsname.h '$i/* Only a comment. */' >comment.diff
expect_exit 3 kgr-build -C "$kernel" comment.diff
says "no code is touched"
edit include/linux/utsname.h 's/^struct uts_namespace {/&\n\tint added;/' >layout.diff
expect_exit 1 kgr-build -C "$kernel" layout.diff
says "struct uts_namespace: member"
edit arch/x86/entry/calling.h '/^.macro SWITCH_TO_KERNEL_CR3/i.macro KGR_NEW\n\tnop\n.endm' >assembly.diff
expect_exit 1 kgr-build -C "$kernel" assembly.diff
says "a changed header changes this assembly"
# So it is when the kernel's kgr-gcc is not where it was: the command of one assembly file says so.
command=arch/x86/entry/.entry_64.o.cmd
sed '1s, := [^ ]*kgr-gcc , := /gone/kgr-gcc ,' "$original/$command" | instead "$command"
grep -q ' := /gone/kgr-gcc ' "$kernel/$command" || fail "entry_64.o was not made by kgr-gcc"
expect_exit 1 kgr-build -C "$kernel" assembly.diff
back
says "a changed header changes this assembly"
edit arch/x86/include/asm/suspend_64.h 's/^\tunsigned long kernelmode_gs_base, usermode_gs_base, fs_base;/\tlong added;\n&/' >constants.diff
expect_exit 1 kgr-build -C "$kernel" constants.diff
says "the diff changes constants that assembly uses"
# What cannot be replaced is compiled and compared, too: a vdso in which nothing changes is no reason to refuse.
edit include/vdso/helpers.h '/^static __always_inline void vdso_write_begin/,/^}/s/^{/&\n\tcpu_relax();/
	/^#endif/i extern int kgr_nobody;' >writer.diff
expect_exit 0 kgr-build -C "$kernel" -n writer -o kgraft-writer.ko writer.diff
says "replaced update_vsyscall"
edit include/vdso/helpers.h '/^static __always_inline u32 vdso_read_retry/,/^{/s/^{/&\n\tcpu_relax();/' >reader.diff
expect_exit 1 kgr-build -C "$kernel" reader.diff
says "arch/x86/entry/vdso/vclock_gettime.o: vdso code runs in user space"
# A header that is reached by a name that climbs, "../../io_uring/io-wq.h", from a directory that the diff does not touch.
edit io_uring/io-wq.h '$i#ifdef _KERNEL_SCHED_SCHED_H\nstatic inline void kgr_new(struct task_struct *t) { t->flags |= 64; }\n#define io_wq_worker_sleeping(t) kgr_new(t)\n#endif' >climbs.diff
expect_exit 0 kgr-build -C "$kernel" -n climbs -o kgraft-climbs.ko climbs.diff
says "replaced schedule"
kgr-prove -C "$kernel" kgraft-climbs.ko climbs.diff
edit include/linux/utsname.h 's/^static inline struct new_utsname \*utsname(void)/static inline struct no_such \*utsname(void)/' >broken.diff
expect_exit 4 kgr-build -C "$kernel" broken.diff
says "include/linux/utsname.h:"

# A unit whose record is gone, or damaged, might be one of them.
record=fs/.coredump.o.kgr
away $record
expect_exit 1 kgr-build -C "$kernel" comment.diff
says fs/coredump.o
back
head -c 100 "$original/$record" | instead $record
expect_exit 2 kgr-build -C "$kernel" comment.diff
says "$record"
back

# So is a source: Kbuild compiles arch/x86/kvm/../../../virt/kvm/kvm_main.c.
if [ "$newest" != 6.1 ]; then
	(
		test_kernel small "$newest"
		edit virt/kvm/kvm_main.c '/^static long kvm_dev_ioctl(/,/^}/s/case KVM_GET_API_VERSION:/&\n\t\tpr_info_once("kgraft: asked\\n");/' >kvm.diff
		expect_exit 0 kgr-build -C "$kernel" -n kvm -o kgraft-kvm.ko kvm.diff
		says "replaced kvm_dev_ioctl"
		kgr-prove -C "$kernel" kgraft-kvm.ko kvm.diff
		# Of tools/ the kernel includes this one.
		edit tools/lib/bpf/relo_core.c '/^int bpf_core_calc_relo_insn(/,/^{/s/^{/{\n\tif (!prog_name)\n\t\treturn -22;/' >tools.diff
		expect_exit 0 kgr-build -C "$kernel" -n tools -o kgraft-tools.ko tools.diff
		says "replaced bpf_core_calc_relo_insn"
		kgr-prove -C "$kernel" kgraft-tools.ko tools.diff
	)
fi

new_guest
cp kgraft-name.ko "$guest/"
boot <<'END'
patch_in name
cat /proc/version
dmesg | grep "kgraft: somebody asks for the name" || fail "the header's function is not replaced"
patch_out name
END
