/*
 * pack_rows: the tables.  A new field gets a new tag, in ascending order; what
 * the bytes look like is left to pack.c.
 */
#include "pack_rows.h"

#include "reading.h"

#define AT(type, field)	   offsetof(struct type, field)
#define WIDTH(type, field) sizeof(((struct type *)NULL)->field)
#define A_TEXT(t, k, s, f)                                                     \
	{                                                                      \
		.tag = (t), .kind = (k), .offset = AT(s, f)                    \
	}
#define A_NEEDED(t, s, f)                                                      \
	{                                                                      \
		.tag = (t), .kind = PACK_LINE, .offset = AT(s, f),             \
		.needed = true                                                 \
	}
#define A_NUMBER(t, s, f, m)                                                   \
	{                                                                      \
		.tag = (t), .kind = PACK_NUMBER, .offset = AT(s, f),           \
		.width = WIDTH(s, f), .most = (m)                              \
	}
#define A_LIST(t, s, f, n, i)                                                  \
	{                                                                      \
		.tag = (t), .kind = PACK_LIST, .offset = AT(s, f),             \
		.width = sizeof(*((struct s *)NULL)->f), .count = AT(s, n),    \
		.items = (i)                                                   \
	}
#define END                                                                    \
	{                                                                      \
		.tag = 0                                                       \
	}

static const struct pack_row cut_rows[] = {
    A_NUMBER(1, reading_cut, offset, UINT64_MAX),
    A_NUMBER(2, reading_cut, length, UINT64_MAX),
    END,
};

static const struct pack_row author_rows[] = {
    {.tag = 1, .kind = PACK_LINE, .offset = 0, .needed = true},
    END,
};

static const struct pack_row part_rows[] = {
    A_NUMBER(1, reading_part, depth, UINT32_MAX),
    A_NEEDED(2, reading_part, type),
    A_TEXT(3, PACK_LINE, reading_part, charset),
    A_TEXT(4, PACK_LINE, reading_part, filename),
    A_NUMBER(5, reading_part, size, UINT64_MAX),
    A_NUMBER(6, reading_part, in_text, 1),
    END,
};

static const struct pack_row finding_rows[] = {
    A_NEEDED(1, finding, name),
    A_NEEDED(2, finding, detail),
    A_NUMBER(3, finding, weight, FINDING_TRIPWIRE),
    A_TEXT(4, PACK_LINE, finding, value),
    A_TEXT(5, PACK_LINE, finding, by),
    END,
};

static const struct pack_row mark_rows[] = {
    A_NUMBER(1, reading_mark, mark, UINT32_MAX),
    A_NUMBER(2, reading_mark, unsure, 1),
    END,
};

static const struct pack_row key_rows[] = {
    A_NEEDED(1, reading_key, address),
    A_NEEDED(2, reading_key, skeleton),
    END,
};

const struct pack_row pack_rows_reading[] = {
    A_TEXT(1, PACK_LINE, reading, trouble),
    A_LIST(2, reading, cuts, n_cuts, cut_rows),
    A_TEXT(3, PACK_LINE, reading, message_id),
    A_TEXT(4, PACK_LINE, reading, subject),
    A_TEXT(5, PACK_LINE, reading, date),
    A_TEXT(6, PACK_LINE, reading, from),
    A_TEXT(7, PACK_LINE, reading, sender),
    A_TEXT(8, PACK_LINE, reading, to),
    A_TEXT(9, PACK_LINE, reading, cc),
    A_TEXT(10, PACK_LINE, reading, reply_to),
    A_TEXT(11, PACK_LINE, reading, in_reply_to),
    A_TEXT(12, PACK_LINE, reading, references),
    A_LIST(13, reading, authors, n_authors, author_rows),
    A_NUMBER(14, reading, n_received, UINT32_MAX),
    A_LIST(15, reading, parts, n_parts, part_rows),
    A_TEXT(16, PACK_LINES, reading, context.why),
    A_TEXT(17, PACK_LINES, reading, context.sources),
    A_TEXT(18, PACK_LINES, reading, context.confidence),
    A_TEXT(19, PACK_LINES, reading, context.prompt),
    A_TEXT(20, PACK_LINES, reading, context.case_id),
    A_TEXT(21, PACK_LINES, reading, context.action),
    A_LIST(22, reading, findings, n_findings, finding_rows),
    A_TEXT(23, PACK_PROSE, reading, text),
    A_NUMBER(24, reading, text_total, UINT64_MAX),
    A_NUMBER(25, reading, edit_offset, READING_TEXT_MAX),
    A_NUMBER(26, reading, edit_length, READING_TEXT_MAX),
    A_LIST(27, reading, marks, n_marks, mark_rows),
    A_LIST(28, reading, keys, n_keys, key_rows),
    A_NUMBER(29, reading, fingerprint, UINT64_MAX),
    A_TEXT(30, PACK_LINES, reading, context.replaces),
    A_TEXT(31, PACK_LINES, reading, context.withdraw),
    A_LIST(32, reading, addressees, n_addressees, author_rows),
    A_TEXT(33, PACK_LINE, reading, unaddressed),
    END,
};

