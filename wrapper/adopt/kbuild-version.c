// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which version of linux-kbuild a kernel's headers can do with. It is one package for all kernels of a series, so the archive
 * keeps the newest one, for which the headers of older kernels ask:
 *
 *   linux-headers-6.1.0-53-cloud-amd64   6.1.187-1   Depends: ..., linux-kbuild-6.1 (>= 6.1.187-1), ...
 *   linux-kbuild-6.1                     6.1.192-2
 *
 * With 6.12 each kernel has its own, "(= 6.12.117-1)". Modules that an administrator builds for such a kernel are made with these
 * very tools. dpkg compares versions, and apt-cache says which there are.
 */
#include <string.h>

#include "adopt/kbuild-version.h"
#include "lib/subprocess.h"

#define KBUILD "linux-kbuild-"

bool kgr_kbuild_wanted(const char *depends, const char *version, struct kgr_kbuild_wanted *wanted)
{
	const char *at = strstr(depends, KBUILD);
	size_t len;

	if (!at)
		return false;
	len = strcspn(at, " ,(");
	wanted->name = g_strndup(at, len);
	wanted->version = g_strdup(version);
	wanted->or_later = g_str_has_prefix(at + len, " (>=");
	return true;
}

void kgr_kbuild_wanted_clear(struct kgr_kbuild_wanted *wanted)
{
	g_free(wanted->name);
	g_free(wanted->version);
}

static bool is_not_before(const char *a, const char *b)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "dpkg", "--compare-versions", a, "ge", b, NULL);
	return kgr_subprocess_run_all(&run, 1, 1, NULL) && !run.status;
}

bool kgr_kbuild_will_do(const struct kgr_kbuild_wanted *wanted, const char *version)
{
	return !strcmp(version, wanted->version) ||
	       (wanted->or_later && is_not_before(version, wanted->version));
}

char *kgr_kbuild_in_archive(const struct kgr_kbuild_wanted *wanted)
{
	g_auto(kgr_subprocess) run = { 0 };
	g_auto(GStrv) lines = NULL;
	g_autofree char *first = NULL;
	char **line;

	/* "linux-kbuild-6.1 | 6.1.192-2 | http://... bookworm-security/main amd64 Packages" */
	kgr_subprocess_add(&run, "apt-cache", "madison", wanted->name, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, NULL) || run.status)
		return g_strdup(wanted->version);
	lines = g_strsplit(run.output, "\n", -1);
	for (line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "|", 3);
		char *version = g_strv_length(fields) == 3 ? g_strstrip(fields[1]) : NULL;

		if (version && kgr_kbuild_will_do(wanted, version) &&
		    (!first || is_not_before(first, version))) {
			g_free(first);
			first = g_strdup(version);
		}
	}
	return first ? g_steal_pointer(&first) : g_strdup(wanted->version);
}
