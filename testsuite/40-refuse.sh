# SPDX-License-Identifier: GPL-3.0-or-later
# What must not become a live patch: a clear error, the right exit code, and nothing changed anywhere.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
own_kernel
cd "$work"

fingerprint() {
	find "$src" "$kernel" -newer "$work/start" -not -type d | sort
	(cd "$kernel" && sha256sum vmlinux .config Module.symvers kernel/.sys.o.kgr kernel/sys.o)
	(cd "$src" && sha256sum kernel/sys.c fs/fcntl.c Makefile)
}
touch start
sleep 1
fingerprint >before

fix=$tests/fixes/prctl-auxv.diff

# Diffs that do not fit.
sed 's/memcpy(mm->saved_auxv/memset(mm->saved_auxv/' "$fix" >x.diff
refused 1 'x.diff:3: hunk 1 of kernel/sys.c does not apply: kernel/sys.c:'
says 'where the diff has "	memset(mm->saved_auxv, user_auxv, len);"'
sed 's/BUILD_BUG_ON(sizeof(user_auxv)/BUILD_BUG_ON(sizeof(other_auxv)/' "$fix" >x.diff
refused 1 'hunk 1 of kernel/sys.c does not apply'
says 'BUILD_BUG_ON(sizeof(user_auxv)'
sed 's,kernel/sys.c,kernel/nosuch.c,' "$fix" >x.diff
refused 1 'kernel/nosuch.c is not in the source tree'
echo 'nothing at all' >x.diff
refused 1 'x.diff: no diff in it'
# Like lines in several functions, and none of them where the hunk says.
cat >x.diff <<'END'
--- a/kernel/sys.c
+++ b/kernel/sys.c
@@ -388,6 +388,7 @@ long __sys_setgid(gid_t gid)
 	new = prepare_creds();
 	if (!new)
 		return -ENOMEM;
+	cond_resched();
 	old = current_cred();
 
 	retval = -EPERM;
END
refused 1 'hunk 1 of kernel/sys.c fits 4 places'
says '(__sys_setregid), '
says 'the hunk says line 388 and names __sys_setgid'
expect_exit 2 kgr-build -C "$kernel" -o out.ko missing.diff
expect_exit 2 kgr-build -C "$kernel"
expect_exit 2 kgr-build --no-such-option
expect_exit 2 kgr-build -p -2 -C "$kernel" "$fix"
says '-p needs a number'

# What patch(1) and git take from the environment changes nothing; and the diff is read once, so a pipe will do.
QUOTING_STYLE=c POSIXLY_CORRECT=1 GIT_DIR=/nonexistent GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=apply.whitespace \
	GIT_CONFIG_VALUE_0=fix kgr-build -C "$kernel" -n pipe -o kgraft-pipe.ko - <"$fix"
cat "$fix" | kgr-build -C "$kernel" -n pipe -o kgraft-pipe2.ko -
cmp kgraft-pipe.ko kgraft-pipe2.ko || fail "the environment makes another module"
kgr-show --diff kgraft-pipe.ko | cmp - "$fix" || fail "the diff is not carried as it was applied"

