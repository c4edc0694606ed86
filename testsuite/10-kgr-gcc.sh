# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-gcc is gcc: for everything that a kernel build asks of a compiler, and for what it refuses.
. "$KGR_SRCDIR/testsuite/lib.sh"
cd "$work"

cat >hello.c <<'END'
#include <stdio.h>
static int calls(void) { static int n; return ++n; }
int main(void) { printf("%d\n", calls()); return 0; }
END
echo 'nop' >asm.s
echo '#define X nop
X' >asm.S
echo 'int x = ;' >bad.c
echo '-O2 -g' >opts.rsp

# same ARGS...: gcc and kgr-gcc give the same exit status, stdout, stderr and output file
same() {
	rm -f out.o
	rc1=0
	gcc "$@" >o1 2>e1 </dev/null || rc1=$?
	[ ! -f out.o ] || mv out.o out1.o
	rc2=0
	kgr-gcc "$@" >o2 2>e2 </dev/null || rc2=$?
	[ "$rc1" = "$rc2" ] || fail "$*: exit $rc2 instead of $rc1"
	cmp o1 o2 || fail "$*: another stdout"
	cmp e1 e2 || fail "$*: another stderr"
	if [ -f out1.o ]; then
		cmp out1.o out.o || fail "$*: another object"
	fi
	rm -f out1.o out.o
	echo "same: $*"
}

same --version
same -dumpversion
same -print-file-name=plugin
same -print-file-name=include
same -E hello.c
same -E -x c /dev/null
same -E -
same -S -o out.o hello.c
same -c -x c /dev/null -o out.o
same -c -o out.o asm.s
same -c -o out.o asm.S
same -c -x assembler-with-cpp -o out.o asm.S
same -c -o out.o bad.c
same -c -o out.o missing.c
same -c -o /dev/null hello.c
same @opts.rsp -c -o out.o hello.c
same -O2 -g -c hello.c -o out.o
same -O2 -g -c -oout.o hello.c
same -O2 -gdwarf-5 -pg -mfentry -mrecord-mcount -fpatchable-function-entry=0 -c hello.c -o out.o
same -Wp,-MMD,deps.d -O2 -c hello.c -o out.o
same -M hello.c
same -c
same --no-such-option
same -o out.o hello.c

# Only an object made of C has a record, and a failed compilation leaves none.
[ -z "$(find . -name '*.kgr*')" ] || rm -f .*.kgr
kgr-gcc -c -o asm.o asm.S
kgr-gcc -c -o bad.o bad.c 2>/dev/null && fail "bad.c compiles"
KGR_RECORD=0 kgr-gcc -c -o off.o hello.c
[ -z "$(find . -name '*.kgr*')" ] || fail "a record where none belongs: $(find . -name '*.kgr*')"
kgr-gcc @opts.rsp -c -o with.o hello.c
[ -f .with.o.kgr ] || fail "no record"
kgr-show .with.o.kgr >shown
grep -q '^argument *-O2' shown || fail "a response file is not expanded in the record"
grep -q '^function *calls\|^  inlined *calls' shown || fail "no fact about calls()"

# Another compiler, one that is not there, and ccache on either side.
KGR_CC=no-such-compiler kgr-gcc --version 2>e1 && fail "no-such-compiler runs"
grep -q no-such-compiler e1
if command -v ccache >/dev/null; then
	export CCACHE_DIR="$work/ccache"
	for turn in 1 2; do
		rm -f .behind.o.kgr
		KGR_CC="ccache gcc" kgr-gcc -c -o behind.o hello.c
		[ -f .behind.o.kgr ] || fail "no record with ccache behind"
	done
	ccache kgr-gcc -c -o front.o hello.c
	gcc -c -o plain.o hello.c
	cmp front.o plain.o
	# What the cache has already has no record, and what it puts kgr-gcc before none, either: kgr-init counts them.
	rm -f .front.o.kgr
	ccache kgr-gcc -c -o front.o hello.c
	[ ! -e .front.o.kgr ] || fail "a record of what was not compiled"
	CCACHE_PREFIX=kgr-gcc ccache gcc -O1 -c -o prefix.o hello.c
	gcc -O1 -c -o plain.o hello.c
	cmp prefix.o plain.o
	[ ! -e .prefix.o.kgr ] || fail "a record of two inputs"
else
	untested "a compiler cache: ccache is not installed"
fi

# The same compiler by the name that CROSS_COMPILE gives it, and one that is built for another target
# and cannot run the recorder: the object is what it makes alone, with a warning instead of a record.
native=$(gcc -dumpmachine)-gcc
if command -v "$native" >/dev/null; then
	KGR_CC=$native kgr-gcc -c -o native.o hello.c
	[ -f .native.o.kgr ] || fail "no record with $native"
fi
if command -v aarch64-linux-gnu-gcc >/dev/null; then
	echo 'static int f(int x) { return x + 1; } int g(int y) { unused: return f(y); }' >cross.c
	aarch64-linux-gnu-gcc -Wall -O2 -g -c -o out.o cross.c
	KGR_CC=aarch64-linux-gnu-gcc kgr-gcc -Wall -O2 -g -c -o cross.o cross.c 2>e1 ||
		fail "a cross compiler: $(cat e1)"
	cat e1
	cmp cross.o out.o || fail "another object with a cross compiler"
	[ ! -e .cross.o.kgr ] || fail "a record of nothing"
	[ "$(grep -c 'no record written' e1)" = 1 ] && [ "$(grep -c Wunused-label e1)" = 1 ] ||
		fail "not one warning of each kind"
	KGR_CC=aarch64-linux-gnu-gcc kgr-gcc -c -o cross.o bad.c 2>e1 && fail "bad.c compiles"
else
	untested "a cross compiler: aarch64-linux-gnu-gcc is not installed"
fi

# kgr-gcc with a record that cannot be written warns, once, and the build goes on.
mkdir locked
kgr-gcc -c -o locked/a.o hello.c
rm locked/.a.o.kgr
mkdir locked/.a.o.kgr
kgr-gcc -c -o locked/a.o hello.c 2>e1 || fail "a record that cannot be written broke the build"
[ "$(grep -c warning e1)" = 1 ] || fail "$(cat e1)"

# make -j: records are whole, whoever reads them when.
seq 40 | xargs -P 8 -I{} kgr-gcc -O2 -c -o many{}.o hello.c
for n in $(seq 40); do
	kgr-show .many$n.o.kgr >/dev/null || fail "record $n"
done
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files left"
