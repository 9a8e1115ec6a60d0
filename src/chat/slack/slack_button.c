/*
 * slack_button: the answers of a card as buttons, and what pressing one says.
 * Whether that may be done is left to review, which looks again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"
#include "chat/slack/slack_card.h"

#include "review/text.h"

#define MENU_MOST    5	 /* options of an overflow menu */
#define VALUE_MOST   100 /* bytes of a value of ours */
#define CONFIRM_MOST 300 /* characters */

/* ---- values ---------------------------------------------------------------
 */

static bool is_lower(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 'a' || *s > 'z')
			return false;
	return true;
}

/* A code as hold writes it: six letters or digits of base32. */
static bool is_code(const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (!(s[i] >= 'A' && s[i] <= 'Z') &&
		    !(s[i] >= 'a' && s[i] <= 'z') &&
		    !(s[i] >= '2' && s[i] <= '7'))
			return false;
	return i == HOLD_CODE_SIZE - 1;
}

/* Decimal, no sign, no zero in front; *s then stands behind it. */
static bool read_number(const char **s, int64_t most, int64_t *out)
{
	int64_t n = 0;

	if (**s < '1' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		if (n > (most - (**s - '0')) / 10)
			return false;
		n = n * 10 + (**s - '0');
	}
	*out = n;
	return true;
}

/* Copy what stands before the next dot, or the end, which *s then is at. */
static bool read_word(const char **s, char *out, size_t size)
{
	size_t n = strcspn(*s, ".");

	if (n == 0 || n >= size)
		return false;
	memcpy(out, *s, n);
	out[n] = '\0';
	*s += n;
	return true;
}

bool slack_press_read(const char *value, struct slack_press *press)
{
	char how[8];
	int64_t number;

	*press = (struct slack_press){.draft = 0};
	if (value == NULL || strlen(value) > VALUE_MOST)
		return false;
	if (!read_number(&value, INT64_MAX, &press->draft) || *value++ != '.')
		return false;
	if (!read_number(&value, UINT32_MAX, &number) || *value++ != '.')
		return false;
	press->number = (unsigned)number;
	if (!read_word(&value, press->code, sizeof(press->code)) ||
	    !is_code(press->code) || *value++ != '.' ||
	    !read_word(&value, how, sizeof(how)) || *value++ != '.' ||
	    !read_word(&value, press->verb, sizeof(press->verb)))
		return false;
	press->form = strcmp(how, "form") == 0;
	return *value == '\0' && is_lower(press->verb) &&
	       (press->form || strcmp(how, "do") == 0);
}

const char *slack_press_write(
    struct arena *arena, const struct slack_press *press)
{
	return arena_printf(arena, "%" PRId64 ".%u.%s.%s.%s", press->draft,
	    press->number, press->code, press->form ? "form" : "do",
	    press->verb);
}

/* ---- buttons --------------------------------------------------------------
 */

/* How the verbs are called that have no label of the card's. */
static const struct {
	const char *verb, *label;
	bool menu; /* it stands in the menu behind the buttons */
} labels[] = {
    {"edit", "Edit\xe2\x80\xa6", false},
    {"ask", "Ask\xe2\x80\xa6", false},
    {"snooze", "Snooze\xe2\x80\xa6", false},
    {"undo", "Undo", false},
    {"drop", "Drop", false},
    {"revise", "Send back to its agent\xe2\x80\xa6", true},
    {"claim", "I am on it", true},
    {"delegate", "Hand over\xe2\x80\xa6", true},
};

#define N_LABELS (sizeof(labels) / sizeof(labels[0]))

static size_t label_of(const char *verb)
{
	size_t i;

	for (i = 0; i < N_LABELS; i++)
		if (strcmp(labels[i].verb, verb) == 0)
			break;
	return i;
}

/* What an answer is as a press; it opens a form when words are to be filled
 * in, or when it goes on below the first line. */
static void press_of(const struct hold_view *view,
    const struct card_answer *answer, struct slack_press *press)
{
	size_t n = strcspn(answer->command, " ");

	*press = (struct slack_press){.draft = view->draft};
	press->number = view->number;
	memcpy(press->code, view->code, sizeof(press->code));
	if (n >= sizeof(press->verb))
		n = sizeof(press->verb) - 1;
	memcpy(press->verb, answer->command, n);
	press->form = strchr(answer->command, '<') != NULL ||
		      strcmp(press->verb, "edit") == 0 ||
		      strcmp(press->verb, "snooze") == 0;
}

