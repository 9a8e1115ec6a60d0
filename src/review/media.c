/*
 * media: the programs and chats that there are, what each has acknowledged, and
 * whether it can be relied on.  What they are told, and when, is telling.c's.
 */
#include "review/media.h"

#include "review/medium.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define COMPLAIN_GAP_MS 60000

struct ack {
	struct hold_heard heard;
	struct medium *medium;
};

void media_unref(struct media *media)
{
	size_t i;

	if (--media->refs > 0)
		return;
	for (i = 0; i < media->n; i++) {
		free(media->all[i].given);
		free(media->all[i].reviewers);
	}
	config_unref(media->config);
	free(media);
}

void media_wait(struct event *event, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(event, &tv);
}

static int64_t patience_ms(const struct media *media)
{
	return (int64_t)media->config->review.mail_after_s * 1000;
}

/* ---- can it be relied on? ---------------------------------------------- */

void media_be_silent(struct medium *m, int64_t since_ms)
{
	int64_t left = since_ms + patience_ms(m->media) - clock_mono_ms();

	m->silent_ms = since_ms;
	media_wait(m->late, left > 0 ? left : 0);
}

/* It acknowledged something, or owes nothing. */
void media_be_heard(struct medium *m)
{
	m->silent_ms = 0;
	m->is_late = false;
	event_del(m->late);
	if (m->n_given > 0)
		media_be_silent(m, clock_mono_ms());
}

/* Whom it alone reaches gets mail from now on. */
static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct medium *m = context;

	(void)fd;
	(void)what;
	m->is_late = true;
	log_warning("medium %s silent, mail is sent instead", m->name);
	review_kick(m->media->review);
}

bool media_spare_mail(
    const struct media *media, const struct config_reviewer *reviewer)
{
	size_t i;

	if (config_reviewer_has(reviewer, CONFIG_MAIL))
		return false;
	for (i = 0; i < media->n; i++)
		if (config_reviewer_has(reviewer, media->all[i].name) &&
		    !media->all[i].is_late)
			return true;
	return false;
}

static void kick(struct medium *m);

/* ---- what it has -------------------------------------------------------- */

struct given *media_find_given(
    const struct medium *m, int64_t notice, bool over)
{
	size_t i;

	for (i = 0; i < m->n_given; i++)
		if (m->given[i].notice == notice && m->given[i].over == over)
			return &m->given[i];
	return NULL;
}

/* Forget what it has acknowledged; then there may be room for more. */
void media_settle(struct medium *m)
{
	size_t i, kept = 0;

	for (i = 0; i < m->n_given; i++)
		if (!m->given[i].done)
			m->given[kept++] = m->given[i];
	if (kept == m->n_given)
		return;
	m->n_given = kept;
	m->again = true;
	media_be_heard(m);
}

static void on_heard(struct hold_call *call)
{
	struct ack *h = (struct ack *)(void *)call;
	struct medium *m = h->medium;
	struct given *given =
	    media_find_given(m, h->heard.notice, h->heard.over);

	/* it may have begun anew, and then not have it any more */
	if (m->media->review != NULL && given != NULL && given->heard) {
		if (call->error.kind == ERROR_NONE) {
			given->done = true;
			kick(m);
		} else {
			log_warning("notice %" PRId64
				    " heard-failed reason=\"%s\"",
			    h->heard.notice, call->error.text);
			given->heard = false;
		}
	}
	media_unref(m->media);
	free(h);
}

static struct medium *find_medium(struct media *media, const char *name)
{
	size_t i;

	for (i = 0; i < media->n; i++)
		if (strcmp(media->all[i].name, name) == 0)
			return &media->all[i];
	return NULL;
}

bool media_heard(
    struct media *media, const char *medium, int64_t notice, bool over)
{
	struct medium *m = find_medium(media, medium);
	struct given *given =
	    m == NULL ? NULL : media_find_given(m, notice, over);
	struct ack *h;

