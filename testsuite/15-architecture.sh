# SPDX-License-Identifier: GPL-3.0-or-later
# What an architecture decides stands in wrapper/elf/ARCHITECTURE alone: nobody else names its relocation types,
# its decoder, its instructions, a byte order, its sections, its boot protocol, or a field of a table by number.
. "$KGR_SRCDIR/testsuite/lib.sh"

rooms=$(cd "$top/wrapper/elf" && echo */ | sed 's, ,|,g')

cat >"$work/patterns" <<'END'
R_(X86_64|AARCH64|390|PPC64|RISCV)_[A-Z0-9]
EM_(X86_64|AARCH64|S390|PPC64|RISCV)
Zy(dis|an)|ZY(DIS|AN)
[Ee][Nn][Dd][Bb][Rr]64|0xf3, *0x0f, *0x1e|INT3([^0-9]|$)
ELFDATA2LSB|DW_(OBJECT_LSB|END_little)|htole|le(16|32|64)toh|GUINT(16|32|64)_FROM_LE
"\.(altinst|parainst|smp_locks|retpoline_sites|return_sites|ibt_endbr)|orc_unwind
"(__mcount_loc|__patchable)
"\.(entry|noinstr|kprobes|cpuidle)\.text
"arch/(x86|arm64|s390|powerpc|riscv)
X86_KERNEL_IBT|ARM64_BTI|HdrS
entry\[[^]]*([0-9]|size)[^]]*\]|in == [0-9]|at \+ size - [0-9]| / 4([^0-9]|$)
END

# named DIR: lines below it that name what is an architecture's, but for its own rooms and comments. What asks the
# architecture for its byte order names both.
named() {
	(cd "$1" && grep -rnE --include='*.[ch]' -f "$work/patterns" .) |
		grep -vE "^\./elf/($rooms)" | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)' |
		sed 's/arch->big_endian ? ELFDATA2MSB : ELFDATA2LSB/arch->big_endian/' | grep -E -f "$work/patterns" |
		grep -v '^\./dwarf/libdwarf-compat\.h:' || true
}

named "$top/wrapper" >"$work/named"
cat "$work/named"
[ ! -s "$work/named" ] || fail "named outside wrapper/elf/ARCHITECTURE"

# And each of these is found where it is planted, and not in a room.
mkdir -p "$work/house/elf/x86" "$work/house/select"
while IFS= read -r line; do
	echo "$line" >"$work/house/select/plain.c"
	cp "$work/house/select/plain.c" "$work/house/elf/x86/room.c"
	[ "$(named "$work/house")" = "./select/plain.c:1:$line" ] || fail "not found: $line"
	# Nor does it hide behind what is allowed in the same line.
	echo "	data = arch->big_endian ? ELFDATA2MSB : ELFDATA2LSB;$line" >"$work/house/select/plain.c"
	[ "$(named "$work/house")" = "./select/plain.c:1:	data = arch->big_endian;$line" ] || fail "hidden: $line"
done <<'END'
	if (rel->type == R_X86_64_PLT32)
	if (rel->type == R_AARCH64_CALL26)
	eh->e_machine = EM_X86_64;
	ZydisDecodedInstruction insn;
	if (ZYAN_FAILED(rc))
	unsigned int endbr64;
	return DW_OBJECT_LSB;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	return le32toh(value);
	if (!strcmp(table, ".altinstructions"))
	kgr_special_find(arch, "__mcount_loc")
	".entry.text", NULL
	{ "arch/x86/boot/", "boot code" },
	kgr_kernel_config(kernel, "X86_KERNEL_IBT")
		return entry[9];
		return entry[size - 2];
		if (in == 4)
	insn[0] = INT3_INSN_OPCODE;
	memcmp(file + 0x202, "HdrS", 4)
	kgr_sec_named(obj, ".orc_unwind_ip")
	count = ip->sh.sh_size / 4;
	data->data + rel->offset / 4 * size
END
echo '	data = arch->big_endian ? ELFDATA2MSB : ELFDATA2LSB;' >"$work/house/select/plain.c"
[ -z "$(named "$work/house")" ] || fail "the architecture's byte order is taken for one that is named"
