// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The packages of a Debian kernel, found by its release. The headers are the first: they say the version, and which
 * linux-kbuild they need; of all the others that version is wanted.
 *
 *   linux-headers-6.1.0-56-cloud-amd64     6.1.192-2    Depends: ..., linux-kbuild-6.1 (>= 6.1.192-2), ...
 *   linux-image-6.1.0-56-cloud-amd64       6.1.192-2
 *   linux-image-6.1.0-56-cloud-amd64-dbg   6.1.192-2
 *   linux-kbuild-6.1                       6.1.192-2
 *   linux-source-6.1                       6.1.192-2
 *
 * apt-get and dpkg-deb do the work.
 */
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>

#include "adopt/packages.h"
#include "lib/error.h"
#include "lib/subprocess.h"

/* What they unpack to, and what is made of it; of a generic kernel twice that. */
#define NEEDED_MB 4500

void kgr_packages_free(struct kgr_packages *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < KGR_PACKAGES; i++) {
		g_free(p->names[i]);
		g_free(p->files[i]);
	}
	g_free(p->release);
	g_free(p->version);
	g_free(p);
}

char *kgr_package_dir(const char *dir, enum kgr_package package)
{
	static const char *const names[KGR_PACKAGES] = { "headers", "image", "debug", "kbuild",
							 "source" };

	return g_build_filename(dir, names[package], NULL);
}

/* A field of a package's control file; NULL with @error set if it is no package. */
static char *field(const char *file, const char *name, GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "dpkg-deb", "-f", file, name, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (!run.status)
		return g_strdup(g_strstrip(run.output));
	kgr_fail(error, KGR_TROUBLE, "%s: it is no Debian package, or not all of it is there: %s",
		 file, g_strstrip(run.output));
	return NULL;
}

/* Of a directory's packages the file of each name and version, "NAME=VERSION"; and of each name the last one. */
static GHashTable *list_packages(const char *from, GError **error)
{
	g_autoptr(GHashTable) found =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GError) cause = NULL;
	g_autoptr(GDir) dir = g_dir_open(from, 0, &cause);
	const char *name;

	if (!dir) {
		kgr_fail(error, KGR_TROUBLE, "%s", cause->message);
		return NULL;
	}
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *given = g_build_filename(from, name, NULL);
		g_autofree char *path = g_canonicalize_filename(given, NULL);
		g_autofree char *package = NULL, *version = NULL;

		/* linux-* only: a directory of downloads has others, too. */
		if (!g_str_has_prefix(name, "linux-") || !g_str_has_suffix(name, ".deb"))
			continue;
		package = field(path, "Package", error);
		version = package ? field(path, "Version", error) : NULL;
		if (!version)
			return NULL;
		g_hash_table_insert(found, g_strconcat(package, "=", version, NULL),
				    g_strdup(path));
		g_hash_table_insert(found, g_strdup(package), g_strdup(path));
	}
	return g_steal_pointer(&found);
}

/* apt-get puts it into its current directory, under a name that only it knows. */
static char *fetched(const char *dir, const char *name)
{
	g_autofree char *start = g_strconcat(name, "_", NULL);
	g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
	const char *entry;

	while (entries && (entry = g_dir_read_name(entries))) {
		if (g_str_has_prefix(entry, start))
			return g_build_filename(dir, entry, NULL);
	}
	return NULL;
}

static bool download(const char *dir, const char *const *wanted, const char *release,
		     GError **error)
{
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(dir) };

	kgr_subprocess_add(&run, "apt-get", "-q", "download", NULL);
	for (; *wanted; wanted++)
		kgr_subprocess_add(&run, *wanted, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return false;
	return !run.status ||
	       kgr_fail(error, KGR_TROUBLE,
			"the packages of %s cannot be downloaded: run apt-get update first; if the "
			"archive does not have them any more, or there is no network, give their "
			"files with --packages. apt-get says:\n%s",
			release, g_strstrip(run.output));
}

/* "linux-kbuild-6.1" of what the headers depend on. */
static char *kbuild_of(const char *headers, GError **error)
{
	g_autofree char *depends = field(headers, "Depends", error);
	const char *at = depends ? strstr(depends, "linux-kbuild-") : NULL;

	if (at)
		return g_strndup(at, strcspn(at, " ,("));
	if (depends)
		kgr_fail(error, KGR_REFUSED,
			 "%s: it depends on no linux-kbuild, so it is no package of kernel headers "
			 "as Debian makes them; others are not supported",
			 headers);
	return NULL;
}

/* "6.1" of "6.1.0-56-cloud-amd64" */
static char *series_of(const char *release)
{
	size_t len = strcspn(release, ".");

	if (release[len])
		len += 1 + strspn(release + len + 1, "0123456789");
	return g_strndup(release, len);
}

static void name_all(struct kgr_packages *p)
{
	g_autofree char *series = series_of(p->release);

	p->names[KGR_PACKAGE_HEADERS] = g_strconcat("linux-headers-", p->release, NULL);
	p->names[KGR_PACKAGE_IMAGE] = g_strconcat("linux-image-", p->release, NULL);
	p->names[KGR_PACKAGE_DEBUG] = g_strconcat("linux-image-", p->release, "-dbg", NULL);
	p->names[KGR_PACKAGE_SOURCE] = g_strconcat("linux-source-", series, NULL);
}

static bool read_headers(struct kgr_packages *p, GError **error)
{
	const char *headers = p->files[KGR_PACKAGE_HEADERS];

	p->version = field(headers, "Version", error);
	if (!p->version)
		return false;
	p->names[KGR_PACKAGE_KBUILD] = kbuild_of(headers, error);
	return p->names[KGR_PACKAGE_KBUILD];
}

