/*
 * libFuzzer target: any bytes as a draft that plug-ins look at.  Beside memory
 * errors it looks for texts that are no UTF-8 and for indices that lead
 * nowhere.
 */
#include "check/reader/charset.h"
#include "check/reader/own.h"
#include "check/reader/view.h"
#include "check/reader/visible.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_text(const char *text, size_t size)
{
	const char *end;
	size_t n;

	if (text == NULL && size == 0)
		return; /* of a file */
	end = text + size;
	for (; text < end; text += n)
		if ((n = charset_utf8(text, end)) == 0)
			abort();
}

static void must_be_string(const char *text)
{
	if (text != NULL)
		must_be_text(text, strlen(text));
}

static void look_at_part(
    const struct imprimatur_mail *mail, const struct imprimatur_part *part)
{
	unsigned sum = 0;

	must_be_string(part->type);
	must_be_string(part->charset);
	must_be_string(part->filename);
	must_be_string(part->disposition);
	must_be_text(part->source, part->source_size);
	must_be_text(part->text, part->text_size);
	for (size_t i = 0; i < part->size; i++)
		sum += part->bytes[i];
	if (part->alternative < -1 || part->alternative >= (int)mail->n_parts ||
	    (sum == 1 && !part->size))
		abort();
}

static void look_at(const struct imprimatur_mail *mail)
{
	size_t i;

	for (i = 0; i < mail->n_fields; i++) {
		must_be_string(mail->fields[i].name);
		must_be_string(mail->fields[i].value);
	}
	for (i = 0; i < mail->n_addresses; i++) {
		must_be_string(mail->addresses[i].display);
		must_be_string(mail->addresses[i].address);
	}
	for (i = 0; i < mail->n_parts; i++)
		look_at_part(mail, &mail->parts[i]);
	for (i = 0; i < mail->n_links; i++) {
		must_be_string(mail->links[i].target);
		must_be_string(mail->links[i].text);
		if (mail->links[i].part >= mail->n_parts)
			abort();
	}
	must_be_string(mail->subject);
	must_be_text(mail->text, mail->text_size);
	must_be_text(mail->own_text, mail->own_text_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));
	struct text_more more = {.wanted = true};
	struct about about = {.agent = "bot"};
	struct sight sight = {
	    .reading = reading, .more = &more, .about = &about};
	struct view *view;

	reading->arena = arena;
	sight.mime = mime_split(arena, (struct span){(const char *)data, size});
	text_read(reading, sight.mime, &more);
	sight.own = visible_bare(arena, own_text(arena, reading->text, &more));
	sight.bare = visible_bare(arena, reading->text);
	own_fingerprint(sight.own);
	view = view_new(&sight);
	look_at(view_mail(view, "one"));
	view_free(view);
	reading_free(reading);
	return 0;
}
