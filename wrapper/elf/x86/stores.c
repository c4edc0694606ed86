// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the addresses that a function writes to memory. Each instruction that takes an address by a relocation is where one
 * begins; from there registers are followed to all instructions that may come next:
 *
 *	48 c7 47 08 00 00 00 00		movq $name,8(%rdi)	written at once
 *	48 c7 c0 00 00 00 00		mov  $ops,%rax		now %rax has ops
 *	48 0f 44 c3			cmove %rbx,%rax		it may still have
 *	48 89 45 10			mov  %rax,0x10(%rbp)	written, if %rbp is no frame pointer
 *	e8 00 00 00 00			call f			%rax has something else
 *
 * Not followed is what goes through the stack, a jump table, a static key's branch, another function, or into the cold part.
 * So what is found is sure to be written if that path is taken, and there may be more.
 */
#define _GNU_SOURCE
#include <string.h>
#include <Zydis/Zydis.h>

#include "elf/reloc.h"
#include "elf/x86/x86.h"

#define NOWHERE G_MAXUINT

/* A set of the sixteen registers, by their numbers in instructions. */
typedef uint16_t registers;

/* What calls may change: rax, rcx, rdx, rsi, rdi, r8 to r11. */
static const registers changed_by_calls = 0x0fc7;

/* What an instruction does to an address. */
struct step {
	uint64_t start, end; /* in the section */
	registers killed; /* they get something else */
	registers from, to; /* if one of @from has the address, those of @to get it */
	registers stored; /* they are written to memory that is not the stack */
	const struct kgr_rel
		*memory; /* the reference to that memory; NULL: registers say where it is */
	const struct kgr_rel *taken; /* the reference whose address is taken */
	registers gets; /* the registers that get that */
	bool stores; /* or it is written at once */
	bool ends; /* the next instruction is not what comes next */
	uint64_t branch; /* where it jumps to, in the section, if it does so directly */
	guint target; /* the step there, or NOWHERE */
};

static registers register_bit(ZydisRegister reg)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 ?
		       (registers)(1 << ZydisRegisterGetId(whole)) :
		       0;
}

static bool is_move(ZydisMnemonic mnemonic)
{
	return mnemonic == ZYDIS_MNEMONIC_MOV || mnemonic == ZYDIS_MNEMONIC_XCHG ||
	       mnemonic == ZYDIS_MNEMONIC_CMPXCHG;
}

static bool is_stack(const ZydisDecodedOperand *op, bool has_frame)
{
	return op->mem.base == ZYDIS_REGISTER_RSP ||
	       (has_frame && op->mem.base == ZYDIS_REGISTER_RBP);
}

/* Which relocation fills in the field at @offset of the instruction? */
static const struct kgr_rel *rel_at(const struct kgr_sec *sec, uint64_t offset)
{
	size_t count;
	const struct kgr_rel *rel = kgr_sec_rels(sec, offset, offset + 1, &count);

	return count ? rel : NULL;
}

/* From operand @b, and what it consists of, to the register @a. */
static void note_copy(struct step *s, const ZydisDecodedOperand *a, const ZydisDecodedOperand *b)
{
	if (a->type != ZYDIS_OPERAND_TYPE_REGISTER)
		return;
	s->to = register_bit(a->reg.value);
	if (b->type == ZYDIS_OPERAND_TYPE_REGISTER)
		s->from = register_bit(b->reg.value);
	else if (b->type == ZYDIS_OPERAND_TYPE_MEMORY && b->mem.type == ZYDIS_MEMOP_TYPE_AGEN)
		s->from = register_bit(b->mem.base) | register_bit(b->mem.index);
}

