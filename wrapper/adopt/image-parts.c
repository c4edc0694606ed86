// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Up to Debian 13 the package linux-image-RELEASE has what boots, its configuration and its
 * modules. From Debian 14 on it is empty, and depends on three others of its version that have
 * them:
 *
 *   linux-base-RELEASE      /usr/lib/modules/RELEASE/config
 *   linux-binary-RELEASE    /usr/lib/modules/RELEASE/vmlinuz
 *   linux-modules-RELEASE   /usr/lib/modules/RELEASE/kernel/...
 *
 * Which it is, its dependencies say: what begins with "linux-" and ends in the release is a part.
 * Once unpacked, the files go to where the one package has them, so that all else knows one layout:
 *
 *   /boot/config-RELEASE   /boot/vmlinuz-RELEASE   /lib/modules/RELEASE/kernel/...
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <glib/gstdio.h>

#include "adopt/image-parts.h"
#include "lib/error.h"

GPtrArray *kgr_image_parts(const char *depends, const char *release)
{
	GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *end = g_strconcat("-", release, NULL);
	g_auto(GStrv) clauses = g_strsplit(depends, ",", -1);
	char **clause;

	for (clause = clauses; *clause; clause++) {
		char *name = g_strstrip(*clause);

		/* "linux-base-RELEASE (= 7.2.12-1)" */
		name[strcspn(name, " (|")] = '\0';
		if (g_str_has_prefix(name, "linux-") && g_str_has_suffix(name, end))
			g_ptr_array_add(parts, g_strdup(name));
	}
	return parts;
}

/* Nothing to do if @from is not there. */
static bool move_if_there(const char *dir, const char *from, const char *to, GError **error)
{
	g_autofree char *old = g_build_filename(dir, from, NULL);
	g_autofree char *new = g_build_filename(dir, to, NULL);
	g_autofree char *above = g_path_get_dirname(new);

	if (!g_file_test(old, G_FILE_TEST_EXISTS))
		return true;
	return (!g_mkdir_with_parents(above, 0755) && !rename(old, new)) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot become %s: %s", old, new, g_strerror(errno));
}

bool kgr_image_rearrange(const char *dir, const char *release, GError **error)
{
	g_autofree char *modules = g_build_filename("lib/modules", release, NULL);
	g_autofree char *merged = g_build_filename("usr", modules, NULL);
	g_autofree char *config = g_build_filename(merged, "config", NULL);
	g_autofree char *vmlinuz = g_build_filename(merged, "vmlinuz", NULL);
	g_autofree char *boot_config = g_strconcat("boot/config-", release, NULL);
	g_autofree char *boot_vmlinuz = g_strconcat("boot/vmlinuz-", release, NULL);

	return move_if_there(dir, config, boot_config, error) &&
	       move_if_there(dir, vmlinuz, boot_vmlinuz, error) &&
	       move_if_there(dir, merged, modules, error);
}
