/*
 * doctor_mail: a mail that leaves as every mail of ours does, to an address as
 * reviewers answer to, and that must come back.  Loop.
 */
#ifndef DOCTOR_MAIL_H
#define DOCTOR_MAIL_H

#include <stdbool.h>
#include <stdint.h>

struct checkup;
struct doctor_mail;
struct hear;
struct house;

/* Those on their way: none. */
struct doctor_mail *doctor_mail_new(struct house *house);
/* They are not waited for any more.  NULL is harmless. */
void doctor_mail_free(struct doctor_mail *mail);

/* Send one, and wait for it so long. */
void doctor_mail_start(
    struct doctor_mail *mail, struct checkup *checkup, int64_t wait_ms);

/* As doctor_heard(). */
bool doctor_mail_heard(
    struct doctor_mail *mail, int64_t notice, const struct hear *hear);

#endif
