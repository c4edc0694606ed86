/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calling a function that the kernel does not export, by its linked address and the slide.
 *
 * With IBT the kernel has made functions whose address it never takes unfit for indirect calls
 * (apply_seal_endbr()). A return may still go there, so kgr_to_NAME() pushes the address and returns to it:
 *
 *	kgr_to_wake_up_state:
 *		movq	kgr_link_wake_up_state(%rip), %r11
 *		addq	kgr_slide(%rip), %r11
 *		pushq	%r11
 *		ret
 */
#ifndef KGR_ARCH_CALL_H
#define KGR_ARCH_CALL_H

#include <linux/objtool.h>
#include <asm/linkage.h>
#include <asm/unwind_hints.h>

#ifdef CONFIG_X86_KERNEL_IBT
/* Callers may count their calls in the padding in front of a function (callthunks.c). */
#ifdef ASM_FUNC_ALIGN
#define KGR_FUNC_ALIGN ASM_FUNC_ALIGN
#else
#define KGR_FUNC_ALIGN
#endif
#define KGR_CALLED(name)                                                                           \
	KGR_UNEXPORTED(name);                                                                      \
	extern typeof(name) kgr_to_##name;                                                         \
	asm(".pushsection .text, \"ax\"\n" KGR_FUNC_ALIGN "\n"                                     \
	    ".type kgr_to_" #name ", @function\n"                                                  \
	    "kgr_to_" #name ":\n"                                                                  \
	    "movq kgr_link_" #name "(%rip), %r11\n"                                                \
	    "addq kgr_slide(%rip), %r11\n"                                                         \
	    "pushq %r11\n" UNWIND_HINT_FUNC "\n" ASM_RET ".size kgr_to_" #name                     \
	    ", . - kgr_to_" #name "\n"                                                             \
	    ".popsection\n")
#define kgr_call(name) kgr_to_##name
#else
#define KGR_CALLED(name) KGR_UNEXPORTED(name)
#define kgr_call(name) ((typeof(&name))kgr_address(name))
#endif

#endif
