/*
 * slack_examine: what the doctor asks of a Slack app: its token, its scopes,
 * its channel, the clock, who its reviewers are and whether they are there, and
 * (if it may) a message of its own that it takes away again.  Hearing is
 * slack_ear.c's and slack_echo.c's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"
#include "chat/slack/slack_card.h"
#include "checkup.h"

#include "util/buf.h"
#include "util/clock.h"
#include "util/mem.h"

#define CLOCK_DOUBT_MS 60000
#define CLOCK_BAD_MS   300000 /* Slack's requests are refused then */
#define APP	       "https://api.slack.com/apps"

/* One question that is open, and the call that answers it. */
struct question {
	struct slack_call call;
	struct chat *chat;
	struct checkup_item *item;
	struct checkup *checkup;
	struct slack_echo *echo; /* of the message that is posted */
};

static struct question *question_new(
    struct chat *chat, struct checkup *checkup, const char *what)
{
	struct question *q = mem_zalloc(sizeof(*q));

	q->chat = chat;
	q->checkup = checkup;
	q->item = checkup_begin(checkup, chat->of, what);
	return q;
}

static void end(struct question *q, enum checkup_state state, const char *found,
    const char *advice)
{
	checkup_end(q->item, state, found, advice);
	free(q);
}

/* The call failed: say how. */
static void end_failed(struct question *q)
{
	char found[80];

	if (q->chat->stopped)
		end(q, CHECKUP_SKIPPED,
		    "the configuration was loaded anew meanwhile",
		    "ask the doctor once more");
	else if (q->call.broken) {
		snprintf(found, sizeof(found), "Slack says %s", q->call.code);
		end(q, CHECKUP_BAD, found, q->call.error.text);
	} else if (q->call.sent == CHAT_LATER)
		end(q, CHECKUP_BAD, q->call.error.text,
		    "see whether this machine may ask Slack (DNS, firewall, "
		    "proxy), and whether Slack is up: "
		    "https://slack-status.com");
	else
		end(q, CHECKUP_BAD, q->call.error.text,
		    "see the log, and imprimatur-slack(7)");
}

/* ---- scopes ----------------------------------------------------------------
 */

static bool has_scope(const char *scopes, const char *scope)
{
	size_t n = strlen(scope), len;

	for (;;) {
		scopes += strspn(scopes, ", ");
		len = strcspn(scopes, ", ");
		if (len == 0)
			return false;
		if (len == n && memcmp(scopes, scope, n) == 0)
			return true;
		scopes += len;
	}
}

static void look_at_scopes(
    struct chat *chat, struct checkup *checkup, const char *scopes)
{
	static const char what[] = "it has the scopes that it needs";
	char found[256];

	if (scopes == NULL)
		checkup_note(checkup, chat->of, what, CHECKUP_SKIPPED,
		    "Slack did not say which scopes it has", NULL);
	else if (!has_scope(scopes, "chat:write"))
		checkup_note(checkup, chat->of, what, CHECKUP_BAD,
		    "it has no chat:write, so it cannot post",
		    "add chat:write under OAuth & Permissions at " APP
		    " and install the app once more");
	else if (!has_scope(scopes, "channels:history") &&
		 !has_scope(scopes, "groups:history"))
		checkup_note(checkup, chat->of, what, CHECKUP_DOUBT,
		    "it has neither channels:history nor groups:history, so "
		    "it does not see what is answered in threads",
		    "add channels:history (a public channel) or "
		    "groups:history (a private one) at " APP
		    " and install the app once more");
	else {
		snprintf(found, sizeof(found), "%.240s", scopes);
		checkup_note(
		    checkup, chat->of, what, CHECKUP_GOOD, found, NULL);
	}
}

/* ---- the clock ------------------------------------------------------------
 */

static void look_at_clock(
    struct chat *chat, struct checkup *checkup, int64_t date_ms)
{
	static const char what[] = "its clock and ours agree";
	int64_t off = clock_now_ms() - date_ms;
	char found[96], span[CLOCK_ISO_SIZE];
	enum checkup_state state = CHECKUP_GOOD;

	if (date_ms == 0) {
		checkup_note(checkup, chat->of, what, CHECKUP_SKIPPED,
		    "Slack did not say what time it is", NULL);
		return;
	}
	snprintf(found, sizeof(found), "ours is %s %s",
	    clock_span(off < 0 ? -off : off, span),
	    off < 0 ? "behind" : "ahead");
	if (off <= -CLOCK_BAD_MS || off >= CLOCK_BAD_MS)
		state = CHECKUP_BAD;
	else if (off <= -CLOCK_DOUBT_MS || off >= CLOCK_DOUBT_MS)
		state = CHECKUP_DOUBT;
	checkup_note(checkup, chat->of, what, state,
	    off > -2000 && off < 2000 ? NULL : found,
	    state == CHECKUP_GOOD
		? NULL
		: "set the clock of this machine, by NTP: requests of Slack "
		  "that are 5 minutes off are refused");
}

