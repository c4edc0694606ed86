// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What becomes of a file that a diff touches, by where it is and what it is called. A fix, and even
 * more a whole release, touches much that is no part of this kernel:
 *
 *   arch/arm64/mm/fault.c       another architecture's: left out, unless a record has it all the same
 *   CREDITS, .gitignore, *.dts  nothing is made of them: left out
 *   lib/crypto/other.S          exists, and no .cmd file names it: not compiled here, so left out
 *   syscall_64.tbl              .syscalls_64.h.cmd names it: code is generated from it, so refused
 *   README.new-thing            not known what it is for: refused
 *   linux/oid_registry.h        a script makes code of it (generators.c), so refused
 *   include/linux/new.h         new, and include/uapi/linux/new.h is there: who includes
 *                               <linux/new.h> now gets another, so refused
 *   tools/lib/bpf/relo_core.h   tools/ is left out, but for what some unit of the kernel includes
 *
 * Whether C was compiled is the records' to say (find-units.c).
 */
#include <string.h>

#include "adopt/kbuild-dirs.h"
#include "elf/arch.h"
#include "kernel/build-inputs.h"
#include "lib/error.h"
#include "record/record.h"
#include "source/makefile-lists.h"
#include "units/adopted-units.h"
#include "units/file-kinds.h"
#include "units/generators.h"
#include "units/hidden-header.h"

/* Places of code that is not the kernel's at run time, or no kernel code at all: the first that matches counts. */
static const struct place {
	const char *prefix, *why; /* why: NULL if it is left out */
} places[] = {
	{ "Documentation/", NULL },
	{ "LICENSES/", NULL },
	{ "debian/", NULL },
	{ "kernel/configs/", NULL },
	{ "tools/", NULL },
	{ "scripts/", "build scripts do not run in the kernel; leave them out of the diff" },
	{ "lib/vdso/", "vdso code runs in user space, in processes that exist already; rebuild the "
		       "kernel and boot that" },
};

/* Files that nothing is made of, but where a .cmd file tells: by their names, and by the ends of them. */
static const char *const harmless_names[] = { "CREDITS",
					      "COPYING",
					      "MAINTAINERS",
					      "README",
					      ".gitignore",
					      ".gitattributes",
					      ".mailmap",
					      ".clang-format",
					      ".cocciconfig",
					      ".editorconfig",
					      ".rustfmt.toml",
					      ".get_maintainer.ignore",
					      NULL };
static const char *const harmless_ends[] = { ".rst", ".txt",  ".md",   ".yaml",
					     ".dts", ".dtsi", ".dtso", "_defconfig" };

static bool ends(const char *file, const char *suffix)
{
	return g_str_has_suffix(file, suffix);
}

static bool is_assembly(const char *file)
{
	return ends(file, ".S") || ends(file, ".s") || ends(file, ".lds");
}

const char *kgr_unpatchable_place(const char *file)
{
	const struct kgr_arch_place *row = kgr_arch_place(file);
	size_t i;

	if (row)
		return row->why;
	for (i = 0; i < G_N_ELEMENTS(places); i++) {
		if (g_str_has_prefix(file, places[i].prefix))
			return places[i].why;
	}
	return NULL;
}

/* "arch/arm64/..." for a kernel of x86-64. */
static bool is_of_other_arch(const struct kgr_kernel *k, const char *file)
{
	return g_str_has_prefix(file, "arch/") && strchr(file + strlen("arch/"), '/') &&
	       !g_str_has_prefix(file, k->vmlinux->arch->source_dir);
}

static bool is_in_harmless_place(const char *file)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(places); i++) {
		if (!places[i].why && g_str_has_prefix(file, places[i].prefix))
			return true;
	}
	return false;
}

static bool is_harmless(const struct kgr_kernel *k, const char *file)
{
	g_autofree char *base = g_path_get_basename(file);
	size_t i;

	if (!k->external && (is_of_other_arch(k, file) || g_str_has_prefix(file, "samples/")))
		return true;
	if (!kgr_kernel_config(k, "RUST") && ends(base, ".rs"))
		return true;
	for (i = 0; i < G_N_ELEMENTS(harmless_ends); i++) {
		if (ends(base, harmless_ends[i]))
			return true;
	}
	return g_strv_contains(harmless_names, base);
}

/* What is refused if it is a part of this kernel. */
static const char *why_not(const char *file)
{
	g_autofree char *base = g_path_get_basename(file);

	if (g_str_has_prefix(base, "Kconfig") || !strcmp(base, ".config"))
		return "a changed configuration makes another kernel; rebuild it and boot that";
	if (kgr_is_makefile(file))
		return "changes to how the kernel is built are not supported, but for lists of "
		       "files that the diff brings or takes away; leave them out of the diff if "
		       "the fix does not need them";
	if (ends(file, ".lds") || ends(file, ".lds.S"))
		return "a linker script shapes the whole kernel; rebuild it and boot that";
	if (is_assembly(file))
		return "assembly has no fentry and no record; it cannot be patched: rebuild the "
		       "kernel and boot that";
	return "this kind of file is not supported; leave it out of the diff if the fix does not "
	       "need it";
}

static enum kgr_fate refuse(const char *file, const char *why, GError **error)
{
	kgr_fail(error, KGR_REFUSED, "%s: %s", file, why);
	return KGR_FATE_REFUSED;
}

