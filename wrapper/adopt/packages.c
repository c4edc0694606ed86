// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The packages of a Debian kernel, found by its release. The headers are the first: they say the version, and which
 * linux-kbuild they need (package-versions.c); of all the others that version is wanted.
 *
 *   linux-headers-6.1.0-56-cloud-amd64     6.1.192-2    Depends: ..., linux-kbuild-6.1 (>= 6.1.192-2), ...
 *   linux-image-6.1.0-56-cloud-amd64       6.1.192-2
 *   linux-image-6.1.0-56-cloud-amd64-dbg   6.1.192-2
 *   linux-kbuild-6.1                       6.1.192-2
 *   linux-source-6.1                       6.1.192-2
 *
 * An image may be several packages itself (image-parts.c).
 *
 * The headers are unpacked at once, for their configuration says whether there is any use in the
 * rest, which is large. apt-get and dpkg-deb do the work.
 */
#include <string.h>

#include "adopt/deb.h"
#include "adopt/image-parts.h"
#include "adopt/package-versions.h"
#include "adopt/packages.h"
#include "kernel/usable-config.h"
#include "lib/error.h"
#include "lib/sort.h"
#include "lib/subprocess.h"

/* Downloaded and unpacked, of the smallest kernel that Debian has: the cloud flavour of Debian 12. */
#define SMALLEST_MB 4300

/* The source itself, which is packed in its package; modules that are, too; and what is made of all that. */
#define UNPACKED_MB 1900

void kgr_packages_free(struct kgr_packages *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < KGR_PACKAGES; i++) {
		g_free(p->names[i]);
		g_free(p->files[i]);
	}
	g_ptr_array_unref(p->part_files);
	g_free(p->release);
	g_free(p->version);
	g_free(p->kbuild_version);
	g_free(p);
}

char *kgr_package_dir(const char *dir, enum kgr_package package)
{
	static const char *const names[KGR_PACKAGES] = { "headers", "image", "debug", "kbuild",
							 "source" };

	return g_build_filename(dir, names[package], NULL);
}

/* A package's file in a directory. */
struct file {
	char *path, *package, *version;
};

static void file_free(gpointer data)
{
	struct file *f = data;

	g_free(f->path);
	g_free(f->package);
	g_free(f->version);
	g_free(f);
}

static bool add_file(GPtrArray *files, const char *path, GError **error)
{
	struct file *f = g_new0(struct file, 1);

	g_ptr_array_add(files, f);
	f->path = g_strdup(path);
	f->package = kgr_deb_field(path, "Package", error);
	f->version = f->package ? kgr_deb_field(path, "Version", error) : NULL;
	return f->version;
}

GDir *kgr_packages_dir(const char *from, GError **error)
{
	g_autoptr(GError) cause = NULL;
	GDir *dir = g_dir_open(from, 0, &cause);

	if (!dir)
		kgr_fail(error, KGR_TROUBLE,
			 "%s; --packages takes the directory that has the packages' files",
			 cause->message);
	return dir;
}

/* All of a directory, of struct file, by name. */
static GPtrArray *list_packages(const char *from, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_free);
	g_autoptr(GDir) dir = kgr_packages_dir(from, error);
	const char *name;
	guint i;

	if (!dir)
		return NULL;
	while ((name = g_dir_read_name(dir))) {
		/* linux-* only: a directory of downloads has others, too. */
		if (g_str_has_prefix(name, "linux-") && g_str_has_suffix(name, ".deb"))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, kgr_by_name);
	for (i = 0; i < names->len; i++) {
		g_autofree char *given = g_build_filename(from, names->pdata[i], NULL);
		g_autofree char *path = g_canonicalize_filename(given, NULL);

		if (!add_file(files, path, error))
			return NULL;
	}
	return g_steal_pointer(&files);
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

/* Does the archive have it, as far as apt knows? */
static bool is_known(const char *package)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "apt-cache", "show", package, NULL);
	return !kgr_subprocess_run_all(&run, 1, 1, NULL) || !run.status;
}

static bool is_unknown(const struct kgr_packages *p, const char *cause, const char *update,
		       GError **error)
{
	return kgr_fail(
		error, KGR_TROUBLE,
		"%s, so %s may be no kernel of Debian's: if it is one, %sgive its packages' files "
		"with --packages; if not, it cannot be adopted: build a kernel from its source with "
		"CC=kgr-gcc, and boot that (kgr-gcc(1))",
		cause, p->release, update);
}

