/*
 * pipeline_login: agents that ask over HTTP what became of their drafts: from
 * send to accept, which knows their secrets, and back.
 *
 * A hook of send; context is the struct house.  Loop.
 */
#ifndef PIPELINE_LOGIN_H
#define PIPELINE_LOGIN_H

#include "send/send.h"

/* send: whose credential is this?  Calls login->done() once. */
void pipeline_login(struct send_login *login, void *context);

#endif
