/*
 * stream: the connection below a conversation: poll(), deadlines, a cap on
 * what is read, and TLS that verifies chain and name.  libetpan reads and
 * writes through it.  A mailbox's thread only.
 */
#ifndef MAILBOX_STREAM_H
#define MAILBOX_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/lookup.h"

struct stream;
struct tls_client;

/*
 * Connect to the first of n addresses that answers within timeout_ms each.
 * stop_fd: readable when everything is to end.  NULL and err (BUSY).
 */
struct stream *stream_new(const struct lookup_address *addresses, size_t n,
    int64_t timeout_ms, int stop_fd, struct error *err);

/* Hang up and free it.  NULL is harmless. */
void stream_free(struct stream *stream);

/*
 * TLS from here on, name verified.  INVALID when something that came in clear
 * is still unread (an injected command, CVE-2020-15953), BUSY else.
 */
int stream_secure(struct stream *stream, struct tls_client *client,
    const char *name, struct error *err);

/*
 * libetpan's view of it, which it frees and closes; the stream stays ours and
 * must outlive that.  NULL: no memory.
 */
struct _mailstream *stream_wrap(struct stream *stream);

/*
 * What comes next may take timeout_ms in all and read that many bytes; when
 * more is wanted, reading fails.
 */
void stream_allow(struct stream *stream, int64_t timeout_ms, size_t bytes);

/* Why reading or writing failed first; kind NONE: it did not. */
const struct error *stream_trouble(const struct stream *stream);

/* What the server said with BYE, as it came; "": it did not. */
const char *stream_bye(const struct stream *stream);

/* How a wait ended. */
enum stream_woke {
	STREAM_BROKEN,
	STREAM_STOPPED, /* stop_fd */
	STREAM_TIME,
	STREAM_DATA,
	STREAM_CALL /* wake_fd */
};

/* Wait for bytes, for wake_fd or for wait_ms. */
enum stream_woke stream_wait(
    struct stream *stream, int wake_fd, int64_t wait_ms);

#endif
