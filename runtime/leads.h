/* SPDX-License-Identifier: GPL-2.0-only */
/* Which functions' callers are led, and where to: a table that the handler reads without locks. */
#ifndef KGR_LEADS_H
#define KGR_LEADS_H

#include "kgraft.h"
#include "peer.h"

struct kgr_lead {
	unsigned long ip;
	unsigned long new_address; /* 0: the kernel's own function */
	unsigned long below; /* where the old universe goes; 0: the kernel's own function */
	struct kgr_peer *peer; /* whose that is */
	unsigned int peer_func;
	struct kgr_func *func; /* NULL: a function that is only taken back from an earlier patch */
	bool by_kprobe; /* it has no fentry */
	bool took_over; /* from that peer */
	bool handled; /* by the handler, transition or not */
	bool gone; /* with its module */
};

struct kgr_stretch {
	unsigned long start, end;
};

/* Text that is left behind, by the universe that a transition leads to. */
struct kgr_left {
	unsigned long min, max;
	unsigned int count;
	struct kgr_stretch *stretches;
};

/* Who wants more in it publishes another one. */
struct kgr_lead_table {
	struct kgr_lead_table *previous; /* may still be read */
	struct kgr_left left[2];
	unsigned int count;
	struct kgr_lead leads[]; /* sorted by ip */
};

extern struct kgr_lead_table *kgr_leads;

static inline struct kgr_lead *kgr_next_lead(struct kgr_lead *lead)
{
	while (lead < kgr_leads->leads + kgr_leads->count && lead->gone)
		lead++;
	return lead;
}

#define kgr_for_each_lead(lead)                                                                    \
	for (lead = kgr_next_lead(kgr_leads->leads); lead < kgr_leads->leads + kgr_leads->count;   \
	     lead = kgr_next_lead(lead + 1))

int kgr_leads_make(bool replace);
int kgr_leads_add(unsigned int object);
void kgr_leads_drop(struct kgr_lead *lead);
void kgr_leads_free_previous(void);
void kgr_leads_free(void);

static inline unsigned int kgr_func_number(const struct kgr_lead *lead)
{
	return lead->func - kgr_patch.funcs;
}

static __always_inline const struct kgr_lead *kgr_lead_of(unsigned long ip)
{
	const struct kgr_lead_table *table = READ_ONCE(kgr_leads);
	unsigned int low = 0, high = table->count;

	/* Most patches have just one. */
	if (likely(table->leads[0].ip == ip))
		return &table->leads[0];
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (table->leads[middle].ip == ip)
			return &table->leads[middle];
		if (table->leads[middle].ip < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

#endif
