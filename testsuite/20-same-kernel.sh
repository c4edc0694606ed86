# SPDX-License-Identifier: GPL-3.0-or-later
# The recorded kernel is the plain kernel: every object of the test kernel is the same with CC=gcc and
# with CC=kgr-gcc, to the last byte but for the build directory's name in the debug information.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
plain=$("$tests/kernel/build" --plain)
[ ${#plain} = ${#kernel} ] || fail "the directories' names differ in length"

# Left out: what embeds a build-id, which hashes the directory's name as part of the debug information:
# the images of the vdso, and the boot loader's objects around the compressed kernel.
(cd "$plain" && find . -name '*.o' ! -name '.tmp*' ! -name 'built-in*' ! -name 'vmlinux*' \
	! -name 'vdso-image-*' ! -path './arch/x86/boot/*' |
	sort) >"$work/objects"
count=0 differ=0
while read -r object; do
	count=$((count + 1))
	sed "s,$plain,$kernel,g" "$plain/$object" | cmp -s - "$kernel/$object" && continue
	# Where strings of the debug information are sorted by their hash, the name moves others.
	for o in "$plain/$object" "$kernel/$object"; do
		objcopy -R '.debug_*' -R '.rela.debug_*' "$o" "$work/stripped.o"
		readelf -SW "$o" | sed -n 's/.* \(\.debug_[a-z_]*\) *[A-Z]* *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\).*/\1 \2/p'
		sha256sum <"$work/stripped.o"
	done >"$work/both"
	lines=$(($(wc -l <"$work/both") / 2))
	if [ "$(head -n $lines "$work/both")" != "$(tail -n $lines "$work/both")" ]; then
		echo "differs: $object"
		differ=$((differ + 1))
	fi
done <"$work/objects"
echo "$count objects compared, $differ differ"
[ $count -gt 500 ] && [ $differ = 0 ] || fail "the recorded kernel is another one"

# Records: every object made of C has one, and together they are small.
objects=0 records=0
for record in $(find "$kernel" -name '.*.o.kgr'); do
	object=$(dirname "$record")/$(basename "$record" .kgr | sed 's/^\.//')
	objects=$((objects + $(stat -c %s "$object")))
	records=$((records + $(stat -c %s "$record")))
done
echo "records take $records bytes, objects $objects: $((records * 1000 / objects)) per mille"
[ $((records * 20)) -le $objects ] || fail "records take more than 5% of the objects' size"
! grep -q 'kgr-gcc: warning' "$kernel/build.log" || fail "kgr-gcc warned"

# The plain one can be run just as well, but not patched.
cd "$work"
edit include/linux/utsname.h 's/^static inline struct new_utsname \*utsname(void)/\/\* Changed. \*\/ &/' >header.diff
expect_exit 1 kgr-build -C "$plain" header.diff
says "has no records; build the kernel with CC=kgr-gcc"
