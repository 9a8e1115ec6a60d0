/*
 * subject: what vacation programs, bounces, receipts and calendars write in
 * front of a subject, in the languages of the common mail programs.
 */
#ifndef CHECK_READER_SUBJECT_H
#define CHECK_READER_SUBJECT_H

/*
 * Does a subject (decoded, one line) begin like that of automatic mail?  A
 * constant text that says how, or NULL.  "Re:" in front makes it a person's.
 */
const char *subject_hint(const char *subject);

#endif
