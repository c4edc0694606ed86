// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Load a patch with its first, second, third... allocation failing, until all go well: fail-nth FILE
 * PATCH. Where loading can do without the one that failed, the patch is taken out again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Opened before, since opening allocates, too. */
static int nth;

static int access_nth(const char *set)
{
	char text[16] = {};
	ssize_t n = set ? pwrite(nth, set, strlen(set), 0) : pread(nth, text, sizeof(text) - 1, 0);

	if (n < 0) {
		perror("fail-nth");
		exit(1);
	}
	return atoi(text);
}

static void take_out(const char *patch)
{
	char command[256];

	snprintf(command, sizeof(command), "kgr unload --timeout 30 %s >/dev/null", patch);
	if (system(command)) {
		printf("%s does not go away\n", patch);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int module = argc == 3 ? open(argv[1], O_RDONLY) : -1, failed = 0, done_without = 0;
	char text[16];
	int n, left, err;
	long ret;

	nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (module < 0 || nth < 0)
		return 1;
	for (n = 1; n < 20000; n += 1 + n / 12) {
		snprintf(text, sizeof(text), "%d", n);
		access_nth(text);
		ret = syscall(SYS_finit_module, module, "stragglers=stack", 0);
		err = errno;
		left = access_nth(NULL);
		access_nth("0");
		if (ret && err == EEXIST)
			return 1;
		if (ret) {
			failed++;
		} else {
			take_out(argv[2]);
			if (left)
				break;
			done_without++;
		}
	}
	printf("of %d allocations, tried: %d, failed to load: %d\n", n, failed + done_without,
	       failed);
	return failed < 3;
}
