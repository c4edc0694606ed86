// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A patch module is loaded from the path that is given and with the options that are given, so
 * nothing that modprobe.d says of aliases, options or install commands may matter. libkmod's own
 * messages are switched off, since every error is reported where it is met.
 */
#include <syslog.h>

#include "elf/kmod.h"

struct kmod_ctx *kgr_kmod_new(void)
{
	const char *const no_config[] = { NULL };
	struct kmod_ctx *ctx = kmod_new(NULL, no_config);

	if (!ctx)
		g_error("libkmod: out of memory");
	kmod_set_log_priority(ctx, LOG_EMERG);
	return ctx;
}