	if (given == NULL || given->heard)
		return given != NULL && !given->done;
	given->heard = true;
	h = mem_zalloc(sizeof(*h));
	h->medium = m;
	media->refs++;
	h->heard.call.done = on_heard;
	h->heard.notice = notice;
	h->heard.over = over;
	h->heard.waits = given->waits;
	h->heard.alone = given->alone;
	hold_heard(media->review->hold, &h->heard);
	return true;
}

/* ---- life --------------------------------------------------------------- */

static void list_reviewers(struct medium *m)
{
	const struct config *config = m->media->config;
	size_t i;

	m->reviewers =
	    mem_zalloc((config->n_reviewers + 1) * sizeof(*m->reviewers));
	for (i = 0; i < config->n_reviewers; i++)
		if (config_reviewer_has(&config->reviewers[i], m->name))
			m->reviewers[m->n_reviewers++] =
			    config->reviewers[i].name;
}

static void on_retry(evutil_socket_t fd, short what, void *context);

static struct medium *add(struct media *media, const char *name, unsigned most,
    const struct media *old)
{
	struct medium *m = &media->all[media->n++];
	int64_t since = clock_mono_ms();
	size_t i;

	m->media = media;
	m->name = name;
	m->most = most;
	m->given = mem_zalloc(m->most * sizeof(*m->given));
	m->late = evtimer_new(media->review->base, on_late, m);
	m->retry = evtimer_new(media->review->base, on_retry, m);
	m->wake = evtimer_new(media->review->base, on_retry, m);
	list_reviewers(m);
	for (i = 0; old != NULL && i < old->n; i++)
		if (strcmp(old->all[i].name, m->name) == 0 &&
		    old->all[i].silent_ms != 0)
			since = old->all[i].silent_ms;
	media_be_silent(m, since);
	return m;
}

struct media *media_new(struct review *review, const struct media *old)
{
	const struct config *config = review->config;
	const struct config_program *program = config->programs;
	const struct config_chat *chat = config->chats;
	size_t i, most = config->n_programs + config->n_chats;
	struct media *media =
	    mem_zalloc(sizeof(*media) + most * sizeof(media->all[0]));

	media->refs = 1;
	media->review = review;
	media->config = config_ref(config);
	for (i = 0; i < config->n_programs; i++, program++)
		if (program->medium)
			add(media, program->name, program->waiting, old);
	for (i = 0; i < config->n_chats; i++, chat++)
		add(media, chat->name, chat->waiting, old)->chat = chat;
	return media;
}

void media_free(struct media *media)
{
	size_t i;

	if (media == NULL)
		return;
	media->review = NULL;
	for (i = 0; i < media->n; i++) {
		event_free(media->all[i].late);
		event_free(media->all[i].retry);
		event_free(media->all[i].wake);
	}
	media_unref(media);
}

/* ---- the door ----------------------------------------------------------- */

static void kick(struct medium *m)
{
	m->again = true;
	if (m->telling != NULL)
		return; /* it looks again */
	media_settle(m);
	if (telling_has_room(m))
		telling_look(m);
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	kick(context);
}

void media_kick(struct media *media)
{
	size_t i;

	for (i = 0; i < media->n; i++)
		kick(&media->all[i]);
}

void media_changed(
    struct media *media, const char *medium, enum review_medium what)
{
	struct medium *m = find_medium(media, medium);

	if (m == NULL)
		return;
	if (what != REVIEW_MEDIUM_READY) {
		m->up = what == REVIEW_MEDIUM_UP;
		m->n_given = 0;
	}
	if (!m->up && m->silent_ms == 0)
		media_be_silent(m, clock_mono_ms());
	if (m->up)
		kick(m);
}

bool media_may_complain(struct media *media, const char *medium)
{
	struct medium *m = find_medium(media, medium);
	int64_t now = clock_mono_ms();

	if (m == NULL ||
	    (m->complained_ms != 0 && now - m->complained_ms < COMPLAIN_GAP_MS))
		return false;
	m->complained_ms = now;
	return true;
}

bool media_is_up(const struct media *media, const char *medium)
{
	size_t i;

	for (i = 0; i < media->n; i++)
		if (strcmp(media->all[i].name, medium) == 0)
			return media->all[i].up;
	return false;
}
