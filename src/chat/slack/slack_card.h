/*
 * slack_card: what the files that make Slack's messages share.
 *
 * Pure; any thread.  JSON that is returned is the caller's.
 */
#ifndef CHAT_SLACK_CARD_H
#define CHAT_SLACK_CARD_H

#include "chat/internal.h"
#include "chat/slack/slack_text.h"

/* "<@U1>, <@U2>": those of the asked whom Slack knows; "" for none. */
const char *slack_mentions(
    struct arena *arena, const struct config_reviewer *const *asked);

/* The member's part of config_reviewer.slack, or NULL. */
const char *slack_member(const struct config_reviewer *reviewer);

/* Add what stands above a card: its question, and who is asked. */
void slack_add_head(
    struct arena *arena, const struct chat_card *card, json_t *blocks);

/* The block of buttons for the answers of a card; NULL: there are none. */
json_t *slack_buttons(struct arena *arena, const struct chat_card *card);

/* Write why, warning, facts, changes, draft and the recipients left. */
void slack_write_card(struct slack_paper *paper, const struct card *card);

/* "May this mail leave?", with its number in front when it has one. */
const char *slack_question(struct arena *arena, const struct chat_card *card);

/* Bytes that a sheet takes between such blocks, of which each may be NULL. */
size_t slack_room(const json_t *head, const json_t *foot);

/* What notifications show of it. */
const char *slack_notice(struct arena *arena, const struct chat_card *card);

#endif
