/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which version of linux-kbuild a kernel's headers can do with. */
#ifndef KGR_KBUILD_VERSION_H
#define KGR_KBUILD_VERSION_H

#include <stdbool.h>
#include <glib.h>

struct kgr_kbuild_wanted {
	char *name; /* "linux-kbuild-6.1" */
	char *version; /* that of the headers */
	bool or_later; /* a later one will do */
};

/* kgr_kbuild_wanted() - from the Depends of a package of headers, of @version; false with no error set if it names none */
bool kgr_kbuild_wanted(const char *depends, const char *version, struct kgr_kbuild_wanted *wanted);

/* kgr_kbuild_will_do() - will this version do? */
bool kgr_kbuild_will_do(const struct kgr_kbuild_wanted *wanted, const char *version);

/* kgr_kbuild_in_archive() - the first version that will do of those that apt knows; that of the headers if there is none; g_free() it */
char *kgr_kbuild_in_archive(const struct kgr_kbuild_wanted *wanted);

/* kgr_kbuild_wanted_clear() - free what it has */
void kgr_kbuild_wanted_clear(struct kgr_kbuild_wanted *wanted);

#endif
