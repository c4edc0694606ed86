# SPDX-License-Identifier: GPL-3.0-or-later
# Packages that are not of one kernel, and what else keeps one from being adopted: nothing is made of it. The packages are made
# here, as small as they can be.
. "$KGR_SRCDIR/testsuite/lib.sh"
command -v dpkg-deb >/dev/null || skip "dpkg-deb is not installed"
cd "$work"
release=6.1.0-99-cloud-amd64
version=6.1.99-1
id="#1 SMP Debian $version (2026-01-01)"

# deb NAME [DEPENDS]: packages/NAME.deb of the directory NAME, which says to need $size KB
size=1
deb() {
	mkdir -p "$1/DEBIAN" packages
	cat >"$1/DEBIAN/control" <<-END
		Package: $1
		Version: $version
		Architecture: all
		Installed-Size: $size
		Maintainer: nobody <nobody@localhost>
		Description: a test
		Depends: ${2:-dpkg}
	END
	dpkg-deb -Znone -b "$1" "packages/$1.deb" >/dev/null
}

# vmlinux BANNER: the debug package's
vmlinux() {
	printf 'const char linux_banner[] = "%s\\n";\n' "$1" |
		gcc -x c -g -nostdlib -static -no-pie -Wl,--build-id,-e0 -o "$debug/boot/vmlinux-$release" -
}

# module FILE TEXT: one with a build-id, which is that of its content
module() {
	mkdir -p "$(dirname "$1")"
	printf 'char text[] = "%s";\n' "$2" | gcc -g -x c -c -o module.o -
	ld -r --build-id -o "$1" module.o
}

headers=linux-headers-$release/usr/src/linux-headers-$release
image=linux-image-$release
debug=linux-image-$release-dbg/usr/lib/debug
make_all() {
	mkdir -p "$headers/include/generated" "$headers/include/config" "$headers/arch/x86/include/generated" "$image/boot" "$debug/boot" \
		linux-kbuild-6.1/usr/lib/linux-kbuild-6.1/scripts linux-kbuild-6.1/usr/lib/linux-kbuild-6.1/tools \
		linux-source-6.1/usr/src source
	echo "#define UTS_RELEASE \"$release\"" >"$headers/include/generated/utsrelease.h"
	printf 'CONFIG_%s=y\n' X86_64 MODULES DYNAMIC_FTRACE_WITH_ARGS KALLSYMS >"$headers/.config"
	grep -v CONFIG_CC "$headers/.config" >"$image/boot/config-$release"
	# What the boot loader reads: Documentation/x86/boot.rst.
	{
		head -c 514 /dev/zero
		printf HdrS
		head -c 8 /dev/zero
		printf '\000\001'
		head -c 240 /dev/zero
		printf '%s (nobody) %s\000' "$release" "$id"
	} >"$image/boot/vmlinuz-$release"
	vmlinux "Linux version $release (nobody) (gcc) $id"
	module "$image/lib/modules/$release/kernel/fs/some.ko" one
	module "$debug/lib/modules/$release/kernel/fs/some.ko" one
	printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 99\n' >source/Makefile
	sed -i '1s/^/# a test\n/' source/Makefile
}

all() {
	rm -rf linux-* packages source
	[ -d whole ] || { make_all && mkdir whole && cp -a linux-* source whole; }
	cp -a whole/. .
}

debs() {
	tar -cJf linux-source-6.1/usr/src/linux-source-6.1.tar.xz source
	deb "linux-headers-$release" "linux-kbuild-6.1 (>= $version)"
	deb "linux-image-$release"
	deb "linux-image-$release-dbg"
	deb linux-kbuild-6.1
	deb linux-source-6.1
}

nothing_stays() {
	[ ! -e new ] && [ -z "$(find . -name 'kgr.*')" ] || fail "something stays of it"
}

# bad CODE TEXT
bad() {
	debs
	expect_exit "$1" kgr-adopt "$release" -o new --packages packages
	says "$2"
	nothing_stays
	all
}

