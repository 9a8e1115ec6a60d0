/*
 * store_schema: the tables, and the steps from each version of them to the
 * next.  A step, once released, is never changed: add another.
 */
#include "hold/store.h"

#include "util/log.h"

#include <inttypes.h>

/*
 * Times are wall milliseconds, hashes 32 bytes.  Ids that people or other
 * rows may remember are AUTOINCREMENT, so that none returns.
 */
static const char version_1[] =
    /* state, number and sha256 (of the current revision) guard each move */
    "CREATE TABLE draft ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " state INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL,"
    " agent TEXT NOT NULL," /* '': nobody logged in */
    " sender TEXT NOT NULL,"
    " recipient TEXT NOT NULL," /* the first */
    " n_recipients INTEGER NOT NULL,"
    " rule TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " received_ms INTEGER NOT NULL,"
    " event INTEGER NOT NULL,"	/* its first row in audit */
    " ask TEXT NOT NULL,"	/* reviewers, LF between */
    " unread INTEGER NOT NULL," /* no reader could read the revision */
    /* what its verdicts said, the gravest of each */
    " channel TEXT NOT NULL," /* '': none */
    " severity INTEGER NOT NULL,"
    " persons INTEGER NOT NULL," /* who must approve it */
    " needs_reason INTEGER NOT NULL,"
    " demand TEXT NOT NULL,"	/* of who decides it; lines */
    " passes INTEGER NOT NULL," /* the first verdict let it pass */
    " after INTEGER NOT NULL,"	/* to be looked at when it was sent */
    " not_before_ms INTEGER NOT NULL,"
    " not_after_ms INTEGER NOT NULL,"
    " by_ms INTEGER NOT NULL,"	  /* then its agent wants it back; 0: not */
    " opinions INTEGER NOT NULL," /* it waits for those of programs */
    " deadline_ms INTEGER NOT NULL,"
    " step_ms INTEGER NOT NULL," /* next step of its ladder; 0: none */
    " step INTEGER NOT NULL DEFAULT 0,"
    " config TEXT NOT NULL," /* hash of what judged it */
    " counts BLOB,"	     /* rates at intake, see store_seen.c */
    " claimed_by TEXT,"
    " claimed_ms INTEGER NOT NULL DEFAULT 0,"
    " due_ms INTEGER NOT NULL DEFAULT 0,"
    /* all who approved the revision, LF between; may be 'rule:<name>' */
    " approver TEXT,"
    " approved_ms INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0,"    /* since then */
    " dotted INTEGER NOT NULL DEFAULT 0,"   /* enum store_dotted */
    " replaces INTEGER NOT NULL DEFAULT 0," /* a draft that it supersedes */
    /* how often it, and what it replaces, went back to the agent */
    " rounds INTEGER NOT NULL DEFAULT 0,"
    /* notices up to this one were made before the other side wrote again */
    " stale INTEGER NOT NULL DEFAULT 0,"
    " recalled INTEGER NOT NULL DEFAULT 0," /* it did, on the way out */
    /* notices up to this one were made before it came into doubt, or failed:
     * they ask something else */
    " trouble INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX draft_state ON draft(state);"
    /* by agent, so that a stopped one's drafts are passed over at once */
    "CREATE INDEX draft_due ON draft(agent, due_ms) WHERE state = 2;"
    /* due_ms of what is REVISING: until when its agent has time */
    "CREATE INDEX draft_lapse ON draft(due_ms) WHERE state = 9;"
    "CREATE INDEX draft_by ON draft(by_ms) WHERE state = 1 AND by_ms > 0;"
    "CREATE INDEX draft_replaces ON draft(replaces) WHERE replaces > 0;"
    "CREATE INDEX draft_opinions ON draft(id) WHERE opinions = 1;"
    "CREATE INDEX draft_step ON draft(step_ms)"
    " WHERE state = 1 AND opinions = 0 AND step_ms > 0;"

    /* as it was received; key_start: what is indexed of the key */
    "CREATE TABLE submission ("
    " draft INTEGER PRIMARY KEY REFERENCES draft(id),"
    " key_start INTEGER NOT NULL,"
    " key BLOB NOT NULL,"
    " received_ms INTEGER NOT NULL,"
    " own_id INTEGER NOT NULL,"		     /* it has a Message-ID */
    " id_hash INTEGER,"			     /* see the table sent */
    " confirmed INTEGER NOT NULL DEFAULT 0," /* the 250 was read */
    " peer TEXT, helo TEXT, tls INTEGER NOT NULL,"
    " envid TEXT, ret INTEGER NOT NULL,"
    " body_type INTEGER NOT NULL, smtputf8 INTEGER NOT NULL);"
    "CREATE INDEX submission_key ON submission(key_start);"
    "CREATE INDEX submission_id ON submission(id_hash)"
    " WHERE id_hash IS NOT NULL;"

    /* id: STORE_KEY(draft, number); bytes: head, then body without cuts */
    "CREATE TABLE revision ("
    " id INTEGER PRIMARY KEY,"
    " sha256 BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " head BLOB NOT NULL,"
    " cuts BLOB NOT NULL,"
    " subject TEXT,"
    " made_ms INTEGER NOT NULL,"
    " editor TEXT, note TEXT,"
    /* the text that its hash covers; NULL: that of the recipients of now */
    " envelope BLOB);"
    /*
     * What is large of a revision, so that lists never read it: what a reader
     * saw, packed, but for the findings; and the bytes that it is made from:
     * as received, or as edited.
     */
    "CREATE TABLE body ("
    " revision INTEGER PRIMARY KEY REFERENCES revision(id),"
    " sha256 BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " reading BLOB NOT NULL,"
    " bytes BLOB);" /* NULL: in a file */
    "CREATE INDEX body_file ON body(sha256) WHERE bytes IS NULL;"
    "CREATE TABLE finding ("
    " revision INTEGER NOT NULL REFERENCES revision(id),"
    " n INTEGER NOT NULL,"
    " weight INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " value TEXT, by_whom TEXT,"
    " PRIMARY KEY (revision, n)) WITHOUT ROWID;"
    /* what each rule said of a revision */
    "CREATE TABLE trace ("
    " revision INTEGER PRIMARY KEY REFERENCES revision(id),"
    " text TEXT NOT NULL);"

    "CREATE TABLE recipient ("
    " draft INTEGER NOT NULL REFERENCES draft(id),"
    " n INTEGER NOT NULL,"
    " address TEXT NOT NULL,"
    " orcpt TEXT,"
    " notify INTEGER NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0," /* enum hold_result */
    " answer TEXT,"
    " told INTEGER NOT NULL DEFAULT 0," /* success is, or is others' to tell */
    " person TEXT NOT NULL,"		/* the address as contact has it */
    " skeleton TEXT,"
    " PRIMARY KEY (draft, n)) WITHOUT ROWID;"
    "CREATE INDEX recipient_person ON recipient(person) WHERE state <> 1;"

    /*
     * Mails that people outside wrote; person: the address as contact has it.
     * refers: the Message-IDs, hashed, that a draft refers to, or that one of
     * those mails does: then draft is minus its id.
     */
    "CREATE TABLE wrote ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " person TEXT NOT NULL,"
    " address TEXT NOT NULL,"
    " id_hash INTEGER," /* of its Message-ID */
    " subject TEXT,"
    " at_ms INTEGER NOT NULL);"
    "CREATE INDEX wrote_person ON wrote(person, id);"
    "CREATE INDEX wrote_id ON wrote(id_hash) WHERE id_hash IS NOT NULL;"
    "CREATE TABLE refers ("
    " id_hash INTEGER NOT NULL,"
    " draft INTEGER NOT NULL,"
    " PRIMARY KEY (id_hash, draft)) WITHOUT ROWID;"

    /* to whom mail was sent; skeleton: what looks alike has the same */
    "CREATE TABLE contact ("
    " address TEXT PRIMARY KEY,"
    " skeleton TEXT,"
    " first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL,"
    " count INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX contact_skeleton ON contact(skeleton)"
    " WHERE skeleton IS NOT NULL;"
    /* the Message-IDs, hashed, of what was sent to anybody */
    "CREATE TABLE sent ("
    " id_hash INTEGER NOT NULL,"
    " draft INTEGER NOT NULL,"
    " PRIMARY KEY (id_hash, draft)) WITHOUT ROWID;"
    /*
     * Drafts by what they have in common: series is a hash of an agent, a
     * channel, a recipient or a domain.  In a series at_ms never falls and n
     * counts, so that the drafts of some time are counted by two looks.
     * Nobody counts refused drafts.  mark: of a recipient's words, see
     * store_seen.c.
     */
    "CREATE TABLE seen ("
    " series INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " draft INTEGER NOT NULL,"
    " n INTEGER NOT NULL,"
    " mark INTEGER NOT NULL,"
    " near INTEGER NOT NULL,"
    " PRIMARY KEY (series, at_ms, draft)) WITHOUT ROWID;"

    "CREATE TABLE decision ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " draft INTEGER NOT NULL REFERENCES draft(id),"
    " sha256 BLOB NOT NULL,"
    " verb INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " medium TEXT NOT NULL,"
    " text TEXT,"
    " category TEXT," /* of error, with a drop or an edit */
    " notice INTEGER,"
    " answer TEXT," /* that said it: hold_decide.answer */
    " at_ms INTEGER NOT NULL);"
    "CREATE INDEX decision_draft ON decision(draft);"

    /* id: STORE_KEY(draft, n); closed: nothing more will come of it */
    "CREATE TABLE prompt ("
    " id INTEGER PRIMARY KEY,"
    " number INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " reviewer TEXT NOT NULL,"
    " severity INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " wake_ms INTEGER NOT NULL DEFAULT 0,"   /* not before; 0: at once */
    " notice INTEGER REFERENCES notice(id)," /* NULL: none carries it yet */
    " closed INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX prompt_due ON prompt(reviewer, severity DESC, id)"
    " WHERE notice IS NULL AND closed = 0;"
    "CREATE INDEX prompt_open ON prompt(reviewer, severity DESC, id)"
    " WHERE closed = 0;"
    "CREATE INDEX prompt_asleep ON prompt(reviewer, wake_ms)"
    " WHERE closed = 0 AND wake_ms > 0;"
    /*
     * medium: 'mail', or the program or chat that shows it; prompt, heard: of
     * those, what it shows, and 1: it has it, 2: it knows that its reviewer
     * is asked no more, 3: it knows how it ended.
     */
    "CREATE TABLE notice ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " reviewer TEXT NOT NULL,"
    " message_id TEXT NOT NULL,"
    " digest INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " medium TEXT NOT NULL,"
    " prompt INTEGER REFERENCES prompt(id),"
    " heard INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX notice_told ON notice(medium, id)"
    " WHERE prompt IS NOT NULL AND heard < 3;"
    "CREATE UNIQUE INDEX notice_prompt ON notice(prompt, medium)"
    " WHERE prompt IS NOT NULL;"
    /* what a notice shows; n: from 1, as its reader sees it */
    "CREATE TABLE item ("
    " notice INTEGER NOT NULL REFERENCES notice(id),"
    " n INTEGER NOT NULL,"
    " draft INTEGER NOT NULL REFERENCES draft(id),"
    " number INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " cut INTEGER NOT NULL,"
    " low INTEGER NOT NULL,"
    " PRIMARY KEY (notice, n)) WITHOUT ROWID;"
    "CREATE INDEX item_draft ON item(draft, notice);"
    /*
     * Which message of a chat shows a notice; root: whose thread it stands in,
     * n: its number there.  ended: the message asks no more.
     */
    "CREATE TABLE shown ("
    " notice INTEGER PRIMARY KEY REFERENCES notice(id),"
    " chat TEXT NOT NULL,"
    " remote TEXT NOT NULL,"
    " root TEXT,"
    " n INTEGER NOT NULL,"
    " ended INTEGER NOT NULL);"
    "CREATE INDEX shown_message ON shown(chat, remote);"
    "CREATE INDEX shown_thread ON shown(chat, root) WHERE root IS NOT NULL;"
    /* how far each chat was read */
    "CREATE TABLE chat_mark ("
    " chat TEXT PRIMARY KEY,"
    " mark TEXT NOT NULL) WITHOUT ROWID;"

    /* state 0: waits, 1: taken, 2: failed; NULL: sent, bytes are gone */
    "CREATE TABLE outbox ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " state INTEGER DEFAULT 0,"
    " due_ms INTEGER NOT NULL,"
    " put_ms INTEGER NOT NULL,"
    " tries INTEGER NOT NULL DEFAULT 0,"
    " sender TEXT NOT NULL,"
    " recipient TEXT NOT NULL,"
    " maildir TEXT,"
    " once TEXT,"
    " answer TEXT,"
    " bytes BLOB);"
    "CREATE INDEX outbox_open ON outbox(state, due_ms)"
    " WHERE state IS NOT NULL;"
    "CREATE UNIQUE INDEX outbox_once ON outbox(once)"
    " WHERE once IS NOT NULL;"

    /*
     * Mails of mailboxes that were dealt with; place: UIDVALIDITY and UID;
     * outcome: enum hold_met_outcome.
     */
    "CREATE TABLE met ("
    " mailbox TEXT NOT NULL,"
    " place INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL,"
    " outcome INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (mailbox, place)) WITHOUT ROWID;"
    "CREATE INDEX met_bytes ON met(mailbox, sha256);"
    /*
     * Of what left, for mailboxes that want it; due_ms NULL: it is there.
     * attempt: by which it left, NULL: nobody knows.
     */
    "CREATE TABLE copy ("
    " mailbox TEXT NOT NULL,"
    " draft INTEGER NOT NULL REFERENCES draft(id),"
    " attempt INTEGER REFERENCES attempt(id),"
    " tries INTEGER NOT NULL DEFAULT 0,"
    " due_ms INTEGER,"
    " PRIMARY KEY (mailbox, draft)) WITHOUT ROWID;"
    "CREATE INDEX copy_due ON copy(mailbox, due_ms)"
    " WHERE due_ms IS NOT NULL;"
    "CREATE INDEX copy_failing ON copy(draft)"
    " WHERE due_ms IS NOT NULL AND tries > 0;"

    /*
     * What an agent is to be told: a row goes when all is said.  report: 1,
     * owed as a mail.  hook: to its webhook, 0: not; 1: due; 2: behind another
     * of its draft; 3: taken.
     */
    "CREATE TABLE word ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " draft INTEGER NOT NULL REFERENCES draft(id),"
    " number INTEGER NOT NULL,"
    " agent TEXT NOT NULL,"
    " event TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " report INTEGER NOT NULL,"
    " hook INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX word_report ON word(id) WHERE report = 1;"
    "CREATE INDEX word_draft ON word(draft, id);"
    "CREATE INDEX word_hook ON word(agent, due_ms, id) WHERE hook = 1;"
    "CREATE INDEX word_failing ON word(id) WHERE tries > 0;"

    /*
     * dot_ms: "the dot is about to be sent", and front before what was
     * approved; end_ms NULL: no result yet
     */
    "CREATE TABLE attempt ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " draft INTEGER NOT NULL REFERENCES draft(id),"
    " number INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " dot_ms INTEGER,"
    " end_ms INTEGER,"
    " front BLOB);"
    "CREATE INDEX attempt_open ON attempt(draft) WHERE end_ms IS NULL;"

    /* whose drafts do not leave; agent '': nobody's do */
    "CREATE TABLE gate ("
    " agent TEXT PRIMARY KEY,"
    " actor TEXT NOT NULL,"
    " medium TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL) WITHOUT ROWID;"

    /*
     * The chain; ids have no gaps.  salt and text are not under its links but
     * under the commitment, so that they can be erased; envelope: that covers
     * the envelope too, as with the first row of a draft (draft.event).
     */
    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL,"
    " draft INTEGER NOT NULL," /* 0: none */
    " event TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " medium TEXT NOT NULL,"
    " revision BLOB NOT NULL,"	 /* hash, or empty */
    " commitment BLOB NOT NULL," /* or empty */
    " mac BLOB NOT NULL,"
    " envelope INTEGER NOT NULL,"
    " salt BLOB, text TEXT);"
    "CREATE INDEX audit_draft ON audit(draft) WHERE envelope = 0;";

