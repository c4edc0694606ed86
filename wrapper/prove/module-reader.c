// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads what the runtime will do with a module when it is loaded, and makes relocations of that. Of
 *
 *	kgr_relocs[7]	place .text..kgraft+0x31, type PC32, addend -4, symbol 2
 *	kgr_syms[2]	address 0xffffffff81234560
 *
 * it makes a relocation at .text..kgraft+0x31 to an undefined symbol that is called as vmlinux calls what is at that
 * address. Where several names are at one address, all of them are its names. A symbol of a module is looked up as the
 * runtime does, by name and sympos.
 */
#include <stdio.h>
#include <string.h>

#include <kgraft-abi.h>
#include "elf/reloc.h"
#include "kernel/linked-objects.h"
#include "lib/error.h"
#include "prove/module-reader.h"

struct viewing {
	struct kgr_module_reader *view;
	struct kgr_kernel *kernel;
	GHashTable *by_address; /* of vmlinux: address -> GSList of struct kgr_ksym */
	GHashTable *known; /* number in kgr_syms + 1 -> struct kgr_sym */
	const struct kgr_reloc_sym *syms;
	size_t nsyms;
};

/* The bytes from one symbol to NAME_end, or NULL. */
static const uint8_t *table_bytes(const struct kgr_obj *obj, const char *name, struct kgr_sec **sec,
				  uint64_t *start, uint64_t *size, GError **error)
{
	g_autofree char *end_name = g_strconcat(name, "_end", NULL);
	const struct kgr_sym *first = kgr_obj_defined(obj, name),
			     *end = kgr_obj_defined(obj, end_name);

	if (!first || !end || first->sec != end->sec || !first->sec->data ||
	    first->value > end->value || end->value > first->sec->sh.sh_size) {
		kgr_fail(error, KGR_REFUSED, "%s: it has no table %s; is it a module of kgr-build?",
			 obj->path, name);
		return NULL;
	}
	*sec = first->sec;
	*start = first->value;
	*size = end->value - first->value;
	return first->sec->data + first->value;
}

/* Where the pointer at @at of a section points to: a section with bytes, and a place in it. */
static bool pointed(const struct kgr_sec *sec, uint64_t at, const struct kgr_sec **to,
		    uint64_t *pos)
{
	size_t count;
	struct kgr_rel *rel = kgr_sec_rels(sec, at, at + 1, &count);

	*to = count == 1 ? rel->sym->sec : NULL;
	*pos = *to ? rel->sym->value + (uint64_t)rel->addend : 0;
	return *to && (*to)->data && *pos < (*to)->sh.sh_size;
}

/* The @index-th entry, of @size bytes, of the table that the pointer at @at points to. */
static bool pointed_entry(const struct kgr_sec *sec, uint64_t at, uint64_t index, uint64_t size,
			  const struct kgr_sec **to, uint64_t *pos)
{
	if (!pointed(sec, at, to, pos) || index >= ((*to)->sh.sh_size - *pos) / size)
		return false;
	*pos += index * size;
	return true;
}

/* A string that the pointer at @at of a section points to. */
static const char *pointed_string(const struct kgr_sec *sec, uint64_t at)
{
	const struct kgr_sec *strings;
	uint64_t pos;

	if (!pointed(sec, at, &strings, &pos) ||
	    !memchr(strings->data + pos, 0, strings->sh.sh_size - pos))
		return NULL;
	return (const char *)strings->data + pos;
}

/* The file, without its suffix, of the module that lsmod would call so, as one of Kbuild's lists has it; or NULL. */
static char *find_module(const char *dir, const char *name)
{
	g_autoptr(GPtrArray) modules = kgr_modules_order(dir, NULL);
	guint i;

	for (i = 0; modules && i < modules->len; i++) {
		g_autofree char *as = kgr_module_name(modules->pdata[i]);

		if (!strcmp(as, name))
			return g_strdup(modules->pdata[i]);
	}
	return NULL;
}

