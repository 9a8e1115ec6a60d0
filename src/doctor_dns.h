/*
 * doctor_dns: what name servers say of us: the way of answers, and the keys of
 * our signatures.  Loop.
 */
#ifndef DOCTOR_DNS_H
#define DOCTOR_DNS_H

struct checkup;
struct house;

/* Ask; each answer is noted when it comes. */
void doctor_dns(struct house *house, struct checkup *checkup);

#endif
