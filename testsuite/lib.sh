# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests share. A test is a script that sources this, exits 0 if it passed and 77 if it was
# skipped; its output is its log.
set -eu

top=$KGR_SRCDIR
tests=$top/testsuite
PATH=$KGR_STAGE/bin:$PATH
export PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/kgraft-test.XXXXXX")
trap finish EXIT
trap 'exit 130' INT TERM

# The last lines of a log say what was left out, whatever else is in it; make check gathers them (times).
finish() {
	[ ! -e "$work/untested" ] || cat "$work/untested"
	rm -rf "$work"
}

# untested TEXT: a part of the test is left out, as this host lacks something; where all of it is, skip
untested() {
	echo "NOT TESTED: $*" >>"$work/untested"
}

fail() {
	echo "FAIL: $*"
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 77
}

# expect_exit CODE COMMAND...: run it, its output goes to $work/out as well
expect_exit() {
	code=$1
	shift
	rc=0
	"$@" >"$work/out" 2>&1 || rc=$?
	cat "$work/out"
	[ "$rc" = "$code" ] || fail "$*: exit $rc instead of $code"
}

# says TEXT: the output of the last expect_exit contains it
says() {
	grep -qF -- "$1" "$work/out" || fail "it does not say \"$1\""
}

# The series of kernels whose source is installed: the oldest one, on which tests run if they do not say which, and the newest
# one. KGR_TEST_SERIES=6.12 in the environment makes it both.
all_series=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.xz' 2>/dev/null | sed 's/.*linux-source-//; s/\.tar\.xz$//' | sort -V)
oldest=${KGR_TEST_SERIES:-$(echo "$all_series" | head -n 1)}
newest=${KGR_TEST_SERIES:-$(echo "$all_series" | tail -n 1)}

# test_kernel [NAME [SERIES]]: the build directory of a recorded test kernel, in $kernel; its source in $src
test_kernel() {
	set -- "${1:-small}" "${2:-$oldest}"
	[ -n "$2" ] || skip "no linux-source is installed"
	[ -f "/usr/src/linux-source-$2.tar.xz" ] || skip "linux-source-$2 is not installed"
	kernel=$("$tests/kernel/build" --config "$1" --series "$2")
	src=$(readlink -f "$kernel/source")
	# Compiles the runtime again only if it changed.
	kgr-init "$kernel" >/dev/null
}

# needs_later_kernel: what 6.1 does not have, or what its test kernel lacks (kernel/later.config)
needs_later_kernel() {
	[ -n "$newest" ] || skip "no linux-source is installed"
	[ "$newest" != 6.1 ] || skip "of linux-source only 6.1 is installed, and this needs a later one"
}

# edits_6_1: what is edited is of that source
edits_6_1() {
	[ "$oldest" = 6.1 ] || skip "what it edits is of linux-source-6.1, and the oldest one here is ${oldest:-none}"
}

# debug_kernel: the test kernel of that name, of the newest series; there is one only
debug_kernel() {
	oldest=$newest
	test_kernel debug
}

# own_kernel: from now on $kernel is a copy of this test's own, and $original the one that all use, which nobody changes. Their
# files are the same ones, by hard links: take one away, or put another in its place, but never write into it.
own_kernel() {
	original=$kernel
	kernel=$work/own
	cp -al "$original" "$kernel" 2>/dev/null || { rm -rf "$kernel"; cp -a "$original" "$kernel"; }
	# What it finds out names the directory.
	kgr-init "$kernel" >/dev/null
}

# away FILE...: these files of the own kernel are not there, until they are back
away() {
	for file; do
		mkdir -p "$work/away/$(dirname "$file")"
		mv "$kernel/$file" "$work/away/$file"
	done
}

# instead FILE <CONTENT: something else stands in that file's place, until it is back
instead() {
	away "$1"
	cat >"$kernel/$1"
}

# back: all files of the own kernel are there again
back() {
	(cd "$work/away" && find . ! -type d -exec mv -f {} "$kernel/{}" ';')
	rm -r "$work/away"
}

# has_libbpf: can programs for the guest use it?
has_libbpf() {
	[ -f /usr/include/bpf/libbpf.h ]
}

# refused CODE TEXT [OPTION...]: ./x.diff makes no module in $kernel, and why is said
refused() {
	code=$1
	text=$2
	shift 2
	expect_exit "$code" kgr-build "$@" -C "$kernel" -o out.ko x.diff
	says "$text"
	[ ! -e out.ko ] || fail "a module all the same"
}

