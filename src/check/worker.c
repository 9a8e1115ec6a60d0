/*
 * worker: one reader process: its start, the frames to and from it, its end.
 * Which worker gets what, and what becomes of the asks of a dead one, is left
 * to check.c.
 */
#include "check/internal.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_USUAL   ((size_t)64 * 1024)
#define PIECES_MAX (8 * ASK_PIECES) /* of one sendmsg() */

#define FINDS_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789- \n"

/* ---- the end ------------------------------------------------------------ */

static void drop_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

/* Everything but the asks is gone after this. */
static void close_all(struct worker *w)
{
	drop_event(&w->readable);
	drop_event(&w->writable);
	drop_event(&w->exited);
	if (w->fd >= 0)
		close(w->fd);
	if (w->pidfd >= 0)
		close(w->pidfd);
	w->fd = w->pidfd = -1;
	if (!page_plugin(w->page, w->plugin))
		w->plugin[0] = '\0';
	w->memory = page_memory(w->page);
	page_free(w->page);
	w->page = NULL;
	free(w->in);
	w->in = NULL;
	w->in_len = w->in_room = 0;
	w->pid = 0;
	w->state = WORKER_ENDED;
}

static void say_why(struct worker *w, const char *why)
{
	if (w->why[0] == '\0')
		snprintf(w->why, sizeof(w->why), "%s", why);
}

static void say_status(struct worker *w, int status)
{
	char why[64];

	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "the reader died (signal %d)",
		    WTERMSIG(status));
	else
		snprintf(why, sizeof(why), "the reader ended (status %d)",
		    WEXITSTATUS(status));
	say_why(w, why);
}

