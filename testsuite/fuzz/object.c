// SPDX-License-Identifier: GPL-3.0-or-later
/* An object file of whatever content, read, taken apart and compared with itself. */
#include <unistd.h>

#include "elf/arch.h"
#include "compare/compare.h"
#include "dwarf/dwarf-types.h"
#include "input.h"
#include "dwarf/stack-types.h"

static void decode_all(const struct kgr_obj *obj)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		GArray *code = kgr_sym_is_func(&obj->syms[i]) ?
				       kgr_decode(obj, &obj->syms[i], NULL) :
				       NULL;

		if (code)
			g_array_unref(code);
	}
}

/* What the first few types are used for. */
static void ask_for_uses(struct kgr_obj *obj, const struct kgr_dwarf_types *dwarf)
{
	GHashTableIter it;
	gpointer type;
	int n;

	g_hash_table_iter_init(&it, dwarf->types);
	for (n = 0; n < 4 && g_hash_table_iter_next(&it, NULL, &type); n++) {
		GPtrArray *users = g_ptr_array_new_with_free_func(g_free);
		char *why;

		kgr_is_on_stacks(obj, type, NULL, NULL, users, &why);
		g_free(why);
		g_ptr_array_unref(users);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kgr_dwarf_types *dwarf[2] = { NULL, NULL };
	struct kgr_obj *a, *b;
	GError *error = NULL;
	const char *missing;
	char path[32], *types;
	int fd = fuzz_file(data, size, path);

	a = kgr_obj_open(path, NULL);
	b = a ? kgr_obj_open(path, NULL) : NULL;
	if (b) {
		decode_all(a);
		dwarf[0] = kgr_dwarf_types_read(a, &missing, &error);
		dwarf[1] = error ? NULL : kgr_dwarf_types_read(b, &missing, &error);
	}
	/* Names are DWARF's: without it there is nothing to go on with. */
	if (b && !error) {
		kgr_compare(a, b, NULL);
		types = dwarf[0] && dwarf[1] ?
				kgr_compare_types(dwarf[0], dwarf[1], NULL, NULL, NULL) :
				NULL;
		g_free(types);
		if (dwarf[0])
			ask_for_uses(a, dwarf[0]);
	}
	g_clear_error(&error);
	kgr_dwarf_types_free(dwarf[0]);
	kgr_dwarf_types_free(dwarf[1]);
	kgr_obj_close(a);
	kgr_obj_close(b);
	close(fd);
	return 0;
}