# All is of one kernel, up to the compiler: of another major version, not there, not said.
all
mkdir bin
cat >bin/gcc-odd <<'END'
#!/bin/sh
echo "gcc-odd (Nobody) 3.2.1"
END
chmod +x bin/gcc-odd
export KGR_CC="$work/bin/gcc-odd"
bad 1 "is \"GCC: (Nobody) 3.2.1\"; install the package gcc-"
KGR_CC=$work/bin/no-gcc
bad 2 "no-gcc is not installed, and the kernel was compiled with it (GCC: "
unset KGR_CC
objcopy -R .comment "$debug/boot/vmlinux-$release"
bad 1 "does not say which gcc compiled it"

sed -i 's/-99-/-98-/' "$headers/include/generated/utsrelease.h"
bad 1 "utsrelease.h is not that of $release"
sed -i 's/99/98/' source/Makefile
bad 1 "it is the source of 6.1.98, not of $version"
echo CONFIG_C=y >>"$image/boot/config-$release"
bad 1 "these are the headers of another kernel"
rm "$image/boot/config-$release"
bad 1 "is it the right package?"

# The debug package of another version, of another build, and one of which DWARF alone is left.
vmlinux "Linux version $release (nobody) (gcc) #1 SMP Debian 6.1.98-1 (2025-12-01)"
bad 1 "is it the debug package of another one?"
vmlinux "Linux version $release (nobody) (gcc) #2 SMP Debian $version (2026-01-02)"
bad 1 "is another build than"
strip "$debug/boot/vmlinux-$release"
bad 2 "it has no symbol table"
module "$debug/lib/modules/$release/kernel/fs/some.ko" two
bad 1 "are of different builds: their build-ids are"
rm -r "$debug/lib/modules"
bad 1 "has no counterpart with DWARF"
rm -r "$image/lib/modules"
bad 1 "it has no modules, and"

# Modules that are packed are unpacked to be compared.
xz "$image/lib/modules/$release/kernel/fs/some.ko"
module "$debug/lib/modules/$release/kernel/fs/some.ko" two
bad 1 "are of different builds: their build-ids are"
echo nothing >"$image/lib/modules/$release/kernel/fs/other.ko.xz"
bad 2 "xz failed"

# An image that is three packages, as from Debian 14 on: up to the compiler, and without one of them.
three() {
	dir=usr/lib/modules/$release
	mkdir -p "linux-base-$release/$dir" "linux-binary-$release/$dir" "linux-modules-$release/usr/lib/modules"
	mv "$image/boot/config-$release" "linux-base-$release/$dir/config"
	mv "$image/boot/vmlinuz-$release" "linux-binary-$release/$dir/vmlinuz"
	mv "$image/lib/modules/$release" "linux-modules-$release/usr/lib/modules/"
	debs
	parts=linux-base
	for part in base binary modules; do
		deb "linux-$part-$release"
		parts="$parts, linux-$part-$release (= $version)"
	done
	deb "linux-image-$release" "$parts"
}
three
expect_exit 2 env KGR_CC="$work/bin/no-gcc" kgr-adopt "$release" -o new --packages packages
says "no-gcc is not installed, and the kernel was compiled with it (GCC: "
nothing_stays
rm "packages/linux-modules-$release.deb"
expect_exit 2 kgr-adopt "$release" -o new --packages packages
says "there is no linux-modules-$release of version $version; put its .deb there"
nothing_stays
all

# A package that is cut short is named, and the disk is not. Of damaged ones dpkg-deb's words are what is known.
debs
debug_deb=packages/linux-image-$release-dbg.deb
cut_short() {
	head -c "$1" "$debug_deb" >cut
	mv cut "$debug_deb"
	expect_exit 2 kgr-adopt "$release" -o new --packages packages
	says "$work/$debug_deb"
	says "$2"
	says "dpkg-deb: error: "
	! grep -q 'disk\|MB' "$work/out" || fail "that is not known"
	nothing_stays
}
cut_short 12000 "cannot be unpacked; if it is cut short or damaged, get it again"
cut_short 60 "it is no Debian package, or not all of it is there"

