# SPDX-License-Identifier: GPL-3.0-or-later
# A package made by the real rpmbuild: into a root folder, and into a guest where it goes live.
. "$KGR_SRCDIR/testsuite/lib.sh"
command -v rpmbuild >/dev/null || skip "rpmbuild is not installed"
test_kernel
own_kernel
cd "$work"
fix=$tests/fixes/prctl-auxv.diff
release=$(cat "$kernel/include/config/kernel.release")

expect_exit 0 make -s -C "$kernel" kgraft-rpm PATCH="$fix"
rpm=$(ls "$kernel"/kgraft-prctl-auxv-*.rpm)
mv "$rpm" "$work/"
rpm=$work/$(basename "$rpm")
rpm -qp --qf '%{NAME} %{VERSION}\n' "$rpm" | tee name
grep -qF "kgraft-prctl-auxv-$release 1" name
rpm -qpR "$rpm" | grep -F "(kernel-uname-r = $release or kernel-$release or /lib/modules/$release or" ||
	fail "not tied to $release"
rpm -qpl "$rpm" | grep -qxF "/lib/modules/$release/kgraft/kgraft-prctl-auxv.ko"
expect_exit 1 kgr-rpm -C "$kernel" "$tests/kernel/build"
expect_exit 2 kgr-rpm -C "$kernel"
expect_exit 2 kgr-rpm -C "$kernel" -o /nonexistent "$fix"

