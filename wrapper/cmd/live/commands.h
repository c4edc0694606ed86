/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of kgr. */
#ifndef KGR_COMMANDS_H
#define KGR_COMMANDS_H

#include <stdbool.h>
#include <glib.h>

typedef struct kgr_options kgr_options;

struct kgr_options {
	int timeout; /* seconds to wait for the end of a transition; 0: for ever */
	gchar *stragglers; /* signal, wait or stack; NULL: the module's own default */
	gboolean replace, all, no_wait, json;
};

/* kgr_options_clear() - free what they point to */
static inline void kgr_options_clear(struct kgr_options *options)
{
	g_clear_pointer(&options->stragglers, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_options, kgr_options_clear)

/* kgr_command() - do "@command @arg"; NULL for what was not given
 *
 * False with @error set: KGR_REFUSED if it was refused or is not finished, KGR_TROUBLE for all else.
 */
bool kgr_command(const char *command, const char *arg, const struct kgr_options *options,
		 GError **error);

#endif
