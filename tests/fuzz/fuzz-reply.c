/*
 * libFuzzer target: any bytes as a reviewer's answer.  Beside memory errors it
 * looks for promises broken: line is one line of text, words are text.
 */
#include "check/reader/reply.h"

#include "check/reader/charset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_text(const char *text, int one_line)
{
	const char *end = text != NULL ? text + strlen(text) : NULL;
	size_t len;

	for (; text < end; text += len) {
		len = charset_utf8(text, end);
		if (len == 0 || (len == 1 && one_line && *text == '\n') ||
		    (len == 1 && (unsigned char)*text < 0x20 && *text != '\n' &&
			*text != '\t'))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading_reply *reply =
	    reply_read((struct span){(const char *)data, size});

	if (reply->trouble == NULL) {
		must_be_text(reply->line, 1);
		must_be_text(reply->words, 0);
	}
	must_be_text(reply->from, 1);
	must_be_text(reply->subject, 1);
	must_be_text(reply->message_id, 1);
	if ((reply->from != NULL) != (reply->n_from == 1))
		abort();
	reading_reply_free(reply);
	return 0;
}
