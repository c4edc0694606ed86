# SPDX-License-Identifier: GPL-3.0-or-later
# A system that boots with systemd, and the patches that are installed in it: they are live when it is up.
. "$KGR_SRCDIR/testsuite/lib.sh"
systemd=/lib/systemd/systemd
[ -x $systemd ] && command -v systemctl >/dev/null || skip "systemd is not installed"
test_kernel
build_fix prctl-auxv
release=$(cat "$kernel/include/config/kernel.release")
unit=$KGR_STAGE/lib/systemd/system/kgraft.service
new_guest
copy_program $systemd
copy_program systemctl
copy_program kmod
installed=$guest/lib/modules/$release/kgraft
units=$guest/etc/systemd/system
mkdir -p "$installed" "$units/multi-user.target.wants"
cp "$work/kgraft-prctl-auxv.ko" "$installed/"
for target in sysinit basic multi-user local-fs shutdown umount; do
	cp /lib/systemd/system/$target.target "$units/"
done
ln -s multi-user.target "$units/default.target"
cp "$unit" "$units/"
kgr=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
mkdir -p "$guest$(dirname "$kgr")"
ln -s /bin/kgr "$guest$kgr"
cat >"$units/test.service" <<'END'
[Unit]
After=kgraft.service
[Service]
Type=oneshot
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStartPre=/bin/busybox --install -s /bin
ExecStart=/bin/busybox sh -c 'export PATH=/bin; sh -u /test.sh; echo "GUEST-EXIT $?"; reboot -f'
END
for service in kgraft test; do
	ln -s ../$service.service "$units/multi-user.target.wants/"
done
ln -sf bin/systemd "$guest/init"
boot <<'END'
expect /bin/systemd readlink /proc/1/exe
expect active systemctl is-active kgraft.service
expect "kgraft-prctl-auxv	patched" kgr list
expect fixed probe prctl-auxv
END
