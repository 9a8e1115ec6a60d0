/*
 * reply: the one place where replies are put into bytes.  Sending them is left
 * to connection.c.
 */
#include "accept/reply.h"

#include <stdbool.h>
#include <string.h>

#define LINE_MOST 512 /* with CRLF (RFC 5321 4.5.3.1.5) */

int reply_refuse(
    struct reply *reply, unsigned code, const char *enhanced, const char *text)
{
	*reply = (struct reply){code, enhanced, text, REPLY_GO_ON};
	return -1;
}

static char *add(char *out, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		*out++ = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
	return out;
}

static char *add_line(char *out, const struct reply *reply, const char *text,
    size_t len, bool last)
{
	const char *start = out;
	size_t most;

	*out++ = (char)('0' + reply->code / 100 % 10);
	*out++ = (char)('0' + reply->code / 10 % 10);
	*out++ = (char)('0' + reply->code % 10);
	*out++ = last ? ' ' : '-';
	if (reply->enhanced != NULL) {
		out = add(out, reply->enhanced, strlen(reply->enhanced));
		*out++ = ' ';
	}
	most = LINE_MOST - 2 - (size_t)(out - start);
	out = add(out, text, len > most ? most : len);
	*out++ = '\r';
	*out++ = '\n';
	return out;
}

size_t reply_write(const struct reply *reply, char out[REPLY_MOST])
{
	const char *text = reply->text, *end;
	char *at = out;
	bool last;

	do {
		end = strchr(text, '\n');
		last = end == NULL || out + REPLY_MOST - at < 2 * LINE_MOST;
		at = add_line(at, reply, text,
		    end == NULL ? strlen(text) : (size_t)(end - text), last);
		text = last ? NULL : end + 1;
	} while (!last);
	return (size_t)(at - out);
}
