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
	/*
	 * Of a mail that was read without an envelope: whom To, Cc and Bcc
	 * name, each once, or why they cannot be its recipients.
	 */
	size_t n_addressees;
	const char **addressees;
	const char *unaddressed; /* for people, or NULL */
	/* the piece of text that an edit would replace; length 0: none */
	uint64_t edit_offset, edit_length;
};

/* What a DKIM-Signature names: small letters, ASCII. */
struct reading_signature {
	const char *domain, *selector;
};

/* One of Authentication-Results that is about DKIM or DMARC. */
struct reading_result {
	const char *method; /* "dkim", "dmarc" */
	const char *result; /* "pass", small letters */
	const char *domain; /* header.d or header.from; or NULL */
};

/*
 * Where a reply says that it is from, and what may prove it.  All but proven
 * are claims: whoever wrote the mail can write anything there.
 */
struct reading_origin {
	const char *domain; /* of From, small letters, in ASCII form; or NULL */
	/* addresses of To and Cc, then of Delivered-To and X-Original-To */
	size_t n_to, n_named; /* all; those of To and Cc */
	const char **to;
	size_t n_signatures;
	struct reading_signature *signatures;
	const char *authserv; /* of the topmost Authentication-Results */
	size_t n_results;
	struct reading_result *results; /* that it tells */
	/* the same for each copy of this mail, whoever brings it and however
	 * it was changed that its signature allows; NULL: it has no date */
	const char *once;
	/* check_prove: whose DKIM signature holds, or what certificate's
	 * S/MIME; NULL: neither, and why */
	const char *proven, *unproven;
	bool unbound; /* what proves it does not cover To and Cc */
};

/* What a reader saw in a reviewer's reply. */
struct reading_reply {
	struct arena *arena;
	const char *trouble;   /* as above */
	const char *automatic; /* why it is automatic mail; NULL: it is not */
	const char *maybe_automatic; /* a weak hint: no decision, but ask */
	/* the first line says so, or those below: it is, unless the first
	 * line is a command */
	const char *line_automatic;
	size_t n_from;	  /* mailboxes in all From fields */
	const char *from; /* the address, when there is exactly one */
	const char *message_id, *subject;
	const char *person;	/* from as reading_key has it, or NULL */
	const char *references; /* In-Reply-To, References; space between */
	const char *line;	/* first non-empty line, blanks trimmed */
	const char *words;  /* the person's own lines after it, LF between */
	bool apart;	    /* an empty line stands between line and words */
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
	/* maybe_automatic says so only because of that mail, or of words that
	 * may be the draft's: an edit may be heard, since nothing leaves by
	 * it */
	bool edit_anyway;
	struct reading_origin origin;
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

/* A DKIM signature for a mail that is to leave. */
struct reading_signed {
	struct arena *arena;
	const char *trouble; /* why there is none; NULL: none is wanted, or: */
	struct span field;   /* a whole header field, line end included */
};

/* Free with everything inside.  NULL is harmless. */
void reading_free(struct reading *reading);
void reading_reply_free(struct reading_reply *reply);
void reading_edit_free(struct reading_edit *edit);
void reading_signed_free(struct reading_signed *sign);

/* Add a finding to a reading; copies both texts.  List grows as needed. */
void reading_add_finding(struct reading *reading, enum finding_weight weight,
    const char *name, const char *detail);

/* The same with a finding that has a value, and who saw it; copies all. */
void reading_report(struct reading *reading, const struct finding *finding);

/* The finding of that name, or NULL. */
const struct finding *reading_find(
    const struct reading *reading, const char *name);

#endif
