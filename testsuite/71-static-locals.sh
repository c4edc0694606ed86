# SPDX-License-Identifier: GPL-3.0-or-later
# What a function remembers in static locals: a second net_get_random_once() draws no secret again, so that TCP connections live
# on; a secret with another name gets a guard of its own, so that it is drawn at all; and a guard of which that is not
# known is refused.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

new_objects() {
	sed -n 's/^included \([^ .]*\)[. ].*/\1/p' out | sort | tr '\n' ' '
}
edit net/ipv4/inet_hashtables.c '/^u32 inet_ehashfn(/,/^}/s/^\tstatic u32 inet_ehash_secret.*/&\n\tstatic u32 kgr_salt;\n\n\tnet_get_random_once(\&kgr_salt, sizeof(kgr_salt));/' >again.diff
expect_exit 0 kgr-build -C "$kernel" again.diff
[ "$(new_objects)" = '___done ___once_key kgr_salt ' ] || fail "new are $(new_objects)"
edit net/core/secure_seq.c 's/\bnet_secret\b/net_key/g
	/^u64 secure_ipv4_port_ephemeral/,/^}/s/net_secret_init();/&\n\tpr_info("kgraft: key %d\\n", !!(net_key.key[0] | net_key.key[1]));/' >key.diff
expect_exit 0 kgr-build -C "$kernel" key.diff
[ "$(new_objects)" = '___done ___once_key net_key ' ] || fail "new are $(new_objects)"
says 'net_key is new and begins as the source says; what net_secret, which has gone, holds is not carried over'

# A new guard of what the kernel has.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tget_random_once(\&overflowuid, 0);/
	s/^#include <linux\/export.h>/&\n#include <linux\/once.h>/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says '___done, static in __do_sys_umask(), is new: what it guards is done once more'
rm out.ko
# A guard of nothing that is known, and an object that keeps its size: they are told of.
edit security/commoncap.c 's/^\tstatic int warned;$/\tstatic struct { u16 a, b; } warned;/
	s/if (!warned)/if (!warned.b)/; s/warned = 1/warned.b = 1/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'is struct {...} now, and was int: it keeps the bytes that it has'
edit net/ethtool/ioctl.c 's/\bbusy\b/kgr_busy/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'is new and begins as the source says; what busy.'
rm out.ko
# Another name and another type.
edit security/commoncap.c 's/^\tstatic int warned;$/\tstatic struct { u16 a, b; } kgr_warned;/
	s/if (!warned)/if (!kgr_warned.b)/; s/warned = 1/kgr_warned.b = 1/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says 'is new and begins as the source says; what warned.'
# Something new that is set up where a guard of the whole function may say that all is done.
edit kernel/smp.c '/^static void __flush_smp_call_function_queue(/i static int kgr_first;\n
	/^static void __flush_smp_call_function_queue(/,/^}/{
		s/^\t\twarned = true;/&\n\t\tkgr_first = smp_processor_id();/
		s/^\tlockdep_assert_irqs_disabled();/&\n\tif (READ_ONCE(kgr_first) < 0)\n\t\treturn;/
	}' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says "kgr_first is new, and what __flush_smp_call_function_queue() does but once it may have done: warned, which says so, is the kernel's"
rm out.ko
# A lock with another name, of another kind too; the old one may stay if it has nothing to do with it.
edit kernel/params.c 's/\bkmalloced_params_lock\b/kgr_lock/' >x.diff
refused 1 'kgr_lock (spinlock_t) is new, and kmalloced_params_lock (spinlock_t) has gone'
edit kernel/params.c 's/^static DEFINE_SPINLOCK(kmalloced_params_lock)/static DEFINE_RAW_SPINLOCK(kgr_lock)/
	s/spin_\(un\)*lock(&kmalloced_params_lock)/raw_spin_\1lock(\&kgr_lock)/' >x.diff
