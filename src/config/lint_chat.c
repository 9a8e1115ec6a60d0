/*
 * lint_chat: chats that nobody is asked in, that nobody can answer, or that
 * answers cannot reach.
 */
#include "config/lint_chat.h"

#include <stdio.h>
#include <string.h>

struct linting {
	const struct config *config;
	const struct lint *lint;
	size_t n; /* warnings */
};

#define warn(l, line, ...)                                                     \
	((l)->n++, lint_warn((l)->lint, (l)->config->file, line, __VA_ARGS__))

/* Is somebody asked there? */
static bool is_used(const struct config *config, const struct config_chat *chat)
{
	size_t i;

	for (i = 0; i < config->n_reviewers; i++)
		if (config_reviewer_has(&config->reviewers[i], chat->name))
			return true;
	return false;
}

/* Does somebody else's server bring what is said there to our door? */
static bool needs_door(const struct config_chat *chat)
{
	return chat->secret_file != NULL;
}

static void lint_one(struct linting *l, const struct config_chat *chat)
{
	if (!is_used(l->config, chat))
		warn(l, chat->line,
		    "nobody is asked in chat '%s': write media = [ \"mail\", "
		    "\"%s\" ]; for the reviewers who are there",
		    chat->name, chat->name);
	if (needs_door(chat) && l->config->http_address == NULL)
		warn(l, chat->line,
		    "no answer reaches chat '%s' by TCP: secret_file means "
		    "that requests come to http.address, which is not set",
		    chat->name);
	if (chat->digest != NULL && chat->digest->above == SEVERITY_LOW)
		warn(l, chat->line,
		    "nothing goes into the digests of chat '%s': drafts of "
		    "severity low and above come at once; raise above",
		    chat->name);
}

/* Is there a medium whose prompts are answered where they are shown? */
static bool can_answer(
    const struct config *config, const struct config_reviewer *r)
{
	const struct config_chat *chat;
	const char *const *m;

	if (r->media == NULL)
		return true;
	for (m = r->media; *m != NULL; m++) {
		chat = config_chat(config, *m);
		if (chat == NULL || config_chat_hears(chat))
			return true;
	}
	return false;
}

static bool has_capital(const char *text)
{
	return strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
}

static void lint_reviewer(struct linting *l, const struct config_reviewer *r)
{
	if (!can_answer(l->config, r))
		warn(l, r->line,
		    "reviewer '%s' is asked only where nothing is heard, and "
		    "must answer by the links to mail there; add \"mail\" to "
		    "media, or a chat that hears",
		    r->name);
	if (r->matrix != NULL && has_capital(r->matrix))
		warn(l, r->line,
		    "reviewer '%s' has capitals in '%s', which accounts of "
		    "today's homeservers have not; answers count when the name "
		    "is exactly this",
		    r->name, r->matrix);
}

size_t lint_chat(const struct config *config, const struct lint *lint)
{
	struct linting l = {.config = config, .lint = lint};
	size_t i;

	for (i = 0; i < config->n_chats; i++)
		lint_one(&l, &config->chats[i]);
	for (i = 0; i < config->n_reviewers; i++)
		lint_reviewer(&l, &config->reviewers[i]);
	return l.n;
}
