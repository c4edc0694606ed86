# SPDX-License-Identifier: GPL-3.0-or-later
# What a record says, and that damaged ones are told from whole ones.
. "$KGR_SRCDIR/testsuite/lib.sh"
cd "$work"

cat >unit.h <<'END'
static inline int square(int x) { return x * x; }
END
cat >unit.c <<'END'
#include "unit.h"
__attribute__((section(".init.text"))) int starts(void) { return 1; }
__attribute__((no_instrument_function, noinline)) static int untraced(int x) { return x + 2; }
static const int table[] = { 1, 2, 3 };
static __attribute__((noinline)) int part(int x, int y)
{
	static int calls;

	calls += x;
	return y ? table[x & 1] + square(calls) : calls;
}
int uses(int x) { return part(x, 1) + part(x + 1, 1) + untraced(x); }
END
kgr-gcc -O2 -g -pg -mfentry -c -o unit.o unit.c
kgr-show .unit.o.kgr | tee shown
grep -q '^function *starts .*\.init\.text .*' shown
grep -q '^function *untraced .* no:notrace' shown
grep -q '^function *uses .* global fentry' shown
grep -q '^function *part\.constprop.* fentry' shown
grep -q '^  clone-of *part unit.c' shown
grep -q '^  inlined *square unit.h 1' shown
grep -q '^object *calls\.[0-9]* calls unit.c' shown
grep -q '^input *[0-9a-f]\{16\} unit.c' shown
grep -q '^input *[0-9a-f]\{16\} unit.h' shown
kgr-show --json .unit.o.kgr >json
grep -q '"kind"' json

# A .c file that includes another .c file is found by either name.
echo '#include "unit.c"' >both.c
kgr-gcc -O2 -pg -mfentry -c -o both.o both.c
zcat .both.o.kgr | head -5 | grep -q '^also	unit.c'

# The same input gives the same record.
cp .unit.o.kgr first
kgr-gcc -O2 -g -pg -mfentry -c -o unit.o unit.c
cmp first .unit.o.kgr

# Cut at any place, or with any bit turned over, a record is refused, under the sanitizers as well.
PATH=$KGR_SANITIZED:$PATH
export ASAN_OPTIONS=detect_leaks=1
size=$(stat -c %s .unit.o.kgr)
for n in 0 1 2 3 10 11 20 50 100 $((size / 2)) $((size - 9)) $((size - 4)) $((size - 1)); do
	head -c $n .unit.o.kgr >.cut.o.kgr
	expect_exit 2 kgr-show .cut.o.kgr
	says damaged
done
for n in $(seq 10 7 $((size - 1))); do
	cp .unit.o.kgr .bit.o.kgr
	byte=$(od -An -tu1 -j "$n" -N1 .unit.o.kgr)
	printf "\\$(printf %03o $((byte ^ 1 << n % 8)))" |
		dd of=.bit.o.kgr bs=1 seek="$n" conv=notrunc 2>/dev/null
	rc=0
	kgr-show .bit.o.kgr >out 2>&1 || rc=$?
	[ $rc = 2 ] || fail "bit turned over in byte $n: exit $rc: $(tail -n 3 out)"
done
zcat .unit.o.kgr | sed 's/^input.*/input	nonsense/' | gzip >.odd.o.kgr
expect_exit 2 kgr-show .odd.o.kgr
zcat .unit.o.kgr | sed '/^source/p' | gzip >.twice.o.kgr
expect_exit 2 kgr-show .twice.o.kgr
zcat .unit.o.kgr >.clear.o.kgr
expect_exit 2 kgr-show .clear.o.kgr
expect_exit 2 kgr-show .missing.o.kgr
