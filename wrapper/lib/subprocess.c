// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Running other programs, several at a time. The queue has @parallel slots. Programs start in the order they
 * were given, and any that ends frees its slot for the next: with two slots, jobs of 3, 1, 1 and 1 seconds
 * take 3 seconds, for the short ones follow each other in the second slot while the long one runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/command-log.h"
#include "lib/error.h"
#include "lib/subprocess.h"

struct child {
	GPid pid; /* 0 once it has ended */
	FILE *output;
};

struct files {
	FILE *output;
	int input; /* -1: /dev/null */
};

/* In the child: a build that is killed must not leave compilers behind. */
static void die_with_parent(gpointer data)
{
	const struct files *files = data;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (files->input >= 0)
		dup2(files->input, STDIN_FILENO);
	dup2(fileno(files->output), STDOUT_FILENO);
	dup2(fileno(files->output), STDERR_FILENO);
}

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

static bool start(struct kgr_subprocess *run, struct child *child, GError **error)
{
	struct files files = { .input = -1 };
	g_autoptr(GError) cause = NULL;
	bool ok;

	files.output = child->output = tmpfile();
	if (!child->output)
		return kgr_fail(
			error, KGR_TROUBLE,
			"a program's output needs a file in /tmp, and none can be made: %s; "
			"make room there",
			g_strerror(errno));
	if (run->input) {
		files.input = open(run->input, O_RDONLY | O_CLOEXEC);
		if (files.input < 0)
			return kgr_fail(error, KGR_TROUBLE, "%s: %s", run->input,
					g_strerror(errno));
	}
	g_ptr_array_add(run->argv, NULL);
	kgr_command_log_add(run);
	ok = g_spawn_async(run->cwd, (char **)run->argv->pdata, run->env,
			   G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, die_with_parent, &files,
			   &child->pid, &cause);
	if (files.input >= 0)
		close(files.input);
	return ok || kgr_fail(error, KGR_TROUBLE, "%s%s", cause->message,
			      g_error_matches(cause, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT) ?
				      "; is it installed, and in PATH?" :
				      "");
}

static void finish(struct kgr_subprocess *run, struct child *child, int status)
{
	long size;

	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fseek(child->output, 0, SEEK_END);
	size = MAX(ftell(child->output), 0);
	rewind(child->output);
	run->output = g_malloc0((gsize)size + 1);
	if (fread(run->output, 1, (size_t)size, child->output) != (size_t)size)
		run->output[0] = size = 0;
	run->size = (gsize)size;
	fclose(child->output);
	child->pid = 0;
}

/* The first of our programs to end. What else is a child of this process is none of the queue's. */
static bool wait_for_any(const struct child *children, guint started, guint *ended, int *status,
			 GError **error)
{
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, status, 0);
		if (pid < 0 && errno != EINTR)
			return kgr_fail(error, KGR_TROUBLE, "waiting for a program: %s",
					g_strerror(errno));
		for (*ended = 0; pid > 0 && *ended < started; ++*ended) {
			if (children[*ended].pid == pid)
				return true;
		}
	}
}

bool kgr_subprocess_run_all(struct kgr_subprocess *runs, guint count, guint parallel,
			    GError **error)
{
	g_autofree struct child *children = g_new0(struct child, count + 1);
	guint started = 0, running = 0, ended;
	bool ok = true, given_up = false;
	int status;

	while (running || (ok && !given_up && started < count)) {
		if (ok && !given_up && started < count && running < MAX(parallel, 1)) {
			ok = start(&runs[started], &children[started], error);
			if (ok) {
				started++;
				running++;
			} else if (children[started].output) {
				fclose(children[started].output);
			}
			continue;
		}
		if (!wait_for_any(children, started, &ended, &status, ok ? error : NULL)) {
			ok = false;
			break;
		}
		finish(&runs[ended], &children[ended], status);
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
