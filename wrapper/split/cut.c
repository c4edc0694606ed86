// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Cuts a .c file's hunks into parts. What changes in functions, types and macros stays together,
 * for a fix may need two functions, and nothing says so. An object's initial value may be a part of
 * its own, since that alone is often what cannot be live:
 *
 *	@@ -2714,11 +2714,13 @@		sk_msg_shift_left() is another one
 *	@@ -11041,7 +11043,6 @@		lwt_seg6local_prog_ops.test_run is gone		a part
 *
 * It is one if its hunks change nothing but the initializers of objects that are declared as
 * before, the others nothing but functions and objects (what a macro, an enumerator or an #include
 * changes is not seen here), and nothing speaks for the others having to do with it:
 *
 *   - none of the functions that they change is in the initializer: a table stays with its callbacks;
 *   - none has the object's name in it, nor a word of its declaration, nor one of the changed lines
 *     or of the entry, in braces or of a macro, that these belong to;
 *   - of members, which are named with a "." before them, that counts for changed lines only:
 *     "flags" is in every function.
 *
 * Two such objects are one part if one changed line's words are in the other's. A file that the
 * diff brings, takes away or renames is one part, and so is one whose hunks are without context:
 * where one of these lands depends on the others.
 */
#include <string.h>

#include "lib/text.h"
#include "source/c-lexer.h"
#include "source/diff-write.h"
#include "split/cut.h"

/* The file before the diff, or after it. */
struct side {
	struct kgr_lexed lexed;
	GArray *first, *last; /* of guint, by token: its lines, from 1 */
};

/* Lines that a hunk changes: from the first to behind the last; none: something is added before line @from. */
struct lines {
	guint from, end;
};

/* Hunks that stay together, while that is found out. */
struct group {
	GPtrArray *hunks; /* of struct kgr_hunk */
	GPtrArray *objects; /* of char *; NULL: the rest of the file */
	GHashTable *words,
		*members; /* of its changed lines; of objects also of entries and declarations */
	GHashTable *around; /* words of all that it changes something of */
	GHashTable *functions; /* names of functions that it changes */
	GHashTable *whole; /* of objects: all words of their initializers */
};

static void side_read(struct side *s, const char *text)
{
	guint line = 1, i;

	kgr_lex(&s->lexed, text);
	s->first = g_array_new(FALSE, FALSE, sizeof(guint));
	s->last = g_array_new(FALSE, FALSE, sizeof(guint));
	for (i = 0; i < s->lexed.tokens->len; i++) {
		const struct kgr_token *t = kgr_lexed_token(&s->lexed, i);

		for (; text < t->at; text++)
			line += *text == '\n';
		g_array_append_val(s->first, line);
		for (; text < t->at + t->len; text++)
			line += *text == '\n';
		g_array_append_val(s->last, line);
	}
}

static void side_clear(struct side *s)
{
	kgr_lexed_clear(&s->lexed);
	g_array_unref(s->first);
	g_array_unref(s->last);
}

/* Is something of these tokens changed? */
static bool is_at(const struct side *s, guint first, guint last, struct lines l)
{
	guint begins = g_array_index(s->first, guint, first);
	guint ends = g_array_index(s->last, guint, last);

	return (l.from == l.end ? begins < l.from : begins < l.end) && ends >= l.from;
}

static bool is_item_at(const struct side *s, const struct kgr_item *item, struct lines l)
{
	return is_at(s, item->first, item->first + item->count - 1, l);
}

static struct lines old_lines(const struct kgr_hunk *h)
{
	return (struct lines){ h->old_start + h->leading,
			       h->old_start + h->old_count - h->trailing };
}

static struct lines new_lines(const struct kgr_hunk *h)
{
	return (struct lines){ h->new_start + h->leading,
			       h->new_start + h->new_count - h->trailing };
}

static bool is_directive(const struct kgr_token *t)
{
	return *t->at == '#';
}

/* Those that say nothing of what something has to do with. */
static bool is_common(const char *word)
{
	static const char *const words[] = { "NULL",  "true",	"false",    "sizeof", "const",
					     "int",   "char",	"long",	    "void",   "unsigned",
					     "bool",  "struct", "static",   "union",  "enum",
					     "short", "signed", "volatile", NULL };

	return g_strv_contains(words, word);
}