static bool not_in_archive(const struct kgr_packages *p, GError **error)
{
	g_autofree char *cause = g_strdup_printf("the archive has no %s, as far as apt knows",
						 p->names[KGR_PACKAGE_IMAGE]);

	return is_unknown(p, cause, "run apt-get update, or ", error);
}

static bool download(const char *dir, const char *const *wanted, const struct kgr_packages *p,
		     GError **error)
{
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(dir) };
	g_autofree char *program = g_find_program_in_path("apt-get");

	if (!program)
		return is_unknown(p, "apt-get is not installed here", "", error);
	kgr_subprocess_add(&run, program, "-q", "download", NULL);
	for (; *wanted; wanted++)
		kgr_subprocess_add(&run, *wanted, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return false;
	if (!run.status)
		return true;
	if (!is_known(p->names[KGR_PACKAGE_IMAGE]))
		return not_in_archive(p, error);
	return kgr_fail(error, KGR_TROUBLE,
			"the packages of %s cannot be downloaded: run apt-get update first; if the "
			"archive does not have them any more, or there is no network, give their "
			"files with --packages. apt-get says:\n%s",
			p->release, g_strstrip(run.output));
}

static bool read_kbuild(struct kgr_packages *p, const char *headers, GError **error)
{
	g_autofree char *depends = kgr_deb_field(headers, "Depends", error);

	if (!depends)
		return false;
	p->names[KGR_PACKAGE_KBUILD] = kgr_kbuild_of(depends, &p->later_kbuild);
	if (!p->names[KGR_PACKAGE_KBUILD])
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: it depends on no linux-kbuild, so it is no package of kernel headers "
			"as Debian makes them; others are not supported",
			headers);
	return true;
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

static bool check_config(const struct kgr_packages *p, const char *headers, GError **error)
{
	g_autofree char *path = g_build_filename(headers, "usr", "src",
						 p->names[KGR_PACKAGE_HEADERS], ".config", NULL);
	g_autofree char *text = NULL, *config = NULL;

	/* Whether these are headers at all is looked at with the rest. */
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return true;
	config = g_strconcat("\n", text, NULL);
	return kgr_config_is_usable(config, true, error);
}

static bool read_headers(struct kgr_packages *p, const char *unpacked, GError **error)
{
	const char *headers = p->files[KGR_PACKAGE_HEADERS];
	g_autofree char *to = kgr_package_dir(unpacked, KGR_PACKAGE_HEADERS);

	p->version = kgr_deb_field(headers, "Version", error);
	if (!p->version)
		return false;
	return read_kbuild(p, headers, error) && kgr_deb_unpack(headers, to, error) &&
	       check_config(p, to, error);
}

/*
 * The one file of a package, NULL with no error set if there is none. Of the headers any version
 * will do, and of the others that of the headers; but two files, of which one may be of another
 * kernel, are not chosen from.
 */
static const struct file *find_file(const GPtrArray *there, const char *name, const char *version,
				    GError **error)
{
	const struct file *found = NULL;
	guint i;

	for (i = 0; i < there->len; i++) {
		const struct file *f = there->pdata[i];

		if (strcmp(f->package, name) != 0 || (version && strcmp(f->version, version) != 0))
			continue;
		if (found) {
			kgr_fail(error, KGR_REFUSED,
				 "%s (%s) and %s (%s) are both %s; leave one of them there",
				 found->path, found->version, f->path, f->version, name);
			return NULL;
		}
		found = f;
	}
	return found;
}

/* Its kbuild of their version, or else one that they can do with. */
static const struct file *find_kbuild(const struct kgr_packages *p, const GPtrArray *there,
				      GError **error)
{
	GError *cause = NULL;
	const char *name = p->names[KGR_PACKAGE_KBUILD];
	const struct file *f = find_file(there, name, p->version, &cause);

	if (!f && !cause && p->later_kbuild)
		f = find_file(there, name, NULL, &cause);
	if (cause)
		g_propagate_error(error, cause);
	return f && kgr_version_is_at_least(f->version, p->version) ? f : NULL;
}

