/*
 * matrix_event: what an event of a room says to us, whatever somebody put into
 * it.  Who may say it, and what it does, is left to the room.
 */
#include "chat/matrix/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

#define WORDS_MAX 65536 /* no event is longer */
#define KEY_MAX	  64	/* bytes of a reaction */

const struct matrix_reaction matrix_event_reactions[] = {
    {"\xe2\x9c\x85", "approve"},  /* U+2705, white heavy check mark */
    {"\xe2\x9c\x94", "approve"},  /* U+2714, heavy check mark */
    {"\xe2\x98\x91", "approve"},  /* U+2611, ballot box with check */
    {"\xe2\x9d\x8c", "drop"},	  /* U+274C, cross mark */
    {"\xe2\x9c\x96", "drop"},	  /* U+2716, heavy multiplication x */
    {"\xf0\x9f\x97\x91", "drop"}, /* U+1F5D1, wastebasket */
    {NULL, NULL},
};

/* ---- strings
 * ------------------------------------------------------------------
 */

const char *matrix_event_id(const json_t *object, const char *key, char sigil)
{
	const json_t *value = json_object_get(object, key);
	const char *s = json_string_value(value);
	size_t i, n;

	if (s == NULL || s[0] != sigil)
		return NULL;
	n = json_string_length(value);
	if (n < 2 || n > MATRIX_ID_MAX)
		return NULL;
	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return NULL;
	return s;
}

bool matrix_event_says(const json_t *object, const char *key, const char *value)
{
	const json_t *s = json_object_get(object, key);

	return json_is_string(s) && json_string_length(s) == strlen(value) &&
	       strcmp(json_string_value(s), value) == 0;
}

/* ---- replies
 * --------------------------------------------------------------------
 */

/*
 * Without what was quoted above it: the fallback of a reply ("> <@bot:host>
 * text"), or what a person quoted so.
 */
static struct span below_quotes(struct span body)
{
	const char *s = body.data, *end = s + body.len, *eol;

	while (s < end) {
		eol = memchr(s, '\n', (size_t)(end - s));
		if (*s != '>' && *s != '\n' && *s != '\r')
			break;
		s = eol == NULL ? end : eol + 1;
	}
	return (struct span){s, (size_t)(end - s)};
}

/* As a string of C: a NUL in it becomes U+FFFD, so that nothing hides there. */
static const char *as_string(struct arena *arena, struct span s)
{
	char *out = arena_alloc(arena, s.len * 3 + 1), *to = out;
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.data[i] != '\0') {
			*to++ = s.data[i];
			continue;
		}
		memcpy(to, "\xef\xbf\xbd", 3);
		to += 3;
	}
	return out;
}

const char *matrix_event_root(const json_t *content)
{
	const json_t *relates = json_object_get(content, "m.relates_to");

	return matrix_event_says(relates, "rel_type", "m.thread") ||
		       matrix_event_says(relates, "rel_type", "m.replace")
		   ? matrix_event_id(relates, "event_id", '$')
		   : NULL;
}

/* What a message relates to: the message answered, and its thread. */
static void read_relation(const json_t *content, struct matrix_event *out)
{
	const json_t *relates = json_object_get(content, "m.relates_to");
	const json_t *reply = json_object_get(relates, "m.in_reply_to");
	bool falls_back =
	    json_is_true(json_object_get(relates, "is_falling_back"));

	out->root = matrix_event_root(content);
	if (out->root == NULL || !falls_back)
		out->remote = matrix_event_id(reply, "event_id", '$');
	if (out->remote == NULL)
		out->remote = out->root;
}

static void read_message(
    struct arena *arena, const json_t *content, struct matrix_event *out)
{
	const json_t *relates = json_object_get(content, "m.relates_to");
	const json_t *body = json_object_get(content, "body");
	struct span words;

	if (matrix_event_says(relates, "rel_type", "m.replace")) {
		out->remote = matrix_event_id(relates, "event_id", '$');
		if (out->remote != NULL)
			out->what = MATRIX_EDITED;
		return;
	}
	/* m.notice is what bots say (specification 11.3.1.3) */
	if (!matrix_event_says(content, "msgtype", "m.text") ||
	    !json_is_string(body))
		return;
	read_relation(content, out);
	if (out->remote == NULL || json_string_length(body) > WORDS_MAX)
		return;
	words = below_quotes(
	    (struct span){json_string_value(body), json_string_length(body)});
	if (words.len == 0)
		return;
	out->words = as_string(arena, words);
	out->what = MATRIX_WORDS;
}