# Configurations of which nothing can be patched, whatever the release says; before the rest is unpacked.
all
echo CONFIG_PREEMPT_RT=y >>"$headers/.config"
rm -r "$debug/lib"
bad 1 "the kernel has CONFIG_PREEMPT_RT=y: interrupts are threads there; take another flavour"
sed -i /X86_64/d "$headers/.config"
bad 1 "the kernel has CONFIG_X86_64 off: only x86-64 is supported; take another flavour"
for rt in 6.1.0-99-rt-amd64 6.1.0-rt5-amd64 6.1.99-rt5; do
	expect_exit 1 kgr-adopt $rt -o new
	says "$rt has CONFIG_PREEMPT_RT"
done
expect_exit 2 kgr-adopt 6.1.0-99-rtos-amd64 -o new --packages bin
says "there is no linux-headers-6.1.0-99-rtos-amd64"

# Two versions of the headers, and two files of another package: none of them is chosen. Of others the version decides.
other() {
	cp -r "$1" kept
	version=6.1.98-1 deb "$1" "${2:-}"
	mv "packages/$1.deb" "packages/linux-a-$1.deb"
	rm -r "$1"
	mv kept "$1"
}
other "linux-headers-$release" "linux-kbuild-6.1 (>= 6.1.98-1)"
bad 1 "$work/packages/linux-a-linux-headers-$release.deb (6.1.98-1) and $work/packages/linux-headers-$release.deb ($version) are both linux-headers-$release; leave one of them there"
other linux-kbuild-6.1
sed -i 's/-99-/-98-/' "$headers/include/generated/utsrelease.h"
bad 1 "utsrelease.h is not that of $release"
debs
cp packages/linux-kbuild-6.1.deb packages/linux-kbuild-again.deb
bad 1 "$work/packages/linux-kbuild-6.1.deb ($version) and $work/packages/linux-kbuild-again.deb ($version) are both linux-kbuild-6.1"

# Of kbuild a later version will do, if the headers say so, and no earlier one. (What is wrong in the headers comes after that.)
# kbuild CODE TEXT VERSION DEPENDS
kbuild() {
	sed -i 's/-99-/-98-/' "$headers/include/generated/utsrelease.h"
	debs
	version=$3 deb linux-kbuild-6.1
	deb "linux-headers-$release" "bison, linux-kbuild-6.1 ($4), perl"
	expect_exit "$1" kgr-adopt "$release" -o new --packages packages
	says "$2"
	nothing_stays
	all
}
kbuild 1 "utsrelease.h is not that of $release" 6.1.100-1 ">= $version"
kbuild 1 "linux-kbuild-6.1.deb is older than $work/packages/linux-headers-$release.deb takes: put linux-kbuild-6.1 of version $version, or a later one, there" 6.1.98-1 ">= $version"
kbuild 1 "linux-kbuild-6.1.deb is of another version than" 6.1.100-1 "= $version"

# Places where nothing can be made, before anything is unpacked.
place() {
	expect_exit 2 kgr-adopt "$release" -o "$1" --packages packages
	says "$2"
	says "choose another place with -o"
	! grep -q TMPDIR "$work/out" || fail "kgr-adopt sets TMPDIR itself"
	nothing_stays
}
place "dir/a b" "$work/dir/a b: Kbuild cannot work in a directory with ' ' in its name"
place "dir/a:b/new" "$work/dir/a:b/new: Kbuild cannot work in a directory with ':' in its name"
[ ! -e dir ] || fail "it was made all the same"
mkdir "b c"
ln -s "b c" b-c
place b-c/new "$work/b c: Kbuild cannot work in a directory with ' ' in its name"
[ -z "$(ls "b c")" ] || fail "it was made all the same"
place /proc/x "/proc: no temporary directory can be made there"
echo mine >file
place file "$work/file is there already, and it is no directory; move it away"
place file/new "$work/file cannot be made"
expect_exit 2 kgr-adopt "$release" -o new --packages file
says "; --packages takes the directory that has the packages' files"
ln -s nowhere link
place link "$work/link is there already, and it is no directory; move it away"
[ "$(cat file)" = mine ] && [ -L link ] || fail "it is not there any more"

