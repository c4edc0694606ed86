// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <glib.h>

#include "lib/progress.h"

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct kgr_moment now(void)
{
	struct rusage own, children;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (struct kgr_moment){ (double)t.tv_sec + (double)t.tv_nsec / 1e9,
				    seconds(own.ru_utime) + seconds(own.ru_stime) +
					    seconds(children.ru_utime) +
					    seconds(children.ru_stime) };
}

void kgr_progress_step(struct kgr_progress *p, const char *what)
{
	if (p->count < KGR_MAX_STEPS) {
		p->steps[p->count].what = what;
		p->steps[p->count++].start = now();
	}
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r\033[K");
		if (what)
			fprintf(stderr, "%s: %s ...", g_get_prgname(), what);
		fflush(stderr);
	}
}

void kgr_progress_update(const struct kgr_progress *p, unsigned int done, unsigned int all)
{
	if (p->count && isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r\033[K%s: %s ... %u of %u", g_get_prgname(),
			p->steps[p->count - 1].what, done, all);
		fflush(stderr);
	}
}

void kgr_progress_print_times(const struct kgr_progress *p, FILE *out)
{
	int i;

	fprintf(out, "%-12s %8s %8s\n", "step", "wall s", "cpu s");
	for (i = 0; i + 1 < p->count; i++) {
		if (p->steps[i].what)
			fprintf(out, "%-12s %8.3f %8.3f\n", p->steps[i].what,
				p->steps[i + 1].start.wall - p->steps[i].start.wall,
				p->steps[i + 1].start.cpu - p->steps[i].start.cpu);
	}
	if (p->count > 1)
		fprintf(out, "%-12s %8.3f %8.3f\n", "total",
			p->steps[p->count - 1].start.wall - p->steps[0].start.wall,
			p->steps[p->count - 1].start.cpu - p->steps[0].start.cpu);
}
