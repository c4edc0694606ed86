// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Gives the patch its name, and the files that are made of it theirs. Of 0001-a.fix.patch.xz come the patch
 * kgraft-0001-a-fix, kgraft-0001-a-fix.ko and, with --split, kgraft-0001-a-fix.live.diff.
 */
#include <string.h>

#include "cmd/build/building.h"
#include "lib/error.h"
#include "lib/files.h"

#define NAME_MAX_LEN 55 /* MODULE_NAME_LEN is 56 on 64 bits, with the ending NUL */

/* The first diff's name without its ending: "0001-a-fix" of "0001-a-fix.patch.xz". */
static char *name_of_diff(const char *diff)
{
	static const char *const packed[] = { ".gz", ".xz", ".zst", ".bz2" };
	char *base = strcmp(diff, "-") ? g_path_get_basename(diff) : g_strdup("stdin"), *dot;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(packed); i++) {
		if (g_str_has_suffix(base, packed[i]))
			base[strlen(base) - strlen(packed[i])] = 0;
	}
	dot = strrchr(base, '.');
	if (dot > base)
		*dot = 0;
	return base;
}

/* What git format-patch calls its files is often longer than the kernel allows. */
static void shorten(struct kgr_building *b)
{
	if (b->opt->name || strlen(b->name) <= NAME_MAX_LEN)
		return;
	b->name[NAME_MAX_LEN] = 0;
	g_ptr_array_add(b->session->notes,
			g_strdup_printf("the patch's name is cut to %s, for a module's has at most "
					"%d characters; -n gives another",
					b->name, NAME_MAX_LEN));
}

/* "kgraft-" and the name, of characters that a module's name may have. */
static bool choose_name(struct kgr_building *b, GError **error)
{
	g_autofree char *base =
		b->opt->name ? g_strdup(b->opt->name) : name_of_diff(b->opt->diffs[0]);
	char *at;

	for (at = base; *at; at++) {
		if (!g_ascii_isalnum(*at) && *at != '_')
			*at = '-';
	}
	b->name = g_strconcat("kgraft-", base, NULL);
	shorten(b);
	if (strlen(b->name) > NAME_MAX_LEN)
		return kgr_fail(error, KGR_TROUBLE,
				"the name %s is longer than %d characters; give a shorter one with "
				"-n",
				b->name, NAME_MAX_LEN);
	return true;
}

/* "foo.live.diff" beside foo.ko, which has to be possible before anything is done. */
static bool choose_live_diff(struct kgr_building *b, GError **error)
{
	size_t len = strlen(b->output) - (g_str_has_suffix(b->output, ".ko") ? 3 : 0);

	if (!b->opt->split)
		return true;
	b->live_diff = g_strdup_printf("%.*s.live.diff", (int)len, b->output);
	return kgr_check_output(b->live_diff, b->opt->diffs, error);
}

bool kgr_building_choose_names(struct kgr_building *b, GError **error)
{
	if (!choose_name(b, error))
		return false;
	b->output = b->opt->output ? g_strdup(b->opt->output) : g_strconcat(b->name, ".ko", NULL);
	return kgr_check_output(b->output, b->opt->diffs, error) && choose_live_diff(b, error);
}
