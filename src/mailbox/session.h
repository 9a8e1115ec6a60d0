/*
 * session: one conversation with an IMAP server (RFC 3501), in blocking calls.
 *
 * Every call runs on the mailbox's own thread, ends at its deadline and takes
 * no more bytes from the server than it needs; whoever writes to the stop_fd
 * ends it at once.  0, or -1 and err:
 *   BUSY      the connection is gone, or the server is silent: the session is
 *             broken, close it and connect again later
 *   DENIED    the server refuses user, password or the right to do this
 *   MISSING   no such folder, no such mail
 *   CONFLICT  half of it was done
 *   FULL      over quota
 *   INVALID   too large, or the server's answer makes no sense
 * Error texts name server and folder, never a password or a line of a mail;
 * what a server says is shown with control characters replaced.
 *
 * Names of folders are UTF-8 with "/" between the levels, whatever the server
 * uses.  UIDs belong to the folder selected last and to its UIDVALIDITY.
 */
#ifndef MAILBOX_SESSION_H
#define MAILBOX_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/lookup.h"

struct mailbox_session;

/* Where a host was found. */
struct mailbox_addresses {
	size_t n;
	struct lookup_address address[LOOKUP_ADDRESSES_MOST];
};

/* System flags (RFC 3501 2.3.2). */
#define MAILBOX_SEEN	 1u
#define MAILBOX_ANSWERED 2u
#define MAILBOX_FLAGGED	 4u
#define MAILBOX_DELETED	 8u
#define MAILBOX_DRAFT	 16u

/*
 * Connect to the first address that answers, TLS with chain and name verified,
 * log in.  The mailbox must outlive the session.  NULL and err.
 */
struct mailbox_session *mailbox_session_open(
    const struct config_mailbox *mailbox,
    const struct mailbox_addresses *addresses, int stop_fd, struct error *err);

/* Say good-bye if that can be done at once, hang up.  NULL is harmless. */
void mailbox_session_close(struct mailbox_session *session);

/* Is the connection of no use any more? */
bool mailbox_session_broken(const struct mailbox_session *session);

/* What a folder is like, at the moment it was selected. */
struct mailbox_folder {
	uint32_t validity; /* UIDVALIDITY */
	uint32_t next;	   /* UIDNEXT, 0: the server does not say */
	uint32_t exists;   /* mails in it */
};

/* Select a folder to read and write.  MISSING: there is none. */
int mailbox_session_select(struct mailbox_session *session, const char *folder,
    struct mailbox_folder *out, struct error *err);

/* Make a folder and those above it, subscribe to it; may be there already. */
int mailbox_session_make(
    struct mailbox_session *session, const char *folder, struct error *err);

/* A mail as a listing has it. */
struct mailbox_item {
	uint32_t uid;
	unsigned flags;	    /* MAILBOX_* */
	uint64_t size;	    /* bytes, as the server counts */
	int64_t arrived_ms; /* INTERNALDATE, 0: none */
};
struct mailbox_items {
	size_t n;
	struct mailbox_item *items; /* ascending UIDs, in the arena */
};

/* UIDs from from (at least 1) on of mails that are not \Deleted, ascending,
 * at most 1000000. */
int mailbox_session_search(struct mailbox_session *session, uint32_t from,
    struct arena *arena, struct mailbox_items *out, struct error *err);

/* Fill in flags, size and arrival of items[first .. first + n) (at most 500),
 * by their UIDs; what is gone meanwhile gets UID 0. */
int mailbox_session_look(struct mailbox_session *session,
    struct mailbox_items *items, size_t first, size_t n, struct error *err);

/*
 * The whole mail, \Seen stays as it is.  Appended to out; INVALID when it is
 * larger than out may grow, MISSING when it is gone.
 */
int mailbox_session_fetch(struct mailbox_session *session, uint32_t uid,
    struct buf *out, struct error *err);

/*
 * Move a mail into a folder, which is made if need be: MOVE (RFC 6851), or
 * COPY and \Deleted, expunged by UID where the server can (RFC 4315), else
 * left \Deleted.  A crash between may leave it in both.  moved: its UID there,
 * 0: the server does not say; or NULL.  CONFLICT: it was copied, but cannot be
 * removed where it was.
 */
int mailbox_session_move(struct mailbox_session *session, uint32_t uid,
    const char *folder, uint32_t *moved, struct error *err);

/* A mail to be put into a folder. */
struct mailbox_append {
	struct span bytes; /* CRLF line ends */
	unsigned flags;	   /* MAILBOX_* */
	int64_t date_ms;   /* INTERNALDATE; 0: now */
};

/* Put it there; the folder is made if need be.  uid as in move. */
int mailbox_session_append(struct mailbox_session *session, const char *folder,
    const struct mailbox_append *mail, uint32_t *uid, struct error *err);

/*
 * Is a mail of exactly these bytes in the folder selected?  uid: its UID, 0:
 * there is none.  For appends of which nobody knows whether they were done.
 */
int mailbox_session_has(struct mailbox_session *session, struct span bytes,
    uint32_t *uid, struct error *err);

/* Remove a mail: \Deleted, and expunged by UID where the server can. */
int mailbox_session_remove(
    struct mailbox_session *session, uint32_t uid, struct error *err);

/* How a wait ended. */
enum mailbox_woke {
	MAILBOX_WOKE_TIME, /* it is over */
	MAILBOX_WOKE_MAIL, /* something happened in the folder selected */
	MAILBOX_WOKE_CALL  /* wake_fd: the loop has something; not read */
};

/*
 * Wait until something happens in the folder selected, at most wait_ms, by
 * IDLE (RFC 2177), begun anew in time; or else by NOOP every poll interval of
 * the mailbox.
 */
int mailbox_session_wait(struct mailbox_session *session, int wake_fd,
    int64_t wait_ms, enum mailbox_woke *woke, struct error *err);

#endif
