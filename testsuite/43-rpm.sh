# SPDX-License-Identifier: GPL-3.0-or-later
# A package made by the real rpmbuild: into a root folder, and into a guest where it goes live.
. "$KGR_SRCDIR/testsuite/lib.sh"
command -v rpmbuild >/dev/null || skip "rpmbuild is not installed"
test_kernel
alone
cd "$work"
fix=$tests/fixes/prctl-auxv.diff
release=$(cat "$kernel/include/config/kernel.release")

expect_exit 0 make -s -C "$kernel" kgraft-rpm PATCH="$fix"
rpm=$(ls "$kernel"/kgraft-prctl-auxv-*.rpm)
mv "$rpm" "$work/"
rpm=$work/$(basename "$rpm")
rpm -qp --qf '%{NAME} %{VERSION}\n' "$rpm" | tee name
grep -qF "kgraft-prctl-auxv-$release 1" name
rpm -qpR "$rpm" | grep -qxF "kernel-uname-r = $release" || fail "not tied to $release"
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
cp -al "$kernel" build 2>/dev/null || { rm -rf build; cp -a "$kernel" build; }
rm build/include/config/kernel.release
echo 6.1.0-13-amd64 >build/include/config/kernel.release
rm odd/*.rpm
expect_exit 0 kgr-rpm -C build -o odd "$fix"
rpm -qpR odd/kgraft-prctl-auxv-6.1.0_13_amd64-1-1.*.rpm | grep -F 'kernel-6.1.0-13-amd64 or /lib/modules/6.1.0-13-amd64' ||
	fail "not tied to the kernel"
rm -r odd build

# Into a root folder: the module lies there and nothing is loaded.
mkdir root
rpm --root "$work/root" --initdb
rpm --root "$work/root" -i --nodeps --noscripts "$rpm"
[ -f "root/lib/modules/$release/kgraft/kgraft-prctl-auxv.ko" ] || fail "not installed"
rpm --root "$work/root" -e --nodeps --noscripts "kgraft-prctl-auxv-$release"
[ ! -e "root/lib/modules/$release/kgraft/kgraft-prctl-auxv.ko" ] || fail "not removed"

new_guest
copy_program rpm
copy_program rpmdb
mkdir -p "$guest/usr/lib" "$guest/var/lib/rpm" "$guest/var/tmp"
cp -r /usr/lib/rpm "$guest/usr/lib/"
rm -rf "$guest/usr/lib/rpm/platform"
ln -s ../bin "$guest/usr/bin"
cp "$rpm" "$guest/patch.rpm"
BOOT_MEMORY=1024 boot <<END
/bin/rpm --initdb || fail initdb
expect buggy probe prctl-auxv
(sleep 3; kgr poke prctl-auxv) &
/bin/rpm -i --nodeps /patch.rpm || fail "rpm -i: \$?"
expect fixed probe prctl-auxv
expect "kgraft-prctl-auxv	patched" kgr list
(sleep 3; kgr poke prctl-auxv) &
/bin/rpm -e --nodeps kgraft-prctl-auxv-$release || fail "rpm -e: \$?"
expect buggy probe prctl-auxv
[ -z "\$(lsmod | grep kgraft)" ] || fail "still loaded"
END
