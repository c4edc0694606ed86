# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-upgrade: from the source of an adopted kernel to another one, as far as it can be live.
. "$KGR_SRCDIR/testsuite/lib.sh"
. "$KGR_SRCDIR/testsuite/stock.sh"

stock_kernel 6.1
cd "$work"

# A later source: a fix of vmlinux and one of a module that can be live, an initial value that cannot, a file of no kernel's.
cp -al "$src" later 2>/dev/null || cp -a "$src" later
# change FILE SED: in ./later, whose files are also the source's
change() {
	sed "$2" "$src/$1" >changed
	! cmp -s "$src/$1" changed || fail "nothing changed in $1"
	rm "later/$1"
	mv changed "later/$1"
}
change kernel/sys.c '/^SYSCALL_DEFINE1(getpgid/,/^}/s/^{/&\n\tcond_resched();/'
change fs/binfmt_misc.c 's/"enabled\\n" :/"enabled, and patched\\n" :/'
change fs/eventfd.c '/^struct eventfd_ctx \*eventfd_ctx_fdget(/,/^}/s/^\tif (!f.file)/\tcond_resched();\n&/
	/^static const struct file_operations eventfd_fops/,/^}/s/^\t\.llseek.*/\t.llseek\t\t= default_llseek,/'
rm later/scripts/dtc/include-prefixes/arm
ln -s nowhere later/scripts/dtc/include-prefixes/arm
change arch/arm64/mm/fault.c '$a/* more */'
change Makefile 's/^SUBLEVEL = .*/SUBLEVEL = 999/'
stock_files >before
expect_exit 0 kgr-upgrade -o up.ko "$kernel" later -- -n up
for f in __x64_sys_getpgid bm_status_read eventfd_ctx_fdget; do
	says "replaced $f "
done
says "object eventfd_fops (.rodata.eventfd_fops) has another initial value"
says "fs/eventfd.c (1 of 2 hunks: eventfd_fops)"
says "share    4 of 4 changed functions are in the patch"
says "1 symbolic link that differs: left out"
says "diff     up.live.diff is what is in"
grep -q '^+++ b/arch/arm64/mm/fault.c' to-later.diff || fail "the diff is not the difference"
expect_exit 0 kgr-prove -C "$kernel" up.ko up.live.diff
stock_files >after
cmp before after || fail "the build directory or the source has changed"

# What is not there, is there already, or is older; and nothing is left of it.
mkdir none
files() { ls -A | grep -vxE 'before|after|out'; }
files >before
# fails CODE TEXT ARG...
fails() {
	code=$1 text=$2
	shift 2
	expect_exit "$code" kgr-upgrade "$@"
	says "$text"
}
fails 2 "give what is there, and what it shall become" "$kernel"
fails 1 "is of version $version already" --packages "$packages" "$kernel" "$release"
fails 1 "6.1.98-1 is older than what is there, $version" "$kernel" 6.1.98-1
fails 2 "there is no linux-image-6.1.0-9999-cloud-amd64 in the archive" "$kernel" 6.1.0-9999-cloud-amd64
fails 2 "there is no linux-image-6.1.0-9999-cloud-amd64 in the directory of --packages" --packages none "$kernel" 6.1.0-9999-cloud-amd64
fails 2 "there is no linux-source-6.1 of version 6.1.9999-1; put its .deb there" --packages none "$kernel" 6.1.9999-1
fails 2 "linux-source-6.1=6.1.9999-1 cannot be downloaded" "$kernel" 6.1.9999-1
echo cut >none/linux-source-6.1_6.1.9999-1_all.deb
fails 2 "it is no Debian package" --packages none "$kernel" 6.1.9999-1
fails 2 "none has no file MAINTAINERS" "$kernel" none
fails 3 "the sources are the same" "$kernel" "$src"
fails 2 "6.1.0-9999-cloud-amd64 is not adopted, and kgr-adopt says why" --packages none 6.1.0-9999-cloud-amd64 later
fails 2 "Unknown option --no-such-thing" -o new.ko "$kernel" later -- --no-such-thing
files >after
cmp before after || { diff before after; fail "something is left"; }
# For programs, whoever fails.
kgr-upgrade "$kernel" none -- --json >json 2>/dev/null && fail "none is no source"
tr -d ' \n' <json | grep -q '"exit":2' || { cat json; fail "no JSON"; }
# What is not only a source.
mkdir later/.git
fails 1 "is a git repository, which knows better what differs" "$kernel" later
rmdir later/.git
touch later/.config
fails 1 "a kernel was built in $work/later, which has the build's files in it" "$kernel" later
rm later/.config
cd later
fails 1 "where the diff goes, is part of $work/later" "$kernel" .