# The same fix as it comes: in a mail whose message has an example, packed, under a name longer than a module's may
# be, with other directories in its names, and made against a source in which it stands elsewhere.
replaced() {
	says "replaced prctl_set_auxv "
	[ "$(grep -c '^replaced' out)" = 1 ] || fail "more is replaced than the fix changes"
}
long=0001-prctl-the-saved-auxiliary-vector-of-a-process-ends-with-a-zero-word
{
	printf 'From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: A <t@example.org>\n'
	printf 'Subject: [PATCH] a\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n'
	printf 'Content-Transfer-Encoding: quoted-printable\n\n    --- a/kernel/sys.c\n    +++ b/kernel/sys.c\n'
	printf '    @@ -950,4 +950,4 @@ SYSCALL_DEFINE1(setfsgid, gid_t, gid)\n     SYSCALL_DEFINE0(getpid)\n     {\n'
	printf '    -\treturn task_tgid_vnr(current);\n    +\treturn 4711;\n     }\n\n---\n'
	sed 's/=/=3D/g' "$fix"
	printf -- '-- \n2.39.5\n\n'
} >$long.patch
gzip -k $long.patch
expect_exit 0 kgr-build -C "$kernel" $long.patch.gz
replaced
says "the patch's name is cut to kgraft-0001-prctl-the-saved-auxiliary-vector-of-a-proce"
expect_exit 0 kgr-prove -C "$kernel" kgraft-0001-prctl-the-saved-auxiliary-vector-of-a-proce.ko $long.patch
rm kgraft-0001-*.ko
sed 's,^\(---\|+++\) ./,\1 linux-6.1/,' "$fix" >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
replaced
sed 's,^\(---\|+++\) ./,\1 a/b/,' "$fix" >x.diff
expect_exit 0 kgr-build -C "$kernel" -p 2 -o out.ko x.diff
replaced
expect_exit 0 kgr-prove -p2 -C "$kernel" out.ko x.diff
rm out.ko
expect_exit 1 kgr-build -C "$kernel" -p 1 -o out.ko x.diff
says 'b/kernel/sys.c is not in the source tree (with -p1'
sed 's/^@@ -2142,/@@ -2130,/' "$fix" >x.diff
expect_exit 0 kgr-build -C "$kernel" --json -o out.ko x.diff
says 'x.diff:3: hunk 1 of kernel/sys.c: at line 2142 (prctl_set_auxv) instead of 2130, 12 lines down'
kgr-show out.ko | grep -qF 'at line 2142 (prctl_set_auxv) instead of 2130' || fail "the module does not say so"
rm out.ko

# Files that cannot be patched.
edit arch/x86/lib/memcpy_64.S '1s/^/\n/' >x.diff
refused 1 'assembly'
edit arch/x86/entry/vdso/vclock_gettime.c '1s/^/\n/' >x.diff
refused 1 'vdso'
edit arch/x86/boot/main.c '1s/^/\n/' >x.diff
refused 1 'boot code'
edit init/Kconfig '1s/^/\n/' >x.diff
refused 1 'configuration'
edit kernel/Makefile '1s/^/ccflags-y += -DKGR\n/' >x.diff
refused 1 'how the kernel is built'

# An ed script, which patch(1) would run, is no diff.
printf 'Index: a/kernel/sys.c\n1d\n' >x.diff
refused 1 'no diff in it'

# Nothing to patch.
edit kernel/sys.c 's/^static int prctl_set_auxv/\/* a comment *\/\n\n&/' >x.diff
refused 3 'compiles to the same code'
edit kernel/sys.c 's/^SYSCALL_DEFINE0(getpid)/\n\n\n&/' >x.diff
refused 3 'compiles to the same code'
edit Documentation/index.rst '1s/^/\n/' >x.diff
refused 3 'no code is touched'
edit kernel/ksysfs.c 's/^static int __init ksysfs_init(void)$/&/; /^static int __init ksysfs_init/,/^}/s/int error;/int error; barrier();/' >x.diff
refused 3 'gone after init'

# Patched source that does not compile shows the compiler's words.
# By the patched file's own lines, which an earlier change has moved.
edit kernel/sys.c 's/^SYSCALL_DEFINE0(getpid)/\n\n\n&/; s/task_unlock(current);/task_unlock(no_such_thing);/' >x.diff
refused 4 'no_such_thing'
says "$src/kernel/sys.c:$(sed -n '/no_such_thing/=' b/kernel/sys.c):"

# A header by its full name, which leads to the one that the diff does not touch.
{
	edit include/linux/cn_proc.h '/^#include <uapi/a struct kgr_unused { int a; };'
	edit kernel/sys.c "s,^#include <linux/cn_proc.h>,#include \"$src/include/linux/cn_proc.h\"\n&,"
} >x.diff
refused 2 "was compiled without the diff (reached as $src/include/linux/cn_proc.h)"

