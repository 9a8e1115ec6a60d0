/*
 * call: HTTP over the unix socket, by libcurl.  What is asked and how the
 * answer reads is left to the commands.
 */
#include "ctl/call.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/mem.h"

#define TIMEOUT_S 60L

static const char *socket_path;

struct answer {
	struct buf body;
	long status;
};

void call_init(const char *socket)
{
	socket_path = socket;
	curl_global_init(CURL_GLOBAL_NOTHING);
}

static size_t on_data(char *data, size_t one, size_t n, void *context)
{
	struct answer *answer = context;

	return buf_add(&answer->body, data, one * n) ? 0 : one * n;
}

static int explain(CURLcode rc, struct error *err)
{
	if (rc == CURLE_COULDNT_CONNECT)
		return error_set(err, ERROR_BUSY,
		    "cannot reach the daemon at '%s': is imprimaturd running, "
		    "and may you open that socket?",
		    socket_path);
	return error_set(err, ERROR_BUSY,
	    "the daemon at '%s' did not answer: "
	    "%s",
	    socket_path, curl_easy_strerror(rc));
}

/* Do the request; body NULL: GET. */
static int perform(const char *path, const char *body, struct answer *answer,
    struct error *err)
{
	CURL *curl = curl_easy_init();
	char *url = mem_printf("http://localhost%s", path);
	struct curl_slist *fields =
	    curl_slist_append(NULL, "Content-Type: application/json");
	CURLcode rc;

	buf_init(&answer->body, CALL_ANSWER_MAX);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	if (body != NULL) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(
		    curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	}
	rc = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(fields);
	free(url);
	return rc == CURLE_OK ? 0 : explain(rc, err);
}

static enum error_kind kind_of(const char *name)
{
	enum error_kind k;

	for (k = ERROR_BUSY; name != NULL && k <= ERROR_INTERNAL; k++)
		if (strcmp(error_kind_name(k), name) == 0)
			return k;
	return ERROR_INTERNAL;
}

/* An error answer, as err. */
static int refused(
    const struct answer *answer, json_t **conflict, struct error *err)
{
	json_t *value =
	    json_loadb(answer->body.data, answer->body.len, 0, NULL);
	const char *text = json_string_value(json_object_get(value, "text"));

	error_set(err,
	    kind_of(json_string_value(json_object_get(value, "error"))), "%s",
	    text ? text
		 : "the daemon answered in a way that is not understood");
	if (conflict != NULL && err->kind == ERROR_CONFLICT)
		*conflict = json_incref(value);
	json_decref(value);
	return -1;
}

static json_t *finish(
    int rc, struct answer *answer, json_t **conflict, struct error *err)
{
	json_t *value = NULL;

	if (rc == 0 && answer->status != 200) {
		refused(answer, conflict, err);
	} else if (rc == 0) {
		value =
		    json_loadb(answer->body.data, answer->body.len, 0, NULL);
		if (value == NULL)
			error_set(err, ERROR_INTERNAL,
			    "the daemon answered what is no JSON");
	}
	buf_release(&answer->body);
	return value;
}

json_t *call_get(const char *path, struct error *err)
{
	struct answer answer;
	int rc = perform(path, NULL, &answer, err);

	return finish(rc, &answer, NULL, err);
}

json_t *call_post(
    const char *path, json_t *body, json_t **conflict, struct error *err)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct answer answer;
	int rc;

	json_decref(body);
	rc = perform(path, text, &answer, err);
	free(text);
	return finish(rc, &answer, conflict, err);
}

char *call_get_bytes(const char *path, size_t *size, struct error *err)
{
	struct answer answer;
	int rc = perform(path, NULL, &answer, err);

	if (rc == 0 && answer.status != 200)
		rc = refused(&answer, NULL, err);
	if (rc != 0) {
		buf_release(&answer.body);
		return NULL;
	}
	*size = answer.body.len;
	return buf_detach(&answer.body);
}
