# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-diff on pairs of objects: what differs is named, what does not matter is not.
. "$KGR_SRCDIR/testsuite/lib.sh"
cd "$work"

mkdir a b
compile() {
	gcc -O2 -g -ffunction-sections -fdata-sections -fno-stack-protector ${flags:-} -c -o "$2" "$1"
}

# differs CODE LINES: kgr-diff a.o b.o exits with CODE and says just LINES (causes cut off)
differs() {
	compile a/x.c a.o
	compile b/x.c b.o
	rc=0
	kgr-diff a.o b.o >full 2>err || rc=$?
	sed -e 's/ (.*//' -e 's/object: n\.[0-9]*/object: n.N/' -e 's/CSWTCH\.[0-9]*/CSWTCH.N/' \
		-e 's/sum\.constprop\.[0-9]*/sum.constprop.N/' full >got
	printf '%s' "$2" >want
	[ $rc = "$1" ] && cmp -s got want || {
		cat full err
		fail "exit $rc, wanted $1 with: $2"
	}
	echo "ok: exit $rc: $(tr '\n' ';' <got)"
}

cat >a/x.c <<'END'
extern int printf(const char *, ...);
static int seen;
__attribute__((noinline)) static int helper(int x) { static int n; n += x; return n; }
int first(int x) { printf("first %d\n", x); return helper(x); }
int second(int x) { seen++; return helper(x + 1); }
const char *third(void) { return __func__; }
int fourth(int x) { switch (x) { case 1: return 7; case 2: return 3; case 3: return 9;
	case 4: return 12; case 5: return 1; } return 0; }
END
cp a/x.c b/x.c
differs 0 ''
sed 's/helper(x + 1)/helper(x + 2)/' a/x.c >b/x.c
differs 1 'changed function: second
'
# With a call at every branch and comparison, as CONFIG_KCOV has them.
flags="-fsanitize-coverage=trace-pc -fsanitize-coverage=trace-cmp"
differs 1 'changed function: second
'
cp a/x.c b/x.c
differs 0 ''
flags=
sed 's/first %d/First %d/' a/x.c >b/x.c
differs 1 'changed function: first
'
# A new static local before another of the same name in another function changes its number only.
sed 's/seen++;/static int n; n--; seen++;/' a/x.c >b/x.c
differs 1 'changed function: second
new object: n.N
'
sed 's/case 3: return 9/case 3: return 8/' a/x.c >b/x.c
differs 1 'changed function: fourth
changed object: CSWTCH.N
'
# A function that is gone, one that is new, and what refers to them; what the one remembered the other does.
sed 's/helper/other/g' a/x.c >b/x.c
differs 1 'changed function: first
changed function: second
gone function: helper
new function: other
'
# Whitespace and comments mean nothing.
sed 's/return helper(x);/return \/* once *\/  helper( x );/' a/x.c >b/x.c
differs 0 ''

# A literal with a NUL within has no name: all of it counts, what a longer one has behind, what is a string without it; and none
# is a function that is new.
# literal WAS IS: f() uses these, and has changed
literal() {
	for pair in "a $1" "b $2"; do
		printf 'void use(const void *);\nvoid g(void) { use("q\\0r"); }\nvoid f(void) { use(%s); }\n' "${pair#? }" >"${pair%% *}/x.c"
	done
	differs 1 'changed function: f
'
}
literal '"vendor,a\0vendor,b"' '"vendor,a\0vendor,c"'
literal '"vendor,a"' '"vendor,a\0vendor,b"'
literal '"vendor,a\0vendor,b"' '"vendor,a"'
literal '"\001\0\002"' '"\001\0\002\0\0\007"'
literal '"\001\0\002\0\0\007"' '"\001\0\002"'
cp a/x.c b/x.c
differs 0 ''
echo 'void use(const void *); void f(void) { use("x\0y"); }' >a/x.c
echo 'void use(const void *); void n(void) {} void f(void) { use((void *)n); }' >b/x.c
differs 1 'changed function: f
new function: n
'
# A pool's constant that code refers to the middle of.
cat >a/x.c <<'END'
asm(".section .rodata.cst16, \"aM\", @progbits, 16\n.Lk:\t.quad 1, 2, 3, 4\n.previous");
long f(void) { long x; asm("movq .Lk+8(%%rip), %0" : "=r"(x)); return x; }
END
cp a/x.c b/x.c
differs 0 ''
sed 's/1, 2, 3/7, 2, 3/' a/x.c >b/x.c
differs 1 'changed function: f
'

