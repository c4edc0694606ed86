// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "lib/progress.h"

static char *times(const struct kgr_progress *progress)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	kgr_progress_print_times(progress, out);
	fclose(out);
	return text;
}

/* What a step takes is wall time and CPU time apart. */
static void tells_where_time_went(void **state)
{
	struct kgr_progress progress = { 0 };
	double wall = 0, cpu = 1;
	char *text, *line;

	(void)state;
	kgr_progress_step(&progress, "sleeping");
	usleep(60000);
	kgr_progress_step(&progress, "second");
	kgr_progress_update(&progress, 1, 2);
	kgr_progress_step(&progress, NULL);
	text = times(&progress);
	line = strstr(text, "\nsleeping");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "\nsleeping %lf %lf", &wall, &cpu), 2);
	assert_true(wall >= 0.06 && wall < 5);
	assert_true(cpu < wall);
	assert_non_null(strstr(text, "\nsecond"));
	assert_non_null(strstr(text, "\ntotal"));
	free(text);
}

UNIT_MAIN("progress", cmocka_unit_test(tells_where_time_went))
