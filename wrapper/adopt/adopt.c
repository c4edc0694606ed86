// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The build directory of an adopted kernel is that of the headers package, to which all is added
 * that a build would have left there, and a link for every module:
 *
 *   .config, Module.symvers, include/, arch/    the headers package
 *   scripts/, tools/                            the kbuild package, and the tools that it lacks, compiled
 *   source -> .kernel-source                    the source package
 *   vmlinux, fs/xfs/xfs.ko, ...                 links into .packages/debug
 *   .packages/image                             what boots
 *   .vmlinux.o.cmd                              how objtool was run on vmlinux.o (adopted-objtool.c)
 *   modules.order                               the modules, as Kbuild lists them
 *   .kgr-includes                               which file may include which (includes.c)
 *   .kgr-kbuild                                 Kbuild's environment (kbuild-env.c)
 *   .kgr-adopted                                what it was made of, and every unit (kernel/adopted.c)
 *
 * It is made in a directory for temporary files beside its place, and gets its name when it is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adopt/adopt.h"
#include "adopt/adopted-objtool.h"
#include "adopt/compiler.h"
#include "adopt/includes.h"
#include "adopt/kbuild-env.h"
#include "adopt/module-list.h"
#include "adopt/one-kernel.h"
#include "adopt/own-program.h"
#include "adopt/packages.h"
#include "adopt/running.h"
#include "adopt/unit-list.h"
#include "elf/arch.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/subprocess.h"
#include "lib/tmpdir.h"

#define WAY_OUT "choose another place with -o"

typedef struct making making;

struct making {
	const struct kgr_adopt *of;
	char *final; /* the build directory's name when it is whole */
	char *dir; /* for temporary files; not ours */
	char *build, *source, *packages; /* below it */
	struct kgr_packages *parts;
	struct kgr_image *vmlinux;
	struct kgr_adopted *adopted;
};

static void making_clear(struct making *m)
{
	g_free(m->final);
	g_free(m->build);
	g_free(m->source);
	g_free(m->packages);
	kgr_packages_free(m->parts);
	kgr_image_close(m->vmlinux);
	kgr_adopted_free(m->adopted);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(making, making_clear)

static bool make_dir(const char *path, GError **error)
{
	return !g_mkdir_with_parents(path, 0755) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot be made: %s", path, g_strerror(errno));
}

static bool move(const char *from, const char *to, GError **error)
{
	return !rename(from, to) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot become %s: %s", from, to, g_strerror(errno));
}

static bool link_to(const char *target, const char *path, GError **error)
{
	return !symlink(target, path) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot be made a link: %s", path,
			g_strerror(errno));
}

/* A place in what a package unpacked to. */
static char *in_package(const struct making *m, enum kgr_package package, const char *below)
{
	g_autofree char *dir = kgr_package_dir(m->packages, package);

	return g_build_filename(dir, below, NULL);
}

/*
 * The headers as Debian has them: links to the kbuild package, and a Makefile that includes the
 * rest of them. What is called vmlinux there (6.12) has nothing but BTF.
 */
static bool take_headers(const struct making *m, GError **error)
{
	static const char *const others[] = { "scripts", "tools", "Makefile", ".kernelvariables",
					      KGR_ADOPTED_VMLINUX };
	g_autofree char *below = g_strconcat("usr/src/linux-headers-", m->of->release, NULL);
	g_autofree char *from = in_package(m, KGR_PACKAGE_HEADERS, below);
	size_t i;

	if (!move(from, m->build, error))
		return false;
	for (i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *path = g_build_filename(m->build, others[i], NULL);

		unlink(path);
	}
	return true;
}

static bool take_tools(const struct making *m, GError **error)
{
	static const char *const dirs[] = { "scripts", "tools" };
	const char *package = m->parts->names[KGR_PACKAGE_KBUILD];
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *below = g_build_filename("usr/lib", package, dirs[i], NULL);
		g_autofree char *from = in_package(m, KGR_PACKAGE_KBUILD, below);
		g_autofree char *to = g_build_filename(m->build, dirs[i], NULL);

		if (!move(from, to, error))
			return false;
	}
	return true;
}

/* What the kernel's own make would have written. From 6.13 on an external module's make asks for the first line. */
static bool write_files(const struct making *m, GError **error)
{
	g_autofree char *makefile = g_build_filename(m->build, "Makefile", NULL);
	g_autofree char *release =
		g_build_filename(m->build, "include/config/kernel.release", NULL);
	g_autofree char *text = g_strconcat(m->of->release, "\n", NULL);

	return g_file_set_contents(makefile, "export KBUILD_OUTPUT = .\ninclude source/Makefile\n",
				   -1, error) &&
	       g_file_set_contents(release, text, -1, error);
}

