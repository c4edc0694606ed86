/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kgr-build says of what it did: for people, and with --json for programs. */
#ifndef KGR_REPORT_H
#define KGR_REPORT_H

#include <glib.h>
#include <json-c/json.h>

#include "select/plan.h"

struct kgr_report {
	const char *output; /* the module; NULL before its name is known */
	const char *release; /* of the kernel; NULL before that is known */
	const struct kgr_plan *plan;
	const GPtrArray *notes; /* of char *, before the selection's */
	struct json_object *split; /* for JSON: kgr_split_report_json(), which is taken; or NULL */
};

/* kgr_report_lines() - what was replaced and why, what goes along, what was left out (g_free it) */
char *kgr_report_lines(const struct kgr_report *report);

/* kgr_report_text() - these lines and what was built, on stdout */
void kgr_report_text(const struct kgr_report *report);

/* kgr_report_json() - the same, or why there is no module, as one JSON object on stdout
 * @error: NULL: it was built
 * @exit_code: an enum kgr_outcome
 */
void kgr_report_json(const struct kgr_report *report, const GError *error, int exit_code);

#endif
