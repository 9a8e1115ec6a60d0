/*
 * reading: what a sealed reader saw in a mail.  It is the only knowledge of a
 * mail's inside that the rest of the product has: nothing else parses mail.
 *
 * All text is valid UTF-8 with control characters made visible, decoded and
 * unfolded, and may be shown as it is after the escaping of the medium.  A
 * field that the mail lacks is NULL.  Everything lives in the arena, the struct
 * itself too.
 */
#ifndef READING_H
#define READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"

/* Text kept for a revision; the rest is counted, not kept. */
#define READING_TEXT_MAX (256 * 1024)

/* A range of the submission that must never leave: Bcc, context. */
struct reading_cut {
	uint64_t offset, length; /* bytes; ascending, not overlapping */
};

enum finding_weight {
	FINDING_NOTE,	 /* shown */
	FINDING_CAUTION, /* shown first; a rule may still pass the mail */
	FINDING_TRIPWIRE /* holds whatever a rule says */
};

/* What a check saw.  The same name may come many times. */
struct finding {
	const char *name;   /* "mime-ambiguous", lower case and hyphens */
	const char *detail; /* one line for people, or "" */
	enum finding_weight weight;
	/* what rules compare: "12000.00 EUR", "17", a host; or NULL */
	const char *value;
	const char *by; /* plug-in or program that saw it; NULL: ourselves */
};

/* A text condition of the rules that fits, or that could not be run to the
 * end. */
struct reading_mark {
	uint32_t mark;
	bool unsure;
};

/* A recipient of the envelope as the ledger remembers people. */
struct reading_key {
	const char *address;  /* in small letters, domain in its ASCII form */
	const char *skeleton; /* what looks alike has the same (UTS 39) */
};

/* A leaf of the MIME tree, in order. */
struct reading_part {
	unsigned depth;	      /* 0: the message's own body */
	const char *type;     /* "text/plain", lower case */
	const char *charset;  /* of a text part, lower case, or NULL */
	const char *filename; /* cleaned for display, or NULL */
	uint64_t size;	      /* bytes, transfer encoding undone */
	bool in_text;	      /* its words are in text */
};

/* What the agent says of its draft; claims, not facts. */
struct reading_context {
	const char *why;
	const char *sources; /* one per line */
	const char *confidence;
	const char *prompt;
	const char *case_id;
	const char *action;
	const char *replaces; /* the draft that it replaces: id, Message-ID */
	const char *withdraw; /* it is no draft, but takes that one back */
};

struct reading {
	struct arena *arena;
	const char *trouble; /* why it could not be read; NULL: it was */
	size_t n_cuts;
	struct reading_cut *cuts;
	const char *message_id; /* with <>, exactly as it stands */
	const char *subject, *date, *from, *sender, *to, *cc, *reply_to;
	const char *in_reply_to;
	const char *references; /* the ids, space between */
	size_t n_authors;	/* From and Sender: addresses alone */
	const char **authors;
	unsigned n_received; /* Received fields, for loops */
	size_t n_parts;
	struct reading_part *parts;
	struct reading_context context;
	size_t n_findings;
	struct finding *findings;
	size_t findings_room; /* reading_add_finding's own; 0 at first */
	size_t n_marks;
	struct reading_mark *marks; /* ascending */
	size_t n_keys;
	struct reading_key *keys; /* in the order of the envelope */
	/* of its words: near when few bits differ; 0: too short to tell */
	uint64_t fingerprint;
	struct span text;    /* what a person would read, all text parts */
	uint64_t text_total; /* bytes it would have been, uncut */
	/* the piece of text that an edit would replace; length 0: none */
	uint64_t edit_offset, edit_length;
};

/* What a reader saw in a reviewer's reply. */
struct reading_reply {
	struct arena *arena;
	const char *trouble;   /* as above */
	const char *automatic; /* why it is automatic mail; NULL: it is not */
	const char *maybe_automatic; /* a weak hint: no decision, but ask */
	size_t n_from;		     /* mailboxes in all From fields */
	const char *from; /* the address, when there is exactly one */
	const char *message_id, *subject;
	const char *person;	/* from as reading_key has it, or NULL */
	const char *references; /* In-Reply-To, References; space between */
	const char *line;	/* first non-empty line, blanks trimmed */
	const char *words;  /* the person's own lines after it, LF between */
	bool signature_cut; /* words below a "-- " were left out of them */
	bool line_quoted; /* line itself is quoted: they wrote nothing above */
	/* what was left out of words: the signature, and lines that stand
	 * below or between quoted ones; to be told, never to be sent; or NULL
	 */
	const char *signature, *below;
	/*
	 * The whole mail that came with the answer, attached and decoded, when
	 * there is exactly one that is no notice of ours; length 0: there is
	 * none.  Its id and its sender as they stand, or NULL: they tell whose
	 * it is, and prove nothing.
	 */
	struct span mail;
	const char *mail_id, *mail_from;
	/* maybe_automatic says so only because of that mail: an edit may be
	 * heard all the same, since nothing leaves by it */
	bool mail_doubt;
};

/* What came of applying a person's edit to a revision. */
struct reading_edit {
	struct arena *arena;
	const char *refusal; /* why it cannot be edited, for the reviewer */
	/* whom the new mail is to reach, all of them; 0: those as before */
	size_t n_recipients;
	const char **recipients;
	struct span bytes; /* the new mail, when refusal is NULL */
	const char *note;  /* "the HTML part was rewritten ...", or NULL */
	struct reading *reading; /* of the new mail; own arena */
};

/* Free with everything inside.  NULL is harmless. */
void reading_free(struct reading *reading);
void reading_reply_free(struct reading_reply *reply);
void reading_edit_free(struct reading_edit *edit);

/* Add a finding to a reading; copies both texts.  List grows as needed. */
void reading_add_finding(struct reading *reading, enum finding_weight weight,
    const char *name, const char *detail);

/* The same with a finding that has a value, and who saw it; copies all. */
void reading_report(struct reading *reading, const struct finding *finding);

/* The finding of that name, or NULL. */
const struct finding *reading_find(
    const struct reading *reading, const char *name);

#endif
