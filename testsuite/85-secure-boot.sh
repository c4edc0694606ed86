# SPDX-License-Identifier: GPL-3.0-or-later
# A stock kernel under Secure Boot, with Debian's own chain of signed programs (shim, GRUB, the kernel) on firmware that has
# Microsoft's keys: it takes no patch until the machine's owner has enrolled a key, as kgr-build(1) says under SIGNATURES, and then
# those signed with it.
. "$KGR_SRCDIR/testsuite/lib.sh"
. "$KGR_SRCDIR/testsuite/stock.sh"
stock_kernel 6.1

# Not installed: shim's and GRUB's packages would look after this machine's own boot.
programs=$stock_cache/secure-boot
if [ ! -d "$programs" ]; then
	rm -rf "$programs.new"
	mkdir "$programs.new"
	(cd "$programs.new" && apt-get -q download ovmf shim-signed shim-helpers-amd64-signed grub-efi-amd64-signed \
		mtools mokutil libefivar1) >"$work/out" 2>&1 ||
		skip "the programs of Secure Boot cannot be downloaded; apt-get update may help: $(tail -n 1 "$work/out")"
	for deb in "$programs.new"/*.deb; do
		dpkg-deb -x "$deb" "$programs.new"
		rm "$deb"
	done
	mv "$programs.new" "$programs"
fi
cd "$work"
PATH=$PATH:$programs/usr/bin
export LD_LIBRARY_PATH="$programs/usr/lib/x86_64-linux-gnu"

copies kernel/sys.c
patch -s -R -p1 --no-backup-if-mismatch -d b <"$tests/fixes/prctl-auxv.diff"
diff_to auxv
kgr-build -C "$kernel" auxv.diff
openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=patches/ -keyout mok.key -outform DER -out mok.der 2>/dev/null
cp kgraft-auxv.ko signed.ko
"$kernel/scripts/sign-file" sha256 mok.key mok.der signed.ko

new_guest
copy_program mokutil
mkdir -p "$guest/lib/x86_64-linux-gnu"
cp -L "$programs"/usr/lib/x86_64-linux-gnu/libefivar.so.1 "$guest/lib/x86_64-linux-gnu/"
cp "$kernel/.packages/image/lib/modules/$release/kernel/fs/efivarfs/efivarfs.ko" mok.der "$guest/"
cp kgraft-auxv.ko "$guest/unsigned.ko"
cp signed.ko "$guest/kgraft-auxv.ko"
cat >"$guest/test.sh" <<'END'
. /lib.sh
insmod /efivarfs.ko
mount -t efivarfs efivarfs /sys/firmware/efi/efivars
mount -t securityfs none /sys/kernel/security
expect "SecureBoot enabled" mokutil --sb-state
grep -qF '[integrity]' /sys/kernel/security/lockdown || fail "not locked down: $(cat /sys/kernel/security/lockdown)"
locked="this kernel loads only modules signed with a key that it trusts"
refuses 1 kgr load /unsigned.ko
says "$locked"
if mokutil --test-key /mok.der | grep 'not enrolled'; then
	refuses 1 kgr load /kgraft-auxv.ko
	says "$locked"
	mokutil --generate-hash=fearless >/hash
	mokutil --import /mok.der --hash-file /hash || fail "not imported"
	echo IMPORTED
else
	expect fixed probe prctl-auxv
	patch_in auxv
	expect buggy probe prctl-auxv
	patch_out auxv
	expect fixed probe prctl-auxv
	echo TRUSTED
fi
END
pack_guest

truncate -s 96M disk
mformat -i disk -F ::
mmd -i disk ::/EFI ::/EFI/BOOT ::/EFI/debian
mcopy -i disk "$programs/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i disk "$programs/usr/lib/shim/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
mcopy -i disk "$programs/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
cat >grub.cfg <<'END'
set timeout=0
linux /vmlinuz console=ttyS0 panic=-1 quiet tsc=reliable no_timer_check softlockup_panic=1
initrd /initrd.gz
boot
END
mcopy -i disk grub.cfg ::/EFI/debian/
mcopy -i disk "$work/shipped/arch/x86/boot/bzImage" ::/vmlinuz
mcopy -i disk initrd.gz ::/
cp "$programs/usr/share/OVMF/OVMF_VARS_4M.ms.fd" variables

# run_machine: until it is restarted; keys are read from ./keys
run_machine() {
	timeout 300 qemu-system-x86_64 -accel tcg,thread=single -cpu max -m 768 -machine q35,smm=on \
		-global driver=cfi.pflash01,property=secure,value=on \
		-drive if=pflash,format=raw,unit=0,readonly=on,file="$programs/usr/share/OVMF/OVMF_CODE_4M.secboot.fd" \
		-drive if=pflash,format=raw,unit=1,file=variables -drive file=disk,format=raw,if=virtio \
		-display none -monitor none -serial stdio -no-reboot -net none <keys >console 2>&1 || true
}

# asked TEXT KEYS: when that is on the screen, the keys are pressed, one after the other
asked() {
	text=$1
	shift
	for n in $(seq 120); do
		! grep -qaF "$text" console || break
		sleep 1
	done
	grep -qaF "$text" console || fail "the firmware's program does not say \"$text\""
	for key; do
		sleep 2
		printf "$key" >&8
	done
}

said() {
	sed 's/\r//g' console | tr -d '\033' | grep -a "^ok:\|^GUEST\|^$1" || true
	grep -q "^$1" console && grep -q '^GUEST-EXIT 0' console || fail "it does not come to $1: $(grep -a GUEST-FAIL console || tail -n 20 console)"
}

: >keys
run_machine
said IMPORTED

# The owner, at the machine's own console.
rm keys
mkfifo keys
run_machine &
machine=$!
exec 8>keys
asked "Press any key to perform MOK management" ' '
asked "Enroll MOK" '\033[B' '\r'
asked "View key 0" '\033[B' '\r'
asked "Enroll the key(s)?" '\033[B' '\r'
asked "Password:" 'fearless\r'
asked "        Reboot         " '\r'
wait $machine
exec 8>&-

rm keys
: >keys
run_machine
said TRUSTED
