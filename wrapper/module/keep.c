// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * --keep: a build works in a temporary directory with it as without it, for that directory's name is part of what
 * compilers are told; at the end what it made is copied. In the scripts of the commands the names in the temporary
 * directory become those of the copies, so that each can be run again:
 *
 *   /tmp/kgr.X/7-patched.o      DIR/objects/kernel/sys.patched.o
 *   /tmp/kgr.X/ssss/kernel      DIR/source/kernel
 *   /tmp/kgr.X/patch.c          DIR/module/patch.c
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
	g_autoptr(GDir) dir = g_dir_open(path, 0, error);

	if (!dir)
		return false;
	return !g_dir_read_name(dir) ||
	       kgr_fail(error, KGR_TROUBLE,
			"%s is not empty; --keep needs a directory that is, or a new one", path);
}

char *kgr_keep_prepare(const char *name, GError **error)
{
	g_autofree char *dir = g_canonicalize_filename(name, NULL);

	if (mkdir(dir, 0777)) {
		if (errno != EEXIST) {
			kgr_fail(error, KGR_TROUBLE,
				 "%s: %s; --keep needs a directory that can be made", dir,
				 g_strerror(errno));
			return NULL;
		}
		if (!is_empty_dir(dir, error))
			return NULL;
	}
	kgr_command_log_start();
	return g_steal_pointer(&dir);
}

static bool make_dir(const char *path, GError **error)
{
	return !g_mkdir_with_parents(path, 0777) ||
	       kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
}

/* A file that is not there was not made yet. */
static bool copy(const char *from, const char *to, GError **error)
{
	g_autofree char *dir = g_path_get_dirname(to), *base = g_path_get_basename(to);

	return access(from, F_OK) ||
	       (make_dir(dir, error) && kgr_copy_file(from, dir, base, error));
}

/* Links stay links: they point to the source that was not patched. */
static bool copy_tree(const char *from, const char *to, GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "cp", "-R", "-P", from, to, NULL);
	return kgr_subprocess_run(&run, "cp", error);
}

static void clear_name(gpointer data)
{
	struct kgr_moved_name *m = data;

	g_free(m->from);
	g_free(m->to);
}

/* Takes both names. */
static void add_name(GArray *moved, char *from, char *to)
{
	struct kgr_moved_name m = { from, to };

	g_array_append_val(moved, m);
}

/* What was compiled of a unit has a number's name in @work, and gets that of its source. */
static bool keep_unit(const struct kgr_unit *u, const char *dir, GArray *moved, GError **error)
{
	size_t len = strlen(u->source) - (g_str_has_suffix(u->source, ".c") ? 2 : 0);
	g_autofree char *stem = g_strdup_printf("%s/objects/%.*s", dir, (int)len, u->source);
	const char *orig = u->built_objtool ?: u->built;
	g_autofree char *orig_to = g_strconcat(stem, ".orig.o", NULL);
	g_autofree char *patched_to = g_strconcat(stem, ".patched.o", NULL);

	if (u->built_objtool)
		add_name(moved, g_strdup(u->built_objtool), g_strdup(orig_to));
	/* With what else the compiler writes beside the object: ".facts", ".o.d". */
	if (u->patched)
		add_name(moved, g_strndup(u->patched, strlen(u->patched) - 2),
			 g_strconcat(stem, ".patched", NULL));
	return (!orig || copy(orig, orig_to, error)) &&
	       (!u->patched || copy(u->patched, patched_to, error));
}

/* Plain files only, and not what keep_unit() takes: its names begin with a number. */
static bool keep_module(const char *dir, const char *work, GError **error)
{
	g_autofree char *graft = g_build_filename(dir, "graft.o", NULL);
	g_autoptr(GDir) entries = g_dir_open(work, 0, error);
	const char *name;

	if (!entries)
		return false;
	while ((name = g_dir_read_name(entries))) {
		g_autofree char *from = g_build_filename(work, name, NULL);
		g_autofree char *to = g_build_filename(dir, "module", name, NULL);
		struct stat st;

		if (lstat(from, &st) || !S_ISREG(st.st_mode) || g_ascii_isdigit(*name) ||
		    g_str_has_prefix(name, ".kgraft-"))
			continue;
		if (!copy(from, to, error) || (!strcmp(name, GRAFT) && !copy(from, graft, error)))
			return false;
	}
	return true;
}

static bool keep_commands(const char *dir, const GArray *moved, GError **error)
{
	g_autofree char *commands = g_build_filename(dir, "commands", NULL);

	return make_dir(commands, error) && kgr_command_log_write(commands, moved, error);
}

static bool keep_source(const char *dir, const struct kgr_overlay *overlay, GError **error)
{
	g_autofree char *to = g_build_filename(dir, "source", NULL);

	return copy_tree(overlay->root, to, error);
}

bool kgr_keep_all(const char *dir, const struct kgr_session *session, const GPtrArray *units,
		  GError **error)
{
	const struct kgr_overlay *overlay = session->overlay;
	g_autoptr(GArray) moved = g_array_new(FALSE, FALSE, sizeof(struct kgr_moved_name));
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
	return ok && (!overlay || keep_source(dir, overlay, error)) &&
	       keep_module(dir, session->dir, error);
}
