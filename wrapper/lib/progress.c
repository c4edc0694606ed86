// SPDX-License-Identifier: GPL-3.0-or-later
/* Adds up, by its name, the time of each step, and shows the one at hand. */
#include <string.h>
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

static void end_step(struct kgr_progress *p, struct kgr_moment at)
{
	if (!p->at)
		return;
	p->steps[p->at - 1].spent.wall += at.wall - p->since.wall;
	p->steps[p->at - 1].spent.cpu += at.cpu - p->since.cpu;
}

/* What there are too many of counts for the last. */
static int number_of(struct kgr_progress *p, const char *what)
{
	int i;

	for (i = 0; i < p->count; i++) {
		if (!strcmp(p->steps[i].what, what))
			return i + 1;
	}
	if (p->count < KGR_MAX_STEPS)
		p->steps[p->count++].what = what;
	return p->count;
}

void kgr_progress_step(struct kgr_progress *p, const char *what)
{
	struct kgr_moment at = now();

	end_step(p, at);
	p->since = at;
	p->at = what ? number_of(p, what) : 0;
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r\033[K");
		if (what)
			fprintf(stderr, "%s: %s ...", g_get_prgname(), what);
		fflush(stderr);
	}
}

void kgr_progress_update(const struct kgr_progress *p, unsigned int done, unsigned int all)
{
	if (p->at && isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r\033[K%s: %s ... %u of %u", g_get_prgname(),
			p->steps[p->at - 1].what, done, all);
		fflush(stderr);
	}
}

void kgr_progress_print_times(const struct kgr_progress *p, FILE *out)
{
	struct kgr_moment total = { 0 };
	struct rusage own;
	int i;

	fprintf(out, "%-12s %8s %8s\n", "step", "wall s", "cpu s");
	for (i = 0; i < p->count; i++) {
		fprintf(out, "%-12s %8.3f %8.3f\n", p->steps[i].what, p->steps[i].spent.wall,
			p->steps[i].spent.cpu);
		total.wall += p->steps[i].spent.wall;
		total.cpu += p->steps[i].spent.cpu;
	}
	if (p->count)
		fprintf(out, "%-12s %8.3f %8.3f\n", "total", total.wall, total.cpu);
	getrusage(RUSAGE_SELF, &own);
	fprintf(out, "%-12s %8ld MB\n", "peak memory", own.ru_maxrss >> 10);
}
