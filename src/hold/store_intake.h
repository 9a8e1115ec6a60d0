/*
 * store_intake: how a revision is written, and what is known when a draft is
 * put: what came before it, what it replaces, what people outside wrote.  Part
 * of hold/store.h.
 */
#ifndef HOLD_STORE_INTAKE_H
#define HOLD_STORE_INTAKE_H

#include "hold/store_draft.h"

/* ---- store_work.c -------------------------------------------------------- */

/* What is made of bytes before they are written. */
struct store_work {
	bool ready;			   /* the rest is filled */
	bool is_file;			   /* the body goes into a file */
	struct buf envelope;		   /* canonical text */
	unsigned char body[DIGEST_SIZE];   /* SHA-256 of the bytes */
	unsigned char sha256[DIGEST_SIZE]; /* of the revision */
	uint64_t size;			   /* of the revision */
};

/*
 * Fill it: body is there already.  INVALID: an address that would be two
 * lines; INTERNAL: cuts outside the body.  Any thread.
 */
int store_work_prepare(struct store_work *work, const struct envelope *envelope,
    const struct revision_recipe *recipe, struct error *err);

/* Write the body's file.  File thread. */
int store_work_write(struct store_work *work, struct hold *hold,
    struct span bytes, struct error *err);

/* ---- store_body.c -------------------------------------------------------- */

/* A revision as it is written. */
struct store_revision {
	int64_t draft;
	unsigned number;
	struct span head, bytes;
	const struct reading *reading;
	const char *editor, *note; /* or NULL */
	int64_t at_ms;
};

/* Write a revision with its bytes, reading and findings. */
int store_body_put(struct store *store, const struct store_work *work,
    const struct store_revision *revision);

/*
 * Findings of a revision have numbers: those of its reading from 0, then what
 * the ledger, later what people outside wrote since, what programs knew, and
 * what the rest of the daemon saw in
 * the first revision.
 */
#define STORE_FINDING_LEDGER   1000000
#define STORE_FINDING_WROTE    1500000
#define STORE_FINDING_PROGRAMS 2000000
#define STORE_FINDING_DAEMON   3000000

/* By whom: the ledger itself. */
#define STORE_LEDGER "ledger"

/* Add findings to a revision that is written; the first gets number n. */
int store_body_findings(struct store *store, int64_t revision, int64_t n,
    const struct finding *findings, size_t n_findings);

/* Write what the rules said of a revision, after what they said before. */
int store_body_trace(struct store *store, int64_t revision, const char *text);

/* ---- store_seen.c -------------------------------------------------------- */

/* A recipient as the ledger remembers people. */
struct store_person {
	const char *address;
	const char *skeleton; /* or NULL */
};

/* A series of drafts, and where it ends. */
struct store_series {
	int64_t id, last_ms, n;
	bool holds_it; /* the draft is in it already */
};

/* What of a new draft is remembered; made before the judge is asked. */
struct store_seen {
	struct arena *arena;
	size_t n_people;
	struct store_person *people;	    /* in the order of the envelope */
	struct store_series agent, channel; /* channel: id 0: none */
	struct store_series *persons, *domains; /* n_people each */
	int64_t mark;				/* of its words; 0: unknown */
	bool near; /* a mark is near when few bits differ, else equal */
	bool has_id;
	int64_t id_hash; /* of its Message-ID */
};

/* Fill it; what it finds of earlier drafts to a person: on_earlier. */
int store_seen_open(
    struct store *store, const struct hold_put *put, struct store_seen *seen);
/* Of a draft that was put before: which series have it already?  0 or -1. */
int store_seen_already(
    struct store *store, const struct hold_put *put, struct store_seen *seen);
/* Where the series ends, into it. */
int store_seen_last(struct store *store, struct store_series *series);
/* How many drafts each rate counts, this one too. */
int store_seen_count(struct store *store, const struct hold_put *put,
    const struct store_seen *seen, uint64_t *counts);
/* Remember a draft that was put. */
int store_seen_write(struct store *store, const struct hold_put *put,
    const struct store_seen *seen);
/* Hash of a Message-ID. */
int64_t store_seen_message_id(const char *id, size_t len);

/* Rates and counts as bytes, and the counts of these rates out of them. */
void store_seen_pack(struct buf *buf, const struct verdict_rate *rates,
    const uint64_t *counts, size_t n);
const uint64_t *store_seen_unpack(struct arena *arena, struct span packed,
    const struct verdict_rate *rates, size_t n);

/* ---- store_history.c ----------------------------------------------------- */

#define STORE_HISTORY_MOST 32 /* findings */

/* What a new draft replaces. */
struct store_replaced {
	struct store_draft draft; /* id 0: nothing */
	bool must_hold;		  /* a person had a say in that one */
	const char *remark, *by;  /* who sent it back, or NULL */
};

/* What the judge is told, and what it stands on. */
struct store_history {
	struct store_replaced replaced;
	struct verdict_history told;
	struct finding findings[STORE_HISTORY_MOST];
	struct store_seen seen;
};

/* At intake, before the judge is asked. */
int store_history_make(struct store *store, const struct hold_put *put,
    int64_t duplicate_of, struct arena *arena, struct store_history *history);

/* Add a finding of the ledger, unless there are too many; its texts must live
 * as long as the history. */
void store_history_add(
    struct store_history *history, const struct finding *finding);

/* As it was at intake, with what is known of that revision. */
int store_history_again(struct store *store, struct arena *arena,
    int64_t revision, const struct verdict_rate *rates, size_t n_rates,
    struct verdict_history *history);

/*
 * The draft put->draft goes to others from now on: what was known of its last
 * revision (a STORE_KEY), but of people what is true of these.  Rates are
 * counted again.
 */
int store_history_others(struct store *store, const struct hold_put *put,
    int64_t revision, struct arena *arena, struct store_history *history);

/* ---- store_replace.c ----------------------------------------------------- */

/* At intake, before the judge: what is replaced, and the finding of that. */
int store_replace_find(struct store *store, const struct hold_put *put,
    struct arena *arena, struct store_history *history);
/* What the old one demanded in which persons had a say, the new one does. */
void store_replace_rise(struct store *store,
    const struct store_replaced *replaced, struct verdict *verdict);
/* The new draft is there: link it, and end the old one. */
int store_replace_carry(struct store *store, struct arena *arena,
    const struct store_replaced *replaced, const struct hold_put *put);
/* Fill remark and remark_by; replaces is filled. */
int store_replace_remark(struct store *store, struct hold_view *view);

/* ---- store_wrote.c ------------------------------------------------------- */

/* At intake: did people outside write since the mail that it answers? */
int store_wrote_look(struct store *store, const struct hold_put *put,
    struct arena *arena, struct store_history *history);
/* Remember which mails a draft that was put refers to. */
int store_wrote_remember(struct store *store, const struct hold_put *put);

#endif
