// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which of the units that include a changed header change with it? Most do not, and compiling hundreds to see
 * that takes long, so each is looked at from the cheapest way to the dearest, until it is seen to be the same:
 *
 *   NAMES        if only static inline functions differ (header-change.c): does the patched, preprocessed
 *                text mention one of them? With "f" of linux/f.h changed: not if it includes linux/f.h and
 *                never says "f("
 *   DIRECTIVES   preprocessed as it was and patched without expanding macros: the same text?
 *   TOKENS       fully preprocessed: the same but for what makes no code (pp-compare.c)?
 *
 *   CODE         of C that has no record, as the vdso of an adopted kernel: compiled to the same assembly?
 *
 * The others are compiled. A look that tells next to nothing about the first of many is not worth
 * it for the rest: where a header that all include changes what all use, all are compiled at once.
 * Assembly, and the constants that C makes for it (asm-offsets), have no record; their command
 * stands in Kbuild's .cmd file, and if they change the diff is refused.
 */
#include <string.h>
#include <unistd.h>

#include "kernel/build-index.h"
#include "units/aside.h"
#include "units/file-kinds.h"
#include "units/header-impact.h"
#include "lib/error.h"
#include "units/compile-command.h"
#include "source/header-change.h"
#include "lib/subprocess.h"
#include "source/pp-compare.h"
#include "lib/progress.h"

#define BATCH 32 /* preprocessed units lie on disk together, a few megabytes each */
#define TRIED (2 * BATCH) /* so many are looked at before a look is given up */
#define WORTH                                                                                      \
	4 /* one in so many has to be seen to be the same: a compilation costs that much less than a look */

static bool names_header(const char *text, const GPtrArray *headers)
{
	guint i;

	for (i = 0; i < headers->len; i++) {
		g_autofree char *base = g_path_get_basename(headers->pdata[i]);

		if (strstr(text, base))
			return true;
	}
	return false;
}

/*
 * Where the arguments begin, if kgr-gcc was run, by itself or behind ccache; else 0. It ran the compiler
 * that is recorded; itself it may be elsewhere or gone by now.
 */
static int behind_kgr_gcc(char *const *argv)
{
	int i;

	for (i = 0; i < 2; i++) {
		g_autofree char *base = g_path_get_basename(argv[i]);

		if (g_str_equal(base, "kgr-gcc"))
			return i + 1;
	}
	return 0;
}

/* "cmd_X := COMMAND ; MORE" of DIR/.NAME.cmd, which says how DIR/NAME was made. */
static struct kgr_record *parse_command(const struct kgr_kernel *k, const char *path, char *text)
{
	g_autofree char *object = kgr_made_by(path);
	char *at = strstr(text, " := ");
	g_auto(GStrv) argv = NULL;
	int count, behind;

	if (!at)
		return NULL;
	at += strlen(" := ");
	at[strcspn(at, ";\n")] = 0;
	if (!g_shell_parse_argv(at, &count, &argv, NULL) || count <= 2)
		return NULL;
	behind = behind_kgr_gcc(argv);
	return behind ? kgr_record_of_command(k->build, object, k->compiler, argv + behind) :
			kgr_record_of_command(k->build, object, argv[0], argv + 1);
}

bool kgr_command_read(const struct kgr_kernel *k, const char *path, const GPtrArray *headers,
		      GPtrArray *commands, GError **error)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, error))
		return false;
	if (!names_header(text, headers))
		return true;
	if (strstr(text, ".S\n") || g_str_has_suffix(path, ".s.cmd")) {
		struct kgr_record *r = parse_command(k, path, text);

		if (r)
			g_ptr_array_add(commands, r);
		return true;
	}
	return !strstr(text, ".c\n") || !strstr(text, " -D__KERNEL__ ") ||
	       kgr_fail(error, KGR_REFUSED,
			"%s names a changed header, and there is no record beside it; rebuild its "
			"object with CC=kgr-gcc",
			path);
}

/* One thing before and after; what is compared is what both runs leave in their files. */
struct pair {
	const struct kgr_record *record;
	char *files[2];
	bool same;
	bool known; /* nothing else can be found out by looking closer */
	bool always; /* however little looking tells: it cannot be compiled instead, or that is dear */
};

enum look {
	NAMES, /* the patched side only: does it mention the functions that the diff changes? */
	DIRECTIVES, /* includes and conditions are followed, macros stay: cheap, tells the same only */
	TOKENS, /* all of the preprocessor */
	CODE, /* and the compiler, without debug information, where nobody compiles it otherwise */
};

