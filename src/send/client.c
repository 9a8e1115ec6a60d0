/*
 * client: the dialogue.  A reply goes to the function of the state that waits
 * for it; commands are composed when the caller has room for them.  How they
 * look is say.c's, what a reply is answer.c's, all before the first mail
 * greet.c's.
 */
#include "send/client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/answer.h"
#include "send/bytes.h"
#include "send/greet.h"
#include "send/parcel.h"
#include "send/say.h"

#include "util/arena.h"
#include "util/mem.h"

#define OUT_MOST      ((size_t)32 * 1024) /* of commands not yet written */
#define COMMANDS_MOST ((size_t)8 * 1024)  /* no more once there are so many */
#define NO_ANSWER     "a reply that answers nothing"
#define END_SIZE      ((size_t)2) /* the mail's last CRLF */

enum state {
	AT_GREETING, /* and all that follows it */
	AT_HANDSHAKE,
	AT_REST,     /* no mail */
	AT_ENVELOPE, /* its commands are said, or their replies are due */
	AT_BODY,     /* after DATA: the mail is written, no reply is due */
	AT_CHUNK,    /* after BDAT: likewise, then a reply is due */
	AT_END,	     /* waits for client_go() */
	AT_DOT,
	AT_QUIT,
	AT_NOTHING, /* over */
	N_STATES
};

/* What is known of a target while its mail is under way. */
enum fate { OPEN, ACCEPTED, REFUSED };

struct step {
	enum { RSET, MAIL, RCPT, DATA } say;
	size_t target; /* of RCPT */
};

struct client {
	const struct client_settings *settings;
	enum state state;
	bool used, chunking_failed;
	struct greet greet;
	struct answer answer;
	struct buf out;
	unsigned answers;
	enum client_trouble trouble;
	char why[ANSWER_WORDS_SIZE];

	/* the mail under way; what it needs lives in its arena */
	struct parcel *parcel;
	enum fate *fates; /* of its targets */
	size_t n_accepted;
	struct step *steps;
	size_t n_steps, said, heard;
	bool refused; /* MAIL was: replies to RCPT mean nothing */
	bool chunks;  /* by BDAT */
	struct bytes_stuffer body;
};

/* ---- life --------------------------------------------------------------- */

struct client *client_new(const struct client_settings *settings)
{
	struct client *c = mem_zalloc(sizeof(*c));

	c->settings = c->greet.settings = settings;
	answer_init(&c->answer);
	buf_init(&c->out, OUT_MOST);
	return c;
}

void client_free(struct client *client)
{
	if (client == NULL)
		return;
	assert(client->parcel == NULL);
	answer_release(&client->answer);
	buf_release(&client->out);
	free(client);
}

enum client_phase client_phase(const struct client *client)
{
	switch (client->state) {
	case AT_HANDSHAKE:
		return CLIENT_SECURING;
	case AT_REST:
		return CLIENT_FREE;
	case AT_END:
		return CLIENT_READY;
	case AT_DOT:
		return CLIENT_ENDING;
	case AT_NOTHING:
		return CLIENT_OVER;
	default:
		return CLIENT_TALKING;
	}
}

enum client_trouble client_trouble(
    const struct client *client, const char **text)
{
	*text = client->why;
	return client->trouble;
}

struct parcel *client_parcel(const struct client *client)
{
	return client->parcel;
}

unsigned client_answers(const struct client *client)
{
	return client->answers;
}

bool client_chunking_failed(const struct client *client)
{
	return client->chunking_failed;
}

/* ---- results ------------------------------------------------------------ */

/* The same for all targets of one fate. */
static void give(struct client *c, enum fate fate, enum hold_result result,
    const char *words)
{
	size_t i;

	for (i = 0; i < c->parcel->n_targets; i++)
		if (c->fates[i] == fate)
			parcel_result(c->parcel, i, result, words);
}

static enum hold_result result_of(unsigned code)
{
	return code >= 500   ? HOLD_RESULT_FAILED
	       : code >= 400 ? HOLD_RESULT_PENDING
			     : HOLD_RESULT_SENT;
}

static void give_answer(struct client *c, enum fate fate)
{
	char words[ANSWER_WORDS_SIZE];

	answer_words(&c->answer, words);
	give(c, fate, result_of(c->answer.code), words);
}

/* Every target has its result. */
static void let_go(struct client *c, enum state next)
{
	c->parcel = NULL;
	c->used = true;
	c->state = next;
}

