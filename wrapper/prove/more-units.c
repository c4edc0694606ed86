// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds and compiles units by the functions that their records list. If a.c's f() is notrace and changes, its callers are
 * replaced, also g() of b.c. The module has two functions then, and the diffs' only unit has none that is called g, so
 * records are read for a line
 *
 *	F	g	...
 *
 * and the units that have one are compiled as a normal build would.
 */
#include <string.h>

#include "elf/symbol-name.h"
#include "prove/more-units.h"
#include "record/record.h"
#include "units/find-units.h"
#include "units/replay.h"

/* A line "F NAME ..." of a record against names. */
static bool is_fact_of(const char *fact, const GPtrArray *names)
{
	g_autofree char *name = NULL;
	guint i;

	if (!g_str_has_prefix(fact, "F\t"))
		return false;
	name = g_strndup(fact + 2, strcspn(fact + 2, "\t"));
	for (i = 0; i < names->len; i++) {
		if (kgr_name_same_but_numbers(name, names->pdata[i]))
			return true;
	}
	return false;
}

/* Has a recorded unit a function of one of these names? */
static bool has_function(const char *path, const GPtrArray *names, bool *has, GError **error)
{
	g_autoptr(kgr_record) record = kgr_record_read(path, error);
	guint f;

	*has = false;
	for (f = 0; record && !*has && f < record->facts->len; f++)
		*has = is_fact_of(record->facts->pdata[f], names);
	return record;
}

static bool find_units(struct kgr_session *session, const GPtrArray *units, const GPtrArray *names,
		       GPtrArray *others, GError **error)
{
	const struct kgr_build_index *index = kgr_session_index(session);
	struct kgr_kernel *kernel = session->kernel;
	guint i;

	/* Of an adopted kernel kgr-build has made those that it needed; what is in none of them is not proved. */
	if (!kgr_kernel_is_adopted(kernel) && !kgr_session_all_recorded(session, error))
		return false;
	for (i = 0; i < index->records->len; i++) {
		const char *path = index->records->pdata[i];
		bool has;

		if (kgr_is_outside_image(kernel, path) || kgr_has_unit(units, path))
			continue;
		if (!has_function(path, names, &has, error))
			return false;
		if (has && !kgr_add_unit(others, kernel, path, NULL, error))
			return false;
	}
	return true;
}

bool kgr_compile_more_units(struct kgr_session *session, const GPtrArray *units,
			    const GPtrArray *names, GPtrArray *others, GError **error)
{
	return find_units(session, units, names, others, error) &&
	       kgr_compile_normally(session, others, error);
}

guint kgr_count_functions(const struct kgr_obj *obj, const struct kgr_sec *only, const char *name)
{
	guint count = 0;
	size_t i;

	for (i = 0; i < obj->nsyms; i++)
		count += kgr_sym_is_func(&obj->syms[i]) && (!only || obj->syms[i].sec == only) &&
			 kgr_name_same_but_numbers(obj->syms[i].name, name);
	return count;
}
