# SPDX-License-Identifier: GPL-3.0-or-later
# What --keep keeps of a build and of a refused one, and what --debug says; neither changes the module.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"
fix=$tests/fixes/prctl-auxv.diff

expect_exit 0 kgr-build -C "$kernel" -n same -o plain.ko "$fix"
expect_exit 0 kgr-build -C "$kernel" -n same -o kept.ko --keep=kept --debug=all "$fix"
cmp plain.ko kept.ko || fail "another module with --keep and --debug"

# Everything by a name that says what it is.
grep -q 'sizeof(user_auxv)' kept/source/kernel/sys.c || fail "the source is not the patched one"
[ -L kept/source/mm ] || fail "what no diff touches is no link"
rc=0
kgr-diff kept/objects/kernel/sys.orig.o kept/objects/kernel/sys.patched.o >differs || rc=$?
[ $rc = 1 ] && grep -q '^changed function: prctl_set_auxv' differs ||
	{ cat differs; fail "kgr-diff of the kept objects: exit $rc"; }
readelf -sW kept/graft.o | grep -q kgr_new_0 || fail "no graft"
for file in patch.c Kbuild; do
	[ -f kept/module/$file ] || fail "module/$file is missing"
done

# The commands can be run again, and give what they gave.
compile=$(grep -l -- -fplugin kept/commands/*)
[ -n "$compile" ] || fail "no command of the compiler's"
! grep -rq "${TMPDIR:-/tmp}/kgr[.][A-Za-z0-9]\{6\}" kept/commands || fail "a command names the temporary directory"
cp kept/objects/kernel/sys.patched.o first.o
rm kept/objects/kernel/sys.patched.o
for command in $compile $(ls kept/commands/*-objtool 2>/dev/null); do
	"$command" || fail "$command does not run again"
done
kgr-diff first.o kept/objects/kernel/sys.patched.o || fail "the command makes another object"

# A refused diff and a source that does not compile leave what there was by then.
edit kernel/sys.c 's/^int fs_overflowuid = DEFAULT_FS_OVERFLOWUID/int fs_overflowuid = 4711/' >data.diff
expect_exit 1 kgr-build -C "$kernel" -o out.ko --keep=refused --debug=compare data.diff
says 'another initial value'
grep -q '^compare: .*fs_overflowuid' out || fail "--debug=compare does not name fs_overflowuid"
[ -f refused/objects/kernel/sys.patched.o ] && [ ! -e refused/graft.o ] || fail "a refused diff: $(ls -R refused)"
edit kernel/sys.c 's/^int fs_overflowuid/itn fs_overflowuid/' >typo.diff
expect_exit 4 kgr-build -C "$kernel" -o out.ko --keep=typo typo.diff
[ -f typo/source/kernel/sys.c ] && [ ! -e typo/objects/kernel/sys.patched.o ] || fail "a typo: $(ls -R typo)"
expect_exit 1 $(grep -l -- -fplugin typo/commands/*)
says "error: unknown type name"

# A directory that something is in, or that cannot be.
expect_exit 2 kgr-build -C "$kernel" -o out.ko --keep=kept "$fix"
says 'kept is not empty; --keep needs a directory that is, or a new one'
expect_exit 2 kgr-build -C "$kernel" -o out.ko --keep=plain.ko "$fix"
expect_exit 2 kgr-build -C "$kernel" -o out.ko --keep=no/such/dir "$fix"
[ ! -e out.ko ] || fail "a module all the same"
mkdir empty
expect_exit 0 kgr-build -C "$kernel" -o out.ko --keep=empty "$fix"
[ -d empty/commands ] || fail "nothing kept in a directory that was there"
rm out.ko

# Each category says its own, and nothing of the others; an unknown one is named, and so are the known.
expect_exit 2 kgr-build -C "$kernel" --debug=compare,nonsense -o out.ko "$fix"
says '--debug knows no "nonsense"; there are units, match, compare, select, extract, and all'
# debug CATEGORY TEXT: among its lines is one with this text
debug() {
	kgr-build -C "$kernel" --debug="$1" -o out.ko "$fix" 2>lines >/dev/null
	grep -F -- "$2" lines | grep -q "^$1: " || { head -n 50 lines; fail "--debug=$1 does not say \"$2\""; }
	! grep -v "^$1: " lines || fail "--debug=$1 says something else"
}
debug units 'kernel/sys.c'
debug match 'prctl_set_auxv'
debug compare 'prctl_set_auxv'
debug select 'prctl_set_auxv'
debug extract 'prctl_set_auxv'