static const struct pack_row signature_rows[] = {
    A_NEEDED(1, reading_signature, domain),
    A_NEEDED(2, reading_signature, selector),
    END,
};

static const struct pack_row result_rows[] = {
    A_NEEDED(1, reading_result, method),
    A_NEEDED(2, reading_result, result),
    A_TEXT(3, PACK_LINE, reading_result, domain),
    END,
};

const struct pack_row pack_rows_reply[] = {
    A_TEXT(1, PACK_LINE, reading_reply, trouble),
    A_TEXT(2, PACK_LINE, reading_reply, automatic),
    A_TEXT(3, PACK_LINE, reading_reply, maybe_automatic),
    A_NUMBER(4, reading_reply, n_from, UINT32_MAX),
    A_TEXT(5, PACK_LINE, reading_reply, from),
    A_TEXT(6, PACK_LINE, reading_reply, message_id),
    A_TEXT(7, PACK_LINE, reading_reply, subject),
    A_TEXT(8, PACK_LINE, reading_reply, line),
    A_TEXT(9, PACK_LINES, reading_reply, words),
    A_NUMBER(10, reading_reply, signature_cut, 1),
    A_TEXT(11, PACK_BYTES, reading_reply, mail),
    A_TEXT(12, PACK_LINE, reading_reply, mail_id),
    A_TEXT(13, PACK_LINE, reading_reply, mail_from),
    A_NUMBER(14, reading_reply, edit_anyway, 1),
    A_NUMBER(15, reading_reply, line_quoted, 1),
    A_TEXT(16, PACK_LINES, reading_reply, signature),
    A_TEXT(17, PACK_LINES, reading_reply, below),
    A_NUMBER(18, reading_reply, apart, 1),
    A_TEXT(20, PACK_LINE, reading_reply, origin.domain),
    A_LIST(21, reading_reply, origin.to, origin.n_to, author_rows),
    A_NUMBER(22, reading_reply, origin.n_named, UINT32_MAX),
    A_LIST(23, reading_reply, origin.signatures, origin.n_signatures,
	signature_rows),
    A_TEXT(24, PACK_LINE, reading_reply, origin.authserv),
    A_LIST(25, reading_reply, origin.results, origin.n_results, result_rows),
    A_TEXT(26, PACK_LINE, reading_reply, origin.proven),
    A_TEXT(27, PACK_LINE, reading_reply, origin.unproven),
    A_TEXT(28, PACK_LINE, reading_reply, person),
    A_TEXT(29, PACK_LINE, reading_reply, references),
    A_TEXT(30, PACK_LINE, reading_reply, line_automatic),
    A_TEXT(31, PACK_LINE, reading_reply, origin.once),
    A_NUMBER(32, reading_reply, origin.unbound, 1),
    END,
};

const struct pack_row pack_rows_edit[] = {
    A_TEXT(1, PACK_LINE, reading_edit, refusal),
    A_TEXT(2, PACK_BYTES, reading_edit, bytes),
    A_TEXT(3, PACK_LINE, reading_edit, note),
    A_LIST(4, reading_edit, recipients, n_recipients, author_rows),
    END,
};

const struct pack_row pack_rows_signed[] = {
    A_TEXT(1, PACK_LINE, reading_signed, trouble),
    A_TEXT(2, PACK_BYTES, reading_signed, field),
    END,
};
