/*
 * stream: sockets, poll() and OpenSSL for a thread that blocks.  libetpan's
 * own streams verify no certificate, know only deadlines of single reads and
 * end the process at descriptor 1024.  What is said is left to session.c.
 */
#include "mailbox/stream.h"

#include <errno.h>
#include <libetpan/mailstream.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mailbox/guard.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/tls.h"

#define BUFFER_SIZE 8192
#define PIECE_MOST  ((size_t)1 << 20) /* at a time; OpenSSL counts in int */

struct stream {
	int fd, stop_fd;
	SSL *ssl;	     /* NULL: in clear */
	mailstream *wrapped; /* NULL: not yet, or libetpan closed it */
	int64_t deadline_ms; /* monotonic */
	size_t allowed;	     /* bytes that may still be read */
	struct guard guard;
	struct error trouble;
};

/* The first thing that went wrong is the one to tell. */
static int fail(struct stream *s, const char *text)
{
	if (s->trouble.kind == ERROR_NONE)
		error_set(&s->trouble, ERROR_BUSY, "%s", text);
	return -1;
}

/* Until the socket is ready; -1 at the deadline or at the end of all. */
static int wait_for(struct stream *s, short what)
{
	struct pollfd p[2] = {{s->fd, what, 0}, {s->stop_fd, POLLIN, 0}};
	int64_t left;
	int rc;

	do {
		left = s->deadline_ms - clock_mono_ms();
		rc = left <= 0 ? 0 : poll(p, 2, (int)left);
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return fail(s, strerror(errno));
	if (p[1].revents != 0)
		return fail(s, "stopped");
	return rc == 0 ? fail(s, "it is silent for too long") : 0;
}

/* ---- TLS ---------------------------------------------------------------- */

static const char *tls_trouble(struct stream *s)
{
	long verdict = SSL_get_verify_result(s->ssl);
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	if (verdict != X509_V_OK)
		return X509_verify_cert_error_string(verdict);
	if (reason == NULL ||
	    ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return "connection closed";
	return reason;
}

/* After a step of OpenSSL's that returned rc: 1 again, 0 end, -1 failure. */
static int tls_again(struct stream *s, int rc)
{
	switch (SSL_get_error(s->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(s, POLLIN) ? -1 : 1;
	case SSL_ERROR_WANT_WRITE:
		return wait_for(s, POLLOUT) ? -1 : 1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		return fail(s, tls_trouble(s));
	}
}

int stream_secure(struct stream *stream, struct tls_client *client,
    const char *name, struct error *err)
{
	int rc, again;

	if (stream->wrapped != NULL && stream->wrapped->read_buffer_len > 0)
		return error_set(err, ERROR_INVALID,
		    "more came in clear behind the answer to STARTTLS; "
		    "somebody may be between us and the server");
	stream->ssl = tls_session_new(client, name, err);
	if (stream->ssl == NULL)
		return -1;
	if (SSL_set_fd(stream->ssl, stream->fd) != 1)
		return error_set(err, ERROR_INTERNAL, "cannot begin TLS");
	SSL_set_connect_state(stream->ssl);
	do {
		ERR_clear_error();
		rc = SSL_do_handshake(stream->ssl);
		again = rc == 1 ? 0 : tls_again(stream, rc);
	} while (again > 0);
	if (rc == 1)
		return 0;
	if (stream->trouble.kind == ERROR_NONE)
		fail(stream, "connection closed");
	*err = stream->trouble;
	return -1;
}

/* ---- libetpan's side ---------------------------------------------------- */

static ssize_t read_tls(struct stream *s, void *out, size_t size)
{
	int rc, again;

	do {
		ERR_clear_error();
		rc = SSL_read(s->ssl, out, (int)size);
		again = rc > 0 ? 0 : tls_again(s, rc);
	} while (again > 0);
	return rc > 0 ? rc : again;
}

static ssize_t read_clear(struct stream *s, void *out, size_t size)
{
	ssize_t n;

	for (;;) {
		n = recv(s->fd, out, size, 0);
		if (n >= 0)
			return n;
		if (errno == EAGAIN ? wait_for(s, POLLIN) : errno != EINTR)
			return fail(s, strerror(errno));
	}
}

/* What came is looked at before libetpan does. */
static ssize_t take(struct stream *s, const char *bytes, size_t n)
{
	const char *wrong;

	s->allowed -= n;
	wrong = guard_see(&s->guard, bytes, n, s->allowed);
	return wrong == NULL ? (ssize_t)n : fail(s, wrong);
}

static ssize_t low_read(mailstream_low *low, void *out, size_t size)
{
	struct stream *s = low->data;
	ssize_t n;

	if (s->trouble.kind != ERROR_NONE)
		return -1;
	/* a server that drips would keep us for ever otherwise */
	if (clock_mono_ms() >= s->deadline_ms)
		return fail(s, "it takes too long");
	if (s->allowed == 0)
		return fail(s, "it says more than it was asked for");
	if (size > s->allowed)
		size = s->allowed;
	if (size > PIECE_MOST)
		size = PIECE_MOST;
	n = s->ssl != NULL ? read_tls(s, out, size) : read_clear(s, out, size);
	if (n > 0)
		return take(s, out, (size_t)n);
	if (n == 0)
		fail(s, "connection closed");
	return n;
}

static ssize_t write_tls(struct stream *s, const void *bytes, size_t size)
{
	int rc, again;

	do {
		ERR_clear_error();
		rc = SSL_write(s->ssl, bytes, (int)size);
		again = rc > 0 ? 0 : tls_again(s, rc);
	} while (again > 0);
	return rc > 0 ? rc : fail(s, "connection closed");
}

static ssize_t write_clear(struct stream *s, const void *bytes, size_t size)
{
	ssize_t n;

	for (;;) {
		n = send(s->fd, bytes, size, MSG_NOSIGNAL);
		if (n >= 0)
			return n;
		if (errno == EAGAIN ? wait_for(s, POLLOUT) : errno != EINTR)
			return fail(s, strerror(errno));
	}
}

static ssize_t low_write(mailstream_low *low, const void *bytes, size_t size)
{
	struct stream *s = low->data;

	if (s->trouble.kind != ERROR_NONE)
		return -1;
	if (size == 0)
		return 0;
	if (size > PIECE_MOST)
		size = PIECE_MOST;
	return s->ssl != NULL ? write_tls(s, bytes, size)
			      : write_clear(s, bytes, size);
}

static int low_close(mailstream_low *low)
{
	(void)low; /* stream_free() does */
	return 0;
}

static int low_fd(mailstream_low *low)
{
	return ((struct stream *)low->data)->fd;
}

static void low_free(mailstream_low *low)
{
	((struct stream *)low->data)->wrapped = NULL;
	free(low);
}

static void low_cancel(mailstream_low *low)
{
	(void)low; /* stop_fd does */
}

static struct mailstream_cancel *low_no_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *low_no_chain(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static int low_no_idle(mailstream_low *low)
{
	(void)low;
	return -1;
}

static mailstream_low_driver driver = {
    .mailstream_read = low_read,
    .mailstream_write = low_write,
    .mailstream_close = low_close,
    .mailstream_get_fd = low_fd,
    .mailstream_free = low_free,
    .mailstream_cancel = low_cancel,
    .mailstream_get_cancel = low_no_cancel,
    .mailstream_get_certificate_chain = low_no_chain,
    .mailstream_setup_idle = low_no_idle,
    .mailstream_unsetup_idle = low_no_idle,
    .mailstream_interrupt_idle = low_no_idle,
};

struct _mailstream *stream_wrap(struct stream *stream)
{
	mailstream_low *low = mailstream_low_new(stream, &driver);

	if (low == NULL)
		return NULL;
	stream->wrapped = mailstream_new(low, BUFFER_SIZE);
	if (stream->wrapped == NULL)
		mailstream_low_free(low);
	return stream->wrapped;
}

/* ---- life --------------------------------------------------------------- */

/* Connect to one address; s->fd is the socket, or -1. */
static int reach(struct stream *s, const struct lookup_address *address)
{
	int wrong = 0, on = 1;
	socklen_t size = sizeof(wrong);

	s->fd = socket(address->to.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return fail(s, strerror(errno));
	(void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(s->fd, (const struct sockaddr *)&address->to,
		address->size) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return fail(s, strerror(errno));
	if (wait_for(s, POLLOUT))
		return -1;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &wrong, &size) == 0 &&
	    wrong == 0)
		return 0;
	return fail(s, strerror(wrong));
}

struct stream *stream_new(const struct lookup_address *addresses, size_t n,
    int64_t timeout_ms, int stop_fd, struct error *err)
{
	struct stream *s = mem_zalloc(sizeof(*s));
	size_t i;

	s->fd = -1;
	s->stop_fd = stop_fd;
	fail(s, "it has no address");
	for (i = 0; i < n; i++) {
		s->trouble = (struct error)ERROR_INIT;
		stream_allow(s, timeout_ms, 0);
		if (reach(s, &addresses[i]) == 0)
			return s;
		if (s->fd >= 0)
			close(s->fd);
		s->fd = -1;
	}
	*err = s->trouble;
	free(s);
	return NULL;
}

void stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->ssl != NULL) {
		if (stream->trouble.kind == ERROR_NONE &&
		    SSL_is_init_finished(stream->ssl))
			SSL_shutdown(stream->ssl);
		SSL_free(stream->ssl);
		ERR_clear_error();
	}
	if (stream->fd >= 0)
		close(stream->fd);
	free(stream);
}

void stream_allow(struct stream *stream, int64_t timeout_ms, size_t bytes)
{
	stream->deadline_ms = clock_mono_ms() + timeout_ms;
	stream->allowed = bytes;
}

const struct error *stream_trouble(const struct stream *stream)
{
	return &stream->trouble;
}

const char *stream_bye(const struct stream *stream)
{
	return stream->guard.bye;
}

enum stream_woke stream_wait(
    struct stream *stream, int wake_fd, int64_t wait_ms)
{
	struct pollfd p[3] = {{stream->fd, POLLIN, 0},
	    {stream->stop_fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};
	int64_t until = clock_mono_ms() + wait_ms, left;
	int rc;

	if (stream->trouble.kind != ERROR_NONE)
		return STREAM_BROKEN;
	if ((stream->wrapped != NULL && stream->wrapped->read_buffer_len > 0) ||
	    (stream->ssl != NULL && SSL_pending(stream->ssl) > 0))
		return STREAM_DATA;
	do {
		left = until - clock_mono_ms();
		rc = poll(p, 3, left < 0 ? 0 : (int)left);
	} while (rc < 0 && errno == EINTR);
	if (rc < 0) {
		fail(stream, strerror(errno));
		return STREAM_BROKEN;
	}
	if (p[1].revents != 0)
		return STREAM_STOPPED;
	if (p[2].revents != 0)
		return STREAM_CALL;
	return rc == 0 ? STREAM_TIME : STREAM_DATA;
}
