# SPDX-License-Identifier: GPL-3.0-or-later
# A kernel in which nobody is preempted, without livepatch and without IBT, watched by KASAN: functions that do not
# understand each other called from everywhere, on four CPUs; then on two of a processor for which calls are counted (call
# depth tracking). KGR_TORTURE_CYCLES=100 makes it long. Test 61 does the whole way of a fix there. KGR_TEST_SERIES=6.1
# does it there, where calls are not counted, and so it is done where there is no later one.
. "$KGR_SRCDIR/testsuite/lib.sh"
debug_kernel
! grep -E '^CONFIG_(PREEMPTION|PREEMPT_DYNAMIC|LIVEPATCH|X86_KERNEL_IBT)=' "$kernel/.config" ||
	fail "this is another kernel"
torture_guest "$KGR_STAGE"
cycles=${KGR_TORTURE_CYCLES:-2}
BOOT_MEMORY=1024 BOOT_TIMEOUT=$((300 + cycles * 30)) BOOT_CPUS=4
boot <<END
torture_through $cycles
END

grep -q '^CONFIG_MITIGATION_CALL_DEPTH_TRACKING=y' "$kernel/.config" || exit 0
BOOT_CPUS=2 BOOT_ARGS="retbleed=stuff spectre_v2=retpoline" BOOT_OPTIONS="-cpu Skylake-Server"
boot <<END
expect "Mitigation: Stuffing" cat /sys/devices/system/cpu/vulnerabilities/retbleed
torture_through $cycles
END