# edit FILE SED-SCRIPT >DIFF: a change to a file of the source in $src, as a diff; uses ./a and ./b
edit() {
	mkdir -p "a/$(dirname "$1")" "b/$(dirname "$1")"
	cp "$src/$1" "a/$1"
	sed "$2" "$src/$1" >"b/$1"
	! cmp -s "a/$1" "b/$1" || fail "nothing edited in $1" >&2
	diff -u "a/$1" "b/$1" || true
}

# copies FILE...: into ./a as they are in $src and ./b to be changed
copies() {
	rm -rf a b
	for file; do
		for tree in a b; do
			mkdir -p "$tree/$(dirname "$file")"
			cp "$src/$file" "$tree/$file"
		done
	done
}

# diff_to NAME: NAME.diff, which makes ./b of ./a
diff_to() {
	! diff -ruN a b >"$1.diff" || fail "nothing changed"
}

# build_fix NAME: $work/kgraft-NAME.ko from testsuite/fixes/NAME.diff
build_fix() {
	kgr-build -C "$kernel" -o "$work/kgraft-$1.ko" "$tests/fixes/$1.diff"
}

# copy_program FILE: into the guest's /bin, with the libraries that it needs
copy_program() {
	cp "$(command -v "$1")" "$guest/bin/"
	for lib in $(ldd "$(command -v "$1")" | grep -o '/[^ ]*'); do
		mkdir -p "$guest$(dirname "$lib")"
		cp -nL "$lib" "$guest$lib"
	done
}

# new_guest: an empty root for a guest in $guest; put files there, then boot
new_guest() {
	guest=$work/guest
	rm -rf "$guest"
	mkdir -p "$guest"/bin "$guest"/proc "$guest"/sys "$guest"/dev "$guest"/tmp "$guest"/etc
	cp "$(command -v busybox)" "$guest/bin/busybox"
	install -m 0755 "$tests/guest/init" "$guest/init"
	cp "$tests/guest/lib.sh" "$guest/lib.sh"
	guest_program probe
	copy_program kgr
}

# guest_program NAME [LIBRARY...]: compile testsuite/guest/NAME.c into the guest's /bin
guest_program() {
	program=$1
	shift
	gcc -static -O2 -o "$guest/bin/$program" "$tests/guest/$program.c" -lpthread "$@"
}

# torture_guest STAGE: a guest with the patch of the torture functions, made by the kgraft installed
# in STAGE
torture_guest() {
	"$1/bin/kgr-build" -C "$kernel" -o "$work/kgraft-torture.ko" "$tests/patches/torture.diff"
	new_guest
	guest_program torture
	cp "$work/kgraft-torture.ko" "$guest/"
}

# compile_modules DIR: the modules whose source is there, for $kernel
compile_modules() {
	make -s -C "$kernel" M="$1" modules >"$work/said" 2>&1 || {
		cat "$work/said"
		fail "the modules of $1 do not compile"
	}
}

# livepatch_guest: a guest with two patches of torture_leaf(), kgraft's and the kernel's own kgr_klp
livepatch_guest() {
	cp -r "$tests/livepatch" "$work/klp"
	compile_modules "$work/klp"
	kgr-build -C "$kernel" -o "$work/kgraft-leaf.ko" "$tests/patches/leaf.diff" >/dev/null
	new_guest
	guest_program sleepers
	cp "$work/kgraft-leaf.ko" "$work/klp/kgr_klp.ko" "$guest/"
}

# What a kernel says when something is wrong with it.
complaints='BUG:|WARNING:|Oops|general protection|possible .* deadlock|suspicious RCU|INFO: task|rcu:.*(stall|detected)|Call Trace|Kernel panic'

