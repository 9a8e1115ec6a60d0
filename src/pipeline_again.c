/*
 * pipeline_again: what a copy of somebody's mail comes to.  Which drafts it
 * overtakes, and what becomes of them, is the ledger's.
 */
#include "pipeline_again.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "hold/hold.h"

#include "house.h"
#include "pipeline.h"
#include "reading.h"

#include "util/log.h"
#include "util/mem.h"

#define REFERENCES_MOST 50 /* the last ones of them */

struct overtaking {
	struct check_request read;
	struct hold_wrote wrote;
	struct span references[REFERENCES_MOST];
	struct house *house;
	struct again *again;
	char *person; /* made here, or NULL */
};

#define OVERTAKING(call, member)                                               \
	((struct overtaking *)(void *)((char *)(call)-offsetof(                \
	    struct overtaking, member)))

static void end(struct overtaking *o, const struct error *err)
{
	struct again *again = o->again;

	again->error = *err;
	reading_reply_free(o->read.reply);
	free(o->person);
	free(o);
	again->done(again);
}

static void ignore(struct overtaking *o, const char *why)
{
	const struct error none = ERROR_INIT;

	log_info(
	    "feed ignored source=\"%s\" why=\"%s\"", o->again->source, why);
	o->again->ignored = why;
	end(o, &none);
}

static void on_wrote(struct hold_call *call)
{
	struct overtaking *o = OVERTAKING(call, wrote);
	const struct hold_wrote *w = &o->wrote;
	size_t i;

	if (call->error.kind != ERROR_NONE) {
		log_warning("feed failed kind=%s reason=\"%s\"",
		    error_kind_name(call->error.kind), call->error.text);
		end(o, &call->error);
		return;
	}
	log_info("feed source=\"%s\" drafts=%zu%s", o->again->source,
	    w->n_drafts, w->repeated ? " repeated=true" : "");
	for (i = 0; i < w->n_drafts; i++)
		log_info("draft %" PRId64 " overtaken by=feed", w->drafts[i]);
	o->again->n_drafts = w->n_drafts;
	if (w->n_drafts > 0)
		pipeline_moved(w->drafts[0], HOLD_HELD, o->house);
	end(o, &call->error);
}

/* The last of the ids, as they stand in one text. */
static size_t find_references(const char *text, struct span *out)
{
	const char *close;
	size_t n = 0;

	while (text != NULL && (text = strchr(text, '<')) != NULL) {
		close = strchr(text, '>');
		if (close == NULL)
			break;
		out[n++ % REFERENCES_MOST] =
		    (struct span){text, (size_t)(close - text) + 1};
		text = close + 1;
	}
	return n < REFERENCES_MOST ? n : REFERENCES_MOST;
}

/* An agent's own mail may come by here too. */
static bool is_an_agents(const struct config *config, const char *address)
{
	const char *const *s;
	size_t i;

	for (i = 0; i < config->n_agents; i++)
		for (s = config->agents[i].senders; s != NULL && *s != NULL;
		     s++)
			if (strcmp(*s, "*") != 0 &&
			    message_address_fits(address, *s))
				return true;
	return false;
}

/* As the reader makes it of most addresses.  Owner: the caller. */
static char *person_of(const char *address)
{
	char *person = mem_strdup(address), *p;

	for (p = person; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return person;
}

/*
 * Who wrote it.  Of a mail that cannot be read, or that names none or several
 * authors, the return path is believed: a draft that is looked at once too
 * often does no harm.
 */
static void find_writer(struct overtaking *o, const struct reading_reply *reply)
{
	struct hold_wrote *w = &o->wrote;
	const char *sender = o->again->sender;

	w->from = reply->from;
	w->person = reply->person;
	if (w->from != NULL && w->person != NULL)
		return;
	w->from = sender != NULL && *sender != '\0' ? sender : NULL;
	if (w->from != NULL)
		w->person = o->person = person_of(sender);
}

/* Why nobody needs to look at a draft because of it; NULL: somebody does. */
static const char *why_not(
    const struct overtaking *o, const struct reading_reply *reply)
{
	if (o->again->null_path)
		return "it has a null return path";
	if (reply->automatic != NULL)
		return "no person wrote it";
	if (o->wrote.from == NULL)
		return reply->trouble != NULL ? "it could not be read"
					      : "it is not from one person";
	if (is_an_agents(o->house->config, o->wrote.from))
		return "it is from an agent";
	return NULL;
}

static void on_read(struct check_request *request)
{
	struct overtaking *o = request->context;
	const struct reading_reply *reply = request->reply;
	struct hold_wrote *w = &o->wrote;
	const char *why;

	find_writer(o, reply);
	why = why_not(o, reply);
	if (why != NULL) {
		ignore(o, why);
		return;
	}
	w->call.done = on_wrote;
	w->message_id = reply->message_id;
	w->subject = reply->subject;
	w->references = o->references;
	w->n_references = find_references(reply->references, o->references);
	hold_wrote(o->house->hold, w);
}

void pipeline_again_mail(struct house *house, struct again *again)
{
	struct overtaking *o = mem_zalloc(sizeof(*o));
	struct error err = ERROR_INIT;

	again->ignored = NULL;
	again->n_drafts = 0;
	o->house = house;
	o->again = again;
	o->read.bytes = again->bytes;
	o->read.done = on_read;
	o->read.context = o;
	if (check_reply(house->check, &o->read, &err))
		end(o, &err);
}

/* ---- over SMTP ----------------------------------------------------------- */

struct taking {
	struct again again;
	struct accept_ticket *ticket;
	struct message *message;
};

static void on_done(struct again *again)
{
	struct taking *t = again->context;
	struct accept_answer answer = {250, "2.0.0", "thank you", 0};

	if (again->error.kind != ERROR_NONE)
		answer = (struct accept_answer){451, "4.3.0",
		    "this mail could not be looked at, try again later", 0};
	accept_answer(t->ticket, &answer);
	message_free(t->message);
	free(t);
}

void pipeline_again_take(
    struct house *house, struct accept_ticket *ticket, struct message *message)
{
	struct taking *t = mem_zalloc(sizeof(*t));

	t->ticket = ticket;
	t->message = message;
	t->again.bytes = buf_span(&message->bytes);
	t->again.source = message->peer;
	t->again.null_path = *message->envelope.from == '\0';
	t->again.sender = message->envelope.from;
	t->again.done = on_done;
	t->again.context = t;
	pipeline_again_mail(house, &t->again);
}

/* In a time that tells nothing of where they differ. */
static bool same_letters(const char *a, const char *b, size_t size)
{
	int differing = 0;
	size_t i;

	for (i = 0; i < size; i++)
		differing |=
		    tolower((unsigned char)a[i]) ^ tolower((unsigned char)b[i]);
	return differing == 0;
}

bool pipeline_again_address(const struct house *house, const char *address)
{
	const struct config_review *review = &house->config->review;
	const char *domain = message_domain(address);
	size_t size = strlen(review->feed == NULL ? "" : review->feed);

	if (size == 0 || domain == address ||
	    (size_t)(domain - address) - 1 != size ||
	    !message_same_address(domain, review->domain))
		return false;
	return same_letters(address, review->feed, size);
}