static char *debug_modules(const struct making *m)
{
	g_autofree char *below =
		g_strdup_printf("usr/lib/debug/lib/modules/%s/kernel", m->of->release);

	return in_package(m, KGR_PACKAGE_DEBUG, below);
}

static char *debug_vmlinux(const struct making *m)
{
	g_autofree char *below = g_strconcat("usr/lib/debug/boot/vmlinux-", m->of->release, NULL);

	return in_package(m, KGR_PACKAGE_DEBUG, below);
}

static bool check_running(const struct making *m, GError **error)
{
	g_autofree char *id = m->of->running ? kgr_image_build_id_text(m->vmlinux, error) : NULL;

	return !m->of->running || (id && kgr_running_check(id, error));
}

static bool check(struct making *m, GError **error)
{
	g_autofree char *vmlinux = debug_vmlinux(m), *debug = debug_modules(m);
	g_autofree char *below = g_strdup_printf("lib/modules/%s/kernel", m->of->release);
	g_autofree char *modules = in_package(m, KGR_PACKAGE_IMAGE, below);
	g_autofree char *boot = in_package(m, KGR_PACKAGE_IMAGE, "boot");

	m->vmlinux = kgr_image_open(vmlinux, false, error);
	return m->vmlinux && check_running(m, error) && kgr_unpack_modules(modules, error) &&
	       kgr_one_kernel(
		       &(struct kgr_parts){
			       .release = m->of->release,
			       .version = m->parts->version,
			       .headers = m->build,
			       .source = m->source,
			       .boot = boot,
			       .modules = modules,
			       .debug_modules = debug,
			       .vmlinux = m->vmlinux,
		       },
		       error);
}

static bool choose_compiler(struct making *m, GError **error)
{
	g_autofree char *path = g_build_filename(m->build, ".config", NULL), *config = NULL;
	g_autofree char *note = NULL;

	m->adopted->compiled_by = kgr_compiler_of_image(m->vmlinux);
	if (!m->adopted->compiled_by)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s does not say which gcc compiled it; kernels of other compilers are "
			"not supported",
			m->vmlinux->path);
	if (!g_file_get_contents(path, &config, NULL, error))
		return false;
	m->adopted->compiler = kgr_compiler_find(config, m->adopted->compiled_by, &note, error);
	if (note)
		g_ptr_array_add(m->of->notes, g_steal_pointer(&note));
	return m->adopted->compiler;
}

/*
 * Two programs that some units need, and that the kbuild package lacks; later kernels make the
 * second with the units.
 */
static bool make_tools(const struct making *m, GError **error)
{
	static const char *const tools[][2] = {
		{ "scripts", "scripts/asn1_compiler" },
		{ "scripts/selinux/genheaders", "scripts/selinux/genheaders/genheaders" },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(tools); i++) {
		g_auto(kgr_subprocess) run = { .cwd = g_strdup(m->build) };
		g_autofree char *dir = g_build_filename(m->source, tools[i][0], NULL);

		if (!g_file_test(dir, G_FILE_TEST_IS_DIR))
			continue;
		run.env = kgr_kbuild_env_read(m->build, m->source, m->build, m->adopted->compiler,
					      error);
		if (!run.env)
			return false;
		run.argv = g_ptr_array_new_with_free_func(g_free);
		kgr_kbuild_env_make_args(run.env, run.argv, tools[i][0]);
		kgr_subprocess_add(&run, tools[i][1], NULL);
		if (!kgr_subprocess_run(&run, tools[i][1], error))
			return false;
	}
	return true;
}

static bool take_objtool(const struct making *m, GError **error)
{
	g_autofree char *dir =
		g_strndup(m->vmlinux->arch->source_dir, strlen(m->vmlinux->arch->source_dir) - 1);
	g_autofree char *name = g_path_get_basename(dir);

	return kgr_adopted_objtool(m->build, m->source, name, m->adopted->compiler, error);
}

/* As many names up as the link is deep. */
static char *link_target(const struct making *m, const char *file, const char *name)
{
	g_autoptr(GString) up = g_string_new(NULL);
	const char *at;

	for (at = name; (at = strchr(at, '/')); at++)
		g_string_append(up, "../");
	/* Below the directory for temporary files all is where it will be below the build directory. */
	return g_strconcat(up->str, ".packages", file + strlen(m->packages), NULL);
}