# Initial data, and the layout of a type.
cat >a/x.c <<'END'
struct shape { int sides; short colour; char name[4]; };
struct shape square = { .sides = 4, .colour = 1, .name = "sq" };
int sides(struct shape *s) { return s->sides + s->colour; }
END
sed 's/.colour = 1/.colour = 2/' a/x.c >b/x.c
differs 1 'changed object: square
'
sed 's/short colour;/int weight; short colour;/' a/x.c >b/x.c
compile b/x.c b.o
expect_exit 1 kgr-diff a.o b.o
says 'struct shape: member'
says 'weight at offset 4'

# Is it on the stacks of those who know it alone? What makes it doubtful is named.
# layout WORDS <SOURCE: what is said of "struct shape" when it grows
layout() {
	{
		echo 'struct shape { int sides; int colour; };'
		cat
	} >a/x.c
	sed '1s/int colour/int weight; &/' a/x.c >b/x.c
	compile a/x.c a.o
	compile b/x.c b.o
	expect_exit 1 kgr-diff a.o b.o
	says 'struct shape: member'
	says "; $1"
}
draw='int draw(int *); __attribute__((noinline)) static int sum(struct shape *s) { draw(&s->sides); return s->sides + s->colour; }'
layout 'it is on stacks alone' <<END
$draw
static inline int twice(struct shape *s) { return sum(s) * 2; }
int square(void) { struct shape s = { 4, 1 }; return sum(&s); }
int pair(void) { struct shape s[2] = { { 4, 1 }, { 4, 2 } }; return twice(&s[0]) + sum(&s[1]); }
END
layout 'kept is one' <<'END'
struct shape kept = { 4, 1 };
END
layout 'count is one' <<END
$draw
int square(void) { static struct shape count = { 4, 1 }; count.colour++; return sum(&count); }
END
layout 'last points to one' <<END
$draw
static struct shape *last;
int square(void) { struct shape s = { 4, 1 }; last = &s; return sum(last); }
int same(void) { return last->sides; }
END
layout 's in square() may point to one anywhere' <<END
$draw
void *malloc(unsigned long);
int square(void) { struct shape *s = malloc(sizeof(*s)); s->sides = 4; return sum(s); }
END
layout 'first of struct drawing is one, or points to one' <<'END'
struct drawing { struct shape *first; } drawing;
END
layout 'sum() is given one, and other files may call it' <<'END'
int sum(struct shape *s) { return s->sides + s->colour; }
END
layout 'clear() is given a pointer to a pointer to one' <<'END'
int draw(void *);
__attribute__((noinline)) static int clear(struct shape **s) { *s = 0; return draw(s); }
int square(void) { return clear(0); }
END
layout 'of() returns one' <<END
$draw
int other(void);
__attribute__((noinline)) static struct shape *of(struct shape *s) { return other() ? s : 0; }
int square(void) { struct shape s = { 4, 1 }; return of(&s)->sides; }
END
layout 'functions that are called by pointers are given one' <<END
$draw
int (*any)(struct shape *s);
int square(void) { struct shape s = { 4, 1 }; return any(&s) + sum(&s); }
END
layout 'sum() is given one, and by refers to it' <<END
$draw
int (*by)() = (int (*)())sum;
int square(void) { struct shape s = { 4, 1 }; return sum(&s); }
END
layout 'sum() is given one, and square refers to it' <<END
$draw
void *malloc(unsigned long);
int square(void) { return sum(malloc(8)); }
END
layout 'square() gives one to twice(), and has none of its own' <<'END'
void *malloc(unsigned long);
static inline int twice(struct shape *s) { return s->colour * 2; }
int square(void) { return twice(malloc(8)); }
END
sed '1s/.*/struct point { int x; }; struct shape { struct point at; int colour; };/; s/s->sides/s->at.x/' >c.c <<'END'

