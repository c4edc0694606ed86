// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which of the units that include a changed header change with it? Most do not, and compiling hundreds to see
 * that takes long, so each is looked at from the cheapest way to the dearest, until it is seen to be the same:
 *
 *   NAMES        if only static inline functions differ (header-change.c): does the patched, preprocessed
 *                text mention one of them?
 *   DIRECTIVES   preprocessed as it was and patched without expanding macros: the same text?
 *   TOKENS       fully preprocessed: the same but for what makes no code (pp-compare.c)?
 *
 * What is left is compiled. Assembly, and the constants that C makes for it (asm-offsets), have no record;
 * their command stands in Kbuild's .cmd file, and if they change the diff is refused.
 */
#include <string.h>
#include <unistd.h>

#include "kernel/build-index.h"
#include "units/header-impact.h"
#include "lib/error.h"
#include "units/compile-command.h"
#include "source/header-change.h"
#include "lib/subprocess.h"
#include "source/pp-compare.h"
#include "lib/progress.h"

#define BATCH 32 /* preprocessed units lie on disk together, a few megabytes each */

static bool names_header(const char *text, const GPtrArray *headers)
{
	bool named = false;
	guint i;

	for (i = 0; i < headers->len && !named; i++) {
		char *base = g_path_get_basename(headers->pdata[i]);

		named = strstr(text, base);
		g_free(base);
	}
	return named;
}

/*
 * Where the arguments begin, if kgr-gcc was run, by itself or behind ccache; else 0. It ran the compiler
 * that is recorded; itself it may be elsewhere or gone by now.
 */
static int behind_kgr_gcc(char *const *argv)
{
	int i, behind = 0;

	for (i = 0; i < 2 && !behind; i++) {
		char *base = g_path_get_basename(argv[i]);

		behind = g_str_equal(base, "kgr-gcc") ? i + 1 : 0;
		g_free(base);
	}
	return behind;
}

/* "cmd_X := COMMAND ; MORE" of DIR/.NAME.cmd, which says how DIR/NAME was made. */
static struct kgr_record *parse_command(const struct kgr_kernel *k, const char *path, char *text)
{
	char *at = strstr(text, " := "), **argv = NULL;
	struct kgr_record *r = NULL;
	int count;

	if (!at)
		return NULL;
	at += strlen(" := ");
	at[strcspn(at, ";\n")] = 0;
	if (g_shell_parse_argv(at, &count, &argv, NULL) && count > 2) {
		int behind = behind_kgr_gcc(argv);
		char *object = kgr_made_by(path);

		r = behind ? kgr_record_of_command(k->build, object, k->compiler, argv + behind) :
			     kgr_record_of_command(k->build, object, argv[0], argv + 1);
		g_free(object);
	}
	g_strfreev(argv);
	return r;
}

bool kgr_command_read(const struct kgr_kernel *k, const char *path, const GPtrArray *headers,
		      GPtrArray *commands, GError **error)
{
	struct kgr_record *r = NULL;
	char *text = NULL;
	bool ok = true;

	if (!g_file_get_contents(path, &text, NULL, error))
		return false;
	if (names_header(text, headers)) {
		if (strstr(text, ".S\n") || g_str_has_suffix(path, ".s.cmd"))
			r = parse_command(k, path, text);
		else if (strstr(text, ".c\n") && strstr(text, " -D__KERNEL__ "))
			ok = kgr_fail(error, KGR_REFUSED,
				      "%s names a changed header, and there is no record beside "
				      "it; rebuild its object with CC=kgr-gcc",
				      path);
	}
	if (r)
		g_ptr_array_add(commands, r);
	g_free(text);
	return ok;
}

/* One thing before and after; what is compared is what both runs leave in their files. */
struct pair {
	const struct kgr_record *record;
	char *files[2];
	bool same;
	bool known; /* nothing else can be found out by looking closer */
};

enum look {
	NAMES, /* the patched side only: does it mention the functions that the diff changes? */
	DIRECTIVES, /* includes and conditions are followed, macros stay: cheap, tells the same only */
	TOKENS, /* all of the preprocessor */
};

