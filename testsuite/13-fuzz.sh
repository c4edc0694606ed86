# SPDX-License-Identifier: GPL-3.0-or-later
# Every reader of files from outside survives damaged ones, under the sanitizers: real seeds with bytes
# changed, and what once crashed one. make fuzz looks for more.
. "$KGR_SRCDIR/testsuite/lib.sh"
. "$tests/fuzz/seeds"
cd "$work"
make_seeds seeds
export ASAN_OPTIONS=detect_leaks=1
for reader in object record tokens diff hunks; do
	mutations=400
	[ $reader != diff ] || mutations=40
	timeout 120 "$KGR_SANITIZED/fuzz-$reader" -n $mutations seeds/$reader/* >out 2>&1 ||
		fail "$reader: exit $?: $(tail -n 20 out)"
	for kept in "$tests"/fuzz/kept/$reader-*; do
		[ ! -f "$kept" ] || timeout 60 "$KGR_SANITIZED/fuzz-$reader" "$kept" >out 2>&1 ||
			fail "$kept: exit $?: $(tail -n 20 out)"
	done
done