__attribute__((noinline)) static int sum(struct shape *s) { return s->sides + s->colour; }
int square(void) { struct shape s = { { 4 }, 1 }; return sum(&s); }
END
cp c.c a/x.c
sed '1s/int colour/int weight; &/' a/x.c >b/x.c
compile a/x.c a.o
compile b/x.c b.o
expect_exit 1 kgr-diff a.o b.o
says '; from its at one may come back to it (container_of)'

# As the kernel was compiled, and as the patch is: only in one of them the end of a table is where a constant begins.
cat >a/x.c <<'END'
int put(const void *);
int all(void)
{
	static const int table[] = { 3, 4, 3, 4, 5, 6, 7, 8 };
	const int *p;
	int n = put(__func__);
	for (p = table; p != table + 8; p++) n += put(p);
	return n;
}
END
flags='-fno-data-sections -fno-pic -mcmodel=kernel'
compile a/x.c a.o
readelf -sW a.o | grep -q ' 0*20  .* __func__' || fail "nothing begins at the table's end: this tests nothing"
flags='-fno-pic -mcmodel=kernel'
compile a/x.c b.o
expect_exit 0 kgr-diff a.o b.o
flags=

# Clones whose numbers move because there is one more; cold parts, jump tables, and constants of a pool.
flags='-O3 -fno-inline-small-functions'
cat >a/x.c <<'END'
extern int put(int), die(int) __attribute__((cold, noreturn));
struct pair { int a, b; };
static __attribute__((noinline)) int sum(int x, int how, const int *p)
{
	int i, s = 0;
	for (i = 0; i < how; i++) s += put(x) + p[i];
	if (how == 3) s += put(3);
	if (how == 5) s *= put(5);
	return s;
}
int three(int x, const int *p) { return sum(x, 3, p); }
int five(int x, const int *p) { return sum(x, 5, p); }
int any(int x, int n, const int *p) { return sum(x, n, p); }
static __attribute__((noinline)) int first(const struct pair *p) { return put(p->a * 3); }
int of_pair(const struct pair *p) { return first(p) + 1; }
int of_other(const struct pair *p) { return first(p) + 2; }
int rare(int x) { if (__builtin_expect(x == 7, 0)) die(x); return put(x); }
int jump(int x)
{
	switch (x) {
	case 0: return put(3);
	case 1: return put(x + 9);
	case 2: put(2); return 11;
	case 3: return put(8) * 3;
	case 4: return put(put(4));
	case 5: return put(x * x);
	case 6: return put(12) / 3;
	}
	return 0;
}
double quarter(double x) { return x * 3.25; }
double third(double x) { return x * 1.75; }
END
cp a/x.c b/x.c
differs 0 ''
for part in sum.constprop.0 sum.constprop.1 first.isra.0 rare.cold; do
	nm a.o | grep -q " $part\$" || fail "the compiler makes no $part: this tests nothing"
