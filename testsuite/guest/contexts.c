// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * contexts: one process in each of the places that a transition must get along with; says "NAME PID" for
 * each, then "ready", and stays until killed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <linux/vhost.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static int never[2]; /* a pipe that nobody writes to */

static int broken(const char *what)
{
	perror(what);
	exit(2);
}

static void say(const char *name, pid_t pid)
{
	printf("%s %d\n", name, pid);
	fflush(stdout);
}

static void in_pause(void)
{
	for (;;)
		pause();
}

static void ring(unsigned int flags, unsigned int sqe_flags)
{
	struct io_uring_params p = { .flags = flags };
	int fd = (int)syscall(SYS_io_uring_setup, 4, &p);
	static char buffer[8];
	struct io_uring_sqe *sqes;
	unsigned int *array, *tail;
	char *sq;

	if (fd < 0)
		broken("io_uring_setup");
	sq = mmap(NULL, p.sq_off.array + 4 * sizeof(int), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, 4 * sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		    IORING_OFF_SQES);
	if (sq == MAP_FAILED || sqes == MAP_FAILED)
		broken("io_uring mmap");
	array = (unsigned int *)(sq + p.sq_off.array);
	tail = (unsigned int *)(sq + p.sq_off.tail);
	memset(&sqes[0], 0, sizeof(sqes[0]));
	sqes[0].opcode = IORING_OP_READ;
	sqes[0].flags = (unsigned char)sqe_flags;
	sqes[0].fd = never[0];
	sqes[0].addr = (unsigned long)buffer;
	sqes[0].len = sizeof(buffer);
	array[0] = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	for (;;)
		syscall(SYS_io_uring_enter, fd, flags ? 0 : 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

static void in_ring(void)
{
	ring(0, 0);
}

/* The read is done, or rather not done, by a worker of the kernel's. */
static void in_ring_worker(void)
{
	ring(0, IOSQE_ASYNC);
}

static void in_ring_poller(void)
{
	ring(IORING_SETUP_SQPOLL, 0);
}

static void in_seccomp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { 4, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		    &filter) < 0)
		broken("seccomp");
	for (;;)
		syscall(SYS_getppid);
}

/* In the middle of running a virtual CPU, which waits for an interrupt that never comes. */
static void in_guest(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm = ioctl(kvm, KVM_CREATE_VM, 0);
	int chip = ioctl(vm, KVM_CREATE_IRQCHIP, 0), cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	struct kvm_mp_state halted = { KVM_MP_STATE_HALTED };

	if (chip || cpu < 0 || ioctl(cpu, KVM_SET_MP_STATE, &halted))
		broken("kvm");
	while (!ioctl(cpu, KVM_RUN, 0) || errno == EINTR)
		;
	broken("KVM_RUN");
}

/* Runs KVM_RUN for as long as nobody interrupts it: the guest's one instruction is a jump to itself. */
static void in_computing_guest(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm = ioctl(kvm, KVM_CREATE_VM, 0);
	int cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	struct kvm_userspace_memory_region memory = { .guest_phys_addr = 4096,
						      .memory_size = 4096 };
	struct kvm_regs regs = { .rip = 4096, .rflags = 2 };
	struct kvm_sregs sregs;
	unsigned char *code =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	memcpy(code, "\xeb\xfe", 2);
	memory.userspace_addr = (unsigned long)code;
	if (nice(19) < 0 || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &memory) ||
	    ioctl(cpu, KVM_GET_SREGS, &sregs))
		broken("kvm");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(cpu, KVM_SET_SREGS, &sregs) || ioctl(cpu, KVM_SET_REGS, &regs))
		broken("kvm");
	while (!ioctl(cpu, KVM_RUN, 0) || errno == EINTR)
		;
	broken("KVM_RUN");
}

/* The kernel's own thread in a process of ours, which serves virtual machines. */
static void with_vhost_worker(void)
{
	int fd = open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, VHOST_SET_OWNER, 0))
		broken("vhost");
	in_pause();
}

static void in_vfork(void)
{
	if (!vfork()) {
		pause();
		_exit(0);
	}
}

