/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libkmod without modprobe.d and without messages. */
#ifndef KGR_KMOD_H
#define KGR_KMOD_H

#include <glib.h>
#include <libkmod.h>

typedef struct kmod_ctx kgr_kmod_ctx;
typedef struct kmod_module kgr_kmod_module;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_kmod_ctx, kmod_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_kmod_module, kmod_module_unref)

/* kgr_kmod_new() - a context that reads no modprobe.d and prints nothing; never NULL, kmod_unref() it */
struct kmod_ctx *kgr_kmod_new(void);

#endif
