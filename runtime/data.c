// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of the kernel's data that are others in the new universe. Nobody but code of that universe ever meets them:
 *
 *	off			as built: checked, or the patch is refused
 *	on its way in		as built
 *	all have moved		the patch's
 *	on its way out		as built again, before anybody is back in the old universe
 *
 * Each is one number or pointer, written in one store, and only over what is expected there: what
 * somebody else has written since stays. The pages may be read-only, so it goes through a writable
 * mapping of its own, which is made when the object is found.
 *
 * A patch that changes a value which an earlier one that is on changes, too, is refused, unless it
 * is cumulative. Then the earlier one's value is as built again before its universe is left; but
 * where both have the same, it stays, and the later patch takes it over. If that turns round, the
 * earlier one's are written again.
 *
 * All of it under kgr_lock(), in process context, but for kgr_data_prepare() and kgr_data_free().
 */
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "kgraft.h"
#include "peer.h"

#define kgr_for_each_data(data, peer)                                                              \
	for (data = (peer)->data; data < (peer)->data + (peer)->ndata; data++)

#define ALL_OBJECTS UINT_MAX

static bool is_there(const struct kgr_peer_data *data)
{
	return data->mapping;
}

static bool is_of(const struct kgr_peer_data *data, unsigned int object)
{
	return object == ALL_OBJECTS || kgr_patch.data[data - kgr_self.data].object == object;
}

static u64 value_of(const struct kgr_peer_data *data)
{
	switch (data->size) {
	case 1:
		return READ_ONCE(*(u8 *)data->place);
	case 2:
		return READ_ONCE(*(u16 *)data->place);
	case 4:
		return READ_ONCE(*(u32 *)data->place);
	default:
		return READ_ONCE(*(u64 *)data->place);
	}
}

/* False: there is something else than @from. */
static bool exchange(const struct kgr_peer_data *data, u64 from, u64 to)
{
	switch (data->size) {
	case 1:
		return cmpxchg((u8 *)data->place, (u8)from, (u8)to) == (u8)from;
	case 2:
		return cmpxchg((u16 *)data->place, (u16)from, (u16)to) == (u16)from;
	case 4:
		return cmpxchg((u32 *)data->place, (u32)from, (u32)to) == (u32)from;
	default:
		return cmpxchg((u64 *)data->place, from, to) == from;
	}
}

static void write(struct kgr_peer_data *data)
{
	if (!is_there(data) || data->written)
		return;
	data->written = exchange(data, data->built, data->patched);
	if (!data->written)
		pr_warn("%s: %s has got another value than the one that the kernel was built with since this patch came: it is left as it is\n",
			kgr_patch.name, data->name);
}

static void revert(struct kgr_peer_data *data)
{
	if (!data->written)
		return;
	data->written = false;
	if (!exchange(data, data->patched, data->built))
		pr_warn("%s: %s has not the value any more that the patch wrote: it is left as it is\n",
			kgr_patch.name, data->name);
}

/* Of a module that is not there the names have to do: they say more often that it is the same. */
static bool is_same(const struct kgr_peer_data *a, const struct kgr_peer_data *b)
{
	if (is_there(a) && is_there(b))
		return a->address < b->address + b->size && b->address < a->address + a->size;
	return a->module && b->module && !strcmp(a->module, b->module) && !strcmp(a->name, b->name);
}

static struct kgr_peer_data *find_same(const struct kgr_peer *peer,
				       const struct kgr_peer_data *wanted)
{
	struct kgr_peer_data *data;

	kgr_for_each_data(data, peer) {
		if (is_same(data, wanted))
			return data;
	}
	return NULL;
}

/* Of an earlier patch that is on; @peer says which. */
static struct kgr_peer_data *find_earlier(const struct kgr_peer_data *data, struct kgr_peer **of)
{
	struct kgr_peer_data *found = NULL;
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (found || peer == &kgr_self || !peer->on)
			continue;
		found = find_same(peer, data);
		*of = peer;
	}
	return found;
}

/* May this patch have it that way, and have both the same opinion of what was built? */
static bool can_take_over(const struct kgr_peer_data *data, const struct kgr_peer_data *earlier)
{
	if (!kgr_redirect_replaces() || !is_there(data))
		return kgr_redirect_replaces();
	return data->address == earlier->address && data->size == earlier->size &&
	       data->built == earlier->built;
}

static int check(const struct kgr_peer_data *data)
{
	struct kgr_peer *peer;
	const struct kgr_peer_data *earlier = find_earlier(data, &peer);
	bool has_built = is_there(data) && value_of(data) == data->built;

	if (earlier && !can_take_over(data, earlier)) {
		pr_err("%s: %s changes %s, too: unload that, or load this one in its place (kgr load --replace)\n",
		       kgr_patch.name, peer->name, data->name);
		return -EBUSY;
	}
	/* Somebody may have given it back what was there before the earlier patch. */
	if (!is_there(data) || has_built ||
	    (earlier && earlier->written && value_of(data) == earlier->patched))
		return 0;
	pr_err("%s: %s has another value than the one that the kernel was built with: not patched; give it that back, or have a callback of the patch change it\n",
	       kgr_patch.name, data->name);
	return -ENOEXEC;
}

static int check_all(unsigned int object)
{
	struct kgr_peer_data *data;
	int err = 0;

	kgr_for_each_data(data, &kgr_self) {
		if (is_of(data, object))
			err = err ?: check(data);
	}
	return err;
}