done
readelf -SW a.o | grep -q ' \.rodata\.jump ' || fail "no jump table: this tests nothing"
sed 's/^int three/int seven(int x, const int *p) { return sum(x, 7, p); }\n&/' a/x.c >b/x.c
compile b/x.c b.o
nm b.o | grep -q ' sum.constprop.2$' || fail "no other numbers: this tests nothing"
differs 1 'new function: seven
new function: sum.constprop.N
'
sed 's/put(p->a \* 3)/put(p->a * 5)/' a/x.c >b/x.c
differs 1 'changed function: first.isra.0
'
sed 's/die(x);/die(x + 1);/' a/x.c >b/x.c
differs 1 'changed function: rare
changed function: rare.cold
'
sed 's/case 1:/case 2:/; s/case 2: put/case 1: put/' a/x.c >b/x.c
differs 1 'changed function: jump
'
sed 's/case 2: put(2); return 11;/case 2: return put(x + 9);/' a/x.c >b/x.c
differs 1 'changed function: jump
'
sed 's/3\.25/4.25/' a/x.c >b/x.c
differs 1 'changed function: quarter
'
sed 's/3\.25/1.75/' a/x.c >b/x.c
differs 1 'changed function: quarter
'
sed 's/^double quarter/double half(double x) { return x * 0.7; }\n&/' a/x.c >b/x.c
differs 1 'new function: half
'
flags=
# What a type says besides members: the size of a bit-field, the value of an enumerator, what a typedef is.
cat >a/x.c <<'END'
enum colour { RED, GREEN };
typedef int count_t;
struct flags { unsigned int one : 1, two : 1; enum colour colour; count_t count; };
int uses(struct flags *f) { return f->two + f->colour + f->count; }
END
named() {
	sed "$1" a/x.c >b/x.c
	compile b/x.c b.o
	expect_exit 1 kgr-diff a.o b.o
	says "$2"
}
compile a/x.c a.o
named 's/one : 1/one : 2/' 'struct flags: member'
named 's/RED, GREEN/RED, BLUE, GREEN/' 'enum colour: value'
named 's/typedef int count_t/typedef long count_t/' 'count_t: size 8, was 4'

# Clones and inlined functions: what was compiled differently is what differs.
cat >a/x.c <<'END'
static inline int twice(int x) { return 2 * x; }
static __attribute__((noinline)) int scaled(int x, int by) { return x * by + twice(x); }
int a(int x) { return scaled(x, 3); }
int b(int x) { return twice(x) + 1; }
int c(int x) { return x; }
END
sed 's/2 \* x/3 * x/' a/x.c >b/x.c
differs 1 'changed function: b
changed function: scaled.constprop.0
'

# Without DWARF it says so, once, and goes by names.
compile a/x.c a.o
compile b/x.c b.o
objcopy --strip-debug a.o as.o
objcopy --strip-debug b.o bs.o
expect_exit 1 kgr-diff as.o bs.o
says 'no DWARF'
says 'changed function: b'
expect_exit 1 kgr-diff --json a.o b.o
says '"verdict":"changed"'
# JSON is UTF-8 and there, whatever names are and whatever is wrong.
objcopy --strip-debug --redefine-sym b="$(printf 'b\351')" a.o ae.o
objcopy --strip-debug --redefine-sym b="$(printf 'b\351')" b.o be.o
kgr-diff --json ae.o be.o >json 2>err && fail "they are the same"
iconv -f UTF-8 -t UTF-8 json | grep -qF '"name":"b\\xe9"' || fail "$(cat json)"
kgr-show --json ae.o >json
iconv -f UTF-8 -t UTF-8 json | grep -qF 'b\\xe9 ' || fail "$(cat json)"
for line in 'kgr-diff --json --bad' 'kgr-diff --json a.o' 'kgr-diff --json a.o none.o' 'kgr-show --bad --json' \
	'kgr-show --json none.o' 'kgr-build --json -j 0 x' 'kgr-build --json -p -1 x' 'kgr --json --bad'; do
	expect_exit 2 $line
	says '"outcome":"trouble"'
done
for option in -o -C -n --keep; do
	expect_exit 2 kgr-build $option '' x
	says 'is empty; see kgr-build --help'
done
gcc -O2 -g -gz -ffunction-sections -fno-stack-protector -c -o az.o a/x.c
expect_exit 1 kgr-diff az.o b.o
says 'changed function: b'
objcopy --compress-debug-sections=zlib-gnu a.o az.o
readelf -SW az.o | grep -q zdebug || fail "not compressed in the old way"
expect_exit 1 kgr-diff az.o b.o
says 'changed function: b'

