/*
 * nursery: receives descriptors, forks, and gives each fork an alarm clock
 * that it cannot stop once it is sealed.  The kernel reaps the forks.
 */
#include "check/reader/nursery.h"

#include "check/reader/seal.h"
#include "check/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

/* In the fork: its socket becomes WIRE_FD, the nursery's goes away. */
static void __attribute__((noreturn))
read_one(const struct serve_calls *calls, int fd, uint32_t life_ms)
{
	const struct itimerval life = {
	    .it_value = {life_ms / 1000, life_ms % 1000 * 1000}};

	if (dup2(fd, WIRE_FD) < 0 || close(fd) ||
	    setitimer(ITIMER_REAL, &life, NULL) || seal_fork(NULL))
		_exit(EX_OSERR);
	if (serve_ready() || serve_requests(calls, 1))
		_exit(EX_PROTOCOL);
	_exit(EXIT_SUCCESS);
}

/* The descriptor that came with a frame, or -1. */
static int passed_fd(struct msghdr *msg)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int fd;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* 1: a frame and its descriptor; 0: the end; -1: broken. */
static int receive(int *fd, uint32_t *life_ms)
{
	unsigned char frame[WIRE_HEAD_SIZE + WIRE_U32_SIZE];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {frame, sizeof(frame)};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	struct wire_head head;
	ssize_t n;

	do
		n = recvmsg(WIRE_FD, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	*fd = passed_fd(&msg);
	if (n != (ssize_t)sizeof(frame) || *fd < 0 ||
	    wire_head_get(&head, frame, WIRE_U32_SIZE) ||
	    head.type != WIRE_FORK || head.length != WIRE_U32_SIZE)
		return -1;
	*life_ms = wire_u32_get(frame + WIRE_HEAD_SIZE);
	return 1;
}

int nursery_run(const struct serve_calls *calls)
{
	uint32_t life_ms;
	pid_t pid;
	int fd, rc;

	while ((rc = receive(&fd, &life_ms)) == 1) {
		pid = fork();
		if (pid == 0)
			read_one(calls, fd, life_ms);
		/* when there is no fork the daemon sees the socket close */
		close(fd);
	}
	return rc;
}
