// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading records (doc/record-format.md), and checking that the inputs and the compiler are still what they say.
 * A record is a gzip file of lines "key<tab>value":
 *
 *   kgraft-record	1
 *   dir	/build			the head: dir, source, also; it alone is read to find the units of a file
 *   source	/src/kernel/sys.c
 *   object	kernel/sys.o
 *   ...				the command, the inputs with their hashes, then what the plugin found
 *   end				a record without it was cut short
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "lib/hash.h"
#include "lib/error.h"
#include "record/record.h"

#define HEAD_LINE 8192 /* of the lines that name files */
#define MAX_RECORD (64 << 20) /* unpacked; the largest of a kernel are below one megabyte */

static void clear_input(gpointer data)
{
	g_free(((struct kgr_input *)data)->path);
}

static struct kgr_record *record_new(const char *path)
{
	struct kgr_record *r = g_new0(struct kgr_record, 1);

	r->path = g_strdup(path);
	r->args = g_ptr_array_new_with_free_func(g_free);
	r->env = g_ptr_array_new_with_free_func(g_free);
	r->facts = g_ptr_array_new_with_free_func(g_free);
	r->inputs = g_array_new(FALSE, FALSE, sizeof(struct kgr_input));
	g_array_set_clear_func(r->inputs, clear_input);
	return r;
}

void kgr_record_free(struct kgr_record *r)
{
	if (!r)
		return;
	g_free(r->path);
	g_free(r->dir);
	g_free(r->source);
	g_free(r->object);
	g_free(r->compiler);
	g_free(r->gcc);
	g_ptr_array_unref(r->args);
	g_ptr_array_unref(r->env);
	g_ptr_array_unref(r->facts);
	g_array_unref(r->inputs);
	g_free(r);
}

/* The writer escapes tab, newline and backslash. */
static char *unescaped(const char *s)
{
	GString *out = g_string_new(NULL);

	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			g_string_append_c(out, *s == 't' ? '\t' : *s == 'n' ? '\n' : *s);
		} else {
			g_string_append_c(out, *s);
		}
	}
	return g_string_free(out, FALSE);
}

static bool add_input(struct kgr_record *r, const char *value)
{
	struct kgr_input input;
	char *end;

	input.hash = g_ascii_strtoull(value, &end, 16);
	if (end != value + 16 || *end != '\t')
		return false;
	input.path = unescaped(end + 1);
	g_array_append_val(r->inputs, input);
	return true;
}

/* "NAME<tab>value" */
static bool add_env(struct kgr_record *r, const char *value)
{
	const char *tab = strchr(value, '\t');
	g_autofree char *text = tab ? unescaped(tab + 1) : NULL;

	if (tab)
		g_ptr_array_add(r->env,
				g_strdup_printf("%.*s=%s", (int)(tab - value), value, text));
	return tab;
}

static bool set_once(char **field, const char *value)
{
	bool first = !*field;

	if (first)
		*field = unescaped(value);
	return first;
}

/* One line, "key<tab>value". Returns false for a line that no writer writes. */
static bool add_line(struct kgr_record *r, char *line)
{
	char *value = strchr(line, '\t');

	if (!value)
		return false;
	if (value == line + 1 && strchr("FciO", *line)) {
		g_ptr_array_add(r->facts, g_strdup(line));
		return true;
	}
	*value++ = 0;
	if (!strcmp(line, "dir"))
		return set_once(&r->dir, value);
	if (!strcmp(line, "source"))
		return set_once(&r->source, value);
	if (!strcmp(line, "object"))
		return set_once(&r->object, value);
	if (!strcmp(line, "compiler"))
		return set_once(&r->compiler, value);
	if (!strcmp(line, "env"))
		return add_env(r, value);
	if (!strcmp(line, "G"))
		return set_once(&r->gcc, value);
	if (!strcmp(line, "input"))
		return add_input(r, value);
	if (!strcmp(line, "object-hash"))
		r->object_hash = g_ascii_strtoull(value, NULL, 16);
	else if (!strcmp(line, "arg"))
		g_ptr_array_add(r->args, unescaped(value));
	else
		return !strcmp(line, "also");
	return true;
}

static bool damaged(const char *path, GError **error)
{
	return kgr_fail(
		error, KGR_TROUBLE,
		"%s: the record is damaged or cut short; rebuild its object with CC=kgr-gcc", path);
}

