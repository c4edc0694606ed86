/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says while it does something for us. */
#ifndef KGR_KERNEL_LOG_H
#define KGR_KERNEL_LOG_H

/* kgr_kernel_log_open() - begin to listen; returns a descriptor, or -1 if the log cannot be read */
int kgr_kernel_log_open(void);

/* kgr_kernel_log_close() - the lines since kgr_kernel_log_open() that name the patch, or its module, each
 * after a newline and two spaces: "" if there are none or @kmsg is -1. g_free() it
 */
char *kgr_kernel_log_close(int kmsg, const char *patch);

#endif
