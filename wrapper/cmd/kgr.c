// SPDX-License-Identifier: GPL-3.0-or-later
/* kgr: live patches on the machine that runs them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <json-c/json.h>

#include "lib/error.h"
#include "elf/modinfo.h"

#define SYSFS "/sys/kernel/kgraft"
#define POLL_US 20000
#define DEFAULT_TIMEOUT 60

static gint timeout = DEFAULT_TIMEOUT;
static gchar *stragglers;
static gboolean json, no_wait, version, all, replace;

/* "kgraft_foo", "kgraft-foo", "foo" and "dir/kgraft-foo.ko" all mean the patch kgraft-foo. */
static char *patch_name(const char *given)
{
	char *base = g_path_get_basename(given), *name;
	GDir *dir = g_dir_open(SYSFS, 0, NULL);
	const char *entry;

	if (g_str_has_suffix(base, ".ko"))
		base[strlen(base) - 3] = 0;
	name = g_str_has_prefix(base, "kgraft") ? g_strdup(base) :
						  g_strconcat("kgraft-", base, NULL);
	while (dir && (entry = g_dir_read_name(dir))) {
		char *a = g_strdelimit(g_strdup(entry), "_", '-');
		char *b = g_strdelimit(g_strdup(name), "_", '-');

		if (!strcmp(a, b)) {
			g_free(name);
			name = g_strdup(entry);
		}
		g_free(a);
		g_free(b);
	}
	if (dir)
		g_dir_close(dir);
	g_free(base);
	return name;
}

static char *read_attr(const char *patch, const char *attr)
{
	char *path = g_build_filename(SYSFS, patch, attr, NULL), *text = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		g_strchomp(text);
	g_free(path);
	return text;
}

static bool write_attr(const char *patch, const char *attr, const char *value, GError **error)
{
	char *path = g_build_filename(SYSFS, patch, attr, NULL);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, value, strlen(value)) > 0;

	if (!ok)
		kgr_fail(error, KGR_TROUBLE, "%s: %s%s", path, g_strerror(errno),
			 errno == ENOENT ? " (is the patch loaded?)" : "");
	if (fd >= 0)
		close(fd);
	g_free(path);
	return ok;
}

static bool is_loaded(const char *patch)
{
	char *path = g_build_filename(SYSFS, patch, NULL);
	bool there = !access(path, F_OK);

	g_free(path);
	return there;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in a directory, sorted; none if it is not there. */
static GPtrArray *entries_of(const char *path)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(out, g_strdup(name));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(out, by_name);
	return out;
}

/* Returns true once the transition is over. */
static bool wait_for_end(const char *patch, const char *what)
{
	gint64 end = g_get_monotonic_time() + timeout * G_USEC_PER_SEC;
	bool tty = isatty(STDERR_FILENO), over = false;
	char *shown = g_strdup("");

	while (!over) {
		char *state = read_attr(patch, "transition"), *left = read_attr(patch, "remaining");

		over = !state || !strcmp(state, "0");
		if (tty && g_strcmp0(shown, left)) {
			fprintf(stderr, "\r\033[K%s: %s, %s to go", patch, what, left ?: "0");
			g_free(shown);
			shown = g_strdup(left);
		}
		g_free(state);
		g_free(left);
		if (!over && timeout > 0 && g_get_monotonic_time() > end)
			break;
		if (!over)
			g_usleep(POLL_US);
	}
	if (tty)
		fprintf(stderr, "\r\033[K");
	g_free(shown);
	return over;
}

/*
 * Who has not moved, from the kernel's list (runtime/blocking.c); with their stacks, if asked for.
 * NULL if there is no such patch, or we may not read it.
 */
static char *blocking(const char *patch, bool stacks)
{
	char *text = read_attr(patch, "blocking"), **lines, state;
	GString *out = g_string_new(NULL);
	unsigned long long asleep_ms;
	int pid, command, i;
	char function[256];

	if (!text)
		return g_string_free(out, TRUE);
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		if (lines[i][0] == '\t') {
			if (stacks)
				g_string_append_printf(out, "    %s\n", lines[i] + 1);
			continue;
		}
		if (sscanf(lines[i], "%d %c %llu %255s %n", &pid, &state, &asleep_ms, function,
			   &command) != 4)
			continue;
		g_string_append_printf(out, "%d %s %c", pid, lines[i] + command, state);
		if (state != 'R')
			g_string_append_printf(out, ", asleep for %llu.%03llu s", asleep_ms / 1000,
					       asleep_ms % 1000);
		if (strcmp(function, "-"))
			g_string_append_printf(out, ", in %s()", function);
		g_string_append_c(out, '\n');
	}
	g_strfreev(lines);
	g_free(text);
	return g_string_free(out, FALSE);
}

