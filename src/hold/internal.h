/*
 * internal.h: what the files of the ledger share and nobody else sees.  It
 * knows no SQLite: that is store.h, for the store files alone.
 *
 * Threads: the loop submits and hears; the writer thread owns hold->store, the
 * reader thread hold->view; the file thread writes large bodies.
 */
#ifndef HOLD_INTERNAL_H
#define HOLD_INTERNAL_H

#include <stdatomic.h>

#include "hold/hold.h"

#define HOLD_KEY_SIZE 32

/* names inside hold->dir */
#define HOLD_FILE   "ledger.db"
#define HOLD_BODIES "bodies"

struct store;
struct store_work;

struct hold {
	struct hold_settings settings;
	char *dir;
	int lock_fd;
	unsigned char audit_key[HOLD_KEY_SIZE], token_key[HOLD_KEY_SIZE];
	struct job_queue *writer, *reader, *files;
	struct store *store; /* writer thread */
	struct store *view;  /* reader thread */

	/* loop only */
	struct hold_confirmed *confirmed; /* marks not submitted yet */
	struct job *late, **late_end;	  /* calls made while closing */
	bool closing, told;
	int64_t next_notice;

	/*
	 * House: atomics, not a lock: written by the writer thread after each
	 * commit, read by whoever shows figures.
	 */
	atomic_int_fast64_t count[HOLD_STATES], audit_rows;

	/* set by the first thread that met trouble, the text before broken */
	struct error why;
	atomic_bool breaking, broken;
};

/* Marks of hold_confirm(), on their way to the writer. */
struct hold_confirmed {
	struct hold_call call;
	size_t n, room;
	int64_t *drafts;
};

/* The call that a job belongs to. */
struct hold_call *hold_call_of(struct job *job);

/*
 * The disk failed: remember why (the first time), so that nothing is written
 * any more and settings.failed is called.  Any thread.
 */
void hold_break(struct hold *hold, const struct error *why);

/* ---- moves.c ------------------------------------------------------------ */

/*
 * What the verb makes of a draft in that state, 0: nothing.  DROP of a draft
 * in doubt, or failed, may also end elsewhere, see store_decide.c.
 */
enum hold_state hold_verb_leads(enum hold_state from, enum hold_verb verb);

/* Does the state wait for a person: HELD, IN_DOUBT, FAILED? */
bool hold_waits(enum hold_state state);

/* ---- key.c ------------------------------------------------------------- */

/*
 * Read a key file of the state directory; make it when it is not there and
 * make says so.  MISSING when it is not there otherwise, DENIED when others
 * may read it.
 */
int key_load(const char *dir, const char *name, bool make,
    unsigned char key[HOLD_KEY_SIZE], struct error *err);

/* ---- body.c ------------------------------------------------------------ */

/* Make the folder for body files. */
int body_open(const char *dir, struct error *err);

/*
 * Write bytes as a file named by their hash and sync it and its folder; a
 * file that is there already is left alone.  FULL or INTERNAL.  File thread.
 */
int body_write(const char *dir, const unsigned char sha256[DIGEST_SIZE],
    struct span bytes, struct error *err);

/* Read it whole; the caller frees the bytes.  NULL: INTERNAL. */
char *body_read(const char *dir, const unsigned char sha256[DIGEST_SIZE],
    uint64_t size, struct error *err);

/* Remove every file that wanted() does not know.  At start, before threads. */
int body_sweep(const char *dir,
    bool (*wanted)(const unsigned char sha256[DIGEST_SIZE], void *context),
    void *context, struct error *err);

/* ---- revision.c --------------------------------------------------------- */

/*
 * How a revision is made: head, then body without the cuts.  It is all that
 * is stored of one besides its hash.
 */
struct revision_recipe {
	struct span head, body;
	size_t n_cuts;
	const struct reading_cut *cuts;
};

/*
 * Append the canonical text of an envelope:
 *
 *     imprimatur envelope 1 LF
 *     from SP address LF
 *     to SP address LF          for each recipient, in order
 *     body SP 7bit|8bitmime LF
 *     smtputf8 SP no|yes LF
 *     LF
 */
void revision_envelope(struct buf *buf, const struct envelope *envelope);

/* Are the cuts inside the body, ascending, not overlapping? */
bool revision_fits(const struct revision_recipe *recipe);

/* Bytes that the recipe makes. */
uint64_t revision_size(const struct revision_recipe *recipe);

/*
 * SHA-256 of the canonical text followed by exactly the bytes that DATA will
 * carry (dots not stuffed).
 */
void revision_hash(const struct revision_recipe *recipe, struct span envelope,
    unsigned char out[DIGEST_SIZE]);

/* The bytes themselves, revision_size() of them; free() them. */
char *revision_bytes(const struct revision_recipe *recipe);

/* The code of a hash: its first six base32 characters, upper case. */
void revision_code(
    const unsigned char sha256[DIGEST_SIZE], char code[HOLD_CODE_SIZE]);

/* Cuts as bytes: 16 each, offset and length as little-endian numbers. */
void revision_pack_cuts(
    struct buf *buf, const struct reading_cut *cuts, size_t n_cuts);
