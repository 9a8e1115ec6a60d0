/*
 * medium: the lines about prompts, written and read.  When they are sent is
 * left to program.c, what they do to the review room.
 */
#include "check/medium.h"

#include "check/shown.h"

static json_t *text(const char *s)
{
	json_t *value = s == NULL ? NULL : json_string(s);

	return value == NULL ? json_null() : value;
}

static json_t *texts(const char *const *list)
{
	json_t *value = json_array();

	for (; list != NULL && *list != NULL; list++)
		json_array_append_new(value, text(*list));
	return value;
}

char *medium_prompt(const struct check_prompt *p)
{
	json_t *line = json_pack("{s:I, s:o, s:o}",
	    p->over ? "outcome" : "prompt", (json_int_t)p->id, "reviewer",
	    text(p->reviewer), "state", text(p->state));
	char *out;

	if (p->over) {
		json_object_set_new(line, "who", text(p->who));
	} else {
		json_object_set_new(line, "kind", text(p->kind));
		json_object_set_new(line, "code", text(p->code));
		json_object_set_new(line, "cut", json_boolean(p->cut));
		json_object_set_new(line, "reasons", texts(p->reasons));
	}
	json_object_set_new(line, "subject", text(p->subject));
	json_object_set_new(line, "text", text(p->text));
	json_object_set_new(line, "draft", shown_draft(p->draft, false));
	out = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	return out;
}

char *medium_decided(int64_t id, bool ok, const char *said)
{
	json_t *line = json_pack("{s:I, s:b, s:o}", "decided", (json_int_t)id,
	    "ok", ok, "text", text(said));
	char *out = json_dumps(line, JSON_COMPACT);

	json_decref(line);
	return out;
}

/* A text that may be missing or null.  False: it is something else. */
static bool read_text(const json_t *line, const char *name, const char **out)
{
	const json_t *value = json_object_get(line, name);

	*out = json_string_value(value);
	return value == NULL || json_is_null(value) || *out != NULL;
}

static bool take_decide(const json_t *line, int64_t id, const char *name,
    const struct check_media *media)
{
	struct check_decide decide = {.id = id};

	if (!read_text(line, "reviewer", &decide.reviewer) ||
	    !read_text(line, "verb", &decide.verb) ||
	    !read_text(line, "code", &decide.code) ||
	    !read_text(line, "text", &decide.text) ||
	    !read_text(line, "category", &decide.category) ||
	    decide.reviewer == NULL || decide.verb == NULL)
		return false;
	media->decide(name, &decide, media->context);
	return true;
}

bool medium_take(
    const json_t *line, const char *name, const struct check_media *media)
{
	const json_t *prompted = json_object_get(line, "prompted");
	const json_t *outcome = json_object_get(line, "outcome");
	const json_t *decide = json_object_get(line, "decide");

	if (json_is_integer(prompted))
		return media->heard(
		    name, json_integer_value(prompted), false, media->context);
	if (json_is_integer(outcome))
		return media->heard(
		    name, json_integer_value(outcome), true, media->context);
	return json_is_integer(decide) &&
	       take_decide(line, json_integer_value(decide), name, media);
}
