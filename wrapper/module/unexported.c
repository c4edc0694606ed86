// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the lists of what the runtime uses of the kernel without its being exported. A line each:
 *
 *   task_work_run anchor             a function that the runtime looks for on stacks, or hooks
 *   prepare_to_wait_event? anchor    one that a kernel may lack
 *   find_module                      what it calls, or reads
 *   text_poke_sync|smp_sync          what later kernels call otherwise; the runtime knows the first name
 */
#include <limits.h>
#include <string.h>

#include "elf/arch.h"
#include "lib/error.h"
#include "lib/files.h"
#include "module/unexported.h"
#include "select/patched-func.h"

static void unexported_free(gpointer p)
{
	struct kgr_unexported *u = p;

	g_strfreev(u->names);
	g_free(u);
}

static struct kgr_unexported *parse(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 2);
	struct kgr_unexported *u = g_new0(struct kgr_unexported, 1);

	u->anchor = words[1] && !strcmp(words[1], "anchor");
	u->optional = g_str_has_suffix(words[0], "?");
	if (u->optional)
		words[0][strlen(words[0]) - 1] = 0;
	u->names = g_strsplit(words[0], "|", -1);
	return u;
}

static bool read_list(GPtrArray *all, const char *list, GError **error)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	char path[PATH_MAX];
	int i;

	if (!kgr_installed(path, list, error) || !g_file_get_contents(path, &text, NULL, error))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		if (*lines[i] && *lines[i] != '#')
			g_ptr_array_add(all, parse(lines[i]));
	}
	return true;
}

GPtrArray *kgr_unexported_read(const struct kgr_arch *arch, GError **error)
{
	g_autofree char *own = g_strconcat("runtime/", arch->source_dir, "unexported.list", NULL);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(unexported_free);

	if (!read_list(all, "runtime/unexported.list", error) || !read_list(all, own, error))
		return NULL;
	return g_steal_pointer(&all);
}

static bool is_anchor(const GPtrArray *all, const struct kgr_patched_func *func)
{
	guint i;

	for (i = 0; !func->part[0]->image->module && i < all->len; i++) {
		const struct kgr_unexported *u = all->pdata[i];

		if (u->anchor && g_strv_contains((const char *const *)u->names, func->name))
			return true;
	}
	return false;
}

bool kgr_note_anchors(const struct kgr_arch *arch, const GPtrArray *old, GPtrArray *notes,
		      GError **error)
{
	g_autoptr(GPtrArray) all = kgr_unexported_read(arch, error);
	guint i;

	if (!all)
		return false;
	for (i = 0; i < old->len; i++) {
		const struct kgr_patched_func *func = old->pdata[i];

		if (is_anchor(all, func))
			g_ptr_array_add(notes,
					g_strdup_printf("kgraft's runtime tells by %s where a task "
							"is, and takes the new function for it; "
							"keep what it is called for as it was",
							func->name));
	}
	return true;
}
