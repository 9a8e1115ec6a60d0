/*
 * slack_event: what Slack tells us, as JSON, read with suspicion: who pressed
 * what, sent which form, or wrote what into a thread.
 *
 * Pure; any thread.
 */
#ifndef CHAT_SLACK_EVENT_H
#define CHAT_SLACK_EVENT_H

#include <jansson.h>

#include "chat/slack/slack.h"

/* Whose app it is and where it is. */
struct slack_event_ours {
	const char *team, *channel, *user;
};

enum slack_event_kind {
	SLACK_EVENT_OTHER,  /* nothing that we act upon */
	SLACK_EVENT_PRESS,  /* of a button, or a choice from its menu */
	SLACK_EVENT_FORM,   /* filled in and sent */
	SLACK_EVENT_REPLY,  /* written in a thread */
	SLACK_EVENT_CHANGED /* such a reply has another first line now */
};

/* All text in the arena. */
struct slack_event {
	enum slack_event_kind kind;
	const char *why;     /* of OTHER: for the log */
	bool elsewhere;	     /* OTHER: it is of another channel */
	const char *person;  /* "T0123/U0456" */
	const char *remote;  /* the message pressed on; the thread's first */
	const char *once;    /* names this and no other, however it comes */
	const char *trigger; /* of PRESS: what opens a form */
	struct slack_press press;
	struct slack_filled filled; /* of FORM */
	const char *words;	    /* of REPLY, as they were typed */
};

/* Read the payload of an interaction or of an event. */
void slack_event_read(struct arena *arena, const struct slack_event_ours *ours,
    const json_t *payload, struct slack_event *event);

/* The view of a form of ours, which says now of what channel it is: read back
 * by slack_event_read().  Owned by the caller; NULL: it is no view. */
json_t *slack_event_form(const char *view, const char *channel);

/* A text of Slack's (mrkdwn) as its writer typed it, in the arena. */
char *slack_event_text(struct arena *arena, const char *text);

#endif
