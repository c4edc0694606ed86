// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Counts files, hunks and functions of a diff by what became of them. A file of which a part is
 * left out (cut.c) counts as what became of the rest; the hunks and functions of that part are left
 * out.
 *
 * A function counts if the diff makes it another one where it is compiled, in a file that the diff
 * itself changes: its code differed when the file was first compared, with all of the diff that had
 * not been refused before. Where a type got another layout too, so that functions differ only
 * because of that, it has to be one whose lines the diff changes; and of a file that could never be
 * compared, all of these count. It is live if the patch has it. Code that is gone after boot does
 * not count. What a changed header makes of files that the diff does not touch is counted for
 * itself.
 */
#include <string.h>

#include "elf/symbol-name.h"
#include "lib/json.h"
#include "select/data-values.h"
#include "split/split-report.h"

enum fate {
	LIVE, /* in the patch; a header: what includes it is compiled with it */
	GONE, /* only what is gone after boot differs */
	SAME, /* compiles to the same code */
	ABSENT,
	OUT,
	FATES
};

static const char *const fate_names[FATES] = { "live", "gone", "same", "absent", "out" };
static const char *const fate_words[FATES] = {
	"in the patch",
	"only what is gone after boot differs",
	"compile to the same code",
	"nothing of this kernel is made of them",
	"left out",
};

struct amount {
	guint files, hunks, functions;
};

struct counting {
	const struct kgr_split_report *of;
	GHashTable *selected; /* "source\nname" of what is in the patch */
	struct amount by_fate[FATES];
	guint by_header, by_header_live; /* functions of files that the diff does not touch */
	GPtrArray *causes; /* of struct cause, most functions and files first */
};

/* What is left out for a part that is refused. */
struct cause {
	const struct kgr_split_part *part;
	GPtrArray *parts; /* of struct kgr_split_part, that one too */
	struct amount amount; /* files: from which something is left out */
};

static void cause_free(gpointer data)
{
	struct cause *c = data;

	g_ptr_array_unref(c->parts);
	g_free(c);
}

static GHashTable *find_selected(const struct kgr_plan *plan)
{
	GHashTable *out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint i;
	size_t n;

	for (i = 0; i < plan->sources->len; i++) {
		const struct kgr_compared *of = plan->sources->pdata[i];

		for (n = 0; n < of->patched->nsyms; n++) {
			const struct kgr_sym *sym = &of->patched->syms[n];
			g_autofree char *name = NULL;

			if (!kgr_selected(plan->selection, sym) || !kgr_sym_is_func(sym))
				continue;
			name = kgr_name_without_numbers(sym->name);
			g_hash_table_add(out, g_strconcat(of->unit->source, "\n", name, NULL));
		}
	}
	return out;
}

static bool is_live(const struct counting *c, const char *source, const struct kgr_counted_func *f)
{
	g_autofree char *key = g_strconcat(source, "\n", f->name, NULL);

	return g_hash_table_contains(c->selected, key);
}

/* The part that has the functions, if one has; of objects alone there are none. */
static const struct kgr_split_part *rest_of(const struct kgr_split_file *f)
{
	guint i;

	for (i = 0; i < f->parts->len; i++) {
		const struct kgr_split_part *p = f->parts->pdata[i];

		if (!p->objects)
			return p;
	}
	return f->parts->pdata[0];
}

/* Does the diff change it, or only a type that it uses? */
static bool is_changed(const struct kgr_counted *unit, const struct kgr_split_file *file,
		       const struct kgr_counted_func *f)
{
	return unit->same_layouts || (file && g_hash_table_contains(rest_of(file)->names->touched,
								    f->source_name ?: f->name));
}

/* The functions of a unit that changed, and those of them that are live; @unit is NULL if it was
 * never compared. It may have been compared only when the diff's functions were out already.
 */
static void count_functions(const struct counting *c, const struct kgr_counted *unit,
			    const struct kgr_split_file *file, guint *changed, guint *live)
{
	guint i;

	*changed = *live = 0;
	for (i = 0; unit && i < unit->functions->len; i++) {
		const struct kgr_counted_func *f = unit->functions->pdata[i];

		if (!is_changed(unit, file, f))
			continue;
		++*changed;
		*live += is_live(c, unit->source, f);
	}
	if (!*changed && file && file->reads && g_hash_table_size(file->reads) &&
	    (!unit || rest_of(file)->state == KGR_SPLIT_OUT))
		*changed = g_hash_table_size(rest_of(file)->names->touched);
}