# Sources of other names; older DWARF, another compiler, and debug information that is elsewhere.
mv b/x.c b/y.c
other() {
	"$@" -O2 -ffunction-sections -c -o ao.o a/x.c
	"$@" -O2 -ffunction-sections -c -o bo.o b/y.c
	expect_exit 1 kgr-diff ao.o bo.o
	says 'changed function: b'
	! grep 'gone\|new' out || fail "not matched: $*"
}
other gcc -g
other gcc -gdwarf-4
other gcc -g -fno-function-sections
other gcc -g -fno-function-sections -ftracer
! command -v clang >/dev/null || other clang -g
other gcc -g -gsplit-dwarf
says 'its DWARF in a file of its own (-gsplit-dwarf), matching by the symbol table alone'
gcc -O2 -flto -c -o lto.o a/x.c
expect_exit 2 kgr-diff a.o lto.o
says 'compiled with -flto'
! echo 'int x;' | gcc -m32 -xc -c -o narrow.o - 2>/dev/null || {
	expect_exit 2 kgr-diff a.o narrow.o
	says 'a 32-bit, little-endian object for machine 3'
}

# Wide strings are compared whole, and an address is not a distance.
cat >a/x.c <<'END'
extern int get(const unsigned short *name);
int boot(void) { return get(L"BootNext"); }
END
sed 's/BootNext/BootOrde/' a/x.c >b/x.c
flags=-fshort-wchar
differs 1 'changed function: boot
'
flags=
cat >a/x.c <<'END'
extern int f(void);
asm(".pushsection .rodata.places,\"a\"\n.type places,@object\nplaces: .long f - .\n.size places,4\n.popsection");
extern const int places;
int where(void) { return places; }
END
sed 's/long f - [.]/long f/' a/x.c >b/x.c
differs 1 'changed object: places
'

# What a table says of a function it says of all of its names.
cat >a/x.c <<'END'
int f(int *p)
{
	int x = 0;

	asm volatile("1: movl (%1), %0\n2:\n\t.pushsection __ex_table, \"a\"\n\t.balign 4\n"
		     "\t.long 1b - ., 2b - .\n\t.long 3\n\t.popsection" : "+r" (x) : "r" (p));
	return x;
}
extern int g(int *p) __attribute__((alias("f")));
END
sed 's/long 3/long 1/' a/x.c >b/x.c
differs 1 'changed function: f
changed function: g
'

# Another architecture's objects are read and compared alike.
arm64=$(command -v aarch64-linux-gnu-gcc || command -v aarch64-linux-gnu-gcc-12 || true)
[ -n "$arm64" ] || untested "objects of arm64: there is no compiler for it (Debian: gcc-aarch64-linux-gnu)"

compile_arm64() {
	"$arm64" -O2 -g -fno-pic -fno-stack-protector ${flags:-} -c -o "$2" "$1"
}

# arm64_differs NAMES SED...: what kgr-diff says when a/x.c is edited so
arm64_differs() {
	want=$1
	shift
	sed "$@" a/x.c >b/x.c
	compile_arm64 a/x.c a.o
	compile_arm64 b/x.c b.o
	rc=0
	kgr-diff a.o b.o >full 2>err || rc=$?
	got=$(sed -e 's/ (.*//' -e 's/\.[0-9]*$//' -e 's/ \(function\|object\): /:/' full | tr '\n' ' ')
	[ "$got" = "$want" ] && [ $rc = "$([ -z "$want" ] && echo 0 || echo 1)" ] || {
		cat full err
		fail "arm64, $flags, $*: exit $rc, $got; wanted $want"
	}
	echo "ok: arm64, $flags: $* gives ${got:-nothing}"
}

if [ -n "$arm64" ]; then
	cat >a/x.c <<'END'