/* ---- reactions
 * ------------------------------------------------------------------
 */

/* Without variation selectors (U+FE0E, U+FE0F) and skin tones (U+1F3FB to
 * U+1F3FF), which do not change what it says. */
static const char *bare_key(struct arena *arena, const char *s, size_t n)
{
	char *out = arena_alloc(arena, n + 1), *to = out;
	size_t i = 0;

	while (i < n) {
		if (n - i >= 3 && memcmp(s + i, "\xef\xb8", 2) == 0 &&
		    ((unsigned char)s[i + 2] & 0xfe) == 0x8e)
			i += 3;
		else if (n - i >= 4 && memcmp(s + i, "\xf0\x9f\x8f", 3) == 0 &&
			 (unsigned char)s[i + 3] >= 0xbb)
			i += 4;
		else
			*to++ = s[i++];
	}
	return out;
}

static bool has_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x80)
			return true;
	return false;
}

/* One that decides, or else a word that a house may have given a meaning. */
static void read_reaction(
    struct arena *arena, const json_t *content, struct matrix_event *out)
{
	const json_t *relates = json_object_get(content, "m.relates_to");
	const json_t *key = json_object_get(relates, "key");
	const struct matrix_reaction *r = matrix_event_reactions;
	const char *bare;

	out->remote = matrix_event_id(relates, "event_id", '$');
	if (!matrix_event_says(relates, "rel_type", "m.annotation") ||
	    out->remote == NULL || !json_is_string(key) ||
	    json_string_length(key) > KEY_MAX ||
	    strlen(json_string_value(key)) != json_string_length(key))
		return;
	out->sign = true;
	bare = bare_key(arena, json_string_value(key), json_string_length(key));
	while (r->key != NULL && strcmp(r->key, bare) != 0)
		r++;
	if (r->key != NULL) {
		out->verb = r->verb;
		out->what = MATRIX_VERB;
	} else if (bare[0] != '\0' && !has_ascii(bare)) {
		out->words = bare;
		out->what = MATRIX_WORDS;
	}
}

/* ---- events
 * --------------------------------------------------------------------
 */

static void read_redaction(
    const json_t *event, const json_t *content, struct matrix_event *out)
{
	/* at the top before room version 11 */
	out->remote = matrix_event_id(content, "redacts", '$');
	if (out->remote == NULL)
		out->remote = matrix_event_id(event, "redacts", '$');
	if (out->remote != NULL)
		out->what = MATRIX_REDACTED;
}

void matrix_event_read(struct arena *arena, const json_t *event,
    const char *self, const char *room, struct matrix_event *out)
{
	const json_t *content = json_object_get(event, "content");

	*out = (struct matrix_event){.what = MATRIX_NOTHING};
	out->id = matrix_event_id(event, "event_id", '$');
	out->sender = matrix_event_id(event, "sender", '@');
	if (out->id == NULL || out->sender == NULL ||
	    !json_is_object(content) || strcmp(out->sender, self) == 0 ||
	    json_object_get(event, "state_key") != NULL ||
	    (json_object_get(event, "room_id") != NULL &&
		!matrix_event_says(event, "room_id", room)))
		return;
	if (matrix_event_says(event, "type", "m.room.message"))
		read_message(arena, content, out);
	else if (matrix_event_says(event, "type", "m.reaction"))
		read_reaction(arena, content, out);
	else if (matrix_event_says(event, "type", "m.room.redaction"))
		read_redaction(event, content, out);
	out->changed =
	    json_object_get(json_object_get(json_object_get(event, "unsigned"),
				"m.relations"),
		"m.replace") != NULL;
	out->id = arena_strdup(arena, out->id);
	out->sender = arena_strdup(arena, out->sender);
	out->remote = arena_strdup(arena, out->remote);
	out->root = arena_strdup(arena, out->root);
}
