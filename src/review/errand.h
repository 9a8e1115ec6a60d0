/*
 * errand: a request of the HTTP API on its way through the ledger, and the ways
 * in which it is answered.  Loop.
 */
#ifndef REVIEW_ERRAND_H
#define REVIEW_ERRAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "hold/hold.h"
#include "review/internal.h"

/* Every pending request: what it asks, and of whom it is. */
struct errand {
	union {
		struct hold_call call;
		struct hold_list list;
		struct hold_view view;
		struct hold_load load;
		struct hold_log log;
		struct hold_status status;
		struct hold_verify verify;
		struct hold_decide decide;
		struct hold_gate gate;
	};
	struct httpd_request *request;
	struct review *review;
	const struct config *config; /* in force when it came; a reference */
	struct arena *arena;	     /* of the strings asked with */
	json_t *edit;		     /* body of an edit */
	struct review_edit editing;
	struct hold_view look; /* at what is to be decided */
	bool looked;
};

/* A request is kept until it is answered; done: of the call that it makes. */
struct errand *errand_new(struct httpd_request *request, struct review *review,
    void (*done)(struct hold_call *call));

/* Its request was answered. */
void errand_free(struct errand *ask);

/* True when the call failed: the error is answered, the ask is freed. */
bool errand_failed(struct errand *ask);

/* Answer with a value, which is given up; or that the request is wrong. */
void errand_reply(struct httpd_request *request, json_t *value);
void errand_invalid(struct httpd_request *request, const char *text);

/* "17" or "17/raw": the id (-1: none), and what stands behind the slash. */
int64_t errand_draft(const char *tail, const char **what);

#endif