extern int printf(const char *, ...);
static int seen;
int state[4];
int fourth(int x);
__attribute__((noinline)) static int helper(int x) { static int n; n += x; return n; }
__attribute__((noinline, section(".sched.text"))) static int near(int x) { return x * ++seen; }
__attribute__((noinline, section(".sched.text"))) static int far(int x) { return x - ++seen; }
__attribute__((section(".sched.text"))) int calls(int x) { return near(x) + near(x + 1) + far(x); }
int first(int x) { printf("first %d\n", x); return helper(x); }
int second(int x) { seen++; return helper(x + 1); }
const char *third(void) { return __func__; }
int fourth(int x) { switch (x) { case 1: return 7; case 2: return 3; case 3: return 9;
	case 4: return 12; case 5: return 1; } return 0; }
int jump(int x)
{
	switch (x) {
	case 0: printf("a"); return 3;
	case 1: return printf("b %d", x);
	case 2: return helper(4) + 9;
	case 3: return printf("c%d", 3) * 3;
	case 4: return helper(helper(4));
	case 5: return printf("d%d", x * x);
	}
	return seen;
}
int *where(void) { return &state[2]; }
int loop(int n) { int s = 0; while (n--) if (n & 8) s += helper(n); return s; }
double quarter(double x) { return x * 3.26; }
END
	flags='-ffunction-sections -fdata-sections'
	arm64_differs '' -e ''
	readelf -rW a.o >relocations
	for type in ADR_PREL_PG_HI21 ADD_ABS_LO12_NC LDST64_ABS_LO12_NC CALL26 JUMP26; do
		grep -q "R_AARCH64_$type" relocations || fail "no R_AARCH64_$type: this tests nothing"
	done
	arm64_differs 'changed:second ' -e 's/helper(x + 1)/helper(x + 2)/'
	# A string and a constant that lie elsewhere, by what is new before them.
	arm64_differs 'new:zero ' -e 's/^int first/int zero(void) { return printf("zero"); }\n&/'
	arm64_differs 'new:half ' -e 's/^double quarter/double half(double x) { return x * 0.7; }\n&/'
	arm64_differs 'changed:first ' -e 's/first %d/First %d/'
	arm64_differs 'changed:quarter ' -e 's/3\.26/4.26/'
	# Another callee, in another section and in the same; the callee itself; a new one.
	arm64_differs 'changed:second ' -e 's/seen++; return helper(x + 1)/seen++; return fourth(x + 1)/'
	arm64_differs 'changed:calls ' -e 's/near(x + 1) + far(x); }/far(x + 1) + far(x); }/'
	arm64_differs 'changed:far ' -e 's/x - ++seen/x + 3 - ++seen/'
	arm64_differs 'changed:second new:added ' \
		-e 's/^int second/__attribute__((noinline)) static int added(int x) { return printf("%d", x) + 1; }\n&/' \
		-e 's/seen++; return/seen++; x = added(x); return/'
	# adrp and add: another place in the same object.
	arm64_differs 'changed:where ' -e 's/&state\[2\]/\&state[3]/'
	# What a switch reads: numbers, and where it goes.
	arm64_differs 'changed:fourth changed:CSWTCH ' -e 's/case 3: return 9/case 3: return 8/'
	arm64_differs 'changed:jump ' -e 's/case 1: return printf/case 2: return printf/' \
		-e 's/case 2: return helper/case 1: return helper/'
	arm64_differs 'changed:loop ' -e 's/n & 8/n \& 16/'
	# One section for all: the assembler resolves what stays in it, and section anchors reach the variables.
	flags=
	arm64_differs '' -e ''
	readelf -rW a.o | grep -q 'R_AARCH64_ADR_PREL_PG_HI21.* \.bss' || fail "no section anchor: this tests nothing"
	arm64_differs 'changed:far ' -e 's/x - ++seen/x + 3 - ++seen/'
	arm64_differs 'changed:calls ' -e 's/near(x + 1) + far(x); }/far(x + 1) + far(x); }/'
	arm64_differs 'changed:loop ' -e 's/n & 8/n \& 16/'
	# Another variable, which the compiler puts where the first one was: the instructions stay as they were.
	cat >a/x.c <<'END'