refused 1 'kgr_lock (raw_spinlock_t) is new, and kmalloced_params_lock (spinlock_t) has gone'
edit kernel/params.c 's/^static DEFINE_SPINLOCK(kmalloced_params_lock)/static __used DEFINE_SPINLOCK(kmalloced_params_lock);\nstatic DEFINE_SPINLOCK(kgr_lock)/
	s/lock(&kmalloced_params_lock)/lock(\&kgr_lock)/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
rm out.ko
# What is in a function that was split or has another name, or in none any more, is the kernel's own.
edit fs/file_table.c '/^struct file \*alloc_empty_file(/i static noinline void kgr_full(void)\n{\n\tstatic long old_max;\n\n\tif (get_nr_files() > old_max)\n\t\told_max = get_nr_files();\n}\n
	/^struct file \*alloc_empty_file(/,/^}/{
		/static long old_max/d
		/if (get_nr_files() > old_max)/,/^\t}/d
		s/return ERR_PTR(-ENFILE)/kgr_full();\n\t&/
	}' >split.diff
edit fs/stat.c 's/\bcp_old_stat\b/kgr_old_stat/' >renamed.diff
edit kernel/sysctl.c 's/^\tstatic DEFINE_MUTEX(static_key_mutex);$//
	/^int proc_do_static_key/i static DEFINE_MUTEX(static_key_mutex);\n
	/^int proc_do_static_key/,/^}/s/int val, ret;/&\n\n\tif (!key)\n\t\treturn 0;/' >outside.diff
# moved NAME OBJECT FROM: what is said, and that nothing is new
moved() {
	expect_exit 0 kgr-build -C "$kernel" $1.diff
	says "is the kernel's $2, which was static in $3(): it keeps what it holds"
	! grep "^included $2" out || fail "$2 is new"
	expect_exit 0 kgr-prove -C "$kernel" kgraft-$1.ko $1.diff
}
moved split old_max alloc_empty_file
moved renamed warncount cp_old_stat
moved outside static_key_mutex proc_do_static_key
edit kernel/sysctl.c 's/^\tstatic DEFINE_MUTEX(static_key_mutex);$//
	/^int proc_do_static_key/i static DEFINE_MUTEX(static_key_mutex);\n' >x.diff
refused 3 'compiles to the same code'
expect_exit 0 kgr-prove --nothing -C "$kernel" x.diff
# Which of two is the one that has gone?
edit fs/stat.c '/^static int cp_old_stat(/,/^}/s/^\tstatic int warncount = 5;/\tint warncount = 0;/
	/^SYSCALL_DEFINE2(stat,/,/^}/s/^\tint error;/\tstatic int warncount = 5;\n&\n\n\tif (--warncount > 0)\n\t\tpr_info("stat\\n");/
	/^SYSCALL_DEFINE2(lstat,/,/^}/s/^\tint error;/\tstatic int warncount = 5;\n&\n\n\tif (--warncount > 2)\n\t\tpr_info("lstat\\n");/' >x.diff
