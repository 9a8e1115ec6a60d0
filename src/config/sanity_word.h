/*
 * sanity_word: of what, and where, agents hear of their drafts.
 */
#ifndef SANITY_WORD_H
#define SANITY_WORD_H

#include "config/config.h"

/*
 * -1 and err (INVALID, "file:line: ...") on the first thing that is wrong.
 * Fills the secret of the agent's webhook from its file.
 */
int sanity_word(
    const struct config *config, struct config_agent *agent, struct error *err);

#endif
