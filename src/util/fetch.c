/*
 * fetch: libcurl's multi interface on libevent.  What is asked and what an
 * answer means is left to the callers.
 */
#include "util/fetch.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"

#define CONNECTIONS  32L   /* to one server; more requests wait */
#define RETRY_MOST_S 86400 /* no server has us wait longer */

struct fetch {
	CURLM *multi;
	struct event_base *base;
	struct event *timer; /* libcurl's */
	struct event *soon;  /* something is done: look */
	struct fetch_ask *open;
};

/* What libcurl waits for on one socket. */
struct watch {
	struct event *event;
};

/* ---- the end of a request ---------------------------------------------- */

static void unlink_ask(struct fetch *fetch, struct fetch_ask *ask)
{
	if (ask->previous != NULL)
		ask->previous->next = ask->next;
	else
		fetch->open = ask->next;
	if (ask->next != NULL)
		ask->next->previous = ask->previous;
}

/* What an answer says beside its body. */
static void read_head(struct fetch_ask *ask)
{
	struct curl_header *date, *field;
	curl_off_t retry_s = 0;
	time_t at;

	curl_easy_getinfo(ask->easy, CURLINFO_RESPONSE_CODE, &ask->status);
	curl_easy_getinfo(ask->easy, CURLINFO_RETRY_AFTER, &retry_s);
	if (retry_s > 0)
		ask->retry_ms =
		    (retry_s < RETRY_MOST_S ? retry_s : RETRY_MOST_S) * 1000;
	if (curl_easy_header(ask->easy, "Date", 0, CURLH_HEADER, -1, &date) ==
	    CURLHE_OK) {
		at = curl_getdate(date->value, NULL);
		ask->date_ms = at > 0 ? (int64_t)at * 1000 : 0;
	}
	if (ask->wants != NULL && curl_easy_header(ask->easy, ask->wants, 0,
				      CURLH_HEADER, -1, &field) == CURLHE_OK)
		snprintf(ask->found, sizeof(ask->found), "%s", field->value);
}

static void finish(struct fetch_ask *ask)
{
	struct fetch *fetch = ask->fetch;

	unlink_ask(fetch, ask);
	if (ask->easy != NULL) {
		read_head(ask);
		curl_multi_remove_handle(fetch->multi, ask->easy);
		curl_easy_cleanup(ask->easy);
	}
	curl_slist_free_all(ask->fields);
	ask->easy = ask->fields = NULL;
	ask->done(ask);
}

static const char *reason_of(const struct fetch_ask *ask, CURLcode rc)
{
	return ask->reason[0] != '\0' ? ask->reason : curl_easy_strerror(rc);
}

/* No server was ever spoken to: it is the URL. */
static bool is_bad_url(const struct fetch_ask *ask, CURLcode rc)
{
	long connections = 0;

	curl_easy_getinfo(ask->easy, CURLINFO_NUM_CONNECTS, &connections);
	return connections == 0 &&
	       (rc == CURLE_URL_MALFORMAT || rc == CURLE_UNSUPPORTED_PROTOCOL);
}

/* What the server did, so that its name may stand before. */
static void explain(struct fetch_ask *ask, CURLcode rc)
{
	struct error *err = &ask->error;
	char span[CLOCK_ISO_SIZE];

	if (err->kind != ERROR_NONE || rc == CURLE_OK)
		return;
	if (ask->answer.overflow)
		error_set(err, ERROR_BUSY, "answered with more than %zu bytes",
		    ask->answer_max);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		error_set(err, ERROR_BUSY, "did not answer within %s",
		    clock_span(ask->deadline_ms, span));
	else if (is_bad_url(ask, rc))
		error_set(err, ERROR_INVALID, "has a URL that cannot be used");
	else
		error_set(err, ERROR_BUSY, "could not be asked: %s",
		    reason_of(ask, rc));
}

