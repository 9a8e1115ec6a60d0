/*
 * lint_mail: what is strange about how people and agents are written to.
 */
#ifndef LINT_MAIL_H
#define LINT_MAIL_H

#include "config/lint.h"

/* Say every warning; returns how many. */
size_t lint_mail(const struct config *config, const struct lint *lint);

#endif
