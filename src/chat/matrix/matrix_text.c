/*
 * matrix_text: what is told apart from what is told in HTML is this: blanks,
 * line ends, and the words that would call somebody.  What a message says is
 * left to matrix_line.c and matrix_page.c.
 */
#include "chat/matrix/matrix_text.h"

#include "chat/matrix/matrix.h"
#include "review/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NBSP	     "\xc2\xa0"
#define TAB_STOP     8
#define MENTIONS_MAX 50
#define WORDS_MOST   ((size_t)4000)	 /* bytes of a text of ours */
#define TEXT_MOST    ((size_t)64 * 1024) /* and of what becomes of them */
#define HTML_FORMAT  "org.matrix.custom.html"

void matrix_text_add_exact(struct buf *out, struct span line, bool front)
{
	size_t n, columns = 0, tab;
	uint32_t point;
	bool blank = front; /* one at the front would be dropped, too */

	for (; line.len > 0; line.data += n, line.len -= n) {
		n = text_point(line, &point);
		tab = point == '\t' ? TAB_STOP - columns % TAB_STOP : 1;
		columns += tab;
		if (point != ' ' && point != '\t' && point != '\n') {
			text_add_html(out, (struct span){line.data, n});
			blank = false;
			continue;
		}
		while (tab-- > 0) {
			buf_add_str(out, blank ? NBSP : " ");
			blank = true;
		}
	}
}

void matrix_text_add_html(struct buf *out, const char *s)
{
	struct span rest = text_span(s), line;
	bool first = true;

	while (text_next_line(&rest, &line)) {
		if (!first)
			buf_add_str(out, "<br>");
		text_add_html(out, line);
		first = false;
	}
}

/* An id in the fragment of a URI (RFC 3986 3.5). */
static void add_id(struct buf *out, const char *id)
{
	size_t safe;

	while (*id != '\0') {
		safe = strcspn(id, "@:");
		text_add_uri(out, (struct span){id, safe});
		id += safe;
		if (*id != '\0')
			buf_add_char(out, *id++);
	}
}

void matrix_text_add_person(struct buf *out, const char *id, const char *name)
{
	if (id != NULL) {
		buf_add_str(out, "<a href=\"https://matrix.to/#/");
		add_id(out, id);
		buf_add_str(out, "\">");
	}
	text_add_html_str(out, name);
	if (id != NULL)
		buf_add_str(out, "</a>");
}

size_t matrix_text_json_size(struct span s)
{
	size_t i, size = s.len;

	for (i = 0; i < s.len; i++)
		if (s.data[i] == '"' || s.data[i] == '\\' || s.data[i] == '\n')
			size++;
	return size;
}

const char *matrix_text_quiet(struct arena *arena, struct span plain)
{
	static const char room[] = "@room";
	char *out = arena_alloc(arena, plain.len + plain.len / 5 + 1), *end;
	size_t i;

	for (end = out, i = 0; i < plain.len; i++) {
		*end++ = plain.data[i];
		if (plain.len - i >= strlen(room) &&
		    strncasecmp(plain.data + i, room, strlen(room)) == 0)
			*end++ = ' ';
	}
	return out;
}

const char *matrix_text_content(
    struct arena *arena, const struct matrix_text_said *said)
{
	json_t *content = json_object(), *mentions = json_object(),
	       *ids = json_array();
	char *text;
	const char *made;
	size_t i;

	json_object_set_new(content, "msgtype",
	    json_string(said->notice ? "m.notice" : "m.text"));
	json_object_set_new(content, "body",
	    json_string(matrix_text_quiet(arena, said->plain)));
	json_object_set_new(content, "format", json_string(HTML_FORMAT));
	json_object_set_new(content, "formatted_body",
	    json_stringn(said->html.data, said->html.len));
	for (i = 0; i < said->n_mentions && i < MENTIONS_MAX; i++)
		json_array_append_new(ids, json_string(said->mentions[i]));
	if (json_array_size(ids) > 0)
		json_object_set(mentions, "user_ids", ids);
	json_decref(ids);
	/* also when it is empty: then no word of the body calls anybody */
	json_object_set_new(content, "m.mentions", mentions);
	text = json_dumps(content, JSON_COMPACT);
	json_decref(content);
	made = arena_strdup(arena, text);
	free(text);
	return made;
}

/* A text of ours, as much of it as a message takes: clean, line for line. */
static const char *clean(struct arena *arena, const char *s)
{
	struct span rest = text_span(s), line;
	const char *out = "";
	bool cut = rest.len > WORDS_MOST;

	if (cut)
		rest.len = WORDS_MOST;
	while (text_next_line(&rest, &line))
		out = arena_printf(arena, "%s%s%s", out,
		    *out == '\0' ? "" : "\n", text_line(arena, line, SIZE_MAX));
	return cut ? arena_printf(arena, "%s ...", out) : out;
}

void matrix_text_words(struct arena *arena, const char *text, const char *id,
    const char *name, struct matrix_text_said *said)
{
	const char *words = clean(arena, text);
	struct buf plain, html;

	buf_init(&plain, TEXT_MOST);
	buf_init(&html, TEXT_MOST);
	if (name != NULL) {
		buf_addf(&plain, "%s: ", name);
		matrix_text_add_person(&html, id, name);
		buf_add_str(&html, ": ");
	}
	buf_add_str(&plain, words);
	matrix_text_add_html(&html, words);
	said->plain.data = arena_dup(arena, plain.data, plain.len);
	said->plain.len = plain.len;
	said->html.data = arena_dup(arena, html.data, html.len);
	said->html.len = html.len;
	buf_release(&plain);
	buf_release(&html);
}

const char *matrix_text(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to)
{
	const char *id = to == NULL ? NULL : chat_id(chat, to);
	struct matrix_text_said said = {
	    .notice = to == NULL,
	    .n_mentions = id == NULL ? 0 : 1,
	    .mentions = &id,
	};

	matrix_text_words(arena, text, id, to == NULL ? NULL : to->name, &said);
	return matrix_text_content(arena, &said);
}
