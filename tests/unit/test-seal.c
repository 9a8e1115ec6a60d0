/*
 * test-seal: a sealed process tries what an exploit would try; each attempt in
 * a process of its own.
 */
#include "check/reader/seal.h"
#include "check/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MEMORY ((uint64_t)256 * 1024 * 1024)

/* Exit statuses of an attempt; a signal is seen from outside. */
enum { DENIED = 10, ALLOWED, NOT_SEALED };

static int outcome(long rc)
{
	return rc == -1 && errno == EPERM ? DENIED : ALLOWED;
}

static int open_file(void)
{
	return outcome(open("/etc/passwd", O_RDONLY));
}

static int open_old(void)
{
#ifdef SYS_open
	return outcome(syscall(SYS_open, "/etc/passwd", O_RDONLY));
#else
	return DENIED;
#endif
}

static int write_file(void)
{
	return outcome(
	    open("/tmp/imprimatur-test-seal", O_WRONLY | O_CREAT, 0600));
}

static int make_socket(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_pair(void)
{
	int pair[2];

	return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int run_program(void)
{
	char *const argv[] = {NULL};

	return outcome(execve("/bin/true", argv, argv));
}

static int fork_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

static int clone_thread(void)
{
	return outcome(syscall(SYS_clone, CLONE_VM | CLONE_THREAD, 0, 0, 0, 0));
}

static int make_pipe(void)
{
	int fds[2];

	return outcome(pipe(fds));
}

static int copy_descriptor(void)
{
	return outcome(dup(WIRE_FD));
}

static int receive_descriptor(void)
{
	struct msghdr msg = {0};

	return outcome(recvmsg(WIRE_FD, &msg, MSG_DONTWAIT));
}

static int send_message(void)
{
	struct msghdr msg = {0};

	return outcome(sendmsg(WIRE_FD, &msg, MSG_DONTWAIT));
}

static int signal_parent(void)
{
	return outcome(kill(getppid(), 0));
}

static int signal_thread(void)
{
	pid_t parent = getppid();

	return outcome(syscall(SYS_tgkill, parent, parent, 0));
}

static int map_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return outcome(p == MAP_FAILED ? -1 : 0);
}

static int make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return ALLOWED;
	return outcome(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int trace_parent(void)
{
	return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int read_other(void)
{
	char c;

	return outcome(read(STDIN_FILENO, &c, 1));
}

static int stop_clock(void)
{
	return outcome((long)syscall(SYS_setitimer, 0, NULL, NULL));
}

static int leave_namespace(void)
{
	return outcome(unshare(CLONE_NEWUSER));
}

static int make_memory_file(void)
{
	return outcome(syscall(SYS_memfd_create, "x", 0));
}

static int use_uring(void)
{
	return outcome(syscall(SYS_io_uring_setup, 1, NULL));
}

static int look_at_file(void)
{
	return outcome(access("/etc/passwd", R_OK));
}

static int remove_file(void)
{
	return outcome(unlink("/tmp/imprimatur-test-seal"));
}

static int name_itself(void)
{
	return outcome(prctl(PR_SET_NAME, "systemd"));
}

static int write_socket(void)
{
	return outcome(write(WIRE_FD, "x", 1));
}

static int use_memory(void)
{
	char *p = malloc(8 * 1024 * 1024);

	if (p == NULL)
		return DENIED;
	memset(p, 1, 8 * 1024 * 1024);
	free(p);
	return ALLOWED;
}

static int abort_itself(void)
{
	abort();
}

struct row {
	const char *name;
	int (*attempt)(void);
	int status; /* DENIED or ALLOWED, or minus a signal */
};

static const struct row rows[] = {
    {"open", open_file, DENIED},
    {"old open", open_old, DENIED},
    {"create", write_file, DENIED},
    {"access", look_at_file, DENIED},
    {"unlink", remove_file, DENIED},
    {"socket", make_socket, -SIGSYS},
    {"socketpair", make_pair, DENIED},
    {"execve", run_program, -SIGSYS},
    {"fork", fork_process, DENIED},
    {"clone", clone_thread, DENIED},
    {"pipe", make_pipe, DENIED},
    {"dup", copy_descriptor, DENIED},
    {"recvmsg", receive_descriptor, DENIED},
    {"sendmsg", send_message, DENIED},
    {"kill", signal_parent, DENIED},
    {"tgkill", signal_thread, DENIED},
    {"mmap", map_code, DENIED},
    {"mprotect", make_code, DENIED},
    {"ptrace", trace_parent, -SIGSYS},
    {"read", read_other, DENIED},
    {"setitimer", stop_clock, DENIED},
    {"unshare", leave_namespace, DENIED},
    {"memfd_create", make_memory_file, DENIED},
    {"io_uring_setup", use_uring, DENIED},
    {"prctl", name_itself, DENIED},
    {"write to the socket", write_socket, ALLOWED},
    {"use memory", use_memory, ALLOWED},
};

static int seal_as_reader(struct error *err)
{
	return seal_reader(MEMORY, err);
}

static int seal_as_fork(struct error *err)
{
	return seal_nursery(MEMORY, err) || seal_fork(err) ? -1 : 0;
}

static int seal_as_nursery(struct error *err)
{
	return seal_nursery(MEMORY, err);
}

/* In a new process: seal, try, exit with the outcome. */
static int try(int (*seal)(struct error *err), int (*attempt)(void))
{
	struct error err = ERROR_INIT;
	int pair[2], status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		for (int sig = 1; sig < 32; sig++)
			signal(sig, SIG_DFL);
		if (pair[0] != WIRE_FD && dup2(pair[0], WIRE_FD) < 0)
			_exit(NOT_SEALED);
		if (seal(&err))
			_exit(NOT_SEALED);
		_exit(attempt());
	}
	assert_true(pid > 0);
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pair[1]);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void try_rows(int (*seal)(struct error *err))
{
	int status;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		status = try(seal, rows[i].attempt);
		if (status != rows[i].status)
			print_message("%s: %d\n", rows[i].name, status);
		assert_int_equal(status, rows[i].status);
	}
}

static void test_reader(void **state)
{
	(void)state;
	try_rows(seal_as_reader);
}

static void test_fork(void **state)
{
	(void)state;
	try_rows(seal_as_fork);
}

/* The nursery may fork and seal further, but it opens nothing either. */
static void test_nursery(void **state)
{
	(void)state;
	assert_int_equal(try(seal_as_nursery, open_file), DENIED);
	assert_int_equal(try(seal_as_nursery, make_socket), -SIGSYS);
	assert_int_equal(try(seal_as_nursery, run_program), -SIGSYS);
	assert_int_equal(try(seal_as_nursery, make_code), DENIED);
	assert_int_equal(try(seal_as_nursery, clone_thread), DENIED);
	assert_int_equal(try(seal_as_nursery, leave_namespace), DENIED);
	assert_int_equal(try(seal_as_nursery, fork_process), ALLOWED);
}

/* A bug of ours is seen as what it is. */
static void test_abort(void **state)
{
	(void)state;
	assert_int_equal(try(seal_as_reader, abort_itself), -SIGABRT);
}

/* Without the seal the attempts succeed: the table can fail. */
static int no_seal(struct error *err)
{
	(void)err;
	return 0;
}

static void test_attempts(void **state)
{
	(void)state;
	assert_int_equal(try(no_seal, open_file), ALLOWED);
	assert_int_equal(try(no_seal, open_old), ALLOWED);
	assert_int_equal(try(no_seal, make_socket), ALLOWED);
	assert_int_equal(try(no_seal, make_pair), ALLOWED);
	assert_int_equal(try(no_seal, run_program), 0);
	assert_int_equal(try(no_seal, fork_process), ALLOWED);
	assert_int_equal(try(no_seal, make_pipe), ALLOWED);
	assert_int_equal(try(no_seal, copy_descriptor), ALLOWED);
	assert_int_equal(try(no_seal, signal_parent), ALLOWED);
	assert_int_equal(try(no_seal, signal_thread), ALLOWED);
	assert_int_equal(try(no_seal, map_code), ALLOWED);
	assert_int_equal(try(no_seal, make_code), ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_attempts),
	    cmocka_unit_test(test_reader),
	    cmocka_unit_test(test_fork),
	    cmocka_unit_test(test_nursery),
	    cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
