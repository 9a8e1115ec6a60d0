/*
 * draft: the order of the steps; each has a file of its own.
 */
#include "check/reader/draft.h"

#include "check/reader/charset.h"
#include "check/reader/context.h"
#include "check/reader/cuts.h"
#include "check/reader/facts.h"
#include "check/reader/leave.h"
#include "check/reader/mime.h"
#include "check/reader/odd.h"
#include "check/reader/text.h"

void draft_warm(void)
{
	charset_warm();
	context_warm();
}

void draft_release(void)
{
	charset_release();
}

struct reading *draft_read(struct span mail)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));
	struct mime *mime;

	reading->arena = arena;
	mime = mime_split(arena, mail);
	cuts_find(reading, mime);
	leave_check(reading, mime);
	facts_read(reading, mime);
	odd_report(reading, mime);
	text_read(reading, mime);
	return reading;
}
