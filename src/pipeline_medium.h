/*
 * pipeline_medium: between the review room and what else than mail asks
 * people: programs and chats.
 *
 * All functions: loop only.
 */
#ifndef PIPELINE_MEDIUM_H
#define PIPELINE_MEDIUM_H

#include <stdbool.h>

#include "review/review.h"

struct house;

/* What programs say goes to the review room; after each new house->programs. */
void pipeline_medium_join(struct house *house);

/* review: show this to a person; context is the house. */
bool pipeline_medium_show(const struct review_shown *shown, void *context);

#endif