/* All that looking takes. */
struct looker {
	const struct kgr_session *session;
	GPtrArray *names; /* of the static inline functions that make all the difference, or NULL */
};

static bool is_generated(const struct kgr_record *r)
{
	return g_str_has_suffix(r->object, ".s");
}

static int sides(enum look look)
{
	return look == NAMES ? 1 : 2;
}

/* The patched one, and the one as it was. */
static bool prepare(struct pair *p, struct kgr_subprocess *runs, enum look look,
		    const struct looker *l, guint n, GError **error)
{
	int side;

	for (side = 0; side < sides(look); side++) {
		struct kgr_subprocess *run = &runs[side];

		p->files[side] = g_strdup_printf("%s/%u-%d.i", l->session->dir, n, side);
		if (!kgr_compile_command(run, p->record, side ? NULL : l->session->overlay,
					 p->files[side], error))
			return false;
		if (is_generated(p->record))
			continue;
		g_ptr_array_add(run->argv, g_strdup("-E"));
		g_ptr_array_add(run->argv, g_strdup("-P"));
		if (look == DIRECTIVES)
			g_ptr_array_add(run->argv, g_strdup("-fdirectives-only"));
	}
	return true;
}

/* Of asm-offsets.s only the constants count, which become a header: ".ascii \"->NAME $1 ...". */
static bool same_constants(const char *a, const char *b)
{
	char **x = g_strsplit(a, "\n", -1), **y = g_strsplit(b, "\n", -1);
	bool same = true;
	int i = 0, j = 0;

	while (same && (x[i] || y[j])) {
		if (x[i] && !strstr(x[i], "\"->"))
			i++;
		else if (y[j] && !strstr(y[j], "\"->"))
			j++;
		else
			same = x[i] && y[j] && !strcmp(x[i++], y[j++]);
	}
	g_strfreev(x);
	g_strfreev(y);
	return same;
}

static bool compare(struct pair *p, const struct kgr_subprocess *runs, enum look look,
		    const struct looker *l, GError **error)
{
	char *text[2] = { NULL, NULL };
	bool ok = true;
	int side;

	for (side = 0; ok && side < sides(look); side++) {
		/* What does not compile is for the replay to say. */
		if (runs[side].status)
			goto out;
		ok = g_file_get_contents(p->files[side], &text[side], NULL, error);
	}
	if (!ok)
		goto out;
	if (look == NAMES)
		p->same = kgr_pp_same_without(text[0], l->names, &p->known);
	else if (is_generated(p->record))
		p->same = same_constants(text[0], text[1]);
	else if (look == DIRECTIVES)
		p->same = !strcmp(text[0], text[1]);
	else
		p->same = kgr_pp_same(text[1], text[0]);
out:
	g_free(text[0]);
	g_free(text[1]);
	return ok;
}

static void forget_files(struct pair *p)
{
	int side;

	for (side = 0; side < 2; side++) {
		char *deps = p->files[side] ? g_strconcat(p->files[side], ".d", NULL) : NULL;

		if (deps) {
			unlink(p->files[side]);
			unlink(deps);
		}
		g_free(deps);
		g_clear_pointer(&p->files[side], g_free);
	}
}

/* One look at those that were not the same at the one before. */
static bool look_at(GPtrArray *pairs, enum look look, const struct looker *l, GError **error)
{
	struct kgr_subprocess *runs = g_new0(struct kgr_subprocess, 2 * BATCH);
	guint each = (guint)sides(look), i, n, count;
	bool ok = true;

	for (n = 0; ok && n < pairs->len; n += count) {
		kgr_progress_update(&l->session->progress, n, pairs->len);
		count = MIN(BATCH, pairs->len - n);
		for (i = 0; ok && i < count; i++)
			ok = prepare(pairs->pdata[n + i], &runs[each * i], look, l, i, error);
		ok = ok && kgr_subprocess_run_all(runs, each * count, l->session->jobs, error);
		for (i = 0; i < count; i++) {
			ok = ok && compare(pairs->pdata[n + i], &runs[each * i], look, l, error);
			forget_files(pairs->pdata[n + i]);
		}
		for (i = 0; i < each * count; i++)
			kgr_subprocess_clear(&runs[i]);
	}
	g_free(runs);
	return ok;
}

