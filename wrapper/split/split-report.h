/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a diff became the patch, and what did not, by cause. */
#ifndef KGR_SPLIT_REPORT_H
#define KGR_SPLIT_REPORT_H

#include <json-c/json.h>

#include "select/plan.h"
#include "split/rounds.h"

struct kgr_split_report {
	const struct kgr_rounds
		*rounds; /* all of them; their memory has counted the functions that differ */
	const struct kgr_plan *plan; /* of what is in */
	const char *live_diff; /* where the diff of what is in was written */
};

/* kgr_split_report_text() - lines for people, on stdout */
void kgr_split_report_text(const struct kgr_split_report *report);

/* kgr_split_report_json() - the same as an object; json_object_put() it */
struct json_object *kgr_split_report_json(const struct kgr_split_report *report);

#endif
