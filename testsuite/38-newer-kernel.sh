# SPDX-License-Identifier: GPL-3.0-or-later
# The same on linux-source-6.12, with IBT, padded functions and CONFIG_LIVEPATCH=y: a fix, and functions
# that do not understand each other called from everywhere.
. "$KGR_SRCDIR/testsuite/lib.sh"
[ -f /usr/src/linux-source-6.12.tar.xz ] || skip "linux-source-6.12 is not installed"
fix_test prctl-auxv small 6.12
torture_guest "$KGR_STAGE"
for preemption in full none; do
	echo "== preempt=$preemption"
	BOOT_ARGS=preempt=$preemption BOOT_TIMEOUT=200
	boot <<'END'
torture_cycles 4
expect_no_mix
torture_end
expect_no_mix
END
done
echo "== a function that indirect branches do not reach"
expect_exit 1 kgr-build -C "$kernel" -o "$work/sealed.ko" "$tests/patches/sealed.diff"
says "the address of torture_pause is taken, but the running kernel does not allow indirect branches"
