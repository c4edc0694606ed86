// SPDX-License-Identifier: GPL-3.0-or-later
/* Strings and outcomes as JSON: json-c writes the bytes that it gets, and so would write what is no JSON. */
#include <stdio.h>
#include <string.h>

#include "lib/error.h"
#include "lib/json.h"

char *kgr_json_text(const char *text)
{
	GString *out = g_string_new(NULL);
	const char *bad;

	while (!g_utf8_validate(text, -1, &bad)) {
		g_string_append_len(out, text, bad - text);
		g_string_append_printf(out, "\\x%02x", (guchar)*bad);
		text = bad + 1;
	}
	return g_string_free(g_string_append(out, text), FALSE);
}

struct json_object *kgr_json_string(const char *text)
{
	g_autofree char *valid = text ? kgr_json_text(text) : NULL;

	return valid ? json_object_new_string(valid) : NULL;
}

void kgr_json_print(struct json_object *top)
{
	/* Not by g_print(), which writes for the locale. */
	puts(json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
}

static const char *outcome(int exit_code)
{
	static const char *const names[] = {
		[KGR_BUILT] = "built",
		[KGR_REFUSED] = "refused",
		[KGR_TROUBLE] = "trouble",
		[KGR_NOTHING] = "nothing to patch",
		[KGR_COMPILE] = "does not compile",
	};

	return names[exit_code];
}

struct json_object *kgr_json_outcome(int exit_code, const GError *error)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "outcome", json_object_new_string(outcome(exit_code)));
	json_object_object_add(o, "exit", json_object_new_int(exit_code));
	json_object_object_add(o, "error", kgr_json_string(error ? error->message : NULL));
	return o;
}
