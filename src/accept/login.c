/*
 * login: one question to auth.c, counted by peer.c.
 */
#include "accept/login.h"

#include <limits.h>
#include <stdlib.h>

#include "accept/auth.h"
#include "accept/peer.h"
#include "accept/session.h"

#include "util/clock.h"
#include "util/log.h"

/* Whoever came by it, the counted try was none, or stays a failure. */
static void answer(struct accept_login *login, const struct config_agent *agent,
    enum accept_granted granted)
{
	struct session_room *room = login->room;

	if (login->prev != NULL)
		login->prev->next = login->next;
	else
		room->logins = login->next;
	if (login->next != NULL)
		login->next->prev = login->prev;
	if (granted == ACCEPT_LOGIN_GRANTED || granted == ACCEPT_LOGIN_BUSY)
		peer_forgive(login->peer_entry);
	else if (granted == ACCEPT_LOGIN_REFUSED)
		log_notice("accept login-refused agent=%.63s from=%s over=http",
		    login->name, login->peer);
	peer_put(room->peers, login->peer_entry);
	login->agent = agent;
	login->granted = granted;
	login->done(login);
}

static void on_checked(const struct config_agent *agent, void *context)
{
	struct accept_login *login = context;

	login->asked = NULL;
	answer(login, agent,
	    agent == NULL ? ACCEPT_LOGIN_REFUSED : ACCEPT_LOGIN_GRANTED);
}

static void ask(struct accept_login *login)
{
	const struct auth_question question = {
	    login->name, login->secret, on_checked, login};
	const struct config_agent *agent = NULL;

	switch (
	    auth_check(login->room->auth, &question, &agent, &login->asked)) {
	case AUTH_GRANTED:
		answer(login, agent, ACCEPT_LOGIN_GRANTED);
		break;
	case AUTH_REFUSED:
		answer(login, NULL, ACCEPT_LOGIN_REFUSED);
		break;
	case AUTH_BUSY:
		answer(login, NULL, ACCEPT_LOGIN_BUSY);
		break;
	case AUTH_PENDING:
		break;
	}
}

void login_start(struct session_room *room, struct accept_login *login)
{
	login->room = room;
	login->asked = NULL;
	login->peer_entry = peer_take(room->peers, login->peer, UINT_MAX);
	login->prev = NULL;
	login->next = room->logins;
	if (room->logins != NULL)
		room->logins->prev = login;
	room->logins = login;
	if (peer_may_try(room->peers, login->peer_entry, clock_mono_ms())) {
		ask(login);
		return;
	}
	/* the try was not counted */
	answer(login, NULL, ACCEPT_LOGIN_OFTEN);
}

void login_end(struct session_room *room)
{
	struct accept_login *login;

	while ((login = room->logins) != NULL) {
		auth_forget(login->asked);
		answer(login, NULL, ACCEPT_LOGIN_BUSY);
	}
}
