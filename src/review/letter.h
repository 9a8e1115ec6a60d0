/*
 * letter: a mail of ours, from its pieces to the bytes that go into the
 * outbox: header, text part and, where there is one, HTML part.
 *
 * No piece can make a header line or change one: subjects are cut and encoded
 * (RFC 2047), ids that are not of plain form are left out, bodies are
 * quoted-printable (RFC 2045 6.7).  Pure; any thread.
 */
#ifndef REVIEW_LETTER_H
#define REVIEW_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"

/* Most bytes of a letter; text of READING_TEXT_MAX fits, twice and quoted. */
#define LETTER_MAX ((size_t)16 * 1024 * 1024)

enum letter_kind {
	LETTER_NOTICE, /* we begin: Auto-Submitted: auto-generated (RFC 3834) */
	LETTER_ANSWER  /* to a mail: auto-replied */
};

/* The addresses and names are of the configuration or made by us. */
struct letter {
	enum letter_kind kind;
	const char *hostname;	/* for List-Id (RFC 2919) */
	const char *from, *to;	/* plain addresses */
	const char *reply_to;	/* plain address, or NULL */
	const char *subject;	/* UTF-8, one line */
	const char *message_id; /* with <> */
	const char *root;	/* id of the draft's thread, or NULL */
	const char *thread;	/* of a mail between it and answers, or NULL */
	const char *answers;	/* id of the mail that is answered, or NULL */
	int64_t at_ms;		/* wall time */
	struct span text, html; /* UTF-8 with LF; html.len 0: text alone */
};

/* Write it, with CRLF.  -1: it would not fit into out. */
int letter_write(const struct letter *letter, struct buf *out);

/* An id "<imp.17.r2.8f3k...@hostname>": draft, tag and a random part. */
const char *letter_new_id(
    struct arena *arena, const char *hostname, int64_t draft, const char *tag);

/* The id under which all mail about a draft hangs together. */
const char *letter_root(
    struct arena *arena, const char *hostname, int64_t draft);

#endif
