# SPDX-License-Identifier: GPL-3.0-or-later
# Words that the code once used, and for which the kernel, ftrace, livepatch and ELF have their own, are not used again. And a
# structure's name means one thing: no two headers define it, and one that begins with kgr_ is defined in one file only.
. "$KGR_SRCDIR/testsuite/lib.sh"

# A word, or a part of an identifier, with what to say instead behind a tab.
cat >"$work/words" <<'END'
newborn	new task
barred	notrace, or refused
doubled	local copy
bypassed	all callers are replaced
lend	register
lends	registers
lent	registered
loan	registration
loans	registrations
hub	registry
hubs	registries
sharer	peer
sharers	peers
not let in	refused
is let in	module_coming
let_in	module_coming
kgr_let_go	module_going
take_back	unregister, or restore
taken_back	unregistered, or restored
step_up	enable
step_back	disable
retire	replace
retired_by	replaced_by
kgr_is_over	settled
kgr_offered	exported
kgr_left	work that a task has left to do
kgr_mark	patch state
kgr_marks	patch states
kgr_lead	redirection, or reference
kgr_leads	redirections
lead_to_new	redirect_to_new
lead_to_old	redirect_to_old
led_by	redirected_by
leads_back	container_use
peers_join	peers_register
peers_leave	peers_unregister
shadow tree	overlay
shadow_tree	overlay
shadow_cwd	overlay
insn_tail	bias
insn_tails	biases
add_implicit	local reloc
image_position	sympos
check_collected	linker set
END
sed 's/	.*//; s/.*/(^|[^a-z])&([^a-z]|$)/' "$work/words" >"$work/patterns"

# foreign DIR: lines that have one of these words, alone or between "_" in an identifier
foreign() {
	(cd "$1" && grep -rnIiE -f "$work/patterns" .) || true
}

# twice DIR: names of structures that are defined more than once, and where
twice() {
	(cd "$1" && grep -roE --include='*.[ch]' '^[[:space:]]*(struct|union|enum) [A-Za-z0-9_]+ \{' .) |
		sed 's,^\./\([^:]*\):[[:space:]]*\(.*\) {$,\2\t\1,' | sort | awk -F'\t' '
			$1 ~ /^[a-z]* kgr_/ || $2 ~ /\.h$/ { n[$1]++; files[$1] = files[$1] " " $2 }
			END { for (name in n) if (n[name] > 1) print name ":" files[name] }' | sort
}

mkdir "$work/copy"
for dir in wrapper runtime kmod-template man doc; do
	cp -r "$top/$dir" "$work/copy/$dir"
done
foreign "$work/copy" >"$work/found"
cat "$work/found"
[ ! -s "$work/found" ] || fail "words that are not the field's; testsuite/16-words.sh has what to say instead"
twice "$work/copy" >"$work/found"
cat "$work/found"
[ ! -s "$work/found" ] || fail "two structures have one name"

# And each of these is found where it is planted: in prose, and as a part of an identifier; a longer word is another one.
mkdir -p "$work/house/wrapper/lib" "$work/house/runtime"
while IFS= read -r line; do
	word=${line%%	*}
	for text in "/* The $word of it. */" "	n_${word}_2(self);" "struct kgr_$word *x;" \
		"$(echo "$word" | tr a-z A-Z)"; do
		echo "$text" >"$work/house/runtime/plain.c"
		[ "$(foreign "$work/house")" = "./runtime/plain.c:1:$text" ] || fail "not found: $text"
	done
	echo "x$word ${word}x" >"$work/house/runtime/plain.c"
	[ -z "$(foreign "$work/house")" ] || fail "found in another word: $word"
done <"$work/words"

# define FILE NAME: it defines a structure of that name
define() {
	printf 'struct %s {\n\tint i;\n};\n' "$2" >"$work/house/$1"
}
define wrapper/lib/a.h one
define runtime/b.h one
define wrapper/lib/a.c kgr_two
define runtime/b.c kgr_two
define wrapper/lib/c.c three
define wrapper/lib/d.c three
define wrapper/lib/d.h four
[ "$(twice "$work/house")" = "struct kgr_two: runtime/b.c wrapper/lib/a.c
struct one: runtime/b.h wrapper/lib/a.h" ] || fail "it does not find who shares a name: $(twice "$work/house")"
