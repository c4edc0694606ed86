/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Debian packages that a kernel is adopted from: which these are, where they come from, and unpacking them. */
#ifndef KGR_PACKAGES_H
#define KGR_PACKAGES_H

#include <stdbool.h>
#include <glib.h>

enum kgr_package {
	KGR_PACKAGE_HEADERS, /* configuration, generated headers, Module.symvers */
	KGR_PACKAGE_IMAGE, /* what boots */
	KGR_PACKAGE_DEBUG, /* vmlinux and modules with their DWARF */
	KGR_PACKAGE_KBUILD, /* the tools that Kbuild compiled for itself */
	KGR_PACKAGE_SOURCE,
	KGR_PACKAGES
};

struct kgr_packages {
	char *release; /* as uname -r says */
	char *version; /* of the packages, but for kbuild's */
	char *kbuild_version;
	bool later_kbuild; /* may it be later than the others? */
	char *names[KGR_PACKAGES];
	char *files[KGR_PACKAGES]; /* full names */
	GPtrArray *part_files; /* of the image, where it is several packages (image-parts.h) */
};

/* kgr_packages_find() - the packages of a kernel
 * @from: the directory that has them; NULL: from the archive, with apt-get
 * @dir: where those from the archive go
 * @unpacked: the headers are unpacked below it already, as kgr_packages_unpack() does with the others
 *
 * All of one version, but kbuild's as the headers ask for it, of a kernel whose configuration can
 * do, and there is one file of each, or they are refused. NULL with @error set if one is not to be
 * had.
 */
struct kgr_packages *kgr_packages_find(const char *release, const char *from, const char *dir,
				       const char *unpacked, GError **error);

/* kgr_packages_dir() - open the directory that --packages names; NULL with @error set if it is none */
GDir *kgr_packages_dir(const char *from, GError **error);

/* kgr_packages_unpack() - unpack all packages but the headers, which kgr_packages_find() has
 * unpacked
 * @dir: each goes to kgr_package_dir(@dir, package)
 * @source: an existing directory, for the kernel's source out of the archive in its package
 * @jobs: how many programs may run at a time
 *
 * False with @error set, which names the package that cannot be unpacked. What was unpacked stays.
 */
bool kgr_packages_unpack(const struct kgr_packages *packages, const char *dir, const char *source,
			 guint jobs, GError **error);

/* kgr_package_dir() - where kgr_packages_unpack() puts a package's files; g_free() it */
char *kgr_package_dir(const char *dir, enum kgr_package package);

/* kgr_packages_free() - NULL is fine; the files stay */
void kgr_packages_free(struct kgr_packages *packages);

typedef struct kgr_packages kgr_packages;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_packages, kgr_packages_free)

#endif
