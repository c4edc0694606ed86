// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the packages of one kernel have in common:
 *
 *   headers   UTS_RELEASE is the release
 *   source    VERSION, PATCHLEVEL and SUBLEVEL of its Makefile are those of the packages' version
 *   boot      the configuration's lines are in that of the headers; what the image that boots says
 *             ("6.1.0-56-cloud-amd64 (...) #1 SMP ... Debian 6.1.192-2 (2026-11-16)") is what
 *             vmlinux with DWARF says in linux_banner
 *   modules   each .ko has a counterpart with DWARF, of the same build-id
 *
 * The image that boots is compressed, so its build-id is not compared here; the patch module does
 * that where it is loaded.
 */
#include <string.h>
#include <unistd.h>

#include "adopt/module-list.h"
#include "adopt/one-kernel.h"
#include "elf/arch.h"
#include "lib/error.h"

static bool read_file(const char *dir, const char *name, char **text, gsize *size, GError **error)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autoptr(GError) cause = NULL;

	return g_file_get_contents(path, text, size, &cause) ||
	       kgr_fail(error, KGR_REFUSED, "%s; is it the right package?", cause->message);
}

static bool check_headers(const struct kgr_parts *p, GError **error)
{
	g_autofree char *text = NULL;
	g_autofree char *want = g_strdup_printf("\"%s\"", p->release);

	return read_file(p->headers, "include/generated/utsrelease.h", &text, NULL, error) &&
	       (strstr(text, want) ||
		kgr_fail(
			error, KGR_REFUSED,
			"%s/include/generated/utsrelease.h is not that of %s: %s; take the headers "
			"of that release",
			p->headers, p->release, g_strstrip(text)));
}

/* The value of "NAME = VALUE" in a Makefile. */
static char *value_of(const char *text, const char *name)
{
	g_autofree char *start = g_strdup_printf("\n%s =", name);
	const char *at = strstr(text, start);
	char *value =
		at ? g_strndup(at + strlen(start), strcspn(at + 1, "\n") - strlen(start) + 1) :
		     g_strdup("");

	return g_strstrip(value);
}

static bool check_source(const struct kgr_parts *p, GError **error)
{
	g_autofree char *text = NULL, *a = NULL, *b = NULL, *c = NULL, *have = NULL;

	if (!read_file(p->source, "Makefile", &text, NULL, error))
		return false;
	a = value_of(text, "VERSION");
	b = value_of(text, "PATCHLEVEL");
	c = value_of(text, "SUBLEVEL");
	have = g_strdup_printf("%s.%s.%s", a, b, c);
	if (g_str_has_prefix(p->version, have) && strchr("-~+", p->version[strlen(have)]))
		return true;
	return kgr_fail(error, KGR_REFUSED,
			"%s: it is the source of %s, not of %s; take that of this version",
			p->source, have, p->version);
}

static bool check_config(const struct kgr_parts *p, GError **error)
{
	g_autofree char *name = g_strconcat("config-", p->release, NULL), *theirs = NULL;
	g_autofree char *text = NULL, *ours = NULL;
	g_auto(GStrv) lines = NULL;
	guint i;

	if (!read_file(p->boot, name, &theirs, NULL, error) ||
	    !read_file(p->headers, ".config", &text, NULL, error))
		return false;
	ours = g_strconcat("\n", text, NULL);
	lines = g_strsplit(theirs, "\n", -1);
	for (i = 0; lines[i]; i++) {
		g_autofree char *line = g_strdup_printf("\n%s\n", lines[i]);

		if (g_str_has_prefix(lines[i], "CONFIG_") && !strstr(ours, line))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s/%s has %s, and %s/.config has not: these are the headers of "
				"another kernel; take those of this one",
				p->boot, name, lines[i], p->headers);
	}
	return true;
}

static bool check_image(const struct kgr_parts *p, GError **error)
{
	g_autofree char *name = g_strconcat("vmlinuz-", p->release, NULL), *file = NULL;
	const struct kgr_ksym *sym = kgr_image_global(p->vmlinux, "linux_banner");
	const char *banner = sym ? (const char *)kgr_image_bytes(sym) : NULL, *built, *booted,
		   *says;
	g_autofree char *start = g_strconcat("Linux version ", p->release, " ", NULL);
	g_autofree char *debian = g_strconcat(" Debian ", p->version, " ", NULL);
	gsize size;

	if (!read_file(p->boot, name, &file, &size, error))
		return false;
	if (!banner || !memchr(banner, 0, sym->size) || !g_str_has_prefix(banner, start) ||
	    !strstr(banner, debian))
		return kgr_fail(error, KGR_REFUSED,
				"%s is not vmlinux of %s, version %s; is it the debug package of "
				"another one? It says: %.300s",
				p->vmlinux->path, p->release, p->version, banner ?: "nothing");
	says = kgr_boot_version(p->vmlinux->arch, (const uint8_t *)file, size);
	booted = says ? strchr(says, '#') : NULL;
	built = strchr(banner, '#');
	if (booted && built && !strncmp(booted, built, strlen(booted)) &&
	    strchr("\n", built[strlen(booted)]) &&
	    g_str_has_prefix(says, start + strlen("Linux version ")))
		return true;
	return kgr_fail(
		error, KGR_REFUSED,
		"%s/%s is another build than %s; take the image and its debug package of one "
		"version. It says: %.300s",
		p->boot, name, p->vmlinux->path, says ?: "nothing");
}

static char *build_id_of(const char *path, GError **error)
{
	g_autoptr(kgr_image) im = kgr_image_open(path, true, error);

	return im ? kgr_image_build_id_text(im, error) : NULL;
}

static bool check_module(const struct kgr_parts *p, const char *name, GError **error)
{
	g_autofree char *shipped = g_build_filename(p->modules, name, NULL);
	g_autofree char *debug = g_build_filename(p->debug_modules, name, NULL);
	g_autofree char *a = NULL, *b = NULL;

	if (access(debug, F_OK))
		return kgr_fail(error, KGR_REFUSED,
				"%s has no counterpart with DWARF, %s: is it the debug package of "
				"another one?",
				shipped, debug);
	a = build_id_of(shipped, error);
	b = a ? build_id_of(debug, error) : NULL;
	return b &&
	       (!strcmp(a, b) ||
		kgr_fail(error, KGR_REFUSED,
			 "%s and %s are of different builds: their build-ids are %s and %s; take "
			 "the image and its debug package of one version",
			 shipped, debug, a, b));
}

static bool check_modules(const struct kgr_parts *p, GError **error)
{
	g_autoptr(GPtrArray) names = kgr_list_modules(p->modules);
	g_autoptr(GPtrArray) debug = kgr_list_modules(p->debug_modules);
	bool ok = true;
	guint i;

	if (!names->len && debug->len)
		return kgr_fail(error, KGR_REFUSED,
				"%s: it has no modules, and %s has; is it the right package?",
				p->modules, p->debug_modules);

	for (i = 0; ok && i < names->len; i++)
		ok = check_module(p, names->pdata[i], error);
	return ok;
}

bool kgr_one_kernel(const struct kgr_parts *p, GError **error)
{
	return check_headers(p, error) && check_source(p, error) && check_config(p, error) &&
	       check_image(p, error) && check_modules(p, error);
}
