/*
 * webhook: a chat that is an incoming webhook of Slack.  It only posts: answers
 * are given by mail, so each message has links that write one.
 *
 * What is said is left to review/card.c, the form of blocks to slack_text.c.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"
#include "chat/slack/slack_card.h"
#include "checkup.h"

#include "review/text.h"

#include "util/digest.h"
#include "util/fetch.h"
#include "util/mem.h"

#define ANSWER_MAX  ((size_t)64 * 1024)
#define LINKS_MOST  2800 /* bytes of a section with links */
#define PEOPLE_MOST 10	 /* who get links; the others answer their mail */

/* ---- what is shown: the card, and links that write answers ----------------
 */

/* "<mailto:...|Approve>" for one answer. */
static void add_link(struct buf *out, const struct chat_card *card,
    const char *reply_to, const struct card_answer *answer)
{
	size_t n = strcspn(answer->command, "<");

	while (n > 0 && answer->command[n - 1] == ' ')
		n--;
	buf_add_str(out, "<mailto:");
	buf_add_str(out, reply_to);
	buf_add_str(out, "?subject=");
	text_add_uri(out, text_span("Re: "));
	text_add_uri(out, text_span(card->subject));
	buf_add_str(out, "&amp;body="); /* Slack wants it escaped there, too */
	text_add_uri(out, (struct span){answer->command, n});
	buf_add_char(out, '|');
	if (answer->button != NULL)
		slack_escape(out, text_span(answer->button));
	else
		slack_escape(out, (struct span){answer->command, n});
	buf_add_char(out, '>');
}

/* The answers that a person is offered: those with a button, and the words. */
static bool is_offered(const struct card_answer *answer)
{
	static const char *const words[] = {"ask", "edit", "undo", "drop"};
	size_t i, n = strcspn(answer->command, " ");

	if (answer->button != NULL)
		return true;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n &&
		    strncmp(answer->command, words[i], n) == 0)
			return true;
	return false;
}

/* A line for one person: "anna: Approve . Drop . ask". */
static json_t *links_of(struct arena *arena, const struct chat_card *card,
    const struct config_reviewer *reviewer, const char *reply_to)
{
	const char *between = ": ", *made;
	struct buf out;
	size_t i;

	buf_init(&out, LINKS_MOST);
	slack_escape(&out, text_span(reviewer->name));
	for (i = 0; i < card->card->n_answers; i++) {
		if (!is_offered(&card->card->answers[i]))
			continue;
		buf_add_str(&out, between);
		add_link(&out, card, reply_to, &card->card->answers[i]);
		between = "  \xc2\xb7  ";
	}
	made = out.overflow ? NULL : arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return made == NULL ? NULL : slack_markup(made);
}

/* Who may answer, and how; this webhook hears nothing. */
static void add_links(
    struct arena *arena, const struct chat_card *card, json_t *blocks)
{
	json_t *links;
	size_t i, n = 0;

	for (i = 0; card->asked[i] != NULL; i++) {
		if (card->reply_to == NULL || card->reply_to[i] == NULL ||
		    n == PEOPLE_MOST)
			continue;
		links =
		    links_of(arena, card, card->asked[i], card->reply_to[i]);
		if (links == NULL)
			continue;
		json_array_append_new(blocks, links);
		n++;
	}
	json_array_append_new(blocks,
	    slack_context(arena,
		n > 0 ? "Each link writes a mail; nothing happens until you "
			"send it. What is written here is not read."
		      : "Decide it on the command line; what is written here "
			"is not read."));
	json_array_append_new(blocks, slack_context(arena, card->card->last));
}

/* In several messages: the links come last. */
static void make_long(struct arena *arena, const struct chat_card *card,
    const struct slack_paper *paper, struct chat_content *out)
{
	size_t i, n = slack_paper_n(paper);
	const char *which, *text = slack_notice(arena, card);
	json_t *blocks;

	out->n_parts = n;
	out->parts = arena_alloc(arena, n * sizeof(*out->parts));
	for (i = 0; i < n; i++) {
		which = arena_printf(arena,
		    "Draft %" PRId64 ", revision %u: part %zu of %zu",
		    card->view->draft, card->view->number, i + 1, n);
		blocks = json_array();
		if (i == 0)
			slack_add_head(arena, card, blocks);
		json_array_append_new(blocks, slack_context(arena, which));
		json_array_extend(blocks, slack_paper_at(paper, i));
		out->parts[i] =
		    slack_message(arena, i == 0 ? text : which, blocks);
	}
	blocks = json_array();
	json_array_append_new(
	    blocks, slack_markup(arena_printf(arena,
			"That was draft %" PRId64 ", in %zu messages.",
			card->view->draft, n)));
	add_links(arena, card, blocks);
	out->main = slack_message(arena, text, blocks);
}

