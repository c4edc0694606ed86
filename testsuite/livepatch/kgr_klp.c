// SPDX-License-Identifier: GPL-2.0-only
/* A patch of the kernel's own livepatch, for one function: to meet kgraft's on one system. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static char *function = "torture_leaf";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "what to replace, a function of one 32-bit argument and result");

static char *object;
module_param(object, charp, 0444);
MODULE_PARM_DESC(object, "a module, whose torture_version() is replaced instead");

static u32 replaced(u32 value)
{
	return value + 1000;
}

static const char *replaced_version(void)
{
	return "livepatched";
}

static struct klp_func funcs[] = { {}, {} };
static struct klp_object objects[] = { { .funcs = funcs }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init kgr_klp_init(void)
{
	funcs[0].old_name = object ? "torture_version" : function;
	funcs[0].new_func = object ? (void *)replaced_version : (void *)replaced;
	objects[0].name = object;
	return klp_enable_patch(&patch);
}

static void __exit kgr_klp_exit(void)
{
}

module_init(kgr_klp_init);
module_exit(kgr_klp_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A livepatch for kgraft's tests");
MODULE_INFO(livepatch, "Y");
