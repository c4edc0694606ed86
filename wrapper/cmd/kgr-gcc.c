// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-gcc: a compiler that is gcc, and leaves a record beside every object it makes from C.
 *
 * Whatever is not "one C file to one object" is handed to gcc by exec, untouched. For the rest
 * gcc runs with the recorder plugin, which hands its facts back through an inherited memory file;
 * when gcc is done the record is written. What can go wrong with a record never fails a build.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <libiberty/libiberty.h>

#include "record/cc-args.h"
#include "lib/install-path.h"
#include "record/record-write.h"

#define PLUGIN "kgr_plugin.so"

static char **split_words(const char *text, int *count)
{
	char *copy = xstrdup(text), *save, *word;
	char **words = NULL;

	*count = 0;
	for (word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		words = xrealloc(words, (*count + 2) * sizeof(*words));
		words[(*count)++] = word;
		words[*count] = NULL;
	}
	return words;
}

static bool is_ccache(const char *word)
{
	const char *base = strrchr(word, '/');

	return !strcmp(base ? base + 1 : word, "ccache");
}

static void warn(const char *object, const char *what)
{
	fprintf(stderr, "kgr-gcc: warning: %s: no record written: %s\n", object, what);
}

/* Run a program and wait for it; its stdout and stderr go to @output, unless that is -1. */
static int run(char **argv, int output)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old_int, old_quit;
	int status;
	pid_t pid;

	/* Ctrl-C reaches the compiler too; how that ends is how kgr-gcc ends, as in a shell. */
	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	pid = vfork();
	if (pid == 0) {
		sigaction(SIGINT, &old_int, NULL);
		sigaction(SIGQUIT, &old_quit, NULL);
		if (output >= 0) {
			dup2(output, STDOUT_FILENO);
			dup2(output, STDERR_FILENO);
		}
		execvp(argv[0], argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGQUIT, &old_quit, NULL);
	return pid < 0 ? -1 : status;
}

static bool failed(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status);
}

static void print(int fd)
{
	char buffer[4096];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)n, stderr);
}

/*
 * A compilation that failed without any facts may have failed for the plugin, which a compiler of another
 * version or target refuses. One that passes without the plugin counts, and leaves no record; if it fails
 * again, the first one's messages stand.
 */
static int run_again_without(char **command, int plugin_args_at, int status)
{
	int output = memfd_create("kgr-output", MFD_CLOEXEC), again;

	if (output < 0)
		return status;
	command[plugin_args_at] = NULL;
	again = run(command, output);
	if (again >= 0 && !failed(again)) {
		print(output);
		status = again;
	}
	close(output);
	return status;
}

static bool is_empty(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !st.st_size;
}

static int finish(int status)
{
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *cc = getenv("KGR_CC"), *on = getenv("KGR_RECORD");
	int words, facts, status, expanded = argc, n = 0, i;
	char plugin[4096], plugin_arg[4200], facts_arg[64];
	char **compiler, **command, **args;
	struct kgr_cc_args want;

	compiler = split_words(cc && *cc ? cc : "gcc", &words);
	if (!words) {
		fprintf(stderr, "kgr-gcc: KGR_CC names no compiler\n");
		return 127;
	}

	/* Files of arguments (@FILE) are read to learn what is compiled; gcc gets the arguments as they came. */
	args = dupargv(argv);
	expandargv(&expanded, &args);
	kgr_cc_args_scan(expanded, args, &want);

	command = xmalloc((words + argc + 3) * sizeof(*command));
	for (i = 0; i < words; i++)
		command[n++] = compiler[i];
	for (i = 1; i < argc; i++)
		command[n++] = argv[i];
	command[n] = NULL;

	if (!want.records || (on && !strcmp(on, "0"))) {
		execvp(command[0], command);
		fprintf(stderr, "kgr-gcc: cannot run %s: %s\n", command[0], strerror(errno));
		return 127;
	}

	facts = -1;
	if (kgr_install_path(plugin, sizeof(plugin), "libexec", PLUGIN)) {
		warn(want.object, "the recorder " PLUGIN " is not installed");
	} else {
		facts = memfd_create("kgr-facts", 0);
		if (facts < 0)
			warn(want.object, strerror(errno));
	}
	if (facts >= 0) {
		snprintf(plugin_arg, sizeof(plugin_arg), "-fplugin=%s", plugin);
		snprintf(facts_arg, sizeof(facts_arg),
			 "-fplugin-arg-kgr_plugin-facts=/proc/self/fd/%d", facts);
		command[n++] = plugin_arg;
		command[n++] = facts_arg;
		command[n] = NULL;
		/* A cached object comes without facts, so a recorded compile is always a real one. */
		if (is_ccache(command[0]))
			setenv("CCACHE_DISABLE", "1", 1);
	}

	status = run(command, -1);
	if (facts >= 0 && status >= 0 && failed(status) && WEXITSTATUS(status) != 127 &&
	    is_empty(facts))
		status = run_again_without(command, n - 2, status);
	if (status < 0 || (failed(status) && WEXITSTATUS(status) == 127)) {
		fprintf(stderr, "kgr-gcc: cannot run %s\n", command[0]);
		return 127;
	}
	if (facts >= 0 && WIFEXITED(status) && !failed(status)) {
		struct kgr_record_job job = {
			.source = want.source,
			.object = want.object,
			.compiler = compiler[words > 1 && is_ccache(compiler[0]) ? 1 : 0],
			.argc = expanded - 1,
			.argv = args + 1,
			.facts_fd = facts,
		};
		const char *problem = kgr_record_write(&job);

		if (problem)
			warn(want.object, problem);
	}
	return finish(status);
}
