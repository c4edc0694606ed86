// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The tables that the runtime reads (kgraft-abi.h), written as they lie in memory. A pointer in them is a
 * relocation, like the one that a compiler would make of an initialiser:
 *
 *	.kgr.patch	kgr_patch: .name -> .kgr.rodata, .funcs -> .kgr.funcs, .objects -> .kgr.objects
 *	.kgr.funcs	one struct kgr_func each: .new_func -> kgr_new_0
 *	.kgr.data	one struct kgr_data each, written by extract-data.c: .name -> .kgr.rodata
 *	.kgr.objects	one struct kgr_object each: .syms -> .kgr.rodata, .addresses -> .kgr.addresses
 *	.kgr.stubs	room for what the runtime writes for functions without fentry, executable
 *	.kgr.linked	kgr_link_schedule and the like
 */
#include <kgraft-abi.h>
#include <string.h>

#include "elf/arch.h"
#include "lib/error.h"
#include "module/patch-tables.h"
#include "select/escapes.h"
#include "module/unexported.h"
#include "select/data-values.h"
#include "select/patched-func.h"

struct tables {
	const struct kgr_patch_module *m;
	struct kgr_out_obj *out;
	struct kgr_out_sec *rodata;
	GHashTable *defined; /* name -> number of a global symbol of the graft + 1 */
};

static struct kgr_out_sec *data_section(struct tables *t, const char *name)
{
	return kgr_out_section(t->out, name, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8);
}

/* The eight bytes at @at of @sec point to @pos in another section. */
static void point_into(const struct tables *t, struct kgr_out_sec *sec, uint64_t at,
		       const struct kgr_out_sec *to, uint64_t pos)
{
	kgr_out_reloc(sec, at, t->out->arch->pointer, to->symbol, (int64_t)pos);
}

static void point_to_bytes(struct tables *t, struct kgr_out_sec *sec, uint64_t at,
			   const void *bytes, uint64_t size, uint64_t align)
{
	point_into(t, sec, at, t->rodata, kgr_out_append(t->rodata, bytes, size, align));
}

static void point_to_string(struct tables *t, struct kgr_out_sec *sec, uint64_t at, const char *s)
{
	point_to_bytes(t, sec, at, s, strlen(s) + 1, 1);
}

/* Points to a symbol: the graft's own, or patch.c's. */
static void G_GNUC_PRINTF(4, 5) point_to_symbol(struct tables *t, struct kgr_out_sec *sec,
						uint64_t at, const char *format, ...)
{
	g_autofree char *name = NULL;
	gpointer have;
	guint symbol;
	va_list args;

	va_start(args, format);
	name = g_strdup_vprintf(format, args);
	va_end(args);
	have = g_hash_table_lookup(t->defined, name);
	symbol = have ? GPOINTER_TO_UINT(have) - 1 : kgr_out_undefined(t->out, name);

	kgr_out_reloc(sec, at, t->out->arch->pointer, symbol, 0);
}

/* A part of a new function, if the graft has it; the address is at @at of @sec. */
static void add_new_text(struct tables *t, struct kgr_out_sec *sec, uint64_t at, const char *name)
{
	gpointer have = g_hash_table_lookup(t->defined, name);
	struct kgr_text_range range = {};
	const struct kgr_out_sym *sym;

	if (!have)
		return;
	sym = t->out->syms->pdata[GPOINTER_TO_UINT(have) - 1];
	range.size = sym->size;
	memcpy(sec->data->data + at, &range, sizeof(range));
	point_to_symbol(t, sec, at + offsetof(struct kgr_text_range, address), "%s", name);
}

static GHashTable *defined_symbols(const struct kgr_out_obj *graft)
{
	GHashTable *defined = g_hash_table_new(g_str_hash, g_str_equal);
	guint i;

	for (i = 0; i < graft->syms->len; i++) {
		const struct kgr_out_sym *sym = graft->syms->pdata[i];

		if (sym->sec && ELF64_ST_BIND(sym->info) != STB_LOCAL)
			g_hash_table_insert(defined, sym->name, GUINT_TO_POINTER(i + 1));
	}
	return defined;
}

/* By the first name that the kernel has, NULL if it has none, or several of that name. */
static const struct kgr_ksym *find_unexported(struct kgr_image *vmlinux,
					      const struct kgr_unexported *u, bool *several)
{
	const struct kgr_ksym *sym = NULL;
	char **name;

	*several = false;
	for (name = u->names; *name && !sym && !*several; name++)
		sym = kgr_image_unique(vmlinux, *name, several);
	return sym;
}

