/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a patch module carries for people: sections that are in the file and never loaded. */
#ifndef KGR_MODULE_SECTIONS_H
#define KGR_MODULE_SECTIONS_H

#define KGR_SECTION_DIFF ".kgraft.diff" /* the source diffs, as they were given */
#define KGR_SECTION_REPORT ".kgraft.report" /* kgr_report_lines() */

#endif
