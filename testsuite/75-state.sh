# SPDX-License-Identifier: GPL-3.0-or-later
# Whose objects a patch uses: kgr-prove has a table of it, and refuses what is built by a kgr-build that forgets what has been
# done, takes it for something else, or does not see what the kernel may keep; such are made here, of its source.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"
build=$(dirname "$KGR_STAGE")

edit net/ipv4/inet_hashtables.c '/^u32 inet_ehashfn(/,/^}/s/^\tstatic u32 inet_ehash_secret.*/&\n\tstatic u32 kgr_salt;\n\n\tnet_get_random_once(\&kgr_salt, sizeof(kgr_salt));/' >again.diff
edit net/core/secure_seq.c 's/\bnet_secret\b/net_key/g' >key.diff
edit fs/stat.c 's/\bcp_old_stat\b/kgr_old_stat/' >renamed.diff
edit kernel/params.c 's/\bkmalloced_params_lock\b/kgr_lock/' >lock.diff
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static void kgr_late(struct timer_list *t)\n{\n\tpr_info("kgraft: late\\n");\n}\nstatic DEFINE_TIMER(kgr_timer, kgr_late);\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tmod_timer(\&kgr_timer, jiffies);/
	s/^#include <linux\/export.h>/&\n#include <linux\/timer.h>/' >timer.diff
# What the kernel exports, and a guard of it that is new.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tget_random_once(\&overflowuid, 0);/
	s/^#include <linux\/export.h>/&\n#include <linux\/once.h>/' >once.diff

# Work in the kernel's memory, whose function has the name of one that another file has.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static void free_work(struct work_struct *w)\n{\n\tkfree(to_delayed_work(w));\n}\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tstruct delayed_work *w = kzalloc(sizeof(*w), GFP_KERNEL);\n\n\tif (w) {\n\t\tINIT_DELAYED_WORK(w, free_work);\n\t\tschedule_delayed_work(w, HZ);\n\t}/' >work.diff
grep -q '^static void free_work(' "$src/mm/vmalloc.c" || fail "the kernel has no free_work()"
# A timer, and a callback that has nothing to do with it.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static void kgr_late(struct timer_list *t)\n{\n\tpr_info("kgraft: late\\n");\n}\nstatic DEFINE_TIMER(kgr_timer, kgr_late);\nstatic void kgr_bye(patch_object *object)\n{\n\tpr_info("kgraft: bye\\n");\n}\nKPATCH_POST_UNPATCH_CALLBACK(kgr_bye);\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tmod_timer(\&kgr_timer, jiffies);/
	s/^#include <linux\/export.h>/&\n#include <linux\/timer.h>\n#include "kgraft-macros.h"/' >bye.diff
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static DEFINE_STATIC_KEY_FALSE(kgr_key);\nstatic DEFINE_MUTEX(kgr_mutex);\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tmutex_lock(\&kgr_mutex);\n\tif (static_branch_unlikely(\&kgr_key))\n\t\tmask = 0;\n\tif (mask == 0777777)\n\t\tstatic_branch_inc(\&kgr_key);\n\tmutex_unlock(\&kgr_mutex);/' >static-key.diff