/**
 * kgr_data_check - before a transition to the new universe: has everything the value that it was built with?
 *
 * Return: 0; -EBUSY if an earlier patch is in the way; -ENOEXEC.
 */
int kgr_data_check(void)
{
	return check_all(ALL_OBJECTS);
}

/* What a cumulative patch that has it as well takes over. */
static struct kgr_peer_data *heir_of(const struct kgr_peer_data *earlier)
{
	struct kgr_peer_data *mine = find_same(&kgr_self, earlier);

	return mine && mine->patched == earlier->patched ? mine : NULL;
}

/**
 * kgr_data_revert_earlier - a cumulative patch sets out: nobody has left the earlier ones' universe yet
 */
void kgr_data_revert_earlier(void)
{
	struct kgr_peer_data *data;
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer->replaced_by != &kgr_self)
			continue;
		kgr_for_each_data(data, peer) {
			if (!heir_of(data))
				revert(data);
		}
	}
}

/**
 * kgr_data_restore_earlier - and it came to nothing: all are in the earlier ones' universe
 */
void kgr_data_restore_earlier(void)
{
	struct kgr_peer_data *data;
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer->replaced_by != &kgr_self)
			continue;
		kgr_for_each_data(data, peer)
			write(data);
	}
}

static void take_over_earlier(void)
{
	struct kgr_peer_data *data, *heir;
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer->replaced_by != &kgr_self)
			continue;
		kgr_for_each_data(data, peer) {
			heir = data->written ? heir_of(data) : NULL;
			if (!heir)
				continue;
			heir->written = true;
			data->written = false;
		}
	}
}

/**
 * kgr_data_write - all are in the new universe
 */
void kgr_data_write(void)
{
	struct kgr_peer_data *data;

	take_over_earlier();
	kgr_for_each_data(data, &kgr_self)
		write(data);
}

/**
 * kgr_data_revert - before anybody leaves the new universe
 */
void kgr_data_revert(void)
{
	struct kgr_peer_data *data;

	kgr_for_each_data(data, &kgr_self)
		revert(data);
}

/* A value is aligned, and so in one page. */
static int map(struct kgr_peer_data *data, const struct kgr_data *known)
{
	unsigned long start =
		known->object ? kgr_patch.objects[known->object - 1].addresses[known->address] :
				known->address + kgr_slide;
	struct page *page;

	data->address = start + known->offset;
	page = known->object ? vmalloc_to_page((void *)data->address) :
			       pfn_to_page(PHYS_PFN(__pa_symbol(data->address)));
	data->mapping = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!data->mapping)
		return -ENOMEM;
	data->place = data->mapping + offset_in_page(data->address);
	data->built = known->built;
	data->patched = known->patched;
	return 0;
}

static int find(unsigned int object)
{
	struct kgr_peer_data *data;
	int err = 0;

	kgr_for_each_data(data, &kgr_self) {
		if (!err && is_of(data, object))
			err = map(data, &kgr_patch.data[data - kgr_self.data]);
	}
	return err;
}

/**
 * kgr_data_remove - a module goes
 * @object: its number
 */
void kgr_data_remove(unsigned int object)
{
	struct kgr_peer_data *data;

	kgr_for_each_data(data, &kgr_self) {
		if (!is_of(data, object))
			continue;
		vunmap(data->mapping);
		data->mapping = NULL;
		data->written = false;
	}
}

/**
 * kgr_data_add - a module has come that the patch may have data of
 * @object: its number; its symbols are found, the graft's references to it resolved, none of its code has run
 *
 * Return: 0 or a negative error with nothing of it changed.
 */
int kgr_data_add(unsigned int object)
{
	bool on = kgr_current_target() == KGR_NEW && !kgr_in_transition();
	struct kgr_peer_data *data;
	int err = find(object);

	/* What takes this patch's place checks, and writes its own. */
	if (!err && !kgr_is_off() && !kgr_self.replaced_by)
		err = check_all(object);
	if (err) {
		kgr_data_remove(object);
		return err;
	}
	if (!on || kgr_self.replaced_by)
		return 0;
	kgr_for_each_data(data, &kgr_self) {
		if (is_of(data, object))
			write(data);
	}
	return 0;
}

/**
 * kgr_data_prepare - find what is in vmlinux; once, before other patches know this one
 *
 * Return: 0 or -ENOMEM; kgr_data_free() it in any case.
 */
int kgr_data_prepare(void)
{
	unsigned int i;

	if (!kgr_patch.ndata)
		return 0;
	kgr_self.data = kcalloc(kgr_patch.ndata, sizeof(*kgr_self.data), GFP_KERNEL);
	if (!kgr_self.data)
		return -ENOMEM;
	kgr_self.ndata = kgr_patch.ndata;
	for (i = 0; i < kgr_patch.ndata; i++) {
		const struct kgr_data *known = &kgr_patch.data[i];

		kgr_self.data[i].name = known->name;
		kgr_self.data[i].size = known->size;
		if (known->object)
			kgr_self.data[i].module = kgr_patch.objects[known->object - 1].name;
	}
	return find(0);
}

/**
 * kgr_data_free - for module exit: what was written has been taken back
 */
void kgr_data_free(void)
{
	kgr_data_remove(ALL_OBJECTS);
	kfree(kgr_self.data);
}
