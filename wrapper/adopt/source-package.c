// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * linux-source-X.Y has one file, an archive of the tree:
 *
 *   linux-source-6.1_6.1.192-2_all.deb   usr/src/linux-source-6.1.tar.xz   linux-source-6.1/...
 *
 * All releases of a series are versions of the one package; linux-image-RELEASE is of the version that the release is.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "adopt/deb.h"
#include "adopt/package-versions.h"
#include "adopt/packages.h"
#include "adopt/source-package.h"
#include "lib/error.h"

#define SOURCE_MB 1700 /* a tree of today's kernels, and its archive */

/* The file of a package in a directory, of @version, or of the last one; NULL with no error set if there is none. */
static char *find(const char *from, const char *package, const char *version, GError **error)
{
	g_autofree char *start = g_strconcat(package, "_", NULL);
	g_autofree char *best = NULL, *best_version = NULL;
	g_autoptr(GDir) dir = kgr_packages_dir(from, error);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(from, name, NULL);
		g_autofree char *is = NULL;

		if (!g_str_has_prefix(name, start) || !g_str_has_suffix(name, ".deb"))
			continue;
		is = kgr_deb_field(path, "Version", error);
		if (!is)
			return NULL;
		if (version ? strcmp(is, version) :
			      best && !kgr_version_is_at_least(is, best_version))
			continue;
		g_free(best);
		best = g_steal_pointer(&path);
		g_free(best_version);
		best_version = g_steal_pointer(&is);
	}
	return g_steal_pointer(&best);
}

static bool is_version(const char *version)
{
	return g_regex_match_simple("^[0-9]+\\.[0-9]+\\.[0-9]+-[0-9]+[.~+0-9a-z]*$", version, 0, 0);
}

/* Of a release; NULL with no error set if it is not known. */
static char *version_of(const char *release, const char *from, GError **error)
{
	g_autofree char *image = g_strconcat("linux-image-", release, NULL);
	g_autofree char *file = NULL;

	if (!from)
		return kgr_version_in_archive(image, "0", true);
	file = find(from, image, NULL, error);
	return file ? kgr_deb_field(file, "Version", error) : NULL;
}

char *kgr_source_version(const char *to, const char *from, GError **error)
{
	GError *cause = NULL;
	g_autofree char *version = version_of(to, from, &cause);

	if (cause) {
		g_propagate_error(error, cause);
		return NULL;
	}
	if (is_version(version ?: to))
		return version ? g_steal_pointer(&version) : g_strdup(to);
	if (version)
		kgr_fail(
			error, KGR_TROUBLE,
			"%s is of version %s, which is none of Debian's; give a directory with its source",
			to, version);
	else
		kgr_fail(
			error, KGR_TROUBLE,
			"%s: there is no linux-image-%s %s; give a version of linux-source-X.Y, as "
			"6.1.192-2, a release, as uname -r says it, or a directory with the source%s",
			to, to,
			from ? "in the directory of --packages" :
			       "in the archive, as far as apt knows",
			from ? "" : "; apt-get update asks the archive");
	return NULL;
}

static char *download(const char *package, const char *version, const char *dir, GError **error)
{
	g_autofree char *wanted = g_strconcat(package, "=", version, NULL), *file = NULL;
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(dir) };

	kgr_subprocess_add(&run, "apt-get", "-q", "download", wanted, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (!run.status)
		file = find(dir, package, version, NULL);
	if (!file)
		kgr_fail(
			error, KGR_TROUBLE,
			"%s cannot be downloaded: run apt-get update first; if the archive does not have it "
			"any more, or there is no network, give its file with --packages. apt-get says:\n%s",
			wanted, g_strstrip(run.output));
	return g_steal_pointer(&file);
}

/* The package's file, wherever it comes from. */
static char *get(const char *package, const char *version, const char *from, const char *dir,
		 GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *file;

	if (!from)
		return download(package, version, dir, error);
	file = find(from, package, version, &cause);
	if (!file && !cause)
		kgr_fail(&cause, KGR_TROUBLE,
			 "%s: there is no %s of version %s; put its .deb there", from, package,
			 version);
	if (cause)
		g_propagate_error(error, g_steal_pointer(&cause));
	return file;
}

bool kgr_source_unpack(const char *version, const char *from, const char *dir, const char *tree,
		       GError **error)
{
	g_auto(GStrv) numbers = g_strsplit(version, ".", 3);
	g_autofree char *package = g_strdup_printf("linux-source-%s.%s", numbers[0], numbers[1]);
	g_autofree char *outer = g_build_filename(dir, "package", NULL);
	g_autofree char *archive = g_strdup_printf("%s/usr/src/%s.tar.xz", outer, package);
	g_autofree char *file = NULL;
	g_autoptr(GArray) run = kgr_subprocesses_new(1);
	const char *about;

	if (!kgr_check_room(dir, SOURCE_MB, "to unpack the source", error))
		return false;
	file = get(package, version, from, dir, error);
	if (!file || !kgr_deb_unpack(file, outer, error))
		return false;
	if (mkdir(tree, 0755))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", tree, g_strerror(errno));
	about = file;
	kgr_subprocess_add(kgr_subprocess_at(run, 0), "tar", "-xf", archive, "-C", tree,
			   "--strip-components=1", NULL);
	return kgr_deb_run(run, &about, dir, 1, error);
}
