/*
 * webhook: a chat that is an incoming webhook of Slack.  It only posts: answers
 * are given by mail, so each message has links that write one.
 *
 * What is said is left to review/card.c, the form of blocks to slack_text.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack.h"
#include "chat/slack_card.h"
#include "checkup.h"

#include "review/text.h"

#include "util/fetch.h"
#include "util/mem.h"

#define ANSWER_MAX   ((size_t)64 * 1024)
#define ROOM_SPARE   600
#define LINKS_MOST   2900 /* bytes of the section with links */
#define DEFAULT_WAIT 0

/* chat->own: what is under way. */
struct webhook {
	struct webhook_post *posts;
};

struct webhook_post {
	struct fetch_ask ask;
	struct chat *chat;
	struct chat_send *send; /* NULL: it was given back already */
	char *body;
	struct webhook_post *next;
};
