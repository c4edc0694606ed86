# SPDX-License-Identifier: GPL-3.0-or-later
# Code that must not become a live patch for what is in it: assembly that a copy would not survive, what the kernel
# collects when it is linked, and whatever objtool warns about. Each check is made to fire.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

# umask_with CODE [BEFORE]: x.diff puts it into umask(), and BEFORE before that
umask_with() {
	edit kernel/sys.c "/^SYSCALL_DEFINE1(umask/i ${2:-/* before */}
		/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\\n\\t$1/" >x.diff
}

# Data without a name; places that only the kernel's copy has; what is resolved too late.
umask_with 'asm volatile(".pushsection .data.kgr,\\"aw\\"\\n1:\\t.quad 0\\n\\t.popsection\\n\\tmovl $1b, %%eax" : : : "eax");'
refused 1 'a reference into .data.kgr that no symbol names'
umask_with 'asm volatile("movq $__do_sys_getpid+1, %%rax" : : : "rax");'
refused 1 'a reference into the middle of __do_sys_getpid'
umask_with 'asm volatile("movq ksys_sync@GOTPCREL(%%rip), %%rax" : : : "rax");'
refused 1 'relocation type 42 is not supported'
umask_with 'asm volatile(ALTERNATIVE("", "call ksys_sync", X86_FEATURE_FPU) : ASM_CALL_CONSTRAINT : : "memory");'
refused 1 'code that .altinstructions rewrites refers to ksys_sync, which is not exported'
umask_with 'kgr_gone();' 'static noinline void __init kgr_gone(void)\n{\n\tWRITE_ONCE(fs_overflowuid, 1);\n}\n'
refused 1 'needs kgr_gone, which is new and in .init.text: it would be gone after boot'
# Two that gcc has made one of, and the fix changes one.
edit kernel/context_tracking.c '/^static noinstr void ct_kernel_exit_state(/,/^}/s/^{/&\n\tbarrier_data(\&offset);/' >x.diff
refused 1 'ct_kernel_exit_state and ct_kernel_enter_state are one function in the kernel'

# Assembly that is wrong.
umask_with 'asm volatile(".byte 6");'
refused 1 'an instruction cannot be decoded'
umask_with 'asm volatile("leaq 1f(%%rip), %%rax\\n\\t.pushsection .altinstr_aux,\\"ax\\"\\n1:\\t.byte 6\\n\\t.popsection" : : : "rax");'
refused 1 '.altinstr_aux+0x0 is not understood'
umask_with 'asm volatile(".pushsection __bug_table, \\"aw\\"\\n\\t.zero 5\\n\\t.popsection");'
refused 1 'the entries of __bug_table have an unknown layout'
# objtool ends well all the same, with all it should write or without.
umask_with 'asm volatile("push %rax");'
refused 1 'objtool does not accept the code'
says 'return with modified stack frame'
umask_with 'asm volatile("1:\\t.pushsection __jump_table, \\"aw\\"\\n\\t.long 1b - ., 1b - .\\n\\t.quad 0\\n\\t.popsection");'
refused 1 'objtool does not accept the code'
says "can't find key reloc"

# What the kernel collects: what nobody of ours knows, with a name or without, must not get lost.
umask_with 'kgr_knob++;' 'static int kgr_knob;\nmodule_param(kgr_knob, int, 0);\n'
refused 1 'the diff brings a new module parameter (__param); a live patch cannot add that'
umask_with 'mask ^= 0;' 'static int __init kgr_start(void)\n{\n\treturn 0;\n}\nlate_initcall(kgr_start);\n'
refused 1 'the diff brings a new initcall (.initcall7.init); a live patch cannot add that'
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i DECLARE_TRACE(kgr_trace, TP_PROTO(int mask), TP_ARGS(mask));\nDEFINE_TRACE(kgr_trace, TP_PROTO(int mask), TP_ARGS(mask));\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\ttrace_kgr_trace(mask);/; s/^#include <linux\/export.h>/&\n#include <linux\/tracepoint.h>/' >x.diff
refused 1 'the diff brings a new tracepoint'
umask_with 'mask ^= 0;' 'static void *kgr_entry __used __section("kgr_list");\n'
refused 1 'the diff brings an entry of a kind that is not known (kgr_list)'
umask_with 'asm volatile("1:\\t.pushsection kgr_list,\\"a\\"\\n\\t.quad 1b\\n\\t.popsection");'
refused 1 'the diff brings an entry of a kind that is not known (kgr_list)'
umask_with 'asm volatile("1:\\t.pushsection .data.kgr,\\"a\\"\\n\\t.quad 1b\\n\\t.popsection");'
refused 1 'has an entry in section .data.kgr, which is not known'