/* What the kernel said since @kmsg was opened, as far as it names the patch or the module. */
static char *kernel_words(int kmsg, const char *name)
{
	char record[8192], *module = g_strdelimit(g_strdup(name), "-", '_');
	GString *out = g_string_new(NULL);
	ssize_t n;

	while (kmsg >= 0 && (n = read(kmsg, record, sizeof(record) - 1)) > 0) {
		char *text;

		record[n] = 0;
		text = strchr(record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (strstr(text, name) || strstr(text, module))
			g_string_append_printf(out, "\n  %s", text + 1);
	}
	g_free(module);
	return g_string_free(out, FALSE);
}

static bool check_module(const char *file, char **name, GError **error)
{
	GPtrArray *info = kgr_modinfo_read(file, error);
	struct utsname uts;
	bool ok = false;

	if (!info)
		return false;
	uname(&uts);
	if (!kgr_modinfo_get(info, "kgraft_build_id"))
		kgr_fail(error, KGR_REFUSED,
			 "%s: not a kgraft patch; use modprobe for other modules", file);
	else if (g_strcmp0(kgr_modinfo_get(info, "kgraft_release"), uts.release))
		kgr_fail(error, KGR_REFUSED, "%s: made for kernel %s, this is %s", file,
			 kgr_modinfo_get(info, "kgraft_release"), uts.release);
	else
		ok = true;
	*name = g_strdup(kgr_modinfo_get(info, "name") ?: "");
	g_ptr_array_free(info, TRUE);
	return ok;
}

static bool insert(const char *file, const char *name, GError **error)
{
	char *params = g_strdup_printf("%s%s%s", stragglers ? "stragglers=" : "", stragglers ?: "",
				       replace ? " replace=1" : "");
	int fd = open(file, O_RDONLY | O_CLOEXEC), kmsg, err = 0;
	char *words;

	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	if (fd < 0 || syscall(SYS_finit_module, fd, params, 0))
		err = errno;
	if (fd >= 0)
		close(fd);
	g_free(params);
	if (err) {
		char *patch = g_strdelimit(g_strdup(name), "_", '-');

		words = kernel_words(kmsg, patch);
		kgr_fail(error, err == EPERM || err == ENOENT ? KGR_TROUBLE : KGR_REFUSED,
			 "%s: the kernel did not take it: %s%s", file,
			 err == EEXIST ? "it is loaded already" : g_strerror(err), words);
		g_free(words);
		g_free(patch);
	}
	if (kmsg >= 0)
		close(kmsg);
	return !err;
}

static bool not_over(const char *patch, const char *way_out, GError **error)
{
	char *who = blocking(patch, false);

	kgr_fail(error, KGR_REFUSED, "%s: still in transition after %d s; %s. Who is left:\n%s",
		 patch, timeout, way_out, who ?: "");
	g_free(who);
	return false;
}

static bool cmd_load(const char *file, GError **error)
{
	char *module = NULL, *patch;
	bool ok = true;

	if (!check_module(file, &module, error) || !insert(file, module, error)) {
		g_free(module);
		return false;
	}
	patch = patch_name(module);
	if (!no_wait && !wait_for_end(patch, "patching"))
		ok = not_over(
			patch,
			"it goes on by itself, \"kgr poke\" hurries those who sleep, \"kgr unload\" "
			"turns back",
			error);
	else
		g_print("%s: %s\n", patch, no_wait ? "loaded" : "patched");
	g_free(module);
	g_free(patch);
	return ok;
}

/* The packages' patches for this kernel, after a reboot say; those that are there already stay. */
static bool cmd_load_all(GError **error)
{
	struct utsname uts;
	GPtrArray *files;
	char *dir;
	bool ok = true;
	guint i;

	uname(&uts);
	dir = g_strdup_printf("/lib/modules/%s/kgraft", uts.release);
	files = entries_of(dir);
	for (i = 0; i < files->len; i++) {
		char *path = g_build_filename(dir, files->pdata[i], NULL);
		char *patch = patch_name(files->pdata[i]);
		GError *one = NULL;

		if (!g_str_has_suffix(path, ".ko") || is_loaded(patch))
			;
		else if (!cmd_load(path, &one)) {
			ok = false;
			g_printerr("kgr: %s\n", one->message);
			g_clear_error(&one);
		}
		g_free(path);
		g_free(patch);
	}
	g_ptr_array_free(files, TRUE);
	g_free(dir);
	return ok || kgr_fail(error, KGR_REFUSED, "not all patches could be loaded");
}

static bool cmd_unload(const char *given, GError **error)
{
	char *patch = patch_name(given), *module;
	gint64 end = g_get_monotonic_time() + MAX(timeout, 1) * G_USEC_PER_SEC;
	bool ok = true;

	if (!is_loaded(patch)) {
		kgr_fail(error, KGR_TROUBLE, "%s is not loaded", patch);
		g_free(patch);
		return false;
	}
	ok = write_attr(patch, "enabled", "0", error);
	if (ok && !wait_for_end(patch, "unpatching"))
		ok = not_over(patch, "\"kgr poke\" hurries those who sleep", error);
	module = g_strdelimit(g_strdup(patch), "-", '_');
	/* The kernel clears up for some tenths of a second after a transition. */
	while (ok && syscall(SYS_delete_module, module, O_NONBLOCK)) {
		if ((errno != EAGAIN && errno != EBUSY) || g_get_monotonic_time() > end)
			ok = kgr_fail(error, KGR_REFUSED, "%s: %s", module, g_strerror(errno));
		else
			g_usleep(POLL_US);
	}
	if (ok)
		g_print("%s: unloaded\n", patch);
	g_free(patch);
	g_free(module);
	return ok;
}

static const char *state_of(const char *patch)
{
	char *enabled = read_attr(patch, "enabled"), *moving = read_attr(patch, "transition");
	bool on = enabled && !strcmp(enabled, "1"), busy = moving && !strcmp(moving, "1");

	g_free(enabled);
	g_free(moving);
	return busy ? (on ? "patching" : "unpatching") : on ? "patched" : "unpatched";
}

/* The functions of one object; a module's as kallsyms names them. */
static void add_functions(GPtrArray *out, const char *dir, const char *object)
{
	GPtrArray *funcs = entries_of(dir);
	guint i;

	for (i = 0; i < funcs->len; i++) {
		const char *name = funcs->pdata[i];
		char *path = g_build_filename(dir, name, NULL);

		if (!g_file_test(path, G_FILE_TEST_IS_DIR))
			;
		else if (!strcmp(object, "vmlinux"))
			g_ptr_array_add(out, g_strdup(name));
		else
			g_ptr_array_add(out, g_strdup_printf("%s [%s]", name, object));
		g_free(path);
	}
	g_ptr_array_free(funcs, TRUE);
}

static GPtrArray *functions_of(const char *patch)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free), *objects;
	char *path = g_build_filename(SYSFS, patch, NULL);
	guint i;

	objects = entries_of(path);
	for (i = 0; i < objects->len; i++) {
		char *dir = g_build_filename(path, objects->pdata[i], NULL);

		add_functions(out, dir, objects->pdata[i]);
		g_free(dir);
	}
	g_ptr_array_free(objects, TRUE);
	g_free(path);
	return out;
}

