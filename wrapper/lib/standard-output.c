// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Whether all of standard output was written is known when it is closed: at the very end, whatever the program's status
 * would be. Before that, a program whose standard input or output is closed would get its number for the next file that
 * it opens, and write its report there; so such a number is taken by what cannot be written to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/standard-output.h"

static const char *program_name;

static void close_output(void)
{
	int failed = ferror(stdout);

	errno = 0;
	if (!fclose(stdout) && !failed)
		return;
	fprintf(stderr, "%s: standard output does not take all that is to be said%s%s\n",
		program_name, errno ? ": " : "", errno ? strerror(errno) : "");
	_exit(KGR_TROUBLE);
}

void kgr_watch_output(const char *program)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
	}
	program_name = program;
	/* The first to be registered runs last: behind the removal of temporary files. */
	atexit(close_output);
}
