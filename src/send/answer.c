/*
 * answer: the reader of replies.  What a code means for a mail is left to
 * client.c.
 */
#include "send/answer.h"

#include <stdio.h>
#include <string.h>

#include "send/clean.h"

#define TEXT_MOST ((size_t)ANSWER_LINE_MOST * ANSWER_LINES_MOST)

void answer_init(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	buf_init(&answer->text, TEXT_MOST);
}

void answer_release(struct answer *answer)
{
	buf_release(&answer->text);
}

static enum answer_state bad(const char **why, const char *text)
{
	*why = text;
	return ANSWER_BAD;
}

/* The code at the front of the line (RFC 5321 4.2.1), or 0. */
static unsigned read_code(const char *line)
{
	if (line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '9' ||
	    line[2] < '0' || line[2] > '9')
		return 0;
	return (unsigned)(line[0] - '0') * 100 +
	       (unsigned)(line[1] - '0') * 10 + (unsigned)(line[2] - '0');
}

/* A line is whole, its CRLF taken off. */
static enum answer_state take_line(struct answer *a, const char **why)
{
	unsigned code = a->used < 3 ? 0 : read_code(a->line);
	bool last = a->used == 3 || a->line[3] == ' ';

	if (code == 0)
		return bad(why, "a reply without a code");
	if (!last && a->line[3] != '-')
		return bad(why, "a reply with a malformed code");
	if (a->lines > 0 && code != a->code)
		return bad(why, "a reply whose code changes");
	if (a->lines == ANSWER_LINES_MOST)
		return bad(why, "a reply with too many lines");
	a->code = code;
	if (a->lines > 0)
		buf_add_char(&a->text, '\n');
	if (a->used > 4)
		buf_add(&a->text, a->line + 4, a->used - 4);
	a->lines++;
	a->used = 0;
	a->whole = last;
	return last ? ANSWER_WHOLE : ANSWER_MORE;
}

static enum answer_state take_byte(struct answer *a, char c, const char **why)
{
	bool after_cr = a->used > 0 && a->line[a->used - 1] == '\r';

	if (after_cr && c != '\n')
		return bad(why, "a reply with a CR alone");
	if (!after_cr && c == '\n')
		return bad(why, "a reply with an LF alone");
	if (c == '\0')
		return bad(why, "a reply with a NUL");
	if (c == '\n') {
		a->used--;
		return take_line(a, why);
	}
	/* the LF is never stored, but it counts */
	if (a->used == ANSWER_LINE_MOST - 1)
		return bad(why, "a reply with too long a line");
	a->line[a->used++] = c;
	return ANSWER_MORE;
}

enum answer_state answer_read(
    struct answer *answer, struct span *in, const char **why)
{
	enum answer_state state = ANSWER_MORE;

	if (answer->whole) {
		answer->whole = false;
		answer->lines = 0;
		answer->used = 0;
		buf_clear(&answer->text);
	}
	while (in->len > 0 && state == ANSWER_MORE) {
		state = take_byte(answer, *in->data, why);
		in->data++;
		in->len--;
	}
	return state;
}

/* One to three digits at s, without a useless zero in front; how many. */
static size_t digits(const char *s)
{
	size_t n = 0;

	while (n < 4 && s[n] >= '0' && s[n] <= '9')
		n++;
	return n == 4 || (n > 1 && s[0] == '0') ? 0 : n;
}

size_t answer_status_length(const char *text)
{
	size_t at = 2, n;

	if ((text[0] != '2' && text[0] != '4' && text[0] != '5') ||
	    text[1] != '.')
		return 0;
	n = digits(text + at);
	at += n;
	if (n == 0 || text[at] != '.')
		return 0;
	at++;
	n = digits(text + at);
	at += n;
	return n == 0 ||
		       (text[at] != ' ' && text[at] != '\0' && text[at] != '\n')
		   ? 0
		   : at;
}

void answer_status(const struct answer *answer, char out[ANSWER_STATUS_SIZE])
{
	const char *text = answer->text.data;
	size_t n = answer_status_length(text);

	if (n > 0 && (unsigned)(text[0] - '0') != answer->code / 100)
		n = 0;
	memcpy(out, text, n);
	out[n] = '\0';
}

/* Behind the first line, the status is only said again. */
static void add_line(struct buf *all, const char *line, size_t len, bool first)
{
	size_t n = first ? 0 : answer_status_length(line);

	if (n > len)
		n = 0;
	while (n > 0 && n < len && line[n] == ' ')
		n++;
	buf_add_char(all, ' ');
	buf_add(all, line + n, len - n);
}

void answer_words(const struct answer *answer, char out[ANSWER_WORDS_SIZE])
{
	const char *at = answer->text.data;
	struct buf all;
	size_t len;

	buf_init(&all, TEXT_MOST + 16);
	buf_addf(&all, "%u", answer->code);
	for (;;) {
		len = strcspn(at, "\n");
		if (len > 0)
			add_line(&all, at, len, at == answer->text.data);
		if (at[len] == '\0')
			break;
		at += len + 1;
	}
	clean_line(out, ANSWER_WORDS_SIZE, buf_span(&all));
	buf_release(&all);
}