static bool has_values_in(const struct kgr_selection *selection, const char *source)
{
	guint i;

	for (i = 0; i < selection->data->len; i++) {
		const struct kgr_data_object *object = selection->data->pdata[i];

		if (!strcmp(object->of->unit->source, source))
			return true;
	}
	return false;
}

/* @live: how many functions of it are in the patch */
static enum fate fate_of(const struct counting *c, const struct kgr_split_file *f,
			 const struct kgr_counted *unit, guint live)
{
	if (kgr_split_count(f, KGR_SPLIT_ABSENT))
		return ABSENT;
	if (!kgr_split_count(f, KGR_SPLIT_IN))
		return OUT;
	if (!g_str_has_suffix(f->name, ".c") || live ||
	    has_values_in(c->of->plan->selection, f->name))
		return LIVE;
	return unit && unit->init_differs ? GONE : SAME;
}

static struct cause *cause_of(struct counting *c, const struct kgr_split_part *p)
{
	struct cause *cause;
	guint i;

	for (i = 0; i < c->causes->len; i++) {
		cause = c->causes->pdata[i];
		if (cause->part == p->cause)
			return cause;
	}
	cause = g_new0(struct cause, 1);
	cause->part = p->cause;
	cause->parts = g_ptr_array_new();
	g_ptr_array_add(c->causes, cause);
	return cause;
}

static bool is_first_of_file(const struct cause *cause, guint n)
{
	const struct kgr_split_part *p = cause->parts->pdata[n];
	guint i;

	for (i = 0; i < n; i++) {
		if (((struct kgr_split_part *)cause->parts->pdata[i])->file == p->file)
			return false;
	}
	return true;
}

/* @functions: that are left out with it */
static void count_out(struct counting *c, struct kgr_split_part *p, guint functions)
{
	struct cause *cause = cause_of(c, p);

	g_ptr_array_add(cause->parts, p);
	cause->amount.files += is_first_of_file(cause, cause->parts->len - 1);
	cause->amount.hunks += p->hunks->len;
	cause->amount.functions += functions;
}

static void count_file(struct counting *c, struct kgr_split_file *f)
{
	const struct kgr_counted *unit =
		g_hash_table_lookup(c->of->rounds->memory->counted, f->name);
	guint changed, live, i;
	enum fate fate;

	count_functions(c, unit, f, &changed, &live);
	fate = fate_of(c, f, unit, live);
	if (fate == OUT)
		live = 0;
	c->by_fate[fate].files++;
	c->by_fate[LIVE].functions += live;
	c->by_fate[OUT].functions += changed - live;
	for (i = 0; i < f->parts->len; i++) {
		struct kgr_split_part *p = f->parts->pdata[i];
		bool out = p->state == KGR_SPLIT_OUT;

		c->by_fate[out ? OUT : fate].hunks += p->hunks->len;
		if (out)
			count_out(c, p, p == rest_of(f) ? changed - live : 0);
	}
}

static gint by_amount(gconstpointer a, gconstpointer b)
{
	const struct cause *x = *(struct cause *const *)a, *y = *(struct cause *const *)b;

	if (x->amount.functions != y->amount.functions)
		return x->amount.functions < y->amount.functions ? 1 : -1;
	if (x->amount.files != y->amount.files)
		return x->amount.files < y->amount.files ? 1 : -1;
	return strcmp(x->part->file->name, y->part->file->name);
}

static void count(struct counting *c, const struct kgr_split_report *r)
{
	GHashTableIter it;
	gpointer value;
	guint i;

	*c = (struct counting){ .of = r, .selected = find_selected(r->plan) };
	c->causes = g_ptr_array_new_with_free_func(cause_free);
	for (i = 0; i < r->rounds->split->files->len; i++)
		count_file(c, r->rounds->split->files->pdata[i]);
	g_ptr_array_sort(c->causes, by_amount);
	g_hash_table_iter_init(&it, r->rounds->memory->counted);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		const struct kgr_counted *unit = value;
		guint changed, live;

		if (!unit->by_header || kgr_split_file(r->rounds->split, unit->source))
			continue;
		count_functions(c, unit, NULL, &changed, &live);
		c->by_header += changed;
		c->by_header_live += live;
	}
}