/* kgr_link_NAME, where NAME is in vmlinux; zero if it is optional and not there. */
static bool add_link(struct tables *t, struct kgr_out_sec *sec, const struct kgr_unexported *u,
		     GError **error)
{
	struct kgr_image *vmlinux = t->m->session->kernel->vmlinux;
	g_autofree char *link = g_strconcat("kgr_link_", u->names[0], NULL);
	struct kgr_text_range range = {};
	bool several;
	const struct kgr_ksym *sym = find_unexported(vmlinux, u, &several);

	if (!sym && (several || !u->optional))
		return kgr_fail(error, KGR_REFUSED,
				"%s: the runtime needs %s, of which there %s; kgraft %s does not "
				"support this kernel version or configuration",
				vmlinux->path, u->names[0], several ? "are several" : "is none",
				KGR_VERSION);
	if (sym)
		range = (struct kgr_text_range){ sym->address, sym->size };
	kgr_out_symbol(t->out, link, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), sec,
		       kgr_out_append(sec, &range, sizeof(range), 8), sizeof(range));
	return true;
}

static bool add_links(struct tables *t, GError **error)
{
	struct kgr_out_sec *sec =
		kgr_out_section(t->out, ".kgr.linked", SHT_PROGBITS, SHF_ALLOC, 8);
	g_autoptr(GPtrArray) all = kgr_unexported_read(t->out->arch, error);
	guint i;

	for (i = 0; all && i < all->len; i++) {
		if (!add_link(t, sec, all->pdata[i], error))
			return false;
	}
	return all != NULL;
}

/* An address as linked, or the index of a module's symbol. */
static struct kgr_text_range range_of(struct tables *t, const struct kgr_ksym *part)
{
	struct kgr_text_range range = {};

	if (!part)
		return range;
	range.address =
		part->image->module ? kgr_module_ref_symbol(t->m->objects, part) : part->address;
	range.size = part->size;
	return range;
}

/* The pointer at @at of @sec points to room for a stub. */
static void add_stub(struct tables *t, struct kgr_out_sec *sec, uint64_t at)
{
	unsigned int size = t->out->arch->stub_size;
	struct kgr_out_sec *stubs = kgr_out_section(t->out, ".kgr.stubs", SHT_PROGBITS,
						    SHF_ALLOC | SHF_EXECINSTR, size);

	point_into(t, sec, at, stubs, kgr_out_append(stubs, NULL, size, size));
}

/* Returns the section, whose start is the table's. */
static struct kgr_out_sec *add_funcs(struct tables *t)
{
	struct kgr_out_sec *sec = data_section(t, ".kgr.funcs");
	guint i;

	for (i = 0; i < t->m->old->len; i++) {
		const struct kgr_patched_func *old = t->m->old->pdata[i];
		struct kgr_func func = {
			.nspans = old->spans->len,
			.digest = old->digest,
			.object = kgr_module_ref_number(t->m->objects, old->part[0]->image),
			.old = { range_of(t, old->part[0]), range_of(t, old->part[1]) },
		};
		uint64_t at = kgr_out_append(sec, &func, sizeof(func), 8);
		uint64_t text = at + offsetof(struct kgr_func, new_text);
		g_autofree char *name = g_strdup_printf("kgr_new_%u", i);
		g_autofree char *cold = g_strconcat(name, "_cold", NULL);

		point_to_string(t, sec, at + offsetof(struct kgr_func, name), old->name);
		point_to_symbol(t, sec, at + offsetof(struct kgr_func, new_func), "%s", name);
		add_new_text(t, sec, text, name);
		add_new_text(t, sec, text + sizeof(struct kgr_text_range), cold);
		point_to_bytes(t, sec, at + offsetof(struct kgr_func, spans), old->spans->data,
			       old->spans->len * sizeof(struct kgr_span), 4);
		if (old->by_breakpoint)
			add_stub(t, sec, at + offsetof(struct kgr_func, stub));
	}
	return sec;
}

/* The four pointers at @at of @sec. */
static void add_callbacks(struct tables *t, struct kgr_out_sec *sec, uint64_t at,
			  const struct kgr_image *image)
{
	guint i;

	for (i = 0; i < t->m->callbacks->len; i++) {
		const struct kgr_callback *c =
			&g_array_index(t->m->callbacks, struct kgr_callback, i);

		if (c->image == image)
			point_to_symbol(t, sec, at + c->kind * sizeof(uint64_t),
					"kgr_callback_%u_%u",
					kgr_module_ref_number(t->m->objects, c->image), c->kind);
	}
}

static void add_module_syms(struct tables *t, struct kgr_out_sec *sec, uint64_t at,
			    const GPtrArray *syms)
{
	uint64_t table =
		kgr_out_append(t->rodata, NULL, syms->len * sizeof(struct kgr_module_sym), 8);
	guint i;

	for (i = 0; i < syms->len; i++) {
		const struct kgr_ksym *sym = syms->pdata[i];
		struct kgr_module_sym entry = { .sympos = kgr_image_sympos(sym) };
		uint64_t where = table + i * sizeof(entry);

		memcpy(t->rodata->data->data + where, &entry, sizeof(entry));
		point_to_string(t, t->rodata, where + offsetof(struct kgr_module_sym, name),
				sym->name);
	}
	point_into(t, sec, at, t->rodata, table);
}