/* The module of the build that lsmod would call so: what external modules refer to may be the kernel's, and an
 * adopted kernel's units are compiled elsewhere than its modules are.
 */
static struct kgr_image *image_named(struct viewing *v, const char *name, GError **error)
{
	struct kgr_kernel *k = v->kernel;
	g_autofree char *found = find_module(kgr_kernel_objects(k), name);

	if (!found)
		found = find_module(k->build, name);
	if (found)
		return kgr_kernel_module(k, found, error);
	kgr_fail(error, KGR_REFUSED,
		 "%s/modules.order names no module %s; is the patch of this build?",
		 kgr_kernel_objects(k), name);
	return NULL;
}

/* What the runtime will find for the @index-th symbol of object @number (runtime/objects.c). */
static GSList *module_symbol(struct viewing *v, unsigned int number, uint64_t index, GError **error)
{
	const struct kgr_obj *obj = v->view->obj;
	const struct kgr_sym *patch = kgr_obj_defined(obj, "kgr_patch");
	const struct kgr_sec *objects, *table;
	const char *module = NULL, *name = NULL;
	struct kgr_module_sym entry;
	uint64_t object, at;
	struct kgr_image *image;
	GSList *it;

	if (patch && patch->sec &&
	    pointed_entry(patch->sec, patch->value + offsetof(struct kgr_patch, objects),
			  number - 1, sizeof(struct kgr_object), &objects, &object) &&
	    pointed_entry(objects, object + offsetof(struct kgr_object, syms), index, sizeof(entry),
			  &table, &at)) {
		module = pointed_string(objects, object + offsetof(struct kgr_object, name));
		name = pointed_string(table, at + offsetof(struct kgr_module_sym, name));
		memcpy(&entry, table->data + at, sizeof(entry));
	}
	if (!module || !name) {
		kgr_fail(
			error, KGR_REFUSED,
			"%s: its table of modules is damaged; make the module again with kgr-build",
			obj->path);
		return NULL;
	}
	image = image_named(v, module, error);
	if (!image)
		return NULL;
	for (it = g_hash_table_lookup(image->by_name, name); it; it = it->next) {
		const struct kgr_ksym *sym = it->data;

		if (sym->outlives_init && kgr_image_sympos(sym) == entry.sympos)
			return g_slist_prepend(NULL, (gpointer)sym);
	}
	kgr_fail(error, KGR_REFUSED,
		 "%s: there is no %s number %u, which %s refers to; is the patch of this build?",
		 image->path, name, entry.sympos, obj->path);
	return NULL;
}

static GSList *kernel_symbols(struct viewing *v, const struct kgr_reloc_sym *entry, GError **error)
{
	GSList *found = g_hash_table_lookup(v->by_address, &entry->address), *it, *out = NULL;

	for (it = found; it; it = it->next) {
		const struct kgr_ksym *sym = it->data;

		if (sym->fixed == !!entry->fixed)
			out = g_slist_prepend(out, it->data);
	}
	if (!out)
		kgr_fail(error, KGR_REFUSED,
			 "%s: there is nothing at 0x%" G_GINT64_MODIFIER
			 "x, which %s refers to; is the patch of this build?",
			 v->kernel->vmlinux->path, entry->address, v->view->obj->path);
	return out;
}

/* All names of what an entry, of whichever table, means. */
static GSList *symbols_of(struct viewing *v, const struct kgr_reloc_sym *entry, GError **error)
{
	return entry->object ? module_symbol(v, entry->object, entry->address, error) :
			       kernel_symbols(v, entry, error);
}

/* The made-up symbol for one entry of kgr_syms. */
static struct kgr_sym *outside(struct viewing *v, uint32_t number, GError **error)
{
	gpointer key = GSIZE_TO_POINTER((gsize)number + 1);
	struct kgr_sym *sym = g_hash_table_lookup(v->known, key);
	const struct kgr_reloc_sym *entry;
	GSList *called;