static void webhook_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out)
{
	json_t *head, *foot;
	struct slack_paper paper;

	if (card->outcome != NULL) {
		slack_card(chat, arena, card, out);
		return;
	}
	*out = (struct chat_content){.main = NULL};
	head = json_array();
	foot = json_array();
	slack_add_head(arena, card, head);
	add_links(arena, card, foot);
	slack_paper_begin(
	    &paper, arena, slack_room(head, foot), slack_room(NULL, NULL));
	slack_write_card(&paper, card->card);
	if (slack_paper_n(&paper) > 1) {
		make_long(arena, card, &paper, out);
	} else {
		json_array_extend(head, slack_paper_at(&paper, 0));
		json_array_extend(head, foot);
		out->main = slack_message(
		    arena, slack_notice(arena, card), json_incref(head));
	}
	slack_paper_end(&paper);
	json_decref(head);
	json_decref(foot);
}

/* ---- posting ---------------------------------------------------------------
 */

/* chat->own: what is under way, and when to look again. */
struct webhook {
	struct chat *chat;
	struct webhook_post *posts;
	struct event *timer;
	unsigned failures;
};

/* One request; a look posts nothing: the hook says what it lacks. */
struct webhook_post {
	struct fetch_ask ask;
	struct chat *chat;
	struct chat_send *send;	   /* or NULL */
	struct checkup_item *item; /* or NULL */
	bool over;		   /* given back already */
	char *body;
	struct webhook_post *next;
};

static const char *const headers[] = {"Content-Type: application/json", NULL};

/* What the hook says when it is one that works, and the message is at fault. */
static bool is_content_word(const char *word)
{
	static const char *const words[] = {"no_text", "invalid_payload",
	    "missing_text_or_fallback_or_attachments", "invalid_blocks",
	    "msg_too_long", "msg_blocks_too_long", "too_many_attachments"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* The word that it answered with: it goes into logs. */
static void copy_word(char *out, size_t size, const struct buf *answer)
{
	size_t n = strspn(answer->data, "abcdefghijklmnopqrstuvwxyz_");

	snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1),
	    n == 0 ? "?" : answer->data);
}

/* What came of a request.  broken: somebody must mend the hook. */
static enum chat_sent read_answer(
    const struct fetch_ask *ask, bool *broken, struct error *err)
{
	char word[64];

	*broken = false;
	if (ask->error.kind != ERROR_NONE) {
		error_set(err, ERROR_BUSY, "Slack %s", ask->error.text);
		return CHAT_LATER;
	}
	if (ask->status == 200)
		return CHAT_SENT;
	copy_word(word, sizeof(word), &ask->answer);
	if (ask->status == 429 || ask->status >= 500 || ask->status < 400) {
		error_set(err, ERROR_BUSY,
		    "Slack answered with HTTP status %ld", ask->status);
		return CHAT_LATER;
	}
	if (is_content_word(word)) {
		error_set(err, ERROR_INVALID, "Slack refused it: %s", word);
		return CHAT_NEVER;
	}
	*broken = true;
	error_set(err, ERROR_DENIED,
	    "its webhook is not accepted any more: make a new one at "
	    "https://api.slack.com/apps and write its URL into hook_file "
	    "(%s, HTTP status %ld)",
	    word, ask->status);
	return CHAT_LATER;
}

static void look_again(struct webhook *webhook)
{
	int64_t most = (int64_t)webhook->chat->config->retry_most_s * 1000;
	int64_t ms = 1000;
	struct timeval tv;
	unsigned i, dice;

	for (i = 0; i < webhook->failures && ms < most; i++)
		ms *= 2;
	if (ms > most)
		ms = most;
	digest_random(&dice, sizeof(dice));
	ms += dice % 250 * ms / 1000;
	tv = (struct timeval){ms / 1000, ms % 1000 * 1000};
	webhook->failures++;
	event_add(webhook->timer, &tv);
}

