# SPDX-License-Identifier: GPL-3.0-or-later
. "$KGR_SRCDIR/testsuite/lib.sh"
fix_test prctl-auxv
