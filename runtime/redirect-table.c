// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of redirections: for each entry of a function the new function and the one that the old universe
 * calls. The kernel has f() and g(); an earlier patch A replaces f(), and this one both:
 *
 *	entry	new_address	below		stale when going to new	stale when going to old
 *	f	f of this	f of A		all code of A		all code of this
 *	g	g of this	0: the kernel's	the kernel's g()	all code of this
 *
 * If this one replaces A, a function that only A has is in the table as well, with new_address 0: the kernel's own.
 *
 * Handlers read the table without locks, so it is never added to: a new one is made and published, and the
 * old one kept until nobody can be reading it. What belongs to a module that is going is cleared in place.
 *
 * Stale text is, in a transition, the text of the universe that is being left: on whose stack there is a
 * return address in it may not move.
 */
#include <linux/bsearch.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "redirect-table.h"

struct kgr_redirect_table *kgr_redirections;

static __always_inline int is_within(const void *key, const void *range)
{
	const struct kgr_address_range *r = range;
	unsigned long pc = *(const unsigned long *)key;

	return pc < r->start ? -1 : pc > r->end;
}

/**
 * kgr_is_stale_text - does an address lie in text of the universe that is being left?
 * @pc: as it stands on a stack: a call may be a function's last instruction, so its end counts, and who is
 *	interrupted at the entry is in it, so its start counts
 */
bool notrace kgr_is_stale_text(unsigned long pc)
{
	const struct kgr_stale_text *l = &READ_ONCE(kgr_redirections)->stale[kgr_target_universe()];

	return l->count && pc >= l->ranges[0].start && pc <= l->ranges[l->count - 1].end &&
	       __inline_bsearch(&pc, l->ranges, l->count, sizeof(*l->ranges), is_within);
}

static void add_stale(struct kgr_stale_text *l, unsigned long start, unsigned long end)
{
	if (start == end)
		return;
	l->ranges[l->count].start = start;
	l->ranges[l->count].end = end;
	l->count++;
}

