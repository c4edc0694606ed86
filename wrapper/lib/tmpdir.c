// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A directory for temporary files that is gone when the program is. It goes at exit, and at every
 * signal that can be caught, when all that may write into it is killed; SIGKILL leaves it behind,
 * and then the next program that asks for one removes it. Which ones may go it knows by a lock: the
 * process that made kgr.XXXXXX holds a lock on the .kgraft-lock in it until it ends. A directory
 * whose lock can be taken belongs to no process any more. The name is short, since UBSAN's names of
 * files fit only where that of the source is as long (kgr_overlay_restore_names()):
 *
 *   kgr.a1/.kgraft-lock   locked: its process runs
 *   kgr.b2/.kgraft-lock   free: its process was killed, so it is removed
 *   kgr.c3                no lock file: not known whose it is, so it stays
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/error.h"
#include "lib/tmpdir.h"

#define TEMP_PREFIX "kgr."
#define LOCK_NAME ".kgraft-lock"

/* Not in a session: a signal handler has to find it. */
static char *temp_dir;
static pid_t owner;

static void remove_below(int dir, dev_t device, const char *but);

static bool remove_entry(int parent, const char *name, dev_t device)
{
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (dir < 0)
		return !unlinkat(parent, name, 0);
	if (!fstat(dir, &st) && st.st_dev == device)
		remove_below(dir, device, NULL);
	close(dir);
	return !unlinkat(parent, name, AT_REMOVEDIR);
}

/*
 * All in a directory, and below it, but one entry. What is read of a directory that is being changed may leave entries
 * out, so it is read again until there is nothing to remove. Without a library's help, which needs memory: a signal may
 * have come while some was being allocated.
 */
static void remove_below(int dir, dev_t device, const char *but)
{
	_Alignas(struct dirent64) char entries[2048];
	bool removed;
	ssize_t size, at;

	do {
		removed = false;
		lseek(dir, 0, SEEK_SET);
		while ((size = getdents64(dir, entries, sizeof(entries))) > 0) {
			for (at = 0; at < size;) {
				const struct dirent64 *e = (const void *)(entries + at);

				at += e->d_reclen;
				if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
				    (!but || strcmp(e->d_name, but)))
					removed |= remove_entry(dir, e->d_name, device);
			}
		}
	} while (removed);
}

/* The lock goes last: if the process is killed meanwhile, remove_stale() still knows the directory by it. */
void kgr_remove_tree(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (dir < 0)
		return;
	if (!fstat(dir, &st))
		remove_below(dir, st.st_dev, LOCK_NAME);
	unlinkat(dir, LOCK_NAME, 0);
	close(dir);
	rmdir(path);
}

static void cleanup(void)
{
	if (!temp_dir || owner != getpid())
		return;
	kgr_children_kill();
	kgr_remove_tree(temp_dir);
}

static void on_signal(int sig)
{
	cleanup();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* nohup(1) */
static bool is_ignored_hangup(int sig)
{
	struct sigaction now;

	return sig == SIGHUP && !sigaction(sig, NULL, &now) && now.sa_handler == SIG_IGN;
}

/* With all of them blocked while one is handled. */
static void handle_signals(const sigset_t *signals)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_mask = *signals };
	int sig;

	for (sig = 1; sig < NSIG; sig++) {
		if (sigismember(signals, sig) == 1 && !is_ignored_hangup(sig))
			sigaction(sig, &action, NULL);
	}
}

/* Directories of programs that were killed: with a lock file of this user's that can be locked. */
static void remove_stale(const char *base)
{
	g_autoptr(GDir) dir = g_dir_open(base, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(base, name, NULL);
		g_autofree char *lock = g_build_filename(path, LOCK_NAME, NULL);
		struct stat st;
		int fd;

		if (!g_str_has_prefix(name, TEMP_PREFIX))
			continue;
		fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		if (!fstat(fd, &st) && st.st_uid == geteuid() && !flock(fd, LOCK_EX | LOCK_NB))
			kgr_remove_tree(path);
		close(fd);
	}
}

/*
 * Locked for as long as the process lives, however it ends: that closes @fd, which is never closed before. It
 * gets its name when it is locked, so that no other process finds it unlocked.
 */
static bool lock_temp_dir(const char *way_out, GError **error)
{
	g_autofree char *fresh = g_build_filename(temp_dir, LOCK_NAME ".new", NULL);
	g_autofree char *lock = g_build_filename(temp_dir, LOCK_NAME, NULL);
	int fd = open(fresh, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	return (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && !rename(fresh, lock)) ||
	       kgr_fail(error, KGR_TROUBLE, "%s: it cannot be locked: %s; %s", temp_dir,
			g_strerror(errno), way_out);
}

static void no_directory(const char *base, const char *way_out, GError **error)
{
	kgr_fail(error, KGR_TROUBLE, "%s: no temporary directory can be made there: %s; %s", base,
		 g_strerror(errno), way_out);
}

/* A name goes through make, shells, and options of the compiler in which ',' and '=' end a word. */
bool kgr_fit_for_kbuild(const char *dir, const char *way_out, GError **error)
{
	const char *at;

	for (at = dir; *at; at++) {
		if (!g_ascii_isalnum(*at) && !strchr("/._+-@", *at) && !(*at & 0x80))
			return kgr_fail(
				error, KGR_TROUBLE,
				"%s: Kbuild cannot work in a directory with '%c' in its name; %s",
				dir, *at, way_out);
	}
	return true;
}

/* Where temporary files go, by its full and real name: programs run in several directories, and names are compared. */
static char *find_base(const char *name, const char *way_out, GError **error)
{
	char *base = realpath(name, NULL);

	if (!base) {
		no_directory(name, way_out, error);
		return NULL;
	}
	if (kgr_fit_for_kbuild(base, way_out, error))
		return base;
	free(base);
	return NULL;
}

/* No signal finds a directory and nobody who removes it. */
static char *make_temp_dir(const char *base)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	char *dir = g_build_filename(base, TEMP_PREFIX "XXXXXX", NULL);
	sigset_t signals, before;
	size_t i;

	sigemptyset(&signals);
	for (i = 0; i < G_N_ELEMENTS(numbers); i++)
		sigaddset(&signals, numbers[i]);
	sigprocmask(SIG_BLOCK, &signals, &before);
	if (g_mkdtemp(dir)) {
		owner = getpid();
		temp_dir = dir;
		atexit(cleanup);
		handle_signals(&signals);
	} else {
		g_clear_pointer(&dir, g_free);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return dir;
}

char *kgr_temp_dir_in(const char *dir, const char *way_out, GError **error)
{
	g_autofree char *base = find_base(dir, way_out, error);

	if (!base)
		return NULL;
	remove_stale(base);
	if (!make_temp_dir(base)) {
		no_directory(base, way_out, error);
		return NULL;
	}
	/* The compiler's own temporary files go with ours, should it be killed. */
	g_setenv("TMPDIR", temp_dir, TRUE);
	return lock_temp_dir(way_out, error) ? temp_dir : NULL;
}

char *kgr_temp_dir(GError **error)
{
	return kgr_temp_dir_in(g_get_tmp_dir(), "set TMPDIR to another one", error);
}
