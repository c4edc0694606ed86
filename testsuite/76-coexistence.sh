# SPDX-License-Identifier: GPL-3.0-or-later
# Who uses the entry or exit of a patched function, there before the patch and coming after it: in a transition, converged, below a
# second patch, reverted, and with a cumulative patch; and livepatch in the patch's place. Those kinds of users of ftrace that
# differ most; testsuite/bench/coexistence has the others, too.
. "$KGR_SRCDIR/testsuite/lib.sh"
has_series 6.12 || skip "linux-source-6.12 is not installed"
test_kernel small 6.12
coexist_guest
BOOT_TIMEOUT=600
boot <<'END'
. /coexist.sh
table kprobe kretprobe graph >/tmp/table
cat /tmp/table
! grep -E 'WRONG|unseen|no-patch|refused|STUCK' /tmp/table || fail "see above"
END