static bool add_image(struct making *m, const char *file, const char *image, GError **error)
{
	g_autofree char *path = g_build_filename(m->build, image, NULL);
	g_autofree char *dir = g_path_get_dirname(path), *target = link_target(m, file, image);

	return make_dir(dir, error) && link_to(target, path, error) &&
	       kgr_unit_list(m->adopted, file, image, m->source, error);
}

/* As Kbuild lists the modules that it has built. */
static bool write_order(const struct making *m, const GPtrArray *modules, GError **error)
{
	g_autofree char *path = g_build_filename(m->build, "modules.order", NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	guint i;

	for (i = 0; i < modules->len; i++)
		g_string_append_printf(text, "%s\n", (char *)modules->pdata[i]);
	return g_file_set_contents(path, text->str, (gssize)text->len, error);
}

static bool add_modules(struct making *m, GError **error)
{
	g_autofree char *dir = debug_modules(m);
	g_autoptr(GPtrArray) modules = kgr_list_modules(dir);
	guint i;

	for (i = 0; i < modules->len; i++) {
		g_autofree char *full = g_build_filename(dir, modules->pdata[i], NULL);

		if (!add_image(m, full, modules->pdata[i], error))
			return false;
	}
	return write_order(m, modules, error);
}

static bool add_images(struct making *m, GError **error)
{
	g_autofree char *vmlinux = debug_vmlinux(m);

	return add_image(m, vmlinux, KGR_ADOPTED_VMLINUX, error) && add_modules(m, error) &&
	       kgr_includes_write(m->source, m->build, m->vmlinux->arch->source_dir, m->adopted,
				  error);
}

static bool describe(struct making *m, GError **error)
{
	g_autofree char *path = g_build_filename(m->build, KGR_ADOPTED_FILE, NULL);
	g_autoptr(GString) text = NULL;

	m->adopted->release = g_strdup(m->of->release);
	m->adopted->version = g_strdup(m->parts->version);
	m->adopted->build_id = kgr_image_build_id_text(m->vmlinux, error);
	if (!m->adopted->build_id)
		return false;
	text = kgr_adopted_text(m->adopted);
	return g_file_set_contents(path, text->str, (gssize)text->len, error);
}

/* What stands in packages and is not used again goes; the rest moves into the build directory. */
static bool put_together(const struct making *m, GError **error)
{
	static const enum kgr_package done[] = { KGR_PACKAGE_HEADERS, KGR_PACKAGE_KBUILD,
						 KGR_PACKAGE_SOURCE };
	g_autofree char *source = g_build_filename(m->build, ".kernel-source", NULL);
	g_autofree char *link = g_build_filename(m->build, "source", NULL);
	g_autofree char *packages = g_build_filename(m->build, ".packages", NULL);
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(done); i++) {
		g_autofree char *dir = kgr_package_dir(m->packages, done[i]);

		kgr_remove_tree(dir);
	}
	return move(m->packages, packages, error) && unlink(link) == 0 &&
	       move(m->source, source, error) && link_to(".kernel-source", link, error) &&
	       move(m->build, m->final, error);
}

static bool find_and_unpack(struct making *m, GError **error)
{
	g_autofree char *downloads = g_build_filename(m->dir, "downloads", NULL);

	if (!make_dir(m->packages, error) || !make_dir(m->source, error) ||
	    !make_dir(downloads, error))
		return false;
	m->parts =
		kgr_packages_find(m->of->release, m->of->packages, downloads, m->packages, error);
	if (!m->parts)
		return false;
	if (strcmp(m->parts->kbuild_version, m->parts->version) != 0)
		g_ptr_array_add(
			m->of->notes,
			g_strdup_printf("%s is of version %s, which the headers of %s take, too; "
					"what objtool makes of each unit is compared with what was "
					"shipped, but for ORC",
					m->parts->names[KGR_PACKAGE_KBUILD],
					m->parts->kbuild_version, m->parts->version));
	return kgr_packages_unpack(m->parts, m->packages, m->source, g_get_num_processors(), error);
}

static bool ask_kbuild(const struct making *m, GError **error)
{
	g_autofree char *link = g_build_filename(m->build, "source", NULL);
	g_autofree char *scratch = g_build_filename(m->dir, "scratch", NULL);

	return link_to(m->source, link, error) && make_dir(scratch, error) &&
	       kgr_kbuild_env_make(m->build, m->source, scratch, m->adopted->compiler, error);
}

