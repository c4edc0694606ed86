// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Running other programs, several at a time. The queue has @parallel slots. Programs start in the order they
 * were given, and any that ends frees its slot for the next: with two slots, jobs of 3, 1, 1 and 1 seconds
 * take 3 seconds, for the short ones follow each other in the second slot while the long one runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/command-log.h"
#include "lib/error.h"
#include "lib/subprocess.h"

struct running {
	pid_t pid; /* 0 once it has ended */
	int output;
};

void kgr_subprocess_add(struct kgr_subprocess *run, ...)
{
	const char *word;
	va_list words;

	if (!run->argv)
		run->argv = g_ptr_array_new_with_free_func(g_free);
	va_start(words, run);
	while ((word = va_arg(words, const char *)))
		g_ptr_array_add(run->argv, g_strdup(word));
	va_end(words);
}

GArray *kgr_subprocesses_new(guint count)
{
	GArray *runs = g_array_new(FALSE, TRUE, sizeof(struct kgr_subprocess));

	g_array_set_clear_func(runs, (GDestroyNotify)kgr_subprocess_clear);
	return g_array_set_size(runs, count);
}

static bool open_files(const struct kgr_subprocess *run, struct kgr_child *child, GError **error)
{
	const char *input = run->input ?: "/dev/null";

	child->output = memfd_create("output", MFD_CLOEXEC);
	if (child->output < 0)
		return kgr_fail(
			error, KGR_TROUBLE,
			"no file for a program's output: %s; make memory free, or raise the limit "
			"of open files (ulimit -n)",
			g_strerror(errno));
	child->input = open(input, O_RDONLY | O_CLOEXEC);
	if (child->input >= 0)
		return true;
	kgr_fail(error, KGR_TROUBLE, "%s: %s; is it there, and may you read it?", input,
		 g_strerror(errno));
	close(child->output);
	return false;
}

static bool start(struct kgr_subprocess *run, struct running *running, GError **error)
{
	struct kgr_child child = { .env = run->env, .cwd = run->cwd };

	if (!open_files(run, &child, error))
		return false;
	g_ptr_array_add(run->argv, NULL);
	kgr_command_log_add(run);
	child.argv = (char *const *)run->argv->pdata;
	running->output = child.output;
	running->pid = kgr_child_start(&child, error);
	close(child.input);
	if (!running->pid)
		close(child.output);
	return running->pid;
}

static void finish(struct kgr_subprocess *run, struct running *running, int status)
{
	off_t size = MAX(lseek(running->output, 0, SEEK_END), 0);

	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	run->output = g_malloc0((gsize)size + 1);
	if (pread(running->output, run->output, (size_t)size, 0) != size)
		run->output[0] = size = 0;
	run->size = (gsize)size;
	close(running->output);
	running->pid = 0;
}

/* The first of our programs to end. What else is a child of this process is none of the queue's. */
static bool wait_for_any(const struct running *all, guint started, guint *ended, int *status,
			 GError **error)
{
	pid_t pid;

	while ((pid = kgr_child_wait(status, error))) {
		for (*ended = 0; *ended < started; ++*ended) {
			if (all[*ended].pid == pid)
				return true;
		}
	}
	return false;
}

bool kgr_subprocess_run_all(struct kgr_subprocess *runs, guint count, guint parallel,
			    GError **error)
{
	g_autofree struct running *all = g_new0(struct running, count + 1);
	guint started = 0, running = 0, ended;
	bool ok = true, given_up = false;
	int status;

	while (running || (ok && !given_up && started < count)) {
		if (ok && !given_up && started < count && running < MAX(parallel, 1)) {
			ok = start(&runs[started], &all[started], error);
			started += ok;
			running += ok;
			continue;
		}
		if (!wait_for_any(all, started, &ended, &status, ok ? error : NULL)) {
			ok = false;
			break;
		}
		finish(&runs[ended], &all[ended], status);
		given_up |= runs[ended].vital && runs[ended].status;
		running--;
	}
	while (started < count)
		runs[started++].status = -1;
	return ok;
}

bool kgr_subprocess_run(struct kgr_subprocess *run, const char *what, GError **error)
{
	bool ok = kgr_subprocess_run_all(run, 1, 1, error);

	if (ok && run->status)
		ok = kgr_fail(error, KGR_TROUBLE, "%s failed:\n%s", what, run->output);
	kgr_subprocess_clear(run);
	return ok;
}

void kgr_subprocess_clear(struct kgr_subprocess *run)
{
	g_clear_pointer(&run->argv, g_ptr_array_unref);
	g_strfreev(run->env);
	g_free(run->cwd);
	g_free(run->input);
	g_free(run->output);
	memset(run, 0, sizeof(*run));
}