/* ---- who decides there ----------------------------------------------------
 */

static bool is_asked(const struct chat *chat, const struct config_reviewer *r)
{
	return r->slack != NULL && config_reviewer_has(r, chat->config->name);
}

/* Is that reviewer of the team? */
static bool is_of(const struct config_reviewer *r, const char *team)
{
	size_t n = strlen(team);

	return strncmp(r->slack, team, n) == 0 && r->slack[n] == '/';
}

static void look_at_people(
    struct chat *chat, struct checkup *checkup, const char *team)
{
	static const char what[] = "its reviewers are of its workspace";
	const struct config_reviewer *r;
	size_t i, n = 0, others = 0;
	char advice[160];
	struct buf found;

	buf_init(&found, 2000);
	for (i = 0; i < chat->whole->n_reviewers; i++) {
		r = &chat->whole->reviewers[i];
		n += is_asked(chat, r);
		if (is_asked(chat, r) && !is_of(r, team))
			buf_addf(
			    &found, "%s%s", others++ == 0 ? "" : ", ", r->name);
	}
	if (others == 0) {
		buf_addf(&found, "%zu of team %s", n, team);
		checkup_note(
		    checkup, chat->of, what, CHECKUP_GOOD, found.data, NULL);
	} else {
		buf_addf(&found, ": another; their answers decide nothing");
		snprintf(advice, sizeof(advice),
		    "write slack = \"%.32s/U...\" for them: the token is of "
		    "that workspace",
		    team);
		checkup_note(checkup, chat->of, what,
		    others == n ? CHECKUP_BAD : CHECKUP_DOUBT, found.data,
		    advice);
	}
	buf_release(&found);
}

/* ---- the channel -----------------------------------------------------------
 */

static void on_channel(struct slack_call *call)
{
	struct question *q = call->context;
	const json_t *channel = json_object_get(call->answer, "channel");

	if (strcmp(call->code, "missing_scope") == 0)
		end(q, CHECKUP_SKIPPED,
		    "it may not look: it has neither channels:read nor "
		    "groups:read",
		    "add channels:read (a public channel) or groups:read (a "
		    "private one) at " APP " and install the app once more");
	else if (call->sent != CHAT_SENT)
		end_failed(q);
	else if (json_is_true(json_object_get(channel, "is_archived")))
		end(q, CHECKUP_BAD, "its channel is archived",
		    "give another channel, or bring it back");
	else if (!json_is_true(json_object_get(channel, "is_member")))
		end(q, CHECKUP_BAD, "it is not in its channel",
		    "write /invite and its name in the channel");
	else if (json_is_true(json_object_get(channel, "is_ext_shared")))
		end(q, CHECKUP_DOUBT,
		    "other workspaces share its channel and read all drafts",
		    "use a channel of your own workspace");
	else
		end(q, CHECKUP_GOOD,
		    json_is_true(json_object_get(channel, "is_private"))
			? "a private channel"
			: "a public channel: everybody in the workspace can "
			  "read the drafts",
		    NULL);
}

/* Who is asked and does not see it. */
static void tell_absent(struct question *q, const json_t *members)
{
	const struct chat *chat = q->chat;
	const struct config_reviewer *r;
	const char *member, *id;
	const json_t *one;
	struct buf absent;
	size_t i, j;
	bool there;

	buf_init(&absent, 2000);
	for (i = 0; i < chat->whole->n_reviewers; i++) {
		r = &chat->whole->reviewers[i];
		member = is_asked(chat, r) ? slack_member(r) : NULL;
		there = member == NULL;
		json_array_foreach(members, j, one)
		{
			id = json_string_value(one);
			there =
			    there || (id != NULL && strcmp(id, member) == 0);
		}
		if (!there)
			buf_addf(&absent, "%s%s, %s",
			    absent.len == 0 ? "not there: " : "; ", r->name,
			    member);
	}
	if (absent.len == 0)
		end(q, CHECKUP_GOOD, NULL, NULL);
	else
		end(q, CHECKUP_BAD, absent.data,
		    "invite them into the channel, or see whether their "
		    "option slack has the right member: a profile has it as "
		    "Copy member ID");
	buf_release(&absent);
}

static void on_members(struct slack_call *call)
{
	struct question *q = call->context;
	const json_t *members = json_object_get(call->answer, "members");
	const char *more = json_string_value(json_object_get(
	    json_object_get(call->answer, "response_metadata"), "next_cursor"));

	if (call->sent != CHAT_SENT || !json_is_array(members) ||
	    q->chat->stopped)
		end(q, CHECKUP_SKIPPED,
		    "who is in the channel could not be asked", NULL);
	else if (more != NULL && *more != '\0')
		end(q, CHECKUP_SKIPPED,
		    "there are too many people in the channel to look", NULL);
	else
		tell_absent(q, members);
}

