# SPDX-License-Identifier: GPL-3.0-or-later
# The same under a kernel that watches itself: lockdep, RCU checks, sleeping in atomic context.
. "$KGR_SRCDIR/testsuite/lib.sh"
fix_test prctl-auxv lockdep
fix_test siocatmark lockdep
