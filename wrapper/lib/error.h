/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why something did not work: GErrors of one domain, whose codes are kgr-build's exit codes. */
#ifndef KGR_ERROR_H
#define KGR_ERROR_H

#include <stdbool.h>
#include <glib.h>

#define KGR_ERROR (kgr_error_quark())

/*
 * A function that can fail returns false or NULL and sets its last argument, GError **error. A question whose answer may
 * be no, which is no failure ("is this structure on stacks alone?"), has char **why instead: words for a message, which
 * the caller frees with g_free(); NULL if there is nothing to say. In dwarf/ what stands in for a function of libdwarf
 * returns what that does, DW_DLV_OK and so on.
 */

/* kgr_error_quark() - the domain of all errors that kgraft itself sets */
GQuark kgr_error_quark(void);

enum kgr_outcome {
	KGR_BUILT = 0,
	KGR_REFUSED = 1, /* must not become a live patch */
	KGR_TROUBLE = 2, /* usage, environment, I/O */
	KGR_NOTHING = 3, /* nothing to patch */
	KGR_COMPILE = 4, /* the patched source does not compile */
};

/* kgr_fail() - set an error and return false, so that callers can say "return kgr_fail(...)"
 * @error: may be NULL; one that is set already stays, for it is nearer to the cause
 */
bool kgr_fail(GError **error, enum kgr_outcome code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* kgr_error_print() - print an error as "program: message" on stderr
 *
 * Returns its exit code: an enum kgr_outcome, KGR_TROUBLE for an error of another domain. The error stays the
 * caller's.
 */
int kgr_error_print(const char *program, GError *error);

#endif
