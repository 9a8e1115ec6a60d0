/*
 * chat_place: what channels, rooms and people are called at Slack and Matrix.
 */
#ifndef CHAT_PLACE_H
#define CHAT_PLACE_H

#include <stdbool.h>

/* Slack: a channel, "C0123ABCD" (or G..., D...)? */
bool chat_place_channel(const char *text);

/* Slack: team and member, "T0123ABCD/U0456EFGH" (or .../W...)? */
bool chat_place_member(const char *text);

/* Matrix: a room's id or alias, "!abc:host", "!abc", "#name:host"? */
bool chat_place_room(const char *text);

/* Matrix: a person, "@anna:example.com"? */
bool chat_place_person(const char *text);

#endif