/* Memory @a that is written, with operand @b. */
static void note_store(struct step *s, const ZydisDecodedOperand *a, const ZydisDecodedOperand *b,
		       const struct kgr_rel *displacement, bool has_frame)
{
	if (a->type != ZYDIS_OPERAND_TYPE_MEMORY ||
	    !(a->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) || is_stack(a, has_frame))
		return;
	s->memory = displacement;
	if (b->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
		s->stores = true;
	else if (b->type == ZYDIS_OPERAND_TYPE_REGISTER && a->size == 64)
		s->stored = register_bit(b->reg.value);
}

static void note_operands(struct step *s, const ZydisDecodedInstruction *insn,
			  const ZydisDecodedOperand *ops, const struct kgr_rel *displacement,
			  const struct kgr_rel *immediate, bool has_frame)
{
	ZydisMnemonic mnemonic = insn->mnemonic;
	bool adds = mnemonic == ZYDIS_MNEMONIC_ADD;
	guint i;

	for (i = 0; i < insn->operand_count; i++) {
		if (ops[i].type == ZYDIS_OPERAND_TYPE_REGISTER && !(adds && !i) &&
		    ops[i].actions & ZYDIS_OPERAND_ACTION_WRITE)
			s->killed |= register_bit(ops[i].reg.value);
	}
	if (insn->meta.category == ZYDIS_CATEGORY_CALL)
		s->killed |= changed_by_calls;
	if (insn->operand_count < 2)
		return;
	if (is_move(mnemonic))
		note_store(s, &ops[0], &ops[1], displacement, has_frame);
	if (mnemonic == ZYDIS_MNEMONIC_MOV || mnemonic == ZYDIS_MNEMONIC_LEA || adds ||
	    insn->meta.category == ZYDIS_CATEGORY_CMOV)
		note_copy(s, &ops[0], &ops[1]);
	s->taken = mnemonic == ZYDIS_MNEMONIC_LEA ? displacement : immediate;
	s->gets = s->to;
	s->stores &= s->taken != NULL;
}

static void note_flow(struct step *s, const ZydisDecodedInstruction *insn)
{
	s->target = NOWHERE;
	s->branch = UINT64_MAX;
	s->ends = insn->meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
		  insn->meta.category == ZYDIS_CATEGORY_RET || insn->mnemonic == ZYDIS_MNEMONIC_UD2;
	if (insn->raw.imm[0].is_relative && insn->meta.category != ZYDIS_CATEGORY_CALL)
		s->branch = s->end + (uint64_t)insn->raw.imm[0].value.s;
}

static bool decode(const ZydisDecoder *decoder, const struct kgr_sec *sec, uint64_t at,
		   uint64_t end, bool has_frame, struct step *s)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	const struct kgr_rel *displacement = NULL, *immediate = NULL;

	if (ZYAN_FAILED(ZydisDecoderDecodeFull(decoder, sec->data + at, end - at, &insn, ops)))
		return false;
	*s = (struct step){ .start = at, .end = at + insn.length };
	if (insn.raw.disp.size)
		displacement = rel_at(sec, at + insn.raw.disp.offset);
	if (insn.raw.imm[0].size)
		immediate = rel_at(sec, at + insn.raw.imm[0].offset);
	note_flow(s, &insn);
	if (immediate)
		s->branch = UINT64_MAX;
	note_operands(s, &insn, ops, displacement, immediate, has_frame);
	return true;
}

/* Is %rbp where the stack frame begins? */
static bool has_frame_pointer(const struct kgr_sym *func)
{
	static const uint8_t mov_rsp_rbp[] = { 0x48, 0x89, 0xe5 };

	return memmem(func->sec->data + func->value, func->size, mov_rsp_rbp, sizeof(mov_rsp_rbp));
}

static gint by_start(gconstpointer a, gconstpointer b)
{
	const struct step *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static guint step_at(GArray *steps, uint64_t start)
{
	const struct step key = { .start = start };
	guint at;

	return g_array_binary_search(steps, &key, by_start, &at) ? at : NOWHERE;
}

static GArray *read_steps(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	uint64_t at = func->value, end = func->value + func->size;
	/* A cold part has the frame of its function. */
	const struct kgr_sym *whole = func->parent ?: func;
	bool has_frame = whole->sec->data && has_frame_pointer(whole);
	ZydisDecoder decoder;
	struct step s;
	guint i;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (; at < end; at = s.end) {
		if (!func->sec->data || !decode(&decoder, func->sec, at, end, has_frame, &s)) {
			kgr_x86_undecodable(obj, func->name, at - func->value, error);
			return NULL;
		}
		g_array_append_val(steps, s);
	}
	for (i = 0; i < steps->len; i++) {
		struct step *step = &g_array_index(steps, struct step, i);

		step->target = step_at(steps, step->branch);
	}
	return g_steal_pointer(&steps);
}

static void add_store(GArray *out, const struct step *taking, const struct step *storing)
{
	const struct kgr_store store = {
		.address = taking->taken,
		.address_bias = kgr_rel_bias(taking->taken, taking->end),
		.to = storing->memory,
		.to_bias = storing->memory ? kgr_rel_bias(storing->memory, storing->end) : 0,
	};

	g_array_append_val(out, store);
}

/* The registers that may have an address, step by step, and the steps that have to be looked at again. */
struct following {
	const GArray *steps;
	registers *have;
	GArray *todo; /* of guint */
};

static void reach(struct following *f, guint step, registers regs)
{
	if (step >= f->steps->len || !(regs & ~f->have[step]))
		return;
	f->have[step] |= regs;
	g_array_append_val(f->todo, step);
}

/* Where the address that a step takes goes. */
static void follow(const GArray *steps, guint first, GArray *out)
{
	const struct step *taking = &g_array_index(steps, struct step, first);
	g_autofree registers *have = g_new0(registers, steps->len);
	g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(guint));
	struct following f = { steps, have, todo };

	reach(&f, first + 1, taking->gets);
	while (todo->len) {
		guint i = g_array_index(todo, guint, todo->len - 1);
		const struct step *s = &g_array_index(steps, struct step, i);
		registers regs = have[i];

		g_array_set_size(todo, todo->len - 1);
		if (regs & s->stored)
			add_store(out, taking, s);
		regs = (registers)(regs & ~s->killed) | (regs & s->from ? s->to : 0);
		if (!s->ends)
			reach(&f, i + 1, regs);
		reach(&f, s->target, regs);
	}
}

GArray *kgr_x86_stores(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	g_autoptr(GArray) steps = read_steps(obj, func, error);
	g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct kgr_store));
	guint i;

	if (!steps)
		return NULL;
	for (i = 0; i < steps->len; i++) {
		const struct step *s = &g_array_index(steps, struct step, i);

		if (s->taken && s->stores)
			add_store(out, s, s);
		else if (s->taken && s->gets)
			follow(steps, i, out);
	}
	return g_steal_pointer(&out);
}
