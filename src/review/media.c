/*
 * media: one telling for each program at a time: find what it does not know,
 * look at the draft, write the notice, hand it over.  What a notice says is
 * notice.c's, how a program is spoken to the hook's.
 */
#include "review/media.h"

#include "review/card.h"
#include "review/internal.h"
#include "review/notice.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PAGE		32    /* rows looked for, besides those it has */
#define TROUBLE_GAP_MS	30000 /* then we try again */
#define COMPLAIN_GAP_MS 60000
#define LOOK_SHARE	10 /* most of the ledger's time is others' */

/* What it was given, and has not acknowledged in this life. */
struct given {
	int64_t notice;
	bool over;
	bool alone; /* its reviewer gets no mail */
	bool heard; /* that is being written */
	bool done;  /* it was; kept while rows read before may name it */
};

struct medium {
	struct media *media;
	const char *name;
	bool up;
	/* since when (monotonic) it is down, or has not acknowledged anything;
	 * 0: it owes nothing */
	int64_t silent_ms;
	bool is_late;	     /* for too long */
	struct event *late;  /* then it is */
	struct event *retry; /* after trouble */
	struct event *wake;  /* what was snoozed is due */
	struct telling *telling;
	bool again;	 /* there may be more than it knows of */
	int64_t look_ms; /* at the ledger, not before that; monotonic */
	size_t n_given, most;
	struct given *given;
	size_t n_reviewers; /* whom it may ask */
	const char **reviewers;
	int64_t complained_ms;
};

/* Kept by its calls, too. */
struct media {
	unsigned refs;
	struct review *review; /* NULL: it is no more */
	const struct config *config;
	size_t n;
	struct medium all[];
};

struct telling {
	struct medium *medium;
	struct hold_untold untold;
	size_t next; /* row */
	bool told;   /* any */
	bool refused, failed;
	struct hold_view view;
	struct hold_notice_item item;
	struct hold_notice notice;
};

struct ack {
	struct hold_heard heard;
	struct medium *medium;
};

#define TELLING(call, member)                                                  \
	((struct telling *)(void *)((char *)(call)-offsetof(                   \
	    struct telling, member)))

static void next(struct telling *t);

static void unref(struct media *media)
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

static void wait_ms(struct event *event, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(event, &tv);
}

static int64_t patience_ms(const struct media *media)
{
	return (int64_t)media->config->review.mail_after_s * 1000;
}

/* ---- can it be relied on? ---------------------------------------------- */

static void be_silent(struct medium *m, int64_t since_ms)
{
	int64_t left = since_ms + patience_ms(m->media) - clock_mono_ms();

	m->silent_ms = since_ms;
	wait_ms(m->late, left > 0 ? left : 0);
}

