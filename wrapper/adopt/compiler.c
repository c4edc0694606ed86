// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which gcc compiled the kernel, and is it the one at hand?
 *
 *   vmlinux, .comment                GCC: (Debian 12.2.0-14+deb12u1) 12.2.0
 *   .config, CONFIG_CC_VERSION_TEXT  gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0
 *   gcc-12 --version                 gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0
 *
 * Of another major version nothing would be the same. Of another revision most is: each unit's proof decides.
 */
#include <string.h>

#include "adopt/compiler.h"
#include "lib/error.h"
#include "lib/subprocess.h"

#define COMMENT "GCC: "
#define VERSION_TEXT "\nCONFIG_CC_VERSION_TEXT=\""

char *kgr_compiler_of_image(const struct kgr_image *im)
{
	GElf_Shdr sh;
	Elf_Scn *scn = kgr_image_section(im, ".comment", &sh);
	const Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;

	return data && data->d_size > strlen(COMMENT) &&
			       !memcmp(data->d_buf, COMMENT, strlen(COMMENT)) ?
		       g_strndup(data->d_buf, data->d_size) :
		       NULL;
}

/* What stands behind a compiler's name: "(Debian 12.2.0-14+deb12u1) 12.2.0". */
static char *without_name(const char *text)
{
	const char *at = strchr(text, ' ');

	return g_strndup(at ? at + 1 : text, strcspn(at ? at + 1 : text, "\n\""));
}

char *kgr_compiler_at_hand(const char *compiler, GError **error)
{
	g_auto(kgr_subprocess) run = { .env = g_get_environ() };
	g_autofree char *version = NULL;

	run.env = g_environ_setenv(run.env, "LC_ALL", "C", TRUE);
	kgr_subprocess_add(&run, compiler, "--version", NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (run.status) {
		kgr_fail(error, KGR_TROUBLE, "%s --version failed:\n%s", compiler, run.output);
		return NULL;
	}
	version = without_name(run.output);
	return g_strconcat(COMMENT, version, NULL);
}

/* "12" of "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0" */
static char *major_of(const char *text)
{
	const char *at = strrchr(text, ' ');

	at = at ? at + 1 : text;
	return g_strndup(at, strspn(at, "0123456789"));
}

static char *named_in(const char *config)
{
	const char *at = strstr(config, VERSION_TEXT);

	if (!at)
		return g_strdup("gcc");
	at += strlen(VERSION_TEXT);
	return g_strndup(at, strcspn(at, " \"\n"));
}

char *kgr_compiler_find(const char *config, const char *compiled_by, char **note, GError **error)
{
	const char *chosen = g_getenv("KGR_CC");
	g_autofree char *name = chosen && *chosen ? g_strdup(chosen) : named_in(config);
	g_autofree char *found = g_find_program_in_path(name), *path = NULL, *now = NULL;
	g_autofree char *theirs = major_of(compiled_by), *ours = NULL;

	*note = NULL;
	if (!found) {
		kgr_fail(
			error, KGR_TROUBLE,
			"%s is not installed, and the kernel was compiled with it (%s); install the "
			"package gcc-%s",
			name, compiled_by, theirs);
		return NULL;
	}
	path = g_canonicalize_filename(found, NULL);
	now = kgr_compiler_at_hand(path, error);
	if (!now)
		return NULL;
	ours = major_of(now);
	if (strcmp(ours, theirs) != 0) {
		kgr_fail(error, KGR_REFUSED,
			 "the kernel was compiled by \"%s\", and %s is \"%s\"; install the package "
			 "gcc-%s, and name it with KGR_CC",
			 compiled_by, path, now, theirs);
		return NULL;
	}
	if (strcmp(now, compiled_by) != 0)
		*note = g_strdup_printf("the kernel was compiled by \"%s\", and %s is \"%s\": what "
					"comes out differently is refused",
					compiled_by, path, now);
	return g_steal_pointer(&path);
}
