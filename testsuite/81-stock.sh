# SPDX-License-Identifier: GPL-3.0-or-later
# A kernel that Debian built, and nobody recorded: adopted from its packages, patched, booted as shipped.
. "$KGR_SRCDIR/testsuite/lib.sh"

. "$KGR_SRCDIR/testsuite/stock.sh"

stock_kernel 6.1
cd "$work"

expect_exit 0 kgr-adopt "$release" -o "$kernel" --packages "$work/nothing-there"
says "was adopted before"
[ -z "$(find "$stock_cache" -maxdepth 1 -name 'kgr.*')" ] || fail "something half made stays"
stock_files >before

stock_fixes
# One that many may include: what the preprocessor shows to be the same is not compiled.
edit include/net/gro.h '/^static inline void skb_gro_pull(/,/^}/s/NAPI_GRO_CB(skb)->data_offset += len;/&\n\tbarrier();/' >gro.diff
expect_exit 0 kgr-build -C "$kernel" gro.diff
says 'replaced inet_gro_receive'
says 'files may include a changed header, and nothing changes for them'
[ ! -e "$(echo "$XDG_CACHE_HOME"/kgraft-adopted/*/net/core/.dev.o.proved)" ] || fail "what does not change is compiled"
# What was made once is there.
id=$(sed -n 's/^build-id\t//p' "$kernel/.kgr-adopted")
units_made() { find "$XDG_CACHE_HOME/kgraft-adopted/$id"-* -name '.*.proved' -newer auxv.diff | wc -l; }
before=$(units_made)
kgr-build -C "$kernel" -o again.ko -n auxv auxv.diff >/dev/null
cmp again.ko kgraft-auxv.ko || fail "another module the second time"
[ "$(units_made)" = "$before" ] || fail "units are compiled again"

# A file that another one includes, and several at once, of which one is refused.
edit kernel/sched/rt.c '/^static void update_rt_migration/,/^}/s/^{/{\n\tbarrier();/' >rt.diff
edit lib/gen_crc32table.c '3s/^/\n/' >program.diff
cat auxv.diff binfmt.diff rt.diff program.diff >split.diff
kgr-build --split -C "$kernel" -o split.ko split.diff >out
for f in prctl_set_auxv bm_status_read update_rt_migration; do
	grep -q "^replaced $f" out || { cat out; fail "split: $f is not replaced"; }
done
grep "gen_crc32table.c: the kernel's DWARF has no unit of it" out
# Two at once, of a unit that has not been compiled.
edit ipc/msg.c '/^static long do_msgrcv/,/^{/s/^{/{\n\tbarrier();/' >msg.diff
kgr-build -C "$kernel" -o one.ko -n msg msg.diff >/dev/null &
kgr-build -C "$kernel" -o two.ko -n msg msg.diff
wait $!
cmp one.ko two.ko || fail "two at once are not the same"

stock_files >after
cmp before after || fail "the build directory or the source has changed"

# The kernel and its module as shipped.
stock_guest
# Signed with a key that this kernel has never heard of.
openssl req -new -x509 -newkey rsa:2048 -nodes -subj /CN=nobody/ -keyout key -outform DER -out key.der 2>/dev/null
"$kernel/scripts/sign-file" sha256 key key.der kgraft-auxv.ko "$guest/signed.ko"
boot_stock <<'END'
patch_in binfmt
expect "enabled, and patched" cat /tmp/b/status
# As with Secure Boot; what is in goes out as ever.
mount -t securityfs none /sys/kernel/security
echo integrity >/sys/kernel/security/lockdown
refuses 2 kgr load /kgraft-auxv.ko
says "this kernel is locked down, as with Secure Boot, and loads only modules signed with a key that it trusts"
refuses 2 kgr load /signed.ko
says "this kernel is locked down, as with Secure Boot, and loads only modules signed with a key that it trusts"
patch_out binfmt
expect enabled cat /tmp/b/status
END