# prove CODE NAME
prove() {
	expect_exit "$1" kgr-prove -C "$kernel" "kgraft-$2.ko" "$2.diff"
}
# row OBJECT WHOSE TEXT: a line of the table
row() {
	grep -q "^[a-z ]* $1[, ].*: $2.*; .*$3" out || fail "no row of $1: $2 ... $3"
}
# A number, of which the kernel gets a pointer.
edit kernel/sys.c '/^SYSCALL_DEFINE1(umask/i static int kgr_state;\n
	/^SYSCALL_DEFINE1(umask/,/^}/s/^{/&\n\tcurrent->journal_info = \&kgr_state;\n\tkgr_state++;/' >stored.diff
for fix in again key renamed timer once stored work bye static-key; do
	kgr-build -C "$kernel" "$fix.diff" >/dev/null
	prove 0 "$fix"
	cp out "table-$fix"
done
cp table-again out
row inet_ehash_secret "the kernel's inet_ehash_secret" 'of that name and place'
row ___done "the kernel's ___done" 'of several, its block refers to the same'
row ___done "the patch's own" 'new, as is what it guards'
row kgr_salt "the patch's own" 'the kernel has none of that name and type'
cp table-key out
row net_key "the patch's own" 'new; net_secret, of the same type, has gone'
cp table-renamed out
row warncount "the kernel's warncount" 'it was warncount.* static in cp_old_stat(), which has gone from there'
cp table-timer out
row kgr_late "the patch's own" 'its address may outlive the patch, which stays in memory'
cp table-work out
row free_work "the patch's own" 'its address may outlive the patch, which stays in memory'
cp table-bye out
row kgr_timer "the patch's own" 'its address may outlive the patch, which stays in memory'
cp table-once out
row overflowuid "the kernel's overflowuid" 'of that name and place'
# The same as JSON, in whichever order the keys are.
# json_of NAME
json_of() {
	kgr-prove --json -C "$kernel" "kgraft-$1.ko" "$1.diff" >json
	tr -d ' \n' <json | sed 's/.*"state":\[//; s/},{/}\n{/g' >rows
}
# json_row OBJECT KEY:VALUE...: the row of an object has these
json_row() {
	grep -E "\"object\":\"$1\"[,}]" rows >json-row || fail "no row of $1 in the JSON"
	[ "$(wc -l <json-row)" = 1 ] || fail "$(wc -l <json-row) rows of $1 in the JSON"
	shift
	for pair; do
		grep -qE "[{,]$pair[,}]" json-row || fail "$pair is not in $(cat json-row)"
	done
}
json_of renamed
json_row warncount '"function":"kgr_old_stat"' '"unit":"fs/stat.c"' '"kind":"object"' '"kernel":"warncount[.0-9]*"' \
	'"proved":true'
json_of key
json_row ___done '"function":"net_secret_init"' '"kind":"guard"' '"kernel":null'
json_of timer
json_row kgr_late '"function":null' '"kind":"function"' '"kernel":null' '"proved":true'
json_of static-key
json_row kgr_key '"unit":"kernel/sys.c"' '"kind":"statickey"' '"kernel":null' '"proved":true'
json_row kgr_mutex '"kind":"lock"' '"kernel":null' '"proved":true'

# broken DIFF FILE SED...: what a kgr-build makes of it that has these files of its source changed so
broken() {
	echo "== broken on purpose: $*"
	name=$1
	shift
	rm -rf broken
	mkdir -p broken/bin
	while [ $# -gt 0 ]; do
		sed "$2" "$KGR_SRCDIR/$1" >"broken/$(basename "$1")"
		! cmp -s "$KGR_SRCDIR/$1" "broken/$(basename "$1")" || fail "not broken: $2"
		shift 2
	done
	make -s -C "$build" --eval "kgr-broken: ; \$(COMPILE) -w -o $work/broken/bin/kgr-build \
		$work/broken/*.c \$(wrapper_cmd_kgr_build_SOURCES:%=\$(srcdir)/%) \$(wrapper_cmd_kgr_build_LDADD)" kgr-broken
	for part in lib libexec share; do
		ln -s "$KGR_STAGE/$part" broken/$part
	done
	rm "kgraft-$name.ko"
	expect_exit 0 broken/bin/kgr-build -C "$kernel" "$name.diff"
	prove 1 "$name"
}
compare=wrapper/compare
alone='/^\tkgr_pair_moved_objects(/d'
# Static locals of one name in a function are all new if their number changes: a secret is drawn again.
broken again $compare/correlate.c "$alone" $compare/static-locals.c \
	'/^static void match_group(/,/^}/s/^\tguint i;/&\n\n\tif (a->len != b->len)\n\t\treturn;/
	s/^\ta = left_guards(.*/\treturn;/'
row ___done "the patch's own, and should not be" "the kernel's ___done.* says that it is done: it would be done once more"
# Of several the wrong one.
broken again $compare/correlate.c "$alone" $compare/static-locals.c \
	'/^static void match_group(/,/^}/s/^\tguint i;/&\n\n\tfor (i = 0; i < a->len \&\& i < b->len; i++)\n\t\tkgr_pair(at(a, i)->sym, at(b, i)->sym, "order");\n\tdrop_paired(a);\n\tdrop_paired(b);/'
says 'should not be'
# A guard is the kernel's though what it guards is new: that is zero for ever.
broken key $compare/static-locals.c 's/^\tif (!guards_new(b, &all) .*/\tall = true;\n\tif (all) {/'
row ___done "the kernel's ___done.*, and should not be" 'it says that net_key is done, which is new'
# What a renamed function remembers, and a lock.
broken renamed $compare/correlate.c "$alone"
row warncount "the patch's own, and should not be" "it has to be the kernel's warncount"
: >kgraft-lock.ko
broken lock wrapper/select/fresh-state.c '/^static bool are_locks(/,/^}/s/^\treturn .*/\treturn false;/'
row kgr_lock "the patch's own, and should not be" "it has to be the kernel's kmalloced_params_lock"
# A timer that outlives the patch; so it does if there is a callback of which nobody said that it sees to the timer. Work whose
# function has a name that is in the kernel.
forgotten='s/^\t\t\tif (escapes(of.*\|^\t\t\tif (escapes(sources.*/\t\t\tif (0)/'
for name in timer bye; do
	broken $name wrapper/select/escapes.c "$forgotten"
	row kgr_late "the patch's own, and should not be" 'its address may outlive the patch, which does not say so'
done
broken stored wrapper/select/escapes.c 's/^\t\tif (!find_stored(.*/\t\tif (0)/'
row kgr_state "the patch's own, and should not be" 'its address may outlive the patch, which does not say so'
broken work wrapper/select/escapes.c "$forgotten"
row free_work "the patch's own, and should not be" 'its address may outlive the patch, which does not say so'
