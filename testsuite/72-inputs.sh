# SPDX-License-Identifier: GPL-3.0-or-later
# What people give kgr-build beside a diff of compiled C: whole releases, names with spaces, environments, disks that are
# full, outputs that are no files. Nothing is lost without a word, and nothing refused that can be built.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"
own_kernel
fix=$tests/fixes/prctl-auxv.diff

# 1. What does not concern this kernel is left out, and said to be; alone it makes no patch.
# left_out FILE: a change at its end
left_out() {
	edit "$1" '$a/* x */' >>others.diff
	echo "$1 is left out: $2" >>notes
}
# new_file FILE: x.diff brings it
new_file() {
	printf -- '--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+/* x */\n' "$1" >x.diff
}
left_out drivers/net/ethernet/intel/e1000/e1000_main.c 'it was not compiled for this kernel'
left_out arch/arm64/mm/fault.c 'it was not compiled for this kernel'
for file in arch/arm64/mm/cache.S arch/arm64/Kconfig arch/arm64/Makefile arch/x86/crypto/aesni-intel_asm.S \
	arch/x86/configs/x86_64_defconfig CREDITS .gitignore tools/objtool/check.c samples/Kconfig; do
	left_out $file 'nothing of this kernel is made of it'
done
for file in debian/changelog arch/arm64/boot/dts/x.dts arch/arm64/mm/new.c arch/arm64/mm/new.S rust/x.rs; do
	new_file $file
	cat x.diff >>others.diff
	echo "$file is left out: nothing of this kernel is made of it" >>notes
done
# What the diff brings to a list of which nothing is compiled.
e1000=drivers/net/ethernet/intel/e1000
edit $e1000/Makefile 's/e1000_main.o/& e1000_new.o/' >>others.diff
new_file $e1000/e1000_new.c
cat x.diff >>others.diff
echo "$e1000/e1000_new.c is left out: nothing that $e1000/Makefile has in the same list (e1000-objs) was compiled" >>notes
cat others.diff "$fix" >x.diff
expect_exit 0 kgr-build -C "$kernel" -n inputs -o out.ko x.diff
while read -r note; do
	says "note     $note"
done <notes
[ "$(grep '^replaced' "$work/out" | cut -d' ' -f2)" = prctl_set_auxv ] || fail "more is replaced"
kgr-show out.ko >shown
grep -qF "$(head -n 1 notes)" shown || fail "the module does not say it"
rm out.ko
cp others.diff x.diff
refused 3 "$(tail -n 1 notes)"

# A line right before a function that says its own line numbers changes none of them.
edit kernel/time/hrtimer.c '/^void hrtimer_start_range_ns(/i static int kgr_added __maybe_unused;' >x.diff
refused 3 'the patched source compiles to the same code'

# What boot code includes, too, is patched in the kernel.
edit arch/x86/lib/kaslr.c '/^unsigned long kaslr_get_random_long/,/^}/s/^{/&\n\tasm volatile("pause");/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'arch/x86/boot/compressed/kaslr.o as well, which has run long ago and stays as it is'
rm out.ko

# What it is made of all the same, though no unit is, and what is not known, is refused.
edit arch/x86/entry/syscalls/syscall_64.tbl '$a999 common none sys_ni_syscall' >x.diff
refused 1 'is made of it, and that is not supported'
edit kernel/bounds.c '1i/* x */' >x.diff
refused 1 'kernel/bounds.s is made of it'
edit arch/x86/lib/x86-opcode-map.txt '1i# x' >x.diff
refused 1 "the instruction decoder is generated from it"
for file in arch/x86/lib/new.S kernel/README.new kernel/table.new; do
	new_file $file
	refused 1 "$file: "
done
# Code that a script or a program makes of a header, and a header that hides another, by which files that the diff does not touch
# become others.
edit arch/x86/include/asm/cpufeatures.h '$i/* x */' >x.diff
refused 1 'code of the kernel is made of it, as arch/x86/kernel/cpu/Makefile says'
edit include/linux/crc32poly.h '$i/* x */' >x.diff
refused 1 'code of the kernel is made of it, as lib/gen_crc32table.c says'
printf -- '--- /dev/null\n+++ b/include/linux/romfs_fs.h\n@@ -0,0 +1 @@\n+#include <uapi/linux/romfs_fs.h>\n' >x.diff
refused 1 'there is a header of that name in another directory'
printf -- '--- /dev/null\n+++ b/arch/x86/include/asm/local64.h\n@@ -0,0 +1 @@\n+#include <asm-generic/local64.h>\n' >x.diff
refused 1 'there is a header of that name in another directory'
# It is not said of a kernel that has objects without a record.
away fs/.coredump.o.kgr
edit drivers/net/ethernet/intel/e1000/e1000_main.c '1i/* x */' >x.diff
refused 1 'fs/coredump.o: linked, and without a record'
# kgr-init counts such objects.
expect_exit 0 kgr-init "$kernel"
says "warning: 1 of the kernel's objects have no record ($kernel/fs/coredump.o)"
back
expect_exit 0 kgr-init "$kernel"
! grep -q warning "$work/out" || fail "a warning with all records there"

