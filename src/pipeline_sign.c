/*
 * pipeline_sign: DKIM for what leaves: send -> reader -> send.  It comes after
 * the hash was compared with what was approved, and only adds a field; what
 * cannot be signed stays here.
 */
#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "send/send.h"

#include "house.h"
#include "reading.h"

#include "util/mem.h"

#define KEYS_MAX ((size_t)16 * 1024 * 1024) /* bytes of all keys */

struct signature {
	struct check_request request;
	struct send_signing *signing;
	struct buf keys;
};

static void end(struct signature *s)
{
	struct send_signing *signing = s->signing;

	signing->done(signing);
	reading_signed_free(s->request.signature);
	explicit_bzero(s->keys.data, s->keys.len);
	buf_release(&s->keys);
	free(s);
}

static void on_made(struct check_request *request)
{
	struct signature *s = request->context;
	const struct reading_signed *made = request->signature;

	if (made->trouble != NULL)
		error_set(&s->signing->error, ERROR_BUSY, "%s", made->trouble);
	else
		s->signing->field = made->field;
	end(s);
}

/* The keys that are for such a mail, as wire.h has them. */
static void add_keys(
    struct signature *s, const struct config *config, unsigned revision)
{
	const struct config_dkim *d;
	const char *pem;

	for (d = config->dkim; d < config->dkim + config->n_dkim; d++) {
		if (d->edited && revision <= 1)
			continue;
		pem = strstr(d->key, "-----BEGIN ");
		buf_addf(&s->keys, "d %s %s\n%s\n", d->domain, d->selector,
		    pem == NULL ? "" : pem);
	}
}

void pipeline_sign(struct send_signing *signing, void *context)
{
	struct signature *s = mem_zalloc(sizeof(*s));
	struct house *house = context;

	signing->error = (struct error)ERROR_INIT;
	signing->field = (struct span){"", 0};
	s->signing = signing;
	buf_init(&s->keys, KEYS_MAX);
	add_keys(s, house->config, signing->revision);
	if (s->keys.len == 0) {
		end(s);
		return;
	}
	s->request.bytes = signing->bytes;
	s->request.text = buf_span(&s->keys);
	s->request.done = on_made;
	s->request.context = s;
	if (check_sign(house->check, &s->request, &signing->error))
		end(s);
}
