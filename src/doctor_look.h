/*
 * doctor_look: what the doctor sees on this machine: the configuration, the
 * disk, our certificate; and who can be reached.  Loop.
 */
#ifndef DOCTOR_LOOK_H
#define DOCTOR_LOOK_H

struct checkup;
struct house;

/* Files; the answers come from a thread. */
void doctor_look_files(struct house *house, struct checkup *checkup);
/* Mailboxes, programs; then each reviewer.  All is noted at once. */
void doctor_look_people(struct house *house, struct checkup *checkup);

#endif
