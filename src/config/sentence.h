/*
 * sentence: says in plain English what a configuration does with mail and
 * people.
 *
 * Pure functions; any thread.
 */
#ifndef SENTENCE_H
#define SENTENCE_H

#include "config/config.h"
#include "util/buf.h"

/* Append the rules of every mail, each channel, and what is left over. */
void sentence_config(const struct config *config, struct buf *out);

/* Append a line for each reviewer: how they are asked, what of theirs counts.
 */
void sentence_people(const struct config *config, struct buf *out);

/* Append a line for each chat: what is shown there, to whom and when. */
void sentence_chat(const struct config *config, struct buf *out);

/* Append a line for each agent, mailbox and domain that is signed. */
void sentence_mail(const struct config *config, struct buf *out);

/* Append one rule: "Rule 'x': when ..., it is held.", LF at its end. */
void sentence_rule(const struct rule *rule, struct buf *out);

#endif
