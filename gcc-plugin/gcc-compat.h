/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything in the recorder that depends on the version of GCC: which headers
 * the plugin API needs, and the few names that moved between GCC 11 and 15.
 */
#ifndef KGR_GCC_COMPAT_H
#define KGR_GCC_COMPAT_H

#include "gcc-plugin.h"
#include "plugin-version.h"
#include "tree.h"
#include "stringpool.h"
#include "attribs.h"
#include "tree-pass.h"
#include "context.h"
#include "function.h"
#include "rtl.h"
#include "memmodel.h"
#include "emit-rtl.h"
#include "basic-block.h"
#include "cgraph.h"
#include "toplev.h"
#include "opts.h"
#include "diagnostic-core.h"
#include "hash-set.h"
#include "diagnostic.h"
#include "version.h"

#if GCCPLUGIN_VERSION < 11000
#error "kgraft's recorder needs the plugin headers of GCC 11 or later"
#endif

/* In GCC 15 the options moved from plain globals into a vector's neighbours unchanged; in all
 * versions since 4.6 the decoded command line that ends up in DW_AT_producer is this array.
 */
static inline void kgr_forget_option(const char *prefix)
{
	unsigned int from, to = 0;

	for (from = 0; from < save_decoded_options_count; from++) {
		const char *text = save_decoded_options[from].orig_option_with_args_text;

		if (text && !strncmp(text, prefix, strlen(prefix)))
			continue;
		save_decoded_options[to++] = save_decoded_options[from];
	}
	save_decoded_options_count = to;
}

#endif
