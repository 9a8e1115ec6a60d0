/*
 * kinds: which kinds of chats there are.  What joins them to the room, and
 * nothing else, so that the room can be tried with others.
 */
#include "chat/room.h"

static const struct chat_kind *kind_of(enum config_chat_kind kind)
{
	static const struct chat_kind *const kinds[] = {
	    [CONFIG_CHAT_SLACK] = &slack_kind,
	    [CONFIG_CHAT_SLACK_WEBHOOK] = &webhook_kind,
	    [CONFIG_CHAT_MATRIX] = &matrix_kind,
	    [CONFIG_CHAT_HOOKSHOT] = &hookshot_kind,
	};

	return kinds[kind];
}

struct chats *chat_new(struct event_base *base, const struct config *config,
    struct hold *hold, struct review *review)
{
	return chat_new_of(base, config, hold, review, kind_of);
}

const struct httpd_route chat_routes[] = {
    {"POST", "/slack/*", false, slack_http},
    {"POST", "/hookshot/*", false, hookshot_http},
    {"PUT", "/hookshot/*", false, hookshot_http},
    {NULL, NULL, false, NULL},
};
