// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proof, before anything is touched, that this is the very kernel that the patch was made for: its
 * build-id, and a CRC-32 of each old function's text but for the bytes that the kernel rewrites
 * (alternatives, fentry, jump labels, static calls). Where another patch has a jump now, or a
 * kprobe is, its text is what was there before:
 *
 *	f+0	e8 ...		fentry: left out of f's spans
 *	f+5	e9 ... nop	another patch's jump: struct kgr_peer_func has the "original" bytes
 *	f+11	cc 8b 07	a kprobe: the byte that its breakpoint replaced, then 8b 07
 *	f+14	...		as it is
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "kgraft.h"
#include "peer.h"

#define KGR_ID_MAX 64

/**
 * kgr_check_kernel - compare the running kernel's build-id with the patch's
 *
 * It is read where it was linked to be, moved by the slide; on another kernel there may be
 * anything, or nothing, so the read must not fault.
 *
 * Return: 0, or -ENOEXEC.
 */
int kgr_check_kernel(void)
{
	unsigned int size = min_t(unsigned int, kgr_patch.build_id_size, KGR_ID_MAX);
	u8 running[KGR_ID_MAX];

	if (copy_from_kernel_nofault(running, (void *)(kgr_patch.build_id_address + kgr_slide),
				     size) ||
	    memcmp(running, kgr_patch.build_id, size)) {
		pr_err("%s: made for another build of this kernel release (build-id %s): not loaded; build it for the running one\n",
		       kgr_patch.name, kgr_patch.build_id_text);
		return -ENOEXEC;
	}
	return 0;
}

/* Whose jump has the place of the byte at @address? */
static const struct kgr_peer_func *jump_over(unsigned long address)
{
	struct kgr_peer *peer;
	unsigned int i;

	kgr_for_each_peer(peer) {
		for (i = 0; i < peer->nfuncs; i++) {
			if (address - peer->funcs[i].jump_at < peer->funcs[i].jump_size)
				return &peer->funcs[i];
		}
	}
	return NULL;
}

/* The byte as it was before any patch. */
static u8 original_byte(unsigned long address)
{
	const struct kgr_peer_func *func = jump_over(address);

	return func ? func->original[address - func->jump_at] : kgr_arch_unprobed_byte(address);
}

/* CRC-32 as zlib computes it; not lib/crc32.c, which a kernel may lack. */
static u32 crc32_add(u32 crc, unsigned long address, size_t size)
{
	int bit;

	while (size--) {
		crc ^= original_byte(address++);
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

static int check_function(const struct kgr_func *func)
{
	unsigned long start = kgr_part_address(func, 0);
	u32 crc = ~0;
	unsigned int i;

	for (i = 0; i < func->nspans; i++)
		crc = crc32_add(crc, start + func->spans[i].offset, func->spans[i].size);
	if (~crc != func->digest) {
		pr_err("%s: %s() is not the function that the patch replaces: not loaded; something else has changed it, or it is of another build: build the patch for the running kernel\n",
		       kgr_patch.name, func->name);
		return -ENOEXEC;
	}
	return 0;
}

/**
 * kgr_check_functions - compare the text of old functions with what the builder saw
 * @object: those in vmlinux, 0, or in a module that is there
 *
 * Under kgr_lock(), and only after kgr_check_kernel(): it reads the kernel's text without further care.
 *
 * Return: 0, or -ENOEXEC.
 */
int kgr_check_functions(unsigned int object)
{
	struct kgr_func *func;
	int err = 0;

	kgr_arch_text_lock();
	kgr_for_each_func(func) {
		if (func->object == object)
			err = err ?: check_function(func);
	}
	kgr_arch_text_unlock();
	return err;
}
