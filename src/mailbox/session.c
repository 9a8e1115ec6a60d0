/*
 * session: the conversation with an IMAP server but for its mails: hello, TLS,
 * login, folders, waiting.  libetpan reads and writes the protocol, stream.c
 * the bytes; what is done in a folder is left to the uses.
 */
#include "mailbox/session.h"

#include <stdlib.h>
#include <string.h>

#include "mailbox/folder.h"
#include "mailbox/session_own.h"
#include "util/mem.h"
#include "util/tls.h"

#define SMALL_MOST   ((size_t)256 * 1024) /* answer to a small command */
#define SLOWEST	     16u		  /* bytes per ms, for what is large */
#define SAID_MOST    200		  /* of a server's words */
#define IDLE_MOST_MS ((int64_t)25 * 60 * 1000) /* RFC 2177: below 29 min */
#define GOODBYE_MS   500
#define STARTTLS_REFUSED                                                       \
	"it does not offer STARTTLS, so the password would "                   \
	"cross the network in clear"

/* ---- what every command does -------------------------------------------- */

void session_begin(struct mailbox_session *s)
{
	session_begin_large(s, 0);
}

void session_begin_large(struct mailbox_session *s, uint64_t bytes)
{
	struct mailimap_response_info *info = s->imap->imap_response_info;

	/* no answer to an earlier command is to be taken for this one's */
	if (info != NULL)
		info->rsp_trycreate = 0;
	stream_allow(s->stream,
	    (int64_t)s->mailbox->timeout_s * 1000 + (int64_t)(bytes / SLOWEST),
	    SMALL_MOST + (size_t)bytes);
}

/* A server's words, for people: one line without control characters. */
static void clean(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; text != NULL && *text != '\0' && n + 1 < size; text++)
		out[n++] =
		    (unsigned char)*text < 0x20 || *text == 0x7f || *text == '"'
			? ' '
			: *text;
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static bool said_code(const struct mailbox_session *s, const char *code)
{
	const struct mailimap_response_info *info = s->imap->imap_response_info;

	return info != NULL && info->rsp_atom != NULL &&
	       strcasecmp(info->rsp_atom, code) == 0;
}

bool session_try_create(const struct mailbox_session *s)
{
	const struct mailimap_response_info *info = s->imap->imap_response_info;

	return !s->broken &&
	       ((info != NULL && info->rsp_trycreate != 0) ||
		   said_code(s, "TRYCREATE") || said_code(s, "NONEXISTENT"));
}

/* Is the conversation out of step after this? */
static bool is_fatal(int rc)
{
	switch (rc) {
	case MAILIMAP_ERROR_STREAM:
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_MEMORY:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_PROTOCOL:
	case MAILIMAP_ERROR_BAD_STATE:
	case MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION:
	case MAILIMAP_ERROR_CONNECTION_REFUSED:
	case MAILIMAP_ERROR_SSL:
		return true;
	default:
		return false;
	}
}

/* RFC 5530 has the codes. */
static enum error_kind kind_of(const struct mailbox_session *s)
{
	if (said_code(s, "OVERQUOTA") || said_code(s, "LIMIT"))
		return ERROR_FULL;
	if (session_try_create(s))
		return ERROR_MISSING;
	if (said_code(s, "INUSE") || said_code(s, "UNAVAILABLE") ||
	    said_code(s, "SERVERBUG"))
		return ERROR_BUSY;
	return ERROR_DENIED;
}

int session_end(struct mailbox_session *s, int rc, const char *what,
    const char *folder, struct error *err)
{
	const struct error *trouble = stream_trouble(s->stream);
	char said[SAID_MOST];

	if (rc == MAILIMAP_NO_ERROR)
		return 0;
	if (*stream_bye(s->stream) != '\0') {
		s->broken = true;
		clean(said, sizeof(said), stream_bye(s->stream));
		return error_set(err, ERROR_BUSY,
		    "%s: the server hangs up, it says: %s", s->mailbox->host,
		    said);
	}
	if (trouble->kind != ERROR_NONE || is_fatal(rc)) {
		s->broken = true;
		return error_set(err, ERROR_BUSY, "%s: cannot %s%s%s: %s",
		    s->mailbox->host, what, folder == NULL ? "" : " ",
		    folder == NULL ? "" : folder,
		    trouble->kind != ERROR_NONE ? trouble->text
						: "its answer makes no sense");
	}
	clean(said, sizeof(said), s->imap->imap_response);
	return error_set(err, kind_of(s),
	    "%s: cannot %s%s%s: the server says: %s", s->mailbox->host, what,
	    folder == NULL ? "" : " ", folder == NULL ? "" : folder, said);
}