/* A start and an end, as extract.c names them. */
static void add_bounds(struct tables *t, struct kgr_out_sec *sec, uint64_t at, const char *name,
		       guint number)
{
	point_to_symbol(t, sec, at, "%s_%u", name, number);
	point_to_symbol(t, sec, at + sizeof(uint64_t), "%s_%u_end", name, number);
}

/* After add_funcs(), which may add symbols. */
static struct kgr_out_sec *add_objects(struct tables *t)
{
	struct kgr_out_sec *sec = data_section(t, ".kgr.objects");
	struct kgr_out_sec *addresses = data_section(t, ".kgr.addresses");
	guint i;

	for (i = 0; i < t->m->objects->len; i++) {
		const struct kgr_module_ref *ref = t->m->objects->pdata[i];
		struct kgr_object object = { .nsyms = ref->syms->len };
		const uint8_t *id;
		uint64_t at, ignored;

		object.build_id_size =
			kgr_image_build_id((struct kgr_image *)ref->image, &id, &ignored);
		at = kgr_out_append(sec, &object, sizeof(object), 8);
		point_to_string(t, sec, at + offsetof(struct kgr_object, name), ref->image->module);
		add_module_syms(t, sec, at + offsetof(struct kgr_object, syms), ref->syms);
		point_into(t, sec, at + offsetof(struct kgr_object, addresses), addresses,
			   kgr_out_append(addresses, NULL, ref->syms->len * sizeof(uint64_t), 8));
		point_to_bytes(t, sec, at + offsetof(struct kgr_object, build_id), id,
			       object.build_id_size, 1);
		add_callbacks(t, sec, at + offsetof(struct kgr_object, callbacks), ref->image);
		add_bounds(t, sec, at + offsetof(struct kgr_object, jumps), "kgr_jumps", i + 1);
		add_bounds(t, sec, at + offsetof(struct kgr_object, calls), "kgr_calls", i + 1);
	}
	return sec;
}

/* Of what is there already; returns the section, whose start is the table's. */
static struct kgr_out_sec *name_data(struct tables *t, uint32_t *count)
{
	struct kgr_out_sec *sec = data_section(t, ".kgr.data");
	guint i, n;

	*count = 0;
	for (i = 0; i < t->m->data->len; i++) {
		const struct kgr_data_object *object = t->m->data->pdata[i];

		for (n = 0; n < object->values->len; n++) {
			const struct kgr_data_value *value = object->values->pdata[n];

			point_to_string(t, sec,
					(*count)++ * sizeof(struct kgr_data) +
						offsetof(struct kgr_data, name),
					value->name);
		}
	}
	return sec;
}

static void add_patch(struct tables *t)
{
	const struct kgr_kernel *k = t->m->session->kernel;
	struct kgr_out_sec *sec = data_section(t, ".kgr.patch");
	const struct kgr_out_sec *funcs = add_funcs(t), *objects = add_objects(t);
	struct kgr_patch patch = {
		.build_id_address = k->build_id_address,
		.build_id_size = k->build_id_size,
		.nfuncs = t->m->old->len,
		.nobjects = t->m->objects->len,
	};
	const struct kgr_out_sec *data = name_data(t, &patch.ndata);
	uint64_t at = kgr_out_append(sec, &patch, sizeof(patch), 8);
	g_autofree char *id = kgr_kernel_build_id_text(k);
	g_autofree char *escapes = kgr_escapes_text(t->m->escapes, " ");
	g_autofree char *allowed_escapes = kgr_escapes_text(t->m->allowed_escapes, " ");

	point_to_string(t, sec, at + offsetof(struct kgr_patch, name), t->m->name);
	point_to_string(t, sec, at + offsetof(struct kgr_patch, version), KGR_VERSION);
	point_to_string(t, sec, at + offsetof(struct kgr_patch, build_id_text), id);
	point_to_bytes(t, sec, at + offsetof(struct kgr_patch, build_id), k->build_id,
		       k->build_id_size, 1);
	point_into(t, sec, at + offsetof(struct kgr_patch, funcs), funcs, 0);
	point_into(t, sec, at + offsetof(struct kgr_patch, objects), objects, 0);
	point_into(t, sec, at + offsetof(struct kgr_patch, data), data, 0);
	add_callbacks(t, sec, at + offsetof(struct kgr_patch, callbacks), k->vmlinux);
	point_to_string(t, sec, at + offsetof(struct kgr_patch, escapes), escapes);
	point_to_string(t, sec, at + offsetof(struct kgr_patch, allowed_escapes), allowed_escapes);
	kgr_out_symbol(t->out, "kgr_patch", ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), sec, at,
		       sizeof(patch));
}

bool kgr_add_patch_tables(const struct kgr_patch_module *m, GError **error)
{
	g_autoptr(GHashTable) defined = defined_symbols(m->graft);
	struct tables t = { .m = m, .out = m->graft, .defined = defined };

	t.rodata = kgr_out_section(t.out, ".kgr.rodata", SHT_PROGBITS, SHF_ALLOC, 8);
	add_patch(&t);
	return add_links(&t, error);
}
