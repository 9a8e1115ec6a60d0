/*
 * pipeline_hear: the steps of a reply, and which of our notices it answers.
 * What it proves is left to pipeline_proof.c, what it says to review.
 */
#include "pipeline_hear.h"

#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "review/review.h"

#include "house.h"
#include "reading.h"

#include "util/mem.h"

struct hearing {
	struct check_request read;
	struct review_answer answer;
	struct house *house;
	struct hear *hear;
};

/* Give it back; the hear may be freed by that. */
static void end(struct hearing *h, const struct error *err)
{
	struct hear *hear = h->hear;

	hear->error = *err;
	reading_reply_free(h->read.reply);
	free(h);
	hear->done(hear);
}

static void on_answered(struct review_answer *answer)
{
	end(answer->context, &answer->error);
}

static void on_read(struct check_request *request)
{
	struct hearing *h = request->context;

	/* RFC 3834 2: nothing that a person wrote has a null return path */
	if (h->hear->null_path)
		request->reply->automatic = "it has a null return path";
	h->answer.reply = request->reply;
	h->answer.notice = h->hear->notice;
	h->answer.peer = h->hear->source;
	h->answer.level = h->hear->vouched;
	h->answer.done = on_answered;
	h->answer.context = h;
	review_answer(h->house->review, &h->answer);
}

void pipeline_hear_mail(struct house *house, struct hear *hear)
{
	struct hearing *h = mem_zalloc(sizeof(*h));
	struct error err = ERROR_INIT;

	h->house = house;
	h->hear = hear;
	h->read.bytes = hear->bytes;
	h->read.done = on_read;
	h->read.context = h;
	if (check_reply(house->check, &h->read, &err))
		end(h, &err);
}
