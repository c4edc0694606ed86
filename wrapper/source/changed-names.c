// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads what a file declares, before and after a diff, and which words stand in the changed lines.
 *
 *   int limit(int n);		before; after: int limit(int n, int max);	changes limit
 *				after: int floor(int n);			brings floor
 *   struct s { int a; };	after: struct s { int a, b; };			brings the member b
 *				after: struct t { int b; };			brings t and, as t,
 *										its members
 *   f() { ... }		after: f() { ... } EXPORT_SYMBOL(f);		brings f: callers
 *										need not know
 *   int limit(int n) { ... }	only what is between the braces differs: touched, and nobody need know
 *
 * Each item at file scope (c-lexer.h) declares names. What all items of a name say of it, without
 * bodies and initialisers, is its declaration, and these are compared. A structure is what its
 * members are, a macro all of its line. Something unusual may be read wrongly: then too many files
 * are joined, or the compile fails and shows it.
 */
#include <string.h>

#include "source/c-lexer.h"
#include "source/changed-names.h"

#define NO_NAME G_MAXUINT /* an item that declares nothing that is known */
#define NO_FUNCTION (G_MAXUINT - 1) /* nor does a function stand in it: objects, perhaps */

/* What one text declares: name -> GString; a member's is "TAG.NAME". */
struct declared {
	GHashTable *names, *members, *functions, *types, *exports;
	bool is_header;
};

static void free_string(gpointer s)
{
	g_string_free(s, TRUE);
}

static GHashTable *texts_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_string);
}

static void declared_clear(struct declared *d)
{
	g_hash_table_unref(d->names);
	g_hash_table_unref(d->members);
	g_hash_table_unref(d->functions);
	g_hash_table_unref(d->types);
	g_hash_table_unref(d->exports);
}

/* Adds tokens to what is known of a name; owns that. */
static void tell_of(GHashTable *texts, char *name, const struct kgr_lexed *x, guint first,
		    guint end)
{
	g_autofree char *key = name;
	GString *text = g_hash_table_lookup(texts, key);

	if (!text) {
		text = g_string_new(NULL);
		g_hash_table_insert(texts, g_steal_pointer(&key), text);
	}
	for (; first < end; first++) {
		g_string_append_len(text, kgr_lexed_token(x, first)->at,
				    kgr_lexed_token(x, first)->len);
		g_string_append_c(text, ' ');
	}
	g_string_append_c(text, '\n');
}

static void tell(GHashTable *texts, const struct kgr_token *name, const struct kgr_lexed *x,
		 guint first, guint end)
{
	tell_of(texts, g_strndup(name->at, name->len), x, first, end);
}

static bool is_attribute(const struct kgr_token *t)
{
	return t->len > 2 && !strncmp(t->at, "__", 2);
}

/* "#define NAME ..." */
static void read_directive(struct declared *d, const struct kgr_lexed *x, guint n)
{
	const struct kgr_token *t = kgr_lexed_token(x, n);
	const char *at = t->at + 1, *end = t->at + t->len;
	struct kgr_token name;

	while (at < end && g_ascii_isspace(*at))
		at++;
	if (!d->is_header || end - at < 8 || strncmp(at, "define", 6) != 0)
		return;
	for (at += 6; at < end && g_ascii_isspace(*at); at++)
		;
	name = (struct kgr_token){ .at = at };
	while (at < end && kgr_is_word(*at))
		at++;
	name.len = (guint)(at - name.at);
	if (name.len)
		tell(d->names, &name, x, n, n + 1);
}

/* Does a declarator's name stand here: before what ends it, or before its attributes? "u32 :32" has none. */
static bool is_declarator(const struct kgr_lexed *x, guint first, guint i)
{
	const struct kgr_token *next = kgr_lexed_token(x, i + 1),
			       *behind = kgr_lexed_token(x, i + 2);

	if (!kgr_token_is_identifier(kgr_lexed_token(x, i)) ||
	    is_attribute(kgr_lexed_token(x, i)) || i == first)
		return false;
	if (kgr_token_is_char(next, ')'))
		return i > first + 1 && kgr_token_is_char(kgr_lexed_token(x, i - 1), '*');
	if (is_attribute(next))
		return kgr_token_is_char(behind, ';') || kgr_token_is_char(behind, '(');
	return kgr_token_is_char(next, ';') || kgr_token_is_char(next, ',') ||
	       kgr_token_is_char(next, '[') || kgr_token_is_char(next, ':');
}