/* It acknowledged something, or owes nothing. */
static void be_heard(struct medium *m)
{
	m->silent_ms = 0;
	m->is_late = false;
	event_del(m->late);
	if (m->n_given > 0)
		be_silent(m, clock_mono_ms());
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

static struct given *find_given(
    const struct medium *m, int64_t notice, bool over)
{
	size_t i;

	for (i = 0; i < m->n_given; i++)
		if (m->given[i].notice == notice && m->given[i].over == over)
			return &m->given[i];
	return NULL;
}

static void add_given(struct telling *t, const struct hold_untold_row *row)
{
	struct medium *m = t->medium;
	const struct config_reviewer *who =
	    config_reviewer(m->media->config, row->prompt.reviewer);

	m->given[m->n_given++] = (struct given){
	    .notice = t->notice.notice,
	    .over = row->over,
	    .alone = who != NULL && !config_reviewer_has(who, CONFIG_MAIL),
	};
	if (m->silent_ms == 0)
		be_silent(m, clock_mono_ms());
}

/* Forget what it has acknowledged; then there may be room for more. */
static void settle(struct medium *m)
{
	size_t i, kept = 0;

	for (i = 0; i < m->n_given; i++)
		if (!m->given[i].done)
			m->given[kept++] = m->given[i];
	if (kept == m->n_given)
		return;
	m->n_given = kept;
	m->again = true;
	be_heard(m);
}

static void on_heard(struct hold_call *call)
{
	struct ack *h = (struct ack *)(void *)call;
	struct medium *m = h->medium;
	struct given *given = find_given(m, h->heard.notice, h->heard.over);

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
	unref(m->media);
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
	struct given *given = m == NULL ? NULL : find_given(m, notice, over);
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
	h->heard.alone = given->alone;
	hold_heard(media->review->hold, &h->heard);
	return true;
}

/* ---- telling it --------------------------------------------------------- */

static void look(struct medium *m);

static bool has_room(const struct medium *m)
{
	return m->up && m->n_given < m->most;
}

static void end(struct telling *t)
{
	struct medium *m = t->medium;
	struct media *media = m->media;
	bool more;

	arena_free(t->untold.arena);
	m->telling = NULL;
	if (media->review != NULL)
		settle(m);
	more = (t->told && !t->refused) || m->again;
	if (media->review != NULL && m->up && m->n_given == 0 && !t->told &&
	    !t->refused && !t->failed)
		be_heard(m);
	if (media->review != NULL && t->failed)
		wait_ms(m->retry, TROUBLE_GAP_MS);
	else if (media->review != NULL && more && has_room(m))
		look(m);
	unref(media);
	free(t);
}

/* In every callback first: has all this gone?  Then it ends here. */
static bool gone(struct telling *t)
{
	if (t->medium->media->review != NULL)
		return false;
	end(t);
	return true;
}

static void fail(struct telling *t, const char *what, const struct error *err)
{
	log_warning("medium %s %s-failed kind=%s reason=\"%s\"",
	    t->medium->name, what, error_kind_name(err->kind), err->text);
	t->failed = true;
}

/* The reasons of a draft's channel, as it is now. */
static const char *const *reasons_of(
    const struct config *config, const struct hold_view *view)
{
	const struct channel *channel =
	    view->channel == NULL ? NULL
				  : config_channel(config, view->channel);

	return channel == NULL ? NULL : channel->reasons;
}

/* False: it takes nothing now. */
static bool show(struct telling *t, const struct hold_untold_row *row)
{
	const struct media *media = t->medium->media;
	const struct review_hooks *hooks = &media->review->hooks;
	const struct hold_view *view = &t->view;
	const struct reading *reading = view->reading;
	const struct hold_decision *cause = row->over ? card_cause(view) : NULL;
	struct notice notice = {
	    .config = media->config,
	    .reviewer = config_reviewer(media->config, row->prompt.reviewer),
	    .kind = row->over ? HOLD_PROMPT_OUTCOME : row->prompt.kind,
	    .view = view,
	    .at_ms = clock_now_ms(),
	};
	struct review_shown shown = {
	    .medium = t->medium->name,
	    .notice = t->notice.notice,
	    .over = row->over,
	    .kind = row->prompt.kind,
	    .reviewer = row->prompt.reviewer,
	    .view = view,
	    .cut = reading->text_total > reading->text.len,
	    .who = cause == NULL ? NULL : cause->actor,
	    .reasons = reasons_of(media->config, view),
	};

	shown.text = notice_text(&notice, t->untold.arena, &shown.subject);
	if (shown.text == NULL) {
		log_error("draft %" PRId64 " notice-too-long", view->draft);
		t->failed = true;
		return true;
	}
	if (hooks->show == NULL || !hooks->show(&shown, hooks->context))
		return false;
	log_info("notice %" PRId64 " %s draft=%" PRId64
		 " revision=%u reviewer=%s medium=%s",
	    shown.notice, row->over ? "over" : "shown", view->draft,
	    row->prompt.revision, row->prompt.reviewer, shown.medium);
	add_given(t, row);
	t->told = true;
	return true;
}

/* Its notice is written: hand it over, go on. */
static void tell(struct telling *t)
{
	struct medium *m = t->medium;
	const struct hold_untold_row *row = &t->untold.rows[t->next++];

	t->refused = !has_room(m) || !show(t, row);
	if (t->refused)
		t->next = t->untold.n_rows; /* it will say when */
	hold_view_release(&t->view);
	next(t);
}

static void on_noticed(struct hold_call *call)
{
	struct telling *t = TELLING(call, notice);

	if (t->medium->media->review == NULL ||
	    call->error.kind != ERROR_NONE) {
		hold_view_release(&t->view);
		if (gone(t))
			return;
		if (call->error.kind != ERROR_CONFLICT)
			fail(t, "notice", &call->error);
		t->next++;
		next(t);
		return;
	}
	tell(t);
}

static void write_notice(struct telling *t, const struct hold_untold_row *row)
{
	struct hold *hold = t->medium->media->review->hold;

	t->item = (struct hold_notice_item){
	    .prompt = row->prompt.prompt,
	    .cut = card_is_cut(row->prompt.kind, &t->view),
	};
	t->notice = (struct hold_notice){
	    .call.done = on_noticed,
	    .notice = row->notice,
	    .reviewer = row->prompt.reviewer,
	    .n_items = 1,
	    .items = &t->item,
	    .medium = t->untold.medium,
	};
	if (row->notice != 0) {
		tell(t);
		return;
	}
	t->notice.notice = hold_notice_id(hold);
	hold_notice(hold, &t->notice);
}

static void on_viewed(struct hold_call *call)
{
	struct telling *t = TELLING(call, view);

	if (call->error.kind != ERROR_NONE) {
		if (gone(t))
			return;
		fail(t, "view", &call->error);
		t->next++;
		next(t);
		return;
	}
	if (t->medium->media->review == NULL) {
		hold_view_release(&t->view);
		end(t);
		return;
	}
	write_notice(t, &t->untold.rows[t->next]);
}

/* Whom it is for is a reviewer still; else it can be told nothing. */
static bool is_for_somebody(
    const struct medium *m, const struct hold_untold_row *row)
{
	return config_reviewer(m->media->config, row->prompt.reviewer) != NULL;
}

/* The next row that it was not given. */
static void next(struct telling *t)
{
	struct medium *m = t->medium;
	const struct hold_untold_row *row;

	for (; t->next < t->untold.n_rows && has_room(m); t->next++) {
		row = &t->untold.rows[t->next];
		if (!is_for_somebody(m, row) ||
		    (row->notice != 0 &&
			find_given(m, row->notice, row->over) != NULL))
			continue;
		t->view = (struct hold_view){.call.done = on_viewed};
		t->view.draft = row->prompt.draft;
		t->view.revision = row->prompt.revision;
		hold_view(m->media->review->hold, &t->view);
		return;
	}
	end(t);
}

static void wait_for_snoozed(struct medium *m, int64_t wake_ms)
{
	int64_t left = wake_ms - clock_now_ms();

	if (wake_ms != 0)
		wait_ms(m->wake, left < 1 ? 1 : left);
}

static void on_untold(struct hold_call *call)
{
	struct telling *t = TELLING(call, untold);
	struct medium *m = t->medium;

	if (gone(t))
		return;
	m->look_ms = clock_mono_ms() + t->untold.took_ms * LOOK_SHARE;
	if (call->error.kind != ERROR_NONE) {
		fail(t, "untold", &call->error);
		end(t);
		return;
	}
	wait_for_snoozed(m, t->untold.next_ms);
	next(t);
}

static void begin(struct medium *m)
{
	struct telling *t = mem_zalloc(sizeof(*t));

	m->again = false;
	m->telling = t;
	m->media->refs++;
	t->medium = m;
	t->untold.call.done = on_untold;
	t->untold.medium = m->name;
	t->untold.reviewers = m->reviewers;
	t->untold.n_reviewers = m->n_reviewers;
	t->untold.limit = (unsigned)m->n_given + PAGE;
	hold_untold(m->media->review->hold, &t->untold);
}

/* Begin, now or when it is time for it. */
static void look(struct medium *m)
{
	int64_t left = m->look_ms - clock_mono_ms();

	if (left > 0)
		wait_ms(m->retry, left);
	else
		begin(m);
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

static void add(struct media *media, const struct config_program *program,
    const struct media *old)
{
	struct medium *m = &media->all[media->n++];
	int64_t since = clock_mono_ms();
	size_t i;

	m->media = media;
	m->name = program->name;
	m->most = program->waiting;
	m->given = mem_zalloc(m->most * sizeof(*m->given));
	m->late = evtimer_new(media->review->base, on_late, m);
	m->retry = evtimer_new(media->review->base, on_retry, m);
	m->wake = evtimer_new(media->review->base, on_retry, m);
	list_reviewers(m);
	for (i = 0; old != NULL && i < old->n; i++)
		if (strcmp(old->all[i].name, m->name) == 0 &&
		    old->all[i].silent_ms != 0)
			since = old->all[i].silent_ms;
	be_silent(m, since);
}

struct media *media_new(struct review *review, const struct media *old)
{
	const struct config *config = review->config;
	struct media *media = mem_zalloc(
	    sizeof(*media) + config->n_programs * sizeof(media->all[0]));
	size_t i;

	media->refs = 1;
	media->review = review;
	media->config = config_ref(config);
	for (i = 0; i < config->n_programs; i++)
		if (config->programs[i].medium)
			add(media, &config->programs[i], old);
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
	unref(media);
}

/* ---- the door ----------------------------------------------------------- */

static void kick(struct medium *m)
{
	m->again = true;
	if (m->telling != NULL)
		return; /* it looks again */
	settle(m);
	if (has_room(m))
		look(m);
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
		be_silent(m, clock_mono_ms());
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