static bool is_tag(const struct kgr_lexed *x, guint n, guint first)
{
	return n > first && (kgr_token_is(kgr_lexed_token(x, n - 1), "struct") ||
			     kgr_token_is(kgr_lexed_token(x, n - 1), "union") ||
			     kgr_token_is(kgr_lexed_token(x, n - 1), "enum"));
}

static bool is_name(const struct kgr_lexed *x, guint n, guint first)
{
	const struct kgr_token *t = kgr_lexed_token(x, n);
	g_autofree char *word = g_strndup(t->at, t->len);

	return kgr_token_is_identifier(t) && n > first && !is_tag(x, n, first) && !is_common(word);
}

/* Is there a type before a name? A lone one is a type itself: "u32 __x". */
static bool has_type(const struct kgr_lexed *x, guint first, guint name)
{
	static const char *const qualifiers[] = { "static", "const", "extern", "volatile", NULL };

	for (; first < name; first++) {
		const struct kgr_token *t = kgr_lexed_token(x, first);
		g_autofree char *word = g_strndup(t->at, t->len);

		if (kgr_token_is_identifier(t) && !kgr_text_begins(word, "__") &&
		    !g_strv_contains(qualifiers, word))
			return true;
	}
	return false;
}

/* Of "TYPE NAME[2] ATTRIBUTE = ..." NAME; NULL: which it is cannot be told. @end: where the "=" is */
static char *declared(const struct kgr_lexed *x, guint first, guint end)
{
	guint n, name = first;

	for (n = first; n < end && !kgr_token_is_char(kgr_lexed_token(x, n), '['); n++)
		;
	if (n < end) {
		name = n - 1;
	} else {
		/* "__" begins an attribute's name behind that of the object, and before that another object's. */
		for (n = first + 1; n < end; n++) {
			if (is_name(x, n, first) &&
			    (!has_type(x, first, name) ||
			     !kgr_text_begins(kgr_lexed_token(x, n)->at, "__")))
				name = n;
		}
	}
	if (!is_name(x, name, first))
		return NULL;
	return g_strndup(kgr_lexed_token(x, name)->at, kgr_lexed_token(x, name)->len);
}

static int opens(const struct kgr_token *t)
{
	return kgr_token_is_char(t, '{') || kgr_token_is_char(t, '(');
}

static int closes(const struct kgr_token *t)
{
	return kgr_token_is_char(t, '}') || kgr_token_is_char(t, ')');
}

/* Where the "=" of "TYPE NAME = ...;" is, which has to be all that an item is; 0 if it is something else. */
static guint find_assignment(const struct kgr_lexed *x, const struct kgr_item *item)
{
	guint end = item->first + item->count - 1, equals = 0, n;
	int depth = 0;

	if (!kgr_token_is_identifier(kgr_lexed_token(x, item->first)) ||
	    !kgr_token_is_char(kgr_lexed_token(x, end), ';'))
		return 0;
	for (n = item->first; n < end; n++) {
		const struct kgr_token *t = kgr_lexed_token(x, n);

		if (kgr_token_is_char(t, ';') || (!equals && (opens(t) || is_directive(t))) ||
		    (!depth && kgr_token_is_char(t, ',')))
			return 0;
		if (!equals && kgr_token_is_char(t, '='))
			equals = n;
		depth += opens(t) - closes(t);
	}
	return equals;
}

/* "static struct foo NAME \n", what stands before the "=" */
static void append_declaration(GString *to, const struct kgr_lexed *x, guint first, guint end)
{
	for (; first < end; first++) {
		const struct kgr_token *t = kgr_lexed_token(x, first);

		g_string_append_len(to, t->at, t->len);
		g_string_append_c(to, ' ');
	}
	g_string_append_c(to, '\n');
}

/* Is a preprocessor's line of an item changed? */
static bool changes_directive(const struct side *s, const struct kgr_item *item, struct lines l)
{
	guint n;

	for (n = item->first; n < item->first + item->count; n++) {
		if (is_directive(kgr_lexed_token(&s->lexed, n)) && is_at(s, n, n, l))
			return true;
	}
	return false;
}