/* What stands between the braces of a structure, from @n to @end: each declarator with all of its declaration. */
static void read_members(struct declared *d, const char *tag, const struct kgr_lexed *x, guint n,
			 guint end)
{
	guint first = n, i;

	for (; n < end; n++) {
		if (!kgr_token_is_char(kgr_lexed_token(x, n), ';'))
			continue;
		for (i = first; i < n; i++) {
			const struct kgr_token *t = kgr_lexed_token(x, i);

			if (is_declarator(x, first, i))
				tell_of(d->members,
					g_strdup_printf("%s.%.*s", tag, (int)t->len, t->at), x,
					first, n);
		}
		first = n + 1;
	}
}

static void read_enumerators(struct declared *d, const struct kgr_lexed *x, guint n, guint end)
{
	for (; n < end; n++) {
		const struct kgr_token *before = kgr_lexed_token(x, n - 1);

		if (kgr_token_is_identifier(kgr_lexed_token(x, n)) &&
		    (kgr_token_is_char(before, '{') || kgr_token_is_char(before, ',')))
			tell(d->names, kgr_lexed_token(x, n), x, n, n + 1);
	}
}

/* "struct TAG { ... } NAME;" */
static bool read_type(struct declared *d, const struct kgr_lexed *x, guint first, guint open,
		      guint end)
{
	const struct kgr_token *tag = kgr_lexed_token(x, open - 1);
	guint close = kgr_lexed_closing(x, open, end), i;
	bool is_enum = false, is_type = false, has_tag;
	g_autofree char *name = NULL;

	for (i = first; i < open; i++) {
		is_enum |= kgr_token_is(kgr_lexed_token(x, i), "enum");
		is_type |= kgr_token_is(kgr_lexed_token(x, i), "struct") ||
			   kgr_token_is(kgr_lexed_token(x, i), "union");
	}
	if (!is_enum && !is_type)
		return false;
	has_tag = kgr_token_is_identifier(tag) && !kgr_token_is(tag, "struct") &&
		  !kgr_token_is(tag, "union") && !kgr_token_is(tag, "enum");
	name = has_tag ? g_strndup(tag->at, tag->len) : g_strdup("");
	if (has_tag)
		tell(d->types, tag, x, open, close);
	if (!d->is_header)
		return true;
	if (has_tag)
		tell(d->names, tag, x, open - 1, open);
	if (is_enum)
		read_enumerators(d, x, open + 1, close);
	else
		read_members(d, name, x, open + 1, close);
	for (i = close; i < end && !is_attribute(kgr_lexed_token(x, i)); i++) {
		if (kgr_token_is_identifier(kgr_lexed_token(x, i)))
			tell(d->names, kgr_lexed_token(x, i), x, i, i + 1);
	}
	return true;
}

/* Words before a parenthesis that are no function's name. */
static bool is_type_word(const struct kgr_token *t)
{
	static const char *const words[] = { "void",   "char",	     "short",  "int",	 "long",
					     "signed", "unsigned",   "bool",   "float",	 "double",
					     "struct", "union",	     "enum",   "static", "const",
					     "typeof", "__typeof__", "inline", NULL };
	int i;

	for (i = 0; words[i]; i++) {
		if (kgr_token_is(t, words[i]))
			return true;
	}
	return false;
}

static bool is_export(const struct kgr_token *t)
{
	return t->len > 7 && !strncmp(t->at, "EXPORT_", 7);
}

