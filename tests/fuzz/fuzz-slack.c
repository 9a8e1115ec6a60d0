/*
 * Fuzzes what Slack tells: no crash, nobody whom Slack did not name, and
 * nothing of what is read is longer than it may be.
 *
 * The input is the JSON of an interaction or of an event.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static bool is_id(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!(s[i] >= 'A' && s[i] <= 'Z') &&
		    !(s[i] >= '0' && s[i] <= '9'))
			return false;
	return len > 0 && len < SLACK_ID_SIZE;
}

static void look_at(const struct slack_event *event)
{
	const char *slash;

	if (event->kind == SLACK_EVENT_OTHER) {
		expect(event->why != NULL);
		return;
	}
	slash = strchr(event->person, '/');
	expect(slash != NULL);
	expect(is_id(event->person, (size_t)(slash - event->person)));
	expect(is_id(slash + 1, strlen(slash + 1)));
	expect(strspn(event->remote, "0123456789.") == strlen(event->remote));
	expect(strlen(event->once) < 200);
	if (event->kind == SLACK_EVENT_REPLY)
		expect(event->words != NULL);
	if (event->kind == SLACK_EVENT_FORM)
		expect(
		    event->filled.verb != NULL && event->filled.block != NULL);
	if (event->kind == SLACK_EVENT_PRESS && event->press.form)
		expect(event->trigger != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slack_event_ours ours = {"T1", "C1", "U9"};
	json_t *payload =
	    json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct arena *arena = arena_new();
	struct slack_event event;
	char *text;

	slack_event_read(arena, &ours, payload, &event);
	look_at(&event);
	text = malloc(size + 1);
	expect(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	expect(strlen(slack_event_text(arena, text)) <= 2 * strlen(text) + 8);
	free(text);
	arena_free(arena);
	json_decref(payload);
	return 0;
}