# Who calls a function without fentry is found in what was linked: in another file of vmlinux's, and of a module's.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >x.diff
expect_exit 0 kgr-build --no-kprobe -C "$kernel" -o hook.ko -n hook x.diff
says 'replaced split_map_pages (calls post_alloc_hook, which is notrace, so ftrace cannot hook it)'
expect_exit 0 kgr-prove -C "$kernel" hook.ko x.diff
says 'as a normal build makes them'
edit fs/xfs/libxfs/xfs_iext_tree.c '/^inline xfs_extnum_t xfs_iext_count/,/^}/s/return /if (!ifp)\n\t\treturn 0;\n\treturn /' >x.diff
expect_exit 0 kgr-build --no-kprobe -C "$kernel" -o iext.ko -n iext x.diff
says 'replaced xfs_fill_fsxattr (calls xfs_iext_count, which is notrace, so ftrace cannot hook it)'
says 'replaced __xfs_bunmapi (calls xfs_iext_count, which is notrace, so ftrace cannot hook it)'
# Here one of them has no fentry either, and is in a table.
edit kernel/trace/ftrace.c '/^int ftrace_is_dead(void)/,/^}/s/return ftrace_disabled;/return ftrace_disabled | !nr_cpu_ids;/' >x.diff
refused 1 "s_show is notrace, so ftrace cannot hook it, and tracer_seq_ops" --no-kprobe
edit arch/x86/kernel/trace_clock.c 's/return rdtsc_ordered();/return rdtsc_ordered() | 1;/' >x.diff
refused 1 'trace_clock_x86_tsc is notrace, so ftrace cannot hook it, and its callers cannot all be replaced: ' --no-kprobe
says "data, or code without a name, refers to trace_clock_x86_tsc"
says "behind trace_clocks;"
edit kernel/trace/trace_event_perf.c '/^void perf_kprobe_destroy(/,/^}/s/^{/&\n\tpr_info("kgraft: gone\\n");/' >x.diff
refused 1 'perf_kprobe_destroy is notrace, so ftrace cannot hook it, and perf_kprobe_event_init in ' --no-kprobe
edit arch/x86/kernel/traps.c '/^asmlinkage __visible noinstr .*fixup_bad_iret(/,/^}/s/^{/&\n\tWRITE_ONCE(current->thread.error_code, 1);/' >x.diff
refused 1 'fixup_bad_iret is notrace, so ftrace cannot hook it, and its callers cannot all be replaced: ' --no-kprobe
says "behind error_entry;"

# Whatever is not known is refused.
edit arch/x86/entry/entry_64.S 's/^SYM_CODE_START(entry_SYSCALL_64)/&\n\tnop/' >x.diff
refused 1 "assembly has no fentry and no record"
# Nor is what has no record, and cannot be replaced: it is preprocessed, or compiled, as Kbuild does it.
edit tools/lib/bpf/relo_core.h '$i int kgr_more(void);' >x.diff
refused 1 "tools/lib/bpf/relo_core.o: the kernel has code of it, which Kbuild compiles by a rule of its own"
edit include/linux/sched.h 's/^struct task_struct {/&\n\tint another;/' >x.diff
refused 1 "arch/x86/kernel/asm-offsets.s: the diff changes constants that assembly uses"
edit arch/x86/entry/calling.h '/^.macro SWITCH_TO_KERNEL_CR3/i.macro KGR_NEW\n\tnop\n.endm' >x.diff
refused 1 "arch/x86/entry/entry_64.o: a changed header changes this assembly"
edit include/asm-generic/vmlinux.lds.h "s/^#define TEXT_TEXT/&	. = ALIGN(64);/" >x.diff
refused 1 "arch/x86/kernel/vmlinux.lds: a changed header changes this linker script"
edit include/vdso/helpers.h '/^static __always_inline u32 vdso_read_retry/,/^{/s/^{/&\n\tcpu_relax();/' >x.diff
refused 1 "a changed header changes arch/x86/entry/vdso/vclock_gettime.o: vdso code runs in user space"
edit include/linux/compiler_types.h '$a/* more */' >x.diff
refused 1 "which the compiler reads before every file of the kernel"
# A vdso that comes out the same is no reason to refuse.
edit include/vdso/helpers.h '/^static __always_inline void vdso_write_begin/,/^}/s/^{/&\n\tcpu_relax();/' >writer.diff
expect_exit 0 kgr-build -C "$kernel" -n writer -o kgraft-writer.ko writer.diff
says "replaced update_vsyscall"
kgr-prove -C "$kernel" kgraft-writer.ko writer.diff
# By names that climb, by names that macros have, and of what the build makes: a source, a header, a table.
edit virt/kvm/kvm_main.c '/^static long kvm_dev_ioctl(/,/^}/s/case KVM_GET_API_VERSION:/&\n\t\tpr_info_once("kgraft: asked\\n");/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says "replaced kvm_dev_ioctl"
edit include/linux/drbd_genl.h 's/DRBD_AL_EXTENTS_DEF/(DRBD_AL_EXTENTS_DEF + 7)/' >x.diff
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says "replaced drbd_adm_disk_opts"
copies include/linux/asn1_decoder.h lib/asn1_decoder.c
sed -i '1i#define KGR_DECODER' b/lib/asn1_decoder.c
sed -i '/size_t datalen);/s/$/\n#ifndef KGR_DECODER\n#define asn1_ber_decoder(d, c, p, s) ((s) > 7 ? asn1_ber_decoder(d, c, p, s) : -74)\n#endif/' b/include/linux/asn1_decoder.h
diff_to x
expect_exit 0 kgr-build -C "$kernel" -o out.ko x.diff
says "replaced rsa_parse_pub_key"
rm out.ko
edit include/linux/asn1_ber_bytecode.h 's/^#define _action(N) (N)/#define _action(N) ((N) + 1)/' >x.diff
refused 1 "has another initial value"
# A file that the diff brings is compiled as another one of its Makefile's list, of which a record is made.
copies ipc/msg.c ipc/Makefile
sed -i '/^static int newque/,/^{/s/^{/{\n\tif (kgr_more(params->flg) < 0)\n\t\treturn -ENOMEM;/
	s/^static int newque/int kgr_more(int n);\n\n&/' b/ipc/msg.c
