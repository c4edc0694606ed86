// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * probe NAME: does the running kernel have the fix of that name? Prints "fixed" or "buggy". Each
 * probe does what a program would do that meets the bug.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/kd.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <netinet/ip.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef F_SET_RW_HINT
#define F_SET_RW_HINT 1036
#endif
#define NOBODY 65534

static int broken(const char *what)
{
	perror(what);
	exit(2);
}

/* A vector of one entry must end there, not go on with the tail of the old one. */
static int prctl_auxv(void)
{
	unsigned long vector[2] = { 6 /* AT_PAGESZ */, 4096 }, shown[128];
	ssize_t n;
	int fd;

	if (prctl(PR_SET_MM, PR_SET_MM_AUXV, vector, sizeof(vector), 0))
		broken("PR_SET_MM_AUXV");
	fd = open("/proc/self/auxv", O_RDONLY);
	n = read(fd, shown, sizeof(shown));
	close(fd);
	return n <= (ssize_t)(2 * sizeof(vector));
}

/* Runs a check as an unprivileged user, in a child since there is no way back. */
static int as_nobody(int (*check)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
			broken("setresuid");
		_exit(check());
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		broken("waitpid");
	return WEXITSTATUS(status) > 1 ? broken("child") : WEXITSTATUS(status);
}

/* Loose source routes are for those who may send raw packets. */
static int source_route(void)
{
	unsigned char option[] = { IPOPT_LSRR, 7, 4, 127, 0, 0, 1, IPOPT_EOL };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	if (!setsockopt(s, IPPROTO_IP, IP_OPTIONS, option, sizeof(option)))
		return 0;
	return errno == EPERM ? 1 : 2;
}

/* A packet whose header says it is shorter than a header. */
static int raw_hdrincl(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned char packet[20] = { 0x41 };
	int s = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(packet + 16, &to.sin_addr, 4);
	if (sendto(s, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)) >= 0)
		return 0;
	return errno == EINVAL ? 1 : broken("sendto");
}

static int tcp_filter(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog prog = { 1, &all };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (!setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		return 0;
	return errno == EPERM ? 1 : 2;
}

/* A datagram socket has no out-of-band mark. */
static int siocatmark(void)
{
	int pair[2], mark;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		broken("socketpair");
	if (!ioctl(pair[0], SIOCATMARK, &mark))
		return 0;
	return errno == EOPNOTSUPP ? 1 : broken("SIOCATMARK");
}

/* Nonsense written to a sysctl has to be refused. */
static int sysctl_error(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/lo/forwarding", O_WRONLY);

	if (fd < 0)
		broken("forwarding");
	if (write(fd, "nonsense", 8) >= 0)
		return 0;
	return errno == EINVAL ? 1 : broken("write");
}

/* Somebody else's console. */
static int meta_mode(void)
{
	int fd = open("/dev/tty1", O_RDWR | O_NOCTTY), mode;

	if (fd < 0 || ioctl(fd, KDGKBMETA, &mode))
		return 2;
	if (!ioctl(fd, KDSKBMETA, mode))
		return 0;
	return errno == EPERM ? 1 : 2;
}

static int kdskbmeta(void)
{
	chmod("/dev/tty1", 0666);
	return as_nobody(meta_mode);
}

/* Nothing is ever written to an immutable file, so its lifetime is no hint to take. */
static int rw_hint(void)
{
	int fd = open("immutable", O_RDWR | O_CREAT, 0600), flags = FS_IMMUTABLE_FL, fixed;
	unsigned long long hint = 2;

	if (fd < 0 || ioctl(fd, FS_IOC_SETFLAGS, &flags))
		broken("FS_IOC_SETFLAGS");
	fixed = fcntl(fd, F_SET_RW_HINT, &hint) && errno == EPERM;
	flags = 0;
	ioctl(fd, FS_IOC_SETFLAGS, &flags);
	return fixed;
}

static void run(const char *command)
{
	if (system(command))
		broken(command);
}

/* A user namespace that maps user 1000 of a file system to user 2000, as an open file. */
static int idmap(void)
{
	int stop[2], fd;
	char path[64], byte;
	pid_t pid;

	if (pipe(stop))
		broken("pipe");
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	if (!pid) {
		close(stop[1]);
		_exit(read(stop[0], &byte, 1) != 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	fd = open(path, O_WRONLY);
	if (pid < 0 || write(fd, "1000 2000 1\n", 12) < 0)
		broken("uid_map");
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	fd = open(path, O_WRONLY);
	if (write(fd, "0 0 1\n", 6) < 0)
		broken("gid_map");
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY);
	close(stop[1]);
	waitpid(pid, NULL, 0);
	return fd;
}

/* Does the owner learn that none of the file's pages is in memory? Others are told that all are. */
static int owner_is_told(void)
{
	int fd = open("mapped/file", O_RDONLY);
	unsigned char there[4] = { 0 };
	void *at;

	if (fd < 0)
		return 2;
	at = mmap(NULL, 4 * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED || mincore(at, 4 * 4096, there))
		return 2;
	return !(there[1] & 1);
}

/* The owner of a file is who the mount says, also on an idmapped mount. */
static int mincore_owner(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	int tree, status;
	pid_t pid;

	run("mkdir -p fat mapped && dd if=/dev/zero of=fat.img bs=64k count=32 "
	    "2>/dev/null && mkdosfs fat.img >/dev/null && "
	    "mount -t vfat -o loop,uid=1000,umask=0222 fat.img fat && "
	    "dd if=/dev/zero of=fat/file bs=4k count=4 2>/dev/null && sync && echo 3 >/proc/sys/vm/drop_caches");
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "fat", OPEN_TREE_CLONE);
	attr.userns_fd = (unsigned int)idmap();
	if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) ||
	    syscall(SYS_move_mount, tree, "", AT_FDCWD, "mapped", MOVE_MOUNT_F_EMPTY_PATH))
		broken("idmapped mount");
	pid = fork();
	if (!pid) {
		if (setresuid(2000, 2000, 2000))
			_exit(2);
		_exit(owner_is_told());
	}
	waitpid(pid, &status, 0);
	run("umount -l mapped && umount -l fat && rm fat.img");
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		broken("child");
	return WEXITSTATUS(status);
}

static int ip_options(void)
{
	return as_nobody(source_route);
}

static int attach_filter(void)
{
	return as_nobody(tcp_filter);
}

static const struct {
	const char *name;
	int (*fixed)(void);
} probes[] = {
	{ "prctl-auxv", prctl_auxv },		{ "mincore-owner", mincore_owner },
	{ "ip-options-srr", ip_options },	{ "raw-hdrincl", raw_hdrincl },
	{ "attach-filter-tcp", attach_filter }, { "siocatmark", siocatmark },
	{ "sysctl-error", sysctl_error },	{ "kdskbmeta", kdskbmeta },
	{ "rw-hint-immutable", rw_hint },
};

/* Several of us may be at work at a time. */
static void enter_own_directory(void)
{
	char dir[] = "/tmp/probe.XXXXXX";

	if (!mkdtemp(dir) || chmod(dir, 0755) || chdir(dir))
		broken(dir);
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(probes) / sizeof(*probes); i++) {
		if (!strcmp(argv[1], probes[i].name)) {
			enter_own_directory();
			puts(probes[i].fixed() ? "fixed" : "buggy");
			return 0;
		}
	}
	fprintf(stderr, "usage: probe NAME\n");
	return 2;
}
