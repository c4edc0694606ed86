// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "elf/arch.h"
#include "elf/elf-writer.h"
#include "lib/error.h"

/* A function, a variable behind it, something undefined; global symbols made before local ones. */
static struct kgr_out_obj *small(void)
{
	static const uint8_t code[] = { 0xe8, 0, 0, 0, 0, 0xc3 };
	struct kgr_out_obj *g = kgr_out_new(&kgr_arch_x86);
	struct kgr_out_sec *text, *data;
	guint callee;

	text = kgr_out_section(g, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16);
	kgr_out_append(text, code, sizeof(code), 1);
	kgr_out_symbol(g, "global", ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), text, 0, sizeof(code));
	data = kgr_out_section(g, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1);
	kgr_out_append(data, "x", 1, 1);
	assert_int_equal(kgr_out_append(data, NULL, 8, 8), 8);
	kgr_out_symbol(g, "local", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), data, 8, 8);
	callee = kgr_out_undefined(g, "callee");
	assert_int_equal(kgr_out_undefined(g, "callee"), callee);
	kgr_out_reloc(text, 1, R_X86_64_PLT32, callee, -4);
	kgr_out_reloc(data, 8, R_X86_64_64, text->symbol, 5);
	return g;
}

static void reads_what_it_wrote(void **state)
{
	struct kgr_out_obj *g = small();
	char *path = unit_path("out.o");
	GError *error = NULL;
	struct kgr_obj *obj;
	struct kgr_sym *sym;

	(void)state;
	assert_true(kgr_out_write(g, path, &error));
	obj = kgr_obj_open(path, &error);
	assert_non_null(obj);
	sym = kgr_obj_defined(obj, "global");
	assert_non_null(sym);
	assert_string_equal(sym->sec->name, ".text");
	assert_int_equal(sym->size, 6);
	assert_int_equal(sym->bind, STB_GLOBAL);
	assert_int_equal(sym->sec->sh.sh_addralign, 16);
	assert_int_equal(sym->sec->nrels, 1);
	assert_string_equal(sym->sec->rels[0].sym->name, "callee");
	assert_int_equal(sym->sec->rels[0].addend, -4);
	sym = kgr_obj_defined(obj, "local");
	assert_non_null(sym);
	assert_int_equal(sym->value, 8);
	/* ELF has local symbols before all others. */
	assert_true(sym->index < kgr_obj_defined(obj, "global")->index);
	assert_int_equal(sym->sec->sh.sh_size, 16);
	assert_memory_equal(sym->sec->data, "x\0\0\0\0\0\0\0", 8);
	assert_int_equal(sym->sec->rels[0].addend, 5);
	assert_int_equal(sym->sec->rels[0].sym->type, STT_SECTION);
	assert_non_null(kgr_obj_undefined(obj, "callee"));
	kgr_obj_close(obj);
	kgr_out_free(g);
	g_free(path);
}

static void a_section_is_made_once(void **state)
{
	struct kgr_out_obj *g = kgr_out_new(&kgr_arch_x86);
	struct kgr_out_sec *sec = kgr_out_section(g, ".data", SHT_PROGBITS, SHF_ALLOC, 4);

	(void)state;
	assert_ptr_equal(kgr_out_section(g, ".data", SHT_PROGBITS, SHF_ALLOC, 32), sec);
	assert_int_equal(sec->align, 32);
	kgr_out_free(g);
}

static void says_where_it_cannot_write(void **state)
{
	struct kgr_out_obj *g = small();
	GError *error = NULL;

	(void)state;
	assert_false(kgr_out_write(g, "/no/such/dir/out.o", &error));
	unit_failed(&error, 2, "/no/such/dir/out.o");
	kgr_out_free(g);
}

/* Section numbers from SHN_LORESERVE on do not fit into a symbol. */
static void refuses_more_sections_than_fit(void **state)
{
	struct kgr_out_obj *g = kgr_out_new(&kgr_arch_x86);
	char *path = unit_path("many.o");
	GError *error = NULL;
	guint i;

	(void)state;
	kgr_out_section(g, "0", SHT_PROGBITS, SHF_ALLOC, 1);
	for (i = 1; i < SHN_LORESERVE / 2; i++) {
		struct kgr_out_sec *sec = g_new0(struct kgr_out_sec, 1);

		sec->name = g_strdup_printf("%u", i);
		sec->data = g_byte_array_new();
		sec->rels = g_array_new(FALSE, FALSE, sizeof(struct kgr_out_rel));
		g_ptr_array_add(g->secs, sec);
	}
	assert_false(kgr_out_write(g, path, &error));
	unit_failed(&error, KGR_REFUSED, "more than one module can hold");
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	kgr_out_free(g);
	g_free(path);
}

UNIT_MAIN("elf-writer", cmocka_unit_test(reads_what_it_wrote),
	  cmocka_unit_test(a_section_is_made_once), cmocka_unit_test(says_where_it_cannot_write),
	  cmocka_unit_test(refuses_more_sections_than_fit))
