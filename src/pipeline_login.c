/*
 * pipeline_login: hands one credential from room to room.  What is asked with
 * it is left to the rooms.
 */
#include "pipeline_login.h"

#include <stdio.h>
#include <stdlib.h>

#include "accept/accept.h"

#include "house.h"

#include "util/mem.h"

struct visit {
	struct accept_login login;
	struct send_login *of;
};

static void on_granted(struct accept_login *login)
{
	struct visit *visit = login->context;
	struct send_login *of = visit->of;
	struct error *err = &of->error;

	switch (login->granted) {
	case ACCEPT_LOGIN_GRANTED:
		snprintf(
		    of->agent, sizeof(of->agent), "%s", login->agent->name);
		break;
	case ACCEPT_LOGIN_REFUSED:
		error_set(err, ERROR_DENIED, "name or password is wrong");
		break;
	case ACCEPT_LOGIN_BUSY:
		error_set(err, ERROR_BUSY,
		    "too many logins at once, try again in a moment");
		break;
	case ACCEPT_LOGIN_OFTEN:
		error_set(err, ERROR_CONFLICT,
		    "too many wrong logins from your address, try again in a "
		    "minute");
		break;
	}
	free(visit);
	of->done(of);
}

void pipeline_login(struct send_login *login, void *context)
{
	struct house *house = context;
	struct visit *visit = mem_zalloc(sizeof(*visit));

	visit->of = login;
	visit->login.name = login->name;
	visit->login.secret = login->secret;
	visit->login.peer = login->peer;
	visit->login.done = on_granted;
	visit->login.context = visit;
	accept_login(house->accept, &visit->login);
}
