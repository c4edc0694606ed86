# SPDX-License-Identifier: GPL-3.0-or-later
# kgr-build and kgr-prove free all they took, however a build ends, and do nothing else that the sanitizers see.
. "$KGR_SRCDIR/testsuite/lib.sh"
edits_6_1
test_kernel
cd "$work"
export ASAN_OPTIONS=detect_leaks=1 G_SLICE=always-malloc

# It finds one.
echo '#include <stdlib.h>
int main(void) { volatile char *p = malloc(10); p = 0; return p != 0; }' >leak.c
gcc -g -fsanitize=address -o leak leak.c
! ./leak 2>/dev/null || skip "leaks are not found on this host"

# What they look for beside themselves is there.
cp -r "$KGR_STAGE" stage
cp "$KGR_SANITIZED/kgr-build" "$KGR_SANITIZED/kgr-prove" stage/bin/
PATH=$work/stage/bin:$PATH
# clean CODE COMMAND...: it ends so, and no sanitizer complains
clean() {
	expect_exit "$@"
	! grep -q 'Sanitizer\|runtime error' out || fail "a sanitizer complains"
}

fix=$tests/fixes/siocatmark.diff
clean 0 kgr-build -C "$kernel" -o fix.ko "$fix"
clean 0 kgr-prove -C "$kernel" fix.ko "$fix"
clean 1 kgr-prove --nothing -C "$kernel" "$fix"
clean 1 kgr-prove -C "$kernel" "$kernel/lib/torture/kgr_torture_late.ko" "$fix"
clean 0 kgr-build --json -C "$kernel" -o fix.ko "$fix"

# Callers in other files: all is selected twice.
edit mm/page_alloc.c '/^inline void post_alloc_hook(/,/^}/s/^\tint i;/&\n\n\trandomize_va_space = 1;/' >hook.diff
clean 0 kgr-build -C "$kernel" -o hook.ko hook.diff
clean 0 kgr-prove -C "$kernel" hook.ko hook.diff

# Refused, nothing to patch, a header, what does not compile, does not apply, or is not there.
edit lib/string.c '/^int strcmp/,/^}/s/unsigned char c1, c2;/&\n\n\tif (cs == ct)\n\t\treturn 0;/' >refused.diff
clean 1 kgr-build --no-kprobe -C "$kernel" refused.diff
clean 0 kgr-build -C "$kernel" -o strcmp.ko refused.diff
edit net/unix/af_unix.c '$a/* Nothing of importance. */' >nothing.diff
clean 3 kgr-build -C "$kernel" nothing.diff
clean 0 kgr-prove --nothing -C "$kernel" nothing.diff
edit include/net/af_unix.h '$istatic inline int kgr_nobody(void) { return 1; }' >header.diff
clean 3 kgr-build -C "$kernel" header.diff
edit fs/proc/internal.h '/^static inline struct pid \*proc_pid(/,/^}/s/^{/&\n\tpr_info_once("kgraft: somebody asks for a pid\\n");\n/' >inline.diff
clean 0 kgr-build -C "$kernel" -o inline.ko inline.diff
edit net/unix/af_unix.c 's/^static int unix_shutdown(/static foo unix_shutdown(/' >broken.diff
clean 4 kgr-build -C "$kernel" broken.diff
sed 's/^ /  /' "$fix" >other.diff
clean 1 kgr-build -C "$kernel" other.diff
clean 2 kgr-build -C "$kernel" missing.diff