	if (sym)
		return sym;
	if (number >= v->nsyms) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: kgr_syms has no entry %u: it is damaged; make the module again with "
			 "kgr-build",
			 v->view->obj->path, number);
		return NULL;
	}
	entry = &v->syms[number];
	called = symbols_of(v, entry, error);
	if (!called)
		return NULL;
	sym = g_new0(struct kgr_sym, 1);
	sym->name = ((const struct kgr_ksym *)called->data)->name;
	sym->type = ((const struct kgr_ksym *)called->data)->type;
	sym->bind = STB_GLOBAL;
	g_hash_table_insert(v->known, key, sym);
	g_hash_table_insert(v->view->outside, sym, called);
	return sym;
}

/* What the runtime will do at load becomes what a linker would: a relocation in its section. */
static bool add_relocations(struct viewing *v, GError **error)
{
	const struct kgr_obj *obj = v->view->obj;
	const struct kgr_reloc *entries;
	uint64_t start, size, i;
	struct kgr_sec *sec;
	size_t n;

	entries = (const void *)table_bytes(obj, "kgr_relocs", &sec, &start, &size, error);
	if (!entries)
		return false;
	for (i = 0; i < size / sizeof(*entries); i++) {
		uint64_t at = start + i * sizeof(*entries);
		struct kgr_rel *where = kgr_sec_rels(sec, at, at + 1, &n), rel;

		if (n != 1 || !where->sym->sec)
			return kgr_fail(error, KGR_REFUSED,
					"%s: entry %" G_GUINT64_FORMAT
					" of kgr_relocs is about no place: it is damaged; make the "
					"module again with kgr-build",
					obj->path, i);
		rel.offset = where->sym->value + (uint64_t)where->addend;
		kgr_rel_set_type(&rel, obj->arch, kgr_rel_type_of_abi(entries[i].type));
		rel.addend = entries[i].addend;
		rel.sym = outside(v, entries[i].sym, error);
		if (!rel.sym)
			return false;
		kgr_sec_add_rels(where->sym->sec, &rel, 1);
	}
	return true;
}

/* kgr_new_0 and the like are second names for the runtime. */
static void forget_second_names(struct kgr_sec *text)
{
	guint i = 0;

	while (i < text->syms->len) {
		const struct kgr_sym *sym = text->syms->pdata[i];

		if (sym->bind == STB_LOCAL || !g_str_has_prefix(sym->name, "kgr_"))
			i++;
		else
			g_ptr_array_remove_index(text->syms, i);
	}
}

/* foo.kgr.cold is foo.cold: as the compiler called it. */
static void use_compilers_names(struct kgr_sec *text)
{
	guint i;

	for (i = 0; i < text->syms->len; i++) {
		struct kgr_sym *sym = text->syms->pdata[i];
		const char *suffix = g_strrstr(sym->name, KGR_NEW_SUFFIX);
		g_autofree char *name = NULL;

		if (!suffix)
			continue;
		name = g_strdup_printf("%.*s%s", (int)(suffix - sym->name), sym->name,
				       suffix + strlen(KGR_NEW_SUFFIX));
		sym->name = g_intern_string(name);
	}
}

static void free_called(gpointer list)
{
	g_slist_free(list);
}

/* address -> GSList of struct kgr_ksym, the last of the table first */
static GHashTable *index_addresses(const struct kgr_image *vmlinux)
{
	GHashTable *out = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_called);
	size_t i;

	for (i = 0; i < vmlinux->nsyms; i++) {
		struct kgr_ksym *sym = &vmlinux->syms[i];
		GSList *have = g_hash_table_lookup(out, &sym->address);

		g_hash_table_steal(out, &sym->address);
		g_hash_table_insert(out, &sym->address, g_slist_prepend(have, sym));
	}
	return out;
}

static bool is_unpatch_callback(const char *name)
{
	unsigned int object, kind;

	return sscanf(name, "kgr_callback_%u_%u", &object, &kind) == 2 &&
	       (kind == KGR_PRE_UNPATCH || kind == KGR_POST_UNPATCH);
}

