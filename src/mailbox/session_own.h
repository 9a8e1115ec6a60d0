/*
 * session_own: what the files of a session share: the conversation below its
 * calls.  For session*.c alone.
 */
#ifndef MAILBOX_SESSION_OWN_H
#define MAILBOX_SESSION_OWN_H

#include <libetpan/libetpan.h>

#include "mailbox/session.h"
#include "mailbox/stream.h"

#include "util/buf.h"

#define SESSION_NAME_MAX 1000 /* bytes of a folder's name, encoded */

struct mailbox_session {
	const struct config_mailbox *mailbox;
	struct stream *stream;
	struct tls_client *tls;
	mailimap *imap;
	char delimiter; /* between levels; 0: no levels */
	bool broken;
	uint32_t exists; /* when it was searched last */
	struct buf name; /* of a folder, encoded */
};

/* What comes next is small; or it is of that many bytes, either way. */
void session_begin(struct mailbox_session *s);
void session_begin_large(struct mailbox_session *s, uint64_t bytes);

/*
 * What libetpan said of a command: 0, or -1 and err, "host: cannot DO FOLDER:
 * why".  what: "select", ...; folder: UTF-8, or NULL.
 */
int session_end(struct mailbox_session *s, int rc, const char *what,
    const char *folder, struct error *err);

/* The name as the server wants it, good until the next one; NULL and err. */
const char *session_name(
    struct mailbox_session *s, const char *folder, struct error *err);

/* Did the server refuse because the folder is not there? */
bool session_try_create(const struct mailbox_session *s);

#endif