static void status_text(const char *patch)
{
	GPtrArray *funcs = functions_of(patch);
	char *left = read_attr(patch, "remaining");
	char *policy_path, *policy = NULL, *module = g_strdelimit(g_strdup(patch), "-", '_');
	guint i;

	policy_path = g_strdup_printf("/sys/module/%s/parameters/stragglers", module);
	if (g_file_get_contents(policy_path, &policy, NULL, NULL))
		g_strchomp(policy);
	g_print("%s: %s, %s to go, stragglers=%s\n", patch, state_of(patch), left ?: "?",
		policy ?: "?");
	for (i = 0; i < funcs->len; i++)
		g_print("  %s\n", (char *)funcs->pdata[i]);
	g_free(left);
	g_free(policy);
	g_free(policy_path);
	g_free(module);
	g_ptr_array_free(funcs, TRUE);
}

static struct json_object *status_json(const char *patch)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	GPtrArray *funcs = functions_of(patch);
	char *left = read_attr(patch, "remaining"), *tool = read_attr(patch, "version");
	guint i;

	json_object_object_add(o, "name", json_object_new_string(patch));
	json_object_object_add(o, "state", json_object_new_string(state_of(patch)));
	json_object_object_add(o, "remaining", json_object_new_int(left ? atoi(left) : 0));
	json_object_object_add(o, "version", json_object_new_string(tool ?: ""));
	for (i = 0; i < funcs->len; i++)
		json_object_array_add(list, json_object_new_string(funcs->pdata[i]));
	json_object_object_add(o, "functions", list);
	g_free(left);
	g_free(tool);
	g_ptr_array_free(funcs, TRUE);
	return o;
}

