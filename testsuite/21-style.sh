# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's own opinion of the runtime: checkpatch, sparse, no warnings; and an SPDX line in every
# file.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel

for file in "$top"/runtime/*.[ch] "$top"/kmod-template/*.in; do
	# compat.h is there to look at the version; what declares at file scope cannot be a loop.
	perl "$src/scripts/checkpatch.pl" --no-tree --no-signoff --terse --max-line-length=100 \
		--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,FILE_PATH_CHANGES,SPDX_LICENSE_TAG,MULTISTATEMENT_MACRO_USE_DO_WHILE \
		-f "$file" >"$work/said" || true
	grep -v '^total' "$work/said" && fail "checkpatch: $file"
done

mkdir "$work/runtime"
cp "$top"/runtime/*.[ch] "$top/runtime/Kbuild" "$top/kmod-template/include/kgraft-macros.h" \
	"$work/runtime/"
sparse=
if command -v sparse >/dev/null; then
	sparse=C=2
else
	echo "note: sparse is not installed"
fi
# compiles SERIES: the runtime for the test kernel of this series
compiles() {
	test_kernel small "$1"
	make -s -C "$kernel" M="$work/runtime" clean
	make -s -C "$kernel" M="$work/runtime" $sparse kgraft-runtime.o >"$work/said" 2>&1 || {
		cat "$work/said"
		fail "the runtime does not compile for $1"
	}
	# Only what is said of our files: the kernel's headers have notes of their own.
	if grep "^$work/runtime/[a-z]*\.[ch]:.*\(warning\|error\)" "$work/said"; then
		fail "warnings in the runtime, compiled for $1"
	fi
}
compiles 6.1
! has_series 6.12 || compiles 6.12

for file in "$top"/*/*.[ch] "$top"/*/*.cc "$top"/*/*/*.c "$top"/testsuite/*.sh "$top"/man/* \
	"$top"/configure.ac "$top"/Makefile.am "$top"/quickstart; do
	head -n 4 "$file" | grep -q SPDX-License-Identifier || fail "$file: no SPDX line"
done

if command -v clang-format >/dev/null; then
	for file in "$top"/gcc-plugin/* "$top"/wrapper/*/*.[ch] "$top"/wrapper/*/*/*.[ch] "$top"/runtime/*.[ch] "$top"/testsuite/guest/*.c "$top"/testsuite/unit/*.[ch] \
		"$top"/testsuite/kernel/torture/*.[ch]; do
		clang-format --style=file "$file" | diff -u "$file" - || fail "clang-format: $file"
	done
else
	echo "note: clang-format is not installed"
fi
