# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-build --split: of one diff what can be live becomes a module, the very one that its part of the diff makes, and what
# is refused is left out with what belongs to it, and nothing else.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

# change FILE SED: in ./b
change() {
	sed "$2" "b/$1" >changed
	! cmp -s "b/$1" changed || fail "nothing changed in $1"
	cp changed "b/$1"
}

copies kernel/sys.c mm/mincore.c fs/eventfd.c fs/internal.h fs/file_table.c fs/open.c fs/stat.c kernel/ksysfs.c \
	drivers/net/ethernet/realtek/8139cp.c init/Kconfig net/ipv4/raw.c include/net/raw.h fs/proc/internal.h \
	fs/proc/inode.c arch/x86/include/asm/percpu.h include/trace/events/percpu.h
# Two that are live.
change kernel/sys.c '/^SYSCALL_DEFINE1(getpgid/,/^}/s/^{/&\n\tcond_resched();/'
change mm/mincore.c '/^SYSCALL_DEFINE3(mincore/,/^{/s/^{/&\n\tcond_resched();/'
# One that is live but for an object's initial value, which has nothing to do with the rest.
change fs/eventfd.c '/^struct eventfd_ctx \*eventfd_ctx_fdget(/,/^}/s/^\tif (!f.file)/\tcond_resched();\n&/
	/^static const struct file_operations eventfd_fops/,/^}/s/^\t\.llseek.*/\t.llseek\t\t= default_llseek,/'
# Joined by what internal.h declares: file_table.c, which also changes initial data, has it, and open.c uses it.
change fs/internal.h 's/^extern struct file \*alloc_empty_file(.*/&\nlong kgr_most_files(void);/'
change fs/file_table.c 's/^\t\.max_files = .*/\t.max_files = 3,/
	s/^static long get_nr_files(void)/long kgr_most_files(void)\n{\n\treturn files_stat.max_files;\n}\n\n&/'
change fs/open.c '/^int nonseekable_open(/,/^}/s/^{/&\n\tif (kgr_most_files() < 0)\n\t\treturn -EMFILE;/'
# Includes internal.h as well, and has nothing to do with it.
change fs/stat.c '/^int vfs_getattr(/,/^{/s/^{/&\n\tcond_resched();/'
# Gone after boot; not compiled here; refused by itself.
change kernel/ksysfs.c '/__init ksysfs_init/,/^}/s/^\tint error;/&\n\n\tcond_resched();/'
change drivers/net/ethernet/realtek/8139cp.c '/^static int cp_open /,/^}/s/^{/&\n\tcond_resched();/'
change init/Kconfig 's/^menu "General setup"/& and more/'
# A type's layout, with who uses the new member.
change include/net/raw.h 's/^struct raw_sock {/&\n\tint kgr_first;/'
change net/ipv4/raw.c '/^void raw_icmp_error(/,/^{/s/^{/&\n\tif (WARN_ON_ONCE(!skb))\n\t\treturn;/
	/^static int raw_sk_init(/,/^}/s/^\treturn 0;/\trp->kgr_first = 0;\n&/'
# The same, by way of a macro.
change fs/proc/internal.h 's/^struct pde_opener {/#define KGR_FIRST int kgr_second;\n&\n\tKGR_FIRST/'
change fs/proc/inode.c 's/^\t*pdeo->file = file;/\t\t\tpdeo->kgr_second = 1;\n&/'
# Assembly includes one of these two.
change arch/x86/include/asm/percpu.h '/^#ifdef __ASSEMBLY__/,/^#else/s/^#define PER_CPU_VAR(var).*%.*/&+0/'
change include/trace/events/percpu.h 's/^TRACE_EVENT(percpu_alloc_percpu,/extern int kgr_nobody;\n&/'
diff_to release

