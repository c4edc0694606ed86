# SPDX-License-Identifier: GPL-3.0-or-later
# Literals that are looped over, memory that is not of the ordinary kind, what is weak, and what only boot sets up: right in a
# kernel, or refused.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"

# A loop's end is behind its literal, where another one begins, or none does.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static DEFINE_PER_CPU_SHARED_ALIGNED(int, kgr_often);\nstatic DEFINE_PER_CPU_READ_MOSTLY(int, kgr_seldom);
	/^SYSCALL_DEFINE1(umask/,/^}/{
		s/^{/&\n\tint n, one = 0, two = 0, three = 0;\n/
		s/return mask;/for (n = 0; n < 20; n++)\n\t\tone += "abcdefghijklmnopqrst"[n] != mask;\
	for (n = 0; n < 16; n++)\n\t\ttwo += "0123456789abcdef"[n] != mask;\
	for (n = 0; n < 11; n++)\n\t\tthree += "ABCDEFGHIJ"[n] != mask + 0x7f;\
	return one * 10000 + two * 100 + three + (this_cpu_inc_return(kgr_often) < 1) + this_cpu_read(kgr_seldom);/
	}' >literals.diff
expect_exit 0 kgr-build -C "$kernel" literals.diff
expect_exit 0 kgr-prove -C "$kernel" kgraft-literals.ko literals.diff
! readelf -SW kgraft-literals.ko | grep -F '.data..percpu.' || fail "the module loader knows no such section"
new_guest
guest_program ask-umask
cp kgraft-literals.ko "$guest/"
boot <<'END'
expect 18 ask-umask
patch_in literals
expect 201611 ask-umask
patch_out literals
expect 18 ask-umask
END

# The running kernel's object stays where it is.
tcp_cubic() {
	edit net/ipv4/tcp_cubic.c "$1" >x.diff
}
uses='s/ca->delay_min = delay;/ca->delay_min = delay + '
tcp_cubic "s/^static u32 beta_scale __read_mostly/static DEFINE_PER_CPU(u32, beta_scale)/; s/\tbeta_scale *= 8.*/\tthis_cpu_write(beta_scale, 3);/
	/\t\t\/ (BICTCP_BETA_SCALE - beta);/d; s/\* beta_scale/* 2/; s/beta_scale, *$/2,/; ${uses}this_cpu_read(beta_scale);/"
refused 1 'object beta_scale is in .data..percpu now, and was in .data..read_mostly'
edit mm/vmalloc.c 's/^static bool __ro_after_init vmap_allow_huge/static bool vmap_allow_huge/
	/^static void \*s_start(/,/^{/s/^{/&\n\tif (*pos > 1000000)\n\t\tWRITE_ONCE(vmap_allow_huge, false);/' >x.diff
refused 1 'object vmap_allow_huge is in .data.vmap_allow_huge now, and was in .data..ro_after_init'
# Zeros in one section are zeros in another.
tcp_cubic "s/^static u32 beta_scale __read_mostly/static u32 beta_scale/; ${uses}1;/"
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
rm out.ko

# A loop over the second member of a table ends in the middle of what lies behind it.
tcp_cubic "s/^static int bic_scale __read_mostly.*/&\nstatic struct { u32 rtt, weight; } kgr_table[16] __read_mostly = { { 1, 1 }, { 100, 2 } };/
	/^static void cubictcp_acked(/,/^}/{s/^\tu32 delay;/&\n\tunsigned int n;/
	s/^\t\tdelay = 1;/&\n\tfor (n = 0; n < ARRAY_SIZE(kgr_table); n++)\n\t\tif (ca->delay_min > kgr_table[n].weight)\n\t\t\tdelay ^= kgr_table[n].weight + (delay << 3);/}"
refused 1 'may be to the end of kgr_table, which lies before it in .data..read_mostly'

# What runs once has run.
tcp_cubic "s/^static u32 beta_scale __read_mostly.*/&\nstatic u32 *kgr_acked;/; ${uses}kgr_acked[delay \& 7];/
	/^static int __init cubictcp_register(/,/^}/s/^{/&\n\tkgr_acked = kcalloc(8, sizeof(u32), GFP_KERNEL);/"
refused 1 'kgr_acked is new, and cubictcp_register(), which has run and will not run again, may be what sets it up'
tcp_cubic "s/^static u32 beta_scale __read_mostly.*/&\nstatic bool kgr_ready __read_mostly;/; ${uses}kgr_ready;/
	/^static int __init cubictcp_register(/,/^}/s/^\tbeta_scale = 8/\tkgr_ready = true;\n&/"
refused 1 'kgr_ready is new, and cubictcp_register(), which has run'
edit kernel/resource.c 's/^static int __init strict_iomem(/static noinline int strict_iomem(/
	/^static int iomem_fs_init_fs_context(/,/^{/s/^{/&\n\tif (READ_ONCE(strict_iomem_checks) > 7)\n\t\tstrict_iomem("relaxed");\n/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'included strict_iomem'
expect_exit 0 kgr-prove -C "$kernel" out.ko x.diff
rm out.ko

# Of a weak function the kernel may have another file's.
edit kernel/cpu.c 's/^void __weak arch_smt_update(void) { }/void __weak arch_smt_update(void) { pr_info_once("kgraft: nothing\\n"); }/' >x.diff
refused 3 'nothing to patch'
edit kernel/cpu.c 's/^void __weak arch_smt_update(void) { }/void __weak arch_smt_update(void) { pr_info_once("kgraft: nothing\\n"); }/
	/^bool cpuhp_tasks_frozen/s/^/\/* moved *\/ /; /^void cpu_maps_update_begin(void)/,/^}/s/^{/&\n\tbarrier();/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'arch_smt_update left alone: it is weak'
expect_exit 0 kgr-prove -C "$kernel" out.ko x.diff
rm out.ko

# A fentry that is there stays.
tcp_cubic 's/^static void cubictcp_acked(/static notrace void cubictcp_acked(/'
refused 1 'the diff makes cubictcp_acked notrace'

# Two functions of one name, of files of one name: each is proved by its own unit, and entered in its own place.
edit net/ipv4/udp.c '/^static int compute_score(/,/^}/s/^\tscore = .*/&\n\tscore += READ_ONCE(dif) == -7;/' >four.diff
edit net/ipv6/udp.c '/^static int compute_score(/,/^}/s/^\tscore = .*/&\n\tscore += READ_ONCE(dif) == -9;/' >six.diff
expect_exit 0 kgr-build -C "$kernel" -o both.ko four.diff six.diff
expect_exit 0 kgr-prove -C "$kernel" both.ko four.diff six.diff
expect_exit 0 kgr-build -C "$kernel" -o six.ko six.diff
expect_exit 1 kgr-prove -C "$kernel" six.ko four.diff six.diff
says 'it lacks compute_score of net/ipv4/udp.c'
at=$(readelf -SW both.ko | sed 's/^ *\[ *[0-9]*\] *//' | awk '$1 == ".kgr.funcs" { print $4 }')
at=$((0x$at))
cp both.ko swapped.ko
# 112 bytes each; in them 16 bytes at 48 are where the kernel's function is.
dd if=both.ko of=swapped.ko bs=1 skip=$((at + 48)) seek=$((at + 112 + 48)) count=16 conv=notrunc status=none
dd if=both.ko of=swapped.ko bs=1 skip=$((at + 112 + 48)) seek=$((at + 48)) count=16 conv=notrunc status=none
expect_exit 1 kgr-prove -C "$kernel" swapped.ko four.diff six.diff