static GString *unpack(const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_sized_new(1 << 17);
	char buf[32768];
	gzFile in;
	bool bad, cut = false;
	int n, problem;

	errno = 0;
	in = gzopen(path, "rbe");
	if (!in) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s; was this object built with CC=kgr-gcc?", path,
			 g_strerror(errno ?: ENOMEM));
		return NULL;
	}
	/* What is cut short some zlibs say only of the read that meets the end. */
	while ((n = gzread(in, buf, sizeof(buf))) > 0 && text->len < MAX_RECORD) {
		g_string_append_len(text, buf, n);
		gzerror(in, &problem);
		cut |= problem != Z_OK;
	}
	/* A record in the clear is none: gzread() passes such a file through. */
	bad = n < 0 || cut || gzdirect(in) || text->len >= MAX_RECORD;
	bad |= gzclose(in) != Z_OK;
	if (bad) {
		damaged(path, error);
		return NULL;
	}
	return g_steal_pointer(&text);
}

/* From the line that says that it is a record to the one that says that it is complete. */
static bool parse(struct kgr_record *r, GString *text)
{
	bool complete = false, started = false;
	char *line = text->str, *end;

	if (memchr(text->str, 0, text->len))
		return false;
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end || complete)
			return false;
		*end = 0;
		if (!started) {
			if (strcmp(line, "kgraft-record\t1") != 0)
				return false;
			started = true;
		} else if (!strcmp(line, "end")) {
			complete = true;
		} else if (!add_line(r, line)) {
			return false;
		}
	}
	return complete;
}

static struct kgr_record *record_of_text(const char *path, GString *text, GError **error)
{
	g_autoptr(kgr_record) r = record_new(path);

	if (!parse(r, text) || !r->dir || !g_path_is_absolute(r->dir) || !r->source || !r->object ||
	    !r->compiler || !r->gcc || !r->inputs->len) {
		damaged(path, error);
		return NULL;
	}
	return g_steal_pointer(&r);
}

struct kgr_record *kgr_record_read(const char *path, GError **error)
{
	g_autoptr(GString) text = unpack(path, error);

	return text ? record_of_text(path, text, error) : NULL;
}

struct kgr_record *kgr_record_of_command(const char *dir, const char *object, const char *compiler,
					 char *const *args)
{
	struct kgr_record *r = record_new(object);
	int i;

	r->dir = g_strdup(dir);
	r->object = g_strdup(object);
	r->compiler = g_strdup(compiler);
	for (i = 0; args[i]; i++)
		g_ptr_array_add(r->args, g_strdup(args[i]));
	return r;
}

/* As the plugin writes them, without a first and a last line. Inputs have no hash: kgr-gcc adds that to a record. */
static bool parse_facts(struct kgr_record *r, char *text)
{
	char *line, *end;

	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			return false;
		*end = 0;
		if (line[0] == 'I') {
			struct kgr_input input = { 0, unescaped(line + 2) };

			g_array_append_val(r->inputs, input);
		} else if (!add_line(r, line)) {
			return false;
		}
	}
	return r->gcc;
}

struct kgr_record *kgr_facts_read(const char *path, GError **error)
{
	g_autoptr(kgr_record) r = record_new(path);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, error))
		return NULL;
	if (!parse_facts(r, text)) {
		kgr_fail(error, KGR_TROUBLE,
			 "%s: what the recorder wrote is cut short; is the disk full, or kgraft "
			 "built for another compiler?",
			 path);
		return NULL;
	}
	return g_steal_pointer(&r);
}

/* Is @name, relative to @dir, the file? Links in it are followed. */
static bool names_file(const char *dir, const char *name, const char *file)
{
	g_autofree char *joined = g_canonicalize_filename(name, dir), *real = NULL;

	if (!strcmp(joined, file))
		return true;
	real = realpath(joined, NULL);
	return real && !strcmp(real, file);
}

/*
 * What the record's first lines name, "source" and "also" behind "dir"; anything else ends them. False if
 * they do not end, or have not what every head has.
 */
static bool search_head(gzFile in, const char *base, const char *file, bool *found)
{
	g_autofree char *dir = NULL;
	char line[HEAD_LINE], *value;
	bool source = false;

	while (!*found && gzgets(in, line, sizeof(line))) {
		g_autofree char *name = NULL;

		line[strcspn(line, "\n")] = 0;
		value = strchr(line, '\t');
		if (!value)
			return false;
		*value++ = 0;
		name = unescaped(value);
		if (!strcmp(line, "dir")) {
			g_free(dir);
			dir = g_steal_pointer(&name);
		} else if (!strcmp(line, "source") || !strcmp(line, "also")) {
			source = true;
			*found = dir && g_path_is_absolute(dir) && g_str_has_suffix(name, base) &&
				 names_file(dir, name, file);
		} else if (strcmp(line, "kgraft-record") != 0) {
			return dir && source;
		}
	}
	return *found;
}

