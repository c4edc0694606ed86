// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads the strings of a module's .modinfo. */
#include <string.h>

#include "lib/error.h"
#include "elf/modinfo.h"
#include "elf/object.h"

GPtrArray *kgr_modinfo_read(const char *path, GError **error)
{
	g_autoptr(kgr_obj) obj = kgr_obj_open(path, error);
	GPtrArray *out = NULL;
	struct kgr_sec *sec;
	size_t at;

	if (!obj)
		return NULL;
	sec = kgr_sec_named(obj, ".modinfo");
	if (!sec || !sec->data) {
		kgr_fail(error, KGR_TROUBLE, "%s: not a kernel module", path);
		return NULL;
	}
	out = g_ptr_array_new_with_free_func(g_free);
	for (at = 0; at < sec->sh.sh_size;) {
		const char *s = (const char *)sec->data + at;
		size_t len = strnlen(s, sec->sh.sh_size - at);

		if (len)
			g_ptr_array_add(out, g_strndup(s, len));
		at += len + 1;
	}
	return out;
}

const char *kgr_modinfo_get(const GPtrArray *info, const char *key)
{
	size_t len = strlen(key);
	guint i;

	for (i = 0; i < info->len; i++) {
		const char *s = info->pdata[i];

		if (!strncmp(s, key, len) && s[len] == '=')
			return s + len + 1;
	}
	return NULL;
}