/* @objects: gets what the items at these lines initialize; false if one is something else, or there is none */
static bool find_objects(const struct side *s, struct lines l, GPtrArray *objects,
			 GString *declarations)
{
	guint i;

	for (i = 0; i < s->lexed.items->len; i++) {
		const struct kgr_item *item = kgr_lexed_item(&s->lexed, i);
		guint equals;
		char *object;

		if (!is_item_at(s, item, l))
			continue;
		equals = find_assignment(&s->lexed, item);
		object = equals ? declared(&s->lexed, item->first, equals) : NULL;
		if (!object)
			return false;
		g_ptr_array_add(objects, object);
		append_declaration(declarations, &s->lexed, item->first, equals);
		if (changes_directive(s, item, l))
			return false;
	}
	return objects->len;
}

/* The objects of which a hunk changes the initial values, and nothing else; NULL: it does change something else. */
static GPtrArray *initialized_by(const struct kgr_hunk *h, const struct side *old,
				 const struct side *patched)
{
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) after = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) was = g_string_new(NULL), is = g_string_new(NULL);

	if (!find_objects(old, old_lines(h), objects, was) ||
	    !find_objects(patched, new_lines(h), after, is) || !g_string_equal(was, is))
		return NULL;
	return g_steal_pointer(&objects);
}

static GHashTable *set_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static struct group *group_new(GPtrArray *objects)
{
	struct group *g = g_new(struct group, 1);

	*g = (struct group){ g_ptr_array_new(), objects,   set_new(), set_new(),
			     set_new(),		set_new(), set_new() };
	return g;
}

static void group_free(gpointer data)
{
	struct group *g = data;

	g_clear_pointer(&g->hunks, g_ptr_array_unref);
	g_clear_pointer(&g->objects, g_ptr_array_unref);
	g_hash_table_unref(g->words);
	g_hash_table_unref(g->members);
	g_hash_table_unref(g->around);
	g_hash_table_unref(g->functions);
	g_hash_table_unref(g->whole);
	g_free(g);
}

static void add_word(GHashTable *to, const char *at, size_t len)
{
	g_autofree char *word = g_strndup(at, len);

	if (!is_common(word))
		g_hash_table_add(to, g_steal_pointer(&word));
}

/* Of a preprocessor's line each word. */
static void add_words(GHashTable *to, const char *at, const char *end)
{
	while (at < end) {
		const char *word = at;

		while (at < end && kgr_is_word(*at))
			at++;
		if (at == word)
			at++;
		else if (!g_ascii_isdigit(*word))
			add_word(to, word, (size_t)(at - word));
	}
}

/* Of ".m" and "->m", m: tokens are single characters. */
static bool is_member(const struct kgr_lexed *x, guint n)
{
	const struct kgr_token *before = n ? kgr_lexed_token(x, n - 1) : NULL;

	return before && (kgr_token_is_char(before, '.') ||
			  (n > 1 && kgr_token_is_char(before, '>') &&
			   kgr_token_is_char(kgr_lexed_token(x, n - 2), '-')));
}

static void add_token(struct group *g, const struct kgr_lexed *x, guint n)
{
	const struct kgr_token *t = kgr_lexed_token(x, n);

	if (is_directive(t))
		add_words(g->words, t->at, t->at + t->len);
	else if (kgr_token_is_identifier(t))
		add_word(is_member(x, n) ? g->members : g->words, t->at, t->len);
}

/*
 * Entries of the initializer of which something is changed: "{ .name = "kill", .write = kill_write
 * }", "RW(kill, kill_write)".
 */
static void add_entries(struct group *g, const struct side *s, const struct kgr_item *item,
			struct lines l)
{
	guint end = item->first + item->count, n, close;
	bool outermost = true;

	for (n = item->first; n < end; n++) {
		if (!opens(kgr_lexed_token(&s->lexed, n)))
			continue;
		close = MIN(kgr_lexed_closing(&s->lexed, n, end), end - 1);
		if (!outermost && is_at(s, n - 1, close, l)) {
			for (n--; n < close; n++)
				add_token(g, &s->lexed, n);
		}
		outermost = false;
	}
}

/* "static int NAME(...)", also behind "__must_check(...)"; that of SYSCALL_DEFINE1(NAME, ...) is no callback. */
static void add_function(struct group *g, const struct kgr_lexed *x, const struct kgr_item *item)
{
	guint n;

	for (n = item->first + 1; n < item->first + item->count; n++) {
		const struct kgr_token *t = kgr_lexed_token(x, n - 1);

		if (!kgr_token_is_char(kgr_lexed_token(x, n), '('))
			continue;
		if (kgr_token_is_identifier(t))
			add_word(g->functions, t->at, t->len);
		if (!kgr_token_is_identifier(t) || !kgr_text_begins(t->at, "__"))
			return;
	}
}

