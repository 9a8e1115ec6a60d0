/*
 * store_look: what is read back: revisions and their findings, and the log
 * compared with them.  Part of hold/store.h.
 */
#ifndef HOLD_STORE_LOOK_H
#define HOLD_STORE_LOOK_H

#include "hold/store_sql.h"

/* ---- store_view.c -------------------------------------------------------- */

/*
 * The reading of a revision (a STORE_KEY), without its findings; one that
 * cannot be used has trouble.  reading_free it.  NULL: SQLite's trouble.
 */
struct reading *store_view_reading(struct store *store, int64_t revision);

/* Add a copy of a finding to a reading. */
void store_view_add(struct reading *reading, const struct finding *finding);
/* Copy what the agent said of its draft. */
void store_view_context(struct reading_context *to,
    const struct reading_context *from, struct arena *arena);

/* Add a revision's findings; ledger: those of the ledger, or the others. */
enum store_findings { STORE_ALL, STORE_LEDGERS, STORE_OTHERS };
int store_view_findings(struct store *store, int64_t revision,
    enum store_findings which, struct reading *reading);

/* ---- store_compare.c ----------------------------------------------------- */

/* Where the comparison with the log is; zeroes to begin with. */
struct store_compare {
	int64_t decision, draft; /* the last that was met */
	int64_t row;		 /* of the log, for a draft that is wrong */
	char why[200];		 /* names the draft; "": nothing is wrong */
};

/*
 * Is the decision that was written with this row of the log what the row
 * says?  Rows come in order.  text: what was said, NULL if it was erased.
 * 0: yes, or there is none; 1: no, see why; -1.
 */
int store_compare_row(struct store *store, struct store_compare *at,
    const struct audit_row *row, const char *text);

/* After the last row, in its snapshot: 1 if there are more decisions. */
int store_compare_rest(struct store *store, struct store_compare *at);

/*
 * State, revision and approver of the next drafts against the log.  1: the
 * end, or one is wrong; 0: go on; -1.
 */
int store_compare_drafts(struct store *store, struct store_compare *at);

#endif
