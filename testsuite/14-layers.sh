# SPDX-License-Identifier: GPL-3.0-or-later
# The rooms of wrapper/ stand on each other: no file includes one of a room above its own, and no two headers
# include each other.
. "$KGR_SRCDIR/testsuite/lib.sh"

# From the ground up. What stands in one line may include what stands in the same or an earlier one.
rooms='lib record elf dwarf kernel adopt source units compare select split extract module prove cmd'

floor=0
for room in $rooms; do
	floor=$((floor + 1))
	eval "floor_$room=$floor"
done

# layers DIR: what looks up from where, a line each
layers() {
	(cd "$1" && grep -rHo --include='*.[ch]' '^#include "[^"]*"' .) | while IFS= read -r line; do
		from=${line#./} from=${from%%:*} to=${line#*\"} to=${to%\"}
		eval "here=\${floor_${from%%/*}:-} there=\${floor_${to%%/*}:-}"
		[ -n "$here" ] && [ -n "$there" ] || { echo "$from includes $to: no such room"; continue; }
		[ "$there" -le "$here" ] || echo "$from includes $to, which stands above it"
	done
}

for dir in "$top"/wrapper/*/; do
	case " $rooms " in
	*" $(basename "$dir") "*) ;;
	*) fail "wrapper/$(basename "$dir") has no place among the rooms" ;;
	esac
done
layers "$top/wrapper" >"$work/up"
cat "$work/up"
[ ! -s "$work/up" ] || fail "includes that look up"

# tsort names the circles, if there are any.
(cd "$top/wrapper" && grep -rHo --include='*.h' '^#include "[^"]*"' .) |
	sed 's,^\./\([^:]*\):#include "\(.*\)",\1 \2,' | tsort >/dev/null 2>"$work/circles" ||
	{ cat "$work/circles"; fail "headers include each other"; }

# And the test finds one that is put there.
mkdir -p "$work/house/lib" "$work/house/cmd"
echo '#include "cmd/main.h"' >"$work/house/lib/low.c"
echo '#include "lib/low.h"' >"$work/house/cmd/main.c"
[ "$(layers "$work/house")" = "lib/low.c includes cmd/main.h, which stands above it" ] ||
	fail "an include that looks up is not found"