static void add_item(struct group *g, const struct side *s, const struct kgr_item *item,
		     struct lines l)
{
	guint equals, n;

	for (n = item->first; n < item->first + item->count; n++) {
		const struct kgr_token *t = kgr_lexed_token(&s->lexed, n);

		if (is_at(s, n, n, l))
			add_token(g, &s->lexed, n);
		if (is_directive(t))
			add_words(g->around, t->at, t->at + t->len);
		else if (kgr_token_is_identifier(t))
			add_word(g->around, t->at, t->len);
	}
	if (!g->objects) {
		add_function(g, &s->lexed, item);
		return;
	}
	add_entries(g, s, item, l);
	equals = find_assignment(&s->lexed, item);
	for (n = item->first; n < item->first + item->count; n++) {
		const struct kgr_token *t = kgr_lexed_token(&s->lexed, n);

		if (n < equals)
			add_token(g, &s->lexed, n);
		else if (kgr_token_is_identifier(t) && !is_member(&s->lexed, n))
			add_word(g->whole, t->at, t->len);
	}
}

static void add_side(struct group *g, const struct side *s, struct lines l)
{
	guint i;

	for (i = 0; i < s->lexed.items->len; i++) {
		const struct kgr_item *item = kgr_lexed_item(&s->lexed, i);

		if (is_item_at(s, item, l))
			add_item(g, s, item, l);
	}
}

static void group_add(struct group *g, struct kgr_hunk *h, const struct side *old,
		      const struct side *patched)
{
	add_side(g, old, old_lines(h));
	add_side(g, patched, new_lines(h));
	g_ptr_array_add(g->hunks, h);
}

static bool has_common(GHashTable *a, GHashTable *b)
{
	GHashTableIter it;
	gpointer word;

	g_hash_table_iter_init(&it, a);
	while (g_hash_table_iter_next(&it, &word, NULL)) {
		if (g_hash_table_contains(b, word))
			return true;
	}
	return false;
}

/* @a is objects; @b, too, or the rest. */
static bool belong_together(const struct group *a, const struct group *b)
{
	return has_common(b->functions, a->whole) ||
	       (!b->objects && has_common(a->words, b->around)) || has_common(a->words, b->words) ||
	       has_common(a->members, b->members) || has_common(a->members, b->words) ||
	       has_common(a->words, b->members);
}

static void add_all(GHashTable *to, GHashTable *from)
{
	GHashTableIter it;
	gpointer word;

	g_hash_table_iter_init(&it, from);
	while (g_hash_table_iter_next(&it, &word, NULL))
		g_hash_table_add(to, g_strdup(word));
}

/* @from becomes a part of @to, and is freed. */
static void merge(GPtrArray *groups, struct group *to, struct group *from)
{
	guint i;

	g_ptr_array_extend(to->hunks, from->hunks, NULL, NULL);
	for (i = 0; to->objects && i < from->objects->len; i++) {
		if (!g_ptr_array_find_with_equal_func(to->objects, from->objects->pdata[i],
						      g_str_equal, NULL))
			g_ptr_array_add(to->objects, g_strdup(from->objects->pdata[i]));
	}
	add_all(to->words, from->words);
	add_all(to->members, from->members);
	add_all(to->around, from->around);
	add_all(to->functions, from->functions);
	add_all(to->whole, from->whole);
	g_ptr_array_remove(groups, from);
}

static bool merge_some(GPtrArray *groups)
{
	guint i, n;

	for (i = 0; i < groups->len; i++) {
		for (n = 0; n < groups->len; n++) {
			struct group *a = groups->pdata[i], *b = groups->pdata[n];

			if (a == b || !a->objects || !belong_together(a, b))
				continue;
			merge(groups, b, a);
			return true;
		}
	}
	return false;
}

