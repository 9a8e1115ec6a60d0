/*
 * doctor: what "imprimatur doctor" asks of a daemon that runs: every room looks
 * at what it depends on, and the doctor at what no room does.  It changes
 * nothing and decides nothing.
 *
 * All functions: loop only.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "util/httpd.h"

struct doctor;
struct hear;
struct house;

/* Nothing is asked yet.  The house must outlive it. */
struct doctor *doctor_new(struct house *house);
/* What is open ends by itself.  NULL is harmless. */
void doctor_free(struct doctor *doctor);

/* A mail to that notice came in: is it one that the doctor sent?  Then it is
 * dealt with, and nobody is to read it. */
bool doctor_heard(
    struct doctor *doctor, int64_t notice, const struct hear *hear);

/* POST /v1/doctor, GET /v1/doctor/ID; context is the struct doctor. */
extern const struct httpd_route doctor_routes[];

#endif
