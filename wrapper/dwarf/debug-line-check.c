// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the header of a DWARF 5 line table as far as its lists of directories and files, and says whether all that they
 * count fits into the section.
 */
#include "dwarf/debug-line-check.h"
#include "dwarf/libdwarf-compat.h"

#define MAX_FORMATS 8

struct reader {
	const struct kgr_arch *arch;
	const uint8_t *at, *end;
	bool bad; /* it went beyond the end; all else is 0 then */
};

static void skip(struct reader *r, uint64_t bytes)
{
	if (bytes > (uint64_t)(r->end - r->at))
		r->bad = true;
	else
		r->at += bytes;
}

static uint64_t fixed(struct reader *r, unsigned int bytes)
{
	const uint8_t *at = r->at;

	skip(r, bytes);
	return r->bad ? 0 : kgr_arch_read(r->arch, at, bytes);
}

static uint64_t uleb(struct reader *r)
{
	uint64_t value = 0, byte = 0x80;
	unsigned int shift;

	for (shift = 0; byte & 0x80 && shift < 63 && !r->bad; shift += 7) {
		byte = fixed(r, 1);
		value |= (byte & 0x7f) << shift;
	}
	r->bad |= byte & 0x80;
	return r->bad ? 0 : value;
}

/* One part of an entry: the forms that DWARF 5, 6.2.4.1, allows. */
static void skip_form(struct reader *r, uint64_t form, unsigned int offset_size)
{
	switch (form) {
	case DW_FORM_string:
		while (!r->bad && fixed(r, 1))
			;
		break;
	case DW_FORM_line_strp:
	case DW_FORM_strp:
		skip(r, offset_size);
		break;
	case DW_FORM_udata:
		uleb(r);
		break;
	case DW_FORM_data1:
		skip(r, 1);
		break;
	case DW_FORM_data2:
		skip(r, 2);
		break;
	case DW_FORM_data4:
		skip(r, 4);
		break;
	case DW_FORM_data8:
		skip(r, 8);
		break;
	case DW_FORM_data16:
		skip(r, 16);
		break;
	case DW_FORM_block:
		skip(r, uleb(r));
		break;
	default:
		r->bad = true;
	}
}

/* libdwarf takes whatever is given as a name for where that is. */
static bool is_form_of(uint64_t content, uint64_t form)
{
	bool text = form == DW_FORM_string || form == DW_FORM_line_strp || form == DW_FORM_strp;

	return (content == DW_LNCT_path) == text;
}

/* The forms that DWARF 5, 6.2.4.1, allows for the number of a directory. */
static uint64_t directory(struct reader *r, uint64_t form)
{
	return form == DW_FORM_udata ? uleb(r) : fixed(r, form == DW_FORM_data1 ? 1 : 2);
}

static bool is_directory_form(uint64_t form)
{
	return form == DW_FORM_udata || form == DW_FORM_data1 || form == DW_FORM_data2;
}

/* Of directories or files: how an entry looks, how many there are, and they themselves.
 * @directories: how many a file may be in
 *
 * Returns how many there are.
 */
static uint64_t skip_entries(struct reader *r, unsigned int offset_size, uint64_t directories)
{
	uint64_t contents[MAX_FORMATS], forms[MAX_FORMATS], count, i;
	uint64_t parts = fixed(r, 1), n;

	r->bad |= parts > MAX_FORMATS;
	for (n = 0; n < parts && !r->bad; n++) {
		contents[n] = uleb(r);
		forms[n] = uleb(r);
		r->bad |= !is_form_of(contents[n], forms[n]) ||
			  (contents[n] == DW_LNCT_directory_index && !is_directory_form(forms[n]));
	}
	count = uleb(r);
	r->bad |= count && !parts;
	for (i = 0; i < count && !r->bad; i++) {
		for (n = 0; n < parts && !r->bad; n++) {
			if (contents[n] == DW_LNCT_directory_index)
				r->bad |= directory(r, forms[n]) >= directories;
			else
				skip_form(r, forms[n], offset_size);
		}
	}
	return count;
}

bool kgr_debug_line_is_sane(const struct kgr_arch *arch, const uint8_t *data, uint64_t size,
			    uint64_t at)
{
	struct reader r = { arch, data, data + size, false };
	unsigned int offset_size = 4;

	skip(&r, at);
	if (fixed(&r, 4) == UINT32_MAX) {
		offset_size = 8;
		skip(&r, 8);
	}
	/* Earlier versions end their lists with a zero. */
	if (fixed(&r, 2) < 5)
		return !r.bad;
	/* The sizes of addresses and selectors; this header's length; of instructions, and the line's four. */
	skip(&r, 2 + offset_size + 5);
	skip(&r, fixed(&r, 1) - 1);
	skip_entries(&r, offset_size, skip_entries(&r, offset_size, 0));
	return !r.bad;
}