static void look_at_members(struct chat *chat, struct checkup *checkup)
{
	struct question *q =
	    question_new(chat, checkup, "its reviewers are in its channel");
	char *form = mem_printf("channel=%s&limit=1000", chat->config->channel);

	q->call = (struct slack_call){.method = "conversations.members",
	    .form = form,
	    .done = on_members,
	    .context = q};
	slack_call(chat, &q->call);
	free(form);
}

static void look_at_channel(struct chat *chat, struct checkup *checkup)
{
	struct question *q =
	    question_new(chat, checkup, "it is in its channel");
	char *form = mem_printf("channel=%s", chat->config->channel);

	q->call = (struct slack_call){.method = "conversations.info",
	    .form = form,
	    .done = on_channel,
	    .context = q};
	slack_call(chat, &q->call);
	free(form);
}

/* ---- a message that is taken away again -----------------------------------
 */

static void on_deleted(struct slack_call *call)
{
	struct question *q = call->context;

	if (call->sent != CHAT_SENT)
		end(q, CHECKUP_DOUBT,
		    "it was posted, but could not be taken away again",
		    "delete it by hand");
	else
		end(q, CHECKUP_GOOD, "it was, and was taken away again", NULL);
}

static void on_probed(struct slack_call *call)
{
	struct question *q = call->context;
	const char *ts = json_string_value(json_object_get(call->answer, "ts"));
	json_t *args;
	char *text;

	if (call->sent != CHAT_SENT || ts == NULL || q->chat->stopped) {
		slack_echo_failed(q->echo);
		end_failed(q);
		return;
	}
	slack_echo_posted(q->echo, ts);
	args = json_pack(
	    "{s:s, s:s}", "channel", q->chat->config->channel, "ts", ts);
	text = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	q->call = (struct slack_call){.method = "chat.delete",
	    .json = text,
	    .done = on_deleted,
	    .context = q};
	slack_call(q->chat, &q->call);
	free(text);
}

static void probe(struct chat *chat, struct checkup *checkup)
{
	struct question *q;
	json_t *args;
	char *text;

	if (!checkup_probes(checkup)) {
		checkup_note(checkup, chat->of, "a message can be posted",
		    CHECKUP_SKIPPED, "nothing was to be sent", NULL);
		return;
	}
	q = question_new(chat, checkup, "a message can be posted");
	q->echo = slack_echo_begin(chat->own, checkup);
	args = json_pack("{s:s, s:s, s:b, s:b}", "channel",
	    chat->config->channel, "text",
	    "A test of Imprimatur: nothing to do. It goes away by itself.",
	    "unfurl_links", 0, "unfurl_media", 0);
	text = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	q->call = (struct slack_call){.method = "chat.postMessage",
	    .json = text,
	    .done = on_probed,
	    .context = q};
	slack_call(chat, &q->call);
	free(text);
}

/* ---- the token, and then all that hangs on it -----------------------------
 */

/* A name of theirs, for people: no more than letters and the like. */
static const char *name_of(const struct slack_call *call, const char *field)
{
	const char *name =
	    json_string_value(json_object_get(call->answer, field));

	return name == NULL || strlen(name) > 64 ||
		       strpbrk(name, "\n\r\t\033") != NULL
		   ? "?"
		   : name;
}

static void on_whoami(struct slack_call *call)
{
	struct question *q = call->context;
	struct chat *chat = q->chat;
	struct checkup *checkup = q->checkup;
	const char *team =
	    json_string_value(json_object_get(call->answer, "team_id"));
	char found[200];

	if (call->sent != CHAT_SENT || team == NULL || chat->stopped) {
		look_at_clock(chat, checkup, call->date_ms);
		end_failed(q);
		return;
	}
	snprintf(found, sizeof(found), "it is %s in %s", name_of(call, "user"),
	    name_of(call, "team"));
	look_at_scopes(chat, checkup, call->scopes);
	look_at_clock(chat, checkup, call->date_ms);
	look_at_people(chat, checkup, team);
	look_at_channel(chat, checkup);
	look_at_members(chat, checkup);
	probe(chat, checkup);
	/* requests are looked at when one should have come */
	if (!checkup_probes(checkup) || chat->config->app_token != NULL)
		slack_ear_examine(chat->own, checkup);
	end(q, CHECKUP_GOOD, found, NULL);
}

void slack_examine(struct chat *chat, struct checkup *checkup)
{
	struct question *q =
	    question_new(chat, checkup, "its token is accepted");

	q->call = (struct slack_call){
	    .method = "auth.test", .done = on_whoami, .context = q};
	slack_call(chat, &q->call);
}
