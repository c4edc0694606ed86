# SPDX-License-Identifier: GPL-3.0-or-later
# Who uses the entry or exit of a patched function, there before the patch and coming after it: in a transition, converged, below a
# second patch, reverted, and with a cumulative patch. Those kinds of users of ftrace that differ most; testsuite/bench/coexistence has
# the others, too, and livepatch beside the patch.
. "$KGR_SRCDIR/testsuite/lib.sh"
needs_later_kernel
has_libbpf || skip "libbpf-dev is not installed"
test_kernel small "$newest"
coexist_guest
BOOT_TIMEOUT=600
boot <<'END'
. /coexist.sh
for kind in graph fentry fexit fmod_ret kprobe-post bpf-override; do
	row $kind
done >/tmp/table
cat /tmp/table
# Only a kprobe with a post handler is refused, and only while a transition lasts; after 6.12 register_kprobe() does not
# tell its caller so.
case $(uname -r) in
6.1.* | 6.12.*) refused=refused ;;
*) refused=unseen ;;
esac
sed 's/ *$//' /tmp/table | tr -s ' ' >/tmp/ours
all='yes yes yes yes yes'
diff - /tmp/ours <<-YES || fail "see above"
	graph | $all | $all
	fentry | $all | $all
	fexit | $all | $all
	fmod_ret | $all | $all
	kprobe-post | $all | $refused yes yes yes yes
	bpf-override | $all | $all
YES
END