/* All that looking takes. */
struct looker {
	const struct kgr_session *session;
	GPtrArray *names; /* of the static inline functions that make all the difference, or NULL */
	enum look last;
};

static bool is_generated(const struct kgr_record *r)
{
	return g_str_has_suffix(r->object, ".s");
}

static bool is_assembled(const struct kgr_record *r)
{
	return r->args->len && g_str_has_suffix(r->args->pdata[r->args->len - 1], ".S");
}

static guint sides(enum look look)
{
	return look == NAMES ? 1 : 2;
}

/* The patched one, and the one as it was. */
static bool prepare(struct pair *p, const GArray *runs, guint first, enum look look,
		    const struct looker *l, GError **error)
{
	guint side;

	for (side = 0; side < sides(look); side++) {
		struct kgr_subprocess *run = kgr_subprocess_at(runs, first + side);

		p->files[side] = g_strdup_printf("%s/impact-%u.i", l->session->dir, first + side);
		if (!kgr_compile_command(run, p->record, side ? NULL : l->session->overlay,
					 p->files[side], error))
			return false;
		if (is_generated(p->record))
			continue;
		if (look == CODE) {
			kgr_subprocess_add(run, "-S", "-g0", NULL);
			continue;
		}
		kgr_subprocess_add(run, "-E", "-P", NULL);
		if (look == DIRECTIVES)
			kgr_subprocess_add(run, "-fdirectives-only", NULL);
	}
	return true;
}

/* Of asm-offsets.s only the constants count, which become a header: ".ascii \"->NAME $1 ...". */
static bool is_constant(const char *line)
{
	return strstr(line, "\"->");
}

/* The compiler says in a comment where it has an asm statement from. */
static bool is_no_comment(const char *line)
{
	return !g_str_has_prefix(line, "# ") && !g_str_has_prefix(line, "// ");
}

/* The same, but for lines that do not count? */
static bool same_lines(const char *a, const char *b, bool (*counts)(const char *line))
{
	g_auto(GStrv) x = g_strsplit(a, "\n", -1), y = g_strsplit(b, "\n", -1);
	bool same = true;
	int i = 0, j = 0;

	while (same && (x[i] || y[j])) {
		if (x[i] && !counts(x[i]))
			i++;
		else if (y[j] && !counts(y[j]))
			j++;
		else
			same = x[i] && y[j] && !strcmp(x[i++], y[j++]);
	}
	return same;
}

static bool compare(struct pair *p, const GArray *runs, guint first, enum look look,
		    const struct looker *l, GError **error)
{
	g_autofree char *patched = NULL, *orig = NULL;
	guint side;

	for (side = 0; side < sides(look); side++) {
		/* What does not compile is for the replay to say. */
		if (kgr_subprocess_at(runs, first + side)->status)
			return true;
	}
	if (!g_file_get_contents(p->files[0], &patched, NULL, error))
		return false;
	if (look == NAMES) {
		p->same = kgr_pp_same_without(patched, l->names, &p->known);
		return true;
	}
	if (!g_file_get_contents(p->files[1], &orig, NULL, error))
		return false;
	if (is_generated(p->record))
		p->same = same_lines(patched, orig, is_constant);
	else if (look == CODE)
		p->same = same_lines(patched, orig, is_no_comment);
	else if (look == DIRECTIVES)
		p->same = !strcmp(patched, orig);
	else
		p->same = kgr_pp_same(orig, patched);
	return true;
}

static void forget_files(struct pair *p)
{
	int side;

	for (side = 0; side < 2; side++) {
		g_autofree char *file = g_steal_pointer(&p->files[side]), *deps = NULL;

		if (!file)
			continue;
		deps = g_strconcat(file, ".d", NULL);
		unlink(file);
		unlink(deps);
	}
}

static bool look_at_batch(struct pair **pairs, guint count, enum look look, const struct looker *l,
			  GError **error)
{
	guint each = sides(look), i;
	g_autoptr(GArray) runs = kgr_subprocesses_new(each * count);
	bool ok = true;

	for (i = 0; ok && i < count; i++)
		ok = prepare(pairs[i], runs, each * i, look, l, error);
	ok = ok && kgr_subprocesses_run(runs, l->session->jobs, error);
	for (i = 0; i < count; i++) {
		ok = ok && compare(pairs[i], runs, each * i, look, l, error);
		forget_files(pairs[i]);
	}
	return ok;
}

