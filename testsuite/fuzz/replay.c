// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs a fuzz target without a fuzzer: replay [-n MUTATIONS] FILE...: each file as it is, and that many
 * times with bytes changed, always the same ones. What crashed once is kept among the files.
 */
#include <stdlib.h>
#include <string.h>
#include <glib.h>

#include "input.h"

static void mutate(GRand *rand, guint8 *data, gsize size)
{
	int changes = g_rand_int_range(rand, 1, 8);

	while (changes-- && size) {
		gsize at = (gsize)g_rand_int_range(rand, 0, (gint32)size);

		switch (g_rand_int_range(rand, 0, 3)) {
		case 0:
			data[at] ^= (guint8)(1 << g_rand_int_range(rand, 0, 8));
			break;
		case 1:
			data[at] = (guint8)g_rand_int_range(rand, 0, 256);
			break;
		default:
			memset(data + at, g_rand_boolean(rand) ? 0xff : 0, MIN(size - at, 4));
		}
	}
}

static void run(const char *path, int mutations)
{
	GRand *rand = g_rand_new_with_seed(4711);
	char *data;
	gsize size;

	if (!g_file_get_contents(path, &data, &size, NULL)) {
		g_printerr("replay: cannot read %s\n", path);
		exit(2);
	}
	LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	while (mutations--) {
		guint8 *copy = g_memdup2(data, size);

		mutate(rand, copy, size);
		LLVMFuzzerTestOneInput(copy,
				       g_rand_boolean(rand) ?
					       size :
					       (gsize)g_rand_int_range(rand, 0, (gint32)size + 1));
		g_free(copy);
	}
	g_rand_free(rand);
	g_free(data);
}

int main(int argc, char **argv)
{
	int i = 1, mutations = 0;

	if (argc > 2 && !strcmp(argv[1], "-n")) {
		mutations = atoi(argv[2]);
		i = 3;
	}
	for (; i < argc; i++)
		run(argv[i], mutations);
	return 0;
}
