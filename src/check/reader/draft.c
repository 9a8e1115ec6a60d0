/*
 * draft: the order of the steps; each has a file of its own.
 */
#include "check/reader/draft.h"

#include "check/reader/addressees.h"
#include "check/reader/charset.h"
#include "check/reader/context.h"
#include "check/reader/cuts.h"
#include "check/reader/equip.h"
#include "check/reader/facts.h"
#include "check/reader/keys.h"
#include "check/reader/leave.h"
#include "check/reader/mime.h"
#include "check/reader/odd.h"
#include "check/reader/own.h"
#include "check/reader/text.h"
#include "check/reader/visible.h"

void draft_warm(void)
{
	charset_warm();
	context_warm();
	keys_warm();
}

void draft_release(void)
{
	charset_release();
	keys_release();
}

/* What is known of it, and what was given to look at it with. */
static void look(struct sight *sight)
{
	const struct about *about = sight->about;

	if (about == NULL)
		return;
	if (about->sender == NULL)
		addressees_read(sight->reading, sight->mime);
	if (about->n_recipients > 0)
		keys_read(
		    sight->reading, about->recipients, about->n_recipients);
	if (sight->reading->trouble == NULL)
		equip_look(sight);
}

struct reading *draft_read(struct span mail, const struct about *about)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));
	struct text_more more = {.wanted = equip_has_plugins(about)};
	struct sight sight = {
	    .reading = reading, .more = &more, .about = about};
	struct mime *mime;

	reading->arena = arena;
	sight.mime = mime = mime_split(arena, mail);
	cuts_find(reading, mime);
	leave_check(reading, mime);
	facts_read(reading, mime);
	odd_report(reading, mime);
	text_read(reading, mime, &more);
	sight.own = visible_bare(arena, own_text(arena, reading->text, &more));
	sight.bare = visible_bare(arena, reading->text);
	reading->fingerprint = own_fingerprint(sight.own);
	look(&sight);
	return reading;
}
