// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making the table of leads: what this patch replaces, as far as it is there, and what of earlier
 * patches lies below.
 */
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "leads.h"

struct kgr_lead_table *kgr_leads;

/**
 * kgr_is_left_text - does an address lie in code of the universe that is being left?
 * @pc: as it stands on a stack: a call may be a function's last instruction, so its end counts
 */
bool notrace kgr_is_left_text(unsigned long pc)
{
	const struct kgr_left *l = &READ_ONCE(kgr_leads)->left[kgr_target_universe()];
	unsigned int i;

	if (pc <= l->min || pc > l->max)
		return false;
	for (i = 0; i < l->count; i++) {
		if (pc > l->stretches[i].start && pc <= l->stretches[i].end)
			return true;
	}
	return false;
}

static void add_stretch(struct kgr_left *l, unsigned long start, unsigned long end)
{
	if (start == end)
		return;
	l->stretches[l->count].start = start;
	l->stretches[l->count].end = end;
	l->min = l->count ? min(l->min, start) : start;
	l->max = l->count ? max(l->max, end) : end;
	l->count++;
}

static void add_text(struct kgr_left *l, const struct kgr_text text[2])
{
	int part;

	for (part = 0; part < 2; part++)
		add_stretch(l, text[part].address, text[part].address + text[part].size);
}

static void list_left_text(struct kgr_lead_table *t)
{
	unsigned int i;

	t->left[KGR_OLD].count = 0;
	t->left[KGR_NEW].count = 0;
	add_stretch(&t->left[KGR_OLD], kgr_self.text, kgr_self.text_end);
	for (i = 0; i < t->count; i++) {
		const struct kgr_lead *lead = &t->leads[i];
		const struct kgr_peer *peer = lead->peer;

		if (!lead->new_address)
			add_text(&t->left[KGR_OLD], peer->funcs[lead->peer_func].old);
		if (peer)
			add_stretch(&t->left[KGR_NEW], peer->text, peer->text_end);
		else
			add_text(&t->left[KGR_NEW], kgr_self.funcs[kgr_func_number(lead)].old);
	}
}

static struct kgr_lead_table *new_table(unsigned int size)
{
	unsigned int stretches = 2 * size + 1, i;
	struct kgr_lead_table *t;

	/* One more than asked for: the handler looks at the first before it counts. */
	t = kzalloc(struct_size(t, leads, size + 1), GFP_KERNEL);
	for (i = 0; t && i < 2; i++) {
		t->left[i].stretches = kcalloc(stretches, sizeof(struct kgr_stretch), GFP_KERNEL);
		if (!t->left[i].stretches) {
			kfree(t->left[0].stretches);
			kfree(t);
			return NULL;
		}
	}
	return t;
}

static void free_table(struct kgr_lead_table *t)
{
	kfree(t->left[0].stretches);
	kfree(t->left[1].stretches);
	kfree(t);
}