/* Of "EXPORT_SYMBOL(NAME)", "SYSCALL_DEFINE1(NAME, ...)", "DEFINE_PER_CPU(int, NAME)"; of others nothing is known. */
static guint macro_argument(const struct kgr_lexed *x, guint first, guint end)
{
	g_autofree char *macro =
		g_strndup(kgr_lexed_token(x, first)->at, kgr_lexed_token(x, first)->len);
	guint n = first + 2;

	if (strstr(macro, "_PER_CPU")) {
		while (n + 1 < end && !kgr_token_is_char(kgr_lexed_token(x, n + 1), ')'))
			n++;
	} else if (!is_export(kgr_lexed_token(x, first)) && !strstr(macro, "SYSCALL_DEFINE")) {
		return NO_NAME;
	}
	return n < end && kgr_token_is_identifier(kgr_lexed_token(x, n)) ? n : NO_NAME;
}

/* Of "TYPE NAME(...)", with or without a body, of "TYPE (*NAME)(...)", and of macros that stand alone. */
static guint function_name(const struct kgr_lexed *x, guint first, guint end)
{
	guint n, fallback = NO_FUNCTION;

	if (first + 1 < end && kgr_token_is_char(kgr_lexed_token(x, first + 1), '('))
		return macro_argument(x, first, end);
	for (n = first; n + 1 < end; n++) {
		if (kgr_token_is_char(kgr_lexed_token(x, n), '=') ||
		    kgr_token_is_char(kgr_lexed_token(x, n), '['))
			break;
		if (!kgr_token_is_identifier(kgr_lexed_token(x, n)) ||
		    !kgr_token_is_char(kgr_lexed_token(x, n + 1), '('))
			continue;
		if (n + 3 < end && kgr_token_is_char(kgr_lexed_token(x, n + 2), '*'))
			return kgr_token_is_identifier(kgr_lexed_token(x, n + 3)) ? n + 3 : NO_NAME;
		if (is_type_word(kgr_lexed_token(x, n)))
			continue;
		if (!is_attribute(kgr_lexed_token(x, n)))
			return n;
		if (fallback == NO_FUNCTION)
			fallback = n;
	}
	return fallback;
}

/* "extern int a, b[3];" */
static void read_objects(struct declared *d, const struct kgr_lexed *x, guint first, guint end)
{
	guint stop, n;

	for (stop = first; stop < end && !kgr_token_is_char(kgr_lexed_token(x, stop), '='); stop++)
		;
	for (n = first + 1; n < end && n <= stop; n++) {
		const struct kgr_token *t = kgr_lexed_token(x, n);

		if ((kgr_token_is_char(t, '=') || kgr_token_is_char(t, ';') ||
		     kgr_token_is_char(t, ',') || kgr_token_is_char(t, '[')) &&
		    kgr_token_is_identifier(kgr_lexed_token(x, n - 1)) &&
		    !is_type_word(kgr_lexed_token(x, n - 1)))
			tell(d->names, kgr_lexed_token(x, n - 1), x, first, stop);
	}
}

static void read_item(struct declared *d, const struct kgr_lexed *x, const struct kgr_item *item)
{
	guint first = item->first, end = first + item->count, open, name, n;
	bool is_static = false;

	if (*kgr_lexed_token(x, first)->at == '#' && item->count == 1) {
		read_directive(d, x, first);
		return;
	}
	for (open = first; open < end && !kgr_token_is_char(kgr_lexed_token(x, open), '{'); open++)
		is_static |= kgr_token_is(kgr_lexed_token(x, open), "static");
	if (open < end && open > first && !kgr_token_is_char(kgr_lexed_token(x, open - 1), ')') &&
	    !kgr_token_is_char(kgr_lexed_token(x, open - 1), '=') &&
	    read_type(d, x, first, open, end))
		return;
	name = function_name(x, first, open);
	if (name == NO_NAME)
		return;
	if (name == NO_FUNCTION) {
		if (d->is_header || !is_static)
			read_objects(d, x, first, end);
		return;
	}
	if (open < end)
		tell(d->functions, kgr_lexed_token(x, name), x, first, end);
	if (is_export(kgr_lexed_token(x, first)))
		tell(d->exports, kgr_lexed_token(x, name), x, first, end);
	else if (d->is_header || !is_static) {
		/* Attributes of the header's line are a declaration's, too. */
		for (n = first; n < open && kgr_token_is(kgr_lexed_token(x, n), "extern"); n++)
			;
		tell(d->names, kgr_lexed_token(x, name), x, n, open);
	}
}

