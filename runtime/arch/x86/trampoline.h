/* SPDX-License-Identifier: GPL-2.0-only */
/* The code that a fentry calls once a function is patched for good, in assembly. */
#ifndef KGR_TRAMPOLINE_H
#define KGR_TRAMPOLINE_H

#include <linux/kconfig.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <linux/stringify.h>
#include <linux/version.h>
#include <asm/orc_types.h>
#include <asm/unwind_hints.h>

/* No indirect branch leads to these: ftrace calls them directly, or returns to them. */
#ifdef CONFIG_X86_KERNEL_IBT
#define KGR_NOENDBR ANNOTATE_NOENDBR
#else
#define KGR_NOENDBR
#endif

/* Entered by a call from the fentry: the caller's stack pointer is two words up. */
#ifndef CONFIG_OBJTOOL
#define KGR_IN_FENTRY
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define KGR_IN_FENTRY UNWIND_HINT(UNWIND_HINT_TYPE_CALL, ORC_REG_SP, 16, 0)
#else
#define KGR_IN_FENTRY UNWIND_HINT(ORC_REG_SP, 16, UNWIND_HINT_TYPE_CALL, 0)
#endif

#define KGR_ASM_FUNCTION(name, body)                                                               \
	asm(".pushsection .text, \"ax\"\n"                                                         \
	    ".globl " name "\n"                                                                    \
	    ".type " name ", @function\n" name ":\n" KGR_NOENDBR body ".size " name ", . - " name  \
	    "\n"                                                                                   \
	    ".popsection\n")

/* Forget that the fentry called, and go to the new function instead. */
#define KGR_TRAMPOLINE(name, target)                                                               \
	KGR_ASM_FUNCTION(#name, KGR_IN_FENTRY "add $8, %rsp\n" UNWIND_HINT_FUNC "\n"               \
					      "jmp " #target "\n")

/* Back to the fentry, and so to wherever a handler leads, or to the old function's body. */
#define KGR_NEUTRAL_TRAMPOLINE(name) KGR_ASM_FUNCTION(#name, ASM_RET)

#endif