static bool no_file(const struct kgr_packages *p, const char *name, const char *from,
		    const GPtrArray *there, GError **error)
{
	guint i;

	for (i = 0; i < there->len; i++) {
		const struct file *f = there->pdata[i];

		if (!strcmp(f->package, name) && name == p->names[KGR_PACKAGE_KBUILD] &&
		    p->later_kbuild)
			return kgr_fail(
				error, KGR_REFUSED,
				"%s is older than %s takes: put %s of version %s, or a later one, there",
				f->path, p->files[KGR_PACKAGE_HEADERS], name, p->version);
		if (!strcmp(f->package, name))
			return kgr_fail(error, KGR_REFUSED,
					"%s is of another version than %s, %s; they have to be of "
					"one: put %s=%s there",
					f->path, p->files[KGR_PACKAGE_HEADERS], p->version, name,
					p->version);
	}
	return kgr_fail(error, KGR_TROUBLE, "%s: there is no %s%s%s; put its .deb there", from,
			name, p->version ? " of version " : "", p->version ?: "");
}

/* The names of the packages that the image is made of, none if it is one itself; NULL with @error set. */
static GPtrArray *read_image(const struct kgr_packages *p, GError **error)
{
	g_autofree char *depends = kgr_deb_field(p->files[KGR_PACKAGE_IMAGE], "Depends", error);

	return depends ? kgr_image_parts(depends, p->release) : NULL;
}

static bool find_parts_in(struct kgr_packages *p, const char *from, const GPtrArray *there,
			  GError **error)
{
	g_autoptr(GPtrArray) names = read_image(p, error);
	guint i;

	if (!names)
		return false;
	for (i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];
		GError *cause = NULL;
		const struct file *f = find_file(there, name, p->version, &cause);

		if (cause) {
			g_propagate_error(error, cause);
			return false;
		}
		if (!f)
			return no_file(p, name, from, there, error);
		g_ptr_array_add(p->part_files, g_strdup(f->path));
	}
	return true;
}

static bool find_in(struct kgr_packages *p, const char *from, const char *unpacked, GError **error)
{
	g_autoptr(GPtrArray) there = list_packages(from, error);
	GError *cause = NULL;
	size_t i;

	if (!there)
		return false;
	for (i = 0; i < KGR_PACKAGES; i++) {
		const struct file *f = i == KGR_PACKAGE_KBUILD ?
					       find_kbuild(p, there, &cause) :
					       find_file(there, p->names[i], p->version, &cause);

		if (cause) {
			g_propagate_error(error, cause);
			return false;
		}
		if (!f)
			return no_file(p, p->names[i], from, there, error);
		p->files[i] = g_strdup(f->path);
		if (i == KGR_PACKAGE_KBUILD)
			p->kbuild_version = g_strdup(f->version);
		if (i == KGR_PACKAGE_HEADERS && !read_headers(p, unpacked, error))
			return false;
	}
	return find_parts_in(p, from, there, error);
}

/* Of a package that apt-get was told to download. */
static char *fetched_file(const char *dir, const char *name, GError **error)
{
	char *path = fetched(dir, name);

	if (!path)
		kgr_fail(error, KGR_TROUBLE,
			 "apt-get download left no %s in %s; give the packages' files with "
			 "--packages",
			 name, dir);
	return path;
}

static bool download_parts(struct kgr_packages *p, const char *dir, GError **error)
{
	g_autoptr(GPtrArray) wanted = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) names = read_image(p, error);
	guint i;

	if (!names || !names->len)
		return names;
	for (i = 0; i < names->len; i++)
		g_ptr_array_add(wanted, g_strconcat(names->pdata[i], "=", p->version, NULL));
	g_ptr_array_add(wanted, NULL);
	if (!download(dir, (const char *const *)wanted->pdata, p, error))
		return false;
	for (i = 0; i < names->len; i++) {
		char *path = fetched_file(dir, names->pdata[i], error);

		if (!path)
			return false;
		g_ptr_array_add(p->part_files, path);
	}
	return true;
}

static bool find_in_archive(struct kgr_packages *p, const char *dir, const char *unpacked,
			    GError **error)
{
	const char *first[] = { p->names[KGR_PACKAGE_HEADERS], NULL };
	g_autoptr(GPtrArray) rest = g_ptr_array_new_with_free_func(g_free);
	size_t i;

	if (!kgr_check_room(dir, SMALLEST_MB, "to adopt this kernel", error) ||
	    !download(dir, first, p, error))
		return false;
	p->files[KGR_PACKAGE_HEADERS] = fetched_file(dir, p->names[KGR_PACKAGE_HEADERS], error);
	if (!p->files[KGR_PACKAGE_HEADERS] || !read_headers(p, unpacked, error))
		return false;
	if (p->later_kbuild)
		p->kbuild_version =
			kgr_version_in_archive(p->names[KGR_PACKAGE_KBUILD], p->version, false);
	if (!p->kbuild_version)
		p->kbuild_version = g_strdup(p->version);
	for (i = KGR_PACKAGE_HEADERS + 1; i < KGR_PACKAGES; i++)
		g_ptr_array_add(
			rest, g_strconcat(p->names[i], "=",
					  i == KGR_PACKAGE_KBUILD ? p->kbuild_version : p->version,
					  NULL));
	g_ptr_array_add(rest, NULL);
	if (!download(dir, (const char *const *)rest->pdata, p, error))
		return false;
	for (i = KGR_PACKAGE_HEADERS + 1; i < KGR_PACKAGES; i++) {
		p->files[i] = fetched_file(dir, p->names[i], error);
		if (!p->files[i])
			return false;
	}
	return download_parts(p, dir, error);
}

