// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the kernel's build read beside the sources of recorded objects, by the .cmd files that Kbuild writes: each has a
 * command, and mostly a list of what that read.
 *
 *   arch/x86/include/generated/asm/.syscalls_64.h.cmd
 *      cmd_... := sh /src/scripts/syscalltbl.sh --abis common,64 /src/arch/x86/entry/syscalls/syscall_64.tbl ...
 *   lib/.gen_crc32table.cmd, a host program
 *      cmd_... := gcc ... -o lib/gen_crc32table /src/lib/gen_crc32table.c
 *
 * All their words that may be files are collected, once, each with the first .cmd file that has it.
 * A file of the source is named if one of them is, or ends in, its name: that may be too many, and
 * is never too few.
 */
#include <string.h>

#include "kernel/build-inputs.h"

/* A word that has been met keeps its place. */
static void add_words(GHashTable *words, const char *command)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) all = NULL;
	guint i;

	if (!g_file_get_contents(command, &text, NULL, NULL))
		return;
	all = g_strsplit_set(text, " \t\n()\"'=,;", -1);
	for (i = 0; all[i]; i++) {
		if (strchr(all[i], '.') && !g_hash_table_contains(words, all[i]))
			g_hash_table_insert(words, g_strdup(all[i]), (void *)command);
	}
}

/* @words: as add_words() makes them; word by word, since many commands have the same */
static GHashTable *canonical(GHashTable *words, const char *build)
{
	GHashTable *inputs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gpointer word, command;
	GHashTableIter it;

	g_hash_table_iter_init(&it, words);
	while (g_hash_table_iter_next(&it, &word, &command))
		g_hash_table_insert(inputs, g_canonicalize_filename(word, build), command);
	return inputs;
}

GHashTable *kgr_command_inputs(const char *command, const char *build)
{
	g_autoptr(GHashTable) words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	add_words(words, command);
	return canonical(words, build);
}

static GHashTable *read_all(const struct kgr_build_index *index, const char *build)
{
	g_autoptr(GHashTable) words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint i;

	for (i = 0; i < index->commands->len; i++) {
		if (!kgr_has_record(index->commands->pdata[i]))
			add_words(words, index->commands->pdata[i]);
	}
	for (i = 0; i < index->other_commands->len; i++)
		add_words(words, index->other_commands->pdata[i]);
	return canonical(words, build);
}

const char *kgr_inputs_find(GHashTable *inputs, const char *file)
{
	g_autofree char *end = g_strconcat("/", file, NULL);
	const char *first = NULL;
	gpointer name, command;
	GHashTableIter it;

	g_hash_table_iter_init(&it, inputs);
	while (g_hash_table_iter_next(&it, &name, &command)) {
		/* The first by name, so that the same is said each time. */
		if (g_str_has_suffix(name, end) && (!first || strcmp(command, first) < 0))
			first = command;
	}
	return first;
}

const char *kgr_build_reads(struct kgr_build_index *index, const char *build, const char *file)
{
	if (!index->inputs)
		index->inputs = read_all(index, build);
	return kgr_inputs_find(index->inputs, file);
}
