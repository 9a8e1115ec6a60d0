/*
 * errand: life of a request.  What is asked is left to api.c and change.c.
 */
#include "review/errand.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void errand_reply(struct httpd_request *request, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	json_decref(value);
	if (text == NULL)
		text = mem_strdup("null");
	httpd_reply(request, 200, "application/json",
	    (struct span){text, strlen(text)});
	free(text);
}

void errand_invalid(struct httpd_request *request, const char *text)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_INVALID, "%s", text);
	httpd_reply_error(request, &err);
}

struct errand *errand_new(struct httpd_request *request, struct review *review,
    void (*done)(struct hold_call *call))
{
	struct errand *ask = mem_zalloc(sizeof(*ask));

	ask->request = httpd_keep(request);
	ask->review = review;
	ask->config = config_ref(review->config);
	ask->arena = arena_new();
	ask->call.done = done;
	return ask;
}

void errand_free(struct errand *ask)
{
	if (ask->looked)
		hold_view_release(&ask->look);
	json_decref(ask->edit);
	arena_free(ask->arena);
	config_unref(ask->config);
	free(ask);
}

bool errand_failed(struct errand *ask)
{
	if (ask->call.error.kind == ERROR_NONE)
		return false;
	httpd_reply_error(ask->request, &ask->call.error);
	errand_free(ask);
	return true;
}

int64_t errand_draft(const char *tail, const char **what)
{
	char *end;
	long long id = strtoll(tail, &end, 10);

	*what = *end == '/' ? end + 1 : end;
	return end == tail || id <= 0 || (*end != '\0' && *end != '/') ? -1
								       : id;
}
