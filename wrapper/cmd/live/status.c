// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints what sysfs has of each patch: as lines, or as JSON. */
#include <stdlib.h>

#include "cmd/live/status.h"
#include "cmd/live/sysfs.h"
#include "lib/json.h"

/* The policy is a parameter of the module. */
static char *stragglers_of(const char *patch)
{
	g_autofree char *module = g_strdelimit(g_strdup(patch), "-", '_');
	g_autofree char *path =
		g_build_filename("/sys/module", module, "parameters", "stragglers", NULL);
	char *policy;

	return g_file_get_contents(path, &policy, NULL, NULL) ? g_strchomp(policy) : g_strdup("?");
}

void kgr_status_print(const GPtrArray *patches)
{
	guint i, k;

	for (i = 0; i < patches->len; i++) {
		const char *patch = patches->pdata[i];
		g_autofree char *remaining = kgr_live_read(patch, "remaining");
		g_autofree char *stragglers = stragglers_of(patch);
		g_autoptr(GPtrArray) funcs = kgr_live_functions(patch);

		g_print("%s: %s, %s to go, stragglers=%s\n", patch, kgr_live_state(patch),
			remaining ?: "?", stragglers);
		for (k = 0; k < funcs->len; k++)
			g_print("  %s\n", (char *)funcs->pdata[k]);
	}
}

static struct json_object *patch_json(const char *patch)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	g_autofree char *remaining = kgr_live_read(patch, "remaining");
	g_autofree char *made_by = kgr_live_read(patch, "version");
	g_autoptr(GPtrArray) funcs = kgr_live_functions(patch);
	guint i;

	json_object_object_add(o, "name", kgr_json_string(patch));
	json_object_object_add(o, "state", kgr_json_string(kgr_live_state(patch)));
	json_object_object_add(o, "remaining", json_object_new_int(atoi(remaining ?: "0")));
	json_object_object_add(o, "version", kgr_json_string(made_by ?: ""));
	for (i = 0; i < funcs->len; i++)
		json_object_array_add(list, kgr_json_string(funcs->pdata[i]));
	json_object_object_add(o, "functions", list);
	return o;
}

void kgr_status_print_json(const GPtrArray *patches)
{
	struct json_object *list = json_object_new_array();
	guint i;

	for (i = 0; i < patches->len; i++)
		json_object_array_add(list, patch_json(patches->pdata[i]));
	kgr_json_print(list);
}
