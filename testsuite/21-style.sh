# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's own opinion of the runtime: checkpatch, sparse, no warnings; and an SPDX line in every
# file.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel

for file in "$top"/runtime/*.[ch] "$top"/runtime/arch/*/*.[ch] "$top"/kmod-template/*.in; do
	# compat.h and arch.h are there to look at the version; what declares at file scope cannot be a loop.
	perl "$src/scripts/checkpatch.pl" --no-tree --no-signoff --terse --max-line-length=100 \
		--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,FILE_PATH_CHANGES,SPDX_LICENSE_TAG,MULTISTATEMENT_MACRO_USE_DO_WHILE \
		-f "$file" >"$work/said" || true
	grep -v '^total' "$work/said" && fail "checkpatch: $file"
done

cp -r "$top/runtime" "$work/runtime"
cp "$top"/kmod-template/include/kgraft-*.h "$work/runtime/"
sparse=
if command -v sparse >/dev/null; then
	sparse=C=2
else
	untested "what sparse says of the runtime: it is not installed"
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
	if grep "^$work/runtime/[a-z0-9/-]*\.[ch]:.*\(warning\|error\)" "$work/said"; then
		fail "warnings in the runtime, compiled for $1"
	fi
}
compiles "$oldest"
[ "$newest" = "$oldest" ] || compiles "$newest"

# calls DIR: which object uses a symbol that which other defines; tsort names the circles
calls() {
	(cd "$1" && find . -name '*.o' ! -name kgraft-runtime.o -exec nm -A {} +) |
		awk '{ sub(/:.*/, "", $1) } $(NF - 1) ~ /^[TDBRVC]$/ { from[$NF] = $1 }
			$(NF - 1) == "U" { used[$1 " " $NF] = $1 }
			END { for (u in used) { split(u, part, " "); if (part[2] in from) print used[u], from[part[2]] } }'
}
calls "$work/runtime" >"$work/calls"
[ "$(wc -l <"$work/calls")" -ge 40 ] || fail "who calls whom in the runtime is not seen"
tsort <"$work/calls" >"$work/order" 2>"$work/said" || { cat "$work/said"; fail "a circle in the runtime"; }
# Who calls whom is seen, and a circle is found.
grep -q "^./core.o ./transition.o$" "$work/calls" || fail "core.c calls transition.c"
echo "./address.o ./core.o" | cat - "$work/calls" | tsort >/dev/null 2>&1 && fail "a circle is not found"

# What an architecture decides stands in its folder, all files in the lists, and no list names what is not there.
# named DIR: lines of the files in it that name what is x86's
named() {
	grep -nE 'R_X86|ENDBR|endbr|asm\(|->regs\.|thread\.sp|_INSN_OPCODE|BYTES_NOP|0xe[89b]\b|INT3([^0-9]|$)' "$1"/*.[ch]
}
! named "$top/runtime" || fail "x86 outside of runtime/arch/x86"
mkdir "$work/plain"
while IFS= read -r line; do
	echo "$line" >"$work/plain/plain.c"
	echo 'int x;' >"$work/plain/plain.h"
	named "$work/plain" >/dev/null || fail "not found: $line"
done <<'END'
	case R_X86_64_PC32:
	#define PAD ENDBR
	if (is_endbr(first))
	asm("nop");
	return fregs->regs.ip;
	return task->thread.sp;
	code[0] = JMP32_INSN_OPCODE;
	memset(code, BYTES_NOP1, sizeof(code));
	if (*at == 0xe8)
	if (event != DIE_INT3)
END
for dir in "$top/runtime" "$top/runtime/arch/x86"; do
	(cd "$dir" && find . -maxdepth 1 -type f ! -name files.list | sed 's,^\./,,' | LC_ALL=C sort) >"$work/there"
	LC_ALL=C sort "$dir/files.list" | diff "$work/there" - || fail "$dir/files.list"
done

for file in "$top"/*/*.[ch] "$top"/runtime/arch/*/*.[ch] "$top"/kmod-template/include/*.h "$top"/*/*.cc "$top"/*/*/*.c "$top"/testsuite/*.sh "$top"/man/* \
	"$top"/configure.ac "$top"/Makefile.am "$top"/quickstart; do
	head -n 4 "$file" | grep -q SPDX-License-Identifier || fail "$file: no SPDX line"
done

if command -v clang-format >/dev/null; then
	for file in "$top"/gcc-plugin/* "$top"/wrapper/*/*.[ch] "$top"/wrapper/*/*/*.[ch] "$top"/runtime/*.[ch] "$top"/runtime/arch/*/*.[ch] \
		"$top"/kmod-template/include/*.h "$top"/testsuite/guest/*.c "$top"/testsuite/unit/*.[ch] \
		"$top"/testsuite/kernel/torture/*.[ch]; do
		clang-format --style=file "$file" | diff -u "$file" - || fail "clang-format: $file"
	done
else
	untested "the format of C files: clang-format is not installed"
fi
