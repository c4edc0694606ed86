// SPDX-License-Identifier: GPL-3.0-or-later
/* ask-umask: what umask(022) returns to a process that has that already. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	long result;

	syscall(SYS_umask, 022);
	result = syscall(SYS_umask, 022);
	printf("%ld\n", result < 0 ? -errno : result);
	return 0;
}
