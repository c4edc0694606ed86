// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <glib.h>

#include "lib/progress.h"

#define MAX_STEPS 32

struct moment {
	double wall, cpu;
};

static struct {
	const char *what;
	struct moment start;
} steps[MAX_STEPS];
static int count;

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct moment now(void)
{
	struct rusage own, children;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (struct moment){ (double)t.tv_sec + (double)t.tv_nsec / 1e9,
				seconds(own.ru_utime) + seconds(own.ru_stime) +
					seconds(children.ru_utime) + seconds(children.ru_stime) };
}

void kgr_progress_step(const char *what)
{
	if (count < MAX_STEPS) {
		steps[count].what = what;
		steps[count++].start = now();
	}
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r\033[K");
		if (what)
			fprintf(stderr, "%s: %s ...", g_get_prgname(), what);
		fflush(stderr);
	}
}

void kgr_progress_update(unsigned int done, unsigned int all)
{
	if (count && isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r\033[K%s: %s ... %u of %u", g_get_prgname(),
			steps[count - 1].what, done, all);
		fflush(stderr);
	}
}

void kgr_progress_print_times(FILE *out)
{
	int i;

	fprintf(out, "%-12s %8s %8s\n", "step", "wall s", "cpu s");
	for (i = 0; i + 1 < count; i++) {
		if (steps[i].what)
			fprintf(out, "%-12s %8.3f %8.3f\n", steps[i].what,
				steps[i + 1].start.wall - steps[i].start.wall,
				steps[i + 1].start.cpu - steps[i].start.cpu);
	}
	if (count > 1)
		fprintf(out, "%-12s %8.3f %8.3f\n", "total",
			steps[count - 1].start.wall - steps[0].start.wall,
			steps[count - 1].start.cpu - steps[0].start.cpu);
}
