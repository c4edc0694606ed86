# SPDX-License-Identifier: GPL-3.0-or-later
# Functions whose old and new versions do not understand each other, called from everywhere at once
# while the kernel moves to and fro: nobody may ever meet both. KGR_TORTURE_CYCLES=1000 makes it long.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
torture_guest "$KGR_STAGE"
cycles=${KGR_TORTURE_CYCLES:-25}
for cpus in 2 4; do
	echo "== $cpus CPUs"
	BOOT_CPUS=$cpus BOOT_TIMEOUT=$((100 + cycles * 6))
	export BOOT_CPUS BOOT_TIMEOUT
	boot <<END
torture_cycles $cycles
expect_no_mix
END
done
