// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the version string of a bzImage by its real-mode header (Documentation/x86/boot.rst):
 *
 *	0x202	"HdrS"
 *	0x20e	c0 32		the string is at 0x200 + 0x32c0
 *	0x34c0	"6.1.0-56-cloud-amd64 (...) #1 SMP ... Debian 6.1.192-2 (2026-11-16)"
 */
#include <string.h>

#include "elf/x86/x86.h"

#define MAGIC_AT 0x202
#define MAGIC "HdrS"
#define VERSION_AT 0x20e
#define VERSION_BASE 0x200

const char *kgr_x86_boot_version(const uint8_t *image, size_t size)
{
	size_t at;

	if (size < VERSION_AT + 2 || memcmp(image + MAGIC_AT, MAGIC, strlen(MAGIC)) != 0)
		return NULL;
	at = VERSION_BASE + kgr_arch_read(&kgr_arch_x86, image + VERSION_AT, 2);
	return at < size && memchr(image + at, 0, size - at) ? (const char *)image + at : NULL;
}
