/*
 * brief: what a reviewer hears in a chat after an answer: the same as in a
 * receipt by mail, in a sentence or two, because the message that was answered
 * tells the rest and others read along.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_BRIEF_H
#define REVIEW_BRIEF_H

#include "review/receipt.h"

#include "util/arena.h"

/* Plain text, LF between lines, in the arena. */
const char *brief_text(const struct receipt *receipt, struct arena *arena);

#endif
