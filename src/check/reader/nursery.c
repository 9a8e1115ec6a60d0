/*
 * nursery: receives descriptors, forks, and gives each fork an alarm clock
 * that it cannot stop once it is sealed.  The kernel reaps the forks.
 */
#include "check/reader/nursery.h"

#include "check/reader/running.h"
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

/* What comes with a frame. */
struct passed {
	int socket, page;
};

/* In the fork: its socket becomes WIRE_FD, the nursery's goes away. */
static void __attribute__((noreturn)) read_one(const struct serve_calls *calls,
    const struct passed *passed, uint32_t life_ms)
{
	const struct itimerval life = {
	    .it_value = {life_ms / 1000, life_ms % 1000 * 1000}};

	if (dup2(passed->socket, WIRE_FD) < 0 || close(passed->socket) ||
	    running_map(passed->page) || close(passed->page) ||
	    setitimer(ITIMER_REAL, &life, NULL) || seal_fork(NULL))
		_exit(EX_OSERR);
	if (serve_ready("") || serve_requests(calls, 1))
		_exit(EX_PROTOCOL);
	_exit(EXIT_SUCCESS);
}

/* The descriptors that came with a frame; -1: there are not two. */
static int take_passed(struct msghdr *msg, struct passed *passed)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int fds[2];

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(fds)))
		return -1;
	memcpy(fds, CMSG_DATA(c), sizeof(fds));
	passed->socket = fds[0];
	passed->page = fds[1];
	return 0;
}

/* 1: a frame and its descriptors; 0: the end; -1: broken. */
static int receive(struct passed *passed, uint32_t *life_ms)
{
	unsigned char frame[WIRE_HEAD_SIZE + WIRE_U32_SIZE];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
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
	if (n != (ssize_t)sizeof(frame) || take_passed(&msg, passed) ||
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
	struct passed passed;
	int rc;

	while ((rc = receive(&passed, &life_ms)) == 1) {
		pid = fork();
		if (pid == 0)
			read_one(calls, &passed, life_ms);
		/* when there is no fork the daemon sees the socket close */
		close(passed.socket);
		close(passed.page);
	}
	return rc;
}
