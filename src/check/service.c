/*
 * service: asks over HTTP what program.c asks over pipes; rspamd is asked as
 * its own clients do.  How HTTP works is left to util/fetch.
 */
#include "check/question.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "check/shown.h"
#include "util/fetch.h"
#include "util/mem.h"

#define ANSWER_MAX ((size_t)1024 * 1024)

enum { KIND_JSON, KIND_RSPAMD }; /* as config_service has it */

struct visit {
	struct fetch_ask post;
	const struct config_service *config;
	struct question *question;
	char *body; /* or NULL: the mail itself */
};

bool service_wants_raw(const struct config_service *config)
{
	return config->kind == KIND_RSPAMD;
}

/* ---- the answer --------------------------------------------------------- */

static void take_json(struct question *q, const json_t *answer)
{
	const json_t *id =
	    json_object_get(answer, q->of_case ? "case" : "check");

	if (id != NULL && json_integer_value(id) != q->id)
		said_nonsense(&q->said, "answered another question");
	else if (q->of_case)
		said_case(&q->said, answer);
	else
		said_check(&q->said, answer);
}

static void take_body(struct visit *v)
{
	struct question *q = v->question;
	json_t *answer = json_loadb(v->post.answer.data, v->post.answer.len,
	    JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(answer))
		said_failed(&q->said, "answered what is no JSON object");
	else if (v->config->kind == KIND_RSPAMD)
		said_rspamd(&q->said, answer);
	else
		take_json(q, answer);
	json_decref(answer);
}

static void on_done(struct fetch_ask *post)
{
	struct visit *v = post->context;
	struct question *q = v->question;

	if (post->error.kind != ERROR_NONE)
		said_failed(&q->said, "%s", post->error.text);
	else if (post->status != 200)
		said_failed(
		    &q->said, "answered with HTTP status %ld", post->status);
	else
		take_body(v);
	buf_release(&post->answer);
	free(v->body);
	free(v);
	check_answered(q);
}

/* ---- the question ------------------------------------------------------- */

static char *write_question(
    const struct question *q, const struct config_service *config)
{
	json_t *line = json_pack("{s:i, s:I, s:i, s:o}", "imprimatur", 1,
	    q->of_case ? "case" : "check", (json_int_t)q->id, "deadline_ms",
	    (int)config->deadline_ms, "draft", shown_draft(q->shown, false));
	char *text = json_dumps(line, JSON_COMPACT);

	json_decref(line);
	return text;
}

static void post_json(struct visit *v, struct arena *arena)
{
	const char **fields = arena_alloc(arena, 3 * sizeof(*fields));

	fields[0] = "Content-Type: application/json";
	if (v->config->token != NULL)
		fields[1] = arena_printf(
		    arena, "Authorization: Bearer %s", v->config->token);
	v->body = write_question(v->question, v->config);
	v->post.url = v->config->url;
	v->post.headers = fields;
	v->post.body = (struct span){v->body, strlen(v->body)};
}

static void post_rspamd(struct visit *v, struct arena *arena)
{
	static const char path[] = "/checkv2";
	const char *url = v->config->url;
	size_t len = strlen(url);

	if (len < strlen(path) || strcmp(url + len - strlen(path), path) != 0)
		url = arena_printf(arena, "%.*s%s",
		    (int)(len > 0 && url[len - 1] == '/' ? len - 1 : len), url,
		    path);
	v->post.url = url;
	v->post.headers =
	    shown_rspamd(arena, v->question->shown, v->config->token);
	v->post.body = v->question->shown->raw;
}

void service_ask(struct fetch *fetch, const struct config_service *config,
    struct question *q)
{
	struct arena *arena = q->said.arena;
	struct visit *v;

	if (config->kind == KIND_RSPAMD && q->of_case) {
		said_failed(&q->said, "knows nothing of cases");
		check_answered(q);
		return;
	}
	v = mem_zalloc(sizeof(*v));
	v->config = config;
	v->question = q;
	q->id = q->shown->draft;
	v->post.deadline_ms = config->deadline_ms;
	v->post.answer_max = ANSWER_MAX;
	v->post.ca_file = config->ca_file;
	v->post.done = on_done;
	v->post.context = v;
	if (config->kind == KIND_RSPAMD)
		post_rspamd(v, arena);
	else
		post_json(v, arena);
	fetch_ask(fetch, &v->post);
}