/* Letting this go is worth a second look. */
static bool is_grave(const struct chat_card *card)
{
	return card->view->severity >= SEVERITY_HIGH ||
	       card->kind == HOLD_PROMPT_DOUBT;
}

/* "Are you sure?", with whom it reaches. */
static json_t *confirm(struct arena *arena, const struct chat_card *card,
    const struct card_answer *answer)
{
	const struct hold_view *view = card->view;
	const char *to =
	    view->n_recipients == 0
		? "nobody"
		: text_line(arena, text_span(view->recipients[0].address), 120);
	const char *text;

	if (view->n_recipients > 1)
		to = arena_printf(
		    arena, "%s and %zu more", to, view->n_recipients - 1);
	text = arena_printf(arena, "Severity %s. It goes to %s: %s.",
	    verdict_severity_name(view->severity), to, answer->meaning);
	return json_pack("{s:o, s:o, s:o, s:o}", "title",
	    slack_label(arena,
		card->kind == HOLD_PROMPT_DOUBT ? "Send it again?"
						: "Let it leave?",
		100),
	    "text", slack_label(arena, text, CONFIRM_MOST), "confirm",
	    slack_label(arena, answer->button, 30), "deny",
	    slack_label(arena, "Not yet", 30));
}

/* The card's label for an answer, with a sign that a form follows. */
static const char *button_label(struct arena *arena,
    const struct card_answer *answer, const struct slack_press *press)
{
	size_t i = label_of(press->verb);

	if (answer->button == NULL)
		return i < N_LABELS ? labels[i].label : press->verb;
	return press->form
		   ? arena_printf(arena, "%s\xe2\x80\xa6", answer->button)
		   : answer->button;
}

static json_t *button(struct arena *arena, const struct chat_card *card,
    const struct card_answer *answer, const struct slack_press *press)
{
	json_t *made = json_pack("{s:s, s:s, s:s, s:o}", "type", "button",
	    "action_id", arena_printf(arena, SLACK_ACTION "%s", press->verb),
	    "value", slack_press_write(arena, press), "text",
	    slack_label(
		arena, button_label(arena, answer, press), SLACK_LABEL_MOST));

	if (answer->lets_go)
		json_object_set_new(made, "style", json_string("primary"));
	else if (answer->button != NULL)
		json_object_set_new(made, "style", json_string("danger"));
	if (answer->lets_go && !press->form && is_grave(card))
		json_object_set_new(
		    made, "confirm", confirm(arena, card, answer));
	return made;
}

static json_t *option(struct arena *arena, const struct slack_press *press)
{
	size_t i = label_of(press->verb);

	return json_pack("{s:o, s:s}", "text",
	    slack_label(arena, labels[i].label, SLACK_LABEL_MOST), "value",
	    slack_press_write(arena, press));
}

/* What opens a form that stops it stands apart from what lets it go: a finger
 * must not meet both. */
json_t *slack_buttons(struct arena *arena, const struct chat_card *card)
{
	json_t *elements = json_array(), *menu = json_array();
	json_t *stops = json_array(), *list;
	const struct card_answer *answer;
	struct slack_press press;
	size_t i, label;

	for (i = 0; i < card->card->n_answers; i++) {
		answer = &card->card->answers[i];
		press_of(card->view, answer, &press);
		label = label_of(press.verb);
		list = answer->button != NULL && !answer->lets_go ? stops
								  : elements;
		if (label < N_LABELS && labels[label].menu &&
		    json_array_size(menu) < MENU_MOST)
			json_array_append_new(menu, option(arena, &press));
		else
			json_array_append_new(
			    list, button(arena, card, answer, &press));
	}
	json_array_extend(elements, stops);
	json_decref(stops);
	if (json_array_size(menu) > 0)
		json_array_append_new(elements,
		    json_pack("{s:s, s:s, s:O}", "type", "overflow",
			"action_id", SLACK_ACTION "more", "options", menu));
	json_decref(menu);
	if (json_array_size(elements) > 0)
		return json_pack(
		    "{s:s, s:o}", "type", "actions", "elements", elements);
	json_decref(elements);
	return NULL;
}