bool kgr_record_mentions(const char *path, const char *file, bool *found)
{
	g_autofree char *base = g_path_get_basename(file);
	gzFile in = gzopen(path, "rbe");
	bool ok;

	*found = false;
	if (!in)
		return false;
	/* Every record of a kernel is asked this: no more than its beginning is read and inflated. */
	gzbuffer(in, 512);
	ok = search_head(in, base, file, found);
	gzclose(in);
	return ok;
}

/* As search_head(), which stops where it has found one. */
static bool list_head(gzFile in, GPtrArray *sources)
{
	char line[HEAD_LINE], *value;

	while (gzgets(in, line, sizeof(line))) {
		line[strcspn(line, "\n")] = 0;
		value = strchr(line, '\t');
		if (!value)
			return false;
		*value++ = 0;
		if (!strcmp(line, "source") || !strcmp(line, "also"))
			g_ptr_array_add(sources, unescaped(value));
		else if (strcmp(line, "kgraft-record") != 0 && strcmp(line, "dir") != 0)
			return sources->len;
	}
	return false;
}

GPtrArray *kgr_record_sources(const char *path)
{
	g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(g_free);
	gzFile in = gzopen(path, "rbe");
	bool ok;

	if (!in)
		return NULL;
	gzbuffer(in, 512);
	ok = list_head(in, sources);
	gzclose(in);
	return ok ? g_steal_pointer(&sources) : NULL;
}

/* Few records get further than this. */
static bool names_one_of(const GString *text, const GPtrArray *files)
{
	guint f;

	for (f = 0; f < files->len; f++) {
		g_autofree char *base = g_path_get_basename(files->pdata[f]);
		g_autofree char *line_end = g_strconcat("/", base, "\n", NULL);

		if (strstr(text->str, line_end))
			return true;
	}
	return false;
}

bool kgr_record_includes(const char *path, const GPtrArray *files, bool *found, GError **error)
{
	g_autoptr(GString) text = unpack(path, error);
	g_autoptr(kgr_record) r = NULL;
	guint f, i;

	*found = false;
	if (!text || !names_one_of(text, files))
		return text;
	r = record_of_text(path, text, error);
	for (i = 0; r && !*found && i < r->inputs->len; i++) {
		const char *input = g_array_index(r->inputs, struct kgr_input, i).path;
		const char *slash = strrchr(input, '/');

		for (f = 0; !*found && f < files->len; f++)
			*found = g_str_has_suffix(files->pdata[f], slash ?: input) &&
				 names_file(r->dir, input, files->pdata[f]);
	}
	return r;
}

GHashTable *kgr_record_hashes_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* Many units share their headers: each file is read once. False with errno set if it cannot be. */
static bool hash_once(GHashTable *known, const char *path, uint64_t *hash)
{
	const uint64_t *have = g_hash_table_lookup(known, path);

	if (have)
		*hash = *have;
	else if (kgr_hash_file(path, hash))
		return false;
	else
		g_hash_table_insert(known, g_strdup(path), g_memdup2(hash, sizeof(*hash)));
	return true;
}

bool kgr_record_check_inputs(const struct kgr_record *r, GHashTable *hashes, GError **error)
{
	guint i;

	for (i = 0; i < r->inputs->len; i++) {
		const struct kgr_input *in = &g_array_index(r->inputs, struct kgr_input, i);
		g_autofree char *full = g_canonicalize_filename(in->path, r->dir);
		uint64_t now;

		if (!hash_once(hashes, full, &now))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: %s; %s was built from it: restore it, or rebuild the kernel "
				"and boot that",
				full, g_strerror(errno), r->object);
		if (now != in->hash)
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: changed since %s was built; restore it, or rebuild the kernel "
				"and boot that",
				full, r->object);
	}
	return true;
}

bool kgr_record_check_compiler(const struct kgr_record *record, const struct kgr_record *replay,
			       GError **error)
{
	return !strcmp(record->gcc, replay->gcc) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s: built with GCC %s, %s is GCC %s now; install the compiler the "
			"kernel was built with",
			record->object, record->gcc, record->compiler, replay->gcc);
}

bool kgr_record_is_module(const struct kgr_record *record)
{
	guint i;

	for (i = 0; i < record->args->len; i++) {
		if (!strcmp(record->args->pdata[i], "-DMODULE"))
			return true;
	}
	return false;
}

char *kgr_record_fentry(const struct kgr_record *record, const char *function)
{
	guint i;

	for (i = 0; i < record->facts->len; i++) {
		const char *fact = record->facts->pdata[i];
		g_auto(GStrv) f = *fact == 'F' ? g_strsplit(fact, "\t", -1) : NULL;

		if (f && g_strv_length(f) >= 9 && !strcmp(f[1], function))
			return g_strdup(f[7]);
	}
	return NULL;
}
