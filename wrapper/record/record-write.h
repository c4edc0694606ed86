/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a record: see doc/record-format.md. */
#ifndef KGR_RECORD_WRITE_H
#define KGR_RECORD_WRITE_H

struct kgr_record_job {
	const char *source; /* as on the command line */
	const char *object; /* as on the command line; the record goes beside it */
	const char *compiler; /* the real compiler, as the user names it */
	int argc; /* its arguments, without the compiler itself */
	char **argv;
	int facts_fd; /* what the plugin wrote */
};

/* kgr_record_write() - write .NAME.o.kgr beside NAME.o, atomically
 *
 * Reads every input once to hash it. Returns NULL, or why there is no record now (a string that
 * need not be freed); an older record of the object is taken away in that case, since it would
 * describe another object.
 */
const char *kgr_record_write(const struct kgr_record_job *job);

#endif