struct reading_cut *revision_read_cuts(
    struct arena *arena, struct span packed, size_t *n_cuts);

/* ---- audit.c ------------------------------------------------------------ */

#define AUDIT_SALT_SIZE 16

struct audit_row {
	int64_t id, at_ms, draft;
	const char *event, *actor, *medium;
	struct span revision;	/* hash it was about, or empty */
	struct span commitment; /* to text and envelope, or empty */
};

/* Where the chain ends. */
struct audit_head {
	int64_t id;
	unsigned char mac[DIGEST_SIZE];
};

/*
 * The link of a row: HMAC over the link before it and every field.  Row and
 * link go on from head, which becomes the row's.
 */
void audit_extend(const unsigned char key[HOLD_KEY_SIZE],
    struct audit_head *head, const struct audit_row *row);

/*
 * The commitment to a text and what else the row is about: HMAC with the salt
 * as key.  Without the salt it tells nothing.
 */
void audit_commit(const unsigned char salt[AUDIT_SALT_SIZE], const char *text,
    struct span about, unsigned char out[DIGEST_SIZE]);

/* A mark that the chain ends here and not earlier. */
void audit_seal(const unsigned char key[HOLD_KEY_SIZE],
    const struct audit_head *head, unsigned char out[DIGEST_SIZE]);

/*
 * Does the row follow head with this link?  NULL: yes, and head is the row's;
 * else what is wrong with the one that should come next.
 */
const char *audit_follow(const unsigned char key[HOLD_KEY_SIZE],
    struct audit_head *head, const struct audit_row *row, struct span mac);

/* ---- store*.c: the connections and the verbs that run on them ------------ */

/* Open the ledger file, make or migrate it; the writer's connection. */
struct store *store_open(struct hold *hold, struct error *err);
/* A second, read-only connection. */
struct store *store_open_view(struct hold *hold, struct error *err);
/* Close it; NULL is harmless. */
void store_close(struct store *store);

/*
 * After opening: counters, end of the audit chain, next notice, and what a
 * crash left under way.
 */
int store_start(struct store *store, struct error *err);

/* Remove body files that no row knows. */
int store_start_sweep(struct store *store, struct error *err);

/* Run all jobs of the list in one transaction; the writer's batch(). */
void store_group(struct job *list, void *store);
/* Checkpoint when it is worth it; the writer's idle(). */
void store_group_idle(void *store);
/* Would that many more bytes leave less room than the reserve?  Any thread. */
bool store_group_low(const struct hold *hold, uint64_t more);
/* Run one call on the read-only connection, in one snapshot. */
void store_group_read(struct store *store, struct hold_call *call);

/*
 * call->work of hold_put and hold_revise: what is made of the bytes before
 * they are written.  store_work_is_file: the file thread comes first.
 */
struct store_work *store_work_new(const struct hold *hold, uint64_t size);
bool store_work_is_file(const struct store_work *work);
void store_work_free(void *work);

/* On the file thread: hash and write the body; call->error on failure. */
void store_put_file(struct hold_call *call);
void store_revise_file(struct hold_call *call);

/* Writer thread. */
void store_put(struct hold_call *call);
void store_put_confirm(struct hold_call *call);
void store_consider(struct hold_call *call);
void store_step(struct hold_call *call);
void store_decide(struct hold_call *call);
void store_revise(struct hold_call *call);
void store_notice(struct hold_call *call);
void store_medium_heard(struct hold_call *call);
void store_release_claim(struct hold_call *call);
void store_release_dot(struct hold_call *call);
void store_settle(struct hold_call *call);
void store_outbox_post(struct hold_call *call);
void store_word_waive(struct hold_call *call);
void store_word_hook(struct hold_call *call);
void store_word_hooked(struct hold_call *call);
void store_outbox_take(struct hold_call *call);
void store_outbox_taken(struct hold_call *call);
void store_mailbox_met(struct hold_call *call);
void store_mailbox_copy(struct hold_call *call);
void store_mailbox_copied(struct hold_call *call);
void store_gate(struct hold_call *call);
void store_replace_withdraw(struct hold_call *call);
void store_replace_lapse(struct hold_call *call);
void store_wrote(struct hold_call *call);
void store_move_renew(struct hold_call *call);

/* Reader thread. */
void store_view(struct hold_call *call);
void store_list(struct hold_call *call);
void store_load(struct hold_call *call);
void store_log(struct hold_call *call);
void store_status(struct hold_call *call);
void store_verify(struct hold_call *call);
void store_notice_due(struct hold_call *call);
void store_medium_untold(struct hold_call *call);
void store_chat_show(struct hold_call *call);
void store_chat_shown(struct hold_call *call);
void store_chat_ended(struct hold_call *call);
void store_chat_mark(struct hold_call *call);
void store_chat_set_mark(struct hold_call *call);
void store_notice_answered(struct hold_call *call);
void store_notice_recent(struct hold_call *call);
void store_mailbox_unmet(struct hold_call *call);
void store_mailbox_known(struct hold_call *call);
void store_word_owed(struct hold_call *call);
void store_word_find(struct hold_call *call);
void store_consider_waiting(struct hold_call *call);
void store_step_overdue(struct hold_call *call);

#endif
