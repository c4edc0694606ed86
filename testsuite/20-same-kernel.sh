# SPDX-License-Identifier: GPL-3.0-or-later
# The recorded kernel is the plain kernel: gcc makes the same objects as kgr-gcc did when the test kernel was compiled,
# to the last byte. The first object of every directory and every 16th of all others are compiled again, each by the
# command that Kbuild wrote down, with gcc's name in place of kgr-gcc's; KGR_ALL_OBJECTS=1 takes them all, which is as
# long as compiling the kernel.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$kernel"

# command OBJECT: as Kbuild had it run by the shell, without what make doubles
command_of() {
	sed -n 's/^\(saved\)*cmd_[^ ]* := //p' "$(dirname "$1")/.$(basename "$1").cmd" |
		sed -e 's/\$(pound)/#/g' -e 's/\\#/#/g' -e 's/\$\$/$/g'
}

# Of C and of assembly.
grep -lE '^(saved)?cmd_[^ ]*\.o := [^ ]*kgr-gcc ' -r --include='.*.o.cmd' . |
	sed 's,^\./,,; s,\.\([^/]*\)\.cmd$,\1,' | sort >"$work/all"
if [ -n "${KGR_ALL_OBJECTS:-}" ]; then
	cp "$work/all" "$work/objects"
else
	awk '{ dir = $0; sub("/*[^/]*$", "", dir) } !seen[dir]++ || ++n % 16 == 0' "$work/all" >"$work/objects"
fi

# compile OBJECT: again, into $work/again, with gcc; false if that is another one. The record goes nowhere.
compile() {
	name=$(basename "$1")
	again=$work/again/$(echo "$1" | tr / _)
	command_of "$1" | sed -e "s,[^ ]*kgr-gcc ,gcc ,g" -e "s,-Wp\,-MMD\,[^ ]*\.d,-Wp\,-MMD\,$again.d," \
		-e "s, $1\( \|\$\), $again\1,g" >"$again.sh"
	grep -q " -o $again " "$again.sh" && ! grep -q kgr-gcc "$again.sh" || {
		echo "not understood: $(cat "$again.sh")"
		return 1
	}
	sh "$again.sh" && cmp "$again" "$1"
	rc=$?
	rm -f "$again" "$again".*
	return $rc
}
mkdir "$work/again"
count=0 differ=0
while read -r object; do
	count=$((count + 1))
	compile "$object" </dev/null || differ=$((differ + 1))
done <"$work/objects"
echo "$count of $(wc -l <"$work/all") objects compared, $differ differ"
[ "$(wc -l <"$work/all")" -gt 500 ] && [ $count -gt 100 ] && [ $differ = 0 ] ||
	fail "the recorded kernel is another one"
# And the comparison sees an object that is another one.
object=kernel/sys.o
command_of $object | sed "s,[^ ]*kgr-gcc ,gcc -O1 ,; s,-O2 ,,; s, $object\( \|\$\), $work/other.o\1,g
	s,-Wp\,-MMD\,[^ ]*\.d,," >"$work/other.sh"
sh "$work/other.sh"
! cmp -s "$work/other.o" $object || fail "this tests nothing"

# Records: every object made of C has one, and together they are small.
objects=0 records=0
for record in $(find . -name '.*.o.kgr'); do
	object=$(dirname "$record")/$(basename "$record" .kgr | sed 's/^\.//')
	objects=$((objects + $(stat -c %s "$object")))
	records=$((records + $(stat -c %s "$record")))
done
echo "records take $records bytes, objects $objects: $((records * 1000 / objects)) per mille"
[ $((records * 20)) -le $objects ] || fail "records take more than 5% of the objects' size"
! grep -q 'kgr-gcc: warning' "$kernel/build.log" || fail "kgr-gcc warned"

# A kernel compiled with gcc has no records, and cannot be patched.
cd "$work"
cp -rs "$kernel" plain
find plain -name '*.o.kgr' -delete
edit include/linux/utsname.h 's/^static inline struct new_utsname \*utsname(void)/\/\* Changed. \*\/ &/' >header.diff
expect_exit 1 kgr-build -C plain header.diff
says "has no records; build the kernel with CC=kgr-gcc"