/* Of the first @count, how many are done with by now? */
static guint count_told(const GPtrArray *pairs, guint count)
{
	guint told = 0, i;

	for (i = 0; i < count; i++) {
		const struct pair *p = pairs->pdata[i];

		told += p->same || p->known;
	}
	return told;
}

static gint always_first(gconstpointer a, gconstpointer b)
{
	const struct pair *x = *(struct pair *const *)a, *y = *(struct pair *const *)b;

	return y->always - x->always;
}

/* One look at those that were not the same at the one before. */
static bool look_at(GPtrArray *pairs, enum look look, const struct looker *l, GError **error)
{
	guint n, count;

	g_ptr_array_sort(pairs, always_first);
	for (n = 0; n < pairs->len; n += count) {
		const struct pair *next = pairs->pdata[n];

		if (n >= TRIED && !next->always && count_told(pairs, n) < n / WORTH)
			break;
		count = MIN(BATCH, pairs->len - n);
		kgr_progress_update(&l->session->progress, n, pairs->len);
		if (!look_at_batch((struct pair **)&pairs->pdata[n], count, look, l, error))
			return false;
	}
	return true;
}

static bool can_tell(enum look look, const struct kgr_record *r)
{
	return look < TOKENS || (!is_generated(r) && (look == TOKENS || !is_assembled(r)));
}

/* From the cheapest look that can tell to the dearest. */
static bool look_closer(struct pair *pairs, guint count, const struct looker *l, GError **error)
{
	enum look look;
	/* Nothing but comments? */
	bool same = l->names && !l->names->len;
	guint i;

	for (i = 0; i < count; i++)
		pairs[i].same |= same;
	for (look = l->names ? NAMES : DIRECTIVES; look <= l->last; look++) {
		g_autoptr(GPtrArray) open = g_ptr_array_new();

		for (i = 0; i < count; i++) {
			if (!pairs[i].same && !pairs[i].known && can_tell(look, pairs[i].record))
				g_ptr_array_add(open, &pairs[i]);
		}
		if (!look_at(open, look, l, error))
			return false;
	}
	return true;
}

/* The functions that make all the difference between the headers as they were and patched, or NULL. */
static GPtrArray *changed_functions(const GPtrArray *headers, const struct kgr_overlay *s)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	guint i;

	for (i = 0; i < headers->len; i++) {
		g_autofree char *path = kgr_overlay_map_path(s, headers->pdata[i]);
		g_autofree char *orig = NULL, *patched = NULL;

		if (!g_file_get_contents(headers->pdata[i], &orig, NULL, NULL) ||
		    !g_file_get_contents(path, &patched, NULL, NULL) ||
		    !kgr_changed_inlines(orig, patched, names))
			return NULL;
	}
	return g_steal_pointer(&names);
}

static bool refuse_command(const struct kgr_record *r, GError **error)
{
	const char *place = kgr_unpatchable_place(r->object);

	if (g_str_has_suffix(r->object, ".lds"))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: a changed header changes this linker script; rebuild the kernel "
			"and boot that",
			r->object);
	if (place && !is_generated(r) && !is_assembled(r))
		return kgr_fail(error, KGR_REFUSED, "a changed header changes %s: %s", r->object,
				place);
	return kgr_fail(
		error, KGR_REFUSED,
		is_generated(r) ?
			"%s: the diff changes constants that assembly uses, and assembly cannot "
			"be patched; rebuild the kernel and boot that" :
			"%s: a changed header changes this assembly, which cannot be patched; "
			"rebuild the kernel and boot that",
		r->object);
}

