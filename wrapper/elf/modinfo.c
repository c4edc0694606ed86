// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads a module's .modinfo with libkmod, which unpacks compressed modules as modprobe does. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <gelf.h>

#include "elf/kmod.h"
#include "elf/modinfo.h"
#include "lib/error.h"
#include "lib/fd.h"

/*
 * libkmod aborts the program over a file whose header does not itself number the section of names, as that of a
 * damaged file, or of one with more sections than e_shnum can say (libkmod-elf.c, elf_get_section_header()).
 */
static bool header_numbers_names(const char *path)
{
	g_auto(kgr_fd) fd = open(path, O_RDONLY | O_CLOEXEC);
	GElf_Ehdr eh;
	bool ok = true;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		ok = gelf_getehdr(elf, &eh) && eh.e_shstrndx != SHN_UNDEF &&
		     eh.e_shstrndx < eh.e_shnum;
	elf_end(elf);
	return ok;
}

GPtrArray *kgr_modinfo_read(const char *path, GError **error)
{
	g_autoptr(kgr_kmod_ctx) ctx = kgr_kmod_new();
	g_autoptr(kgr_kmod_module) module = NULL;
	struct kmod_list *list = NULL, *entry;
	GPtrArray *info;
	int err;

	/* libkmod says ENOENT of a file without .modinfo, too. */
	if (access(path, R_OK)) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	err = header_numbers_names(path) ? kmod_module_new_from_path(ctx, path, &module) : -EINVAL;
	if (!err)
		err = kmod_module_get_info(module, &list);
	if (err < 0 || !list) {
		kgr_fail(error, KGR_TROUBLE,
			 "%s: not a kernel module; give the .ko that kgr-build made", path);
		return NULL;
	}
	info = g_ptr_array_new_with_free_func(g_free);
	kmod_list_foreach(entry, list)
		g_ptr_array_add(info, g_strdup_printf("%s=%s", kmod_module_info_get_key(entry),
						      kmod_module_info_get_value(entry)));
	kmod_module_info_free_list(list);
	return info;
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
