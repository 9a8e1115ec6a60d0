/*
 * seal: rights of memory, Landlock, resource limits, seccomp, in this order,
 * because each forbids what those before it need.  When to seal is left to
 * process.c and nursery.c.
 */
#include "check/reader/seal.h"

#include "check/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define DESCRIPTORS_NURSERY 16 /* its own, and one that it hands to a fork */

/* ---- limits ------------------------------------------------------------- */

static int limit(int what, rlim_t most, struct error *err)
{
	const struct rlimit r = {most, most};

	if (setrlimit((__rlimit_resource_t)what, &r))
		return error_set(err, ERROR_INTERNAL,
		    "cannot limit resource %d: %s", what, strerror(errno));
	return 0;
}

/* No privileges to gain, and, but for sanitizers, none to look inside. */
static int seal_privileges(struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    (!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)))
		return error_set(err, ERROR_INTERNAL,
		    "cannot give up privileges: %s", strerror(errno));
	return 0;
}

/* What a sanitizer maps has no measure. */
static int seal_limits(
    uint64_t memory_max_bytes, rlim_t descriptors, struct error *err)
{
	if (limit(RLIMIT_CORE, 0, err) ||
	    limit(RLIMIT_NOFILE, descriptors, err))
		return -1;
	if (!SANITIZED && memory_max_bytes > 0)
		return limit(RLIMIT_AS, memory_max_bytes, err);
	return 0;
}

/*
 * What PCRE2 has compiled to machine code stays as it is: no page is to be
 * writable and executable when the first mail comes.  Without /proc there is
 * nothing to be done; seccomp still denies new ones.
 */
static int seal_code(struct error *err)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	char line[512], rights[5];
	int rc = 0;

	while (maps != NULL && rc == 0 &&
	       fgets(line, sizeof(line), maps) != NULL) {
		union {
			unsigned long number;
			void *p;
		} at;

		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 ||
		    strncmp(rights, "rwx", 3) != 0)
			continue;
		at.number = from;
		rc = mprotect(at.p, to - from, PROT_READ | PROT_EXEC);
	}
	if (maps != NULL)
		fclose(maps);
	if (rc)
		return error_set(err, ERROR_INTERNAL,
		    "cannot protect compiled code: %s", strerror(errno));
	return 0;
}

/* ---- Landlock ----------------------------------------------------------- */

/*
 * House: the structure and the rights are spelled out here, because the
 * system's header may be older than its kernel (landlock(7)).
 */
struct landlock {
	uint64_t files, net, scoped;
};

#define LANDLOCK_VERSION  1u /* flag: ask for the version */
#define LANDLOCK_FILES_1  0x1fffu
#define LANDLOCK_REFER	  0x2000u /* from version 2 */
#define LANDLOCK_TRUNCATE 0x4000u /* from version 3 */
#define LANDLOCK_NET	  0x3u	  /* from version 4: TCP bind, connect */
#define LANDLOCK_IOCTL	  0x8000u /* from version 5 */
#define LANDLOCK_SCOPED	  0x3u /* from version 6: abstract sockets, signals */

/*
 * No path may be touched at all.  A kernel without Landlock is no error:
 * seccomp alone suffices, this is the second wall.
 */
static int seal_files(struct error *err)
{
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_VERSION);
	struct landlock rules = {LANDLOCK_FILES_1, 0, 0};
	size_t size = offsetof(struct landlock, net);
	int fd;

	if (version < 1)
		return 0;
	if (version >= 2)
		rules.files |= LANDLOCK_REFER;
	if (version >= 3)
		rules.files |= LANDLOCK_TRUNCATE;
	if (version >= 4) {
		rules.net = LANDLOCK_NET;
		size = offsetof(struct landlock, scoped);
	}
	if (version >= 5)
		rules.files |= LANDLOCK_IOCTL;
	if (version >= 6) {
		rules.scoped = LANDLOCK_SCOPED;
		size = sizeof(rules);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0u);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0u))
		return error_set(err, ERROR_INTERNAL,
		    "cannot restrict files: %s", strerror(errno));
	close(fd);
	return 0;
}

/* ---- seccomp ------------------------------------------------------------ */

enum condition {
	ALWAYS,
	OWN_SOCKET, /* the descriptor is WIRE_FD; with a sanitizer also 2 */
	NO_EXEC,    /* third argument without PROT_EXEC */
	OWN_PID,    /* first argument is this process */
	FORK_ONLY,  /* clone() without namespaces */
	NEVER	    /* ends the process */
};

struct allowed {
	int call;
	enum condition condition;
};

/* What reading a mail takes. */
static const struct allowed for_reading[] = {
    {SCMP_SYS(read), OWN_SOCKET},
    {SCMP_SYS(write), OWN_SOCKET},
    {SCMP_SYS(brk), ALWAYS},
    {SCMP_SYS(mmap), NO_EXEC},
    {SCMP_SYS(munmap), ALWAYS},
    {SCMP_SYS(mremap), ALWAYS},
    {SCMP_SYS(mprotect), NO_EXEC},
    {SCMP_SYS(madvise), ALWAYS},
    {SCMP_SYS(futex), ALWAYS},
    {SCMP_SYS(clock_gettime), ALWAYS},
    {SCMP_SYS(gettimeofday), ALWAYS},
    {SCMP_SYS(time), ALWAYS},
    {SCMP_SYS(getrandom), ALWAYS},
    {SCMP_SYS(restart_syscall), ALWAYS},
    {SCMP_SYS(exit), ALWAYS},
    {SCMP_SYS(exit_group), ALWAYS},
    {SCMP_SYS(rt_sigreturn), ALWAYS},
    /* for abort() */
    {SCMP_SYS(rt_sigprocmask), ALWAYS},
    {SCMP_SYS(getpid), ALWAYS},
    {SCMP_SYS(gettid), ALWAYS},
    {SCMP_SYS(tgkill), OWN_PID},
    /* an exploit would begin with one of these */
    {SCMP_SYS(execve), NEVER},
    {SCMP_SYS(execveat), NEVER},
    {SCMP_SYS(socket), NEVER},
    {SCMP_SYS(connect), NEVER},
    {SCMP_SYS(ptrace), NEVER},
};

