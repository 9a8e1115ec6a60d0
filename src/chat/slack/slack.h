/*
 * slack: what the files of this kind share.
 *
 * slack.c connects, slack_call.c calls the Web API, slack_send.c posts,
 * slack_past.c finds what was posted;
 * slack_card.c, slack_digest.c and slack_button.c make messages of what
 * slack_text.c has, slack_form.c the forms that buttons open; slack_examine.c
 * and slack_echo.c ask for the doctor.  slack_ear.c begins to hear: by
 * slack_http.c, which slack_sign.c has looked at, or by slack_socket.c;
 * slack_event.c understands it, slack_act.c does what it says.
 *
 * A message's remote and root are its "ts", "1700000000.000100"; the channel is
 * the configured one.  All functions: loop, unless they are said to be pure.
 */
#ifndef CHAT_SLACK_H
#define CHAT_SLACK_H

#include <jansson.h>

#include "chat/internal.h"

#include "util/buf.h"

#define SLACK_ID_SIZE 32 /* of a team, member, channel, app; with its NUL */

/* chat->own of this kind, from start() to stop(). */
struct slack {
	struct chat *chat;
	/* Known once ready, and then the ear is started: the team that the
	 * token is of, our own member and bot there */
	bool ready;
	char team[SLACK_ID_SIZE], user[SLACK_ID_SIZE], bot[SLACK_ID_SIZE];
	struct slack_ear *ear; /* slack_ear.c's; NULL: it does not hear */

	/* the rest is slack.c's */
	enum chat_state state, ear_state;
	char why[200], ear_why[200];
	struct event *timer;
	unsigned failures;
	/* slack_call.c's and slack_send.c's */
	struct slack_job *jobs;
	struct slack_echo *echoes; /* slack_echo.c's */
	bool no_history; /* it may not read its channel: no looking back */
	struct slack_past *past;
};

/* ---- calls of the Web API ------------------------------------------------ */

/*
 * One call.  Fill the input, keep it until done(): on the loop, exactly once,
 * never from within slack_call(); on stop at once, LATER.
 */
struct slack_call {
	const char *method; /* "views.open" */
	const char *json;   /* its arguments; copied */
	const char *form;   /* or these, "channel=C1&limit=1"; copied */
	bool app;	    /* with the app's token, not the bot's */
	void (*done)(struct slack_call *call);
	void *context;

	/* results */
	enum chat_sent sent; /* SENT: ok was true */
	json_t *answer;	     /* an object, freed after done(); NULL: none */
	const char *scopes;  /* X-OAuth-Scopes, or NULL */
	char code[64];	     /* Slack's word for what is wrong, or "" */
	int64_t retry_ms;    /* of LATER; 0: it said none */
	int64_t date_ms;     /* the server's clock, wall time; 0: none */
	bool broken;	     /* somebody must mend the app: error tells how */
	struct error error;
};
void slack_call(struct chat *chat, struct slack_call *call);

/* Give all calls back, LATER; for stop(). */
void slack_call_stop(struct slack *slack);

/* Slack can be spoken to, or (broken: somebody must mend it) not: why, a
 * sentence.  slack.c's, for the two others. */
void slack_fine(struct slack *slack);
void slack_fails(struct slack *slack, bool broken, const char *why);

/* ---- what stands in the channel ------------------------------------------ */

#define SLACK_EVENT_TYPE "imprimatur" /* of the metadata of what we post */
#define SLACK_TS_SIZE	 64

/* Can it be what Slack calls a message?  Pure. */
bool slack_is_ts(const char *s);

/*
 * The messages of ours, newest first, or those of a thread.  Fill the input,
 * keep it until done(): on the loop, exactly once, as with a slack_call.
 */
struct slack_pages {
	struct chat *chat;
	const char *root; /* of the thread, or NULL: the channel */
	/* one of them; false: that is enough */
	bool (*found)(
	    struct slack_pages *pages, const char *ts, const char *once);
	void (*done)(struct slack_pages *pages);
	void *context;

	/* results: SENT, also when the app may not look (slack->no_history) */
	enum chat_sent sent;
	struct slack_call call; /* the last */
	/* its own */
	char cursor[512];
	unsigned n;
};
void slack_pages_read(struct slack_pages *pages);

