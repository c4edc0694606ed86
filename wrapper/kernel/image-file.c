// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which of an image's files an object is, where several have its name. A file's local symbols stand behind a symbol of
 * type FILE (linked-image.c); of two core.c the object at hand is the one in which
 *
 *   all its local functions are, with their sizes;
 *   every symbol of one section is as far from the others as in the object, the global ones included, of which
 *   the image has but one:
 *
 *     core.o, .data:  0x10 ops, local     0x40 core_state, global
 *     image:          0x...110 ops of file 17, 0x...910 ops of file 18, 0x...940 core_state     so it is file 18
 *
 *   and, should that leave several, all its local objects are that any of these has: what was thrown away is in none.
 *
 * If several fit even so it is not known, and that is said.
 */
#include <string.h>

#include "lib/error.h"
#include "kernel/linked-image.h"

/* Sections that the final link throws away, or that are no functions of the running kernel. */
static bool is_linked(const struct kgr_sym *sym)
{
	return sym->sec && sym->sec->sh.sh_flags & SHF_ALLOC &&
	       !g_str_has_prefix(sym->sec->name, ".exit") &&
	       !g_str_has_prefix(sym->sec->name, ".discard");
}

static bool is_local(const struct kgr_sym *sym)
{
	return sym->bind == STB_LOCAL && is_linked(sym);
}

static const struct kgr_ksym *find(struct kgr_image *im, const struct kgr_sym *sym,
				   unsigned int file)
{
	const struct kgr_ksym *there = kgr_image_in_file(im, file, sym->name);

	return there && there->size == sym->size ? there : NULL;
}

static bool has_functions(struct kgr_image *im, const struct kgr_obj *built, unsigned int file)
{
	size_t i;

	for (i = 0; i < built->nsyms; i++) {
		const struct kgr_sym *sym = &built->syms[i];

		if (kgr_sym_is_func(sym) && is_local(sym) && !find(im, sym, file))
			return false;
	}
	return true;
}

/* The image's counterpart of a function or object, if the object is this file; NULL if it is not known. */
static const struct kgr_ksym *counterpart(struct kgr_image *im, const struct kgr_sym *sym,
					  unsigned int file)
{
	if (!is_linked(sym) || (!kgr_sym_is_func(sym) && !kgr_sym_is_object(sym)))
		return NULL;
	if (sym->bind == STB_LOCAL)
		return find(im, sym, file);
	/* A weak one may be another object's. */
	return sym->bind == STB_GLOBAL ? kgr_image_global(im, sym->name) : NULL;
}

/* Does every section begin at one place, whichever of its symbols is asked? */
static bool is_in_place(struct kgr_image *im, const struct kgr_obj *built, unsigned int file)
{
	g_autoptr(GHashTable) starts = g_hash_table_new(NULL, NULL);
	size_t i;

	for (i = 0; i < built->nsyms; i++) {
		const struct kgr_sym *sym = &built->syms[i];
		const struct kgr_ksym *there = counterpart(im, sym, file);
		gpointer start, known;

		if (!there)
			continue;
		start = GSIZE_TO_POINTER(there->address - sym->value);
		if (!g_hash_table_lookup_extended(starts, sym->sec, NULL, &known))
			g_hash_table_insert(starts, sym->sec, start);
		else if (known != start)
			return false;
	}
	return true;
}

/* Of those that fit, the ones that have each local object which any of them has. */
static void keep_those_with_objects(struct kgr_image *im, const struct kgr_obj *built,
				    GArray *files)
{
	size_t i;
	guint f;

	for (i = 0; files->len > 1 && i < built->nsyms; i++) {
		const struct kgr_sym *sym = &built->syms[i];
		g_autoptr(GArray) having = g_array_new(FALSE, FALSE, sizeof(unsigned int));

		if (!kgr_sym_is_object(sym) || !is_local(sym))
			continue;
		for (f = 0; f < files->len; f++) {
			unsigned int file = g_array_index(files, unsigned int, f);

			if (find(im, sym, file))
				g_array_append_val(having, file);
		}
		if (!having->len)
			continue;
		g_array_set_size(files, 0);
		g_array_append_vals(files, having->data, having->len);
	}
}

static bool has_local_function(const struct kgr_obj *built)
{
	size_t i;

	for (i = 0; i < built->nsyms; i++) {
		if (kgr_sym_is_func(&built->syms[i]) && is_local(&built->syms[i]))
			return true;
	}
	return false;
}

bool kgr_image_file_idx(struct kgr_image *im, const struct kgr_obj *built, const char *source,
			unsigned int *idx, GError **error)
{
	g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(unsigned int));
	g_autofree char *base = g_path_get_basename(source);
	unsigned int f;

	*idx = KGR_NO_FILE;
	for (f = 1; f < im->files->len; f++) {
		if (!strcmp(g_ptr_array_index(im->files, f), base) && has_functions(im, built, f) &&
		    is_in_place(im, built, f))
			g_array_append_val(files, f);
	}
	keep_those_with_objects(im, built, files);
	if (files->len == 1) {
		*idx = g_array_index(files, unsigned int, 0);
		return true;
	}
	if (!files->len)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: %s does not hold this object; was it rebuilt after that was linked? "
			"Build the whole kernel again and boot that",
			built->path, im->path);
	return !has_local_function(built) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s: %s holds %u files that look just like it; give one of its static "
			"functions a name of its own, rebuild the kernel and boot that",
			built->path, im->path, files->len);
}
