// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which version of linux-kbuild a kernel's headers can do with. Of 6.1 it is one package for all
 * kernels, so the archive does not have that of each, and the headers of a kernel take later ones:
 *
 *   linux-headers-6.1.0-53-cloud-amd64   6.1.187-1   Depends: ..., linux-kbuild-6.1 (>= 6.1.187-1), ...
 *   linux-kbuild-6.1                     6.1.192-2
 *
 * With 6.12 each kernel has its own, "(= 6.12.117-1)". Modules that an administrator builds for
 * such a kernel are made with these very tools. dpkg compares versions, and apt-cache says which
 * there are.
 */
#include <string.h>

#include "adopt/package-versions.h"
#include "lib/subprocess.h"

#define KBUILD "linux-kbuild-"

char *kgr_kbuild_of(const char *depends, bool *or_later)
{
	const char *at = strstr(depends, KBUILD);
	size_t len;

	if (!at)
		return NULL;
	len = strcspn(at, " ,(");
	*or_later = g_str_has_prefix(at + len, " (>=");
	return g_strndup(at, len);
}

bool kgr_version_is_at_least(const char *version, const char *least)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "dpkg", "--compare-versions", version, "ge", least, NULL);
	return kgr_subprocess_run_all(&run, 1, 1, NULL) && !run.status;
}

char *kgr_version_in_archive(const char *name, const char *least, bool last)
{
	g_auto(kgr_subprocess) run = { 0 };
	g_auto(GStrv) lines = NULL;
	char *best = NULL;
	char **line;

	/*
	 * "linux-kbuild-6.1 | 6.1.192-2 | http://... bookworm-security/main amd64 Packages", and of
	 * the source package, where apt has these, "linux | 6.1.190-1 | http://... Sources".
	 */
	kgr_subprocess_add(&run, "apt-cache", "madison", name, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, NULL) || run.status)
		return NULL;
	lines = g_strsplit(run.output, "\n", -1);
	for (line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "|", 3);
		const char *version;

		if (g_strv_length(fields) != 3 || strcmp(g_strstrip(fields[0]), name) != 0)
			continue;
		version = g_strstrip(fields[1]);
		if (!kgr_version_is_at_least(version, least) ||
		    (best && (last ? kgr_version_is_at_least(best, version) :
				     kgr_version_is_at_least(version, best))))
			continue;
		g_free(best);
		best = g_strdup(version);
	}
	return best;
}