static bool cmd_status(const char *given, GError **error)
{
	struct json_object *all = json_object_new_array();
	GPtrArray *patches = entries_of(SYSFS);
	char *only = given ? patch_name(given) : NULL;
	bool found = !only;
	guint i;

	for (i = 0; i < patches->len; i++) {
		const char *patch = patches->pdata[i];

		if (only && strcmp(only, patch))
			continue;
		found = true;
		if (json)
			json_object_array_add(all, status_json(patch));
		else
			status_text(patch);
	}
	if (!found)
		kgr_fail(error, KGR_TROUBLE, "%s is not loaded", only);
	else if (json)
		g_print("%s\n", json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
	g_ptr_array_free(patches, TRUE);
	g_free(only);
	return found;
}

static bool cmd_list(void)
{
	GPtrArray *patches = entries_of(SYSFS);
	guint i;

	for (i = 0; i < patches->len; i++)
		g_print("%s\t%s\n", (char *)patches->pdata[i], state_of(patches->pdata[i]));
	g_ptr_array_free(patches, TRUE);
	return true;
}

static bool cmd_blocking(const char *given, GError **error)
{
	char *patch = patch_name(given), *who = blocking(patch, true);

	if (who)
		g_print("%s", who);
	else
		kgr_fail(error, KGR_TROUBLE, "%s is not loaded, or you are not root", patch);
	g_free(patch);
	g_free(who);
	return who;
}

static bool cmd_poke(const char *given, GError **error)
{
	char *patch = patch_name(given);
	bool ok = write_attr(patch, "poke", "1", error);

	g_free(patch);
	return ok;
}

static bool run(int argc, char **argv, GError **error)
{
	const char *cmd = argc > 1 ? argv[1] : "", *arg = argc > 2 ? argv[2] : NULL;

	if (argc > 3)
		return kgr_fail(error, KGR_TROUBLE, "too many arguments, see kgr --help");
	if (!strcmp(cmd, "list"))
		return cmd_list();
	if (!strcmp(cmd, "status"))
		return cmd_status(arg, error);
	if (!strcmp(cmd, "load") && all && !arg)
		return cmd_load_all(error);
	if (!arg)
		return kgr_fail(error, KGR_TROUBLE, "%s, see kgr --help",
				*cmd ? "which patch?" : "no command given");
	if (!strcmp(cmd, "load"))
		return cmd_load(arg, error);
	if (!strcmp(cmd, "unload"))
		return cmd_unload(arg, error);
	if (!strcmp(cmd, "blocking"))
		return cmd_blocking(arg, error);
	if (!strcmp(cmd, "poke"))
		return cmd_poke(arg, error);
	return kgr_fail(error, KGR_TROUBLE, "unknown command %s, see kgr --help", cmd);
}

int main(int argc, char **argv)
{
	const GOptionEntry options[] = {
		{ "stragglers", 0, 0, G_OPTION_ARG_STRING, &stragglers,
		  "with load: signal (default), wait or stack", "POLICY" },
		{ "timeout", 0, 0, G_OPTION_ARG_INT, &timeout,
		  "seconds to wait for the end of a transition (60; 0: for ever)", "S" },
		{ "replace", 0, 0, G_OPTION_ARG_NONE, &replace,
		  "with load: take the place of all patches that are there", NULL },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &all,
		  "with load: all that is installed for this kernel", NULL },
		{ "no-wait", 0, 0, G_OPTION_ARG_NONE, &no_wait, "with load: do not wait", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "with status: print JSON", NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &version, "print the version", NULL },
		G_OPTION_ENTRY_NULL,
	};
	GOptionContext *ctx = g_option_context_new(
		"load FILE.ko | load --all | unload NAME | list | status [NAME] "
		"| blocking NAME | poke NAME");
	GError *error = NULL;
	bool ok;

	setlocale(LC_ALL, "");
	g_option_context_set_summary(ctx, "Load, watch and unload kgraft live patches.");
	g_option_context_set_description(
		ctx, "Exit status: 0 done, 1 refused or not finished, 2 trouble.\nSee kgr(8).");
	g_option_context_add_main_entries(ctx, options, NULL);
	if (!g_option_context_parse(ctx, &argc, &argv, &error)) {
		kgr_error_print("kgr", error);
		return KGR_TROUBLE;
	}
	if (version) {
		g_print("kgr %s\n", KGR_VERSION);
		return 0;
	}
	if (stragglers && strcmp(stragglers, "signal") && strcmp(stragglers, "wait") &&
	    strcmp(stragglers, "stack"))
		ok = kgr_fail(&error, KGR_TROUBLE, "--stragglers is signal, wait or stack, not %s",
			      stragglers);
	else
		ok = run(argc, argv, &error);
	return ok ? 0 : kgr_error_print("kgr", error);
}
