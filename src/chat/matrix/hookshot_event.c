/*
 * hookshot_event: reads what a bridge says that somebody wrote.  A request of
 * the bridge is trusted to be that (its token), what is in it is not: every
 * length and type is looked at.
 */
#include "chat/matrix/hookshot.h"

#include "chat/matrix/matrix.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#define EVENT_MOST    ((size_t)256 * 1024) /* bytes; an event has 64 KB */
#define BOUNDARY_MOST 70		   /* RFC 2046 5.1.1 */
#define PARTS_MOST    16
#define HEAD_MOST     4096 /* bytes of a part's head */
#define DIGITS_MOST   18

/* ---- multipart/form-data --------------------------------------------------
 */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The boundary of that type, in the arena; NULL: it is no such type. */
static const char *boundary_of(struct arena *arena, const char *type)
{
	static const char form[] = "multipart/form-data";
	const char *at, *end;
	size_t n;

	if (type == NULL || strncasecmp(type, form, strlen(form)) != 0)
		return NULL;
	at = strcasestr(type, "boundary=");
	if (at == NULL || (at[-1] != ';' && !is_blank(at[-1])))
		return NULL;
	at += strlen("boundary=");
	end = *at == '"' ? strchr(++at, '"') : at + strcspn(at, "; \t");
	if (end == NULL)
		return NULL;
	n = (size_t)(end - at);
	return n == 0 || n > BOUNDARY_MOST ? NULL : arena_dup(arena, at, n);
}

static const char *find(struct span in, const char *what)
{
	return memmem(in.data, in.len, what, strlen(what));
}

/* Is that header line's field name="event"?  A file of that name is as good. */
static bool names_event(struct span head)
{
	static const char line[] = "content-disposition:";
	const char *name = find(head, "name=\"event\"");
	const char *at = name;

	if (name == NULL || name == head.data)
		return false;
	/* not filename="event" */
	if (name[-1] != ' ' && name[-1] != ';' && name[-1] != '\t')
		return false;
	while (at > head.data && at[-1] != '\n')
		at--;
	return (size_t)(name - at) > strlen(line) &&
	       strncasecmp(at, line, strlen(line)) == 0;
}

/*
 * The body of the part "event".  data NULL: there is none, or it is not well
 * formed.  delimiter: CR LF, two hyphens, the boundary.
 */
static struct span event_part(struct span body, const char *delimiter)
{
	static const struct span none = {NULL, 0};
	struct span head, content;
	const char *end;
	unsigned n;

	/* the first one may stand at the very front */
	if (body.len < strlen(delimiter) ||
	    memcmp(body.data, delimiter + 2, strlen(delimiter) - 2) != 0)
		return none;
	body.data += strlen(delimiter) - 2;
	body.len -= strlen(delimiter) - 2;
	for (n = 0; n < PARTS_MOST; n++) {
		if (body.len < 2 || memcmp(body.data, "\r\n", 2) != 0)
			return none; /* "--": it was the last one */
		end = find(body, "\r\n\r\n");
		if (end == NULL || end - body.data > HEAD_MOST)
			return none;
		head = (struct span){body.data, (size_t)(end - body.data)};
		content.data = end + 4;
		content.len = body.len - head.len - 4;
		end = find(content, delimiter);
		if (end == NULL)
			return none;
		body.data = end + strlen(delimiter);
		body.len = content.len - (size_t)(body.data - content.data);
		content.len = (size_t)(end - content.data);
		if (names_event(head))
			return content;
	}
	return none;
}

/* ---- an event -------------------------------------------------------------
 */

/* What somebody wrote, and not what they changed it to; else NULL. */
static const char *body_of(const json_t *event)
{
	const json_t *content = json_object_get(event, "content");
	const json_t *relates = json_object_get(content, "m.relates_to");
	const json_t *body = json_object_get(content, "body");

	if (!matrix_event_says(event, "type", "m.room.message") ||
	    !matrix_event_says(content, "msgtype", "m.text") ||
	    matrix_event_says(relates, "rel_type", "m.replace") ||
	    !json_is_string(body) ||
	    strlen(json_string_value(body)) != json_string_length(body))
		return NULL;
	return json_string_value(body);
}

/* Behind what a client quotes above a reply: lines "> ", and an empty one. */
static const char *behind_quote(const char *s)
{
	const char *line = s;

	while (strncmp(line, "> ", 2) == 0) {
		line += strcspn(line, "\n");
		if (*line == '\n')
			line++;
	}
	return line;
}

/* "17 approve k7q4rm", and lines below: a number and words. */
static bool read_words(
    struct arena *arena, const char *body, struct hookshot_event *out)
{
	const char *s = behind_quote(body);
	size_t n;

	s += strspn(s, " \t\r\n");
	n = strspn(s, "0123456789");
	if (n == 0 || n > DIGITS_MOST || s[0] == '0' || !is_blank(s[n]))
		return false;
	out->draft = 0;
	for (; n > 0; n--)
		out->draft = out->draft * 10 + (*s++ - '0');
	s += strspn(s, " \t");
	if (*s == '\0' || *s == '\r' || *s == '\n')
		return false;
	out->words = arena_strdup(arena, s);
	return true;
}

static int read_event(struct arena *arena, const json_t *event,
    const char *room, const char *id, struct hookshot_event *out,
    struct error *err)
{
	const char *event_id = matrix_event_id(event, "event_id", '$');
	const char *sender = matrix_event_id(event, "sender", '@');
	const char *of = matrix_event_id(event, "room_id", '!');
	const char *body = body_of(event);

	if (event_id == NULL || sender == NULL || of == NULL)
		return error_set(err, ERROR_INVALID,
		    "the part \"event\" is no event of a room");
	if (id != NULL && strcmp(id, event_id) != 0)
		return error_set(err, ERROR_INVALID,
		    "X-Matrix-Hookshot-EventId is not that of the event");
	if (room != NULL && room[0] == '!' && strcmp(room, of) != 0)
		return error_set(err, ERROR_INVALID,
		    "the event is of another room than this chat's");
	out->id = arena_strdup(arena, event_id);
	out->sender = arena_strdup(arena, sender);
	out->heard = body != NULL && read_words(arena, body, out);
	return 0;
}

int hookshot_event_read(struct arena *arena, const char *type, struct span body,
    const char *room, const char *id, struct hookshot_event *out,
    struct error *err)
{
	const char *boundary = boundary_of(arena, type);
	struct span part;
	json_t *event;
	int rc;

	*out = (struct hookshot_event){.heard = false};
	if (boundary == NULL)
		return error_set(err, ERROR_INVALID,
		    "this wants multipart/form-data, as a bridge's outbound "
		    "webhook sends it");
	part = event_part(body, arena_printf(arena, "\r\n--%s", boundary));
	if (part.data == NULL || part.len > EVENT_MOST)
		return error_set(err, ERROR_INVALID,
		    "there is no part \"event\", or it is not well formed");
	event = json_loadb(part.data, part.len, JSON_REJECT_DUPLICATES, NULL);
	if (event == NULL)
		return error_set(
		    err, ERROR_INVALID, "the part \"event\" is no JSON");
	rc = read_event(arena, event, room, id, out, err);
	json_decref(event);
	return rc;
}