/* @names: from changed_functions() */
static bool check_commands(struct kgr_session *s, const GPtrArray *headers, GPtrArray *names,
			   const GPtrArray *commands, GError **error)
{
	g_autofree struct pair *pairs = g_new0(struct pair, commands->len + 1);
	/* These are few, and may end it. What assembly makes of the names of C functions is not known. */
	struct looker l = { .session = s,
			    .names = names && !names->len ? names : NULL,
			    .last = CODE };
	guint i;

	for (i = 0; i < commands->len; i++)
		pairs[i] = (struct pair){ .record = commands->pdata[i], .always = true };
	if (!look_closer(pairs, commands->len, &l, error))
		return false;
	for (i = 0; i < commands->len; i++) {
		g_autoptr(GError) why = NULL;

		if (pairs[i].same || refuse_command(pairs[i].record, &why) ||
		    kgr_set_aside_command(s, pairs[i].record, headers, &why))
			continue;
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	return true;
}

bool kgr_header_check_commands(struct kgr_session *s, const GPtrArray *headers,
			       const GPtrArray *commands, GError **error)
{
	g_autoptr(GPtrArray) names = changed_functions(headers, s->overlay);

	kgr_progress_step(&s->progress, "headers");
	return check_commands(s, headers, names, commands, error);
}

/* What something is asked for by, when it has been asked before: the files of the diff that count. */
static char *key_of(const char *name, const GPtrArray *files)
{
	g_autoptr(GString) out = g_string_new(name);
	guint i;

	for (i = 0; i < files->len; i++)
		g_string_append_printf(out, "\n%s", (const char *)files->pdata[i]);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *question(struct kgr_session *s, struct kgr_unit *u)
{
	return key_of(u->record->path, kgr_unit_reads(s, u));
}

/*
 * In an earlier round, of the same files: then there is nothing more to find out. By names alone it
 * may be the other way.
 */
static void recall(struct kgr_session *s, struct kgr_unit *u, struct pair *p,
		   const struct looker *l)
{
	g_autofree char *key = NULL;
	gpointer value;

	p->known = s->seen_to_change && g_hash_table_contains(s->seen_to_change, u->record->path);
	if (p->known || !s->unchanged || l->names)
		return;
	key = question(s, u);
	p->known = g_hash_table_lookup_extended(s->unchanged, key, NULL, &value);
	p->same = p->known && GPOINTER_TO_INT(value);
}

static void remember(struct kgr_session *s, struct kgr_unit *u, const struct pair *p,
		     const struct looker *l)
{
	if (s->unchanged && !l->names)
		g_hash_table_insert(s->unchanged, question(s, u), GINT_TO_POINTER(p->same));
}

bool kgr_header_impact(struct kgr_session *s, const GPtrArray *headers, GPtrArray *units,
		       GPtrArray *commands, guint *dropped, GError **error)
{
	g_autofree struct pair *pairs = g_new0(struct pair, units->len + 1);
	g_autofree struct kgr_unit **of = g_new0(struct kgr_unit *, units->len + 1);
	g_autoptr(GPtrArray) names = changed_functions(headers, s->overlay);
	struct looker l = { .session = s, .names = names, .last = TOKENS };
	guint count = 0, i;

	*dropped = 0;
	for (i = 0; i < units->len; i++) {
		of[count] = units->pdata[i];
		pairs[count].record = of[count]->record;
		count += of[count]->by_header;
	}
	kgr_progress_step(&s->progress, "headers");
	if (!check_commands(s, headers, names, commands, error))
		return false;
	for (i = 0; i < count; i++)
		recall(s, of[i], &pairs[i], &l);
	if (!look_closer(pairs, count, &l, error))
		return false;
	for (i = 0; i < count; i++) {
		remember(s, of[i], &pairs[i], &l);
		if (pairs[i].same) {
			*dropped += 1;
			g_ptr_array_remove(units, of[i]);
		}
	}
	return true;
}

bool kgr_header_may_change(struct kgr_session *s, const GPtrArray *headers,
			   const GPtrArray *commands, bool *may, GError **error)
{
	g_autofree struct pair *pairs = g_new0(struct pair, commands->len + 1);
	g_autoptr(GPtrArray) names = changed_functions(headers, s->overlay);
	struct looker l = { .session = s, .names = names, .last = TOKENS };
	gpointer value;
	guint i;

	kgr_progress_step(&s->progress, "headers");
	for (i = 0; i < commands->len; i++) {
		const struct kgr_record *record = commands->pdata[i];
		g_autofree char *key = key_of(record->object, headers);

		pairs[i].record = record;
		/* Its record would have to be made, and proved. */
		pairs[i].always = true;
		pairs[i].known = s->unchanged &&
				 g_hash_table_lookup_extended(s->unchanged, key, NULL, &value);
		pairs[i].same = pairs[i].known && GPOINTER_TO_INT(value);
	}
	if (!look_closer(pairs, commands->len, &l, error))
		return false;
	for (i = 0; i < commands->len; i++) {
		may[i] = !pairs[i].same;
		if (s->unchanged)
			g_hash_table_insert(s->unchanged, key_of(pairs[i].record->object, headers),
					    GINT_TO_POINTER(pairs[i].same));
	}
	return true;
}