/*
 * Read what earlier lives left in the channel and in its newest digests.  True:
 * that was done before; else done(), as of slack_pages: once read it stays.
 * One at a time.
 */
bool slack_past_read(struct chat *chat,
    void (*done)(struct slack_pages *pages, void *context), void *context);
/* Where a message of that name was when it was read; root: or NULL. */
bool slack_past_find(const struct slack *slack, const char *once,
    const char **ts, const char **root);
/* NULL is harmless. */
void slack_past_free(struct slack_past *past);

/* Of struct chat_kind. */
void slack_send(struct chat *chat, struct chat_send *send);
void slack_examine(struct chat *chat, struct checkup *checkup);

/*
 * For the doctor: does what is written in the channel reach us?  Begin, post a
 * message, and say which one it is, or that it failed: once.  Then it ends by
 * itself, and, when answers come over HTTP, has looked at how they do.
 */
struct slack_echo *slack_echo_begin(
    struct slack *slack, struct checkup *checkup);
void slack_echo_posted(struct slack_echo *echo, const char *ts);
void slack_echo_failed(struct slack_echo *echo);
/* Slack told this, whatever it is; it may be our own message. */
void slack_echo_saw(struct slack *slack, const json_t *payload);
/* For stop(), after slack_call_stop(). */
void slack_echo_stop(struct slack *slack);

/*
 * How hearing is: UP; TROUBLED, it tries again; BROKEN, somebody must mend it.
 * why: a sentence for people, or NULL with UP.  The chat is as the worse of
 * this and of posting is.
 */
void slack_hears(struct chat *chat, enum chat_state state, const char *why);

/* ---- the ear: slack_ear.c has these three and nothing else --------------- */

/* slack->ready for the first time: begin to hear (a socket, or nothing to do
 * for HTTP), set slack->ear. */
void slack_ear_start(struct slack *slack);
/* Before stop(): end all of it.  Also when it never started. */
void slack_ear_stop(struct slack *slack);
/* For the doctor: can answers reach us? */
void slack_ear_examine(struct slack *slack, struct checkup *checkup);

/* ---- buttons ------------------------------------------------------------- */

/* Every action_id of ours begins so; what it means stands in its value. */
#define SLACK_ACTION "imp-"

/* What pressing says: the value of a button, or of a menu's option. */
struct slack_press {
	int64_t draft;
	unsigned number;
	char code[HOLD_CODE_SIZE];
	char verb[16]; /* "approve", "drop", "edit" ... as review_said has it */
	bool form;     /* it opens a form; else it is the answer */
};

/* Pure.  False: it is none of ours. */
bool slack_press_read(const char *value, struct slack_press *press);
const char *slack_press_write(
    struct arena *arena, const struct slack_press *press);

/* ---- forms --------------------------------------------------------------- */

#define SLACK_FORM "imp-form" /* callback_id of each */

/* What a form is about; remote: the message its button is in. */
struct slack_form {
	const struct slack_press *press;
	const char *remote;
	const struct hold_view *view;
	const struct config *config;
	const struct config_reviewer *reviewer; /* who fills it in */
	const char *const *reasons;		/* or NULL */
	bool needs_reason;
};

/*
 * The view for views.open, as JSON in the arena: of a form, or (when it cannot
 * be filled in there: a text that is too long) one that says where to go.
 * Pure.
 */
const char *slack_form_open(struct arena *arena, const struct slack_form *form);

/* A view that only says something.  Pure. */
const char *slack_form_note(
    struct arena *arena, const char *title, const char *text);

/* What was filled in: all in the arena, or NULL as in struct chat_word. */
struct slack_filled {
	struct slack_press press;
	const char *remote;
	const char *verb, *code, *text, *category, *subject;
	/* where an error is to be shown: block_id for
	 * {"response_action":"errors","errors":{block: text}} */
	const char *block;
	/* not NULL: it cannot be taken so, to be shown there */
	const char *error;
};

/* Read the "view" of a view_submission.  False: it is none of ours, or is
 * damaged.  Pure. */
bool slack_form_read(
    struct arena *arena, const json_t *view, struct slack_filled *filled);

/* ---- messages ------------------------------------------------------------ */

/* Of struct chat_kind.  Pure. */
void slack_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out);
const char *slack_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest);
const char *slack_plain(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to);

#endif
