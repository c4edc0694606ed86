// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writing a record: the command, the environment and what the plugin found ("facts"), with a hash of every input,
 * as gzip'ed lines (doc/record-format.md) in a temporary file that is renamed. The plugin's "I<tab>kernel/sys.c"
 * becomes "input<tab>0123456789abcdef<tab>kernel/sys.c"; the other facts stay as they are.
 *
 * Without GLib on purpose, and so with strings instead of GErrors: kgr-gcc runs once for every file of a
 * kernel, and loads no library but zlib.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/hash.h"
#include "record/record-write.h"

/* Variables that change what gcc compiles or where it looks (gcc(1), ENVIRONMENT). */
static const char *const relevant_env[] = {
	"CPATH",
	"C_INCLUDE_PATH",
	"COMPILER_PATH",
	"GCC_EXEC_PREFIX",
	"LIBRARY_PATH",
	"LANG",
	"LC_ALL",
	"LC_CTYPE",
	"DEPENDENCIES_OUTPUT",
	"SUNPRO_DEPENDENCIES",
	"SOURCE_DATE_EPOCH",
	"GCC_COMPARE_DEBUG",
};

/* Span by span: a record holds a hundred kilobytes of paths with hardly anything to escape. */
static void put_escaped(FILE *out, const char *s)
{
	for (;;) {
		size_t plain = strcspn(s, "\t\n\\");

		fwrite_unlocked(s, 1, plain, out);
		s += plain;
		if (!*s)
			return;
		putc_unlocked('\\', out);
		putc_unlocked(*s == '\t' ? 't' : *s == '\n' ? 'n' : '\\', out);
		s++;
	}
}

static void put(FILE *out, const char *key, const char *value)
{
	fputs_unlocked(key, out);
	putc_unlocked('\t', out);
	put_escaped(out, value);
	putc_unlocked('\n', out);
}

/* The compiler's full name, so that a replay does not depend on PATH. */
static bool resolve(const char *name, char *full)
{
	char *path, *dir, *save = NULL, candidate[PATH_MAX];
	bool found = false;

	if (strchr(name, '/'))
		return realpath(name, full);
	path = strdup(getenv("PATH") ?: "/usr/bin:/bin");
	if (!path)
		return false;
	for (dir = strtok_r(path, ":", &save); dir && !found; dir = strtok_r(NULL, ":", &save)) {
		if (snprintf(candidate, sizeof(candidate), "%s/%s", dir, name) < PATH_MAX &&
		    !access(candidate, X_OK)) {
			strcpy(full, candidate);
			found = true;
		}
	}
	free(path);
	return found;
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			*to++ = *s == 't' ? '\t' : *s == 'n' ? '\n' : *s;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

/* Other .c files that the unit includes stand in the record's head, so that finding the units of a
 * source file means reading no more than that.
 */
static void put_included_sources(FILE *out, const char *source, const char *facts, size_t size)
{
	const char *line = facts, *end = facts + size, *next;

	for (; line < end; line = next + 1) {
		size_t len;

		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			break;
		len = (size_t)(next - line);
		if (len > 4 && !memcmp(line, "I\t", 2) && !memcmp(next - 2, ".c", 2) &&
		    (len - 2 != strlen(source) || memcmp(line + 2, source, len - 2)))
			fprintf(out, "also\t%.*s\n", (int)len - 2, line + 2);
	}
}

/* "I<tab>path" of the plugin becomes "input<tab>hash<tab>path"; all else is kept as it is. */
static const char *put_facts(FILE *out, char *facts, size_t size)
{
	char *line = facts, *end = facts + size, *next;

	for (; line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			return "the recorder's facts are cut short";
		*next++ = 0;
		if (line[0] == 'I' && line[1] == '\t') {
			uint64_t hash;

			unescape(line + 2);
			if (kgr_hash_file(line + 2, &hash))
				return "an input cannot be read again";
			fprintf(out, "input\t%016" PRIx64 "\t", hash);
			put_escaped(out, line + 2);
			putc_unlocked('\n', out);
		} else {
			fputs_unlocked(line, out);
			putc_unlocked('\n', out);
		}
	}
	return NULL;
}

static const char *write_body(FILE *out, const struct kgr_record_job *job, char *facts, size_t size)
{
	char cwd[PATH_MAX], compiler[PATH_MAX];
	const char *problem;
	uint64_t hash;
	size_t i;
	int a;

	if (!getcwd(cwd, sizeof(cwd)))
		return strerror(errno);
	if (!resolve(job->compiler, compiler))
		return "the compiler is not in PATH";
	if (kgr_hash_file(job->object, &hash))
		return "the object cannot be read";

	fputs_unlocked("kgraft-record\t1\n", out);
	put(out, "dir", cwd);
	put(out, "source", job->source);
	put_included_sources(out, job->source, facts, size);
	put(out, "object", job->object);
	fprintf(out, "object-hash\t%016" PRIx64 "\n", hash);
	put(out, "compiler", compiler);
	for (a = 0; a < job->argc; a++)
		put(out, "arg", job->argv[a]);
	for (i = 0; i < sizeof(relevant_env) / sizeof(*relevant_env); i++) {
		const char *value = getenv(relevant_env[i]);

		if (value) {
			fprintf(out, "env\t%s\t", relevant_env[i]);
			put_escaped(out, value);
			putc_unlocked('\n', out);
		}
	}
	problem = put_facts(out, facts, size);
	if (problem)
		return problem;
	fputs_unlocked("end\n", out);
	return NULL;
}

/* Level 4 is the fastest that keeps the records below a twentieth of the objects. */
static const char *write_compressed(const char *path, const char *text, size_t size)
{
	gzFile out = gzopen(path, "wb4e");
	bool bad;

	if (!out)
		return strerror(errno ? errno : ENOMEM);
	bad = gzfwrite(text, 1, size, out) != size;
	bad |= gzclose(out) != Z_OK;
	return bad ? "it cannot be written (disk full?)" : NULL;
}

static const char *write_record(const struct kgr_record_job *job, const char *temp, char *facts,
				size_t facts_size)
{
	const char *problem;
	size_t size;
	char *text;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return strerror(errno);
	problem = write_body(out, job, facts, facts_size);
	if (fclose(out))
		return problem ?: strerror(errno);
	if (!problem)
		problem = write_compressed(temp, text, size);
	free(text);
	return problem;
}

const char *kgr_record_write(const struct kgr_record_job *job)
{
	char final[PATH_MAX], temp[PATH_MAX + 32];
	const char *slash = strrchr(job->object, '/'), *problem;
	int dirlen = slash ? (int)(slash - job->object) + 1 : 0;
	struct stat st;
	char *facts;

	if (snprintf(final, sizeof(final), "%.*s.%s.kgr", dirlen, job->object,
		     job->object + dirlen) >= (int)sizeof(final))
		return "name too long";
	snprintf(temp, sizeof(temp), "%s.%d.tmp", final, (int)getpid());

	if (fstat(job->facts_fd, &st) || !st.st_size) {
		unlink(final);
		return "the recorder gave no facts; is this the compiler that kgraft was built for?";
	}
	facts = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, job->facts_fd,
		     0);
	if (facts == MAP_FAILED) {
		unlink(final);
		return strerror(errno);
	}
	problem = write_record(job, temp, facts, (size_t)st.st_size);
	if (!problem && rename(temp, final))
		problem = strerror(errno);
	munmap(facts, (size_t)st.st_size);
	if (problem) {
		unlink(temp);
		unlink(final);
	}
	return problem;
}