# Changed data, changed layout, a function that ftrace cannot hook, a new export alone.
edit kernel/sys.c 's/^int fs_overflowuid = DEFAULT_FS_OVERFLOWUID/int fs_overflowuid = 4711/' >x.diff
refused 1 'fs_overflowuid'
says 'another initial value'
edit fs/exec.c 's/^struct user_arg_ptr {/&\n\tint weight;/' >layout.diff
cp layout.diff x.diff
# It is on stacks alone, but what has it there is compiled to another clone.
refused 1 'the diff changes the layout of a type that count'
says 'which is gone: so the old one stays in use'
# What has no name but a typedef's; a number's size; what a module may call; assembly in a C file.
edit mm/compaction.c 's/^\tISOLATE_ABORT,/\tISOLATE_NEVER,\n&/' >x.diff
refused 1 'typedef isolate_migrate_t: value ISOLATE_NEVER = 0, was ISOLATE_ABORT = 0'
edit net/ipv4/fib_trie.c 's/^typedef unsigned int t_key;/typedef unsigned long t_key;/' >x.diff
refused 1 'typedef t_key: size 8, was 4'
{
	edit include/linux/gcd.h 's/, unsigned long b/, unsigned int b/'
	edit lib/math/gcd.c 's/^\(unsigned long gcd(unsigned long a, unsigned\) long b/\1 int b/'
} >x.diff
refused 1 'gcd is exported, and is long unsigned int (long unsigned int, unsigned int) now, was '
edit arch/x86/kernel/kprobes/opt.c 's/^\(\t\t\t".global optprobe_template_call\\n"\)/\t\t\t"nop\\n"\n\1/' >x.diff
refused 1 'optprobe_template_entry, which assembly in the file defines, is not the same'
# This one lives on stacks alone, though that does not show, so a person may know better; the module says what was allowed.
cp layout.diff x.diff
expect_exit 1 kgr-build --allow-layout=user -C "$kernel" -o out.ko x.diff
expect_exit 0 kgr-build --allow-layout=user_arg_ptr -C "$kernel" -o allowed.ko x.diff
says 'note     another layout, as was allowed:'
expect_exit 0 kgr-build --allow-layout=user_arg_ptr -C "$kernel" -o again.ko x.diff
cmp allowed.ko again.ko || fail "not the same module"
expect_exit 0 kgr-prove -C "$kernel" allowed.ko x.diff
expect_exit 0 kgr-show allowed.ko
says 'struct user_arg_ptr: member int weight at offset 0'
rm allowed.ko again.ko
edit kernel/sys.c '$a int new_thing(void);\nint new_thing(void) { return 1; }\nEXPORT_SYMBOL_GPL(new_thing);' >x.diff
refused 3 'the new export new_thing alone makes no patch'
edit lib/string.c '/^int strcmp/,/^}/s/unsigned char c1, c2;/&\n\n\tif (cs == ct)\n\t\treturn 0;/' >strcmp.diff
cp strcmp.diff x.diff
refused 1 'so ftrace cannot hook it' --no-kprobe
says 'strcmp'