const char *session_name(
    struct mailbox_session *s, const char *folder, struct error *err)
{
	buf_clear(&s->name);
	if (folder_encode(&s->name, folder, s->delimiter) == 0)
		return s->name.data;
	error_set(err, ERROR_INVALID, "the folder's name '%.200s' is no UTF-8",
	    folder);
	return NULL;
}

/* ---- hello -------------------------------------------------------------- */

static int ask_capabilities(struct mailbox_session *s, struct error *err)
{
	struct mailimap_capability_data *data = NULL;
	int rc;

	session_begin(s);
	rc = mailimap_capability(s->imap, &data);
	if (rc == MAILIMAP_NO_ERROR && data != NULL)
		mailimap_capability_data_free(data);
	return session_end(s, rc, "ask for capabilities", NULL, err);
}

static int secure(struct mailbox_session *s, struct error *err)
{
	if (stream_secure(s->stream, s->tls, s->mailbox->host, err) == 0)
		return 0;
	s->broken = true;
	return error_prefix(err, "%s: no TLS", s->mailbox->host);
}

static int start_tls(struct mailbox_session *s, struct error *err)
{
	if (ask_capabilities(s, err))
		return -1;
	if (!mailimap_has_extension(s->imap, "STARTTLS"))
		return error_set(err, ERROR_DENIED, "%s: %s", s->mailbox->host,
		    STARTTLS_REFUSED);
	session_begin(s);
	if (session_end(s, mailimap_starttls(s->imap), "begin TLS", NULL, err))
		return -1;
	return secure(s, err);
}

