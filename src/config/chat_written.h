/*
 * chat_written: the options of the chats, and whether they fit together.  For
 * the files of the configuration alone.
 */
#ifndef CHAT_WRITTEN_H
#define CHAT_WRITTEN_H

#include "config/config_written.h"

/* The rows of struct config_written_chat. */
extern const struct setting chat_rows[];

/*
 * Check the chats, read their secrets, make paths absolute; reviewers come
 * later.  -1 and err (INVALID, "file:line: ...").
 */
int chat_check(struct config *config, struct error *err);

#endif
