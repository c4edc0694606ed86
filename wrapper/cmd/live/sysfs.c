// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads and writes the attributes of loaded patches, a directory each below /sys/kernel/kgraft. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/live/kernel-log.h"
#include "cmd/live/sysfs.h"
#include "lib/error.h"
#include "lib/fd.h"
#include "lib/sort.h"

#define SYSFS "/sys/kernel/kgraft"

/* The kernel takes '-' and '_' in a module's name for the same. */
static bool same_name(const char *a, const char *b)
{
	g_autofree char *x = g_strdelimit(g_strdup(a), "_", '-');
	g_autofree char *y = g_strdelimit(g_strdup(b), "_", '-');

	return !strcmp(x, y);
}

char *kgr_live_name(const char *given)
{
	g_autoptr(GPtrArray) loaded = kgr_live_patches();
	g_autofree char *base = g_path_get_basename(given), *name = NULL;
	char *ko = strstr(base, ".ko");
	guint i;

	/* ".ko" or ".ko.xz" */
	if (ko && (!ko[3] || ko[3] == '.'))
		*ko = 0;
	name = g_str_has_prefix(base, "kgraft") ? g_steal_pointer(&base) :
						  g_strconcat("kgraft-", base, NULL);
	for (i = 0; i < loaded->len; i++) {
		if (same_name(loaded->pdata[i], name))
			return g_strdup(loaded->pdata[i]);
	}
	return g_steal_pointer(&name);
}

bool kgr_live_is_loaded(const char *patch)
{
	g_autofree char *path = g_build_filename(SYSFS, patch, NULL);

	return !access(path, F_OK);
}

char *kgr_live_read(const char *patch, const char *attr)
{
	g_autofree char *path = g_build_filename(SYSFS, patch, attr, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

bool kgr_live_write(const char *patch, const char *attr, const char *value, GError **error)
{
	g_autofree char *path = g_build_filename(SYSFS, patch, attr, NULL), *log = NULL;
	int kmsg = kgr_kernel_log_open();
	g_auto(kgr_fd) fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = fd >= 0 && write(fd, value, strlen(value)) > 0 ? 0 : errno;

	log = kgr_kernel_log_close(kmsg, patch);
	if (err == ENOENT)
		return kgr_fail(error, KGR_TROUBLE, "%s is not loaded; kgr list shows what is",
				patch);
	if (err)
		return kgr_fail(error, KGR_TROUBLE, "%s: %s%s%s", path, g_strerror(err),
				err == EACCES ? "; only root may write there" :
				*log	      ? ":" :
						"; the kernel's log (dmesg) may say why",
				log);
	return true;
}

GPtrArray *kgr_live_entries(const char *path)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(out, g_strdup(name));
	g_ptr_array_sort(out, kgr_by_name);
	return out;
}

GPtrArray *kgr_live_patches(void)
{
	return kgr_live_entries(SYSFS);
}

/* A patch's directory has one for each object (vmlinux or a module), which has one for each function. */
GPtrArray *kgr_live_functions(const char *patch)
{
	g_autofree char *path = g_build_filename(SYSFS, patch, NULL);
	g_autoptr(GPtrArray) objects = kgr_live_entries(path);
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	guint i, k;

	for (i = 0; i < objects->len; i++) {
		const char *object = objects->pdata[i];
		g_autofree char *dir = g_build_filename(path, object, NULL);
		g_autoptr(GPtrArray) funcs = kgr_live_entries(dir);

		for (k = 0; k < funcs->len; k++) {
			const char *func = funcs->pdata[k];
			g_autofree char *entry = g_build_filename(dir, func, NULL);

			if (!g_file_test(entry, G_FILE_TEST_IS_DIR))
				continue;
			/* As kallsyms writes them. */
			g_ptr_array_add(out, strcmp(object, "vmlinux") ?
						     g_strdup_printf("%s [%s]", func, object) :
						     g_strdup(func));
		}
	}
	return out;
}

const char *kgr_live_state(const char *patch)
{
	g_autofree char *enabled = kgr_live_read(patch, "enabled");
	g_autofree char *transition = kgr_live_read(patch, "transition");
	bool on = !g_strcmp0(enabled, "1");

	if (!g_strcmp0(transition, "1"))
		return on ? "patching" : "unpatching";
	return on ? "patched" : "unpatched";
}