# pack_guest: $guest as $work/initrd.gz
pack_guest() {
	(cd "$guest" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd.gz"
}

# boot [KERNEL]: boot $guest with the test script on standard input, and see that it went well. The
# console is in $work/console.
boot() {
	{
		echo '. /lib.sh'
		cat
	} >"$guest/test.sh"
	pack_guest
	run_guest "${1:-$kernel}"
	check_console
}

# One host thread for all virtual CPUs: with several, QEMU 7.2 now and then keeps the translation of
# the int3 that was on its way to becoming a call, and whoever comes by loops there for ever, while
# memory has the call (seen in its monitor).
#
# A soft lockup ends the guest, and says where. Four levels of page tables: identify_cpu() forgets for a
# moment that there are five, and KASAN takes an interrupt's addresses for wild ones then.
# Booted again if the kernel took its timer for broken, twice at most: a slow one always does, and gets by.
run_guest() {
	for timer in needed needed any; do
		run_guest_once "$1" $timer
		grep -q '^GUEST-WITHOUT-TIMER' "$work/console" || return 0
		echo "the guest has no timer: once more"
	done
}

# run_guest_once KERNEL needed|any: is the timer needed? The guest's init learns that by its environment. Before compilers, if that
# is permitted: a guest that waits for a processor takes its timer for broken.
run_guest_once() {
	before=
	[ "$(nice -n -10 nice 2>/dev/null)" != -10 ] || before='nice -n -10'
	timeout "${BOOT_TIMEOUT:-300}" $before qemu-system-x86_64 -accel tcg,thread=single -cpu max \
		-smp "${BOOT_CPUS:-2},sockets=${BOOT_CPUS:-2}" -m "${BOOT_MEMORY:-512}" \
		-kernel "$1/arch/x86/boot/bzImage" -initrd "$work/initrd.gz" \
		-append "console=ttyS0 panic=-1 quiet tsc=reliable no_timer_check softlockup_panic=1 no5lvl timer=$2 ${BOOT_ARGS:-}" \
		-display none -monitor none -serial stdio -no-reboot -net none ${BOOT_OPTIONS:-} \
		</dev/null >"$work/console" 2>&1 || true
}

# measure FIRST [ARGS]: run $guest, whose /test.sh is there, with one CPU on which an instruction takes one
# nanosecond, and print from the line that begins with FIRST
measure() {
	pack_guest
	timeout 580 qemu-system-x86_64 -accel tcg -icount shift=0,sleep=off -cpu max -m 6144 \
		-kernel "$kernel/arch/x86/boot/bzImage" -initrd "$work/initrd.gz" \
		-append "console=ttyS0 panic=-1 quiet tsc=reliable ${2:-}" -display none -monitor none \
		-serial stdio -no-reboot -net none </dev/null 2>/dev/null |
		sed -un "s/\r//; /^$1/,/^GUEST-EXIT/p" | grep --line-buffered -v 'GUEST-EXIT\|loaded$'
}

check_console() {
	sed -e 's/\r//g' "$work/console" | grep -v '^SeaBIOS\|^iPXE\|^Booting' || true
	if grep -aE "$complaints" "$work/console"; then
		fail "the guest's kernel complains"
	fi
	grep -q '^GUEST-EXIT 0' "$work/console" || fail "the guest did not end well"
}

# fix_test NAME [CONFIG [SERIES]]: the whole way of one fix, under load
fix_test() {
	# Of all others only 6.1's source is without (kernel/build).
	[ "$1" = prctl-auxv ] || [ "${3:-$oldest}" = 6.1 ] || skip "linux-source-${3:-$oldest} has this fix"
	test_kernel "${2:-small}" ${3:+"$3"}
	build_fix "$1"
	new_guest
	cp "$work/kgraft-$1.ko" "$guest/"
	boot <<END
expect buggy probe $1
busy $1
patch_in $1
expect fixed probe $1
kgr status
patch_out $1
expect buggy probe $1
patch_in $1
expect fixed probe $1
patch_out $1
expect buggy probe $1
END
}

# coexist_guest: a guest with three patches of umask(), livepatch's, and all who may use that function (testsuite/coexist)
coexist_guest() {
	new_guest
	cp -r "$tests/coexist" "$work/coexist"
	compile_modules "$work/coexist"
	(
		cd "$work"
		for n in one:0x1000 two:0x2000 three:0x4000; do
			edit kernel/sys.c "/^SYSCALL_DEFINE1(umask/,/^}/s/return mask;/return mask | ${n#*:};/" >${n%:*}.diff
			kgr-build -C "$kernel" -o kgraft-${n%:*}.ko ${n%:*}.diff >/dev/null
		done
		cp kgraft-*.ko coexist/*.ko "$guest/"
	)
	guest_program ask-umask
	guest_program bpf-user $(pkg-config --libs --static libbpf)
	cp "$tests/coexist/guest.sh" "$guest/coexist.sh"
}