# A source file edited since the build, another compiler, records that are gone or damaged: one file at a time is
# another for a while.
# swapped FILE CODE TEXT <CONTENT: as if that file of the build directory held something else
swapped() {
	instead "$1"
	refused "$2" "$3"
	back
}
# tamper RECORD DIFF SED-SCRIPT CODE TEXT
tamper() {
	zcat "$kernel/$1" | sed "$3" | gzip -n >tampered
	cp "$2" x.diff
	swapped "$1" "$4" "$5" <tampered
}
sys=kernel/.sys.o.kgr
tamper $sys "$fix" 's/^\(input	\)[0-9a-f]\{16\}\(	.*kernel\/sys.c\)$/\10000000000000000\2/' 1 'changed since'
tamper $sys "$fix" 's,^\(input	[0-9a-f]*	\).*/kernel/sys\.c$,\1/no/such.c,' 1 '/no/such.c: No such file'
tamper $sys "$fix" 's/^G	.*/G	11.4.0/' 1 'built with GCC 11.4.0'
tamper $sys "$fix" 's/^\(F	prctl_set_auxv	.*\)fentry/\1no:notrace/' 1 'says that prctl_set_auxv has no fentry'
tamper lib/.string.o.kgr strcmp.diff 's/^\(F	strcmp	.*\)no:notrace/\1fentry/' 1 'says that strcmp has a fentry'
tamper $sys "$fix" '$d' 2 'damaged'
# A new file has no record: what the kernel was built from, those of others know.
edit kernel/Makefile '1s/^/obj-y += kgr_new.o\n/' >new.diff
cat >>new.diff <<'END'
--- /dev/null
+++ b/kernel/kgr_new.c
@@ -0,0 +1 @@
+#include <linux/msdos_fs.h>
END
tamper block/partitions/.msdos.o.kgr new.diff 's/^\(input	\)[0-9a-f]\{16\}\(	.*msdos_fs.h\)$/\10000000000000000\2/' 1 'msdos_fs.h: changed since'
cp new.diff x.diff
refused 3 'nothing to patch'
tamper $sys "$fix" 's/^\(compiler	\).*/\1\/no\/such\/gcc/' 2 '/no/such/gcc'
away $sys
cp "$fix" x.diff
refused 1 'has no record'
edit include/linux/cn_proc.h '/^#include <uapi/a struct kgr_unused { int a; };' >x.diff
refused 1 'linked, and without a record'
back
# Without debug information nobody knows of types.
objcopy --strip-debug "$kernel/kernel/sys.o" bare.o
cp "$fix" x.diff
swapped kernel/sys.o 1 'kernel/sys.o has no DWARF' <bare.o
# An object that is not the one that was linked; and one in which a single byte is another.
(cd "$kernel" && gcc $("$tests/recorded-arguments" "$kernel" kernel/sys "$work/other.o") -O1)
swapped kernel/sys.o 1 'does not hold this object; was it rebuilt after that was linked?' <other.o
cp "$kernel/kernel/sys.o" other.o
at=$(objdump -d --disassemble=prctl_set_auxv other.o | sed -n 's/^ *\([0-9a-f]*\):.*sub  *\$0x.*,%rsp$/\1/p')
text=$(readelf -SW other.o | sed -n 's/.* \.text  *PROGBITS  *[0-9a-f]*  *\([0-9a-f]*\) .*/\1/p')
printf '\377' | dd of=other.o bs=1 seek=$((0x$text + 0x$at + 3)) conv=notrunc 2>/dev/null
swapped kernel/sys.o 1 'prctl_set_auxv is not what' <other.o
# A kernel that was not built to its end, or not by us; options that it must not have, and must.
strip -o stripped "$kernel/vmlinux"
swapped vmlinux 2 'it has no symbol table; a patch needs the unstripped vmlinux of the build' <stripped
perl -0777 -pe 's/\x03\0\0\0GNU\0/\x03\0\0\0XNU\0/g' "$kernel/vmlinux" >nameless
swapped vmlinux 2 'it has no build-id, so a module could not prove what it runs on' <nameless
swapped vmlinux 2 'vmlinux: not an ELF file' <x.diff
rm stripped nameless
config=include/config/auto.conf
{
	cat "$kernel/$config"
	echo CONFIG_PREEMPT_RT=y
} >other.conf
swapped $config 1 'the kernel has CONFIG_PREEMPT_RT=y: interrupts are threads there' <other.conf
sed '/^CONFIG_KALLSYMS=/d' "$kernel/$config" >other.conf
swapped $config 1 'the kernel has CONFIG_KALLSYMS off: ftrace needs it' <other.conf
for file in vmlinux Module.symvers; do
	away $file
	refused 2 "$file"
	back
done
# A name that no module can have; a recorder that is not there.
expect_exit 2 kgr-build -C "$kernel" -n "$(printf '%070d' 1)" -o out.ko x.diff
says 'is longer than'
cp -r "$KGR_STAGE" stage
find stage -name kgr_plugin.so -delete
expect_exit 2 stage/bin/kgr-build -C "$kernel" -o out.ko x.diff
says 'the recorder kgr_plugin.so is not installed'
rm -r stage
# A module that was not linked; the data of one that the running kernel does not list.
late=lib/torture/kgr_torture_late.mod
edit lib/torture/kgr_torture_late.c '/char .torture_version/,/^}/s/"old"/"other"/' >x.diff
away $late
refused 1 'kgr_torture_late.mod cannot be read, so what was linked'
back
echo kernel/sys.o | swapped $late 1 \
	'it is part of several modules, or of one that was not linked'
