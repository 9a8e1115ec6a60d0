/*
 * hookshot_http: POST and PUT /hookshot/NAME, by which a bridge tells what
 * people wrote.  Whether they may decide, and what it means, is left to the
 * room; the same event, told again, is known by its name.
 */
#include "chat/matrix/hookshot.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COMPLAINTS_MS 60000 /* one line in the log in that time */

/* One message on its way to the room. */
struct hearing {
	struct chat_word word;
	struct httpd_request *request;
	struct chat *chat;
	struct arena *arena;
};

static void reply(struct httpd_request *request, int status, const char *json)
{
	httpd_reply(request, status, "application/json",
	    (struct span){json, strlen(json)});
}

static void on_heard(struct chat_word *word)
{
	struct hearing *hearing = word->context;

	if (word->lost)
		reply(hearing->request, 503, "{\"ok\":false}\n");
	else
		reply(hearing->request, 200, "{\"ok\":true}\n");
	free(word->told);
	chat_unref(hearing->chat);
	arena_free(hearing->arena);
	free(hearing);
}

static void hear(struct httpd_request *request, struct chat *chat,
    struct arena *arena, const struct hookshot_event *event)
{
	struct hearing *hearing = mem_zalloc(sizeof(*hearing));

	hearing->request = httpd_keep(request);
	hearing->chat = chat_ref(chat);
	hearing->arena = arena;
	hearing->word = (struct chat_word){
	    .person = event->sender,
	    .draft = event->draft,
	    .once = event->id,
	    .words = event->words,
	    .done = on_heard,
	    .context = hearing,
	};
	chat_hear(chat, &hearing->word);
}

/* In a time that does not depend on where they differ, nor on lengths. */
static bool is_token(const char *given, const char *token)
{
	unsigned char a[DIGEST_SIZE], b[DIGEST_SIZE];

	if (given == NULL || token == NULL || *token == '\0')
		return false;
	digest_of(given, strlen(given), a);
	digest_of(token, strlen(token), b);
	return digest_equal(a, b, sizeof(a));
}

static void refuse(struct httpd_request *request, const char *name,
    enum error_kind kind, const char *why)
{
	static int64_t complained_ms;
	struct error err = ERROR_INIT;

	error_set(&err, kind, "%s", why);
	if (complained_ms == 0 ||
	    clock_mono_ms() - complained_ms > COMPLAINTS_MS) {
		complained_ms = clock_mono_ms();
		log_notice("chat %s refused peer=%s reason=\"%s\"", name,
		    request->local ? "local" : request->peer, why);
	}
	httpd_reply_error(request, &err);
}

void hookshot_http(struct httpd_request *request, void *chats)
{
	struct chat *chat =
	    chat_named(chats, request->tail, CONFIG_CHAT_HOOKSHOT);
	struct error err = ERROR_INIT;
	struct hookshot_event event;
	struct arena *arena;

	if (chat == NULL || !config_chat_hears(chat->config)) {
		refuse(request, "hookshot", ERROR_MISSING,
		    "no chat of that name and kind has a secret_file");
		return;
	}
	if (!is_token(httpd_field(request, "x-matrix-hookshot-token"),
		chat->config->secret)) {
		refuse(request, chat->config->name, ERROR_DENIED,
		    "X-Matrix-Hookshot-Token is not what secret_file has");
		return;
	}
	arena = arena_new();
	if (hookshot_event_read(arena, httpd_field(request, "content-type"),
		request->body, chat->config->room,
		httpd_field(request, "x-matrix-hookshot-eventid"), &event,
		&err)) {
		refuse(request, chat->config->name, err.kind, err.text);
		arena_free(arena);
		return;
	}
	if (event.heard && !chat->stopped) {
		hear(request, chat, arena, &event);
		return;
	}
	reply(request, 200, "{\"ok\":true}\n");
	arena_free(arena);
}
