# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-init and the targets that it gives a build directory.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
own_kernel
cd "$work"
cp "$tests/fixes/siocatmark.diff" .

expect_exit 0 make -s -C "$kernel" kgraft-patch PATCH="$work/siocatmark.diff"
says 'replaced unix_ioctl'
[ -f "$kernel/kgraft-siocatmark.ko" ] || fail "no module"
mv "$kernel/kgraft-siocatmark.ko" from-make.ko
expect_exit 0 kgr-build -C "$kernel" siocatmark.diff
cmp from-make.ko kgraft-siocatmark.ko
expect_exit 2 make -s -C "$kernel" kgraft-patch
says 'PATCH=file.diff is missing'
expect_exit 0 make -s -C "$kernel" kernelrelease
expect_exit 0 kgr-build -C "$kernel" -n two siocatmark.diff "$tests/fixes/prctl-auxv.diff"
says 'replaced unix_ioctl'
says 'replaced prctl_set_auxv'
[ -f kgraft-two.ko ] || fail "no module"

# The module carries its diff and its report.
kgr-show --diff from-make.ko | cmp - siocatmark.diff
kgr-show from-make.ko | grep "^replaced *unix_ioctl (size" || fail "no report in the module"
expect_exit 2 kgr-show --diff "$kernel/net/unix/af_unix.o"
says 'it has no section'

# A compressed module says the same.
kgr-show from-make.ko >plain
for program in gzip xz zstd; do
	command -v $program >/dev/null || { untested "modules that are compressed by $program: it is not installed"; continue; }
	case $program in gzip) suffix=gz ;; zstd) suffix=zst ;; *) suffix=$program ;; esac
	$program -c from-make.ko >packed.ko.$suffix
	kgr-show packed.ko.$suffix | cmp - plain
	kgr-show --diff packed.ko.$suffix | cmp - siocatmark.diff
	head -c 1000 packed.ko.$suffix >cut.ko.$suffix
	expect_exit 2 kgr-show cut.ko.$suffix
	says "cut.ko.$suffix cannot be unpacked: $program failed"
done

# Without what kgr-init prepared a patch comes out the same, only later; and nothing is compiled by what is
# called gcc today, but by the compiler of the records.
expect_exit 0 kgr-init --remove "$kernel"
[ ! -e "$kernel/GNUmakefile" ] && [ ! -e "$kernel/.kgraft" ] || fail "not removed"
mkdir other
printf '#!/bin/sh\necho "another compiler" >&2\nexit 1\n' >other/gcc
chmod +x other/gcc
expect_exit 0 env PATH="$work/other:$PATH" kgr-build -C "$kernel" -o slow.ko siocatmark.diff
cmp from-make.ko slow.ko
[ ! -e "$kernel/.kgraft" ] || fail "a patch build wrote into the build directory"
echo all: >"$kernel/GNUmakefile"
expect_exit 2 kgr-init "$kernel"
says 'not from kgr-init'
expect_exit 2 kgr-init --remove "$kernel"
rm "$kernel/GNUmakefile"
# What is in the cache's place and none is not taken away.
echo mine >"$kernel/.kgraft"
expect_exit 2 kgr-init "$kernel"
says ".kgraft cannot be made: File exists; move it away first"
grep -q mine "$kernel/.kgraft"
rm "$kernel/.kgraft"
expect_exit 0 kgr-init "$kernel"
expect_exit 2 kgr-init "$work"
says 'not a kernel build directory'

for program in kgr-build kgr-adopt kgr-upgrade kgr-diff kgr-prove kgr-show kgr-init kgr-rpm kgr; do
	expect_exit 0 $program --version
	says "$program "
	expect_exit 0 $program --help
	says Usage
done