refused 1 'warncount, static in __do_sys_'
says '2 of that name and type are new in the file, and 1 have gone'
# Half of what it guards is new.
edit net/core/secure_seq.c '/^static __always_inline void net_secret_init/i static u64 kgr_more;\nstatic noinline void kgr_draw(siphash_key_t *key, u64 *more)\n{\n\tget_random_bytes(key, sizeof(*key));\n\tget_random_bytes(more, sizeof(*more));\n}\n
	s/net_get_random_once(.*/DO_ONCE(kgr_draw, \&net_secret, \&kgr_more);/' >x.diff
refused 1 'static in net_secret_init(), may be new or the kernel'
says 'it guards kgr_more, which is new, and net_secret, which the kernel has'

# built NAME OBJECTS: it can be built and proved, and that is all that is new
built() {
	expect_exit 0 kgr-build -C "$kernel" $1.diff
	[ "$(new_objects)" = "$2" ] || fail "new are $(new_objects)"
	cp out said
	expect_exit 0 kgr-prove -C "$kernel" kgraft-$1.ko $1.diff
	cp said out
}
# One message goes and another comes: what has not been said is not done, wherever it stands. A second one of a kind.
edit kernel/softirq.c '/^static bool tasklet_clear_sched/,/^}/{
	/WARN_ONCE(1/,/t->func);/d
	s/^{/&\n\tif (t->count.counter > 77) {\n\t\tWARN_ONCE(t->state, "kgraft: %ld\\n", t->state);\n\t}/
	}' >warn.diff
built warn '__already_done '
edit kernel/rseq.c '/^static bool rseq_warn_flags/,/^}/{
	/Deprecated flags/d
	0,/^\tif (test_flags)$/{/^\tif (test_flags)$/d}
	s/^\treturn true;/\tif (flags \& 0x80000000)\n\t\tpr_warn_once("kgraft: %u in %s\\n", flags, str);\n&/
	}' >once.diff
built once '__already_done '
edit mm/util.c 's/^\tpr_warn_ratelimited("%s: pid: %d, comm: %s, no enough/\tif (pages > 1000)\n\t\tpr_warn_ratelimited("kgraft: %s: %ld pages\\n", __func__, pages);\n&/' >limit.diff
built limit '__func__ _rs '
edit mm/util.c '/^\tpr_warn_ratelimited("%s: pid: %d, comm: %s, no enough/,/current->comm);/c \\tif (pages > 1000)\n\t\tpr_warn_ratelimited("kgraft: %ld pages\\n", pages);' >reworded.diff
built reworded '__func__ _rs '
# In a block that moved it stays, in one that does something else it may be another.
edit fs/drop_caches.c '/^int drop_caches_sysctl_handler/,/^}/{
	s/^\tif (write) {/&\n\t\tpr_info("kgraft: drop_caches\\n");\n\t\tif (ret != 77) {/
	s/^\t\tstatic int stfu;/\t\t\tstatic int stfu;/
	s/^\t\tstfu |=.*/&\n\t\t}/
	}' >moves.diff
built moves ''
edit fs/drop_caches.c '/^int drop_caches_sysctl_handler/,/^}/{
	/static int stfu;/d; s/if (!stfu)/if (ret != 77)/; /stfu |=/d
	s/^\tint ret;/&\n\n\tif (table->maxlen == 77) {\n\t\tstatic int stfu;\n\n\t\tif (!stfu)\n\t\t\tpr_info("kgraft: 77\\n");\n\t\tstfu = 1;\n\t}/
	}' >x.diff
refused 1 'stfu, static in drop_caches_sysctl_handler(), may be new or the kernel'
says 'does something else than the one that declares this'
# A number's bytes are no lock, and of a structure without a name the members stay where they are.
edit security/commoncap.c 's/^\tstatic int warned;$/\tstatic spinlock_t warned;/
	s/if (!warned)/if (spin_trylock(\&warned))/; s/warned = 1;/;/' >x.diff
refused 1 'is spinlock_t now, and was int: the running kernel'

new_guest
guest_program connection
cp kgraft-again.ko kgraft-key.ko "$guest/"
boot <<'END'
ip link set lo up
mkfifo /tmp/ask
connection 5555 </tmp/ask >/tmp/said &
exec 5>/tmp/ask
sleep 1
expect open cat /tmp/said
patch_in again
patch_in key
echo >&5
sleep 1
tail -n 1 /tmp/said
[ "$(tail -n 1 /tmp/said)" = alive ] || fail "the connection is dead"
# Another one asks for a port.
connection 5556 </dev/null >/tmp/other
expect open cat /tmp/other
dmesg | grep 'kgraft: key' || fail "the patched function has not run"
dmesg | grep -q 'kgraft: key 1' || fail "the key is zero"
patch_out key
patch_out again
END