cat >b/ipc/kgr_more.c <<'END'
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dnotify.h>
#include <linux/printk.h>

int kgr_more(int n);

int kgr_more(int n)
{
	pr_info_once("%s: more\n", KBUILD_BASENAME);
	return n < 0 ? -1 : 0;
}
END
sed -i 's/\<msgutil\.o/kgr_more.o &/' b/ipc/Makefile
diff_to new
expect_exit 0 kgr-build -C "$kernel" -n new -o kgraft-new.ko new.diff
says "included kgr_more (new)"
kgr-prove -C "$kernel" kgraft-new.ko new.diff

# A source with local changes: what was compiled is proved, and what is only preprocessed must be older.
own_kernel
edit ipc/sem.c '/^SYSCALL_DEFINE3(semget/,/^{/s/^{/{\n\tbarrier();/' >x.diff
sed -i '/^static int newary/,/^{/s/^{/{\n\tWRITE_ONCE(ns->sem_ctls[0], 1);/' "$kernel/source/ipc/sem.c"
refused 1 "ipc/sem.c: what is compiled here is not what runs"
{
	cat "$src/include/net/dsa.h"
	echo
} | instead .kernel-source/include/net/dsa.h
cp xfs.diff x.diff
refused 1 "it was changed, or taken away, since the kernel was adopted"
rm -r own away
# A kernel that was adopted may be copied; whatever names another place is refused.
kernel=$original
own_kernel
(
	export XDG_CACHE_HOME="$work/units"
	expect_exit 0 kgr-build -C "$kernel" -n auxv -o copied.ko auxv.diff
	cmp copied.ko kgraft-auxv.ko || fail "the copy makes another module"
	cp auxv.diff x.diff
	rm -r units
	sed "s,@KGR_SOURCE@,/nonexistent,g" "$original/.kgr-kbuild" | instead .kgr-kbuild
	refused 2 "is not of the source in $kernel/.kernel-source, but of /nonexistent"
)
kernel=$original
rm -r own

# The directory of units is there to be written to; its place says who cannot.
cp auxv.diff x.diff
(
	export XDG_CACHE_HOME=/proc/nothing
	refused 2 "set XDG_CACHE_HOME to a directory that can be written to"
)

# A unit that is not what runs. The compiler is another one to the kernel that was adopted with it.
mkdir -p bin
cat >bin/gcc-odd <<'END'
#!/bin/sh
exec gcc-12 "$@" ${ODD:+-O3}
END
chmod +x bin/gcc-odd
adopted=$kernel
cp -r --no-preserve=mode "$kernel/.kgr-adopted" adopted
mkdir other
for f in $(ls -A "$kernel"); do
	ln -s "$kernel/$f" "other/$f"
