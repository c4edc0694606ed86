// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * System calls into the test kernel's torture functions (testsuite/kernel/torture), from processes of
 * every habit, until killed: torture SECONDS
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what)
{
	int fd = open("/proc/kgr_torture/run", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, what, strlen(what)) < 0) {
		perror(what);
		exit(1);
	}
	close(fd);
}

static void *calls(void *unused)
{
	static const char *const what[] = { "round", "chain", "pair i 3", "pair k 2",
					    "inside i 1" };
	unsigned int n;

	for (n = 0;; n++)
		say(what[n % 5]);
	return unused;
}

static void on_alarm(int sig)
{
	(void)sig;
	say("chain");
}

/* Signals arrive in the middle of calls, and their handlers call as well. */
static void signalled(void)
{
	const struct itimerval often = { { 0, 7000 }, { 0, 7000 } };
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	calls(NULL);
}

static void threaded(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&thread, NULL, calls, NULL);
	calls(NULL);
}

/* Born, exec'ed and gone again, all the time; killed in the middle of a call, too. */
static void breeding(void)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			say("round");
			execl("/bin/busybox", "true", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
		pid = vfork();
		if (!pid) {
			execl("/bin/busybox", "true", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
		pid = fork();
		if (!pid)
			calls(NULL);
		usleep(2000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* Never in the kernel but for interrupts. */
static void spinning(void)
{
	for (;;)
		;
}

/* A child stopped at entry to and exit from every call. */
static void traced(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		calls(NULL);
	}
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
}

int main(int argc, char **argv)
{
	static void (*const habits[])(void) = { signalled, threaded, breeding, spinning, traced };
	unsigned int i;

	setpgid(0, 0);
	for (i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		if (!fork())
			habits[i]();
	}
	sleep(argc > 1 ? (unsigned int)atoi(argv[1]) : 10);
	kill(0, SIGKILL);
	return 0;
}