# Names are data, to rpm, shells and sed; a kernel's release may have two hyphens, and a patch's name is kgr-build's to choose.
mkdir odd
odd='odd/100%(touch pwned)%{name}|a&b$(touch pwned)\1.diff'
cp "$fix" "$odd"
expect_exit 0 kgr-rpm -C "$kernel" -o odd -n odd --package-version 2 "$odd"
rpm -qp --qf '%{DESCRIPTION}\n' odd/*-2-1.*.rpm | grep -qF "made from: ${odd#odd/}" || fail "not the diff's name"
[ ! -e pwned ] || fail "a name was executed"
expect_exit 2 kgr-rpm -C "$kernel" --package-version 1-2 "$fix"
expect_exit 1 kgr-rpm -C "$kernel" --allow-layout=mm_struct "$tests/kernel/build"
echo 6.1.0-13-amd64 | instead include/config/kernel.release
rm odd/*.rpm
expect_exit 0 kgr-rpm -C "$kernel" -o odd "$fix"
rpm -qpR odd/kgraft-prctl-auxv-6.1.0_13_amd64-1-1.*.rpm | grep -F 'kernel-6.1.0-13-amd64 or /lib/modules/6.1.0-13-amd64' ||
	fail "not tied to the kernel"
back
rm -r odd

# Into a root folder: the module lies there and nothing is loaded.
mkdir root
rpm --root "$work/root" --initdb

# provider NAME TAG [REST]: a package of that name, as a kernel and a system in the words of one distribution
provider() {
	printf '%s\n' "Name: $1" 'Version: 1' 'Release: 1' 'Summary: x' 'License: x' 'BuildArch: noarch' \
		'Provides: /bin/sh' "$2" %description x "${3:-%files}" >"$1.spec"
	rpmbuild -bb --quiet --define "_topdir $work/build" "$1.spec" >said 2>&1 || {
		cat said
		fail "no package $1"
	}
	rpm --root "$work/root" -i --test "$rpm" "build/RPMS/noarch/$1-1-1.noarch.rpm" || fail "not satisfied by $1"
}
! rpm --root "$work/root" -i --test "$rpm" >said 2>&1 || fail "installed without a kernel"
grep -qF "is needed by kgraft-prctl-auxv-$release" said || fail "$(cat said)"
provider fedora "Provides: kernel-uname-r = $release"
provider rpm-pkg "Provides: kernel-$release"
provider suse 'Provides: kernel' "%install
mkdir -p %{buildroot}/usr/lib/modules/$release
%files
%dir /usr/lib/modules/$release"
rm -r build

rpm --root "$work/root" -i --nodeps --noscripts "$rpm"
[ -f "root/lib/modules/$release/kgraft/kgraft-prctl-auxv.ko" ] || fail "not installed"
rpm --root "$work/root" -e --nodeps --noscripts "kgraft-prctl-auxv-$release"
[ ! -e "root/lib/modules/$release/kgraft/kgraft-prctl-auxv.ko" ] || fail "not removed"

# Versions of it: another one that can be loaded, and one that says no; and a patch that stands on the former.
sed '/about to be patched/,/return/s/return 0/return -EBUSY/' "$top/examples/callbacks.diff" >no.diff
mv "$rpm" 1.rpm
expect_exit 0 kgr-rpm -C "$kernel" -n prctl-auxv --package-version 2 "$fix" "$top/examples/callbacks.diff"
mv kgraft-prctl-auxv-*.rpm 2.rpm
expect_exit 0 kgr-rpm -C "$kernel" -n prctl-auxv --package-version 3 "$fix" no.diff
mv kgraft-prctl-auxv-*.rpm 3.rpm
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^\treturn mask;/\treturn mask | 02000;/' >top.diff
expect_exit 0 kgr-build -C "$kernel" top.diff

new_guest
copy_program rpm
copy_program rpmdb
mkdir -p "$guest/usr/lib" "$guest/var/lib/rpm" "$guest/var/tmp"
cp -r /usr/lib/rpm "$guest/usr/lib/"
rm -rf "$guest/usr/lib/rpm/platform"
ln -s ../bin "$guest/usr/bin"
cp 1.rpm 2.rpm 3.rpm kgraft-top.ko "$guest/"
BOOT_MEMORY=1024 boot <<END
/bin/rpm --initdb || fail initdb
hurry() { while sleep 1; do kgr poke prctl-auxv; done >/dev/null 2>&1; }
# version: what is loaded, and there for the next boot
version() { umask; cmp /tmp/\$1.ko /lib/modules/$release/kgraft/kgraft-prctl-auxv.ko && kgr list; }
module() { cp /lib/modules/$release/kgraft/kgraft-prctl-auxv.ko /tmp/\$1.ko; }
hurry &
expect buggy probe prctl-auxv
/bin/rpm -i --nodeps /1.rpm || fail "rpm -i: \$?"
module 1
expect fixed probe prctl-auxv
umask 0022
expect "0022
kgraft-prctl-auxv	patched" version 1

# An upgrade replaces what runs.
/bin/rpm -U --nodeps /2.rpm || fail "rpm -U: \$?"
module 2
expect fixed probe prctl-auxv
expect "1022
kgraft-prctl-auxv	patched" version 2
expect 1 sh -c "/bin/rpm -qa 2>/dev/null | wc -l"

# Or fails: what runs cannot go, and all is as before;
kgr load --no-wait /kgraft-top.ko || fail top
kgr poke top
settled kgraft-top
! /bin/rpm -U --nodeps /3.rpm || fail "installed though the old version cannot go"
expect 2 sh -c "/bin/rpm -qa --qf '%{VERSION}\n' 2>/dev/null"
expect fixed probe prctl-auxv
patch_out top
expect "1022
kgraft-prctl-auxv	patched" version 2
# its successor cannot come, and it is back.
! /bin/rpm -U --nodeps /3.rpm || fail "installed though the new version cannot be loaded"
expect fixed probe prctl-auxv
expect "1022
kgraft-prctl-auxv	patched" version 2
/bin/rpm -e --nodeps kgraft-prctl-auxv-$release-3 || fail "rpm -e 3: \$?"
expect "1022
kgraft-prctl-auxv	patched" version 2
/bin/rpm -e --nodeps kgraft-prctl-auxv-$release || fail "rpm -e: \$?"
expect buggy probe prctl-auxv
[ -z "\$(lsmod | grep kgraft)" ] || fail "still loaded"

# Without kgr it is not installed on the kernel that it is for.
mv /bin/kgr /kgr
! /bin/rpm -i --nodeps /1.rpm || fail "installed without kgr"
END