done
rm other/.kgr-adopted
sed "s,^compiler\t.*,compiler\t$work/bin/gcc-odd," adopted >other/.kgr-adopted
kernel=$work/other
export ODD=y
refused 1 "kernel/sys.c: what is compiled here is not what runs: "
says "The kernel was compiled by"
unset ODD

# Bad input: nothing is made of it.
bad() {
	code=$1 text=$2
	shift 2
	expect_exit "$code" kgr-adopt "$@"
	says "$text"
	[ ! -e new ] && [ -z "$(find . -maxdepth 1 -name 'kgr.*')" ] || fail "something stays of it"
}
bad 2 "give one release"
bad 2 "is no release of a kernel" ../../etc -o new
bad 1 "CONFIG_PREEMPT_RT" 6.1.0-1-rt-amd64 -o new
mkdir there
bad 2 "kgr-adopt has not made it" "$release" -o there
mkdir some
bad 2 "there is no linux-headers-$release" "$release" -o new --packages some
for f in "$packages"/*; do
	ln -s "$f" some/
done
rm some/linux-image-*-dbg_*
bad 2 "there is no linux-image-$release-dbg of version $version" "$release" -o new --packages some
head -c 100000 "$packages"/linux-image-*-dbg_* >"some/linux-image-$release-dbg_${version}_amd64.deb"
bad 2 "cannot be unpacked; if it is cut short or damaged, get it again" "$release" -o new --packages some
head -c 100 "$packages"/linux-image-*-dbg_* >"some/linux-image-$release-dbg_${version}_amd64.deb"
bad 2 "it is no Debian package" "$release" -o new --packages some
rm some/linux-image-*-dbg_*
cp -L some/linux-kbuild-6.1_* kbuild.deb
dpkg-deb -R kbuild.deb kbuild
sed -i 's/^Version: .*/Version: 6.1.1-1/; s/^Package: .*/Package: linux-image-'"$release"'-dbg/' kbuild/DEBIAN/control
dpkg-deb -Znone -b kbuild some/linux-image-other-dbg.deb >/dev/null
bad 1 "is of another version than" "$release" -o new --packages some
ln -sf /bin/false bin/apt-get
ln -sf /bin/true bin/apt-cache
PATH=$work/bin:$PATH bad 2 "cannot be downloaded: run apt-get update first" "$release" -o new

# The kernel that runs is told by its release and its build-id; here a library says both.
cat >as.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

int uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	strcpy(name->release, getenv("AS_RELEASE"));
	return 0;
}

static int open_as(const char *as, const char *path, int flags, int mode)
{
	int (*next)(const char *, int, int) = dlsym(RTLD_NEXT, as);

	return next(strcmp(path, "/sys/kernel/notes") ? path : getenv("AS_NOTES"), flags, mode);
}

int open(const char *path, int flags, int mode)
{
	return open_as("open", path, flags, mode);
}

int open64(const char *path, int flags, int mode)
{
	return open_as("open64", path, flags, mode);
}
END
gcc -shared -fPIC -o as.so as.c -ldl
objcopy -O binary -j .notes "$(readlink -f "$adopted/vmlinux")" notes
running() {
	AS_RELEASE=$release AS_NOTES=$1 LD_PRELOAD=$work/as.so kgr-adopt --running -o "$adopted"
}
expect_exit 0 running "$work/notes"
says "was adopted before"
head -c 30 notes >other-notes
expect_exit 1 running "$work/other-notes"
says "the running kernel is another build than that of the packages"
expect_exit 2 running "$work/no-notes"
says "give its release instead of --running"
bad 2 "give one release, as uname -r says it, or --running" "$release" --running -o new

# Killed in the middle: the next one takes away what is left.
mkdir killed
kgr-adopt "$release" -o killed/new --packages "$packages" >/dev/null 2>&1 &
pid=$!
for i in $(seq 100); do
	[ -z "$(find killed -name '*.tar.xz')" ] || break
	sleep 0.1
done
kill -KILL $pid
wait $pid || true
[ -n "$(ls -d killed/kgr.*)" ] && [ ! -e killed/new ] || fail "it was not killed in the middle"
expect_exit 2 kgr-adopt "$release" -o killed/new --packages there
[ -z "$(ls killed)" ] || fail "what a killed one has left is still there"
