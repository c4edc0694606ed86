/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kgr-build was asked for. */
#ifndef KGR_BUILD_OPTIONS_H
#define KGR_BUILD_OPTIONS_H

#include <stdbool.h>
#include <glib.h>

#include "lib/command-line.h"

struct kgr_build_options {
	gchar *build, *external, *output, *name, *keep, *debug, *jobs_text, *strip_text;
	int jobs, strip;
	gboolean no_kprobe, split, json, timings;
	gchar **diffs, **allow_layout, **allow_data, **allow_escape;
};

/* kgr_build_options_parse() - read the command line into @o; false with @error set if it is not one of kgr-build's
 * @o: its numbers have their defaults, all else is zero; kgr_build_options_clear() it in any case
 */
bool kgr_build_options_parse(const struct kgr_program *program, char **argv,
			     struct kgr_build_options *o, GError **error);

/* kgr_build_options_clear() - free what options have */
void kgr_build_options_clear(struct kgr_build_options *o);
typedef struct kgr_build_options kgr_build_options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_build_options, kgr_build_options_clear)

#endif
