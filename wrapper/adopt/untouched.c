// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A unit that is compiled is compared with the kernel, so a changed source shows. A unit that is
 * only preprocessed, to find out that a header changes nothing in it, is compared with nothing: so
 * all files in the graph of includes must be older than the file that marks the kernel as adopted,
 * which is written last. Generated files are excepted; they are made anew.
 */
#include <string.h>
#include <sys/stat.h>

#include "adopt/includes.h"
#include "adopt/untouched.h"
#include "lib/error.h"

/* Below the source, or generated. */
static bool find(const struct kgr_kernel *k, const char *name, struct stat *st)
{
	g_autofree char *source = g_build_filename(k->source, name, NULL);
	g_autofree char *build = g_build_filename(k->build, name, NULL);

	return !stat(source, st) || !stat(build, st);
}

static bool is_older(const struct kgr_kernel *k, const char *name, const struct stat *than,
		     GError **error)
{
	struct stat st;

	if (find(k, name, &st) && st.st_mtime <= than->st_mtime)
		return true;
	return kgr_fail(
		error, KGR_REFUSED,
		"%s/%s: it was changed, or taken away, since the kernel was adopted, so what "
		"includes what is not known any more; adopt the kernel again (kgr-adopt)",
		k->source, name);
}

bool kgr_source_is_untouched(const struct kgr_kernel *k, GError **error)
{
	g_autofree char *stamp = g_build_filename(k->build, KGR_ADOPTED_FILE, NULL);
	g_autofree char *graph = g_build_filename(k->build, KGR_INCLUDES, NULL), *text = NULL;
	g_autoptr(GError) cause = NULL;
	struct stat than;
	char *line, *next;
	bool made;

	if (!g_file_get_contents(graph, &text, NULL, &cause) || stat(stamp, &than))
		return kgr_fail(error, KGR_TROUBLE, "%s; adopt the kernel again (kgr-adopt)",
				cause ? cause->message : stamp);
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		made = g_str_has_suffix(line, KGR_INCLUDES_MADE) ||
		       strstr(line, KGR_INCLUDES_MADE "\t");
		line[strcspn(line, "\t")] = 0;
		if (!made && !is_older(k, line, &than, error))
			return false;
	}
	return true;
}
