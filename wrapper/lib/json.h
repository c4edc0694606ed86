/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON that every reader takes, of what kernels, objects and diffs have in names. */
#ifndef KGR_JSON_H
#define KGR_JSON_H

#include <glib.h>
#include <json-c/json.h>

/* kgr_json_text() - @text as it can stand in JSON, which is UTF-8; g_free() it
 *
 * A byte that belongs to no character is written as util-linux's programs write it: "\xe9". Names are bytes to the
 * kernel and to ELF.
 */
char *kgr_json_text(const char *text);

/* kgr_json_string() - a JSON string of @text, see kgr_json_text(); null for NULL */
struct json_object *kgr_json_string(const char *text);

/* kgr_json_print() - print @top, which is freed, on stdout */
void kgr_json_print(struct json_object *top);

/* kgr_json_outcome() - an object that says how a program ends: "outcome", "exit" and "error"
 * @error: NULL if there is none
 */
struct json_object *kgr_json_outcome(int exit_code, const GError *error);

#endif
