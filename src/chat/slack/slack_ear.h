/*
 * slack_ear: what the files share that hear what Slack tells: slack_http.c and
 * slack_socket.c bring it, slack_act.c acts upon it.
 *
 * All functions: loop only.
 */
#ifndef CHAT_SLACK_EAR_H
#define CHAT_SLACK_EAR_H

#include <jansson.h>

#include "chat/slack/slack.h"

struct slack_errand;
struct slack_seen;
struct slack_socket;

struct slack_ear {
	struct slack_seen *seen;      /* what came already */
	struct slack_errand *errands; /* not answered yet; slack_act.c's */
	unsigned n_errands;
	struct slack_socket *socket; /* NULL: by HTTP */
	/* by HTTP; wall times, 0: never */
	int64_t heard_ms, refused_ms;
	char refused[160]; /* why */
};

/*
 * Something that Slack told.  Fill the input, keep it until done(): once,
 * perhaps from within; when the ledger has what came of it, or a second is
 * over, or the chat stops.
 */
struct slack_take {
	const json_t *payload; /* only during the call */
	void (*done)(struct slack_take *take);
	void *context;

	/* results */
	bool lost;	    /* it is to come again */
	const char *answer; /* JSON to answer with, during done(), or NULL */
};
void slack_act(struct chat *chat, struct slack_take *take);

/* All that is open is done, lost; for slack_ear_stop(). */
void slack_act_stop(struct slack_ear *ear);

/* Connect, and go on trying. */
struct slack_socket *slack_socket_new(struct slack *slack);
/* NULL is harmless. */
void slack_socket_free(struct slack_socket *socket);

#endif
