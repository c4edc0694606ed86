/* SPDX-License-Identifier: GPL-2.0-only */
/* Which functions' callers are redirected, and where to: a table that handlers read without locks. */
#ifndef KGR_REDIRECT_TABLE_H
#define KGR_REDIRECT_TABLE_H

#include "kgraft.h"
#include "peer.h"

struct kgr_redirection {
	unsigned long ip;
	unsigned long new_address; /* 0: the kernel's own function */
	unsigned long below; /* what the old universe calls; 0: the kernel's own function */
	struct kgr_peer *peer; /* whose that is */
	unsigned int peer_func;
	struct kgr_func *func; /* NULL: only an earlier patch has it, and loses it */
	bool beside; /* our handler does not claim the fentry: a kprobe does */
	bool no_fentry;
	bool breakpoint; /* the one at its entry is this patch's; then: */
	u8 first; /* what is there else */
	unsigned long stub; /* runs the kernel's own function */
	bool by_kprobe; /* one of ours is there instead */
	bool took_over; /* that peer has suspended its own redirection */
	bool gone; /* cleared, with its module */
};

struct kgr_address_range {
	unsigned long start, end;
};

/* Stale text, by the universe that a transition goes to: in order, and none overlaps another. */
struct kgr_stale_text {
	unsigned int count;
	struct kgr_address_range *ranges;
};

/* Never added to: a larger one takes its place (redirect-table.c). */
struct kgr_redirect_table {
	struct kgr_redirect_table *previous; /* may still be read */
	struct kgr_stale_text stale[2];
	unsigned int count;
	struct kgr_redirection entries[]; /* sorted by ip */
};

extern struct kgr_redirect_table *kgr_redirections;

/* Under kgr_lock(), as all that follows but kgr_find_redirection(). */
static inline struct kgr_redirection *kgr_next_redirection(struct kgr_redirection *redir)
{
	while (redir < kgr_redirections->entries + kgr_redirections->count && redir->gone)
		redir++;
	return redir;
}

#define kgr_for_each_redirection(redir)                                                            \
	for (redir = kgr_next_redirection(kgr_redirections->entries);                              \
	     redir < kgr_redirections->entries + kgr_redirections->count;                          \
	     redir = kgr_next_redirection(redir + 1))

bool kgr_peer_is_settled(const struct kgr_peer *peer);
int kgr_redirect_table_make(void);
int kgr_redirect_table_add(unsigned int object);
void kgr_redirection_clear(struct kgr_redirection *redir);
void kgr_redirect_table_free_previous(void);
void kgr_redirect_table_free(void);

/* Of a redirection that has a func: its index in kgr_patch.funcs and kgr_self.funcs. */
static inline unsigned int kgr_func_number(const struct kgr_redirection *redir)
{
	return redir->func - kgr_patch.funcs;
}

/* The function that it redirects, of this patch, or of the earlier one that loses it. */
static inline struct kgr_peer_func *kgr_func_of(const struct kgr_redirection *redir)
{
	return redir->func ? &kgr_self.funcs[kgr_func_number(redir)] :
			     &redir->peer->funcs[redir->peer_func];
}

/* Of the entry at @ip, NULL if there is none; for handlers, in any context, without locks. */
static __always_inline const struct kgr_redirection *kgr_find_redirection(unsigned long ip)
{
	const struct kgr_redirect_table *table = READ_ONCE(kgr_redirections);
	unsigned int low = 0, high = table->count;

	/* Most patches have just one. */
	if (likely(table->entries[0].ip == ip))
		return &table->entries[0];
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (table->entries[middle].ip == ip)
			return &table->entries[middle];
		if (table->entries[middle].ip < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

#endif
