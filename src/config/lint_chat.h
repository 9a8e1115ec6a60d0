/*
 * lint_chat: what is strange about chats and who is asked there.
 */
#ifndef LINT_CHAT_H
#define LINT_CHAT_H

#include "config/lint.h"

/* Say every warning; returns how many. */
size_t lint_chat(const struct config *config, const struct lint *lint);

#endif