/* The connection is of no more use; what that means for the mail. */
static void lose(struct client *c, enum client_trouble trouble, const char *why)
{
	if (c->state == AT_NOTHING)
		return;
	if (c->parcel != NULL) {
		give(c, ACCEPTED,
		    c->state == AT_DOT ? HOLD_RESULT_IN_DOUBT
				       : HOLD_RESULT_PENDING,
		    why);
		give(c, OPEN, HOLD_RESULT_PENDING, why);
	}
	c->trouble = trouble;
	if (why != c->why)
		snprintf(c->why, sizeof(c->why), "%s", why);
	let_go(c, AT_NOTHING);
}

static void distrust(struct client *c, const char *what)
{
	char why[ANSWER_WORDS_SIZE];

	snprintf(
	    why, sizeof(why), "the relay host does not speak SMTP: %s", what);
	lose(c, CLIENT_BROKEN, why);
}

/* A refusal that is about us, not about one mail. */
static void rebuffed(struct client *c, enum client_trouble trouble)
{
	char words[ANSWER_WORDS_SIZE];

	if (c->answer.code < 400) {
		distrust(c, NO_ANSWER);
		return;
	}
	answer_words(&c->answer, words);
	lose(c, trouble, words);
}

static unsigned class_of(const struct client *c)
{
	return c->answer.code / 100;
}

/* ---- until the first mail ----------------------------------------------- */

static void on_greeting(struct client *c)
{
	switch (greet_hear(&c->greet, &c->answer, &c->out)) {
	case GREET_MORE:
		break;
	case GREET_SECURE:
		c->state = AT_HANDSHAKE;
		break;
	case GREET_DONE:
		c->state = AT_REST;
		break;
	case GREET_BROKEN:
		lose(c, CLIENT_BROKEN, c->greet.why);
		break;
	case GREET_DENIED:
		lose(c, CLIENT_DENIED, c->greet.why);
		break;
	case GREET_NONSENSE:
		distrust(c, NO_ANSWER);
		break;
	}
}

void client_secured(struct client *client)
{
	greet_secured(&client->greet, &client->out);
	if (client->state == AT_HANDSHAKE)
		client->state = AT_GREETING;
}

/* ---- the envelope ------------------------------------------------------- */

static void add_step(struct client *c, unsigned say, size_t target)
{
	c->steps[c->n_steps].say = say;
	c->steps[c->n_steps].target = target;
	c->n_steps++;
}

/* What is unsafe to name is refused here; the number of the others. */
static size_t plan_recipients(struct client *c)
{
	struct parcel *p = c->parcel;
	const char *why;
	size_t i, n = 0;

	for (i = 0; i < p->n_targets; i++) {
		why = say_recipient_obstacle(
		    &p->targets[i].recipient, p->envelope.smtputf8);
		if (why != NULL) {
			parcel_result(p, i, HOLD_RESULT_FAILED, why);
			c->fates[i] = REFUSED;
			continue;
		}
		add_step(c, RCPT, i);
		n++;
	}
	return n;
}

void client_begin(struct client *client, struct parcel *parcel)
{
	struct client *c = client;
	char reason[SAY_REASON_SIZE];
	size_t i;

	assert(c->state == AT_REST && c->parcel == NULL);
	if (say_obstacle(parcel, &c->greet.offer, reason)) {
		parcel_results(parcel, HOLD_RESULT_FAILED, reason);
		return;
	}
	c->parcel = parcel;
	/* RFC 3461 5.2.2: who has passed NOTIFY on says nothing itself */
	for (i = 0; i < parcel->n_targets; i++)
		parcel->targets[i].told = c->greet.offer.dsn;
	c->fates = arena_alloc(
	    parcel->arena, parcel->n_targets * sizeof(*c->fates) + 1);
	c->steps = arena_alloc(
	    parcel->arena, (parcel->n_targets + 3) * sizeof(*c->steps));
	c->n_steps = c->said = c->heard = c->n_accepted = 0;
	c->refused = false;
	c->chunks = c->greet.offer.chunking && !c->settings->no_chunking &&
		    !c->chunking_failed;
	c->body = (struct bytes_stuffer){0, false};
	c->state = AT_ENVELOPE;
	if (c->used)
		add_step(c, RSET, 0);
	add_step(c, MAIL, 0);
	if (plan_recipients(c) == 0)
		let_go(c, AT_REST);
	else if (!c->chunks)
		add_step(c, DATA, 0);
}

