// SPDX-License-Identifier: GPL-2.0-only
#include "outside.h"

void outside_show_text(struct seq_file *m, const struct outside_count *count)
{
	seq_printf(m, "text %s %s\n", outside_version(), count->shown > 1 ? "again" : "first");
}