static void read_text(struct declared *d, const char *name, const char *text)
{
	g_auto(kgr_lexed) x = { 0 };
	guint i;

	*d = (struct declared){ texts_new(), texts_new(), texts_new(),
				texts_new(), texts_new(), g_str_has_suffix(name, ".h") };
	if (!text)
		return;
	kgr_lex(&x, text);
	for (i = 0; i < x.items->len; i++)
		read_item(d, &x, kgr_lexed_item(&x, i));
}

/* Assembly: SYM_FUNC_START(NAME) and the like. */
static void read_assembly(struct declared *d, const char *text)
{
	g_autoptr(GRegex) symbol =
		g_regex_new("^\\s*(?:SYM_\\w+|ENTRY)\\((\\w+)", G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	*d = (struct declared){ texts_new(), texts_new(), texts_new(),
				texts_new(), texts_new(), false };
	if (!text)
		return;
	for (g_regex_match(symbol, text, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL))
		g_hash_table_insert(d->names, g_match_info_fetch(match, 1), g_string_new(NULL));
}

static GHashTable *set_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void add(GHashTable *to, const char *name)
{
	g_hash_table_add(to, g_strdup(name));
}

/* @changed: gets what both know in different ways, and what is gone; @brought: what is new */
static void differences(GHashTable *before, GHashTable *after, GHashTable *brought,
			GHashTable *changed)
{
	GHashTableIter it;
	gpointer name, text;

	g_hash_table_iter_init(&it, after);
	while (g_hash_table_iter_next(&it, &name, &text)) {
		const GString *was = g_hash_table_lookup(before, name);

		if (!was)
			add(brought, name);
		else if (!g_string_equal(was, text))
			add(changed, name);
	}
	g_hash_table_iter_init(&it, before);
	while (g_hash_table_iter_next(&it, &name, NULL)) {
		if (!g_hash_table_contains(after, name))
			add(changed, name);
	}
}

static char *tag_of(const char *member)
{
	return g_strndup(member, (gsize)(strchr(member, '.') - member));
}

/* Was the structure there before, and is it still? One without a tag is taken for such. */
static bool stays(const char *member, const struct declared *before, const struct declared *after)
{
	g_autofree char *tag = tag_of(member);

	return !*tag || (g_hash_table_contains(before->types, tag) &&
			 g_hash_table_contains(after->types, tag));
}

/* Of @from, "TAG.NAME", adds the names to @to. */
static void add_members(GHashTable *to, GHashTable *from, const struct declared *before,
			const struct declared *after)
{
	GHashTableIter it;
	gpointer member;

	g_hash_table_iter_init(&it, from);
	while (g_hash_table_iter_next(&it, &member, NULL)) {
		if (stays(member, before, after))
			add(to, strchr(member, '.') + 1);
	}
	g_hash_table_unref(from);
}

static void member_differences(struct kgr_changed_names *n, const struct declared *before,
			       const struct declared *after)
{
	GHashTable *brought = set_new(), *changed = set_new();

	differences(before->members, after->members, brought, changed);
	add_members(n->members, brought, before, after);
	add_members(n->other_members, changed, before, after);
}

/* #include <linux/foo.h> */
static bool read_include(struct kgr_changed_names *n, const char *at, const char *end)
{
	g_autofree char *line = g_strndup(at, (gsize)(end - at));
	const char *from = strpbrk(line, "<\""), *keyword = strstr(line, "include");

	if (*line != '#' || !keyword || !from || from < keyword)
		return false;
	g_hash_table_add(n->includes, g_strndup(from + 1, strcspn(from + 1, ">\"")));
	return true;
}

static const char *skip_string(const char *at, const char *end)
{
	char quote = *at++;

	while (at < end && *at != quote)
		at += *at == '\\' ? 2 : 1;
	return MIN(at + 1, end);
}

static const char *skip_comment(const char *at, const char *end)
{
	const char *stop = at[1] == '*' ? g_strstr_len(at + 2, end - at - 2, "*/") : NULL;

	return stop ? stop + 2 : end;
}

/* Behind " * and so on", and behind the comment if it ends there; "*p = 1;" is none. */
static const char *skip_rest_of_comment(const char *at, const char *end)
{
	const char *stop;

	if (*at != '*' || (at + 1 < end && !g_ascii_isspace(at[1]) && at[1] != '/'))
		return at;
	stop = g_strstr_len(at, end - at, "*/");
	return stop ? stop + 2 : end;
}

/* One changed line, from its first character that is no blank. */
static void read_line(struct kgr_changed_names *n, const char *at, const char *end)
{
	const char *start = at;

	while (at < end && g_ascii_isspace(*at))
		at++;
	if (at == end || read_include(n, at, end))
		return;
	at = skip_rest_of_comment(at, end);
	while (at < end) {
		const char *word = at;
		bool reached = at > start && (at[-1] == '.' ||
					      (at > start + 1 && at[-1] == '>' && at[-2] == '-'));

		if (*at == '/' && at + 1 < end && (at[1] == '/' || at[1] == '*')) {
			at = skip_comment(at, end);
			continue;
		}
		if (*at == '"' || *at == '\'') {
			at = skip_string(at, end);
			continue;
		}
		while (at < end && kgr_is_word(*at))
			at++;
		if (at == word) {
			at++;
			continue;
		}
		if (!g_ascii_isdigit(*word))
			g_hash_table_add(reached ? n->reaches : n->uses,
					 g_strndup(word, (gsize)(at - word)));
	}
}

static void read_hunk(struct kgr_changed_names *n, const struct kgr_hunk *h)
{
	const char *at = h->body, *end = at + h->size;

	while (at < end) {
		const char *stop = memchr(at, '\n', (gsize)(end - at));

		if (!stop)
			stop = end;
		if (*at == '+' || *at == '-')
			read_line(n, at + 1, stop);
		at = stop + 1;
	}
}

/* All words of a text, whatever they are. */
static void mention(struct kgr_changed_names *n, const char *at)
{
	while (at && *at) {
		const char *word = at;

		while (kgr_is_word(*at))
			at++;
		if (at == word)
			at++;
		else if (!g_ascii_isdigit(*word))
			g_hash_table_add(n->mentions, g_strndup(word, (gsize)(at - word)));
	}
}

struct kgr_changed_names *kgr_changed_names_new(const char *name, const char *old,
						const char *patched,
						const struct kgr_file_diff *file)
{
	struct kgr_changed_names *n = g_new(struct kgr_changed_names, 1);
	struct declared before, after;
	guint i;

	*n = (struct kgr_changed_names){ set_new(), set_new(), set_new(), set_new(), set_new(),
					 set_new(), set_new(), set_new(), set_new(), set_new() };
	mention(n, old);
	mention(n, patched);
	for (i = 0; i < file->hunks->len; i++)
		read_hunk(n, file->hunks->pdata[i]);
	if (g_str_has_suffix(name, ".S")) {
		read_assembly(&before, old);
		read_assembly(&after, patched);
	} else if (g_str_has_suffix(name, ".c") || g_str_has_suffix(name, ".h")) {
		read_text(&before, name, old);
		read_text(&after, name, patched);
	} else {
		return n;
	}
	differences(before.names, after.names, n->brings, n->changes);
	member_differences(n, &before, &after);
	differences(before.exports, after.exports, n->brings, n->changes);
	differences(before.types, after.types, n->types, n->types);
	differences(before.functions, after.functions, n->touched, n->touched);
	declared_clear(&before);
	declared_clear(&after);
	return n;
}

void kgr_changed_names_free(struct kgr_changed_names *n)
{
	if (!n)
		return;
	g_hash_table_unref(n->brings);
	g_hash_table_unref(n->changes);
	g_hash_table_unref(n->members);
	g_hash_table_unref(n->other_members);
	g_hash_table_unref(n->types);
	g_hash_table_unref(n->touched);
	g_hash_table_unref(n->uses);
	g_hash_table_unref(n->reaches);
	g_hash_table_unref(n->mentions);
	g_hash_table_unref(n->includes);
	g_free(n);
}
