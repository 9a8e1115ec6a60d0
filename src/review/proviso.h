/*
 * proviso: do a person's words below a decision take it back, or bind it to
 * something?  "approve" and below it "but not before Monday" is no approval.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_PROVISO_H
#define REVIEW_PROVISO_H

#include <stdbool.h>

#include "review/grammar.h"

/*
 * Does a line begin with a word that binds or takes back what is above it, in
 * one of the languages that are known ("but", "only", "nicht", "mais")?
 */
bool proviso_begins(struct span line);

/*
 * Of the lines below a command that approves or drops, the first that is
 * another such command or, below an approval, a proviso at the beginning of
 * the words; trimmed.  len 0: there is none.  words are the person's own, below
 * those that stand beneath quoted ones.
 */
struct span proviso_find(const struct grammar_words *house,
    const struct grammar_command *command, struct span words,
    struct span below);

#endif
