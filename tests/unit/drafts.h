/*
 * drafts: reading a draft in a test, with the promises that hold for any
 * input checked on the way.
 */
#ifndef TESTS_UNIT_DRAFTS_H
#define TESTS_UNIT_DRAFTS_H

#include <stdlib.h>
#include <string.h>

#include "check/reader/charset.h"
#include "check/reader/draft.h"
#include "mimecover.h"

/* Is it NULL, or valid UTF-8 without control characters but LF and tab? */
static inline const char *drafts_text(const char *s, size_t len)
{
	const char *p = s, *end;

	if (s == NULL)
		return NULL;
	for (end = p + len; p < end;) {
		size_t n = charset_utf8(p, end);

		if (n == 0)
			return "a text is not UTF-8";
		if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') ||
		    *p == 0x7f)
			return "a text has control characters";
		p += n;
	}
	return NULL;
}

static inline void drafts_string(const char *s, const char **why)
{
	const char *bad = s == NULL ? NULL : drafts_text(s, strlen(s));

	if (bad != NULL)
		*why = bad;
}

static inline void drafts_strings(
    const struct reading *reading, const char **why)
{
	const char *const all[] = {reading->trouble, reading->message_id,
	    reading->subject, reading->date, reading->from, reading->sender,
	    reading->to, reading->cc, reading->reply_to, reading->in_reply_to,
	    reading->references, reading->context.why, reading->context.sources,
	    reading->context.confidence, reading->context.prompt,
	    reading->context.case_id, reading->context.action,
	    reading->context.replaces, reading->context.withdraw};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		drafts_string(all[i], why);
	for (size_t i = 0; i < reading->n_authors; i++)
		drafts_string(reading->authors[i], why);
	for (size_t i = 0; i < reading->n_findings; i++)
		drafts_string(reading->findings[i].detail, why);
	for (size_t i = 0; i < reading->n_parts; i++) {
		drafts_string(reading->parts[i].type, why);
		drafts_string(reading->parts[i].charset, why);
		drafts_string(reading->parts[i].filename, why);
	}
}

/* What reading.h promises; NULL when it is kept. */
static inline const char *drafts_broken(
    const struct reading *reading, size_t size)
{
	const char *why = NULL;
	uint64_t end = 0;

	for (size_t i = 0; i < reading->n_cuts; i++) {
		const struct reading_cut *cut = &reading->cuts[i];

		if (cut->length == 0 || (i > 0 && cut->offset <= end) ||
		    cut->offset > size || cut->length > size - cut->offset)
			why = "the cuts are not in order";
		end = cut->offset + cut->length;
	}
	if (reading->text.len > READING_TEXT_MAX ||
	    reading->text.len > reading->text_total)
		why = "there is too much text";
	if (drafts_text(reading->text.data, reading->text.len) != NULL)
		why = drafts_text(reading->text.data, reading->text.len);
	drafts_strings(reading, &why);
	return why;
}

/*
 * Read a draft from memory of exactly its size; why tells which promise was
 * broken, or NULL.
 */
static inline struct reading *drafts_read(struct span mail, const char **why)
{
	char *bytes = mem_grow(NULL, mail.len > 0 ? mail.len : 1, 1);
	struct span exact = {bytes, mail.len};
	struct arena *arena = arena_new();
	struct reading *reading;

	if (mail.len > 0)
		memcpy(bytes, mail.data, mail.len);
	*why = mimecover(mime_split(arena, exact));
	arena_free(arena);
	reading = draft_read(exact, NULL);
	free(bytes);
	if (*why == NULL)
		*why = drafts_broken(reading, mail.len);
	return reading;
}

/* The mail as it would leave; free() it. */
static inline char *drafts_cut(const struct reading *reading, struct span mail)
{
	struct buf out;
	size_t from = 0;

	buf_init(&out, mail.len);
	for (size_t i = 0; i < reading->n_cuts; i++) {
		const struct reading_cut *cut = &reading->cuts[i];

		buf_add(&out, mail.data + from, cut->offset - from);
		from = cut->offset + cut->length;
	}
	buf_add(&out, mail.data + from, mail.len - from);
	return buf_detach(&out);
}

#endif