static bool find_in(struct kgr_packages *p, const char *from, GError **error)
{
	g_autoptr(GHashTable) there = list_packages(from, error);
	size_t i;

	if (!there)
		return false;
	for (i = 0; i < KGR_PACKAGES; i++) {
		g_autofree char *exact =
			p->version ? g_strconcat(p->names[i], "=", p->version, NULL) : NULL;
		const char *any = g_hash_table_lookup(there, p->names[i]);
		const char *file = exact ? g_hash_table_lookup(there, exact) : any;

		if (!any)
			return kgr_fail(error, KGR_TROUBLE,
					"%s: there is no %s%s%s; put its .deb there", from,
					p->names[i], p->version ? " of version " : "",
					p->version ?: "");
		if (!file)
			return kgr_fail(error, KGR_REFUSED,
					"%s is of another version than %s, %s; they have to be of "
					"one: put %s=%s there",
					any, p->files[KGR_PACKAGE_HEADERS], p->version, p->names[i],
					p->version);
		p->files[i] = g_strdup(file);
		if (i == KGR_PACKAGE_HEADERS && !read_headers(p, error))
			return false;
	}
	return true;
}

static bool find_in_archive(struct kgr_packages *p, const char *dir, GError **error)
{
	const char *first[] = { p->names[KGR_PACKAGE_HEADERS], NULL };
	g_autoptr(GPtrArray) rest = g_ptr_array_new_with_free_func(g_free);
	size_t i;

	if (!download(dir, first, p->release, error))
		return false;
	p->files[KGR_PACKAGE_HEADERS] = fetched(dir, p->names[KGR_PACKAGE_HEADERS]);
	if (!p->files[KGR_PACKAGE_HEADERS])
		return kgr_fail(error, KGR_TROUBLE, "apt-get download left no %s in %s",
				p->names[KGR_PACKAGE_HEADERS], dir);
	if (!read_headers(p, error))
		return false;
	for (i = KGR_PACKAGE_HEADERS + 1; i < KGR_PACKAGES; i++)
		g_ptr_array_add(rest, g_strconcat(p->names[i], "=", p->version, NULL));
	g_ptr_array_add(rest, NULL);
	if (!download(dir, (const char *const *)rest->pdata, p->release, error))
		return false;
	for (i = KGR_PACKAGE_HEADERS + 1; i < KGR_PACKAGES; i++) {
		p->files[i] = fetched(dir, p->names[i]);
		if (!p->files[i])
			return kgr_fail(error, KGR_TROUBLE, "apt-get download left no %s in %s",
					p->names[i], dir);
	}
	return true;
}

struct kgr_packages *kgr_packages_find(const char *release, const char *from, const char *dir,
				       GError **error)
{
	g_autoptr(kgr_packages) p = g_new0(struct kgr_packages, 1);

	p->release = g_strdup(release);
	name_all(p);
	return (from ? find_in(p, from, error) : find_in_archive(p, dir, error)) ?
		       g_steal_pointer(&p) :
		       NULL;
}

static bool check_room(const char *dir, GError **error)
{
	struct statvfs fs;
	uint64_t free_mb;

	if (statvfs(dir, &fs))
		return true;
	free_mb = ((uint64_t)fs.f_bavail * fs.f_frsize) >> 20;
	return free_mb >= NEEDED_MB ||
	       kgr_fail(
		       error, KGR_TROUBLE,
		       "%s: %u MB are free there, and it takes %u to adopt a kernel; make room, or "
		       "choose another place with -o",
		       dir, (unsigned int)free_mb, NEEDED_MB);
}

static bool run_all(GArray *runs, guint jobs, GError **error)
{
	guint i;

	if (!kgr_subprocesses_run(runs, jobs, error))
		return false;
	for (i = 0; i < runs->len; i++) {
		const struct kgr_subprocess *run = kgr_subprocess_at(runs, i);

		if (run->status)
			return kgr_fail(error, KGR_TROUBLE, "%s failed, is the disk full?\n%s",
					(char *)run->argv->pdata[0], run->output);
	}
	return true;
}

/* The source is an archive in its package, so that one goes first. */
bool kgr_packages_unpack(const struct kgr_packages *p, const char *dir, const char *source,
			 guint jobs, GError **error)
{
	g_autoptr(GArray) first = kgr_subprocesses_new(1),
			  rest = kgr_subprocesses_new(KGR_PACKAGES);
	g_autofree char *outer = kgr_package_dir(dir, KGR_PACKAGE_SOURCE);
	g_autofree char *base = g_strconcat(p->names[KGR_PACKAGE_SOURCE], ".tar.xz", NULL);
	g_autofree char *archive = g_build_filename(outer, "usr", "src", base, NULL);
	guint i;

	if (!check_room(dir, error))
		return false;
	kgr_subprocess_add(kgr_subprocess_at(first, 0), "dpkg-deb", "-x",
			   p->files[KGR_PACKAGE_SOURCE], outer, NULL);
	if (!run_all(first, 1, error))
		return false;
	for (i = 0; i < KGR_PACKAGE_SOURCE; i++) {
		g_autofree char *to = kgr_package_dir(dir, i);

		kgr_subprocess_add(kgr_subprocess_at(rest, i), "dpkg-deb", "-x", p->files[i], to,
				   NULL);
	}
	kgr_subprocess_add(kgr_subprocess_at(rest, KGR_PACKAGE_SOURCE), "tar", "-xf", archive, "-C",
			   source, "--strip-components=1", NULL);
	return run_all(rest, jobs, error);
}
