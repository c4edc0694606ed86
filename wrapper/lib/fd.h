/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file descriptor that the scope which has it closes: g_auto(kgr_fd), -1 for none. */
#ifndef KGR_FD_H
#define KGR_FD_H

#include <unistd.h>
#include <glib.h>

typedef int kgr_fd;
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(kgr_fd, close, -1)

#endif