static int by_start(const void *a, const void *b)
{
	const struct kgr_address_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* In order, and none of them overlaps another: so that they can be searched. */
static void sort_stale(struct kgr_stale_text *l)
{
	unsigned int i, n = 0;

	sort(l->ranges, l->count, sizeof(*l->ranges), by_start, NULL);
	for (i = 1; i < l->count; i++) {
		if (l->ranges[i].start <= l->ranges[n].end)
			l->ranges[n].end = max(l->ranges[n].end, l->ranges[i].end);
		else
			l->ranges[++n] = l->ranges[i];
	}
	l->count = l->count ? n + 1 : 0;
}

/* The kernel's own. */
static void add_function(struct kgr_stale_text *l, const struct kgr_peer_func *func)
{
	int part;

	for (part = 0; part < 2; part++)
		add_stale(l, func->old[part].address,
			  func->old[part].address + func->old[part].size);
	if (func->stub)
		add_stale(l, func->stub, func->stub + KGR_ARCH_STUB_SIZE);
}

static void list_stale_text(struct kgr_redirect_table *t)
{
	unsigned int i;

	t->stale[KGR_OLD].count = 0;
	t->stale[KGR_NEW].count = 0;
	add_stale(&t->stale[KGR_OLD], kgr_self.text, kgr_self.text_end);
	for (i = 0; i < t->count; i++) {
		const struct kgr_redirection *redir = &t->entries[i];
		const struct kgr_peer *peer = redir->peer;

		if (!redir->new_address)
			add_function(&t->stale[KGR_OLD], &peer->funcs[redir->peer_func]);
		if (peer)
			add_stale(&t->stale[KGR_NEW], peer->text, peer->text_end);
		else
			add_function(&t->stale[KGR_NEW], kgr_func_of(redir));
	}
	sort_stale(&t->stale[KGR_OLD]);
	sort_stale(&t->stale[KGR_NEW]);
}

static struct kgr_redirect_table *new_table(unsigned int size)
{
	unsigned int ranges = 3 * size + 1, i;
	struct kgr_redirect_table *t;

	/* One more than asked for: the handler looks at the first before it counts. */
	t = kzalloc(struct_size(t, entries, size + 1), GFP_KERNEL);
	for (i = 0; t && i < 2; i++) {
		t->stale[i].ranges = kcalloc(ranges, sizeof(struct kgr_address_range), GFP_KERNEL);
		if (!t->stale[i].ranges) {
			kfree(t->stale[0].ranges);
			kfree(t);
			return NULL;
		}
	}
	return t;
}

static void free_table(struct kgr_redirect_table *t)
{
	kfree(t->stale[0].ranges);
	kfree(t->stale[1].ranges);
	kfree(t);
}

static int by_ip(const void *a, const void *b)
{
	const struct kgr_redirection *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

static void publish(struct kgr_redirect_table *t)
{
	sort(t->entries, t->count, sizeof(t->entries[0]), by_ip, NULL);
	list_stale_text(t);
	t->previous = kgr_redirections;
	/* Pairs with the handler's dependency on the pointer. */
	smp_store_release(&kgr_redirections, t);
}

/**
 * kgr_peer_is_settled - is it known what another patch leads to? If not, that is logged.
 */
bool kgr_peer_is_settled(const struct kgr_peer *peer)
{
	if (peer->busy)
		pr_err("%s: %s is still moving: wait for it (kgr status), and load this again\n",
		       kgr_patch.name, peer->name);
	else if (peer->stands_in)
		pr_err("%s: %s is off, but stands in for a patch below it: enable it and disable it once more, and load this again\n",
		       kgr_patch.name, peer->name);
	return !peer->busy && !peer->stands_in;
}

/* Which earlier patch redirects callers of this function now? */
static int find_below(struct kgr_redirection *redir)
{
	struct kgr_peer *peer;
	unsigned int i;

	kgr_for_each_peer(peer) {
		for (i = 0; peer != &kgr_self && i < peer->nfuncs; i++) {
			if (peer->funcs[i].ip != redir->ip)
				continue;
			/* Of a module that comes now nobody stands in for anybody. */
			if ((peer->busy || !kgr_self.on) && !kgr_peer_is_settled(peer))
				return -EBUSY;
			if (!peer->funcs[i].active)
				continue;
			redir->peer = peer;
			redir->peer_func = i;
			redir->below = peer->funcs[i].new_address;
		}
	}
	return 0;
}

static unsigned int count_replaced_funcs(void)
{
	struct kgr_peer *peer;
	unsigned int n = 0;

	kgr_for_each_peer(peer)
		n += peer->replaced_by == &kgr_self ? peer->nfuncs : 0;
	return n;
}

/* What only the patches redirect that this one replaces is reverted to the kernel's own. */
static int add_reverted(struct kgr_redirect_table *t)
{
	unsigned int own = t->count, i, n;
	struct kgr_peer *peer;
	int err;

	kgr_for_each_peer(peer) {
		for (i = 0; peer->replaced_by == &kgr_self && i < peer->nfuncs; i++) {
			if (!peer->funcs[i].ip || !peer->funcs[i].active)
				continue;
			for (n = 0; n < own && t->entries[n].ip != peer->funcs[i].ip; n++)
				;
			if (n < own)
				continue;
			t->entries[t->count].ip = peer->funcs[i].ip;
			t->entries[t->count].no_fentry = peer->funcs[i].stub;
			err = find_below(&t->entries[t->count++]);
			if (err)
				return err;
		}
	}
	return 0;
}

static int add_own(struct kgr_redirect_table *t, struct kgr_func *func)
{
	struct kgr_redirection *redir = &t->entries[t->count++];

	redir->func = func;
	redir->ip = kgr_self.funcs[func - kgr_patch.funcs].ip;
	redir->no_fentry = func->stub;
	redir->new_address = (unsigned long)func->new_func;
	return find_below(redir);
}

static bool is_there(const struct kgr_func *func)
{
	return kgr_self.funcs[func - kgr_patch.funcs].ip;
}

/**
 * kgr_redirect_table_make - the table for a transition that starts from off
 *
 * What only those redirect that this one replaces is reverted.
 *
 * Return: 0 or a negative error.
 */
int kgr_redirect_table_make(void)
{
	struct kgr_redirect_table *t;
	struct kgr_func *func;
	int err = 0;

	t = new_table(kgr_patch.nfuncs + count_replaced_funcs());
	if (!t)
		return -ENOMEM;
	kgr_for_each_func(func) {
		if (is_there(func))
			err = err ?: add_own(t, func);
	}
	err = err ?: add_reverted(t);
	if (err)
		free_table(t);
	else
		publish(t);
	return err;
}

/**
 * kgr_redirect_table_add - a module has come: its functions, too, and those that are reverted
 * @object: its number; any other number if the patch has nothing for it
 *
 * Return: 0 or a negative error with the table as it was.
 */
int kgr_redirect_table_add(unsigned int object)
{
	struct kgr_redirect_table *t =
		new_table(kgr_redirections->count + kgr_patch.nfuncs + count_replaced_funcs());
	struct kgr_redirection *redir;
	struct kgr_func *func;
	unsigned int before;
	int err = 0;

	if (!t)
		return -ENOMEM;
	kgr_for_each_redirection(redir)
		t->entries[t->count++] = *redir;
	before = t->count;
	kgr_for_each_func(func) {
		if (func->object == object)
			err = err ?: add_own(t, func);
	}
	err = err ?: add_reverted(t);
	if (err || t->count == before)
		free_table(t);
	else
		publish(t);
	return err;
}

/**
 * kgr_redirect_table_free_previous - free the tables before this one; nobody is in the handler, or was since it
 * was published; sleeps
 */
void kgr_redirect_table_free_previous(void)
{
	/* Any breakpoint of the kernel's may be looked for in them (breakpoint.c). */
	if (kgr_redirections->previous)
		synchronize_rcu();
	while (kgr_redirections->previous) {
		struct kgr_redirect_table *t = kgr_redirections->previous;

		kgr_redirections->previous = t->previous;
		free_table(t);
	}
}

/**
 * kgr_redirect_table_free - free all tables; nobody is in the handler or looks at a stack
 */
void kgr_redirect_table_free(void)
{
	if (!kgr_redirections)
		return;
	kgr_redirect_table_free_previous();
	free_table(kgr_redirections);
	kgr_redirections = NULL;
}

/**
 * kgr_redirection_clear - forget a redirection that callers cannot meet any more
 *
 * In place: readers find nothing to do at it.
 */
void kgr_redirection_clear(struct kgr_redirection *redir)
{
	redir->gone = true;
	redir->peer = NULL;
	redir->took_over = false;
	WRITE_ONCE(redir->new_address, 0);
	WRITE_ONCE(redir->below, 0);
}
