# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-prove: good modules are proved, and whatever is wrong with one is found.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

for fix in siocatmark sysctl-error kdskbmeta; do
	build_fix $fix
	expect_exit 0 kgr-prove -C "$kernel" kgraft-$fix.ko "$tests/fixes/$fix.diff"
	says "as a normal build makes them"
done

# changed NAME SECTION OFFSET BYTES: a module with other bytes in a section, as bad.ko
changed() {
	cp "kgraft-$1.ko" bad.ko
	at=$(readelf -SW bad.ko | sed 's/^ *\[ *[0-9]*\] *//' | awk -v name="$2" '$1 == name { print $4 }')
	printf "$4" | dd of=bad.ko bs=1 seek=$((0x$at + $3)) conv=notrunc status=none
	! cmp -s "kgraft-$1.ko" bad.ko || fail "nothing changed in $2"
}
# unlike FIX TEXT: bad.ko is found out
unlike() {
	expect_exit 1 kgr-prove -C "$kernel" bad.ko "$tests/fixes/$1.diff"
	says "$2"
}

# Code: the first instruction after the call at the function's entry.
changed siocatmark .text..kgraft 5 '\220\220'
unlike siocatmark "unix_ioctl"
# A reference of the code, resolved at load: another symbol, another place in it, none at all.
changed sysctl-error .kgr.syms 0 '\1\1'
unlike sysctl-error "nothing at"
changed sysctl-error .kgr.relocs 8 '\167'
unlike sysctl-error "a normal build has"
changed sysctl-error .kgr.relocs 20 '\1'
expect_exit 1 kgr-prove -C "$kernel" bad.ko "$tests/fixes/sysctl-error.diff"
changed sysctl-error .kgr.relocs 20 '\377\377'
unlike sysctl-error "kgr_syms has no entry"
# What the tables say of the code: an entry of four bytes says where, one of six how to unwind there.
where=$(readelf -rW kgraft-sysctl-error.ko | sed -n '/rela.orc_unwind_ip/,/^$/p' |
	awk '/addrconf_sysctl_forward\.kgr \+ 0/ { print $1 }')
changed sysctl-error .orc_unwind $((0x$where / 4 * 6)) '\125\125'
unlike sysctl-error "another way to unwind"

# Where it is entered: instead of another function, at nothing, and not at all.
other=
for byte in $(awk '$3 == "unix_getname" { print $1 }' "$kernel/System.map" | fold -w 2 | tac); do
	other="$other$(printf '\\%03o' "0x$byte")"
done
changed siocatmark .kgr.funcs 48 "$other"
unlike siocatmark "redirects unix_ioctl to a function of another name"
changed siocatmark .kgr.funcs 48 '\1\1'
unlike siocatmark "nothing at"
changed siocatmark .kgr.funcs 56 '\1'
unlike siocatmark "another idea of where unix_ioctl begins and ends"
changed siocatmark .kgr.funcs 88 '\1'
unlike siocatmark "another idea of where unix_ioctl begins and ends"
changed siocatmark .kgr.patch 32 '\1'
unlike siocatmark "it asks for a kernel of another build-id"
changed siocatmark .kgr.patch 112 '\0'
unlike siocatmark "it asks for a kernel of another build-id"
changed siocatmark .kgr.patch 116 '\0'
unlike siocatmark "it has unix_ioctl of net/unix/af_unix.c, which changed, and redirects no call to it"
changed siocatmark .kgr.patch 116 '\377'
unlike siocatmark "table of functions is damaged"

# The module of another fix, and one that lacks half of what changed.
cp kgraft-kdskbmeta.ko bad.ko
unlike siocatmark "instructions, a normal build has "
edit net/unix/af_unix.c '/^static int unix_shutdown(.*)$/i static noinline int brand_new(int mode) { return READ_ONCE(mode); }\n
	/^static int unix_shutdown(/,/^}/s/if (mode < SHUT_RD/if (brand_new(mode) < SHUT_RD/' >new.diff
kgr-build -C "$kernel" -o bad.ko new.diff
unlike siocatmark "brand_new: a function that a normal build does not make"
edit net/unix/af_unix.c 's/^\(static int unix_getname(.*\)$/\1/; /^static int unix_shutdown(/,/^}/s/if (mode < SHUT_RD/if (mode < SHUT_RD - 1/' >half.diff
cp kgraft-siocatmark.ko bad.ko
expect_exit 1 kgr-prove -C "$kernel" bad.ko half.diff "$tests/fixes/siocatmark.diff"
says "it lacks unix_shutdown"

expect_exit 1 kgr-prove -C "$kernel" "$kernel/lib/torture/kgr_torture_late.ko" "$tests/fixes/siocatmark.diff"
says "is it a module of kgr-build?"
expect_exit 2 kgr-prove -C "$kernel" missing.ko "$tests/fixes/siocatmark.diff"
expect_exit 2 kgr-prove -C "$kernel" bad.ko

# Nothing to patch: proved, and denied of a fix.
edit net/unix/af_unix.c '/^static int unix_shutdown(/i/* Nothing of importance. */' >nothing.diff
expect_exit 3 kgr-build -C "$kernel" nothing.diff
expect_exit 0 kgr-prove --nothing -C "$kernel" nothing.diff
# The first place where lines can be numbered as before is in an #if that is off.
edit kernel/smp.c '1i/* Nothing of importance. */' >first.diff
expect_exit 3 kgr-build -C "$kernel" first.diff
expect_exit 1 kgr-prove --nothing -C "$kernel" half.diff
says "there is unix_shutdown of net/unix/af_unix.c, which changed"

# What was applied is what is carried, whatever becomes of the file: this one can be read once.
mkfifo once.diff
cat "$tests/fixes/siocatmark.diff" >once.diff &
expect_exit 0 kgr-build -C "$kernel" -o once.ko once.diff
kgr-show --diff once.ko | cmp - "$tests/fixes/siocatmark.diff" || fail "another diff is carried"
