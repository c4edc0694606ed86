// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The commands of kgr, each as steps that the other files in this directory have:
 *
 *	kgr load kgraft-foo.ko	insert the module (module.c), which begins the transition; wait
 *				until "transition" reads 0 (wait.c); "enabled" says whether it was
 *				turned round meanwhile
 *	kgr unload foo		write 0 to "enabled" (sysfs.c), wait, remove the module
 *	kgr load --all		load each module of /lib/modules/RELEASE/kgraft that is not loaded;
 *				go on after one that fails
 *	kgr list, kgr status	read the files below /sys/kernel/kgraft (status.c)
 *	kgr blocking, kgr poke	read one, write one of them
 */
#include <string.h>
#include <sys/utsname.h>

#include "cmd/live/blocking.h"
#include "cmd/live/commands.h"
#include "cmd/live/module.h"
#include "cmd/live/status.h"
#include "cmd/live/sysfs.h"
#include "cmd/live/wait.h"
#include "lib/error.h"

static bool not_loaded(const char *patch, GError **error)
{
	return kgr_fail(error, KGR_TROUBLE, "%s is not loaded; kgr list shows what is", patch);
}

static bool load(const char *file, const struct kgr_options *options, GError **error)
{
	g_autofree char *params = NULL, *patch = NULL;

	params = g_strdup_printf("%s%s%s", options->stragglers ? "stragglers=" : "",
				 options->stragglers ?: "", options->replace ? " replace=1" : "");
	if (!kgr_module_insert(file, params, &patch, error))
		return false;
	if (!options->no_wait &&
	    !kgr_wait_for_transition(patch, "patching", options->timeout,
				     "it goes on by itself, \"kgr poke\" wakes tasks that sleep, "
				     "\"kgr unload\" turns it round",
				     error))
		return false;
	/* One that failed stays where an earlier patch's fix would be gone without it. */
	if (g_str_has_prefix(kgr_live_state(patch), "unpatch"))
		return kgr_fail(error, KGR_REFUSED,
				"%s is loaded, but off; the kernel's log says why", patch);
	g_print("%s: %s\n", patch, options->no_wait ? "loaded" : "patched");
	return true;
}

/* "kgraft-foo.ko", "kgraft-foo.ko.xz" */
static bool is_module_name(const char *name)
{
	const char *ko = strstr(name, ".ko");

	return ko && (!ko[3] || ko[3] == '.');
}

/* What packages have installed for this kernel; a patch that is loaded already stays as it is. */
static bool load_all(const struct kgr_options *options, GError **error)
{
	g_autofree char *dir = NULL;
	g_autoptr(GPtrArray) files = NULL;
	struct utsname uts;
	bool ok = true;
	guint i;

	uname(&uts);
	dir = g_build_filename("/lib/modules", uts.release, "kgraft", NULL);
	files = kgr_live_entries(dir);
	for (i = 0; i < files->len; i++) {
		g_autofree char *path = g_build_filename(dir, files->pdata[i], NULL);
		g_autofree char *patch = kgr_live_name(path);
		g_autoptr(GError) problem = NULL;

		if (!is_module_name(files->pdata[i]) || kgr_live_is_loaded(patch) ||
		    load(path, options, &problem))
			continue;
		g_printerr("kgr: %s\n", problem->message);
		ok = false;
	}
	return ok || kgr_fail(error, KGR_REFUSED,
			      "not all patches in %s could be loaded, as said above", dir);
}

static bool unload(const char *patch, const struct kgr_options *options, GError **error)
{
	if (!kgr_live_is_loaded(patch))
		return not_loaded(patch, error);
	if (!kgr_live_write(patch, "enabled", "0", error) ||
	    !kgr_wait_for_transition(
		    patch, "unpatching", options->timeout,
		    "\"kgr poke\" wakes tasks that sleep, and \"kgr unload\" goes on "
		    "waiting",
		    error) ||
	    !kgr_module_remove(patch, MAX(options->timeout, 1), error))
		return false;
	g_print("%s: unloaded\n", patch);
	return true;
}

static bool list(void)
{
	g_autoptr(GPtrArray) patches = kgr_live_patches();
	guint i;

	for (i = 0; i < patches->len; i++)
		g_print("%s\t%s\n", (char *)patches->pdata[i], kgr_live_state(patches->pdata[i]));
	return true;
}

static bool status(const char *patch, const struct kgr_options *options, GError **error)
{
	g_autoptr(GPtrArray) patches = NULL;

	if (patch && !kgr_live_is_loaded(patch))
		return not_loaded(patch, error);
	if (patch) {
		patches = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(patches, g_strdup(patch));
	} else {
		patches = kgr_live_patches();
	}
	if (options->json)
		kgr_status_print_json(patches);
	else
		kgr_status_print(patches);
	return true;
}

static bool blocking(const char *patch, GError **error)
{
	g_autofree char *text = kgr_blocking_list(patch, true);

	if (!text && !kgr_live_is_loaded(patch))
		return not_loaded(patch, error);
	if (!text)
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s: only root may see which tasks a transition waits for; run kgr as root",
			patch);
	g_print("%s", text);
	return true;
}

bool kgr_command(const char *command, const char *arg, const struct kgr_options *options,
		 GError **error)
{
	g_autofree char *patch = arg ? kgr_live_name(arg) : NULL;

	if (!command)
		return kgr_fail(error, KGR_TROUBLE, "no command given, see kgr --help");
	if (!strcmp(command, "list"))
		return list();
	if (!strcmp(command, "status"))
		return status(patch, options, error);
	if (!strcmp(command, "load") && options->all && !arg)
		return load_all(options, error);
	if (!arg)
		return kgr_fail(error, KGR_TROUBLE, "%s: which patch? See kgr --help", command);
	if (!strcmp(command, "load"))
		return load(arg, options, error);
	if (!strcmp(command, "unload"))
		return unload(patch, options, error);
	if (!strcmp(command, "blocking"))
		return blocking(patch, error);
	if (!strcmp(command, "poke"))
		return kgr_live_write(patch, "poke", "1", error);
	return kgr_fail(error, KGR_TROUBLE, "unknown command %s; see kgr --help", command);
}
