# SPDX-License-Identifier: GPL-3.0-or-later
# Modules that are built outside of the kernel, with M=DIR: patched there before the patch and after it, by a file, by a
# header, and one that uses another; proved; and what is refused.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"
cp -r "$tests/outside" outside
# changed NAME FILE SED-SCRIPT: a diff of that name, as of the modules' own directory
changed() {
	mkdir -p "a/$(dirname "$2")" "b/$(dirname "$2")"
	cp "outside/$2" "a/$2"
	sed "$3" "outside/$2" >"b/$2"
	! cmp -s "a/$2" "b/$2" || fail "nothing changed in $2"
	diff -u "a/$2" "b/$2" >"$1.diff" || true
}
# built CC
built() {
	make -s -C "$kernel" M="$work/outside" CC="$1" modules >said 2>&1 || fail "$(cat said)"
}
changed file main.c 's/shows old/shows new/'
changed header include/outside.h 's/"old"/"new"/'
changed user kgr_user.c 's/user of/new user of/'
echo "== without records"
built gcc
expect_exit 1 kgr-build -C "$kernel" -M outside file.diff
says "$work/outside has no records; build the modules with CC=kgr-gcc"
make -s -C "$kernel" M="$work/outside" clean
built kgr-gcc
find outside -type f -exec md5sum {} + | sort -k 2 >before
for name in file header user; do
	expect_exit 0 kgr-build -C "$kernel" -M outside $name.diff
	expect_exit 0 kgr-prove -C "$kernel" -M outside kgraft-$name.ko $name.diff
done
# As a target, with the caller's names.
expect_exit 0 make -s -C "$kernel" M="$work/outside" kgraft-patch PATCH="$PWD/file.diff" OUT="$PWD/target.ko"
cmp target.ko kgraft-file.ko
find outside -type f -exec md5sum {} + | sort -k 2 | diff before - || fail "the modules' directory has changed"

# The kernel need not have been recorded.
cp -as "$kernel" stock
find stock -name '.*.kgr' -delete
expect_exit 1 kgr-build -C stock -M outside -o stock.ko file.diff
says "outside: the modules were built for the kernel in $kernel, not for that in $work/stock"
cp -r "$tests/outside" for-stock
make -s -C stock M="$work/for-stock" CC=kgr-gcc modules >said 2>&1 || fail "$(cat said)"
expect_exit 0 kgr-build -C stock -M for-stock -o stock.ko file.diff

echo "== refused"
expect_exit 2 kgr-build -C "$kernel" -M none file.diff
says "none: No such file or directory; name the directory that the modules were built in"
# Of the kernel: its names are not those of the modules.
expect_exit 1 kgr-build -C "$kernel" -M outside "$tests/fixes/prctl-auxv.diff"
says "kernel/sys.c"
printf -- '--- /dev/null\n+++ b/more.c\n@@ -0,0 +1 @@\n+int more;\n' >more.diff
expect_exit 1 kgr-build -C "$kernel" -M outside -p1 more.diff
says "more.c: a file that the diff brings is not supported for external modules"
changed kbuild Kbuild 's/main.o/other.o/'
expect_exit 1 kgr-build -C "$kernel" -M outside kbuild.diff
changed layout include/outside.h 's/^\tint shown;/\tlong before;\n&/'
expect_exit 1 kgr-build -C "$kernel" -M outside layout.diff
says "struct outside_count"
changed sealed main.c 's/return proc_create_single/pr_info("new\\n");\n\t&/'
expect_exit 3 kgr-build -C "$kernel" -M outside sealed.diff
# It is not said to change nothing when a unit may be missing.
mv outside/part/.text.o.kgr kept
expect_exit 1 kgr-build -C "$kernel" -M outside header.diff
says "outside/part/text.o: linked, and without a record"
mv kept outside/part/.text.o.kgr
mv outside/Module.symvers kept
expect_exit 2 kgr-build -C "$kernel" -M outside file.diff
says "outside/Module.symvers is missing"
mv kept outside/Module.symvers
# Built under one name, patched under another.
cp -a outside elsewhere
expect_exit 1 kgr-build -C "$kernel" -M elsewhere file.diff
says "kgr_outside.mod.c, which is not below that directory; build the modules again with M=$work/elsewhere"

new_guest
cp kgraft-*.ko outside/*.ko "$guest/"
boot <<'END'
shows() { expect "outside shows $1 text $2" cat /proc/kgr_outside; }
# The module is there first, and then it comes later.
insmod /kgr_outside.ko || fail insmod
shows old "old first"
patch_in file
shows new "old again"
patch_in header
shows new "new again"
patch_out header
patch_out file
shows old "old again"
rmmod kgr_outside
patch_in header
patch_in file
insmod /kgr_outside.ko || fail insmod
shows new "new first"
patch_in user
insmod /kgr_user.ko || fail insmod
expect "new user of outside" cat /proc/kgr_user
patch_out user
expect "user of outside" cat /proc/kgr_user
patch_in user
expect "new user of outside" cat /proc/kgr_user
rmmod kgr_user
rmmod kgr_outside
patch_out file
patch_out header
patch_out user
END
