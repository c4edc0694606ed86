// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A compiler cache in front of kgr-gcc puts objects there that were compiled before, without
 * running it. The record of an earlier compilation stays then:
 *
 *   make CC="ccache kgr-gcc"              foo.o   .foo.o.kgr
 *   make CC="ccache kgr-gcc" KCFLAGS=-O3  foo.o   .foo.o.kgr is that of before, if the cache has this foo.o
 *
 * A record has the hash of its object. Where objtool has changed the object since, the hash says
 * nothing, and the options are compared with those that Kbuild says it used. (That inputs are what
 * they were is checked elsewhere.)
 */
#include <errno.h>
#include <string.h>

#include "lib/error.h"
#include "lib/hash.h"
#include "units/record-fits.h"

/* What decides about code. A cache adds options of other kinds, and -fdiagnostics. */
static bool counts(const char *option)
{
	static const char *const kinds[] = { "-D", "-U", "-O", "-f", "-m", "-std=" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (g_str_has_prefix(option, kinds[i]))
			return !g_str_has_prefix(option, "-fdiagnostics");
	}
	return false;
}

static GHashTable *options_of(char *const *words, guint count)
{
	GHashTable *options = g_hash_table_new(g_str_hash, g_str_equal);
	guint i;

	for (i = 0; i < count; i++) {
		if (counts(words[i]))
			g_hash_table_add(options, words[i]);
	}
	return options;
}

static const char *only_in(GHashTable *a, GHashTable *b)
{
	GHashTableIter it;
	gpointer option;

	g_hash_table_iter_init(&it, a);
	while (g_hash_table_iter_next(&it, &option, NULL)) {
		if (!g_hash_table_contains(b, option))
			return option;
	}
	return NULL;
}

/* "cmd_X := COMMAND ; MORE", as make reads it; NULL if that is not what it says. */
static char **words_of(const char *text)
{
	const char *at = strstr(text, " := ");
	g_autoptr(GString) line = NULL;
	char **words;

	if (!at)
		return NULL;
	at += strlen(" := ");
	line = g_string_new_len(at, (gssize)strcspn(at, ";\n"));
	g_string_replace(line, "$(pound)", "#", 0);
	g_string_replace(line, "$$", "$", 0);
	return g_shell_parse_argv(line->str, NULL, &words, NULL) ? words : NULL;
}

static bool check_options(const struct kgr_record *r, const char *object, const char *text,
			  GError **error)
{
	g_auto(GStrv) words = words_of(text);
	g_autoptr(GHashTable) used = NULL, recorded = NULL;
	const char *option;

	if (!words)
		return true;
	used = options_of(words, g_strv_length(words));
	recorded = options_of((char *const *)r->args->pdata, r->args->len);
	option = only_in(used, recorded) ?: only_in(recorded, used);
	return !option ||
	       kgr_fail(
		       error, KGR_REFUSED,
		       "%s is the record of another compilation than that of %s, for only one of "
		       "them has %s: a compiler cache before kgr-gcc leaves such; build the object "
		       "again with CC=kgr-gcc",
		       r->path, object, option);
}

bool kgr_record_check_object(const struct kgr_record *r, const char *object, const char *command,
			     GError **error)
{
	g_autofree char *text = NULL;
	uint64_t hash;

	if (kgr_hash_file(object, &hash))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", object, g_strerror(errno));
	if (hash == r->object_hash)
		return true;
	if (g_file_get_contents(command, &text, NULL, NULL) && strstr(text, "objtool/objtool "))
		return check_options(r, object, text, error);
	return kgr_fail(
		error, KGR_REFUSED,
		"%s is the record of another object than %s: a compiler cache before kgr-gcc "
		"leaves such; build the object again with CC=kgr-gcc",
		r->path, object);
}
