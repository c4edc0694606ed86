# SPDX-License-Identifier: GPL-3.0-or-later
# The tool that makes a patch of every unit, on a few whose base name others have, too; and that it fails where it should.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel

KGR_UNITS='net/ipv4/udp net/ipv6/udp fs/proc/version' expect_exit 0 "$tests/corpus/every-unit" --doubled "$kernel" "$work/few"
grep -q '^ *3  proved$' "$work/out" || fail "not all three are proved"

# A refusal that no row has, a compiler that fails, and a module that proves wrong.
mkdir -p "$work/bin"
broken() {
	rm -rf "$work/few"
	printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
	chmod +x "$work/bin/$1"
	KGR_UNITS=net/ipv4/udp KGR_STAGE=$work expect_exit 1 "$tests/corpus/every-unit" --doubled "$kernel" "$work/few"
	says "$3"
}
ln -s "$KGR_STAGE/bin/kgr-init" "$work/bin/kgr-init"
broken kgr-build 'echo "kgr-build: refused: the moon is not in the right quarter for this" >&2; exit 1' '1  unlisted'
broken kgr-build 'echo "kgr-build: no" >&2; exit 2' '1  trouble'
broken kgr-build 'exit 4' '1  uncompilable'
ln -sf "$KGR_STAGE/bin/kgr-build" "$work/bin/kgr-build"
broken kgr-prove 'echo "kgr-prove: refused: it is not" >&2; exit 1' '1  unproved'