static void compose(struct client *c)
{
	const struct step *step = &c->steps[c->said++];

	switch (step->say) {
	case RSET:
		buf_add_str(&c->out, "RSET\r\n");
		break;
	case MAIL:
		say_mail(&c->out, c->parcel, &c->greet.offer);
		break;
	case RCPT:
		say_rcpt(&c->out, &c->parcel->targets[step->target].recipient,
		    &c->greet.offer);
		break;
	case DATA:
		buf_add_str(&c->out, "DATA\r\n");
		break;
	}
}

static void compose_more(struct client *c)
{
	while (c->said < c->n_steps && c->out.len < COMMANDS_MOST &&
	       (c->greet.offer.pipelining || c->said == c->heard))
		compose(c);
}

/* What they have is final. */
static void close_open(struct client *c)
{
	size_t i;

	for (i = 0; i < c->parcel->n_targets; i++)
		if (c->fates[i] == OPEN)
			c->fates[i] = REFUSED;
}

static void on_mail(struct client *c)
{
	if (class_of(c) == 2)
		return;
	/* RFC 4954 6: it wants a login; no mail is to blame for that */
	if (class_of(c) == 3 || c->answer.code == 530) {
		rebuffed(c, CLIENT_DENIED);
		return;
	}
	give_answer(c, OPEN);
	close_open(c);
	c->refused = true;
	c->n_steps = c->said;
}

/*
 * RFC 5321 4.5.3.1.10: 552 may mean "too many recipients", which is to be
 * tried again; with 5.2.x it is about a mailbox.
 */
static bool is_too_many(struct client *c)
{
	char status[ANSWER_STATUS_SIZE];

	answer_status(&c->answer, status);
	return c->answer.code == 552 && c->n_accepted > 0 &&
	       strncmp(status, "5.2.", 4) != 0;
}

static void on_rcpt(struct client *c, size_t target)
{
	char words[ANSWER_WORDS_SIZE];

	if (c->refused)
		return;
	if (class_of(c) == 3) {
		distrust(c, NO_ANSWER);
		return;
	}
	if (class_of(c) == 2) {
		c->fates[target] = ACCEPTED;
		c->n_accepted++;
		return;
	}
	answer_words(&c->answer, words);
	parcel_result(c->parcel, target,
	    is_too_many(c) ? HOLD_RESULT_PENDING : result_of(c->answer.code),
	    words);
	c->fates[target] = REFUSED;
	/* nobody is left: do not say DATA when it was not said */
	if (c->heard == c->said && c->n_accepted == 0 && c->said < c->n_steps &&
	    c->steps[c->said].say == DATA)
		c->n_steps = c->said;
}

static void on_data(struct client *c)
{
	if (class_of(c) == 2 || (class_of(c) == 3 && c->answer.code != 354)) {
		distrust(c, NO_ANSWER);
	} else if (class_of(c) == 3 && c->n_accepted == 0) {
		/* it waits for a mail that nobody is to get; an empty one
		 * would be a mail too */
		let_go(c, AT_NOTHING);
	} else if (class_of(c) == 3) {
		c->state = AT_BODY;
	} else {
		give_answer(c, ACCEPTED);
	}
}

static size_t size_before_end(const struct client *c)
{
	return c->parcel->bytes.len - END_SIZE;
}

static void start_chunk(struct client *c)
{
	if (size_before_end(c) == 0) {
		c->state = AT_END;
		return;
	}
	buf_addf(&c->out, "BDAT %zu\r\n", size_before_end(c));
	c->state = AT_CHUNK;
}

/* "421" is the last word of the relay host (RFC 5321 3.8). */
static bool is_last_word(const struct client *c)
{
	return c->answer.code == 421;
}

static void on_envelope(struct client *c)
{
	const struct step *step = &c->steps[c->heard];

	if (c->heard == c->said) {
		distrust(c, "a reply that nobody asked for");
		return;
	}
	c->heard++;
	if (step->say == RSET && class_of(c) != 2)
		rebuffed(c, CLIENT_BROKEN);
	else if (step->say == MAIL)
		on_mail(c);
	else if (step->say == RCPT)
		on_rcpt(c, step->target);
	else if (step->say == DATA)
		on_data(c);
	if (c->state != AT_NOTHING && is_last_word(c))
		rebuffed(c, CLIENT_BROKEN);
	if (c->state != AT_ENVELOPE || c->heard < c->n_steps)
		return;
	if (c->chunks && !c->refused && c->n_accepted > 0)
		start_chunk(c);
	else
		let_go(c, AT_REST);
}