/* From the cheapest look that can tell to the dearest. */
static bool look_closer(struct pair *pairs, guint count, const struct looker *l, GError **error)
{
	enum look look;
	/* Nothing but comments? */
	bool same = l->names && !l->names->len, ok = true;
	guint i;

	for (i = 0; i < count; i++)
		pairs[i].same = same;
	for (look = l->names ? NAMES : DIRECTIVES; ok && look <= TOKENS; look++) {
		GPtrArray *left = g_ptr_array_new();

		for (i = 0; i < count; i++) {
			if (!pairs[i].same && !pairs[i].known &&
			    !(look == TOKENS && is_generated(pairs[i].record)))
				g_ptr_array_add(left, &pairs[i]);
		}
		ok = look_at(left, look, l, error);
		g_ptr_array_free(left, TRUE);
	}
	return ok;
}

static bool refuse_command(const struct kgr_record *r, GError **error)
{
	return kgr_fail(error, KGR_REFUSED,
			is_generated(r) ?
				"%s: the diff changes constants that assembly uses" :
				"%s: a changed header changes this assembly, which cannot be "
				"patched",
			r->object);
}

static bool check_commands(GPtrArray *commands, const struct looker *l, GError **error)
{
	struct pair *pairs = g_new0(struct pair, commands->len + 1);
	bool ok;
	guint i;

	for (i = 0; i < commands->len; i++)
		pairs[i].record = commands->pdata[i];
	ok = look_closer(pairs, commands->len, l, error);
	for (i = 0; ok && i < commands->len; i++)
		ok = pairs[i].same || refuse_command(pairs[i].record, error);
	g_free(pairs);
	return ok;
}

/* The functions that make all the difference between the headers as they were and patched, or NULL. */
static GPtrArray *changed_functions(const GPtrArray *headers, const struct kgr_overlay *s)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	bool known = true;
	guint i;

	for (i = 0; known && i < headers->len; i++) {
		char *orig = NULL, *patched = NULL,
		     *path = kgr_overlay_map_text(s, headers->pdata[i]);

		known = g_file_get_contents(headers->pdata[i], &orig, NULL, NULL) &&
			g_file_get_contents(path, &patched, NULL, NULL) &&
			kgr_changed_inlines(orig, patched, names);
		g_free(patched);
		g_free(orig);
		g_free(path);
	}
	if (!known)
		g_clear_pointer(&names, g_ptr_array_unref);
	return names;
}

bool kgr_header_impact(struct kgr_session *s, const GPtrArray *headers, GPtrArray *units,
		       GPtrArray *commands, guint *dropped, GError **error)
{
	struct pair *pairs = g_new0(struct pair, units->len + 1);
	struct kgr_unit **of = g_new0(struct kgr_unit *, units->len + 1);
	struct looker l = { .session = s };
	GPtrArray *names = changed_functions(headers, s->overlay);
	guint count = 0, i;
	bool ok;

	*dropped = 0;
	for (i = 0; i < units->len; i++) {
		of[count] = units->pdata[i];
		pairs[count].record = of[count]->record;
		count += of[count]->by_header;
	}
	kgr_progress_step(&s->progress, "headers");
	/* These are few, and may end it. What a function in C is to them nobody knows. */
	l.names = names && !names->len ? names : NULL;
	ok = check_commands(commands, &l, error);
	l.names = names;
	ok = ok && look_closer(pairs, count, &l, error);
	for (i = 0; ok && i < count; i++) {
		if (pairs[i].same) {
			g_ptr_array_remove(units, of[i]);
			++*dropped;
		} else if (of[i]->unpatchable) {
			ok = kgr_fail(error, KGR_REFUSED, "a changed header changes %s: %s",
				      of[i]->built, of[i]->unpatchable);
		}
	}
	if (names)
		g_ptr_array_unref(names);
	g_free(of);
	g_free(pairs);
	return ok;
}
