# SPDX-License-Identifier: GPL-3.0-or-later
# A diff that reaches many units, with few files open at a time and in bounded memory; of most of them nothing is kept.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

# A comment in each of 100 files, and in mm/compaction.c, which calls what the last edit changes.
(cd "$kernel" && find kernel net fs mm drivers -name '.*.o.kgr' | sort) |
	sed 's,\(.*\)/\.\(.*\)\.o\.kgr$,\1/\2.c,' | while IFS= read -r file; do
	[ ! -f "$src/$file" ] || echo "$file"
done | grep -vx 'mm/compaction.c\|mm/page_alloc.c\|kernel/sys.c' | awk 'NR % 5 == 1' | head -99 >files
echo mm/compaction.c >>files
[ "$(wc -l <files)" = 100 ] || fail "not 100 files"
while IFS= read -r file; do
	edit "$file" '$a/* Nothing of importance. */'
done <files >comments.diff

# peak: what kgr-build says that it took, in MB
peak() {
	sed -n 's/^peak memory *\([0-9]*\) MB$/\1/p' out
}

ulimit -n 64
expect_exit 3 kgr-build --timings -C "$kernel" comments.diff
says 'compiles to the same code'
[ "$(peak)" -lt 120 ] || fail "it takes too much memory"

# What was let go of is found again when it turns out to be a caller of a function without fentry.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >hook.diff
edit mm/compaction.c '$a/* Nothing of importance. */' >comment.diff
edit kernel/sys.c '$a/* Nothing of importance. */' >other.diff
expect_exit 0 kgr-build --timings -C "$kernel" -o some.ko hook.diff comment.diff other.diff
says 'replaced split_map_pages (calls post_alloc_hook, which is notrace, so ftrace cannot hook it)'
expect_exit 0 kgr-prove -C "$kernel" some.ko hook.diff comment.diff other.diff

# With --keep a unit where nothing differs is kept, too.
expect_exit 0 kgr-build --keep kept -C "$kernel" -o kept.ko hook.diff comment.diff other.diff
cmp some.ko kept.ko || fail "--keep makes another module"
[ -f kept/objects/kernel/sys.patched.o ] || fail "--keep has lost a unit where nothing differs"