/* ---- the mail ----------------------------------------------------------- */

/*
 * A reply before the end was said.  The mail cannot have been taken; but where
 * we are in the dialogue is no longer known.
 */
static void on_early(struct client *c)
{
	if (class_of(c) == 5) {
		give_answer(c, ACCEPTED);
		let_go(c, AT_NOTHING);
	} else {
		rebuffed(c, CLIENT_BROKEN);
	}
}

/* RFC 5321 4.2.4: these say that it does not know the command. */
static bool is_unknown_command(unsigned code)
{
	return code == 500 || code == 502 || code == 504;
}

static void on_chunk(struct client *c)
{
	if (c->body.at < size_before_end(c)) {
		on_early(c);
	} else if (class_of(c) == 2) {
		c->state = AT_END;
	} else if (is_unknown_command(c->answer.code)) {
		/* it takes the chunk for commands: leave at once */
		c->chunking_failed = true;
		rebuffed(c, CLIENT_BROKEN);
	} else if (class_of(c) == 3 || is_last_word(c)) {
		rebuffed(c, CLIENT_BROKEN);
	} else {
		give_answer(c, ACCEPTED);
		let_go(c, AT_REST);
	}
}

void client_go(struct client *client)
{
	assert(client->state == AT_END);
	buf_add_str(
	    &client->out, client->chunks ? "BDAT 2 LAST\r\n\r\n" : "\r\n.\r\n");
	client->state = AT_DOT;
}

static void on_dot(struct client *c)
{
	if (class_of(c) == 3) {
		distrust(c, NO_ANSWER);
		return;
	}
	give_answer(c, ACCEPTED);
	let_go(c, is_last_word(c) ? AT_NOTHING : AT_REST);
}

/* ---- in and out --------------------------------------------------------- */

void client_quit(struct client *client)
{
	assert(client->state == AT_REST);
	buf_add_str(&client->out, "QUIT\r\n");
	client->state = AT_QUIT;
}

/* Between two mails. */
static void on_unasked(struct client *c)
{
	rebuffed(c, CLIENT_BROKEN);
}

static void on_quit(struct client *c)
{
	c->state = AT_NOTHING;
}

void client_lost(struct client *client, const char *why)
{
	lose(client, CLIENT_BROKEN, why);
}

static void (*const hear[N_STATES])(struct client *c) = {
    [AT_GREETING] = on_greeting,
    [AT_REST] = on_unasked,
    [AT_ENVELOPE] = on_envelope,
    [AT_BODY] = on_early,
    [AT_CHUNK] = on_chunk,
    [AT_END] = on_early,
    [AT_DOT] = on_dot,
    [AT_QUIT] = on_quit,
};

void client_hear(struct client *client, struct span in)
{
	const char *why = "";
	enum answer_state state;

	while (in.len > 0 && client->state != AT_NOTHING) {
		if (client->state == AT_HANDSHAKE) {
			/* CVE-2011-0411: it could be read as said inside TLS */
			distrust(client, "bytes after its answer to STARTTLS");
			return;
		}
		state = answer_read(&client->answer, &in, &why);
		if (state == ANSWER_BAD)
			distrust(client, why);
		if (state != ANSWER_WHOLE)
			return;
		client->answers++;
		hear[client->state](client);
	}
}

static void say_body(struct client *c, struct buf *out, size_t most)
{
	struct span mail = {c->parcel->bytes.data, size_before_end(c)};

	if (bytes_stuff(&c->body, mail, out, most))
		c->state = AT_END;
}

static void say_chunk(struct client *c, struct buf *out, size_t most)
{
	size_t left = size_before_end(c) - c->body.at;
	size_t n = left < most ? left : most;

	buf_add(out, c->parcel->bytes.data + c->body.at, n);
	c->body.at += n;
}

bool client_say(struct client *client, struct buf *out, size_t most)
{
	size_t before = out->len;

	if (client->state == AT_ENVELOPE)
		compose_more(client);
	if (client->out.len > 0) {
		buf_add_span(out, buf_span(&client->out));
		explicit_bzero(client->out.data, client->out.len);
		buf_clear(&client->out);
	}
	if (client->state == AT_BODY)
		say_body(client, out, most);
	else if (client->state == AT_CHUNK)
		say_chunk(client, out, most);
	return out->len > before;
}
