/*
 * pipeline_mailbox: a mail that a mailbox fetched goes the way of one that came
 * over SMTP.  What its server vouches for is the mailbox's option, which of our
 * notices it answers is seen from whom it is written to.
 */
#include "pipeline_mailbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "mailbox/mailbox.h"
#include "review/review.h"

#include "house.h"
#include "pipeline_hear.h"

#include "util/mem.h"

struct fetched {
	struct hear hear;
	struct mailbox_hear *from;
	char source[80];
};

/* INVALID: it was read and dealt with; whoever wrote it was told. */
static enum mailbox_outcome outcome_of(enum error_kind kind)
{
	switch (kind) {
	case ERROR_NONE:
	case ERROR_DENIED:
	case ERROR_INVALID:
		return MAILBOX_DONE;
	case ERROR_MISSING:
		return MAILBOX_OTHERS;
	default:
		return MAILBOX_AGAIN;
	}
}

static void on_heard(struct hear *hear)
{
	struct fetched *f = (struct fetched *)hear;
	struct mailbox_hear *from = f->from;

	from->outcome = outcome_of(hear->error.kind);
	snprintf(from->why, sizeof(from->why), "%.199s", hear->error.text);
	free(f);
	mailbox_heard(from);
}

void pipeline_mailbox_hear(struct mailbox_hear *hear, void *context)
{
	const struct config_mailbox *mailbox = hear->mailbox;
	struct fetched *f = mem_zalloc(sizeof(*f));

	snprintf(f->source, sizeof(f->source), "mailbox %s", mailbox->name);
	f->from = hear;
	f->hear.bytes = hear->bytes;
	f->hear.source = f->source;
	f->hear.through_server = true;
	f->hear.vouched = mailbox->level == CONFIG_LEVEL_TOKEN
			      ? REVIEW_LEVEL_TOKEN
			      : REVIEW_LEVEL_NONE;
	f->hear.done = on_heard;
	f->hear.context = f;
	pipeline_hear_mail(context, &f->hear);
}
