/*
 * words: finds encoded-words and joins them; the decoding itself is decode's
 * and charset's.  libetpan's reader of these cuts a word at a NUL and turns a
 * bad "=ZZ" into one, so that it could hide text; hence ours.
 */
#include "check/reader/words.h"

#include "check/reader/decode.h"

#include <string.h>
#include <strings.h>

struct word {
	struct span charset, text;
	char encoding; /* 'b' or 'q' */
	size_t length; /* of the whole, from "=?" to "?=" */
};

/* Bytes of neighbouring words that wait to be converted together. */
struct joined {
	struct buf bytes;
	char charset[64];
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Up to the next '?', at most max bytes; false: none. */
static bool take_token(const char **p, const char *end, struct span *out)
{
	const char *mark = memchr(*p, '?', (size_t)(end - *p));

	if (mark == NULL)
		return false;
	out->data = *p;
	out->len = (size_t)(mark - *p);
	*p = mark + 1;
	return true;
}

/* Is there a word at p? */
static bool word_read(const char *p, const char *end, struct word *word)
{
	const char *start = p, *close;
	struct span encoding;

	if (end - p > WORDS_WORD_MAX)
		end = p + WORDS_WORD_MAX;
	p += 2;
	if (!take_token(&p, end, &word->charset) || word->charset.len == 0 ||
	    word->charset.len >= sizeof(((struct joined *)0)->charset))
		return false;
	if (!take_token(&p, end, &encoding) || encoding.len != 1)
		return false;
	word->encoding = (char)(encoding.data[0] | 0x20);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	close = memmem(p, (size_t)(end - p), "?=", 2);
	if (close == NULL)
		return false;
	word->text = (struct span){p, (size_t)(close - p)};
	word->length = (size_t)(close + 2 - start);
	return true;
}

static void joined_flush(
    struct joined *joined, charset_sink *sink, void *context)
{
	if (joined->bytes.len > 0)
		charset_convert(
		    joined->charset, buf_span(&joined->bytes), sink, context);
	buf_clear(&joined->bytes);
}

/* The language that RFC 2231 5 allows behind the charset is dropped. */
static void joined_add(struct joined *joined, const struct word *word,
    charset_sink *sink, void *context)
{
	const char *star = memchr(word->charset.data, '*', word->charset.len);
	size_t len = star != NULL ? (size_t)(star - word->charset.data)
				  : word->charset.len;

	if (strlen(joined->charset) != len ||
	    strncasecmp(joined->charset, word->charset.data, len) != 0)
		joined_flush(joined, sink, context);
	memcpy(joined->charset, word->charset.data, len);
	joined->charset[len] = '\0';
	if (word->encoding == 'b')
		decode_base64(word->text, &joined->bytes);
	else
		decode_q(word->text, &joined->bytes);
}

/*
 * Plain text without its line ends.  RFC 5322 2.2.3: unfolding takes away the
 * CRLF alone; a tab becomes a space, since it stood for nothing else.
 */
static void plain_out(struct span in, charset_sink *sink, void *context)
{
	const char *p = in.data, *end = p + in.len;

	while (p < end) {
		const char *stop = p;

		while (stop < end && *stop != '\r' && *stop != '\n' &&
		       *stop != '\t')
			stop++;
		if (stop > p)
			charset_convert(NULL,
			    (struct span){p, (size_t)(stop - p)}, sink,
			    context);
		p = stop;
		if (p == end)
			break;
		if (*p == '\t')
			sink(context, (struct span){" ", 1});
		else if (*p == '\r' && (p + 1 == end || p[1] != '\n'))
			sink(context, (struct span){"\r", 1});
		p++;
	}
}

static bool all_blank(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p == end;
}

void words_plain(struct span in, charset_sink *sink, void *context)
{
	plain_out(in, sink, context);
}

void words_decode(struct span in, charset_sink *sink, void *context)
{
	const char *from = in.data, *p = from, *end = from + in.len;
	struct joined joined = {.charset = ""};
	struct word word;
	bool after_word = false;

	buf_init(&joined.bytes, in.len + 1);
	while (p < end) {
		p = memmem(p, (size_t)(end - p), "=?", 2);
		if (p == NULL)
			break;
		if (!word_read(p, end, &word)) {
			p += 2;
			continue;
		}
		if (!after_word || !all_blank(from, p)) {
			joined_flush(&joined, sink, context);
			plain_out((struct span){from, (size_t)(p - from)}, sink,
			    context);
		}
		joined_add(&joined, &word, sink, context);
		after_word = true;
		p += word.length;
		from = p;
	}
	joined_flush(&joined, sink, context);
	plain_out((struct span){from, (size_t)(end - from)}, sink, context);
	buf_release(&joined.bytes);
}