static int by_ip(const void *a, const void *b)
{
	const struct kgr_lead *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

static void publish(struct kgr_lead_table *t)
{
	sort(t->leads, t->count, sizeof(t->leads[0]), by_ip, NULL);
	list_left_text(t);
	t->previous = kgr_leads;
	/* Pairs with the handler's dependency on the pointer. */
	smp_store_release(&kgr_leads, t);
}

/* Who leads callers of the function at @ip now? */
static int look_below(struct kgr_lead *lead)
{
	struct kgr_peer *peer;
	unsigned int i;

	kgr_for_each_peer(peer) {
		for (i = 0; peer != &kgr_self && i < peer->nfuncs; i++) {
			if (peer->funcs[i].ip != lead->ip)
				continue;
			if (peer->busy) {
				pr_err("%s: %s replaces the same function and is still moving: wait for it\n",
				       kgr_patch.name, peer->name);
				return -EBUSY;
			}
			if (!peer->funcs[i].leads)
				continue;
			lead->peer = peer;
			lead->peer_func = i;
			lead->below = peer->funcs[i].new_address;
		}
	}
	return 0;
}

static unsigned int count_led_by_peers(void)
{
	struct kgr_peer *peer;
	unsigned int n = 0;

	kgr_for_each_peer(peer)
		n += peer->nfuncs;
	return n;
}

/* What earlier patches lead and this one does not know goes back to the kernel's own. */
static int add_taken_back(struct kgr_lead_table *t)
{
	unsigned int own = t->count, i, n;
	struct kgr_peer *peer;
	int err;

	kgr_for_each_peer(peer) {
		for (i = 0; peer != &kgr_self && i < peer->nfuncs; i++) {
			if (!peer->funcs[i].ip || (!peer->funcs[i].leads && !peer->busy))
				continue;
			for (n = 0; n < own && t->leads[n].ip != peer->funcs[i].ip; n++)
				;
			if (n < own)
				continue;
			t->leads[t->count].ip = peer->funcs[i].ip;
			t->leads[t->count].by_kprobe = peer->funcs[i].by_kprobe;
			err = look_below(&t->leads[t->count++]);
			if (err)
				return err;
		}
	}
	return 0;
}

static int add_own(struct kgr_lead_table *t, struct kgr_func *func)
{
	struct kgr_lead *lead = &t->leads[t->count++];

	lead->func = func;
	lead->ip = kgr_self.funcs[func - kgr_patch.funcs].ip;
	lead->by_kprobe = func->by_kprobe;
	lead->new_address = (unsigned long)func->new_func;
	return look_below(lead);
}

static bool is_there(const struct kgr_func *func)
{
	return kgr_self.funcs[func - kgr_patch.funcs].ip;
}

/**
 * kgr_leads_make - the table for a transition that starts from off
 * @replace: take back what all other patches lead, too
 *
 * Return: 0 or a negative error.
 */
int kgr_leads_make(bool replace)
{
	struct kgr_lead_table *t;
	struct kgr_func *func;
	int err = 0;

	t = new_table(kgr_patch.nfuncs + (replace ? count_led_by_peers() : 0));
	if (!t)
		return -ENOMEM;
	kgr_for_each_func(func) {
		if (is_there(func))
			err = err ?: add_own(t, func);
	}
	if (replace)
		err = err ?: add_taken_back(t);
	if (err)
		free_table(t);
	else
		publish(t);
	return err;
}

/**
 * kgr_leads_add - a module has come: its functions, too
 * @object: its number
 *
 * Return: 0 or a negative error with the table as it was.
 */
int kgr_leads_add(unsigned int object)
{
	struct kgr_lead_table *t = new_table(kgr_leads->count + kgr_patch.nfuncs);
	struct kgr_lead *lead;
	struct kgr_func *func;
	int err = 0;

	if (!t)
		return -ENOMEM;
	kgr_for_each_lead(lead)
		t->leads[t->count++] = *lead;
	kgr_for_each_func(func) {
		if (func->object == object)
			err = err ?: add_own(t, func);
	}
	if (err)
		free_table(t);
	else
		publish(t);
	return err;
}

/**
 * kgr_leads_free_previous - free the tables before this one; nobody is in the handler, or was since it
 * was published
 */
void kgr_leads_free_previous(void)
{
	while (kgr_leads->previous) {
		struct kgr_lead_table *t = kgr_leads->previous;

		kgr_leads->previous = t->previous;
		free_table(t);
	}
}

/**
 * kgr_leads_free - free all tables; nobody is in the handler or looks at a stack
 */
void kgr_leads_free(void)
{
	if (!kgr_leads)
		return;
	kgr_leads_free_previous();
	free_table(kgr_leads);
	kgr_leads = NULL;
}

/**
 * kgr_leads_drop - forget a lead that callers cannot meet any more
 *
 * In place: readers find nothing to do at it.
 */
void kgr_leads_drop(struct kgr_lead *lead)
{
	lead->gone = true;
	lead->peer = NULL;
	lead->took_over = false;
	WRITE_ONCE(lead->new_address, 0);
	WRITE_ONCE(lead->below, 0);
}