static bool make(struct making *m, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(m->final);

	/* Beside its place, so that a rename is all that is left to do; a killed one's is removed by the next. */
	m->dir = kgr_temp_dir_in(parent, WAY_OUT, error);
	if (!m->dir)
		return false;
	m->build = g_build_filename(m->dir, "build", NULL);
	m->source = g_build_filename(m->dir, "source", NULL);
	m->packages = g_build_filename(m->dir, "packages", NULL);
	m->adopted = kgr_adopted_new();
	return find_and_unpack(m, error) && take_headers(m, error) && take_tools(m, error) &&
	       check(m, error) && choose_compiler(m, error) && write_files(m, error) &&
	       ask_kbuild(m, error) && make_tools(m, error) && take_objtool(m, error) &&
	       add_images(m, error) && describe(m, error) && put_together(m, error);
}

/* The directory that it goes to; the lock is held until the program ends. */
static bool lock_parent(const char *parent, GError **error)
{
	int fd;

	if (g_mkdir_with_parents(parent, 0755))
		return kgr_fail(error, KGR_TROUBLE, "%s cannot be made: %s; " WAY_OUT, parent,
				g_strerror(errno));
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd >= 0 && !flock(fd, LOCK_EX)) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot be locked: %s; " WAY_OUT, parent,
			g_strerror(errno));
}

static bool is_there(struct making *m, bool *there, GError **error)
{
	g_autoptr(kgr_adopted) a = NULL;
	struct stat st;

	/* A link that leads nowhere is there, too. */
	*there = !lstat(m->final, &st);
	if (!*there)
		return true;
	if (!g_file_test(m->final, G_FILE_TEST_IS_DIR))
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s is there already, and it is no directory; move it away, or " WAY_OUT,
			m->final);
	if (!kgr_adopted_read(m->final, &a, error))
		return false;
	if (!a)
		return kgr_fail(error, KGR_TROUBLE,
				"%s is there already, and kgr-adopt has not made it; " WAY_OUT,
				m->final);
	if (strcmp(a->release, m->of->release) != 0)
		return kgr_fail(error, KGR_TROUBLE, "%s is that of %s already; " WAY_OUT, m->final,
				a->release);
	return !m->of->running || kgr_running_check(a->build_id, error);
}

/*
 * As Debian calls its flavour, and the patches' authors their kernels: 6.1.0-56-rt-amd64,
 * 6.1.158-rt58. Others have other names.
 */
static bool is_called_rt(const char *release)
{
	const char *at = release;

	while ((at = strstr(at, "-rt"))) {
		at += strlen("-rt");
		at += strspn(at, "0123456789");
		if (!*at || *at == '-')
			return true;
	}
	return false;
}

static bool check_release(const char *release, GError **error)
{
	const char *at;

	for (at = release; *at; at++) {
		if (!g_ascii_isalnum(*at) && !strchr("._+-", *at))
			break;
	}
	if (*at || !g_ascii_isdigit(*release))
		return kgr_fail(error, KGR_TROUBLE,
				"%s is no release of a kernel; give what uname -r says there",
				release);
	return !is_called_rt(release) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s has CONFIG_PREEMPT_RT: interrupts are threads there, which is not "
			"supported; take another flavour",
			release);
}

/* The runtime is compiled, and "make kgraft-patch" works there. */
static bool initialise(const char *build, GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };
	g_autofree char *init = kgr_own_program("kgr-init", error);

	if (!init)
		return false;
	kgr_subprocess_add(&run, init, build, NULL);
	return kgr_subprocess_run(&run, "kgr-init", error);
}

/*
 * What kgr-init finds out names the place, so it runs there; what it does not take goes back, and
 * is removed with the rest.
 */
static bool make_and_initialise(struct making *m, GError **error)
{
	if (!make(m, error))
		return false;
	return initialise(m->final, error) || (move(m->final, m->build, error) && false);
}

bool kgr_adopt(struct kgr_adopt *of, GError **error)
{
	g_auto(making) m = { .of = of };
	g_autofree char *parent = NULL;

	if (!check_release(of->release, error))
		return false;
	m.final = g_canonicalize_filename(of->build, NULL);
	parent = g_path_get_dirname(m.final);
	if (!kgr_fit_for_kbuild(m.final, WAY_OUT, error) || !lock_parent(parent, error) ||
	    !is_there(&m, &of->again, error))
		return false;
	return of->again ? initialise(m.final, error) : make_and_initialise(&m, error);
}
