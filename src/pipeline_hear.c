/*
 * pipeline_hear: the steps of a reply, and which of our notices it answers.
 * What it proves is left to pipeline_proof.c, what it says to review.
 */
#include "pipeline_hear.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "review/review.h"

#include "doctor.h"
#include "house.h"
#include "message.h"
#include "pipeline_proof.h"
#include "reading.h"

#include "util/log.h"
#include "util/mem.h"

struct hearing {
	struct check_request read;
	struct proof proof;
	struct review_answer answer;
	struct house *house;
	struct hear *hear;
	const struct config *config; /* in force when it came; a reference */
};

/* Give it back; the hear may be freed by that. */
static void end(struct hearing *h, const struct error *err)
{
	struct hear *hear = h->hear;

	hear->error = *err;
	pipeline_proof_release(&h->proof);
	reading_reply_free(h->proof.signed_reply);
	reading_reply_free(h->read.reply);
	config_unref(h->config);
	free(h);
	hear->done(hear);
}

static void on_answered(struct review_answer *answer)
{
	end(answer->context, &answer->error);
}

static void decide(struct hearing *h, struct reading_reply *reply,
    enum review_level level, const char *how)
{
	/* RFC 3834 2: nothing that a person wrote has a null return path */
	if (h->hear->null_path)
		reply->automatic = "it has a null return path";
	h->answer.reply = reply;
	h->answer.peer = h->hear->source;
	h->answer.level = level;
	h->answer.how = how;
	h->answer.done = on_answered;
	h->answer.context = h;
	review_answer(h->house->review, &h->answer);
}

/* ---- whose it is -------------------------------------------------------- */

static void on_proven(struct proof *proof)
{
	struct hearing *h = proof->context;
	struct reading_reply *reply = h->read.reply;
	enum review_level level = proof->level;
	struct error err = ERROR_INIT;

	if (proof->later) {
		log_notice("notice %" PRId64 " not-proven-yet reviewer=%s "
			   "reason=\"%s\"",
		    h->answer.notice, proof->reviewer->name, proof->how);
		error_set(&err, ERROR_BUSY, "%s", proof->how);
		end(h, &err);
		return;
	}
	if (level != REVIEW_LEVEL_NONE)
		log_info("notice %" PRId64 " proven reviewer=%s by=\"%s\"",
		    h->answer.notice, proof->reviewer->name, proof->how);
	else
		level = h->hear->vouched;
	h->answer.unbound = proof->unbound;
	if (proof->signed_reply != NULL)
		reply = proof->signed_reply;
	decide(h, reply, level, proof->how);
}

/* The reviewer that it says that it is of, or NULL. */
static const struct config_reviewer *claimed(const struct hearing *h)
{
	const struct reading_reply *reply = h->read.reply;
	size_t i;

	if (reply->n_from != 1 || reply->from == NULL)
		return NULL;
	for (i = 0; i < h->config->n_reviewers; i++)
		if (message_same_address(
			reply->from, h->config->reviewers[i].address))
			return &h->config->reviewers[i];
	return NULL;
}

static void prove(struct hearing *h)
{
	struct reading_reply *reply = h->read.reply;
	const struct config_reviewer *reviewer = claimed(h);

	/* what decides nothing in any case need not be proven */
	if (reviewer == NULL || reply->trouble != NULL ||
	    reply->automatic != NULL || h->hear->null_path ||
	    (reviewer->level == CONFIG_LEVEL_TOKEN &&
		h->hear->vouched >= REVIEW_LEVEL_TOKEN)) {
		decide(h, reply, h->hear->vouched, NULL);
		return;
	}
	h->proof.bytes = h->hear->bytes;
	h->proof.reply = reply;
	h->proof.config = h->config;
	h->proof.reviewer = reviewer;
	h->proof.wanted = reviewer->level == CONFIG_LEVEL_SIGNED
			      ? CONFIG_LEVEL_SIGNED
			      : CONFIG_LEVEL_ALIGNED;
	h->proof.notice = h->answer.notice;
	h->proof.through_server = h->hear->through_server;
	h->proof.done = on_proven;
	h->proof.context = h;
	pipeline_proof(h->house, &h->proof);
}

/* ---- what it answers ---------------------------------------------------- */

/* The one notice that it is written to; 0: none, or more than one. */
static int64_t written_to(const struct hearing *h)
{
	const struct reading_origin *origin = &h->read.reply->origin;
	int64_t found = 0, notice;

	for (size_t i = 0; i < origin->n_to; i++) {
		if (review_address(h->house->review, origin->to[i], &notice) !=
		    REVIEW_NOTICE)
			continue;
		if (found != 0 && found != notice)
			return 0;
		found = notice;
	}
	return found;
}

/* Is it the doctor's own?  It proves that answers come back, no more. */
static bool is_probe(
    const struct house *house, const struct hear *hear, int64_t notice)
{
	return notice >= REVIEW_PROBES &&
	       (house->doctor == NULL ||
		   doctor_heard(house->doctor, notice, hear));
}

static void on_read(struct check_request *request)
{
	struct hearing *h = request->context;
	struct error err = ERROR_INIT;

	h->answer.notice = h->hear->notice;
	if (h->answer.notice == 0)
		h->answer.notice = written_to(h);
	if (is_probe(h->house, h->hear, h->answer.notice)) {
		end(h, &err);
		return;
	}
	if (h->answer.notice != 0) {
		prove(h);
		return;
	}
	if (request->reply->trouble != NULL)
		error_set(&err, ERROR_BUSY, "%s", request->reply->trouble);
	else
		error_set(&err, ERROR_MISSING,
		    "it is not written to the address of one notice");
	end(h, &err);
}

void pipeline_hear_mail(struct house *house, struct hear *hear)
{
	struct hearing *h = mem_zalloc(sizeof(*h));
	struct error err = ERROR_INIT;

	h->house = house;
	h->hear = hear;
	h->config = config_ref(house->config);
	h->read.bytes = hear->bytes;
	h->read.done = on_read;
	h->read.context = h;
	if (check_reply(house->check, &h->read, &err))
		end(h, &err);
}
