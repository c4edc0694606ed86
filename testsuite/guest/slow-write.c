// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * slow-write FILE TEXT GO: write(2) whose buffer is not there yet: the kernel sleeps in a page fault in the
 * middle of the call, until a file GO appears. Says "asleep" when it does, then what write() returned.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

static char *buffer, *go;
static char content[PAGE] __attribute__((aligned(PAGE)));
static int uffd;

static int broken(const char *what)
{
	perror(what);
	exit(2);
}

static void *provide(void *unused)
{
	struct uffdio_copy copy = { .dst = (unsigned long)buffer,
				    .src = (unsigned long)content,
				    .len = PAGE };
	struct uffd_msg msg;

	if (read(uffd, &msg, sizeof(msg)) != sizeof(msg))
		broken("userfaultfd");
	puts("asleep");
	fflush(stdout);
	while (access(go, F_OK))
		usleep(1000);
	if (ioctl(uffd, UFFDIO_COPY, &copy))
		broken("UFFDIO_COPY");
	return unused;
}

int main(int argc, char **argv)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register all = { .range.len = PAGE, .mode = UFFDIO_REGISTER_MODE_MISSING };
	pthread_t thread;
	int fd;

	if (argc != 4)
		return 2;
	go = argv[3];
	strncpy(content, argv[2], PAGE - 1);
	fd = open(argv[1], O_WRONLY);
	uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	buffer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	all.range.start = (unsigned long)buffer;
	if (fd < 0 || uffd < 0 || buffer == MAP_FAILED || ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &all))
		broken(argv[1]);
	if (pthread_create(&thread, NULL, provide, NULL))
		return 2;
	printf("wrote %zd\n", write(fd, buffer, strlen(argv[2])));
	return 0;
}