/* The names in the text that the pointer at @offset of kgr_patch points to. */
static char **patch_names(const struct kgr_obj *obj, size_t offset)
{
	const struct kgr_sym *patch = kgr_obj_defined(obj, "kgr_patch");
	const char *text =
		patch && patch->sec ? pointed_string(patch->sec, patch->value + offset) : NULL;

	return g_strsplit(text ?: "", " ", -1);
}

/* What the module says of addresses that outlive it. */
static void read_escapes(struct kgr_module_reader *reader)
{
	size_t i;

	reader->escapes = patch_names(reader->obj, offsetof(struct kgr_patch, escapes));
	reader->allowed_escapes =
		patch_names(reader->obj, offsetof(struct kgr_patch, allowed_escapes));
	for (i = 0; i < reader->obj->nsyms; i++)
		reader->stops |= is_unpatch_callback(reader->obj->syms[i].name);
}

static bool read_value(struct viewing *v, const struct kgr_sym *patch, uint32_t index,
		       GError **error)
{
	struct kgr_written w = { 0 };
	struct kgr_data data;

	if (pointed_entry(patch->sec, patch->value + offsetof(struct kgr_patch, data), index,
			  sizeof(data), &w.sec, &w.at)) {
		memcpy(&data, w.sec->data + w.at, sizeof(data));
		w.name = pointed_string(w.sec, w.at + offsetof(struct kgr_data, name));
	}
	if (!w.name || !data.size || data.size > 8)
		return kgr_fail(error, KGR_REFUSED,
				"%s: its table of data is damaged; make the module again with "
				"kgr-build",
				v->view->obj->path);
	w.offset = data.offset;
	w.size = data.size;
	w.called = symbols_of(
		v, &(struct kgr_reloc_sym){ .address = data.address, .object = data.object },
		error);
	if (w.called)
		g_array_append_val(v->view->values, w);
	return w.called;
}

static bool read_redirection(struct viewing *v, const struct kgr_sym *patch, uint32_t index,
			     GError **error)
{
	struct kgr_module_func r = { 0 };
	const struct kgr_sec *table, *text;
	struct kgr_func func = { 0 };
	uint64_t at;

	if (pointed_entry(patch->sec, patch->value + offsetof(struct kgr_patch, funcs), index,
			  sizeof(func), &table, &at)) {
		memcpy(&func, table->data + at, sizeof(func));
		r.name = pointed_string(table, at + offsetof(struct kgr_func, name));
	}
	r.size = func.old[0].size;
	r.new_size = func.new_text[0].size;
	if (!r.name ||
	    !pointed(table, at + offsetof(struct kgr_func, new_text), &text, &r.new_at) ||
	    text != v->view->text ||
	    !pointed(table, at + offsetof(struct kgr_func, new_func), &r.sec, &r.at) ||
	    r.sec != v->view->text)
		return kgr_fail(error, KGR_REFUSED,
				"%s: its table of functions is damaged; make the module again with "
				"kgr-build",
				v->view->obj->path);
	r.called = symbols_of(
		v, &(struct kgr_reloc_sym){ .address = func.old[0].address, .object = func.object },
		error);
	if (r.called)
		g_array_append_val(v->view->redirections, r);
	return r.called;
}

/* The kernel that the runtime asks for is the one that this is proved for. */
static bool check_build_id(struct viewing *v, const struct kgr_sym *patch,
			   const struct kgr_patch *known, GError **error)
{
	const struct kgr_kernel *k = v->kernel;
	const struct kgr_sec *sec;
	uint64_t at;

	return (known->build_id_size == k->build_id_size && k->build_id_size &&
		known->build_id_address == k->build_id_address &&
		pointed(patch->sec, patch->value + offsetof(struct kgr_patch, build_id), &sec,
			&at) &&
		k->build_id_size <= sec->sh.sh_size - at &&
		!memcmp(sec->data + at, k->build_id, k->build_id_size)) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s: it asks for a kernel of another build-id than %s has; make the module "
			"again with kgr-build",
			v->view->obj->path, k->vmlinux->path);
}