static void in_user_fault(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register all = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	volatile char *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	all.range.start = (unsigned long)page;
	all.range.len = 4096;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &all))
		broken("userfaultfd");
	for (;;)
		(void)page[0];
}

static void in_user_space(void)
{
	if (nice(19) < 0)
		broken("nice");
	for (;;)
		;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Whenever it leaves the kernel it is for a signal that is there. */
static void signalled(void)
{
	const struct itimerval often = { { 0, 50000 }, { 0, 50000 } };

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &often, NULL);
	in_pause();
}

static void calling(void)
{
	for (;;)
		syscall(SYS_getuid);
}

static pid_t start(const char *name, void (*where)(void))
{
	int dies_with_us[2];
	pid_t pid;
	char c;

	if (pipe(dies_with_us))
		broken("pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		close(dies_with_us[0]);
		close(dies_with_us[1]);
		where();
		_exit(0);
	}
	close(dies_with_us[1]);
	if (read(dies_with_us[0], &c, 1))
		broken(name);
	close(dies_with_us[0]);
	say(name, pid);
	return pid;
}

/* The second thread of a process. */
static pid_t worker_of(pid_t pid)
{
	char path[32];
	pid_t found = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	while (!found) {
		DIR *dir = opendir(path);
		struct dirent *entry;

		if (!dir)
			broken(path);
		while ((entry = readdir(dir))) {
			if (atoi(entry->d_name) && atoi(entry->d_name) != pid)
				found = atoi(entry->d_name);
		}
		closedir(dir);
	}
	return found;
}

static pid_t traced(const char *name)
{
	pid_t pid = start(name, calling);

	if (ptrace(PTRACE_ATTACH, pid, 0, 0) || waitpid(pid, NULL, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_EXITKILL))
		broken("ptrace");
	return pid;
}

static void go_on(int request, pid_t pid)
{
	if (ptrace(request, pid, 0, 0) || waitpid(pid, NULL, 0) != pid)
		broken("ptrace");
}

/* As strace does: its child stops at the beginning and at the end of each system call, and sleeps within. */
static void tracing(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			usleep(50000);
	}
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) || waitpid(pid, NULL, 0) != pid)
		broken("ptrace");
	say("straced", pid);
	for (;;)
		go_on(PTRACE_SYSCALL, pid);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		broken(path);
	close(fd);
}

static void freeze(pid_t pid)
{
	char text[16];

	mkdir("/sys/fs/cgroup/frozen", 0755);
	snprintf(text, sizeof(text), "%d", pid);
	put("/sys/fs/cgroup/frozen/cgroup.procs", text);
	put("/sys/fs/cgroup/frozen/cgroup.freeze", "1");
}

int main(void)
{
	pid_t stepped, entry, leave;

	if (pipe(never))
		broken("pipe");
	if (!access("/dev/kvm", F_OK)) {
		start("kvm", in_guest);
		start("kvm-computing", in_computing_guest);
	}
	if (!access("/dev/vhost-vsock", F_OK))
		say("vhost-worker", worker_of(start("vhost", with_vhost_worker)));
	start("io_uring", in_ring);
	start("io_uring-worker", in_ring_worker);
	start("io_uring-poller", in_ring_poller);
	start("seccomp", in_seccomp);
	start("vfork", in_vfork);
	start("user-fault", in_user_fault);
	start("user-space", in_user_space);
	start("signalled", signalled);
	kill(start("stopped", calling), SIGSTOP);
	freeze(start("frozen", in_pause));
	freeze(start("frozen-running", calling));
	entry = traced("traced-entry");
	go_on(PTRACE_SYSCALL, entry);
	leave = traced("traced-exit");
	go_on(PTRACE_SYSCALL, leave);
	go_on(PTRACE_SYSCALL, leave);
	start("tracer", tracing);
	stepped = traced("stepped");
	puts("ready");
	fflush(stdout);
	for (;;) {
		go_on(PTRACE_SINGLESTEP, stepped);
		usleep(10000);
	}
}
