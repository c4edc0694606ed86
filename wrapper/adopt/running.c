// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The running kernel says its release by uname(2), and shows its own ELF notes, of which one is the
 * build-id, in /sys.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/utsname.h>

#include "adopt/running.h"
#include "lib/error.h"

#define NOTES "/sys/kernel/notes"

char *kgr_running_release(void)
{
	struct utsname name;

	return g_strdup(uname(&name) ? "" : name.release);
}

static GByteArray *bytes_of(const char *hex)
{
	GByteArray *out = g_byte_array_new();

	for (; hex[0] && hex[1]; hex += 2) {
		guint8 byte =
			(guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));

		g_byte_array_append(out, &byte, 1);
	}
	return out;
}

bool kgr_running_check(const char *build_id, GError **error)
{
	g_autoptr(GByteArray) id = bytes_of(build_id);
	g_autofree char *notes = NULL;
	g_autoptr(GError) cause = NULL;
	gsize size;

	if (!g_file_get_contents(NOTES, &notes, &size, &cause))
		return kgr_fail(error, KGR_TROUBLE,
				"%s; without it the running kernel cannot be told from another "
				"build: give its release instead of --running",
				cause->message);
	return (id->len && memmem(notes, size, id->data, id->len)) ||
	       kgr_fail(
		       error, KGR_REFUSED,
		       "%s: the running kernel is another build than that of the packages, whose "
		       "build-id is %s: boot that kernel, or give packages of the version that uname "
		       "-v names",
		       NOTES, build_id);
}
