/*
 * slack_event: payloads of Slack.  Only exact identifiers count, never a name;
 * what is done about it is left to slack_act.c.
 */
#include "chat/slack/slack_event.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"

#define TS_MOST	     24	    /* bytes of a "ts" */
#define TRIGGER_MOST 255    /* of a trigger_id */
#define VIEW_MOST    64	    /* of a view's id */
#define TEXT_MOST    100000 /* of a reply; Slack has 40,000 characters */
#define SIGN_MOST    100    /* bytes of a picture's name */
#define BLOCKS_DEPTH 5	    /* of blocks within blocks */

static const char *string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void is_elsewhere(struct slack_event *event)
{
	event->why = "of another channel";
	event->elsewhere = true;
}

static bool is_id(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) < SLACK_ID_SIZE &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(s);
}

static bool is_ts(const char *s)
{
	size_t whole, part;

	if (s == NULL || strlen(s) > TS_MOST)
		return false;
	whole = strspn(s, "0123456789");
	if (whole == 0 || s[whole] != '.')
		return false;
	part = strspn(s + whole + 1, "0123456789");
	return part > 0 && s[whole + 1 + part] == '\0';
}

static bool is_text(const char *s, size_t most)
{
	return s != NULL && *s != '\0' && strlen(s) <= most;
}