expect_exit 0 kgr-build --split -C "$kernel" -o out.ko release.diff
# line TEXT: one of the report
line() {
	grep -qE "^$1" "$work/out" || fail "no line of the report is: $1"
}
line 'replaced __x64_sys_getpgid'
line 'replaced vfs_getattr '
line 'left out 2 files, [0-9]+ hunks, [0-9]+ functions?: .*object files_stat .* has another initial value'
line '           fs/file_table.c$'
line '           fs/open.c$'
line 'left out 1 file, 1 hunk, 0 functions: object eventfd_fops .* has another initial value'
line '           fs/eventfd.c \(1 of 2 hunks: eventfd_fops\)$'
line 'replaced eventfd_ctx_fdget '
line 'left out 1 file, 1 hunk, 0 functions: init/Kconfig: a changed configuration makes another kernel'
line 'left out 2 files, [0-9]+ hunks, [0-9]+ functions?: .*member int kgr_first at offset 0'
line '           include/net/raw.h$'
line '           net/ipv4/raw.c$'
line 'left out 2 files, 2 hunks, 1 function: .*struct pde_opener: member int kgr_second'
line 'left out 1 file, 1 hunk, 0 functions: .*a changed header changes this assembly'
line '           arch/x86/include/asm/percpu.h$'
line 'live     6 files, 6 hunks'
line 'gone     1 file, 1 hunk: only what is gone after boot differs'
line 'absent   1 file, 1 hunk: nothing of this kernel is made of them'
line 'out      8 files'
line 'share    8 of 13 changed functions are in the patch'
grep '^+++' out.live.diff | sed 's/\t.*//; s,^+++ b/,,' | sort >in
printf '%s\n' fs/eventfd.c fs/internal.h fs/stat.c include/trace/events/percpu.h kernel/ksysfs.c kernel/sys.c mm/mincore.c | sort >wanted
cmp in wanted || { cat in; fail "another part of the diff is in"; }

# The module is the one that this part makes, alone and at once; and it is proved.
mkdir alone
cp out.live.diff alone/release.diff
kgr-build -C "$kernel" -n release -o alone/out.ko alone/release.diff >alone/said
cmp out.ko alone/out.ko || fail "the module is not the one of the live part"
expect_exit 0 kgr-prove -C "$kernel" out.ko out.live.diff

# For programs.
kgr-build --split --json -C "$kernel" -o again.ko release.diff >json
cmp out.ko again.ko
has() {
	tr -d ' \n' <json | grep -qF "$1" || { cat json; fail "no $1 in the JSON"; }
}
has '"live":{"files":6,"hunks":6,"functions":8}'
has '"gone":{"files":1,"hunks":1,"functions":0}'
has '"absent":{"files":1,"hunks":1,"functions":0}'
has '"parts":[{"file":"fs/file_table.c","hunks":2,"of":2,"objects":[]},{"file":"fs/open.c",'
has '"refused":{"file":"fs/eventfd.c","hunks":1,"of":2,"objects":["eventfd_fops"]}'
has '"diff":"again.live.diff"'

# What only writes values is live, too; and from a pipe.
expect_exit 0 kgr-build --split --allow-data=files_stat -C "$kernel" -o again.ko - <release.diff
line 'written  files_stat.max_files \(3, was 8192; when all have moved\)'
line 'live     8 files'

# Without it one refusal is all that is said.
cp release.diff x.diff
rm out.ko
refused 1 'a changed configuration makes another kernel'
# One diff, all of which fits, and something of it in the end.
expect_exit 2 kgr-build --split -C "$kernel" -o out.ko x.diff release.diff
says '--split takes one diff'
expect_exit 2 kgr-build --split --keep kept -C "$kernel" -o out.ko x.diff
says 'builds in rounds'
edit kernel/sys.c '/^SYSCALL_DEFINE1(getpgid/,/^}/s/^{/&\n\tcond_resched();/' >first.diff
(
	mkdir -p later/base/kernel
	cd later
	sed '/^SYSCALL_DEFINE1(getpgid/,/^}/s/^{/&\n\tcond_resched();/' "$src/kernel/sys.c" >base/kernel/sys.c
	src=$PWD/base
	edit kernel/sys.c '/^SYSCALL_DEFINE0(getppid/,/^}/s/^{/&\n\tcond_resched();/'
) >second.diff
cat first.diff second.diff >x.diff
expect_exit 2 kgr-build --split -C "$kernel" -o out.ko x.diff
says 'kernel/sys.c is there more than once'
for n in first second; do
	printf 'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n'
	printf 'From: a <a@b.c>\nDate: Mon, 17 Sep 2001 00:00:00 +0000\nSubject: [PATCH] %s\n\n---\n' $n
	cat $n.diff
	printf -- '-- \n2\n\n'
done >x.diff
expect_exit 2 kgr-build --split -C "$kernel" -o out.ko x.diff
says '--split takes one diff, and these are 2'
edit init/Kconfig 's/^menu "General setup"/& and more/' >x.diff
expect_exit 1 kgr-build --split -C "$kernel" -o out.ko x.diff
says 'nothing of x.diff can be live: init/Kconfig: a changed configuration makes another kernel'
edit kernel/sys.c '/^SYSCALL_DEFINE1(getpgid/,/^}/s/^{/&\n\tcond_resched();/' |
	sed 's/^@@ -1\([0-9]*\),/@@ -2\1,/' >x.diff
expect_exit 1 kgr-build --split -C "$kernel" -o out.ko x.diff
says 'a diff of the very source of this kernel'
[ ! -e out.ko ] || fail "a module all the same"
