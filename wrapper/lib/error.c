// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes GErrors of one domain, and says them to a person. The code tells what a person can do about it:
 *
 *	kgr-build: refused: object limit has another initial value ...	KGR_REFUSED: the diff has to be another one
 *	kgr-build: fix.diff: No such file or directory			KGR_TROUBLE: nothing is said of the diff
 */
#include "lib/error.h"

G_DEFINE_QUARK(kgr - error, kgr_error)

bool kgr_fail(GError **error, enum kgr_outcome code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error && !*error)
		*error = g_error_new_valist(KGR_ERROR, code, format, args);
	va_end(args);
	return false;
}

int kgr_error_print(const char *program, GError *error)
{
	g_printerr("%s: %s%s\n", program,
		   error->domain == KGR_ERROR && error->code == KGR_REFUSED ? "refused: " : "",
		   error->message);
	return error->domain == KGR_ERROR ? error->code : KGR_TROUBLE;
}
