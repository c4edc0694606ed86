# SPDX-License-Identifier: GPL-3.0-or-later
# Packages that are not of one kernel, and what else keeps one from being adopted: nothing is made of it. The packages are made
# here, as small as they can be.
. "$KGR_SRCDIR/testsuite/lib.sh"
command -v dpkg-deb >/dev/null || skip "dpkg-deb is not installed"
cd "$work"
release=6.1.0-99-cloud-amd64
version=6.1.99-1
id="#1 SMP Debian $version (2026-01-01)"

# deb NAME [DEPENDS]: packages/NAME.deb of the directory NAME
deb() {
	mkdir -p "$1/DEBIAN" packages
	cat >"$1/DEBIAN/control" <<-END
		Package: $1
		Version: $version
		Architecture: all
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
	printf 'char text[] = "%s";\n' "$2" | gcc -x c -c -o module.o -
	ld -r --build-id -o "$1" module.o
}

headers=linux-headers-$release/usr/src/linux-headers-$release
image=linux-image-$release
debug=linux-image-$release-dbg/usr/lib/debug
all() {
	rm -rf linux-* packages
	mkdir -p "$headers/include/generated" "$image/boot" "$debug/boot" \
		linux-kbuild-6.1/usr/lib/linux-kbuild-6.1/scripts linux-kbuild-6.1/usr/lib/linux-kbuild-6.1/tools \
		linux-source-6.1/usr/src source
	echo "#define UTS_RELEASE \"$release\"" >"$headers/include/generated/utsrelease.h"
	printf 'CONFIG_A=y\nCONFIG_B=m\n' >"$headers/.config"
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

debs() {
	tar -cJf linux-source-6.1/usr/src/linux-source-6.1.tar.xz source
	deb "linux-headers-$release" "linux-kbuild-6.1 (>= $version)"
	deb "linux-image-$release"
	deb "linux-image-$release-dbg"
	deb linux-kbuild-6.1
	deb linux-source-6.1
}

# bad CODE TEXT
bad() {
	debs
	expect_exit "$1" kgr-adopt "$release" -o new --packages packages
	says "$2"
	[ ! -e new ] && [ -z "$(find . -maxdepth 1 -name 'kgraft-temp.*')" ] || fail "something stays of it"
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
