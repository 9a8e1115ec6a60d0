/*
 * media: programs and chats that ask people: which prompts each is to be given,
 * which it has acknowledged, and whether it can be relied on.  The ledger is
 * the list of what waits; what one was given and did not acknowledge is given
 * again when it begins anew.  Chats may gather what is not urgent.  Loop.
 */
#ifndef REVIEW_MEDIA_H
#define REVIEW_MEDIA_H

#include "review/review.h"

struct media;

/*
 * Those of the room's configuration, all down.  old: of the configuration
 * before, or NULL; how long each has been silent is kept.
 */
struct media *media_new(struct review *review, const struct media *old);
/* Calls under way end by themselves.  NULL is harmless. */
void media_free(struct media *media);

/* There may be something to tell.  Cheap. */
void media_kick(struct media *media);

/* As review_medium() and review_medium_heard(). */
void media_changed(
    struct media *media, const char *medium, enum review_medium what);
/* Likewise. */
bool media_heard(
    struct media *media, const char *medium, int64_t notice, bool over);

/*
 * Is this person reached by programs and chats alone, and by one at least that
 * is not silent for too long?  Then there is no mail.
 */
bool media_spare_mail(
    const struct media *media, const struct config_reviewer *reviewer);

/* Is there such a medium, and is it up? */
bool media_is_up(const struct media *media, const char *medium);

/* May a line about a wrong answer of it go to the log?  Once a minute. */
bool media_may_complain(struct media *media, const char *medium);

#endif
