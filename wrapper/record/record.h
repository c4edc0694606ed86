/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading records (doc/record-format.md), and the facts that are their second half. */
#ifndef KGR_RECORD_H
#define KGR_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

/* A file that the unit was compiled from. */
struct kgr_input {
	uint64_t hash; /* of its content then, see kgr_hash_file() */
	char *path; /* as the compiler named it, relative to the record's dir */
};

struct kgr_record {
	char *path; /* of the record itself */
	char *dir; /* where the compiler ran */
	char *source, *object; /* as on its command line */
	char *compiler; /* its full name */
	char *gcc; /* its version, as the plugin knows it */
	uint64_t object_hash;
	GPtrArray *args; /* without the compiler */
	GPtrArray *env; /* NAME=VALUE */
	GArray *inputs; /* of struct kgr_input */
	GPtrArray *facts; /* lines F, c, i and O */
};

/* kgr_record_of_command() - a record of a command that kgr-gcc did not see: it can be run again, no more
 * @dir: where it ran
 * @object: what it made
 * @compiler, @args: the command; @args ends with NULL. All is copied.
 *
 * It has no source, inputs, facts or gcc. Never NULL; free it with kgr_record_free().
 */
struct kgr_record *kgr_record_of_command(const char *dir, const char *object, const char *compiler,
					 char *const *args);

/* kgr_record_read() - read one record (kgr_record_free() it); NULL with @error set if it is missing, cut or
 * damaged
 */
struct kgr_record *kgr_record_read(const char *path, GError **error);

/* kgr_record_free() - free a record; NULL is fine */
void kgr_record_free(struct kgr_record *record);

typedef struct kgr_record kgr_record;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_record, kgr_record_free)

/* kgr_record_mentions() - is @file (absolute, canonical) the source of this record's unit, or a .c
 * file that the unit includes?
 *
 * Reads only the record's head, so that asking every record of a kernel stays cheap. The answer is in
 * @found. False for a record whose head cannot be read: kgr_record_read() tells why.
 */
bool kgr_record_mentions(const char *path, const char *file, bool *found);

/* kgr_record_sources() - the source of a record's unit and the .c files that it includes, as the record names them
 *
 * Reads only the head, as kgr_record_mentions() does. Returns an array of char * (g_ptr_array_unref() it); NULL for a
 * record whose head cannot be read.
 */
GPtrArray *kgr_record_sources(const char *path);

/* kgr_record_includes() - is one of @files (absolute, canonical) an input of this record's unit?
 *
 * The answer is in @found. False with @error set for a record that cannot be read: it might be one.
 */
bool kgr_record_includes(const char *path, const GPtrArray *files, bool *found, GError **error);

/* kgr_facts_read() - facts that the plugin wrote to @path, as a record without a command
 *
 * Free it with kgr_record_free(). NULL with @error set if the file is missing or cut short.
 */
struct kgr_record *kgr_facts_read(const char *path, GError **error);

/* kgr_record_hashes_new() - hashes of files that were read, by their names; g_hash_table_unref() it */
GHashTable *kgr_record_hashes_new(void);

/* kgr_record_check_inputs() - are all inputs what they were? The first that is not is named.
 * @hashes: from kgr_record_hashes_new(), so that a file is read once, however many units have it
 *
 * False with @error set, a refusal, if one has changed or cannot be read.
 */
bool kgr_record_check_inputs(const struct kgr_record *record, GHashTable *hashes, GError **error);

/* kgr_record_check_compiler() - was it compiled again by the compiler that the record names?
 * @replay: from kgr_facts_read(), of the compilation now
 *
 * False with @error set, a refusal, if not.
 */
bool kgr_record_check_compiler(const struct kgr_record *record, const struct kgr_record *replay,
			       GError **error);

/* kgr_record_is_module() - was the unit compiled for a loadable module? */
bool kgr_record_is_module(const struct kgr_record *record);

/* kgr_record_fentry() - what the facts say of a function's fentry: "fentry", "no:notrace", ... (g_free() it);
 * NULL if they do not know the function
 * @function: its name in the object
 */
char *kgr_record_fentry(const struct kgr_record *record, const char *function);

#endif