# 2. The source's name in arguments: of another path, and in a map of prefixes.
cp "$fix" x.diff
mkdir -p "mirror$src/include"
echo '#define KGR_EXTRA 1' >"mirror$src/include/kgr_extra.h"
rm "$kernel/kernel/sys.o" "$kernel/kernel/.sys.o.kgr"
# The same code, but for files' names in it.
(cd "$original" && kgr-gcc $("$tests/recorded-arguments" "$original" kernel/sys "$kernel/kernel/sys.o" |
	sed "s|-fmacro-prefix-map=$src/=|-fmacro-prefix-map=$src=.|") \
	-I"$work/mirror$src/include" -include kgr_extra.h)
objtool=$(grep -o '[^ ;]*objtool/objtool [^;]*' "$original/kernel/.sys.o.cmd" | sed 's/ [^ ]*$//')
(cd "$original" && $objtool "$kernel/kernel/sys.o")
sed -i "s|-fmacro-prefix-map=$src/=|-fmacro-prefix-map=$src=.|" "$kernel/kernel/.sys.o.cmd"
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
[ "$(grep '^replaced' "$work/out" | cut -d' ' -f2)" = prctl_set_auxv ] || fail "more is replaced"
rm out.ko
cp -p "$original/kernel/sys.o" "$original/kernel/.sys.o.kgr" "$original/kernel/.sys.o.cmd" "$kernel/kernel/" 2>/dev/null ||
	fail "the unit cannot be put back"

# 3. What is set for other builds.
kgr-build -C "$kernel" -n plain -o plain.ko x.diff >/dev/null
mkdir include
KBUILD_EXTRA_SYMBOLS=/nonexistent/Module.symvers KCFLAGS=-Wrong KBUILD_MODPOST_NOFINAL=1 LLVM=1 \
	CPATH=$work/include DEPENDENCIES_OUTPUT=$work/dependencies MAKEFILES=/nonexistent \
	kgr-build -C "$kernel" -n plain -o other.ko x.diff
cmp plain.ko other.ko || fail "the environment makes another module"
[ ! -e dependencies ] || fail "a file is written that is named for other builds"
# And without what kgr-init has kept.
mv "$kernel/.kgraft" away
KBUILD_EXTRA_SYMBOLS=/nonexistent/Module.symvers KCFLAGS=-Wrong LLVM=1 \
	kgr-build -C "$kernel" -n plain -o other.ko x.diff
mv away "$kernel/.kgraft"
cmp plain.ko other.ko || fail "the environment makes another module without the cache"

# 4. Where temporary files go.
mkdir rel 'a b'
TMPDIR=rel kgr-build -C "$kernel" -n plain -o other.ko x.diff
cmp plain.ko other.ko || fail "another module with a relative TMPDIR"
ln -s rel link
TMPDIR=$work/link kgr-build -C "$kernel" -n plain -o other.ko x.diff
cmp plain.ko other.ko || fail "another module by a link"
expect_exit 2 env TMPDIR="$work/a b" kgr-build -C "$kernel" -o out2.ko x.diff
says 'set TMPDIR to another one'
# Full at any time: the patch is not to blame, nor the kernel.
mkdir small
if mount -t tmpfs -o size=4k none small 2>/dev/null; then
	umount small
	for size in 8k 128k 420k 1200k 2000k; do
		mount -t tmpfs -o size=$size none small
		rc=0
		TMPDIR=$work/small kgr-build -C "$kernel" -o out2.ko x.diff >out 2>&1 || rc=$?
		umount small
		cat out
		grep -q 'No space left on device' out && [ $rc = 2 ] || fail "$size of room: exit $rc"
	done
else
	untested "a full disk: tmpfs cannot be mounted here"
fi
# Nor where few files may be open.
for files in 5 8 12 16 20 24; do
	rc=0
	(ulimit -n $files && exec kgr-build -C "$kernel" -o out2.ko x.diff) >out 2>&1 || rc=$?
	cat out
	grep -qi 'too many open files' out && [ $rc = 2 ] || fail "$files open files: exit $rc"