/* Requests that libcurl has finished with. */
static void take_finished(struct fetch *fetch)
{
	struct fetch_ask *ask;
	CURLMsg *message;
	CURL *easy;
	CURLcode rc;
	int left;

	while ((message = curl_multi_info_read(fetch->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		easy = message->easy_handle;
		rc = message->data.result;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&ask);
		explain(ask, rc);
		finish(ask);
	}
}

/* Requests that never began, or are to end. */
static void on_soon(evutil_socket_t fd, short what, void *context)
{
	struct fetch *fetch = context;
	struct fetch_ask *ask, *next;

	(void)fd;
	(void)what;
	for (ask = fetch->open; ask != NULL; ask = next) {
		next = ask->next;
		if (ask->easy == NULL || ask->cancelled) {
			finish(ask);
			next = fetch->open; /* done() may have posted */
		}
	}
	take_finished(fetch);
}

/* ---- libcurl and the loop ----------------------------------------------- */

static void on_socket(evutil_socket_t fd, short what, void *context)
{
	struct fetch *fetch = context;
	int running, action = 0;

	if (what & EV_READ)
		action |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		action |= CURL_CSELECT_OUT;
	curl_multi_socket_action(fetch->multi, fd, action, &running);
	take_finished(fetch);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct fetch *fetch = context;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(
	    fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_finished(fetch);
}

static void unwatch(struct watch *watch)
{
	if (watch == NULL)
		return;
	event_free(watch->event);
	free(watch);
}

static int watch_socket(
    CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
	struct fetch *fetch = context;
	struct watch *watch = socket_context;
	short events = EV_PERSIST;

	(void)easy;
	unwatch(watch);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(fetch->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EV_READ;
	if (what & CURL_POLL_OUT)
		events |= EV_WRITE;
	watch = mem_zalloc(sizeof(*watch));
	watch->event = event_new(fetch->base, fd, events, on_socket, fetch);
	event_add(watch->event, NULL);
	curl_multi_assign(fetch->multi, fd, watch);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *context)
{
	struct fetch *fetch = context;
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	(void)multi;
	if (ms < 0)
		event_del(fetch->timer);
	else
		event_add(fetch->timer, &tv);
	return 0;
}

/* ---- a request ---------------------------------------------------------- */

static size_t on_data(char *data, size_t one, size_t n, void *context)
{
	struct fetch_ask *ask = context;

	return buf_add(&ask->answer, data, one * n) ? 0 : one * n;
}

static bool is_clean(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static int add_fields(struct fetch_ask *ask)
{
	const char *const *h;

	/* libcurl would wait for "100 Continue", which not every server says */
	ask->fields = curl_slist_append(NULL, "Expect:");
	for (h = ask->headers; h != NULL && *h != NULL; h++) {
		if (!is_clean(*h))
			return error_set(&ask->error, ERROR_INVALID,
			    "could not be asked: a header field has a "
			    "control character");
		ask->fields = curl_slist_append(ask->fields, *h);
	}
	return 0;
}

static void set_method(struct fetch_ask *ask)
{
	CURL *easy = ask->easy;

	if (ask->method != NULL && strcmp(ask->method, "GET") == 0)
		return; /* as libcurl does by itself */
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
	    ask->body.data == NULL ? "" : ask->body.data);
	curl_easy_setopt(
	    easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.len);
	if (ask->method != NULL)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, ask->method);
}

/*
 * House: the values are longs and pointers by libcurl's own rules; a wrong one
 * is a compiler warning there.
 */
static void set_options(struct fetch_ask *ask)
{
	CURL *easy = ask->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, ask);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, ask->reason);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* a name that is still looked up must not hold up the loop at the end
	 */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_URL, ask->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (ask->once) /* libcurl tries again what it sent on a kept one */
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (ask->ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, ask->ca_file);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ask->deadline_ms);
	curl_easy_setopt(
	    easy, CURLOPT_CONNECTTIMEOUT_MS, (long)ask->deadline_ms);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, ask->fields);
	set_method(ask);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, ask);
}

void fetch_ask(struct fetch *fetch, struct fetch_ask *ask)
{
	ask->fetch = fetch;
	ask->error = (struct error)ERROR_INIT;
	ask->status = 0;
	ask->retry_ms = ask->date_ms = 0;
	ask->found[0] = '\0';
	ask->cancelled = false;
	ask->reason[0] = '\0';
	ask->easy = ask->fields = NULL;
	ask->previous = NULL;
	ask->next = fetch->open;
	if (fetch->open != NULL)
		fetch->open->previous = ask;
	fetch->open = ask;
	buf_init(&ask->answer, ask->answer_max);
	if (add_fields(ask)) {
		event_active(fetch->soon, EV_TIMEOUT, 0);
		return;
	}
	ask->easy = curl_easy_init();
	if (ask->easy == NULL) {
		error_set(&ask->error, ERROR_INTERNAL,
		    "could not be asked: no memory");
		event_active(fetch->soon, EV_TIMEOUT, 0);
		return;
	}
	set_options(ask);
	/* it begins from the timer that libcurl sets now */
	curl_multi_add_handle(fetch->multi, ask->easy);
}

void fetch_cancel(struct fetch_ask *ask)
{
	ask->cancelled = true;
	if (ask->error.kind == ERROR_NONE)
		error_set(&ask->error, ERROR_BUSY,
		    "could not be asked: that was cancelled");
	event_active(ask->fetch->soon, EV_TIMEOUT, 0);
}

/* ---- life ---------------------------------------------------------------- */

struct fetch *fetch_new(struct event_base *base)
{
	struct fetch *fetch = mem_zalloc(sizeof(*fetch));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	fetch->base = base;
	fetch->timer = evtimer_new(base, on_timer, fetch);
	fetch->soon = evtimer_new(base, on_soon, fetch);
	fetch->multi = curl_multi_init();
	if (fetch->multi == NULL)
		abort(); /* no memory, as in util/mem.h */
	curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch);
	curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch);
	curl_multi_setopt(
	    fetch->multi, CURLMOPT_MAX_HOST_CONNECTIONS, CONNECTIONS);
	return fetch;
}

void fetch_free(struct fetch *fetch)
{
	struct fetch_ask *ask;

	if (fetch == NULL)
		return;
	while ((ask = fetch->open) != NULL) {
		if (ask->error.kind == ERROR_NONE)
			error_set(&ask->error, ERROR_BUSY,
			    "could not be asked: we are closing");
		finish(ask);
	}
	curl_multi_cleanup(fetch->multi);
	event_free(fetch->timer);
	event_free(fetch->soon);
	free(fetch);
	curl_global_cleanup();
}
