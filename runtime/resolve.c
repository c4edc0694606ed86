// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolves the graft's references to what the kernel does not export. kgr-build left each of them
 * as an entry of kgr_relocs: where it stands, the relocation type, and the symbol as an index into
 * kgr_syms:
 *
 *	kgr_relocs[7]	where: kgr_text + 0x31, type PC32, addend -4, sym 2
 *	kgr_syms[2]	address 0xffffffff81234560 as linked, object 0 (vmlinux)
 *	written there	0xffffffff81234560 + slide - 4 - where, in four bytes
 *
 * The module loader has done all others before init; these are done here, vmlinux's first, and a
 * module's when it comes.
 */
#include "arch.h"
#include "kgraft.h"

/**
 * kgr_apply_relocs - resolve the graft's references to what is not exported
 * @object: to vmlinux, 0, or to a module whose symbols are found
 *
 * Process context, before any code of the graft can run.
 *
 * Return: 0 or a negative error; the module must not be used after an error.
 */
int kgr_apply_relocs(unsigned int object)
{
	const struct kgr_reloc *rel;
	int err = 0;

	for (rel = kgr_relocs; !err && rel < kgr_relocs_end; rel++) {
		const struct kgr_reloc_sym *sym = &kgr_syms[rel->sym];

		if (sym->object == object)
			err = kgr_arch_apply_reloc(rel, kgr_symbol_address(sym));
	}
	return err;
}