static void counting_clear(struct counting *c)
{
	g_hash_table_unref(c->selected);
	g_ptr_array_unref(c->causes);
}

static guint all_functions(const struct counting *c)
{
	return c->by_fate[LIVE].functions + c->by_fate[OUT].functions;
}

static void print_amount(const struct amount *a)
{
	g_print("%u file%s, %u hunk%s", a->files, a->files == 1 ? "" : "s", a->hunks,
		a->hunks == 1 ? "" : "s");
}

static void print_cause(const struct cause *cause)
{
	guint i;

	g_print("left out ");
	print_amount(&cause->amount);
	g_print(", %u function%s: %s\n", cause->amount.functions,
		cause->amount.functions == 1 ? "" : "s", cause->part->why);
	for (i = 0; i < cause->parts->len; i++) {
		g_autofree char *label = kgr_split_part_label(cause->parts->pdata[i]);

		g_print("           %s\n", label);
	}
}

void kgr_split_report_text(const struct kgr_split_report *r)
{
	struct counting c;
	guint all, i;

	count(&c, r);
	all = all_functions(&c);
	for (i = 0; i < c.causes->len; i++)
		print_cause(c.causes->pdata[i]);
	for (i = 0; i < FATES; i++) {
		g_print("%-8s ", fate_names[i]);
		print_amount(&c.by_fate[i]);
		g_print(": %s\n", fate_words[i]);
	}
	g_print("share    %u of %u changed functions are in the patch", c.by_fate[LIVE].functions,
		all);
	if (all)
		g_print(" (%.1f%%)", 100.0 * c.by_fate[LIVE].functions / all);
	g_print("; by headers, %u of %u of files that the diff does not touch\n", c.by_header_live,
		c.by_header);
	g_print("diff     %s is what is in\n", r->live_diff);
	counting_clear(&c);
}

static struct json_object *json_amount(const struct amount *a)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "files", json_object_new_int64(a->files));
	json_object_object_add(o, "hunks", json_object_new_int64(a->hunks));
	json_object_object_add(o, "functions", json_object_new_int64(a->functions));
	return o;
}

static struct json_object *json_part(const struct kgr_split_part *p)
{
	struct json_object *o = json_object_new_object(), *objects = json_object_new_array();
	guint i;

	json_object_object_add(o, "file", kgr_json_string(p->file->name));
	json_object_object_add(o, "hunks", json_object_new_int64(p->hunks->len));
	json_object_object_add(o, "of", json_object_new_int64(p->file->diff->hunks->len));
	for (i = 0; p->objects && i < p->objects->len; i++)
		json_object_array_add(objects, kgr_json_string(p->objects->pdata[i]));
	json_object_object_add(o, "objects", objects);
	return o;
}

static struct json_object *json_cause(const struct cause *cause)
{
	struct json_object *o = json_amount(&cause->amount), *parts = json_object_new_array();
	guint i;

	json_object_object_add(o, "why", kgr_json_string(cause->part->why));
	json_object_object_add(o, "refused", json_part(cause->part));
	for (i = 0; i < cause->parts->len; i++)
		json_object_array_add(parts, json_part(cause->parts->pdata[i]));
	json_object_object_add(o, "parts", parts);
	return o;
}

struct json_object *kgr_split_report_json(const struct kgr_split_report *r)
{
	struct json_object *o = json_object_new_object(), *causes = json_object_new_array();
	struct counting c;
	guint i;

	count(&c, r);
	for (i = 0; i < FATES; i++)
		json_object_object_add(o, fate_names[i], json_amount(&c.by_fate[i]));
	json_object_object_add(o, "changed_functions", json_object_new_int64(all_functions(&c)));
	json_object_object_add(o, "by_header", json_object_new_int64(c.by_header));
	json_object_object_add(o, "by_header_live", json_object_new_int64(c.by_header_live));
	for (i = 0; i < c.causes->len; i++)
		json_object_array_add(causes, json_cause(c.causes->pdata[i]));
	json_object_object_add(o, "left_out", causes);
	json_object_object_add(o, "diff", kgr_json_string(r->live_diff));
	counting_clear(&c);
	return o;
}
