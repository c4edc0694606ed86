# SPDX-License-Identifier: GPL-3.0-or-later
# Code that the compiler does not put in a section of its own: a __sched function that calls its
# neighbour, static_cpu_has(), a changed message for netlink; the kernel's side of the vdso; and new exports,
# which the patch offers to other modules; an export that the diff takes away stays.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

edit kernel/time/hrtimer.c '/^static long __sched hrtimer_nanosleep_restart(/,/^}/s/^{/&\n\tpr_info_once("kgraft: a sleep goes on\\n");\n/' >sched.diff
edit kernel/fork.c '/^static __latent_entropy struct task_struct \*copy_process(/,/^}/s/^\tstruct task_struct \*p;/&\n\n\tpr_info_once("kgraft: a task forks\\n");/' >cpu-has.diff
edit net/ipv4/devinet.c 's/"ipv4: Invalid values in header for address dump request"/"ipv4: These values are invalid in a dump request"/
	/^EXPORT_SYMBOL(register_inetaddr_notifier);/d' >message.diff
edit kernel/sys.c '$a int new_thing(long x);\nint new_thing(long x) { return x + 41; }\nEXPORT_SYMBOL_GPL(new_thing);\nint new_number = 4711;\nEXPORT_SYMBOL_NS(new_number, KGRAFT);\nEXPORT_SYMBOL_GPL(prctl_set_mm);
	s/^static int prctl_set_mm(/int prctl_set_mm(int, unsigned long, unsigned long, unsigned long);\nint prctl_set_mm(/' >export.diff
edit arch/x86/entry/vdso/vma.c '/^static int map_vdso(/,/^}/s/^{/&\n\tpr_info_once("kgraft: a vdso is mapped\\n");/' >vdso.diff
expect_exit 0 kgr-build -C "$kernel" -n sections -o kgraft-sections.ko sched.diff cpu-has.diff message.diff export.diff vdso.diff
says "included new_thing (new, and exported)"
says "included new_number (new, and exported)"
says "the new export prctl_set_mm is for this patch only"
says "register_inetaddr_notifier stays exported: modules may use it"
expect_exit 0 kgr-prove -C "$kernel" kgraft-sections.ko sched.diff cpu-has.diff message.diff export.diff vdso.diff
for section in .altinstr_aux .altinstructions; do
	readelf -SW kgraft-sections.ko | grep -q " $section " || fail "nothing in $section"
done

# The CRC is that of a normal build: another module that exports the same has the same.
mkdir maker user
cat >maker/maker.c <<'END'
#include <linux/module.h>
int new_thing(long x);
int new_thing(long x) { return x; }
EXPORT_SYMBOL_GPL(new_thing);
int new_number;
EXPORT_SYMBOL_NS(new_number, KGRAFT);
MODULE_LICENSE("GPL");
END
cat >user/user.c <<'END'
#include <linux/module.h>
int new_thing(long x);
extern int new_number;
static int __init user_init(void)
{
	pr_info("kgraft: it is %d\n", new_thing(new_number));
	return 0;
}
static void __exit user_exit(void) { }
module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KGRAFT);
END
for module in maker user; do
	echo "obj-m := $module.o" >$module/Kbuild
	make -s -C "$kernel" M="$work/$module" KBUILD_EXTRA_SYMBOLS="${symvers:-}" modules
	symvers=$work/maker/Module.symvers
done

new_guest
cp kgraft-sections.ko user/user.ko "$guest/"
boot <<'END'
insmod /user.ko 2>/dev/null && fail "nobody has new_thing()"
patch_in sections
insmod /user.ko || fail "new_thing() is not offered: $(dmesg | tail -n 3)"
dmesg | grep "kgraft: it is 4752" || fail "another new_thing()"
rmmod kgraft_sections 2>/dev/null && fail "the patch is in use"
rmmod user
sleep 2 &
sleeper=$!
sleep 0.5
kill -STOP $sleeper
sleep 0.5
kill -CONT $sleeper
wait $sleeper || fail "the sleep was not slept: $?"
dmesg | grep "kgraft: a sleep goes on" || fail "the restart was not replaced"
dmesg | grep "kgraft: a task forks" || fail "fork() was not replaced"
dmesg | grep "kgraft: a vdso is mapped" || fail "the vdso is mapped as ever"
patch_out sections
END
