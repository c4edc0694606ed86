// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * bpf-user: one BPF program at a function's entry or exit, pinned so that it stays when this ends.
 *
 *	bpf-user attach KIND FUNCTION
 *	bpf-user seen		how many calls it has seen, what the last returned (0: it does not see that), and of which function
 *	bpf-user detach		it is gone when this ends
 *
 * Those KINDs that change what the function returns have it return -EACCES, without it being run. The BPF file system is
 * at /sys/fs/bpf.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAP "/sys/fs/bpf/user-map"
#define LINK "/sys/fs/bpf/user-link"

struct seen {
	__u64 calls, value, function;
};

static const struct kind {
	const char *name;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	/* of the returned value in the program's context; 0: not there */
	short value;
	short returns;
	/* by bpf_override_return() */
	short override;
} kinds[] = {
	{ .name = "fentry", .type = BPF_PROG_TYPE_TRACING, .attach = BPF_TRACE_FENTRY },
	{ .name = "fexit", .type = BPF_PROG_TYPE_TRACING, .attach = BPF_TRACE_FEXIT, .value = 8 },
	{ .name = "fexit-void", .type = BPF_PROG_TYPE_TRACING, .attach = BPF_TRACE_FEXIT },
	{ .name = "fmod_ret", .type = BPF_PROG_TYPE_TRACING, .attach = BPF_MODIFY_RETURN },
	{ .name = "fmod_ret-err",
	  .type = BPF_PROG_TYPE_TRACING,
	  .attach = BPF_MODIFY_RETURN,
	  .returns = -EACCES },
	{ .name = "bpf-kprobe", .type = BPF_PROG_TYPE_KPROBE },
	{ .name = "bpf-override", .type = BPF_PROG_TYPE_KPROBE, .override = -EACCES },
};

static int fail(const char *what)
{
	fprintf(stderr, "bpf-user: %s: %s\n", what, strerror(errno));
	return 1;
}

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOVE(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o) INSN(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE(d, o, s) INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define CALL(f) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)

/* R6 is the context, R7 what it has seen. */
static int write_program(const struct kind *kind, int map, struct bpf_insn *program)
{
	struct bpf_insn *p = program, *unless_found;

	*p++ = MOVE(6, 1);
	*p++ = INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0);
	*p++ = MOVE(2, 10);
	*p++ = INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4);
	*p++ = INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map);
	*p++ = INSN(0, 0, 0, 0, 0);
	*p++ = CALL(BPF_FUNC_map_lookup_elem);
	unless_found = p;
	*p++ = INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0, 0);
	*p++ = MOVE(7, 0);
	*p++ = SET(1, 1);
	*p++ = INSN(BPF_STX | BPF_ATOMIC | BPF_DW, 7, 1, offsetof(struct seen, calls), BPF_ADD);
	*p++ = MOVE(1, 6);
	*p++ = CALL(BPF_FUNC_get_func_ip);
	*p++ = STORE(7, offsetof(struct seen, function), 0);
	if (kind->value) {
		*p++ = LOAD(1, 6, kind->value);
		*p++ = STORE(7, offsetof(struct seen, value), 1);
	}
	unless_found->off = p - unless_found - 1;
	if (kind->override) {
		*p++ = MOVE(1, 6);
		*p++ = SET(2, kind->override);
		*p++ = CALL(BPF_FUNC_override_return);
	}
	*p++ = SET(0, kind->returns);
	*p++ = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return p - program;
}

static int load(const struct kind *kind, const char *function, int map)
{
	struct bpf_insn program[32];
	static char log[65536];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log));
	int count = write_program(kind, map, program), id, fd;

	if (kind->type == BPF_PROG_TYPE_TRACING) {
		id = libbpf_find_vmlinux_btf_id(function, kind->attach);
		if (id < 0)
			return id;
		opts.expected_attach_type = kind->attach;
		opts.attach_btf_id = id;
	}
	fd = bpf_prog_load(kind->type, "user", "GPL", program, count, &opts);
	if (fd < 0)
		fputs(log, stderr);
	return fd;
}

/* A probe of the kernel's own kind for perf, by the function's name. */
static int open_kprobe(const char *function)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config1 = (unsigned long)function };
	FILE *type = fopen("/sys/bus/event_source/devices/kprobe/type", "r");
	int known = type && fscanf(type, "%u", &attr.type) == 1;

	if (type)
		fclose(type);
	return known ? syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC) : -1;
}

static int link_to(const struct kind *kind, const char *function, int program)
{
	int probe;

	if (kind->type == BPF_PROG_TYPE_TRACING)
		return bpf_link_create(program, 0, kind->attach, NULL);
	probe = open_kprobe(function);
	if (probe < 0)
		return probe;
	return bpf_link_create(program, probe, BPF_PERF_EVENT, NULL);
}

static int attach(const char *name, const char *function)
{
	const struct kind *kind = NULL;
	int map, program, link;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			kind = &kinds[i];
	}
	if (!kind) {
		errno = EINVAL;
		return fail(name);
	}
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "seen", sizeof(__u32), sizeof(struct seen), 1,
			     NULL);
	if (map < 0)
		return fail("no map");
	program = load(kind, function, map);
	if (program < 0)
		return fail("not loaded");
	link = link_to(kind, function, program);
	if (link < 0)
		return fail("not attached");
	if (bpf_obj_pin(map, MAP) || bpf_obj_pin(link, LINK))
		return fail("not pinned");
	return 0;
}

/* The symbol at an address, as the kernel has it. */
static void print_symbol(unsigned long long address)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	unsigned long long at;
	char name[512];

	while (symbols && fscanf(symbols, "%llx %*c %511s%*[^\n]", &at, name) == 2) {
		if (at == address) {
			puts(name);
			break;
		}
	}
	if (symbols)
		fclose(symbols);
}

static int print_seen(void)
{
	struct seen seen;
	__u32 key = 0;
	int map = bpf_obj_get(MAP);

	if (map < 0 || bpf_map_lookup_elem(map, &key, &seen))
		return fail("no map");
	printf("%lld %lld ", seen.calls, seen.value);
	print_symbol(seen.function);
	return 0;
}

/* The kernel takes programs out a little later than their last user goes. */
static int detach(void)
{
	__u32 id;
	int tries;

	if (unlink(LINK) || unlink(MAP))
		return fail("not pinned");
	for (tries = 0; tries < 1000; tries++) {
		if (bpf_prog_get_next_id(0, &id))
			return 0;
		usleep(10000);
	}
	errno = EBUSY;
	return fail("it stays");
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "attach"))
		return attach(argv[2], argv[3]);
	if (argc == 2 && !strcmp(argv[1], "seen"))
		return print_seen();
	if (argc == 2 && !strcmp(argv[1], "detach"))
		return detach();
	fprintf(stderr, "usage: bpf-user attach KIND FUNCTION | seen | detach\n");
	return 2;
}