done
(ulimit -Sn 16 && exec kgr-build -C "$kernel" -n plain -o other.ko x.diff)
cmp plain.ko other.ko || fail "another module with few open files"

# Ended at any time by a signal to itself alone, it leaves no file and no process.
mkdir ended
began=$(date +%s%3N)
TMPDIR=$work/ended kgr-build -C "$kernel" -o out2.ko x.diff
took=$(($(date +%s%3N) - began))
ends=0
for n in $(seq 24); do
	TMPDIR=$work/ended kgr-build -C "$kernel" -o out2.ko x.diff >/dev/null 2>&1 &
	after=$((took * n / 24))
	sleep "$((after / 1000)).$(printf %03d $((after % 1000)))"
	kill -$([ $((n % 2)) = 0 ] && echo TERM || echo INT) $! 2>/dev/null && ends=$((ends + 1))
	wait $! || :
	[ -z "$(ls -A ended)" ] || fail "killed after $after of $took ms, it leaves $(ls -A ended)"
	left=$(grep -ls "TMPDIR=$work/ended" /proc/[0-9]*/environ) || :
	[ -z "$left" ] || fail "killed after $after of $took ms, it leaves $left"
	rm -f out2.ko
done
echo "$ends of 24 ended by a signal"
[ $ends -ge 8 ] || fail "too few were ended by a signal"

# 5. Outputs: only regular files are replaced, none of the diffs; and what cannot be said is not success.
mkdir dir
mknod device c 1 7 2>/dev/null || mkfifo device
ln -s plain.ko link.ko
for output in dir device link.ko /dev/full; do
	expect_exit 2 kgr-build -C /nonexistent -o $output x.diff
	says 'no regular file'
done
[ -d dir ] && [ ! -f device ] && [ -L link.ko ] && [ ! -f /dev/full ] || fail "it is replaced"
expect_exit 2 kgr-build -C /nonexistent -o x.diff x.diff
says 'is an input, too'
expect_exit 2 kgr-build -C /nonexistent -o none/out.ko x.diff
says 'cannot be written'
cmp x.diff "$fix" || fail "an input is replaced"
for call in "kgr-build -C $kernel -o out3.ko x.diff" "kgr-diff --json $kernel/kernel/sys.o $kernel/kernel/fork.o" \
	"kgr-show plain.ko" "kgr-init $kernel" "kgr-prove -C $kernel plain.ko x.diff" "kgr --version"; do
	for output in '>/dev/full' '>&-'; do
		rc=0
		eval "$call $output" 2>err || rc=$?
		cat err
		[ $rc = 2 ] || fail "$call $output: exit $rc"
		grep -q 'standard output does not take' err || fail "it does not say so"
	done
done

# 6. A build directory that is not whole.
mv "$kernel/source" source.link
ln -s /nonexistent/source "$kernel/source"
refused 2 'the source that the kernel was built from is not there any more'
ln -sfn "$work/dir" "$kernel/source"
refused 2 "it is no kernel's source"
rm "$kernel/source"
mv source.link "$kernel/source"
mv "$kernel/Module.symvers" symvers
cut_by() {
	head -c "$1" symvers >"$kernel/Module.symvers"
	refused 2 'Module.symvers is damaged'
}
cut_by -5
cut_by 20000
cut_by 0
head -n 100 symvers >"$kernel/Module.symvers"
refused 2 'Module.symvers is damaged: '
says ' exports '
mv symvers "$kernel/Module.symvers"

# 7. The make targets: names with spaces, relative to the caller, are data.
mkdir calls
cp "$fix" 'calls/my $(shell touch pwned)`touch pwned` fix.diff'
cp "$fix" calls/two.diff
cd calls
expect_exit 0 make -s -C "$kernel" kgraft-patch PATCH='my $(shell touch pwned)`touch pwned` fix.diff' NAME=plain OUT='o p.ko'
kgr-show --diff 'o p.ko' | cmp - "$fix"
kgr-show 'o p.ko' | grep -q '^name *kgraft_plain$' || fail "not the name that was asked for"
expect_exit 0 make -s -C "$kernel" kgraft-patch PATCH='two.diff' KGRFLAGS='--json --no-kprobe'
says '"outcome":"built"'
[ -f "$kernel/kgraft-two.ko" ] || fail "no module in the build directory"
rm "$kernel/kgraft-two.ko"
expect_exit 2 make -s -C "$kernel" kgraft-patch PATCH='two.diff three.diff'
says three.diff
cd ..
[ -z "$(find . "$kernel" -maxdepth 2 -name pwned)" ] || fail "a name was executed"

# The kernel that others use is as it was.
cmp "$kernel/kernel/sys.o" "$original/kernel/sys.o"
