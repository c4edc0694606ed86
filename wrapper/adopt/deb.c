// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads and unpacks Debian packages by dpkg-deb, whose words become part of the error where it
 * fails. On a full disk it and the programs that it runs fail with various words. So the free space
 * is looked at:
 *
 *	before	kgr_check_room(): are as many MB free as the caller needs?
 *	after	a program has failed, and less than 16 MB are free: the error says that the disk is
 *		full
 */
#include <sys/statvfs.h>

#include "adopt/deb.h"
#include "lib/error.h"

#define FULL_MB 16 /* less is free only where something has filled it */

char *kgr_deb_field(const char *file, const char *name, GError **error)
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

static bool room_in(const char *dir, guint64 *mb)
{
	struct statvfs fs;

	if (statvfs(dir, &fs))
		return false;
	*mb = ((guint64)fs.f_bavail * fs.f_frsize) >> 20;
	return true;
}

bool kgr_check_room(const char *dir, guint64 needed, const char *what_for, GError **error)
{
	guint64 mb;

	return !room_in(dir, &mb) || mb >= needed ||
	       kgr_fail(error, KGR_TROUBLE,
			"%s: %" G_GUINT64_FORMAT
			" MB are free there, and it takes %" G_GUINT64_FORMAT
			" %s; make room, or choose another place with -o",
			dir, mb, needed, what_for);
}

static bool fail(const struct kgr_subprocess *run, const char *file, const char *dir,
		 GError **error)
{
	const char *program = run->argv->pdata[0];
	guint64 mb;

	if (room_in(dir, &mb) && mb < FULL_MB)
		return kgr_fail(error, KGR_TROUBLE,
				"%s cannot be unpacked: %" G_GUINT64_FORMAT
				" MB are left in %s; make "
				"room, or choose another place with -o. %s says:\n%s",
				file, mb, dir, program, g_strstrip(run->output));
	return kgr_fail(
		error, KGR_TROUBLE,
		"%s cannot be unpacked; if it is cut short or damaged, get it again. %s says:"
		"\n%s",
		file, program, g_strstrip(run->output));
}

bool kgr_deb_run(const GArray *runs, const char *const *files, const char *dir, guint jobs,
		 GError **error)
{
	guint i;

	if (!kgr_subprocesses_run(runs, jobs, error))
		return false;
	for (i = 0; i < runs->len; i++) {
		const struct kgr_subprocess *run = kgr_subprocess_at(runs, i);

		if (run->status)
			return fail(run, files[i], dir, error);
	}
	return true;
}

void kgr_deb_unpack_add(struct kgr_subprocess *run, const char *file, const char *to)
{
	kgr_subprocess_add(run, "dpkg-deb", "-x", file, to, NULL);
}

bool kgr_deb_unpack(const char *file, const char *to, GError **error)
{
	g_autoptr(GArray) run = kgr_subprocesses_new(1);
	g_autofree char *dir = g_path_get_dirname(to);

	kgr_deb_unpack_add(kgr_subprocess_at(run, 0), file, to);
	return kgr_deb_run(run, &file, dir, 1, error);
}