static void end_look(struct webhook_post *post, enum chat_sent sent,
    bool broken, const struct error *err)
{
	struct webhook *webhook = post->chat->own;
	bool fine = sent == CHAT_SENT || sent == CHAT_NEVER;

	if (post->item != NULL) {
		checkup_end(post->item, fine ? CHECKUP_GOOD : CHECKUP_BAD,
		    fine ? "it is; whether its messages are seen, only people "
			   "can say"
			 : err->text,
		    fine     ? NULL
		    : broken ? "make a new webhook and write its URL into "
			       "hook_file"
			     : "see whether this machine reaches Slack");
	} else if (fine) {
		webhook->failures = 0;
		chat_is(post->chat, CHAT_UP, NULL);
	} else {
		chat_is(post->chat, broken ? CHAT_BROKEN : CHAT_TROUBLED,
		    err->text);
		look_again(webhook);
	}
}

static void free_post(struct webhook_post *post)
{
	struct chat *chat = post->chat;

	buf_release(&post->ask.answer);
	free(post->body);
	free(post);
	chat_unref(chat);
}

static void on_done(struct fetch_ask *ask)
{
	struct webhook_post **at, *post = ask->context;
	struct webhook *webhook = post->chat->own;
	struct chat_send *send = post->send;
	struct error err = ERROR_INIT;
	enum chat_sent sent;
	bool broken;

	if (post->over) {
		free_post(post);
		return;
	}
	for (at = &webhook->posts; *at != post; at = &(*at)->next)
		;
	*at = post->next;
	sent = read_answer(ask, &broken, &err);
	if (send == NULL) {
		end_look(post, sent, broken, &err);
	} else {
		if (broken) {
			chat_is(post->chat, CHAT_BROKEN, err.text);
			look_again(webhook);
		}
		send->sent = sent;
		send->retry_ms = ask->retry_ms;
		send->error = err;
	}
	free_post(post);
	if (send != NULL)
		send->done(send);
}

static void ask(struct chat *chat, struct chat_send *send,
    struct checkup_item *item, const char *content)
{
	struct webhook *webhook = chat->own;
	struct webhook_post *post = mem_zalloc(sizeof(*post));

	post->chat = chat_ref(chat);
	post->send = send;
	post->item = item;
	post->body = mem_strdup(content);
	post->ask = (struct fetch_ask){
	    .url = chat->config->hook,
	    .headers = headers,
	    .body = {post->body, strlen(post->body)},
	    .deadline_ms = chat->config->deadline_ms,
	    .answer_max = ANSWER_MAX,
	    .ca_file = chat->config->ca_file,
	    .once = true,
	    .done = on_done,
	    .context = post,
	};
	post->next = webhook->posts;
	webhook->posts = post;
	fetch_ask(chat->fetch, &post->ask);
}

static void webhook_send(struct chat *chat, struct chat_send *send)
{
	send->remote_made[0] = '\0';
	ask(chat, send, NULL, send->content);
}

static void webhook_examine(struct chat *chat, struct checkup *checkup)
{
	ask(chat, NULL,
	    checkup_begin(checkup, chat->of, "its webhook is accepted"), "{}");
}

/* ---- life -------------------------------------------------------------------
 */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct webhook *webhook = context;

	(void)fd;
	(void)what;
	ask(webhook->chat, NULL, NULL, "{}");
}

static void webhook_start(struct chat *chat)
{
	struct webhook *webhook = mem_zalloc(sizeof(*webhook));

	webhook->chat = chat;
	webhook->timer = evtimer_new(chat->base, on_timer, webhook);
	chat->own = webhook;
	event_active(webhook->timer, EV_TIMEOUT, 0);
}

static void webhook_stop(struct chat *chat)
{
	struct webhook *webhook = chat->own;
	struct webhook_post *post;

	while ((post = webhook->posts) != NULL) {
		webhook->posts = post->next;
		post->over = true;
		fetch_cancel(&post->ask);
		if (post->item != NULL)
			checkup_end(post->item, CHECKUP_SKIPPED,
			    "the configuration was loaded anew meanwhile",
			    "ask the doctor once more");
		if (post->send == NULL)
			continue;
		post->send->sent = CHAT_LATER;
		post->send->done(post->send);
	}
	event_free(webhook->timer);
	chat->own = NULL;
	free(webhook);
}

const struct chat_kind webhook_kind = {
    .card = webhook_card,
    .digest = slack_digest,
    .text = slack_plain,
    .start = webhook_start,
    .stop = webhook_stop,
    .send = webhook_send,
    .examine = webhook_examine,
};