# All goes well until kgr-init does not take what was made.
cat >>source/Makefile <<'END'
export srctree := $(realpath source)
modules:
	-$(MAKE) -f $(M)/Kbuild
END
mkdir source/scripts
printf '%%:\n\t@:\n' >source/scripts/Makefile.build
: >source/scripts/Makefile.vmlinux_o
bad 2 "kgr-init failed"

# The archive's packages: a program serves those that are here, and writes down which.
cat >bin/apt-get <<'END'
#!/bin/sh
shift 2
for name; do
	echo "${name%%=*}" >>"$SERVED/served"
	echo "$name" >>"$SERVED/asked"
	cp "$SERVED/packages/${name%%=*}.deb" "${name%%=*}_some.deb" || exit
done
END
cat >bin/apt-cache <<'END'
#!/bin/sh
[ "$1" != madison ] || printf ' %s | %s | an archive\n' linux-kbuild-6.1 6.1.105-1 linux-kbuild-6.1 6.1.100-1 \
	linux-kbuild-6.1 6.1.98-1 linux 6.1.99-1
exit "${UNKNOWN:-0}"
END
chmod +x bin/apt-get bin/apt-cache
export SERVED="$work"
PATH=$work/bin:$PATH
from_archive() {
	code=$1 text=$2
	shift 2
	expect_exit "$code" kgr-adopt -o new "$@"
	says "$text"
	nothing_stays
}
sed -i 's/-99-/-98-/' "$headers/include/generated/utsrelease.h"
debs
from_archive 1 "utsrelease.h is not that of $release" "$release"
[ "$(wc -l <served)" = 5 ] || fail "these are not all"
grep -x linux-kbuild-6.1=6.1.100-1 asked || fail "it asks for another kbuild: $(cat asked)"
rm served
all
echo CONFIG_PREEMPT_RT=y >>"$headers/.config"
debs
from_archive 1 "the kernel has CONFIG_PREEMPT_RT=y" "$release"
[ "$(cat served)" = "linux-headers-$release" ] || fail "more was downloaded"
rm served

# It does not have them: for now, or as nobody at Debian has built that kernel.
rm -r packages
from_archive 2 "cannot be downloaded: run apt-get update first" "$release"
export UNKNOWN=100
from_archive 2 "the archive has no linux-image-$release, as far as apt knows" "$release"
says "$release may be no kernel of Debian's"
cat >as.c <<'END'
#include <string.h>
#include <sys/utsname.h>

int uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	strcpy(name->release, "6.8.0-31-generic");
	return 0;
}
END
gcc -shared -fPIC -o as.so as.c
LD_PRELOAD=$work/as.so from_archive 2 "the archive has no linux-image-6.8.0-31-generic, as far as apt knows" --running
says "build a kernel from its source with CC=kgr-gcc"
rm served
expect_exit 2 env PATH="$KGR_STAGE/bin" kgr-adopt "$release" -o new
says "apt-get is not installed here, so $release may be no kernel of Debian's"
nothing_stays

# The packages say how large they are.
all
size=9999999999
bad 2 "MB are free there, and it takes 39064399"
size=1

# No room; a library says so.
cat >full.c <<'END'
#include <string.h>
#include <sys/statvfs.h>

int statvfs(const char *path, struct statvfs *fs)
{
	(void)path;
	memset(fs, 0, sizeof(*fs));
	fs->f_frsize = 4096;
	fs->f_bavail = 1024;
	return 0;
}

int statvfs64(const char *path, struct statvfs64 *fs)
{
	return statvfs(path, (struct statvfs *)fs);
}
END
gcc -D_GNU_SOURCE -shared -fPIC -o full.so full.c
export LD_PRELOAD="$work/full.so"
bad 2 "4 MB are free there, and it takes"
# Nothing is downloaded then; and what cannot be unpacked may be so for that.
debs
from_archive 2 "4 MB are free there, and it takes" "$release"
[ ! -e served ] || fail "it was downloaded"
head -c 12000 "packages/linux-headers-$release.deb" >cut
mv cut "packages/linux-headers-$release.deb"
expect_exit 2 kgr-adopt "$release" -o new --packages packages
says "cannot be unpacked: 4 MB are left in $work"