static bool is(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* ---- text -----------------------------------------------------------------
 */

/* "<https://a.example|a.example>": what of it was typed. */
static void add_link(struct buf *out, struct span inner)
{
	const char *bar = memchr(inner.data, '|', inner.len);
	struct span to = inner, label;

	if (bar == NULL) {
		if (inner.len > 7 && memcmp(inner.data, "mailto:", 7) == 0)
			to = (struct span){inner.data + 7, inner.len - 7};
		buf_add_span(out, to);
		return;
	}
	to.len = (size_t)(bar - inner.data);
	label = (struct span){bar + 1, inner.len - to.len - 1};
	buf_add_span(out, label);
	/* what Slack itself made a link of reads as where it leads */
	if (label.len > 0 && label.len <= to.len &&
	    memcmp(to.data + to.len - label.len, label.data, label.len) == 0)
		return;
	buf_add_str(out, label.len == 0 ? "" : " (");
	buf_add_span(out, to);
	buf_add_str(out, label.len == 0 ? "" : ")");
}

/* "@U0123", "#C0123|name", "!here": as it reads. */
static void add_mention(struct buf *out, struct span inner)
{
	const char *bar = memchr(inner.data, '|', inner.len);
	char sign = *inner.data == '#' ? '#' : '@';

	if (bar != NULL) {
		inner.len -= (size_t)(bar + 1 - inner.data);
		inner.data = bar + 1;
	} else {
		inner.data++;
		inner.len--;
	}
	if (inner.len == 0 || *inner.data != sign)
		buf_add_char(out, sign);
	buf_add_span(out, inner);
}

static const char *add_entity(struct buf *out, const char *s)
{
	static const struct {
		const char *name;
		char sign;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
	size_t i, len;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		len = strlen(entities[i].name);
		if (strncmp(s, entities[i].name, len) != 0)
			continue;
		buf_add_char(out, entities[i].sign);
		return s + len;
	}
	buf_add_char(out, *s);
	return s + 1;
}

char *slack_event_text(struct arena *arena, const char *text)
{
	const char *s = text, *end, *last = strrchr(text, '>');
	struct buf marked, out;
	struct span inner;
	char *typed;

	buf_init(&marked, TEXT_MOST);
	buf_init(&out, TEXT_MOST);
	while (*s != '\0') {
		end = last != NULL && *s == '<' && s < last ? strchr(s, '>')
							    : NULL;
		if (end == NULL || end == s + 1) {
			buf_add_char(&marked, *s++);
			continue;
		}
		inner = (struct span){s + 1, (size_t)(end - s - 1)};
		if (strchr("@#!", *inner.data) != NULL)
			add_mention(&marked, inner);
		else
			add_link(&marked, inner);
		s = end + 1;
	}
	for (s = marked.data; *s != '\0';)
		if (*s == '&')
			s = add_entity(&out, s);
		else
			buf_add_char(&out, *s++);
	typed = arena_strdup(arena, out.data);
	buf_release(&marked);
	buf_release(&out);
	return typed;
}

/* ---- pictures -------------------------------------------------------------
 */

/* In its text Slack writes ":tada:" for a picture; which it is stands in its
 * blocks, in the same order. */
struct typed {
	const char *rest; /* of the text */
	struct buf out;
};

static void add_utf8(struct buf *out, unsigned long point)
{
	if (point < 0x80) {
		buf_add_char(out, (char)point);
		return;
	}
	if (point < 0x800) {
		buf_add_char(out, (char)(0xc0 | point >> 6));
	} else {
		if (point < 0x10000) {
			buf_add_char(out, (char)(0xe0 | point >> 12));
		} else {
			buf_add_char(out, (char)(0xf0 | point >> 18));
			buf_add_char(out, (char)(0x80 | (point >> 12 & 0x3f)));
		}
		buf_add_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	buf_add_char(out, (char)(0x80 | (point & 0x3f)));
}

/* "1f44b-1f3fb", its characters as hexadecimal numbers.  False: it is none. */
static bool add_picture(struct buf *out, const char *unicode)
{
	unsigned long point;
	char *end;

	for (;; unicode = end + 1) {
		if (!isxdigit((unsigned char)*unicode))
			return false;
		point = strtoul(unicode, &end, 16);
		if (point < 0x20 || (point >= 0xd800 && point < 0xe000) ||
		    point > 0x10ffff)
			return false;
		add_utf8(out, point);
		if (*end != '-')
			return *end == '\0';
	}
}

static void take_picture(struct typed *typed, const json_t *element)
{
	const char *name = string_at(element, "name"), *at;
	const char *unicode = string_at(element, "unicode");
	char sign[SIGN_MOST + 3];
	size_t len;

	if (name == NULL || unicode == NULL || strlen(name) > SIGN_MOST)
		return;
	snprintf(sign, sizeof(sign), ":%s:", name);
	at = strstr(typed->rest, sign);
	if (at == NULL)
		return;
	buf_add(&typed->out, typed->rest, (size_t)(at - typed->rest));
	len = typed->out.len;
	if (!add_picture(&typed->out, unicode)) {
		buf_cut(&typed->out, len);
		buf_add_str(&typed->out, sign);
	}
	at += strlen(sign);
	/* its colour is part of what was added */
	if (strncmp(at, ":skin-tone-", 11) == 0 && at[11] != '\0' &&
	    at[12] == ':')
		at += 13;
	typed->rest = at;
}

static void take_pictures(
    struct typed *typed, const json_t *blocks, unsigned depth)
{
	const json_t *element;
	size_t i;

	json_array_foreach(blocks, i, element)
	{
		if (is(string_at(element, "type"), "emoji"))
			take_picture(typed, element);
		else if (depth > 1)
			take_pictures(typed,
			    json_object_get(element, "elements"), depth - 1);
	}
}

/* The text of a message, with its pictures. */
static const char *typed_text(struct arena *arena, const json_t *message)
{
	const char *text = string_at(message, "text"), *made = text;
	struct typed typed = {.rest = text};

	buf_init(&typed.out, TEXT_MOST);
	take_pictures(&typed, json_object_get(message, "blocks"), BLOCKS_DEPTH);
	if (typed.rest != text && !buf_add_str(&typed.out, typed.rest))
		made = arena_strdup(arena, typed.out.data);
	buf_release(&typed.out);
	return made;
}

/* ---- who ------------------------------------------------------------------
 */

/* The team is the one whose member it is, which need not be where it was. */
static bool read_person(struct arena *arena, const char *team, const char *user,
    struct slack_event *event)
{
	if (!is_id(team) || !is_id(user)) {
		event->why = "nobody's";
		return false;
	}
	event->person = arena_printf(arena, "%s/%s", team, user);
	return true;
}

/* Of an interaction. */
static bool read_user(struct arena *arena, const struct slack_event_ours *ours,
    const json_t *payload, struct slack_event *event)
{
	const json_t *user = json_object_get(payload, "user");
	const char *where = string_at(json_object_get(payload, "team"), "id");
	const char *team = string_at(user, "team_id");

	if (team == NULL)
		team = where;
	/* an app of all an enterprise has no team there */
	if (!is(where, ours->team) && !is(team, ours->team)) {
		event->why = "of another workspace";
		return false;
	}
	return read_person(arena, team, string_at(user, "id"), event);
}

/* ---- buttons --------------------------------------------------------------
 */

static const json_t *our_action(const json_t *payload)
{
	const json_t *actions = json_object_get(payload, "actions"), *action;
	const char *id;
	size_t i;

	for (i = 0; i < json_array_size(actions); i++) {
		action = json_array_get(actions, i);
		id = string_at(action, "action_id");
		if (id != NULL &&
		    strncmp(id, SLACK_ACTION, strlen(SLACK_ACTION)) == 0)
			return action;
	}
	return NULL;
}

static void read_press(struct arena *arena, const struct slack_event_ours *ours,
    const json_t *payload, struct slack_event *event)
{
	const json_t *container = json_object_get(payload, "container");
	const json_t *action = our_action(payload), *option;
	const char *ts = string_at(container, "message_ts");
	const char *at = string_at(action, "action_ts");
	const char *value = string_at(action, "value");
	const char *trigger = string_at(payload, "trigger_id");

	option = json_object_get(action, "selected_option");
	if (option != NULL)
		value = string_at(option, "value");
	if (action == NULL)
		event->why = "no button of ours";
	else if (!is(string_at(container, "type"), "message") ||
		 !is(string_at(container, "channel_id"), ours->channel))
		is_elsewhere(event);
	else if (!is_ts(ts) || !is_ts(at) ||
		 !slack_press_read(value, &event->press))
		event->why = "a button whose value is damaged";
	else if (event->press.form && !is_text(trigger, TRIGGER_MOST))
		event->why = "a button without a trigger";
	if (event->why != NULL || !read_user(arena, ours, payload, event))
		return;
	event->kind = SLACK_EVENT_PRESS;
	event->remote = arena_strdup(arena, ts);
	event->trigger = arena_strdup(arena, trigger);
	event->once = arena_printf(arena, "slack.%s.%s", event->person, at);
}

/* ---- forms ----------------------------------------------------------------
 */

/* A form that is sent twice with other words is two answers. */
static const char *name_form(
    struct arena *arena, const struct slack_event *event, const json_t *view)
{
	unsigned char of_view[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE], *state;
	struct digest *digest = digest_new();
	const char *id = string_at(view, "id");

	state = json_dumps(
	    json_object_get(view, "state"), JSON_COMPACT | JSON_SORT_KEYS);
	digest_add(digest, id, strlen(id) + 1);
	if (state != NULL)
		digest_add(digest, state, strlen(state));
	digest_end(digest, of_view);
	digest_free(digest);
	free(state);
	digest_hex(of_view, DIGEST_SIZE, hex);
	return arena_printf(arena, "slack.%s.form.%.32s", event->person, hex);
}

/* What a form says beside what its maker put there. */
#define META_CHANNEL "c"
#define META_MOST    3000 /* bytes that Slack takes */

json_t *slack_event_form(const char *view, const char *channel)
{
	json_t *form = json_loads(view, JSON_REJECT_DUPLICATES, NULL), *meta;
	const char *text = string_at(form, "private_metadata");
	char *with;

	if (text == NULL)
		return form;
	meta = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_object_set_new(meta, META_CHANNEL, json_string(channel));
	with = json_dumps(meta, JSON_COMPACT);
	/* one that has no room for it is of whom it reaches */
	if (with != NULL && strlen(with) <= META_MOST)
		json_object_set_new(
		    form, "private_metadata", json_string(with));
	free(with);
	json_decref(meta);
	return form;
}

static bool is_of(const json_t *view, const char *channel)
{
	const char *text = string_at(view, "private_metadata");
	json_t *meta = text == NULL
			   ? NULL
			   : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *says = string_at(meta, META_CHANNEL);
	bool of = says == NULL || strcmp(says, channel) == 0;

	json_decref(meta);
	return of;
}

static void read_form(struct arena *arena, const struct slack_event_ours *ours,
    const json_t *payload, struct slack_event *event)
{
	const json_t *view = json_object_get(payload, "view");

	if (!is_text(string_at(view, "id"), VIEW_MOST) ||
	    !slack_form_read(arena, view, &event->filled) ||
	    !is_ts(event->filled.remote))
		event->why = "no form of ours";
	else if (!is_of(view, ours->channel))
		is_elsewhere(event);
	if (event->why != NULL || !read_user(arena, ours, payload, event))
		return;
	event->kind = SLACK_EVENT_FORM;
	event->press = event->filled.press;
	event->remote = event->filled.remote;
	event->once = name_form(arena, event, view);
}

/* ---- threads --------------------------------------------------------------
 */

static bool same_first_line(const char *a, const char *b)
{
	size_t len = strcspn(a, "\n");

	return len == strcspn(b, "\n") && memcmp(a, b, len) == 0;
}

/* A person's reply in a thread; NULL, else why it is none. */
static const char *not_a_reply(
    const struct slack_event_ours *ours, const json_t *message)
{
	const char *ts = string_at(message, "ts");
	const char *root = string_at(message, "thread_ts");

	if (json_object_get(message, "bot_id") != NULL ||
	    is(string_at(message, "user"), ours->user))
		return "of a bot";
	if (!is_ts(ts) || !is_ts(root) || strcmp(ts, root) == 0)
		return "in no thread";
	if (!is_text(string_at(message, "text"), TEXT_MOST))
		return "without text";
	return NULL;
}

static void read_reply(struct arena *arena, const struct slack_event_ours *ours,
    const json_t *message, struct slack_event *event)
{
	event->why = not_a_reply(ours, message);
	if (event->why != NULL)
		return;
	event->remote = arena_strdup(arena, string_at(message, "thread_ts"));
	event->once = arena_printf(arena, "slack.%s.%s.%s", ours->team,
	    ours->channel, string_at(message, "ts"));
	event->words = slack_event_text(arena, typed_text(arena, message));
	event->kind = SLACK_EVENT_REPLY;
}

/* Slack also says so of links that it has looked at: the same words. */
static void read_changed(struct arena *arena,
    const struct slack_event_ours *ours, const json_t *told,
    struct slack_event *event)
{
	const json_t *message = json_object_get(told, "message");
	const char *before =
	    string_at(json_object_get(told, "previous_message"), "text");

	read_reply(arena, ours, message, event);
	if (event->kind == SLACK_EVENT_OTHER)
		return;
	event->kind = SLACK_EVENT_OTHER;
	if (!json_is_object(json_object_get(message, "edited")) ||
	    before == NULL ||
	    same_first_line(string_at(message, "text"), before))
		event->why = "changed in no way that matters";
	else
		event->kind = SLACK_EVENT_CHANGED;
}

static void read_message(struct arena *arena,
    const struct slack_event_ours *ours, const json_t *payload,
    struct slack_event *event)
{
	const json_t *told = json_object_get(payload, "event"), *message = told;
	const char *team, *subtype = string_at(told, "subtype");

	if (!is(string_at(told, "type"), "message")) {
		event->why = "an event that we did not ask for";
	} else if (!is(string_at(told, "channel"), ours->channel)) {
		is_elsewhere(event);
	} else if (subtype == NULL || is(subtype, "thread_broadcast")) {
		read_reply(arena, ours, told, event);
	} else if (is(subtype, "message_changed")) {
		message = json_object_get(told, "message");
		read_changed(arena, ours, told, event);
	} else {
		event->why = "of a kind that decides nothing";
	}
	if (event->kind == SLACK_EVENT_OTHER)
		return;
	team = string_at(message, "user_team");
	if (team == NULL)
		team = string_at(message, "team");
	if (team == NULL)
		team = string_at(payload, "team_id");
	if (!read_person(arena, team, string_at(message, "user"), event))
		event->kind = SLACK_EVENT_OTHER;
}

void slack_event_read(struct arena *arena, const struct slack_event_ours *ours,
    const json_t *payload, struct slack_event *event)
{
	const char *type = string_at(payload, "type");

	*event = (struct slack_event){.kind = SLACK_EVENT_OTHER};
	if (is(type, "block_actions"))
		read_press(arena, ours, payload, event);
	else if (is(type, "view_submission"))
		read_form(arena, ours, payload, event);
	else if (is(type, "event_callback"))
		read_message(arena, ours, payload, event);
	else
		event->why = "of a type that we do not know";
}
