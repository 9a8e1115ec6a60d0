/*
 * heading: subject and recipients of a mail, changed by a person, and whom
 * the envelope is to reach then.
 */
#ifndef CHECK_READER_HEADING_H
#define CHECK_READER_HEADING_H

#include <stdbool.h>

#include "check/reader/edit.h"
#include "check/reader/mime.h"
#include "check/reader/splice.h"

/* The fields that a person may change, in the order of the tables. */
enum heading_field { HEADING_SUBJECT, HEADING_TO, HEADING_CC, HEADING_FIELDS };

struct heading {
	const char *refusal; /* why not; NULL: it can be done */
	bool changed[HEADING_FIELDS];
	/* how the fields read then, NULL: there is none; changed ones alone */
	const char *reads[HEADING_FIELDS];
};

/*
 * Add the splices for what is wished of subject, To and Cc.  A field that
 * would read as it does stays byte by byte; one that came twice comes once.
 */
void heading_change(struct splices *splices, const struct mime *mime,
    const struct edit_wish *wish, const struct about *about,
    struct heading *heading);

/* Does the new mail say what was meant? */
bool heading_proved(const struct heading *heading, const struct mime *now);

/* All addresses in the To and Cc of a mail; those of bcc_too also in Bcc. */
struct address_list;
void heading_addresses(struct arena *arena, const struct mime *mime,
    bool bcc_too, struct address_list *list);

/*
 * Whom the new mail is to reach: the recipients of the envelope, less those
 * who were in the old header and are not in the new one, and more those who
 * are new in it.  Those whom no header showed stay, unless bcc (or NULL) is a
 * list of who they are from now on.  Returns NULL, or why it cannot be; n 0:
 * the same as before.
 */
const char *heading_reach(struct arena *arena, const struct mime *old,
    const struct mime *now, const char *bcc, const struct about *about,
    struct reading_edit *out);

#endif
