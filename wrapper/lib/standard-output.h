/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that could not say what it had to say has not succeeded. */
#ifndef KGR_STANDARD_OUTPUT_H
#define KGR_STANDARD_OUTPUT_H

/* kgr_watch_output() - from now on the program ends with status 2, and says why, if standard output takes not all of it
 * @program: the program's name, which stays the caller's
 *
 * To be called first of all in main().
 */
void kgr_watch_output(const char *program);

#endif