/* A function, its declaration, "EXPORT_SYMBOL(f);" or an object. */
static bool is_function_or_object(const struct kgr_lexed *x, const struct kgr_item *item)
{
	const struct kgr_token *t = kgr_lexed_token(x, item->first);
	guint end = item->first + item->count, n;

	if (!kgr_token_is_identifier(t) || kgr_token_is(t, "typedef"))
		return false;
	if (find_assignment(x, item))
		return true;
	for (n = item->first; n < end && !kgr_token_is_char(kgr_lexed_token(x, n), '{'); n++)
		;
	/* "struct s {" is a type. */
	return n == end || kgr_token_is_char(kgr_lexed_token(x, n - 1), ')');
}

static bool changes_others(const struct side *s, struct lines l)
{
	guint i;

	for (i = 0; i < s->lexed.items->len; i++) {
		const struct kgr_item *item = kgr_lexed_item(&s->lexed, i);

		if (is_item_at(s, item, l) &&
		    (!is_function_or_object(&s->lexed, item) || changes_directive(s, item, l)))
			return true;
	}
	return false;
}

/* The rest of the file, if there is any, and each hunk that is objects; NULL if they cannot be told from each other. */
static GPtrArray *find_groups(const struct kgr_file_diff *diff, const struct side *old,
			      const struct side *patched)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(group_free);
	struct group *rest = NULL;
	guint i;

	for (i = 0; i < diff->hunks->len; i++) {
		struct kgr_hunk *h = diff->hunks->pdata[i];
		GPtrArray *objects = initialized_by(h, old, patched);
		struct group *g = objects ? NULL : rest;

		if (!objects &&
		    (changes_others(old, old_lines(h)) || changes_others(patched, new_lines(h))))
			return NULL;
		if (!g) {
			g = group_new(objects);
			g_ptr_array_add(groups, g);
		}
		if (!objects)
			rest = g;
		group_add(g, h, old, patched);
	}
	while (merge_some(groups))
		;
	return g_steal_pointer(&groups);
}

/* Of objects that are a part only what is in the hunks counts, not all of the file's text. */
static void mention_little(struct kgr_changed_names *names, const struct group *g)
{
	g_hash_table_remove_all(names->mentions);
	add_all(names->mentions, g->words);
	add_all(names->mentions, g->members);
}

static void add_part(struct kgr_split_file *f, struct group *g, const char *old)
{
	struct kgr_file_diff diff = *f->diff;
	struct kgr_changed_names *names;
	g_autoptr(GString) text = NULL;

	g_ptr_array_sort(g->hunks, kgr_by_line);
	diff.hunks = g->hunks;
	text = kgr_file_diff_patch(&diff, old, strlen(old));
	names = kgr_changed_names_new(f->name, old, text->str, &diff);
	if (g->objects)
		mention_little(names, g);
	kgr_split_part_new(f, g_steal_pointer(&g->hunks), g_steal_pointer(&g->objects), names);
}

static bool can_be_cut(const struct kgr_split_file *f, const char *old, const char *patched)
{
	const struct kgr_file_diff *diff = f->diff;
	g_autoptr(GString) text = NULL;
	guint i;

	if (!old || !patched || diff->hunks->len < 2 || diff->renamed || diff->copied ||
	    diff->binary || g_strcmp0(diff->old_name, diff->new_name) != 0 ||
	    !g_str_has_suffix(f->name, ".c"))
		return false;
	for (i = 0; i < diff->hunks->len; i++) {
		const struct kgr_hunk *h = diff->hunks->pdata[i];

		if (!h->leading || !h->trailing)
			return false;
	}
	text = kgr_file_diff_patch(diff, old, strlen(old));
	return text && !strcmp(text->str, patched);
}

void kgr_split_cut(struct kgr_split_file *f, const char *old, const char *patched)
{
	struct side before = { 0 }, after = { 0 };
	g_autoptr(GPtrArray) groups = NULL;
	guint i;

	if (can_be_cut(f, old, patched)) {
		side_read(&before, old);
		side_read(&after, patched);
		groups = find_groups(f->diff, &before, &after);
		for (i = 0; groups && groups->len > 1 && i < groups->len; i++)
			add_part(f, groups->pdata[i], old);
		side_clear(&before);
		side_clear(&after);
	}
	if (!f->parts)
		kgr_split_part_new(f, g_ptr_array_ref(f->diff->hunks), NULL,
				   kgr_changed_names_new(f->name, old, patched, f->diff));
}