static int one __attribute__((used)), two __attribute__((used)), three __attribute__((used));
int sum(void) { return ++two + one; }
END
	arm64_differs 'changed:sum ' -e 's/+ one/+ three/'
	objdump=${arm64%gcc*}objdump
	"$objdump" -d a.o | tail -n +4 >a.text
	"$objdump" -d b.o | tail -n +4 | cmp -s a.text - || fail "the instructions differ: this tests nothing"

	flags=-mcmodel=large
	compile_arm64 a/x.c large.o
	expect_exit 2 kgr-diff large.o large.o
	says 'an address among the code, at .text+0x'
	flags=-mbig-endian
	compile_arm64 a/x.c big.o
	expect_exit 2 kgr-diff big.o big.o
	says 'a 64-bit, big-endian object for machine 183; supported are'
	flags=
	# What no compiler makes is refused, and so is one object of each kind.
	printf '.text\n.type f,%%function\nf: .inst 0x02001234\nret\n.size f,.-f\n' >odd.s
	"$arm64" -c -o odd.o odd.s
	expect_exit 2 kgr-diff odd.o odd.o
	says 'f+0x0: the instruction 0x02001234 is not understood'
	gcc -O2 -g -c -o ax.o a/x.c
	expect_exit 2 kgr-diff ax.o a.o
	says 'compare two objects of one architecture'
	expect_exit 0 kgr-show a.o
	says 'function     sum .text+0x'
	says 'x.c:2'
	cp a.o arm64.o
	compile a/x.c a.o
fi

# Section numbers from 0xff00 on do not fit into a symbol: they stand in a section of their own.
many() {
	awk -v changed="$1" 'BEGIN {
		for (i = 0; i < 66600; i++)
			printf ".section .text.f%d,\"ax\",@progbits\n.globl f%d\n.type f%d,@function\n" \
				"f%d: movl $%d, %%eax\nret\n.size f%d, .-f%d\n",
				i, i, i, i, i == changed ? 1 : 0, i, i
	}' | as -o "$2" -
}
many -1 many-a.o
for n in 66500 500; do
	many $n many-b.o
	expect_exit 1 kgr-diff many-a.o many-b.o
	says "changed function: f$n "
	[ "$(grep -c '^changed' out)" = 1 ] || fail "more than f$n: $(head -n 3 out)"
done
expect_exit 0 kgr-show many-b.o
says 'f66599 .text.f66599+0x0'
expect_exit 2 kgr load many-b.o
says 'many-b.o: not a kernel module'

# What is no object, or not whole, is told so; under the sanitizers too.
PATH=$KGR_SANITIZED:$PATH
export ASAN_OPTIONS=detect_leaks=1
expect_exit 2 kgr-diff a.o
expect_exit 2 kgr-diff a.o missing.o
expect_exit 2 kgr-diff a.o a/x.c
strip -o stripped.o a.o
expect_exit 2 kgr-diff a.o stripped.o
size=$(stat -c %s a.o)
for n in $(seq 0 97 "$size"); do
	head -c "$n" a.o >cut.o
	rc=0
	kgr-diff a.o cut.o >out 2>&1 || rc=$?
	[ $rc -le 2 ] || fail "cut at $n: exit $rc: $(tail -n 3 out)"
done
expect_exit 0 kgr-show a.o
[ ! -f arm64.o ] || {
	expect_exit 0 kgr-show arm64.o
	expect_exit 1 kgr-diff --json arm64.o b.o
}
for n in $(seq 16 41 $((size - 1))); do
	cp a.o bit.o
	byte=$(od -An -tu1 -j "$n" -N1 a.o)
	printf "\\$(printf %03o $((byte ^ 1 << n % 8)))" |
		dd of=bit.o bs=1 seek="$n" conv=notrunc 2>/dev/null
	rc=0
	timeout 20 kgr-diff a.o bit.o >out 2>&1 || rc=$?
	[ $rc -le 2 ] || fail "bit turned over in byte $n: exit $rc: $(tail -n 3 out)"
done
