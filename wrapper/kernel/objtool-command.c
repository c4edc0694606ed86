// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How the kernel's build ran objtool, as Kbuild's .cmd files say: on each object, or with IBT on
 * the linked whole, when all indirect branches are known. What a part can take of the latter's
 * arguments is the same without the checks of the whole (--noinstr, --unret).
 */
#include <string.h>

#include "elf/arch.h"
#include "kernel/build-index.h"
#include "kernel/objtool-command.h"
#include "lib/error.h"

/* The call of objtool in a .cmd file, without the object: "cmd_X := ... ; objtool ARGS X". */
char **kgr_objtool_command(const char *path)
{
	g_autofree char *text = NULL;
	char *at, **words;
	int count;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	at = strstr(text, "objtool/objtool ");
	if (!at)
		return NULL;
	while (at > text && !g_ascii_isspace(at[-1]) && at[-1] != ';')
		at--;
	at[strcspn(at, ";\n")] = 0;
	if (!g_shell_parse_argv(at, &count, &words, NULL))
		return NULL;
	g_clear_pointer(&words[count - 1], g_free);
	return words;
}

/* Checks of the whole, which a part cannot pass, and names for padding, which nothing uses. */
static bool is_for_whole(const char *word)
{
	return !strcmp(word, "--noinstr") || !strcmp(word, "--unret") ||
	       g_str_has_prefix(word, "--prefix");
}

/*
 * Made on all of vmlinux (scripts/Makefile.vmlinux_o), and with the same arguments on all of a module; what
 * a part can take of that.
 */
char **kgr_objtool_linked_command(const struct kgr_kernel *kernel, GError **error)
{
	g_autofree char *object = g_build_filename(kernel->build, "vmlinux.o", NULL);
	g_autofree char *path = kgr_command_beside(object);
	g_auto(GStrv) words = kgr_objtool_command(path);
	g_autoptr(GStrvBuilder) rest = g_strv_builder_new();
	int i;

	if (!words) {
		kgr_fail(error, KGR_TROUBLE, "%s does not say how objtool was run; %s", path,
			 kernel->adopted ? "adopt the kernel again (kgr-adopt)" :
					   "build the whole kernel again");
		return NULL;
	}
	for (i = 0; words[i]; i++) {
		if (!is_for_whole(words[i]))
			g_strv_builder_add(rest, words[i]);
	}
	return g_strv_builder_end(rest);
}

bool kgr_objtool_is_delayed(const struct kgr_kernel *kernel)
{
	return kgr_kernel_config(kernel, kernel->vmlinux->arch->landing_pad_config);
}
