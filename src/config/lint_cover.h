/*
 * lint_cover: does one rule or channel fit whenever another does?
 */
#ifndef LINT_COVER_H
#define LINT_COVER_H

#include <stdbool.h>

#include "config/channel.h"

/* Whenever b fits, or may fit, a does.  False: not certain. */
bool lint_cover_rule(const struct rule *a, const struct rule *b);

/* Every mail that b could take is taken by a.  False: not certain. */
bool lint_cover_channel(const struct channel *a, const struct channel *b);

#endif
