// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A build works in a temporary directory, whose name has an influence on what compilers are told, and goes on
 * doing so with --keep: what is kept is copied at its end. In the commands, names of the temporary directory are turned
 * into those of the copies, so that each can be run again.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/command-log.h"
#include "lib/error.h"
#include "lib/files.h"
#include "module/keep.h"
#include "units/unit.h"

#define GRAFT "graft.o_shipped"

static bool is_empty_dir(const char *path, GError **error)
{
	GDir *dir = g_dir_open(path, 0, error);
	bool empty = dir && !g_dir_read_name(dir);

	if (!dir)
		return false;
	g_dir_close(dir);
	return empty ||
	       kgr_fail(error, KGR_TROUBLE,
			"%s is not empty; --keep needs a directory that is, or a new one", path);
}

char *kgr_keep_prepare(const char *name, GError **error)
{
	char *dir = g_canonicalize_filename(name, NULL);
	bool ok = !mkdir(dir, 0777);

	if (!ok)
		ok = errno == EEXIST ?
			     is_empty_dir(dir, error) :
			     kgr_fail(error, KGR_TROUBLE, "%s: %s", dir, g_strerror(errno));
	if (!ok)
		g_clear_pointer(&dir, g_free);
	else
		kgr_command_log_start();
	return dir;
}

static bool make_dir(const char *path, GError **error)
{
	return !g_mkdir_with_parents(path, 0777) ||
	       kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
}

/* A file that is not there was not made yet. */
static bool copy(const char *from, const char *to, GError **error)
{
	char *dir = g_path_get_dirname(to), *base = g_path_get_basename(to);
	bool ok = access(from, F_OK) ||
		  (make_dir(dir, error) && kgr_copy_file(from, dir, base, error));

	g_free(dir);
	g_free(base);
	return ok;
}

/* Links stay links: they lead to the source that was not patched. */
static bool copy_tree(const char *from, const char *to, GError **error)
{
	struct kgr_subprocess run = { .argv = g_ptr_array_new_with_free_func(g_free) };
	const char *const words[] = { "cp", "-R", "-P", from, to };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(words); i++)
		g_ptr_array_add(run.argv, g_strdup(words[i]));
	return kgr_subprocess_run(&run, "cp", error);
}

static void clear_name(gpointer data)
{
	struct kgr_moved_name *m = data;

	g_free(m->from);
	g_free(m->to);
}

static void add_name(GArray *moved, char *from, char *to)
{
	struct kgr_moved_name m = { from, to };

	g_array_append_val(moved, m);
}

/* What was compiled of a unit has a number's name in @work, and gets that of its source. */
static bool keep_unit(const struct kgr_unit *u, const char *dir, GArray *moved, GError **error)
{
	size_t len = strlen(u->source) - (g_str_has_suffix(u->source, ".c") ? 2 : 0);
	char *stem = g_strdup_printf("%s/objects/%.*s", dir, (int)len, u->source);
	const char *orig = u->built_objtool ?: u->built;
	char *orig_to = g_strconcat(stem, ".orig.o", NULL);
	char *patched_to = g_strconcat(stem, ".patched.o", NULL);
	bool ok = (!orig || copy(orig, orig_to, error)) &&
		  (!u->patched || copy(u->patched, patched_to, error));

	if (u->built_objtool)
		add_name(moved, g_strdup(u->built_objtool), g_strdup(orig_to));
	/* With what else the compiler writes beside the object: ".facts", ".o.d". */
	if (u->patched)
		add_name(moved, g_strndup(u->patched, strlen(u->patched) - 2),
			 g_strconcat(stem, ".patched", NULL));
	g_free(stem);
	g_free(orig_to);
	g_free(patched_to);
	return ok;
}

/* Plain files only, and not what keep_unit() takes: its names begin with a number. */
static bool keep_module(const char *dir, const char *work, GError **error)
{
	GDir *entries = g_dir_open(work, 0, error);
	const char *name;
	bool ok = entries;

	while (ok && (name = g_dir_read_name(entries))) {
		char *from = g_build_filename(work, name, NULL);
		char *to = !strcmp(name, GRAFT) ? g_build_filename(dir, "graft.o", NULL) : NULL;
		char *beside = g_build_filename(dir, "module", name, NULL);
		struct stat st;

		if (!lstat(from, &st) && S_ISREG(st.st_mode) && !g_ascii_isdigit(*name) &&
		    !g_str_has_prefix(name, ".kgraft-"))
			ok = copy(from, beside, error) && (!to || copy(from, to, error));
		g_free(from);
		g_free(to);
		g_free(beside);
	}
	if (entries)
		g_dir_close(entries);
	return ok;
}

static bool keep_commands(const char *dir, const GArray *moved, GError **error)
{
	char *commands = g_build_filename(dir, "commands", NULL);
	bool ok = make_dir(commands, error) && kgr_command_log_write(commands, moved, error);

	g_free(commands);
	return ok;
}

bool kgr_keep_all(const char *dir, const struct kgr_session *session, const GPtrArray *units,
		  GError **error)
{
	const struct kgr_overlay *overlay = session->overlay;
	GArray *moved = g_array_new(FALSE, FALSE, sizeof(struct kgr_moved_name));
	bool ok = true;
	guint i;

	g_array_set_clear_func(moved, clear_name);
	for (i = 0; ok && units && i < units->len; i++)
		ok = keep_unit(units->pdata[i], dir, moved, error);
	if (overlay)
		add_name(moved, g_strdup(overlay->root), g_build_filename(dir, "source", NULL));
	add_name(moved, g_strdup(session->dir), g_build_filename(dir, "module", NULL));
	/* Before anything else is run. */
	ok = ok && keep_commands(dir, moved, error);
	kgr_command_log_clear();
	if (ok && overlay) {
		char *to = g_build_filename(dir, "source", NULL);

		ok = copy_tree(overlay->root, to, error);
		g_free(to);
	}
	ok = ok && keep_module(dir, session->dir, error);
	g_array_unref(moved);
	return ok;
}
