// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Refuses a kernel for which no fix can be built, by the options of its configuration, before
 * anything is compiled.
 */
#include <string.h>

#include "kernel/usable-config.h"
#include "lib/error.h"

char kgr_config_option(const char *config, const char *name)
{
	g_autofree char *start = g_strdup_printf("\nCONFIG_%s=", name);
	const char *at = strstr(config, start), *value = at ? at + strlen(start) : "";

	return g_str_has_prefix(value, "y\n") ? 'y' : g_str_has_prefix(value, "m\n") ? 'm' : 0;
}

bool kgr_config_is_usable(const char *config, bool adopted, GError **error)
{
	static const struct {
		const char *option;
		bool wanted;
		const char *why;
	} rules[] = {
		{ "X86_64", true, "only x86-64 is supported" },
		{ "MODULES", true, "a patch is a module" },
		{ "DYNAMIC_FTRACE_WITH_ARGS", true, "functions are redirected at their fentry" },
		{ "KALLSYMS", true, "ftrace needs it" },
		{ "PREEMPT_RT", false, "interrupts are threads there" },
		{ "LTO_CLANG", false, "objects hold no machine code there" },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(rules); i++) {
		if ((kgr_config_option(config, rules[i].option) == 'y') != rules[i].wanted)
			return kgr_fail(error, KGR_REFUSED, "the kernel has CONFIG_%s%s: %s; %s",
					rules[i].option, rules[i].wanted ? " off" : "=y",
					rules[i].why,
					adopted		? "take another flavour" :
					rules[i].wanted ? "build one with it on" :
							  "build one with it off");
	}
	return true;
}
