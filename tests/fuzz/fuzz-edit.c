/*
 * libFuzzer target: a text, and any bytes as the mail that it is put into.
 * The first two bytes are the text's length and what it is for; then text, then
 * mail.  Beside memory errors it looks for results that could not be sent.
 */
#include "check/reader/edit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Mail reaches the reader with CRLF only; anything else is refused at once. */
static struct buf to_crlf(const uint8_t *data, size_t size)
{
	struct buf mail;
	size_t i;

	buf_init(&mail, 2 * size + 1);
	for (i = 0; i < size; i++) {
		if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
			buf_add_char(&mail, '\r');
		buf_add_char(&mail, (char)data[i]);
	}
	return mail;
}

static void must_be_clean(struct span mail)
{
	size_t i;

	for (i = 0; i < mail.len; i++)
		if (mail.data[i] == '\0' ||
		    (mail.data[i] == '\n' &&
			(i == 0 || mail.data[i - 1] != '\r')) ||
		    (mail.data[i] == '\r' &&
			(i + 1 == mail.len || mail.data[i + 1] != '\n')))
			abort();
}

static char *wished; /* the text as a string */

/* The first byte says what the text is for. */
static void wish_for(
    unsigned kind, const char *text, size_t len, struct edit_wish *wish)
{
	wished = strndup(text, len);
	if (kind == 1)
		wish->subject = wished;
	else if (kind == 2)
		wish->to = wished;
	else if (kind == 3)
		wish->cc = wish->bcc = wished;
	else if (kind == 4)
		wish->mail = (struct span){text, len};
	else
		wish->text = (struct span){text, len};
	if (kind == 5)
		wish->subject = wished;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct edit_wish wish = {.subject = NULL};
	struct reading_edit *edit;
	struct buf mail;
	size_t len;

	if (size < 2)
		return 0;
	len = ((size_t)data[0] << 8 | data[1]) % (size - 1);
	mail = to_crlf(data + 2 + len, size - 2 - len);
	wish_for(data[0] >> 5, (const char *)data + 2, len, &wish);
	edit = edit_apply(buf_span(&mail), &wish, NULL);
	free(wished);
	wished = NULL;
	if ((edit->refusal == NULL) != (edit->reading != NULL))
		abort();
	if (edit->refusal == NULL)
		must_be_clean(edit->bytes);
	reading_edit_free(edit);
	buf_release(&mail);
	return 0;
}
