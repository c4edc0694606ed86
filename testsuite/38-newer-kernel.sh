# SPDX-License-Identifier: GPL-3.0-or-later
# The same on a later kernel, with IBT, padded functions and CONFIG_LIVEPATCH=y: a fix, and functions
# that do not understand each other called from everywhere.
. "$KGR_SRCDIR/testsuite/lib.sh"
needs_later_kernel
fix_test prctl-auxv small "$newest"
torture_guest "$KGR_STAGE"
for preemption in full none; do
	echo "== preempt=$preemption"
	BOOT_ARGS=preempt=$preemption BOOT_TIMEOUT=300
	boot <<'END'
torture_through 4
END
done
echo "== call depth tracking: returns go by yet another thunk"
BOOT_OPTIONS="-cpu Skylake-Server" BOOT_ARGS="spectre_v2=retpoline retbleed=stuff"
boot <<'END'
expect "Mitigation: Stuffing" cat /sys/devices/system/cpu/vulnerabilities/retbleed
torture_through 2
END
BOOT_OPTIONS=
echo "== ids of BTF: a counter and a line are in their names, and are not what counts"
(
	cd "$work"
	edit net/core/filter.c '/^BPF_CALL_1(bpf_get_hash_recalc,/,/^}/s/^{/&\n\tif (READ_ONCE(skb->len) == 0x7fffffff)\n\t\treturn 0;\n/' >x.diff
	expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
	rm out.ko
	edit net/core/filter.c 's/^BTF_ID_FLAGS(func, bpf_dynptr_from_xdp)/BTF_ID_FLAGS(func, bpf_dynptr_from_xdp, KF_TRUSTED_ARGS)/' >x.diff
	refused 1 'an entry of section .BTF_ids, which the kernel has read already'
	edit net/core/filter.c 's/^BTF_ID(struct, socket)/BTF_ID(struct, sock)/' >x.diff
	refused 1 'reference to __BTF_ID__struct__sock'
)
echo "== a function that indirect branches do not reach"
expect_exit 1 kgr-build -C "$kernel" -o "$work/sealed.ko" "$tests/patches/sealed.diff"
says "the address of torture_pause is taken, but the running kernel does not allow indirect branches"

echo "== one of the same file: its address is that of the patch's copy, which has an ENDBR"
cd "$work"
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tint (*volatile release)(char __user *, size_t) = override_release;\n\n\tmask ^= release(NULL, 0);/' >release.diff
expect_exit 0 kgr-build -C "$kernel" release.diff
says 'replaced override_release'
expect_exit 0 kgr-prove -C "$kernel" kgraft-release.ko release.diff
objdump -dr -j .text..kgraft kgraft-release.ko | grep 'R_X86_64_32S.*override_release' ||
	fail "it is the kernel's own"
cp kgraft-release.ko "$guest/"
BOOT_ARGS=
boot <<'END'
umask 0022
patch_in release
umask 0027
expect 0027 umask
patch_out release
END

echo "== a key that is read-only after boot: the replaced function goes the way that it was set to"
cd "$work"
branch='static_branch_maybe(CONFIG_RANDOMIZE_KSTACK_OFFSET_DEFAULT, \&randomize_kstack_offset)'
edit kernel/sys.c "/^SYSCALL_DEFINE1(umask/i #include <linux/randomize_kstack.h>
	/^SYSCALL_DEFINE1(umask/,/^}/s/^\treturn mask;/\treturn $branch ? mask | 01000 : mask;/" >umask.diff
expect_exit 0 kgr-build -C "$kernel" umask.diff
readelf -SW kgraft-umask.ko | grep -q ' \.kgr\.fixed_jumps .* 0000[0-9a-f]*[1-9a-f]' ||
	fail "no .kgr.fixed_jumps in the module: this tests nothing"
cp kgraft-umask.ko "$guest/"
for on in 0 1; do
	BOOT_ARGS=randomize_kstack_offset=$on
	boot <<END
umask 0022
expect 0022 umask
patch_in umask
expect ${on}022 umask
patch_out umask
expect 0022 umask
END
done

echo "== a module's static call: objtool sees to those of a module when it is linked"
edit lib/torture/kgr_torture_late.c '/^static int late_show(/,/^}/s/^{/&\n\tcond_resched();/' >call.diff
expect_exit 0 kgr-build -C "$kernel" call.diff
readelf -SW kgraft-call.ko | grep -q ' \.kgr\.static_call' || fail "no static call in the module: this tests nothing"
expect_exit 0 kgr-prove -C "$kernel" kgraft-call.ko call.diff
cp kgraft-call.ko "$kernel/lib/torture/kgr_torture_late.ko" "$guest/"
BOOT_ARGS=
boot <<'END'
insmod /kgr_torture_late.ko
patch_in call
expect "init old now old" cat /proc/kgr_torture_late
patch_out call
expect "init old now old" cat /proc/kgr_torture_late
END

echo "== an exported function goes, which nobody but the table of exports refers to"
edit fs/stat.c '/^void inode_set_bytes(/,/^}/d; /EXPORT_SYMBOL(inode_set_bytes)/d
	/^loff_t inode_get_bytes(/,/^}/s/loff_t ret;/&\n\n\tif (!inode)\n\t\treturn 0;/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'inode_set_bytes stays exported: modules may use it'
rm out.ko

echo "== immediates that the kernel fills in at boot: where the dentry hash table is, how long, and where user space ends"
edit fs/dcache.c '/^struct dentry \*__d_lookup(/,/^}/s/^{/&\n\tpr_info_once("kgraft: a lookup\\n");/' >dcache.diff
edit fs/readdir.c '/^static bool filldir64(/,/^}/s/^\tbuf->error = verify_dirent_name/\tpr_info_once("kgraft: a directory is read\\n");\n&/' >readdir.diff
expect_exit 0 kgr-build -C "$kernel" -n constants dcache.diff readdir.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-constants.ko dcache.diff readdir.diff
cp kgraft-constants.ko "$guest/"
boot <<'END'
echo one >/tmp/one
patch_in constants
echo two >/tmp/two
ls /tmp /proc /sys >/dev/null || fail ls
expect one cat /tmp/one
expect two cat /tmp/two
refuses 1 cat /tmp/three
dmesg | grep "kgraft: a lookup" || fail "no lookup"
dmesg | grep "kgraft: a directory is read" || fail "no directory"
patch_out constants
expect two cat /tmp/two
END
