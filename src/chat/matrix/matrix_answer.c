/*
 * matrix_answer: how a message is answered: by a reaction, in words, or by
 * mail where nothing is heard.  What answers there are is card.c's.
 */
#include "chat/matrix/matrix_answer.h"

#include "chat/matrix/matrix.h"
#include "chat/matrix/matrix_text.h"
#include "review/text.h"

#include <inttypes.h>
#include <string.h>

#define FORM_MOST    ((size_t)16 * 1024)
#define REASONS_MOST ((size_t)1500) /* bytes of reasons that are listed */
#define MAIL_MOST    8		    /* people with links to answer by mail */
#define DOT	     " \xc2\xb7 "

/* The first word of a command: what a reaction can stand for. */
static bool is_verb(const char *command, const char *verb)
{
	size_t n = strcspn(command, " ");

	return strlen(verb) == n && strncmp(command, verb, n) == 0;
}

/* The answer that a reaction gives; NULL: the card has none like that. */
static const struct card_answer *answer_of(
    const struct card *card, const char *verb)
{
	size_t i;

	for (i = 0; i < card->n_answers; i++)
		if (is_verb(card->answers[i].command, verb))
			return &card->answers[i];
	return NULL;
}

/* Is it the first key of its verb?  The others mean the same. */
static bool is_first(const struct matrix_reaction *reaction)
{
	const struct matrix_reaction *r;

	for (r = matrix_event_reactions; r != reaction; r++)
		if (strcmp(r->verb, reaction->verb) == 0)
			return false;
	return true;
}

/* "React: (sign) approve, (sign) drop." unless words are wanted. */
static bool add_reactions(struct matrix_lines *lines, const struct card *card)
{
	const struct matrix_reaction *r;
	const char *keys = "";

	if (card->wants_words)
		return false;
	for (r = matrix_event_reactions; r->key != NULL; r++)
		if (is_first(r) && answer_of(card, r->verb) != NULL)
			keys = arena_printf(lines->arena, "%s%s%s %s", keys,
			    *keys == '\0' ? "" : ", ", r->key, r->verb);
	if (*keys == '\0')
		return false;
	matrix_line_add(lines, MATRIX_LINE_WORDS,
	    arena_printf(lines->arena, "React to this message: %s.", keys));
	return true;
}

static void add_answer(struct matrix_lines *lines, const char *prefix,
    const struct card_answer *answer)
{
	struct buf html;

	buf_init(&html, FORM_MOST);
	buf_add_str(&html, "<code>");
	text_add_html_str(&html, prefix);
	text_add_html_str(&html, answer->command);
	buf_add_str(&html, "</code> ");
	text_add_html_str(&html, answer->meaning);
	matrix_line_add_forms(lines, MATRIX_LINE_ITEM,
	    arena_printf(lines->arena, "  %s%s  (%s)\n", prefix,
		answer->command, answer->meaning),
	    arena_dup(lines->arena, html.data, html.len));
	buf_release(&html);
}

static void add_reasons(struct matrix_lines *lines, const struct card *card)
{
	const char *const *reason;
	const char *list = "";

	for (reason = card->reasons; reason != NULL && *reason != NULL;
	     reason++) {
		if (strlen(list) > REASONS_MOST) {
			list = arena_printf(lines->arena, "%s ...", list);
			break;
		}
		list = arena_printf(lines->arena, "%s%s%s", list,
		    *list == '\0' ? "" : ", ", *reason);
	}
	if (*list != '\0')
		matrix_line_add(lines, MATRIX_LINE_WORDS,
		    arena_printf(lines->arena,
			"Behind %s there may stand one of: %s; and words of "
			"your own.",
			card->reason_command, list));
}

/* ---- by mail ------------------------------------------------------------ */

/* <a href="mailto:ADDRESS?subject=...&body=...">LABEL</a>, RFC 6068 */
static void add_link(
    struct buf *html, const char *address, struct span body, const char *label)
{
	buf_add_str(html, "<a href=\"mailto:");
	text_add_html_str(html, address);
	buf_add_str(html, "?subject=Imprimatur&amp;body=");
	text_add_uri(html, body);
	buf_add_str(html, "\">");
	text_add_html_str(html, label);
	buf_add_str(html, "</a>");
}

/* All of the command that the person need not fill in. */
static struct span ready(const char *command)
{
	size_t n = strcspn(command, "<");

	while (n > 0 && command[n - 1] == ' ')
		n--;
	return (struct span){command, n};
}

static void add_mail(struct matrix_lines *lines, const struct card *card,
    const char *name, const char *address)
{
	struct buf html;
	size_t i;

	buf_init(&html, FORM_MOST);
	text_add_html_str(&html, name);
	buf_add_str(&html, ": ");
	for (i = 0; i < card->n_answers; i++) {
		if (card->answers[i].button == NULL)
			continue;
		add_link(&html, address, ready(card->answers[i].command),
		    card->answers[i].button);
		buf_add_str(&html, DOT);
	}
	add_link(&html, address, text_span(""), "other");
	matrix_line_add_forms(lines, MATRIX_LINE_ITEM,
	    arena_printf(lines->arena, "  %s: %s\n", name, address),
	    arena_dup(lines->arena, html.data, html.len));
	buf_release(&html);
}

/* Each has an address of their own, which no one else can answer. */
static void add_mails(struct matrix_lines *lines, const struct chat_card *card)
{
	const struct config_reviewer *const *asked = card->asked;
	size_t i, n = 0;

	for (i = 0; card->reply_to != NULL && asked[i] != NULL; i++) {
		if (card->reply_to[i] == NULL || n == MAIL_MOST)
			continue;
		if (n++ == 0)
			matrix_line_add(lines, MATRIX_LINE_TITLE,
			    "Answer by mail, each from your own address:");
		add_mail(lines, card->card, asked[i]->name, card->reply_to[i]);
	}
	if (n == 0)
		matrix_line_add(
		    lines, MATRIX_LINE_WORDS, "It cannot be answered here.");
}

/* ---- all of it ---------------------------------------------------------- */

static const char *lead(const struct matrix_answer_style *style, bool reacted)
{
	if (!style->threads)
		return "Write into this room. The first line says what to do, "
		       "with the draft's number in front:";
	return reacted ? "Or reply to it in words. The first line says what "
			 "to do:"
		       : "Reply to this message. The first line says what to "
			 "do:";
}

void matrix_answer_add(struct matrix_lines *lines, const struct chat_card *card,
    const struct matrix_answer_style *style)
{
	const struct card *c = card->card;
	bool reacted = false;
	size_t i;

	if (c->warning != NULL && c->draft_title != NULL)
		matrix_line_add(lines, MATRIX_LINE_WORDS,
		    arena_printf(lines->arena, "! %s", c->warning));
	if (c->n_answers > 0 && !style->hears) {
		add_mails(lines, card);
	} else if (c->n_answers > 0) {
		if (style->reacts)
			reacted = add_reactions(lines, c);
		matrix_line_add(lines, MATRIX_LINE_TITLE, lead(style, reacted));
		for (i = 0; i < c->n_answers; i++)
			add_answer(lines, style->prefix, &c->answers[i]);
		add_reasons(lines, c);
	}
	if (c->last != NULL)
		matrix_line_add(lines, MATRIX_LINE_WORDS, c->last);
}