static int greet(struct mailbox_session *s, struct error *err)
{
	struct _mailstream *wrapped;
	int rc;

	if (s->mailbox->tls == CONFIG_TLS_IMPLICIT && secure(s, err))
		return -1;
	wrapped = stream_wrap(s->stream);
	s->imap = wrapped == NULL ? NULL : mailimap_new(0, NULL);
	if (s->imap == NULL)
		return error_set(err, ERROR_INTERNAL, "no memory for IMAP");
	session_begin(s);
	rc = mailimap_connect(s->imap, wrapped);
	if (rc == MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
		rc = MAILIMAP_NO_ERROR;
	else if (rc == MAILIMAP_NO_ERROR_AUTHENTICATED)
		return error_set(err, ERROR_DENIED,
		    "%s: the server takes us for somebody without a login",
		    s->mailbox->host);
	if (session_end(s, rc, "read its greeting", NULL, err))
		return -1;
	if (s->mailbox->tls == CONFIG_TLS_STARTTLS && start_tls(s, err))
		return -1;
	return ask_capabilities(s, err);
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* LOGIN knows ASCII alone; RFC 4616 knows UTF-8. */
static int log_in_by_password(
    struct mailbox_session *s, const char *user, const char *password)
{
	if (mailimap_has_authentication(s->imap, "PLAIN") &&
	    (!is_ascii(user) || !is_ascii(password) ||
		mailimap_has_extension(s->imap, "LOGINDISABLED")))
		return mailimap_authenticate(s->imap, "PLAIN", NULL, NULL, NULL,
		    user, user, password, NULL);
	return mailimap_login(s->imap, user, password);
}

/* The file is read each time: whoever changes the secret changes that. */
static int try_secret(struct mailbox_session *s, struct error *err)
{
	const char *user = s->mailbox->user, *secret;
	struct arena *arena = arena_new();
	int rc = config_mailbox_secret(s->mailbox, arena, &secret, err);

	if (rc == 0) {
		session_begin(s);
		rc = s->mailbox->token_file != NULL
			 ? mailimap_oauth2_authenticate(s->imap, user, secret)
			 : log_in_by_password(s, user, secret);
		explicit_bzero((void *)(uintptr_t)secret, strlen(secret));
		rc = session_end(s, rc, "log in as", user, err);
	}
	arena_free(arena);
	return rc;
}

static int log_in(struct mailbox_session *s, struct error *err)
{
	if (s->mailbox->token_file != NULL && !mailimap_has_xoauth2(s->imap)) {
		s->broken = true;
		return error_set(err, ERROR_DENIED,
		    "%s: it does not offer XOAUTH2, so a token is of no use; "
		    "write password_file instead of token_file",
		    s->mailbox->host);
	}
	if (try_secret(s, err)) {
		/* a wrong password mends itself no sooner than others */
		s->broken = true;
		return -1;
	}
	return ask_capabilities(s, err);
}

static int ask_delimiter(struct mailbox_session *s, struct error *err)
{
	const struct mailimap_mailbox_list *root;
	clist *result = NULL;
	int rc;

	session_begin(s);
	rc = mailimap_list(s->imap, "", "", &result);
	if (rc == MAILIMAP_NO_ERROR && result != NULL) {
		if (clist_begin(result) != NULL) {
			root = clist_content(clist_begin(result));
			s->delimiter = root->mb_delimiter;
		}
		mailimap_list_result_free(result);
	}
	return session_end(s, rc, "list folders", NULL, err);
}

static int open_in(struct mailbox_session *s,
    const struct mailbox_addresses *addresses, int stop_fd, struct error *err)
{
	s->tls = tls_client_new(s->mailbox->ca_file, err);
	if (s->tls == NULL)
		return -1;
	s->stream = stream_new(addresses->address, addresses->n,
	    (int64_t)s->mailbox->timeout_s * 1000, stop_fd, err);
	if (s->stream == NULL)
		return error_prefix(err, "%s", s->mailbox->host);
	stream_allow(s->stream, (int64_t)s->mailbox->timeout_s * 1000, 0);
	return greet(s, err) || log_in(s, err) || ask_delimiter(s, err) ? -1
									: 0;
}

struct mailbox_session *mailbox_session_open(
    const struct config_mailbox *mailbox,
    const struct mailbox_addresses *addresses, int stop_fd, struct error *err)
{
	struct mailbox_session *s = mem_zalloc(sizeof(*s));

	s->mailbox = mailbox;
	buf_init(&s->name, SESSION_NAME_MAX);
	if (open_in(s, addresses, stop_fd, err) == 0)
		return s;
	mailbox_session_close(s);
	return NULL;
}

void mailbox_session_close(struct mailbox_session *session)
{
	if (session == NULL)
		return;
	if (session->imap != NULL) {
		if (!session->broken) {
			stream_allow(session->stream, GOODBYE_MS, SMALL_MOST);
			(void)mailimap_logout(session->imap);
		}
		mailimap_free(session->imap); /* and what it reads from */
	}
	stream_free(session->stream);
	tls_client_free(session->tls);
	buf_release(&session->name);
	free(session);
}

bool mailbox_session_broken(const struct mailbox_session *session)
{
	return session->broken;
}

/* ---- folders ------------------------------------------------------------ */

int mailbox_session_select(struct mailbox_session *session, const char *folder,
    struct mailbox_folder *out, struct error *err)
{
	const char *name = session_name(session, folder, err);
	const struct mailimap_selection_info *info;

	if (name == NULL)
		return -1;
	session_begin(session);
	if (session_end(session, mailimap_select(session->imap, name), "select",
		folder, err)) {
		/* that is what a refusal means, with whatever code */
		if (err->kind == ERROR_DENIED && !said_code(session, "NOPERM"))
			err->kind = ERROR_MISSING;
		return -1;
	}
	info = session->imap->imap_selection_info;
	if (info == NULL || info->sel_uidvalidity == 0)
		return error_set(err, ERROR_INVALID,
		    "%s: %s has no UIDVALIDITY, so mails cannot be told apart",
		    session->mailbox->host, folder);
	out->validity = info->sel_uidvalidity;
	out->next = info->sel_uidnext;
	out->exists = session->exists = info->sel_exists;
	return 0;
}

static int make_one(
    struct mailbox_session *s, const char *folder, struct error *err)
{
	const char *name = session_name(s, folder, err);

	if (name == NULL)
		return -1;
	session_begin(s);
	if (session_end(s, mailimap_create(s->imap, name), "make the folder",
		folder, err)) {
		if (!s->broken && (said_code(s, "ALREADYEXISTS") ||
				      err->kind == ERROR_DENIED))
			return 0; /* whoever uses it will see */
		return -1;
	}
	session_begin(s);
	(void)mailimap_subscribe(s->imap, name);
	return s->broken ? -1 : 0;
}

int mailbox_session_make(
    struct mailbox_session *session, const char *folder, struct error *err)
{
	char level[SESSION_NAME_MAX];
	const char *slash = folder;
	size_t n;

	while ((slash = strchr(slash, '/')) != NULL) {
		n = (size_t)(slash++ - folder);
		if (n == 0 || n >= sizeof(level))
			continue;
		memcpy(level, folder, n);
		level[n] = '\0';
		if (strcasecmp(level, "INBOX") != 0 &&
		    make_one(session, level, err))
			return -1;
	}
	return make_one(session, folder, err);
}

/* ---- waiting ------------------------------------------------------------ */

static uint32_t exists_now(const struct mailbox_session *s)
{
	const struct mailimap_selection_info *info =
	    s->imap->imap_selection_info;

	return info == NULL ? 0 : info->sel_exists;
}

/* Did something come since the folder was searched? */
static bool grew(struct mailbox_session *s)
{
	uint32_t now = exists_now(s);
	bool grown = now != s->exists;

	s->exists = now;
	return grown;
}

static int wait_on(struct mailbox_session *s, int wake_fd, int64_t wait_ms,
    enum mailbox_woke *woke, struct error *err)
{
	switch (stream_wait(s->stream, wake_fd, wait_ms)) {
	case STREAM_TIME:
		*woke = MAILBOX_WOKE_TIME;
		return 0;
	case STREAM_CALL:
		*woke = MAILBOX_WOKE_CALL;
		return 0;
	case STREAM_DATA:
		*woke = MAILBOX_WOKE_MAIL;
		return 0;
	case STREAM_STOPPED:
		s->broken = true;
		return error_set(err, ERROR_BUSY, "stopped");
	case STREAM_BROKEN:
		break;
	}
	s->broken = true;
	return error_set(err, ERROR_BUSY, "%s: %s", s->mailbox->host,
	    stream_trouble(s->stream)->text);
}

static int wait_idle(struct mailbox_session *s, int wake_fd, int64_t wait_ms,
    enum mailbox_woke *woke, struct error *err)
{
	session_begin(s);
	if (session_end(s, mailimap_idle(s->imap), "wait for mail", NULL, err))
		return -1;
	if (grew(s))
		*woke = MAILBOX_WOKE_MAIL;
	else if (wait_on(s, wake_fd,
		     wait_ms < IDLE_MOST_MS ? wait_ms : IDLE_MOST_MS, woke,
		     err))
		return -1;
	session_begin(s);
	return session_end(
	    s, mailimap_idle_done(s->imap), "end waiting", NULL, err);
}

int mailbox_session_wait(struct mailbox_session *session, int wake_fd,
    int64_t wait_ms, enum mailbox_woke *woke, struct error *err)
{
	int64_t poll_ms = (int64_t)session->mailbox->poll_s * 1000;

	if (mailimap_has_idle(session->imap))
		return wait_idle(session, wake_fd, wait_ms, woke, err);
	if (wait_on(session, wake_fd, wait_ms < poll_ms ? wait_ms : poll_ms,
		woke, err))
		return -1;
	session_begin(session);
	if (session_end(session, mailimap_noop(session->imap), "look for mail",
		NULL, err))
		return -1;
	if (*woke == MAILBOX_WOKE_TIME && grew(session))
		*woke = MAILBOX_WOKE_MAIL;
	return 0;
}