/* steps[i] leads from version i to i + 1. */
static const char *const steps[] = {version_1};

#define VERSION ((int64_t)(sizeof(steps) / sizeof(steps[0])))

static int read_version(struct store *store, int64_t *version)
{
	static const char meta[] = "CREATE TABLE IF NOT EXISTS meta ("
				   " name TEXT PRIMARY KEY,"
				   " value) WITHOUT ROWID";

	if (store_exec(store, meta))
		return -1;
	return store_number(store,
	    "SELECT value FROM meta WHERE name = 'schema'", NULL, version);
}

static int take_steps(struct store *store, int64_t from)
{
	int64_t i;

	for (i = from; i < VERSION; i++)
		if (store_exec(store, steps[i]))
			return -1;
	return store_run(store,
	    "INSERT INTO meta (name, value) VALUES ('schema', ?)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	    ARGS(NUM(VERSION)));
}

static int migrate(struct store *store, struct error *err)
{
	int64_t version;

	if (read_version(store, &version))
		return -1;
	if (version > VERSION)
		return error_set(err, ERROR_CONFLICT,
		    "the ledger is of version %" PRId64
		    ", this program knows versions up to %" PRId64
		    "; use the newer program",
		    version, VERSION);
	if (version == VERSION)
		return 0;
	if (version > 0)
		log_notice("ledger migrating from=%" PRId64 " to=%" PRId64,
		    version, VERSION);
	return take_steps(store, version);
}

int store_schema_migrate(struct store *store, struct error *err)
{
	err->kind = ERROR_NONE;
	if (store_exec(store, "BEGIN IMMEDIATE") == 0 &&
	    migrate(store, err) == 0 && store_exec(store, "COMMIT") == 0)
		return 0;
	if (err->kind == ERROR_NONE)
		*err = store->trouble;
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}