sed '/^CONFIG_KALLSYMS_ALL=/d' "$kernel/$config" >other.conf
swapped $config 1 'is data of module kgr_torture_late, to be found only with CONFIG_KALLSYMS_ALL' <other.conf
cp "$fix" x.diff
expect_exit 2 kgr-build -C /nonexistent x.diff
expect_exit 2 kgr-build -C "$work" x.diff

# A full disk, and being interrupted or killed on the way.
mkdir small full
if mount -t tmpfs -o size=64k none small 2>/dev/null; then
	rc=0
	TMPDIR=$work/small kgr-build -C "$kernel" -o out.ko x.diff >out 2>&1 || rc=$?
	umount small
	cat out
	[ $rc = 2 ] || fail "a full disk: exit $rc"
	[ ! -e out.ko ] || fail "a module all the same"
	mount -t tmpfs -o size=8k none full
	rc=0
	kgr-build -C "$kernel" -o full/out.ko x.diff >out 2>&1 || rc=$?
	left=$(ls full)
	umount full
	cat out
	[ $rc = 2 ] && [ -z "$left" ] || fail "a full disk for the module: exit $rc, left: $left"
else
	untested "a full disk: tmpfs cannot be mounted here"
fi
mkdir tmp
for sig in INT TERM KILL; do
	for delay in 0.1 0.5 1.2 2; do
		TMPDIR=$work/tmp setsid kgr-build -C "$kernel" -o killed.ko x.diff >/dev/null 2>&1 &
		pid=$!
		sleep $delay
		kill -$sig -$pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		[ $sig = KILL ] || [ -z "$(ls -A tmp)" ] || {
			sleep 0.5
			[ -z "$(ls -A tmp)" ] || fail "$sig after $delay s leaves $(ls -A tmp)"
		}
	done
done
# The last one may have been fast enough to finish.
rm -f killed.ko
# And by step: when it starts the first program of each.
mkdir bin
for sig in INT KILL; do
	for program in git diff make ld; do
		printf '#!/bin/sh\necho >>%s/killed\nkill -%s 0\nsleep 10\n' "$work" $sig >bin/$program
		chmod +x bin/$program
		rm -f killed
		TMPDIR=$work/tmp PATH=$work/bin:$PATH setsid kgr-build -C "$kernel" -o killed.ko x.diff \
			>/dev/null 2>&1 && fail "kgr-build outlives $program"
		[ -e killed ] || fail "kgr-build does not run $program"
		[ ! -e killed.ko ] || fail "a module all the same"
		[ $sig = KILL ] || [ -z "$(ls -A tmp)" ] || fail "$sig at $program leaves $(ls -A tmp)"
		rm bin/$program
	done
done
rm -f killed.ko killed

fingerprint >after
diff before after || fail "something changed on disk"

# And after all that, and two at a time, the next build works; what was killed is cleared away, and
# nothing that others have there; the same input gives the same module.
mkdir tmp/kgraft-empty tmp/kgr.theirs tmp/kgraft-full
echo theirs | tee tmp/kgraft-full/.lock >tmp/kgraft-full/.kgraft-lock
TMPDIR=$work/tmp kgr-build -C "$kernel" -n same -o one.ko x.diff &
TMPDIR=$work/tmp kgr-build -C "$kernel" -n same -o two.ko x.diff
wait
rmdir tmp/kgraft-empty tmp/kgr.theirs || fail "somebody's empty directory was removed"
rm -r tmp/kgraft-full || fail "somebody's directory was removed"
[ -z "$(ls -A tmp)" ] || fail "left: $(ls -A tmp)"
cmp one.ko two.ko || fail "the same input gives another module"
fingerprint >after
diff before after || fail "something changed on disk"
