// SPDX-License-Identifier: GPL-3.0-or-later
/* sleepers PROCESSES [THREADS]: processes that sleep, the first with that many threads more */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *sleep_long(void *unused)
{
	for (;;)
		sleep(100000);
	return unused;
}

int main(int argc, char **argv)
{
	int processes = argc > 1 ? atoi(argv[1]) : 1, threads = argc > 2 ? atoi(argv[2]) : 0;
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32768);
	while (threads-- > 0)
		pthread_create(&thread, &small, sleep_long, NULL);
	while (--processes > 0) {
		if (!fork())
			break;
	}
	sleep_long(NULL);
	return 0;
}
