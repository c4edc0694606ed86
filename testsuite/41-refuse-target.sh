# SPDX-License-Identifier: GPL-3.0-or-later
# What the target refuses: each check is made to fire by a module that is wrong in just that.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
build_fix prctl-auxv
new_guest
ko=$work/kgraft-prctl-auxv.ko
cp "$ko" "$guest/"

# swap FROM TO FILE: another module, with one stretch of bytes (hexadecimal) changed everywhere
swap() {
	perl -e '
		my ($from, $to) = map { pack "H*", $_ } @ARGV[0, 1];
		local $/;
		open my $in, "<:raw", $ARGV[2]; my $data = <$in>;
		my $n = ($data =~ s/\Q$from\E/$to/g);
		die "swapped $n times\n" unless $n;
		open my $out, ">:raw", $ARGV[3]; print $out $data;
	' "$1" "$2" "$ko" "$guest/$3"
}
little_endian() {
	printf %s "$1" | sed 's/../&\n/g' | tac | tr -d '\n'
}
text_hex() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

id=$(modinfo -F kgraft_build_id "$ko")
digest=$(modinfo -F kgraft_func "$ko" | awk '{ print $4 }')
release=$(cat "$kernel/include/config/kernel.release")
address=$(nm "$kernel/vmlinux" | awk '$3 == "schedule" { print $1 }')
swap "$id" "$(printf %s "$id" | tr 0-9 1-90)" other-build.ko
swap "$(little_endian "$digest")" "$(little_endian "$(printf %s "$digest" | tr 0-9a-f 1-9a-f0)")" \
	other-function.ko
swap "$(little_endian "$address")" "$(little_endian "$(printf %s "$address" | sed 's/..$/ff/')")" \
	other-layout.ko
swap "$(text_hex "kgraft_release=$release")" "$(text_hex "kgraft_release=$(printf %s "$release" |
	tr 0-9 1-90)")" other-release.ko
swap "$(text_hex kgraft_build_id=)" "$(text_hex xgraft_build_id=)" not-ours.ko
head -c 20000 "$ko" >"$guest/cut.ko"
echo nonsense >"$guest/nonsense.ko"

boot <<'END'
refuses 1 kgr load /other-release.ko
says "this is $(uname -r)"
refuses 1 kgr load /other-build.ko
says "made for another build of this kernel release"
refuses 1 kgr load /other-function.ko
says "prctl_set_auxv() is not the function that the patch replaces"
refuses 1 kgr load /other-layout.ko
says "made for another kernel"
refuses 1 kgr load /not-ours.ko
says "not a kgraft patch"
refuses 2 kgr load /cut.ko
refuses 2 kgr load /nonsense.ko
refuses 2 kgr load /missing.ko
refuses 2 kgr load --stragglers=maybe /kgraft-prctl-auxv.ko
refuses 2 kgr unload prctl-auxv
says "not loaded"
refuses 2 kgr frobnicate x
refuses 2 kgr load
[ -z "$(ls /sys/kernel/kgraft 2>/dev/null)" ] || fail "left in sysfs: $(ls /sys/kernel/kgraft)"
[ -z "$(lsmod | grep kgraft)" ] || fail "a module is left"
expect buggy probe prctl-auxv

# kernel.ftrace_enabled off: no redirection, so no patch.
echo 0 >/proc/sys/kernel/ftrace_enabled
refuses 1 kgr load /kgraft-prctl-auxv.ko
echo 1 >/proc/sys/kernel/ftrace_enabled
expect buggy probe prctl-auxv

patch_in prctl-auxv
expect fixed probe prctl-auxv
refuses 1 kgr load /kgraft-prctl-auxv.ko
says "loaded already"
refuses 1 rmmod kgraft_prctl_auxv

# Somebody who is not root.
chmod 0755 /
adduser -D -H nobody 2>/dev/null || echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
refuses 2 su nobody -s /bin/sh -c 'PATH=/bin kgr unload prctl-auxv'
refuses 2 su nobody -s /bin/sh -c 'PATH=/bin kgr poke prctl-auxv'
refuses 2 su nobody -s /bin/sh -c 'PATH=/bin kgr load /kgraft-prctl-auxv.ko'
says "only root may load modules"
expect fixed probe prctl-auxv
patch_out prctl-auxv
expect buggy probe prctl-auxv
END

# The same kernel, of which nothing but the build-id is another: everything is where it was.
rebuilt=$("$tests/kernel/build" --rebuilt)
boot "$rebuilt" <<'END'
refuses 1 kgr load /kgraft-prctl-auxv.ko
says "made for another build of this kernel release"
[ -z "$(lsmod | grep kgraft)" ] || fail "a module is left"
expect buggy probe prctl-auxv
END
