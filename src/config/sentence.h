/*
 * sentence: says in plain English what a configuration does with mail.
 *
 * Pure functions; any thread.
 */
#ifndef SENTENCE_H
#define SENTENCE_H

#include "config/config.h"
#include "util/buf.h"

/* Append the rules of every mail, each channel, and what is left over. */
void sentence_config(const struct config *config, struct buf *out);

/* Append one channel: sentences, then a line for each of its rules. */
void sentence_channel(const struct config *config,
    const struct channel *channel, struct buf *out);

/* Append one rule: "Rule 'x': when ..., it is held.", LF at its end. */
void sentence_rule(const struct rule *rule, struct buf *out);

#endif
