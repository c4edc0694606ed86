// SPDX-License-Identifier: GPL-2.0-only
/*
 * The code between the body of a system call or exception and user space, found by name. What this kernel
 * inlined is no loss: the code is its caller's then, which is on the list or is entry code.
 */
#include <linux/kernel.h>

#include "arch.h"
#include "unexported.h"

KGR_UNEXPORTED(get_signal);
KGR_UNEXPORTED(arch_do_signal_or_restart);
KGR_UNEXPORTED(exit_to_user_mode_loop);
KGR_UNEXPORTED(exit_to_user_mode_prepare);
KGR_UNEXPORTED(syscall_exit_to_user_mode);
KGR_UNEXPORTED(ret_from_fork);
KGR_UNEXPORTED(ret_from_fork_asm);
KGR_UNEXPORTED(asm_fred_entrypoint_user);
KGR_UNEXPORTED(__entry_text_start);
KGR_UNEXPORTED(__entry_text_end);
KGR_UNEXPORTED(__noinstr_text_start);
KGR_UNEXPORTED(__noinstr_text_end);

static const struct kgr_text_range *const exit_functions[] = {
	&kgr_link_get_signal,
	&kgr_link_arch_do_signal_or_restart,
	&kgr_link_exit_to_user_mode_loop,
	&kgr_link_exit_to_user_mode_prepare,
	&kgr_link_syscall_exit_to_user_mode,
};

static bool between(unsigned long pc, unsigned long start, unsigned long end)
{
	return start && pc >= start && pc < end;
}

/* Where a new task begins: it goes to user space from there. */
static bool is_fork_return(unsigned long pc)
{
	return kgr_in_text(pc, &kgr_link_ret_from_fork) ||
	       kgr_in_text(pc, &kgr_link_ret_from_fork_asm);
}

/* That of a processor with FRED is beside the rest (arch/x86/entry/entry_64_fred.S). */
static bool is_entry_text(unsigned long pc)
{
	return kgr_in_text(pc, &kgr_link_asm_fred_entrypoint_user) ||
	       between(pc, kgr_address(__entry_text_start), kgr_address(__entry_text_end));
}

/**
 * kgr_arch_is_entry_code - may a whole stack trace of a user task end with this return address?
 */
bool kgr_arch_is_entry_code(unsigned long pc)
{
	return is_entry_text(pc) || is_fork_return(pc);
}

/**
 * kgr_arch_is_exit_function - does this return address lie in a function that is called only on the way out?
 *
 * It may be hooked, and so be replaced by a patch.
 */
bool kgr_arch_is_exit_function(unsigned long pc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exit_functions); i++) {
		if (kgr_in_text(pc, exit_functions[i]))
			return true;
	}
	return false;
}

/**
 * kgr_arch_is_exit_path - does this return address lie in code that runs once a system call's body is over?
 *
 * Some of it calls that body as well.
 */
bool kgr_arch_is_exit_path(unsigned long pc)
{
	return kgr_arch_is_exit_function(pc) || is_entry_text(pc) || is_fork_return(pc) ||
	       between(pc, kgr_address(__noinstr_text_start), kgr_address(__noinstr_text_end));
}

/**
 * kgr_arch_exit_function - where the @i-th function begins that runs once a system call's body is over
 *
 * Return: its address, 0 if this kernel inlined it, or -1UL if there are no more.
 */
unsigned long kgr_arch_exit_function(unsigned int i)
{
	if (i >= ARRAY_SIZE(exit_functions))
		return -1UL;
	return exit_functions[i]->address ? exit_functions[i]->address + kgr_slide : 0;
}
