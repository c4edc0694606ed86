/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations of which no kernel can be patched. */
#ifndef KGR_USABLE_CONFIG_H
#define KGR_USABLE_CONFIG_H

#include <stdbool.h>
#include <glib.h>

/* kgr_config_option() - 'y', 'm', or 0: what is CONFIG_@name?
 * @config: .config or include/config/auto.conf, after a newline
 */
char kgr_config_option(const char *config, const char *name);

/* kgr_config_is_usable() - is there any fix that could be made for a kernel with this configuration?
 * @adopted: somebody else built it
 *
 * False with @error set, a refusal that names the option.
 */
bool kgr_config_is_usable(const char *config, bool adopted, GError **error);

#endif
