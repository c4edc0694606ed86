/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Printing the state of loaded patches. */
#ifndef KGR_STATUS_H
#define KGR_STATUS_H

#include <glib.h>

/* kgr_status_print() - state, stragglers' policy and functions of these patches (of char *), as lines */
void kgr_status_print(const GPtrArray *patches);

/* kgr_status_print_json() - the same as a JSON array of objects */
void kgr_status_print_json(const GPtrArray *patches);

#endif