/* The names of its functions that are vmlinux's callbacks. */
static void read_callbacks(struct viewing *v, const struct kgr_sym *patch)
{
	const struct kgr_sym *func;
	const struct kgr_sec *sec;
	unsigned int kind;
	uint64_t at;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		if (!pointed(patch->sec,
			     patch->value + offsetof(struct kgr_patch, callbacks) +
				     kind * sizeof(uint64_t),
			     &sec, &at))
			continue;
		func = kgr_sec_sym_at(sec, at);
		v->view->callbacks[kind] = func ? func->name : "";
	}
}

/* What it says of the kernel, of functions and of data. */
static bool read_patch(struct viewing *v, GError **error)
{
	const struct kgr_sym *patch = kgr_obj_defined(v->view->obj, "kgr_patch");
	struct kgr_patch known = { 0 };
	uint32_t i;

	if (!patch || !patch->sec || !patch->sec->data || patch->size != sizeof(known))
		return kgr_fail(error, KGR_REFUSED,
				"%s: it has no kgr_patch of this version; make the module again "
				"with kgr-build",
				v->view->obj->path);
	memcpy(&known, patch->sec->data + patch->value, sizeof(known));
	if (!check_build_id(v, patch, &known, error))
		return false;
	read_callbacks(v, patch);
	for (i = 0; i < known.nfuncs; i++) {
		if (!read_redirection(v, patch, i, error))
			return false;
	}
	for (i = 0; i < known.ndata; i++) {
		if (!read_value(v, patch, i, error))
			return false;
	}
	return true;
}

static void clear_written(gpointer data)
{
	g_slist_free(((struct kgr_written *)data)->called);
}

static void clear_redirection(gpointer data)
{
	g_slist_free(((struct kgr_module_func *)data)->called);
}

static bool read_tables(struct viewing *v, GError **error)
{
	struct kgr_obj *obj = v->view->obj;
	struct kgr_sec *sec;
	uint64_t start, size;

	if (!table_bytes(obj, "kgr_text", &v->view->text, &start, &size, error))
		return false;
	v->syms = (const void *)table_bytes(obj, "kgr_syms", &sec, &start, &size, error);
	if (!v->syms)
		return false;
	v->nsyms = size / sizeof(*v->syms);
	read_escapes(v->view);
	forget_second_names(v->view->text);
	use_compilers_names(v->view->text);
	return add_relocations(v, error) && read_patch(v, error);
}

struct kgr_module_reader *kgr_module_reader_open(const char *path, struct kgr_kernel *kernel,
						 GError **error)
{
	g_autoptr(kgr_module_reader) reader = g_new0(struct kgr_module_reader, 1);
	g_autoptr(GHashTable) by_address = NULL, known = NULL;

	reader->obj = kgr_obj_open(path, error);
	if (!reader->obj)
		return NULL;
	reader->values = g_array_new(FALSE, FALSE, sizeof(struct kgr_written));
	g_array_set_clear_func(reader->values, clear_written);
	reader->redirections = g_array_new(FALSE, FALSE, sizeof(struct kgr_module_func));
	g_array_set_clear_func(reader->redirections, clear_redirection);
	reader->outside = g_hash_table_new_full(NULL, NULL, g_free, free_called);
	known = g_hash_table_new(NULL, NULL);
	by_address = index_addresses(kernel->vmlinux);
	if (!read_tables(&(struct viewing){ .view = reader,
					    .kernel = kernel,
					    .by_address = by_address,
					    .known = known },
			 error))
		return NULL;
	return g_steal_pointer(&reader);
}

void kgr_module_reader_close(struct kgr_module_reader *reader)
{
	if (!reader)
		return;
	kgr_obj_close(reader->obj);
	g_strfreev(reader->escapes);
	g_strfreev(reader->allowed_escapes);
	g_clear_pointer(&reader->values, g_array_unref);
	g_clear_pointer(&reader->redirections, g_array_unref);
	if (reader->outside)
		g_hash_table_unref(reader->outside);
	g_free(reader);
}
