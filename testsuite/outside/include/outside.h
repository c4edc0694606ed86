/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include <linux/seq_file.h>

struct outside_count {
	int shown;
};

static inline const char *outside_version(void)
{
	return "old";
}

void outside_show_text(struct seq_file *m, const struct outside_count *count);
const char *outside_name(void);

#endif
