// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where kgraft's own files are: beside the running program, which says where the installation is. A program
 * /opt/kgraft/bin/kgr-build finds /opt/kgraft/share/kgraft/NAME, and if that is not there, PREFIX/share/kgraft/NAME
 * with configure's prefix. Without GLib on purpose: kgr-gcc runs once for every file of a kernel.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/install-path.h"

#ifndef KGR_PREFIX
#define KGR_PREFIX "/usr/local"
#endif

int kgr_install_path(char *buf, size_t size, const char *kind, const char *name)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	int up;

	if (n > 0) {
		exe[n] = 0;
		for (up = 0; up < 2 && strrchr(exe, '/'); up++)
			*strrchr(exe, '/') = 0;
		if ((size_t)snprintf(buf, size, "%s/%s/kgraft/%s", exe, kind, name) < size &&
		    !access(buf, R_OK))
			return 0;
	}
	if ((size_t)snprintf(buf, size, "%s/%s/kgraft/%s", KGR_PREFIX, kind, name) >= size)
		return -1;
	return access(buf, R_OK);
}
