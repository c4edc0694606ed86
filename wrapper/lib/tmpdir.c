// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A directory for temporary files that is gone when the program is. It goes at exit, and at every signal that
 * can be caught; SIGKILL leaves it behind, and then the next program that asks for one removes it. Which ones
 * may go it knows by a lock: kgraft-temp.XXXXXX/.kgraft-lock is held as long as the owner lives, so one that
 * can be locked is nobody's any more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/tmpdir.h"

#define TEMP_PREFIX "kgraft-temp."
#define LOCK_NAME ".kgraft-lock"

/* Not in a session: a signal handler has to find it. */
static char *temp_dir;
static pid_t owner;

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	if (ftw->level != 1 || strcmp(path + ftw->base, LOCK_NAME) != 0)
		remove(path);
	return 0;
}

/* The lock goes last: what is left if this is cut short still has it, for remove_stale(). */
void kgr_remove_tree(const char *path)
{
	char lock[PATH_MAX];

	nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	snprintf(lock, sizeof(lock), "%s/" LOCK_NAME, path);
	unlink(lock);
	rmdir(path);
}

static void cleanup(void)
{
	if (temp_dir && owner == getpid())
		kgr_remove_tree(temp_dir);
}

static void on_signal(int sig)
{
	/* Not async-signal-safe to the letter, but the process is about to end in any case. */
	cleanup();
	signal(sig, SIG_DFL);
	raise(sig);
}

/*
 * Left by a program that was killed: a directory of ours whose lock nobody holds. One without a
 * lock is left alone, even an empty one: it may be somebody else's.
 */
static void remove_stale(const char *base)
{
	GDir *dir = g_dir_open(base, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path, *lock;
		struct stat st;
		int fd;

		if (!g_str_has_prefix(name, TEMP_PREFIX))
			continue;
		path = g_build_filename(base, name, NULL);
		lock = g_build_filename(path, LOCK_NAME, NULL);
		fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0) {
			if (!fstat(fd, &st) && st.st_uid == geteuid() &&
			    !flock(fd, LOCK_EX | LOCK_NB))
				kgr_remove_tree(path);
			close(fd);
		}
		g_free(path);
		g_free(lock);
	}
	if (dir)
		g_dir_close(dir);
}

char *kgr_temp_dir(GError **error)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	const char *base = g_get_tmp_dir();
	char *fresh, *lock;
	size_t i;
	int fd;

	remove_stale(base);
	temp_dir = g_build_filename(base, TEMP_PREFIX "XXXXXX", NULL);
	if (!g_mkdtemp(temp_dir)) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", base, g_strerror(errno));
		g_clear_pointer(&temp_dir, g_free);
		return NULL;
	}
	owner = getpid();
	atexit(cleanup);
	for (i = 0; i < G_N_ELEMENTS(signals); i++)
		signal(signals[i], on_signal);
	/* Held until the process ends, however it ends; nobody sees it before it is held. */
	fresh = g_build_filename(temp_dir, LOCK_NAME ".new", NULL);
	lock = g_build_filename(temp_dir, LOCK_NAME, NULL);
	fd = open(fresh, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) || rename(fresh, lock)) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", temp_dir, g_strerror(errno));
		fd = -1;
	}
	/* The compiler's own temporary files go with ours, should it be killed. */
	g_setenv("TMPDIR", temp_dir, TRUE);
	g_free(fresh);
	g_free(lock);
	return fd < 0 ? NULL : temp_dir;
}
