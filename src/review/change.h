/*
 * change: the routes of the HTTP API that change something: decisions, edits,
 * the kill switch.  context is the struct review.  Loop.
 */
#ifndef REVIEW_CHANGE_H
#define REVIEW_CHANGE_H

#include "util/httpd.h"

/* POST /v1/drafts/ID/decision and /edit. */
void change_serve(struct httpd_request *request, void *context);

/* POST /v1/stop and /v1/start. */
void change_stop(struct httpd_request *request, void *context);
void change_start(struct httpd_request *request, void *context);

#endif
