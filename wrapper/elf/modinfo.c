// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the strings of a module's .modinfo, with libelf alone: kgr asks for them on the patched machine, where nothing
 * that decodes or compares code is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <gelf.h>

#include "lib/error.h"
#include "elf/modinfo.h"

static Elf_Data *find_modinfo(Elf *elf)
{
	Elf_Scn *scn = NULL;
	const char *name;
	GElf_Shdr sh;
	size_t shstr;

	if (elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &shstr))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, shstr, sh.sh_name) : NULL;
		if (name && !strcmp(name, ".modinfo") && sh.sh_type != SHT_NOBITS)
			return elf_getdata(scn, NULL);
	}
	return NULL;
}

GPtrArray *kgr_modinfo_read(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	GPtrArray *out = NULL;
	Elf_Data *data;
	size_t at, len;
	Elf *elf;

	if (fd < 0) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	data = elf ? find_modinfo(elf) : NULL;
	if (data)
		out = g_ptr_array_new_with_free_func(g_free);
	else
		kgr_fail(error, KGR_TROUBLE, "%s: not a kernel module", path);
	for (at = 0; data && at < data->d_size; at += len + 1) {
		const char *s = (const char *)data->d_buf + at;

		len = strnlen(s, data->d_size - at);
		if (len)
			g_ptr_array_add(out, g_strndup(s, len));
	}
	elf_end(elf);
	close(fd);
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
