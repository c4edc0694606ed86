// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Starting programs, and ending them with all that they have started: a compiler's driver runs the
 * compiler proper, make runs shells, and any of them may be writing into a directory that is to be
 * removed.
 *
 *   kgr-build                      subreaper: what loses its parent becomes its child
 *     make       group 100         kill(-100) reaches all three, waitpid(-100) waits for all three
 *       gcc      group 100
 *         cc1    group 100
 *
 * Each is the first of a process group, which its number names until it is waited for. So the list
 * of groups changes with signals blocked: a handler finds in it all that run, and none that is
 * gone, whose number may be another's by now.
 *
 * vfork() copies no page tables, which for a process of some hundred megabytes take longer than most programs run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/error.h"

/* Not in a session: a signal handler has to find it. */
static pid_t *groups;
static size_t ngroups;

struct failure {
	int cause; /* of errno; 0: none */
	bool in_cwd;
};

static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, before);
}

/* In the child, which has its parent's memory until execve(): nothing but @failure may change in it. */
static void become(const struct kgr_child *c, const sigset_t *mask,
		   volatile struct failure *failure)
{
	setpgid(0, 0);
	/* A build that is killed must not leave compilers behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	failure->in_cwd = c->cwd && chdir(c->cwd);
	if (!failure->in_cwd && dup2(c->input, STDIN_FILENO) >= 0 &&
	    dup2(c->output, STDOUT_FILENO) >= 0 && dup2(c->output, STDERR_FILENO) >= 0) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvpe(c->argv[0], c->argv, c->env ?: environ);
	}
	failure->cause = errno;
	_exit(127);
}

static pid_t spawn(const struct kgr_child *c, const sigset_t *mask,
		   volatile struct failure *failure)
{
	pid_t pid = vfork();

	if (!pid)
		become(c, mask, failure);
	if (pid < 0)
		failure->cause = errno;
	return pid;
}

static bool fail_to_start(const struct kgr_child *c, const struct failure *failure, GError **error)
{
	return kgr_fail(error, KGR_TROUBLE, "%s cannot be run: %s%s%s%s", c->argv[0],
			failure->in_cwd ? c->cwd : "", failure->in_cwd ? ": " : "",
			g_strerror(failure->cause),
			failure->cause == ENOENT && !failure->in_cwd ?
				"; is it installed, and in PATH?" :
				"");
}

pid_t kgr_child_start(const struct kgr_child *child, GError **error)
{
	struct failure failure = { 0 };
	sigset_t before;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	block_signals(&before);
	groups = g_renew(pid_t, groups, ngroups + 1);
	pid = spawn(child, &before, &failure);
	if (!failure.cause)
		groups[ngroups++] = pid;
	else if (pid > 0)
		waitpid(pid, NULL, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!failure.cause)
		return pid;
	fail_to_start(child, &failure, error);
	return 0;
}

static void forget(pid_t pid)
{
	size_t i;

	for (i = 0; i < ngroups; i++) {
		if (groups[i] == pid)
			groups[i--] = groups[--ngroups];
	}
}

pid_t kgr_child_wait(int *status, GError **error)
{
	siginfo_t ended;
	sigset_t before;
	pid_t pid;

	while (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT)) {
		if (errno == EINTR)
			continue;
		kgr_fail(error, KGR_TROUBLE, "waiting for a program: %s; start again",
			 g_strerror(errno));
		return 0;
	}
	block_signals(&before);
	pid = waitpid(ended.si_pid, status, 0);
	forget(pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

void kgr_children_kill(void)
{
	size_t i;

	for (i = 0; i < ngroups; i++)
		kill(-groups[i], SIGKILL);
	for (i = 0; i < ngroups; i++) {
		while (waitpid(-groups[i], NULL, 0) > 0 || errno == EINTR)
			;
	}
	ngroups = 0;
}
