// SPDX-License-Identifier: GPL-3.0-or-later
/* Load a module with its first, second, third... allocation failing, until it loads: fail-nth FILE */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail_at(int n)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);
	char text[16];
	ssize_t len;

	if (fd < 0) {
		perror("fail-nth");
		return -1;
	}
	len = snprintf(text, sizeof(text), "%d", n);
	len = write(fd, text, (size_t)len) == len ? 0 : -1;
	close(fd);
	return (int)len;
}

int main(int argc, char **argv)
{
	int module = open(argv[argc - 1], O_RDONLY), n, failed = 0;

	for (n = 1; n < 5000; n++) {
		if (fail_at(n))
			return 1;
		if (!syscall(SYS_finit_module, module, "", 0)) {
			fail_at(0);
			printf("allocations that failed loading: %d of %d\n", failed, n - 1);
			return failed < 20;
		}
		failed++;
		if (errno != ENOMEM) {
			fail_at(0);
			printf("allocation %d: %s\n", n, strerror(errno));
			if (errno == EEXIST)
				return 1;
		}
	}
	return 1;
}
