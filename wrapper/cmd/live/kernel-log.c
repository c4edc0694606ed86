// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An error code is all that a system call returns; the reason is in the kernel's log. A read of
 * /dev/kmsg gives one record, "6,339,5140900,-;text" and maybe lines with " KEY=value".
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <glib.h>

#include "cmd/live/kernel-log.h"

int kgr_kernel_log_open(void)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	return kmsg;
}

char *kgr_kernel_log_close(int kmsg, const char *patch)
{
	g_autofree char *module = g_strdelimit(g_strdup(patch), "-", '_');
	GString *out = g_string_new(NULL);
	char record[8192];
	ssize_t n;

	while (kmsg >= 0 && (n = read(kmsg, record, sizeof(record) - 1)) > 0) {
		char *text;

		record[n] = 0;
		text = strchr(record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (strstr(text, patch) || strstr(text, module))
			g_string_append_printf(out, "\n  %s", text + 1);
	}
	if (kmsg >= 0)
		close(kmsg);
	return g_string_free(out, FALSE);
}
