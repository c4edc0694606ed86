# SPDX-License-Identifier: GPL-3.0-or-later
# A unit whose record is missing is not one that was not compiled: whoever has to know all units says so, and
# which it is. A record of another compilation is none, either.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"
own_kernel

# without FILE... -- CODE TEXT COMMAND: with files of the build directory hidden, it ends so and says that
without() {
	while [ "$1" != -- ]; do
		away "$1"
		shift
	done
	shift
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >"$work/out" 2>&1 || rc=$?
	back
	cat "$work/out"
	[ "$rc" = "$want" ] || fail "$*: exit $rc instead of $want"
	says "$text"
}

# A header's includers, one by one: each could have been the one that changes.
edit kernel/smpboot.h 's/^int smpboot_create_threads/static inline int kgr_nobody(void) { return 1; }\n\n&/' >none.diff
grep -l '/kernel/smpboot\.h ' "$kernel"/kernel/.*.o.cmd | sed "s,.*/\.,,; s,\.o\.cmd,," >includers
[ "$(wc -l <includers)" -ge 2 ] || fail "too few files include kernel/smpboot.h"
expect_exit 3 kgr-build -C "$kernel" none.diff
while read -r unit; do
	without "kernel/.$unit.o.kgr" -- 1 "kernel/$unit.o" kgr-build -C "$kernel" none.diff
	# Nor does it help if Kbuild's command is gone as well.
	without "kernel/.$unit.o.kgr" "kernel/.$unit.o.cmd" -- 1 "kernel/$unit.o" \
		kgr-build -C "$kernel" none.diff
done <includers

# The unit itself.
edit kernel/sys.c '/^SYSCALL_DEFINE0(getppid)/,/^}/s/^{/&\n\tpr_info_once("kgraft: parent\\n");/' >unit.diff
without kernel/.sys.o.kgr -- 1 "kernel/sys.o was compiled from kernel/sys.c, and has no record" \
	kgr-build -C "$kernel" unit.diff
# One that includes the file, which has a record of its own or has none.
edit kernel/sched/rt.c '/^static int sched_rr_handler(.*,$/,/^}/s/^{/&\n\tpr_info_once("kgraft: rr\\n");/' >part.diff
without kernel/sched/.build_policy.o.kgr -- 1 "kernel/sched/build_policy.o was compiled from kernel/sched/rt.c" \
	kgr-build -C "$kernel" part.diff
# Of another file's missing record a fix of a .c file knows what Kbuild wrote: it has nothing to do with it.
without fs/.coredump.o.kgr -- 0 "replaced" kgr-build -C "$kernel" -n unit -o kgraft-unit.ko unit.diff
# A file that is not compiled is still told from one whose record is missing.
edit kernel/gcov/base.c '$a/* more */' >x.diff
refused 3 "kernel/gcov/base.c is left out: it was not compiled for this kernel"

# A caller of a function without fentry.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >hook.diff
without mm/.compaction.o.kgr -- 1 "mm/compaction.o" kgr-build --no-kprobe -C "$kernel" hook.diff
# By a breakpoint it is redirected whoever calls it.
without mm/.compaction.o.kgr -- 0 "post_alloc_hook" \
	kgr-build -C "$kernel" -n probe -o kgraft-probe.ko hook.diff

# kgr-prove asks which units have functions of the module's names.
expect_exit 0 kgr-build -C "$kernel" -n hook -o kgraft-hook.ko hook.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-hook.ko hook.diff
without mm/.compaction.o.kgr -- 1 "mm/compaction.o" kgr-prove -C "$kernel" kgraft-hook.ko hook.diff

# What was linked has to be known.
without modules.order -- 1 "modules.order cannot be read" kgr-build -C "$kernel" none.diff
without vmlinux.a -- 1 "vmlinux.a cannot be read" kgr-build -C "$kernel" none.diff
module=$(head -1 "$kernel/modules.order")
module=${module%.*}
without "$module.mod" -- 1 "$module.mod cannot be read" kgr-build -C "$kernel" none.diff
without "$(dirname "$module")/.$(basename "$module").o.kgr" -- 1 "$module.o" kgr-build -C "$kernel" none.diff

# A compiler cache before kgr-gcc: what it compiles has its record, what it has already leaves that of before.
if ! command -v ccache >/dev/null; then
	untested "a compiler cache: ccache is not installed"
	exit 0
fi
export CCACHE_DIR="$work/ccache"
objtool=$(grep -o '[^ ;]*objtool/objtool [^;]*' "$original/kernel/.sys.o.cmd" | sed 's/ [^ ]*$//')
# compile COMMAND...: kernel/sys.o by it
compile() {
	rm -f "$kernel/kernel/sys.o"
	(cd "$original" && "$@" $("$tests/recorded-arguments" "$original" kernel/sys "$kernel/kernel/sys.o") $more &&
		$objtool "$kernel/kernel/sys.o")
}
record=$kernel/kernel/.sys.o.kgr
rm "$record"
more='' compile ccache kgr-gcc
[ -e "$record" ] || fail "no record with a cold cache before kgr-gcc"
expect_exit 0 kgr-build -C "$kernel" -n unit -o kgraft-cold.ko unit.diff
more=-fno-inline compile ccache kgr-gcc
kgr-show "$record" | grep -q -e -fno-inline || fail "it was not compiled"
more='' compile ccache kgr-gcc
kgr-show "$record" | grep -q -e -fno-inline || fail "the cache had nothing, this tests nothing"
expect_exit 1 kgr-build -C "$kernel" -n unit -o kgraft-stale.ko unit.diff
says "kernel/.sys.o.kgr is the record of another compilation than that of"
says "only one of them has -fno-inline"
rm "$record"
more='' compile ccache kgr-gcc
[ ! -e "$record" ] || fail "a record of what was not compiled"
expect_exit 1 kgr-build -C "$kernel" -n unit -o kgraft-none.ko unit.diff
says "and has no record"
expect_exit 0 kgr-init "$kernel"
says "warning: 1 of the kernel's objects have no record ($kernel/kernel/sys.o)"
# With the cache behind it there is always one.
for turn in cold warm; do
	rm -f "$record"
	more='' compile env KGR_CC="ccache gcc" kgr-gcc
	expect_exit 0 kgr-build -C "$kernel" -n unit -o kgraft-$turn.ko unit.diff
done
cmp kgraft-cold.ko kgraft-warm.ko
