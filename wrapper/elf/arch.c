// SPDX-License-Identifier: GPL-3.0-or-later
/* Looks up an architecture, and calls its optional hooks. */
#include <string.h>

#include "elf/arch.h"
#include "elf/object.h"

static const struct kgr_arch *const known[] = { &kgr_arch_x86, &kgr_arch_arm64 };

static const struct kgr_howto unknown;

const struct kgr_arch *kgr_arch_find(uint16_t machine, bool big_endian)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(known); i++) {
		if (known[i]->machine == machine && known[i]->big_endian == big_endian)
			return known[i];
	}
	return NULL;
}

char *kgr_arch_supported(void)
{
	GString *out = g_string_new(NULL);
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(known); i++)
		g_string_append_printf(out, "%s%s (%u)", i ? ", " : "", known[i]->name,
				       known[i]->machine);
	return g_string_free(out, FALSE);
}

const struct kgr_arch_place *kgr_arch_place(const char *file)
{
	size_t i, n;

	for (i = 0; i < G_N_ELEMENTS(known); i++) {
		for (n = 0; n < known[i]->nplaces; n++) {
			if (g_str_has_prefix(file, known[i]->places[n].prefix))
				return &known[i]->places[n];
		}
	}
	return NULL;
}

bool kgr_arch_is_boot(const char *file)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(known); i++) {
		if (g_str_has_prefix(file, known[i]->boot_dir))
			return true;
	}
	return false;
}

const char *kgr_boot_version(const struct kgr_arch *arch, const uint8_t *image, size_t size)
{
	return arch->boot_version ? arch->boot_version(image, size) : NULL;
}

const struct kgr_howto *kgr_howto(const struct kgr_arch *arch, uint32_t type)
{
	size_t i;

	for (i = 0; i < arch->nhowtos; i++) {
		if (arch->howtos[i].type == type)
			return &arch->howtos[i];
	}
	return &unknown;
}

uint64_t kgr_arch_read(const struct kgr_arch *arch, const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * (arch->big_endian ? bytes - 1 - i : i);
	return value;
}

void kgr_arch_write(const struct kgr_arch *arch, uint8_t *at, unsigned int bytes, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (arch->big_endian ? bytes - 1 - i : i));
}

GArray *kgr_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	return obj->arch->decode(obj, func, error);
}

guint kgr_insn_index(const GArray *code, uint64_t offset)
{
	guint low = 0, high = code->len;

	while (low < high) {
		guint mid = (low + high) / 2;

		if (g_array_index(code, struct kgr_insn, mid).offset < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int *kgr_insn_biases(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		     uint64_t size, GError **error)
{
	size_t count;

	if (obj->arch->biases)
		return obj->arch->biases(obj, sec, start, size, error);
	kgr_sec_rels(sec, start, start + size, &count);
	return g_new0(int, count + 1);
}

GArray *kgr_find_stores(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	return obj->arch->stores ? obj->arch->stores(obj, func, error) :
				   g_array_new(FALSE, FALSE, sizeof(struct kgr_store));
}

unsigned int kgr_landing_pad(const struct kgr_arch *arch, const uint8_t *code, uint64_t size)
{
	return arch->landing_pad(code, size);
}

bool kgr_sec_is_aux(const struct kgr_arch *arch, const struct kgr_sec *sec)
{
	return arch->aux_section && !strcmp(sec->name, arch->aux_section) && kgr_sec_is_text(sec) &&
	       sec->data;
}