/* What a sanitizer takes to write its report. */
static const struct allowed for_sanitizers[] = {
    {SCMP_SYS(sigaltstack), ALWAYS},
    {SCMP_SYS(rt_sigaction), ALWAYS},
    {SCMP_SYS(sched_yield), ALWAYS},
    {SCMP_SYS(nanosleep), ALWAYS},
    {SCMP_SYS(clock_nanosleep), ALWAYS},
    {SCMP_SYS(getrusage), ALWAYS},
    {SCMP_SYS(getrlimit), ALWAYS},
    {SCMP_SYS(prlimit64), ALWAYS},
};

/* What the nursery takes besides; seal_fork() takes it from its forks. */
static const struct allowed for_nursery[] = {
    {SCMP_SYS(clone), FORK_ONLY},
    {SCMP_SYS(fork), ALWAYS},
    {SCMP_SYS(set_robust_list), ALWAYS},
    {SCMP_SYS(rseq), ALWAYS},
    {SCMP_SYS(recvmsg), OWN_SOCKET},
    {SCMP_SYS(close), ALWAYS},
    {SCMP_SYS(dup2), ALWAYS},
    {SCMP_SYS(dup3), ALWAYS},
    {SCMP_SYS(setitimer), ALWAYS},
    {SCMP_SYS(setrlimit), ALWAYS},
    {SCMP_SYS(prlimit64), ALWAYS},
    {SCMP_SYS(prctl), ALWAYS},
    {SCMP_SYS(seccomp), ALWAYS},
    /* its forks have other numbers than itself */
    {SCMP_SYS(tgkill), ALWAYS},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define NAMESPACES                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_VM)

static int allow_if(
    scmp_filter_ctx filter, int call, struct scmp_arg_cmp condition)
{
	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, call, 1, &condition);
}

static int add_equal(scmp_filter_ctx filter, int call, scmp_datum_t first)
{
	return allow_if(
	    filter, call, (struct scmp_arg_cmp){0, SCMP_CMP_EQ, first, 0});
}

static int add_masked(
    scmp_filter_ctx filter, int call, unsigned argument, scmp_datum_t mask)
{
	return allow_if(filter, call,
	    (struct scmp_arg_cmp){argument, SCMP_CMP_MASKED_EQ, mask, 0});
}

static int add_rule(scmp_filter_ctx filter, const struct allowed *a)
{
	int rc = 0;

	switch (a->condition) {
	case ALWAYS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, a->call, 0);
	case OWN_SOCKET:
		if (SANITIZED)
			rc = add_equal(filter, a->call, STDERR_FILENO);
		return rc ? rc : add_equal(filter, a->call, WIRE_FD);
	case NO_EXEC:
		return add_masked(filter, a->call, 2, PROT_EXEC);
	case OWN_PID:
		return add_equal(filter, a->call, (scmp_datum_t)getpid());
	case FORK_ONLY:
		return add_masked(filter, a->call, 0, NAMESPACES);
	case NEVER:
		return seccomp_rule_add(
		    filter, SCMP_ACT_KILL_PROCESS, a->call, 0);
	}
	return -EINVAL;
}

static int add_rules(
    scmp_filter_ctx filter, const struct allowed *table, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = add_rule(filter, &table[i]);
	return rc;
}

static int seal_calls(bool nursery, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (filter == NULL)
		return error_set(err, ERROR_INTERNAL, "no seccomp filter");
	/* decide by a tree: 2 of seccomp_attr_set(3) */
	rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc == 0)
		rc = add_rules(filter, for_reading, COUNT(for_reading));
	if (rc == 0 && SANITIZED)
		rc = add_rules(filter, for_sanitizers, COUNT(for_sanitizers));
	if (rc == 0 && nursery)
		rc = add_rules(filter, for_nursery, COUNT(for_nursery));
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc != 0)
		return error_set(err, ERROR_INTERNAL,
		    "cannot restrict system calls: %s", strerror(-rc));
	return 0;
}

/* ---- the three seals ---------------------------------------------------- */

#if SANITIZED
void __sanitizer_sandbox_on_notify(void *args);
#endif

/* Let a sanitizer look at what it could not see from inside. */
static void prepare(void)
{
#if SANITIZED
	__sanitizer_sandbox_on_notify(NULL);
#endif
}

static int seal(bool nursery, uint64_t memory_max_bytes, struct error *err)
{
	prepare();
	if (seal_code(err) || seal_privileges(err) || seal_files(err) ||
	    seal_limits(
		memory_max_bytes, nursery ? DESCRIPTORS_NURSERY : 0, err))
		return -1;
	return seal_calls(nursery, err);
}

int seal_reader(uint64_t memory_max_bytes, struct error *err)
{
	return seal(false, memory_max_bytes, err);
}

int seal_nursery(uint64_t memory_max_bytes, struct error *err)
{
	return seal(true, memory_max_bytes, err);
}

int seal_fork(struct error *err)
{
	if (limit(RLIMIT_NOFILE, 0, err))
		return -1;
	return seal_calls(false, err);
}
