/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a patch module carries for people: sections that are in the file and never loaded. */
#ifndef KGR_CARRIED_H
#define KGR_CARRIED_H

#define KGR_CARRIED_DIFF ".kgraft.diff" /* the source diffs, as they were given */
#define KGR_CARRIED_REPORT ".kgraft.report" /* kgr_report_lines() */

#endif
