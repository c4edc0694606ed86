// SPDX-License-Identifier: GPL-3.0-or-later
/* Loads and removes patch modules with libkmod. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/live/kernel-log.h"
#include "cmd/live/module.h"
#include "cmd/live/sysfs.h"
#include "cmd/live/wait.h"
#include "elf/kmod.h"
#include "elf/modinfo.h"
#include "lib/error.h"
#include "lib/unpack.h"

/* Debian's libkmod reads .xz and .zst, and was built without zlib; then the module is unpacked for it. */
static char *readable_file(const char *file, GError **error)
{
	g_autoptr(GPtrArray) info = kgr_modinfo_read(file, NULL);

	return info ? g_strdup(file) : kgr_unpacked(file, error);
}

static bool check_info(const char *file, const GPtrArray *info, GError **error)
{
	const char *release = kgr_modinfo_get(info, "kgraft_release");
	struct utsname uts;

	uname(&uts);
	if (!kgr_modinfo_get(info, "kgraft_build_id"))
		return kgr_fail(error, KGR_REFUSED,
				"%s: not a kgraft patch; use modprobe for other modules", file);
	if (g_strcmp0(release, uts.release))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: made for kernel %s, this is %s; make it again with kgr-build in "
			"this kernel's build directory",
			file, release ?: "?", uts.release);
	return true;
}

/* "none [integrity] confidentiality": not where securityfs is not mounted */
static bool is_locked_down(void)
{
	g_autofree char *said = NULL;

	return g_file_get_contents("/sys/kernel/security/lockdown", &said, NULL, NULL) &&
	       !strstr(said, "[none]");
}

static const char *why_not_permitted(void)
{
	g_autofree char *disabled = NULL;

	if (geteuid() != 0)
		return "only root may load modules";
	if (g_file_get_contents("/proc/sys/kernel/modules_disabled", &disabled, NULL, NULL) &&
	    *disabled == '1')
		return "kernel.modules_disabled is 1, so nothing is loaded until the machine is booted again";
	if (is_locked_down())
		return "this kernel is locked down, as with Secure Boot, and loads only modules "
		       "signed with a key that it trusts; sign it, see SIGNATURES in kgr-build(1)";
	return "root has no leave to load modules here (a container?); if dmesg speaks of lockdown, "
	       "the module has to be signed, see SIGNATURES in kgr-build(1)";
}

/* What to do about an error of init_module(2) of which the kernel's log has no word. */
static const char *way_out(int err)
{
	switch (err) {
	case EPERM:
		return why_not_permitted();
	case EKEYREJECTED:
	case ENOKEY:
		return "this kernel loads only modules signed with a key that it trusts; sign it, see "
		       "SIGNATURES in kgr-build(1)";
	case ENOEXEC:
		return "it is damaged or was linked for a kernel of another configuration; make it "
		       "again with kgr-build";
	case ENOMEM:
		return "free some memory and try again";
	case EBUSY:
		return "another module or patch is just coming or going; try again";
	default:
		return "the kernel's log (dmesg) may say why";
	}
}

bool kgr_module_insert(const char *file, const char *params, char **patch, GError **error)
{
	g_autofree char *path = readable_file(file, error), *log = NULL, *as_shown = NULL;
	g_autoptr(GPtrArray) info = path ? kgr_modinfo_read(path, error) : NULL;
	g_autoptr(kgr_kmod_ctx) ctx = kgr_kmod_new();
	g_autoptr(kgr_kmod_module) module = NULL;
	const char *name;
	int kmsg, err;

	if (!info || !check_info(file, info, error))
		return false;
	name = kgr_modinfo_get(info, "name") ?: "";
	kmsg = kgr_kernel_log_open();
	err = -kmod_module_new_from_path(ctx, path, &module);
	if (!err)
		err = -kmod_module_insert_module(module, 0, params);
	as_shown = g_strdelimit(g_strdup(name), "_", '-');
	log = kgr_kernel_log_close(kmsg, as_shown);
	if (!err) {
		*patch = kgr_live_name(name);
		return true;
	}
	if (err == EEXIST)
		return kgr_fail(error, KGR_REFUSED, "%s: it is loaded already; kgr status shows it",
				file);
	return kgr_fail(error, err == EPERM || err == ENOENT ? KGR_TROUBLE : KGR_REFUSED,
			"%s: the kernel did not load it (%s)%s%s", file, g_strerror(err),
			*log ? ":" : "; ", *log ? log : way_out(err));
}

/* Those that use what the patch exports. */
static char *users_of(const struct kmod_module *module)
{
	struct kmod_list *holders = kmod_module_get_holders(module), *entry;
	GString *out = g_string_new(NULL);

	kmod_list_foreach(entry, holders)
	{
		g_autoptr(kgr_kmod_module) holder = kmod_module_get_module(entry);

		g_string_append_printf(out, " %s", kmod_module_get_name(holder));
	}
	kmod_module_unref_list(holders);
	return g_string_free(out, FALSE);
}

bool kgr_module_remove(const char *patch, int timeout, GError **error)
{
	gint64 end = g_get_monotonic_time() + timeout * G_USEC_PER_SEC;
	g_autofree char *escapes = kgr_live_read(patch, "escapes");
	g_autofree char *name = g_strdelimit(g_strdup(patch), "-", '_'), *users = NULL;
	g_autoptr(kgr_kmod_ctx) ctx = kgr_kmod_new();
	g_autoptr(kgr_kmod_module) module = NULL;
	int err;

	if (escapes && *escapes)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: unpatched, but it stays in memory until the machine is booted again: "
			"the kernel may keep the address of %s",
			name, escapes);
	err = -kmod_module_new_from_name(ctx, name, &module);
	/* The kernel clears up for some tenths of a second after a transition. */
	while (!err && (err = -kmod_module_remove_module(module, KMOD_REMOVE_NOWAIT))) {
		if ((err != EAGAIN && err != EBUSY) || g_get_monotonic_time() > end)
			break;
		err = 0;
		g_usleep(KGR_POLL_US);
	}
	if (!err)
		return true;
	if (err != EAGAIN && err != EBUSY)
		return kgr_fail(error, KGR_REFUSED,
				"%s: unpatched, but the kernel did not remove the module (%s); the "
				"kernel's log (dmesg) may say why",
				name, g_strerror(err));
	users = users_of(module);
	if (*users)
		return kgr_fail(error, KGR_REFUSED,
				"%s: unpatched, but in use by%s; remove these first", name, users);
	return kgr_fail(
		error, KGR_REFUSED,
		"%s: unpatched, but the kernel still holds the module (%s); try again, or see "
		"dmesg: after a forced transition it stays until the machine is booted again",
		name, g_strerror(err));
}
