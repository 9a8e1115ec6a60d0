/*
 * probe: the doctor's mail to ourselves.  Waiting for it is left to who asked
 * for it.
 */
#include "review/review.h"

#include <stdlib.h>

#include "review/internal.h"
#include "review/letter.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define PROBE_MAX ((size_t)64 * 1024)

static const char words[] =
    "\"imprimatur doctor\" sent this mail to an address as reviewers answer\n"
    "to, to see whether answers come back to it.  Nobody needs to do\n"
    "anything: it decides nothing.\n"
    "\n"
    "Do you read this as a person?  Then mail to this address ends up with\n"
    "you instead of with Imprimatur, and answers would, too.\n";

struct probe {
	struct hold_post post;
	struct buf bytes;
	struct arena *arena;
	struct review *review;
	void (*done)(const struct error *err, void *context);
	void *context;
};

static void on_posted(struct hold_call *call)
{
	struct probe *p = (struct probe *)(void *)call;

	p->done(&call->error, p->context);
	buf_release(&p->bytes);
	arena_free(p->arena);
	free(p);
}

void review_probe(struct review *review, int64_t notice,
    void (*done)(const struct error *err, void *context), void *context)
{
	const struct config *config = review->config;
	struct probe *p = mem_zalloc(sizeof(*p));
	char *to;
	struct letter letter = {.kind = LETTER_NOTICE,
	    .hostname = config->hostname,
	    .from = config->review.from,
	    .subject = "imprimatur doctor: do answers come back?",
	    .at_ms = clock_now_ms(),
	    .text = {words, sizeof(words) - 1}};

	p->arena = arena_new();
	to = arena_alloc(p->arena, REVIEW_ADDRESS_SIZE);
	letter.to = review_reply_to(review, notice, to);
	letter.message_id =
	    letter_new_id(p->arena, config->hostname, 0, "doctor");
	buf_init(&p->bytes, PROBE_MAX);
	p->review = review;
	p->done = done;
	p->context = context;
	(void)letter_write(&letter, &p->bytes);
	p->post.call.done = on_posted;
	p->post.once = letter.message_id;
	p->post.mail.from = "";
	p->post.mail.to = to;
	p->post.mail.bytes = buf_span(&p->bytes);
	hold_post(review->hold, &p->post);
}
