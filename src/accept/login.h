/*
 * login: agents that log in elsewhere than over SMTP: the same secrets, the
 * same limit of failures per address.  Loop only.
 */
#ifndef ACCEPT_LOGIN_H
#define ACCEPT_LOGIN_H

#include "accept/accept.h"

struct session_room;

/* See accept_login(). */
void login_start(struct session_room *room, struct accept_login *login);

/* Those under way are answered BUSY: the room closes. */
void login_end(struct session_room *room);

#endif
