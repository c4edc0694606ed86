// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Collects the references from the code of a static local's block. Of
 *
 *	net_get_random_once(&secret, sizeof(secret));
 *
 * which declares ___done and ___once_key in a block of its own, these are __do_once_start(), get_random_bytes(),
 * __do_once_done() and secret; the last one is what the two guard. What a function of the file that is called there
 * refers to is guarded, too, if the block is not the whole function that declares the static local. WARN_ONCE() and the
 * like declare their guard in a block that refers to nothing else: which message it is of says the block around it.
 */
#include <string.h>

#include "compare/guarded.h"
#include "elf/reloc.h"
#include "lib/sort.h"

bool kgr_sym_is_state(const struct kgr_sym *sym)
{
	return kgr_sym_is_object(sym) && sym->sec->sh.sh_flags & SHF_WRITE && !sym->sec->special &&
	       !kgr_sym_is_constant(sym);
}

bool kgr_sym_is_static_local(const struct kgr_sym *sym)
{
	return sym->scope && kgr_sym_is_state(sym);
}

/* WARN_ONCE() and pr_warn_once(), dev_warn_once(), WARN_ON_ONCE() of some files */
static const char *const message_guards[] = { "__already_done", "__print_once", "__warned", NULL };

bool kgr_sym_is_guard(const struct kgr_sym *sym)
{
	static const char *const names[] = { "___done", "___once_key", NULL };

	return kgr_sym_is_static_local(sym) &&
	       (g_strv_contains(names, sym->source_name ?: "") ||
		g_strv_contains(message_guards, sym->source_name ?: "") ||
		!g_strcmp0(sym->type_name, "bool") || !g_strcmp0(sym->type_name, "_Bool"));
}

bool kgr_sym_is_message_guard(const struct kgr_sym *sym)
{
	const char *name = sym->source_name ?: "";

	return kgr_sym_is_static_local(sym) &&
	       (g_strv_contains(message_guards, name) ||
		(*name == '_' && !g_strcmp0(sym->type_name, "struct ratelimit_state")));
}

static char *text_of(const struct kgr_target *t, bool orig)
{
	g_autofree char *literal = NULL, *escaped = NULL;
	const struct kgr_sym *sym = t->sym;

	switch (t->kind) {
	case KGR_TARGET_STRING:
		if (!t->sec->data || t->pos >= t->sec->sh.sh_size)
			return NULL;
		literal = g_strndup((const char *)t->sec->data + t->pos,
				    (size_t)(t->sec->sh.sh_size - t->pos));
		escaped = g_strescape(literal, NULL);
		return g_strdup_printf("\"%s", escaped);
	case KGR_TARGET_SYMBOL:
		if (!sym->sec)
			return g_strdup_printf("undefined %s", sym->name);
		if (!sym->twin)
			return g_strdup_printf("%s %u", orig ? "gone" : "new", sym->index);
		return g_strdup_printf("both %u", orig ? sym->twin->index : sym->index);
	default:
		return NULL;
	}
}

static char *join(GHashTable *texts)
{
	guint count;
	g_autofree char **list = (char **)g_hash_table_get_keys_as_array(texts, &count);

	qsort(list, count, sizeof(*list), kgr_by_name);
	return g_strjoinv("\n", list);
}

struct collecting {
	const struct kgr_sym *sym; /* the static local */
	bool orig;
	GHashTable *all, *writes; /* texts; those of the second belong to the first */
	GHashTable *called; /* texts of what functions refer to that the block calls */
	GPtrArray *objects;
};

/* @depth: how many functions are between the block and the code */
static void collect(struct collecting *c, const struct kgr_code_range *code, int depth)
{
	size_t count, r;
	const struct kgr_rel *rels = kgr_sec_rels(code->sec, code->start, code->end, &count);

	for (r = 0; r < count; r++) {
		GHashTable *texts = depth ? c->called : c->all;
		struct kgr_target t;
		bool object;
		char *text;

		kgr_target(&rels[r], kgr_rel_usual_bias(&rels[r]), &t);
		if (kgr_target_is_jump(&t))
			continue;
		object = t.kind == KGR_TARGET_SYMBOL && kgr_sym_is_state(t.sym);
		if ((depth && !object) ||
		    (object && (kgr_sym_is_guard(t.sym) || t.sym->block == c->sym->block)))
			continue;
		text = text_of(&t, c->orig);
		if (!text || g_hash_table_contains(texts, text)) {
			g_free(text);
			continue;
		}
		g_hash_table_add(texts, text);
		if (object && g_hash_table_add(c->writes, text))
			g_ptr_array_add(c->objects, t.sym);
		if (!depth && t.kind == KGR_TARGET_SYMBOL && kgr_sym_is_func(t.sym) &&
		    c->sym->in_inner_block) {
			const struct kgr_code_range body = { t.sym->sec, t.sym->value,
							     t.sym->value + t.sym->size };

			collect(c, &body, depth + 1);
		}
	}
}

static void collect_block(struct collecting *c, const GArray *block)
{
	guint i;

	for (i = 0; block && i < block->len; i++)
		collect(c, &g_array_index(block, struct kgr_code_range, i), 0);
}

struct kgr_guarded *kgr_guarded_new(const struct kgr_sym *sym, bool orig)
{
	g_autoptr(GHashTable) all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) called = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) writes = g_hash_table_new(g_str_hash, g_str_equal);
	struct kgr_guarded *out = g_new0(struct kgr_guarded, 1);
	g_autoptr(GPtrArray) around = g_ptr_array_new();
	struct collecting c = { sym, orig, all, writes, called, g_ptr_array_new() };

	collect_block(&c, sym->block);
	out->objects = c.objects;
	out->writes = join(writes);
	c.objects = around;
	collect_block(&c, sym->around);
	out->all = join(all);
	return out;
}

void kgr_guarded_free(struct kgr_guarded *guarded)
{
	if (!guarded)
		return;
	g_free(guarded->all);
	g_free(guarded->writes);
	g_ptr_array_free(guarded->objects, TRUE);
	g_free(guarded);
}