struct kgr_packages *kgr_packages_find(const char *release, const char *from, const char *dir,
				       const char *unpacked, GError **error)
{
	g_autoptr(kgr_packages) p = g_new0(struct kgr_packages, 1);

	p->release = g_strdup(release);
	p->part_files = g_ptr_array_new_with_free_func(g_free);
	name_all(p);
	return (from ? find_in(p, from, unpacked, error) :
		       find_in_archive(p, dir, unpacked, error)) ?
		       g_steal_pointer(&p) :
		       NULL;
}

/* What a package's file says it takes, in KB, is added to @size. */
static bool add_size(guint64 *size, const char *file, GError **error)
{
	g_autofree char *text = kgr_deb_field(file, "Installed-Size", error);

	if (text)
		*size += g_ascii_strtoull(text, NULL, 10);
	return text;
}

static bool check_room(const struct kgr_packages *p, const char *dir, GError **error)
{
	guint64 size = 0;
	guint i;

	for (i = KGR_PACKAGE_HEADERS + 1; i < KGR_PACKAGES; i++) {
		if (!add_size(&size, p->files[i], error))
			return false;
	}
	for (i = 0; i < p->part_files->len; i++) {
		if (!add_size(&size, p->part_files->pdata[i], error))
			return false;
	}
	return kgr_check_room(dir, (size >> 10) + UNPACKED_MB, "to adopt this kernel", error);
}

/* The programs that unpack, and the file that each of them does it to. */
struct unpacking {
	GArray *runs;
	GPtrArray *files;
};

static struct kgr_subprocess *add_run(struct unpacking *u, const char *file)
{
	g_ptr_array_add(u->files, (gpointer)file);
	return kgr_subprocess_at(u->runs, u->files->len - 1);
}

/* The source is an archive in its package, so that one goes first; the headers are unpacked. */
bool kgr_packages_unpack(const struct kgr_packages *p, const char *dir, const char *source,
			 guint jobs, GError **error)
{
	g_autoptr(GArray) runs = kgr_subprocesses_new(KGR_PACKAGE_SOURCE + p->part_files->len);
	g_autoptr(GPtrArray) files = g_ptr_array_new();
	struct unpacking u = { runs, files };
	g_autofree char *outer = kgr_package_dir(dir, KGR_PACKAGE_SOURCE);
	g_autofree char *image = kgr_package_dir(dir, KGR_PACKAGE_IMAGE);
	g_autofree char *base = g_strconcat(p->names[KGR_PACKAGE_SOURCE], ".tar.xz", NULL);
	g_autofree char *archive = g_build_filename(outer, "usr", "src", base, NULL);
	guint i;

	if (!check_room(p, dir, error) ||
	    !kgr_deb_unpack(p->files[KGR_PACKAGE_SOURCE], outer, error))
		return false;
	kgr_subprocess_add(add_run(&u, p->files[KGR_PACKAGE_SOURCE]), "tar", "-xf", archive, "-C",
			   source, "--strip-components=1", NULL);
	for (i = KGR_PACKAGE_HEADERS + 1; i < KGR_PACKAGE_SOURCE; i++) {
		g_autofree char *to = kgr_package_dir(dir, i);

		kgr_deb_unpack_add(add_run(&u, p->files[i]), p->files[i], to);
	}
	for (i = 0; i < p->part_files->len; i++) {
		const char *file = p->part_files->pdata[i];

		kgr_deb_unpack_add(add_run(&u, file), file, image);
	}
	return kgr_deb_run(runs, (const char *const *)files->pdata, dir, jobs, error) &&
	       kgr_image_rearrange(image, p->release, error);
}