/* Neither C nor a list: what may be left out, and what is a part of the kernel in a way that no patch can change. */
static enum kgr_fate judge_other(struct kgr_session *s, const char *file, GError **error)
{
	const struct kgr_kernel *k = s->kernel;
	bool assembly = is_assembly(file), absent = assembly && !kgr_is_added(s->overlay, file);
	g_autofree char *made = NULL, *why = NULL;
	const char *command;

	kgr_session_index(s);
	/* Nobody has written down what an adopted kernel's assembly was made of. */
	absent = absent && !kgr_kernel_is_adopted(k);
	command = kgr_build_reads(&s->index, kgr_kernel_objects(k), file);
	if (!command && (absent || is_harmless(k, file)))
		return KGR_FATE_LEFT_OUT;
	if (!command || assembly)
		return refuse(file, why_not(file), error);
	made = kgr_made_by(command);
	why = g_strdup_printf("%s is made of it, and that is not supported; leave it out of the "
			      "diff if the fix does not need it",
			      made);
	return refuse(file, why, error);
}

/* What the directories of external modules are called says nothing, and what a list has new has no example. */
static enum kgr_fate judge_external(struct kgr_session *s, const char *file, GError **error)
{
	if (ends(file, ".h"))
		return KGR_FATE_HEADER;
	if (!ends(file, ".c"))
		return judge_other(s, file, error);
	if (kgr_is_added(s->overlay, file))
		return refuse(
			file,
			"a file that the diff brings is not supported for external modules; put "
			"what it has into one that is there already",
			error);
	return KGR_FATE_SOURCE;
}

static enum kgr_fate judge_header(struct kgr_session *s, const char *file, GError **error)
{
	const char *generator;
	g_autofree char *why = NULL;

	if (kgr_is_added(s->overlay, file))
		return !kgr_hides_header(s, file) ?
			       KGR_FATE_HEADER :
			       refuse(file,
				      "the diff brings it, and there is a header of that name in "
				      "another directory, which files that the diff does not touch "
				      "may include so far; give the new one another name",
				      error);
	generator = kgr_generator_of(s, file);
	if (!generator)
		return KGR_FATE_HEADER;
	why = g_strdup_printf("code of the kernel is made of it, as %s says, by other means than a "
			      "compiler; leave it out of the diff if the fix does not need it",
			      generator);
	return refuse(file, why, error);
}

static bool is_code_of_tools(const char *file)
{
	return g_str_has_prefix(file, "tools/") && (ends(file, ".c") || ends(file, ".h"));
}

/* Does a unit of the kernel include one of these, or was one compiled from it? */
static bool is_used(struct kgr_session *s, const GPtrArray *files)
{
	g_autoptr(GPtrArray) full = g_ptr_array_new_with_free_func(g_free);
	const struct kgr_build_index *index;
	guint i;

	if (kgr_kernel_is_adopted(s->kernel))
		return kgr_adopted_may_use(s, files);
	for (i = 0; i < files->len; i++)
		g_ptr_array_add(full, g_build_filename(s->kernel->source, files->pdata[i], NULL));
	index = kgr_session_index(s);
	for (i = 0; i < index->records->len; i++) {
		bool found;

		if (kgr_record_includes(index->records->pdata[i], full, &found, NULL) && found)
			return true;
	}
	return false;
}

/* A release touches many files of tools/, and no unit reads one: that takes one look. */
static bool is_any_tool_used(struct kgr_session *s)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new();
	guint i;

	if (s->tools_asked)
		return s->tools_used;
	for (i = 0; i < s->overlay->files->len; i++) {
		if (is_code_of_tools(s->overlay->files->pdata[i]))
			g_ptr_array_add(files, s->overlay->files->pdata[i]);
	}
	s->tools_used = is_used(s, files);
	s->tools_asked = true;
	return s->tools_used;
}

static bool is_used_tool(struct kgr_session *s, const char *file)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new();

	g_ptr_array_add(files, (char *)file);
	return is_code_of_tools(file) && is_any_tool_used(s) && is_used(s, files);
}

enum kgr_fate kgr_judge_file(struct kgr_session *s, const char *file, GError **error)
{
	bool other_arch;
	const char *place;

	if (s->kernel->external)
		return judge_external(s, file, error);
	other_arch = is_of_other_arch(s->kernel, file);
	place = other_arch ? NULL : kgr_unpatchable_place(file);
	if (place)
		return refuse(file, place, error);
	/* What the diff brings there is in a list that nothing here is compiled by. */
	if ((is_in_harmless_place(file) || (other_arch && kgr_is_added(s->overlay, file))) &&
	    !is_used_tool(s, file))
		return KGR_FATE_LEFT_OUT;
	if (g_str_has_prefix(file, "tools/") && kgr_kernel_is_adopted(s->kernel) &&
	    ends(file, ".c"))
		return refuse(file, KGR_RULE_OF_ITS_OWN, error);
	if (ends(file, ".c"))
		return KGR_FATE_SOURCE;
	if (ends(file, ".h"))
		return other_arch ? KGR_FATE_HEADER : judge_header(s, file, error);
	if (kgr_is_makefile(file) && !other_arch && kgr_makefile_lists(s->overlay, file))
		return KGR_FATE_LIST;
	return judge_other(s, file, error);
}