void worker_reap(struct worker *w)
{
	pid_t pid;
	int status;

	do
		pid = waitpid(w->pid, &status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return;
	if (pid > 0)
		say_status(w, status);
	say_why(w, "the reader died");
	close_all(w);
	check_worker_moved(w);
}

void worker_kill(struct worker *w, const char *why)
{
	say_why(w, why);
	if (w->state == WORKER_DYING)
		return;
	if (w->pid == 0) {
		/* a fork ends by itself when its life is over */
		close_all(w);
		return;
	}
	kill(w->pid, SIGKILL);
	drop_event(&w->readable);
	drop_event(&w->writable);
	w->state = WORKER_DYING;
}

/* The socket is closed at the other end; soon there will be no process. */
static void on_closed(struct worker *w)
{
	if (w->pid == 0)
		worker_kill(w, "the reader died");
	else
		worker_kill(w, "");
}

void worker_release(struct worker *w)
{
	pid_t pid = w->pid;

	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close_all(w);
	free(w->refusal);
	free(w->finds);
	w->refusal = w->finds = NULL;
	w->state = WORKER_DOWN;
}

/* ---- what comes --------------------------------------------------------- */

/* Lines of "PLUGIN FINDING"; what else it may be is no part of it. */
static bool is_finds(struct span lines)
{
	size_t i;

	for (i = 0; i < lines.len; i++)
		if (memchr(FINDS_LETTERS, lines.data[i],
			sizeof(FINDS_LETTERS) - 1) == NULL)
			return false;
	return lines.len == 0 || lines.data[lines.len - 1] == '\n';
}

static int take_ready(struct worker *w, const struct wire_head *head,
    struct span payload, struct error *err)
{
	struct span finds;

	if (head->type != WIRE_READY || payload.len < WIRE_U32_SIZE)
		return error_set(err, ERROR_INVALID, "no greeting");
	if (wire_u32_get(payload.data) != WIRE_VERSION)
		return error_set(err, ERROR_INVALID,
		    "it speaks version %u, not %u: daemon and reader are not "
		    "of one build",
		    wire_u32_get(payload.data), WIRE_VERSION);
	finds.data = payload.data + WIRE_U32_SIZE;
	finds.len = payload.len - WIRE_U32_SIZE;
	if (!is_finds(finds))
		return error_set(err, ERROR_INVALID, "no proper greeting");
	free(w->finds);
	w->finds = mem_dup(finds.data, finds.len);
	w->state = WORKER_READY;
	w->was_ready = true;
	w->since_ms = clock_mono_ms();
	return 0;
}

/* The text may be shown and logged, whatever the reader wrote. */
static int take_refusal(struct worker *w, struct span payload)
{
	free(w->refusal);
	w->refusal = mem_dup(payload.data, payload.len);
	for (char *p = w->refusal; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return 0;
}

static int take_answer(struct worker *w, const struct wire_head *head,
    struct span payload, struct error *err)
{
	struct ask *ask = w->asks.first;

	/* the first is also the one that may not be sent yet */
	if (ask == w->sending)
		return error_set(
		    err, ERROR_INVALID, "an answer before the question");
	if (ask_answer(ask, head, payload, err))
		return -1;
	ask_push(&w->finished, ask_pop(&w->asks));
	w->answered = true;
	w->failures = 0;
	w->since_ms = clock_mono_ms();
	return 0;
}

static size_t frame_max(const struct worker *w)
{
	if (w->state == WORKER_STARTING)
		return WIRE_U32_SIZE + WIRE_FINDS_MAX;
	return w->asks.first == NULL ? 0 : ask_answer_max(w->asks.first);
}

/*
 * The frame at the front of in.  Its size; 0: it is not whole yet, and *need
 * is what it will be; -1: nonsense.
 */
static ssize_t take_frame(
    struct worker *w, struct span in, size_t *need, struct error *err)
{
	struct wire_head head;
	struct span payload;
	int rc;

	*need = WIRE_HEAD_SIZE;
	if (in.len < *need)
		return 0;
	if (wire_head_get(&head, (const unsigned char *)in.data, frame_max(w)))
		return error_set(err, ERROR_INVALID, "an answer too long");
	*need += head.length;
	if (in.len < *need)
		return 0;
	payload.data = in.data + WIRE_HEAD_SIZE;
	payload.len = head.length;
	if (w->state == WORKER_STARTING && head.type == WIRE_REFUSED)
		rc = take_refusal(w, payload);
	else if (w->state == WORKER_STARTING)
		rc = take_ready(w, &head, payload, err);
	else if (w->asks.first != NULL)
		rc = take_answer(w, &head, payload, err);
	else
		rc = error_set(err, ERROR_INVALID, "words without a question");
	return rc ? -1 : (ssize_t)*need;
}

/* Room for the rest of a frame; a long one grows as it comes. */
static void fit_in(struct worker *w, size_t need)
{
	size_t room = w->in_room;

	if (w->in_len == 0 && room > IN_USUAL)
		room = IN_USUAL;
	while (room <= w->in_len)
		room *= 2;
	if (room > need && room > IN_USUAL)
		room = need > IN_USUAL ? need : IN_USUAL;
	if (room == w->in_room)
		return;
	w->in = mem_grow(w->in, room, 1);
	w->in_room = room;
}

/* All whole frames out of in; -1 when there is nonsense. */
static int take_frames(struct worker *w)
{
	struct error err = ERROR_INIT;
	struct span in = {w->in, w->in_len};
	size_t need;
	ssize_t n;

	while ((n = take_frame(w, in, &need, &err)) > 0) {
		in.data += n;
		in.len -= (size_t)n;
	}
	if (n < 0) {
		log_warning("%s %u nonsense reason=\"%s\"", w->name, w->number,
		    err.text);
		return -1;
	}
	if (in.len > 0 && in.data != w->in)
		memmove(w->in, in.data, in.len);
	w->in_len = in.len;
	fit_in(w, need);
	return 0;
}

/* 1: there may be more; 0: nothing now; -1: it is closed, or nonsense. */
static int receive(struct worker *w)
{
	ssize_t n = read(w->fd, w->in + w->in_len, w->in_room - w->in_len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	w->unread = n < 0 && errno == ECONNRESET; /* unix(7) */
	if (n <= 0)
		return -1;
	w->in_len += (size_t)n;
	if (take_frames(w)) {
		say_why(w, "the reader's answer could not be understood");
		return -1;
	}
	return 1;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct worker *w = context;

	(void)fd;
	(void)what;
	if (receive(w) < 0)
		on_closed(w);
	check_worker_moved(w);
}

/* The process is gone; what it still said counts, unless it was killed. */
static void on_exited(evutil_socket_t fd, short what, void *context)
{
	struct worker *w = context;

	(void)fd;
	(void)what;
	while (w->state != WORKER_DYING && receive(w) > 0)
		;
	worker_kill(w, "");
	worker_reap(w);
}

/* ---- what goes ---------------------------------------------------------- */

static int gather(const struct worker *w, struct iovec pieces[PIECES_MAX])
{
	const struct ask *ask = w->sending;
	size_t skip = w->sent;
	int n = 0;

	while (ask != NULL && n + ASK_PIECES <= PIECES_MAX) {
		n += ask_frame(ask, skip, pieces + n);
		skip = 0;
		ask = ask->next;
	}
	return n;
}

static void count_sent(struct worker *w, size_t n)
{
	w->sent += n;
	while (w->sending != NULL && w->sent >= w->sending->size) {
		w->sent -= w->sending->size;
		w->sending = w->sending->next;
	}
}

/* What sendmsg() could take; 0: nothing now, or never. */
static size_t try_send(struct worker *w, struct iovec *pieces, int n_pieces)
{
	struct msghdr msg = {.msg_iov = pieces, .msg_iovlen = (size_t)n_pieces};
	ssize_t n;

	do
		n = sendmsg(w->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		event_add(w->writable, NULL);
	return n < 0 ? 0 : (size_t)n; /* if it is dead we shall hear of it */
}

/* The setup goes first; false: not all of it is out. */
static bool flush_setup(struct worker *w)
{
	const size_t size = WIRE_HEAD_SIZE + w->setup.len;
	struct iovec piece;
	size_t n;

	while (w->setup_sent < size) {
		/* sendmsg() only reads, but struct iovec is for both ways */
		union {
			const char *from;
			char *p;
		} at = {.from = w->setup.data};

		if (w->setup_sent < WIRE_HEAD_SIZE)
			piece = (struct iovec){w->setup_head + w->setup_sent,
			    WIRE_HEAD_SIZE - w->setup_sent};
		else
			piece = (struct iovec){
			    at.p + (w->setup_sent - WIRE_HEAD_SIZE),
			    size - w->setup_sent};
		n = try_send(w, &piece, 1);
		if (n == 0)
			return false;
		w->setup_sent += n;
	}
	return true;
}

void worker_flush(struct worker *w)
{
	struct iovec pieces[PIECES_MAX];
	size_t n;

	if ((w->state != WORKER_READY && w->state != WORKER_STARTING) ||
	    event_pending(w->writable, EV_WRITE, NULL) || !flush_setup(w))
		return;
	while (w->sending != NULL && w->state == WORKER_READY) {
		n = try_send(w, pieces, gather(w, pieces));
		if (n == 0)
			return;
		count_sent(w, n);
	}
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	worker_flush(context);
}

void worker_give(struct worker *w, struct ask *ask)
{
	if (w->asks.first == NULL && w->state == WORKER_READY)
		w->since_ms = clock_mono_ms();
	ask_push(&w->asks, ask);
	if (w->sending == NULL) {
		w->sending = ask;
		w->sent = 0;
	}
}

/* ---- the start ---------------------------------------------------------- */

static int make_sockets(int pair[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return error_set(err, ERROR_INTERNAL,
		    "cannot make a socket: %s", strerror(errno));
	evutil_make_socket_nonblocking(pair[0]);
	return 0;
}

/* Of a fork it is the nursery that has the setup. */
static void begin_setup(struct worker *w, const struct span *setup)
{
	struct wire_head head = {0, WIRE_SETUP, 0};

	w->setup = (struct span){"", 0};
	w->setup_sent = WIRE_HEAD_SIZE;
	if (setup == NULL)
		return;
	w->setup = *setup;
	w->setup_sent = 0;
	head.length = (uint32_t)setup->len;
	wire_head_put(&head, w->setup_head);
}

static void begin(struct worker *w, int fd, pid_t pid, struct wire_page *page)
{
	assert(w->state == WORKER_DOWN);
	w->state = WORKER_STARTING;
	w->was_ready = w->answered = w->unread = w->late = false;
	w->why[0] = '\0';
	w->sending = NULL;
	w->fd = fd;
	w->pid = pid;
	w->page = page;
	w->pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	w->since_ms = clock_mono_ms();
	w->in_room = IN_USUAL;
	w->in = mem_grow(NULL, w->in_room, 1);
	w->readable =
	    event_new(w->base, fd, EV_READ | EV_PERSIST, on_readable, w);
	w->writable = event_new(w->base, fd, EV_WRITE, on_writable, w);
	event_add(w->readable, NULL);
	if (w->pidfd < 0)
		return;
	w->exited = event_new(w->base, w->pidfd, EV_READ, on_exited, w);
	event_add(w->exited, NULL);
}

/* The two ends of a socket, and a page; *page is NULL when there is none. */
static int make_ends(int pair[2], struct page_fds *give,
    struct wire_page **page, struct error *err)
{
	if (make_sockets(pair, err))
		return -1;
	*page = page_new(&give->page, err);
	give->socket = pair[1];
	if (*page != NULL)
		return 0;
	close(pair[0]);
	close(pair[1]);
	return -1;
}

static void close_given(const struct page_fds *give)
{
	close(give->socket);
	close(give->page);
}

int worker_spawn(struct worker *w, const struct check_settings *settings,
    const char *role, struct error *err)
{
	struct wire_page *page;
	struct page_fds give;
	int pair[2];
	pid_t pid;

	if (make_ends(pair, &give, &page, err))
		return -1;
	pid = spawn_reader(settings, role, &give, err);
	close_given(&give);
	if (pid < 0) {
		close(pair[0]);
		page_free(page);
		return -1;
	}
	begin_setup(w, &settings->setup);
	begin(w, pair[0], pid, page);
	worker_flush(w);
	return 0;
}

/* The nursery's socket is nearly always empty: the frame goes at once. */
static int send_fork(
    struct worker *nursery, const struct page_fds *give, uint32_t life_ms)
{
	const struct wire_head head = {WIRE_U32_SIZE, WIRE_FORK, 0};
	const int fds[2] = {give->socket, give->page};
	unsigned char frame[WIRE_HEAD_SIZE + WIRE_U32_SIZE];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = {.bytes = {0}};
	struct iovec iov = {frame, sizeof(frame)};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	wire_head_put(&head, frame);
	wire_u32_put(life_ms, frame + WIRE_HEAD_SIZE);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	return sendmsg(nursery->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) ==
		       (ssize_t)sizeof(frame)
		   ? 0
		   : -1;
}

int worker_fork(struct worker *w, struct worker *nursery, uint32_t life_ms,
    struct error *err)
{
	struct wire_page *page;
	struct page_fds give;
	int pair[2], rc;

	if (make_ends(pair, &give, &page, err))
		return -1;
	rc = send_fork(nursery, &give, life_ms);
	close_given(&give);
	if (rc) {
		close(pair[0]);
		page_free(page);
		return error_set(
		    err, ERROR_BUSY, "the nursery takes nothing now");
	}
	begin_setup(w, NULL);
	begin(w, pair[0], 0, page);
	return 0;
}
