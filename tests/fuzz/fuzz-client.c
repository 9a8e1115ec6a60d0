/*
 * Fuzzes the SMTP client with what a relay host may say: no crash; never a
 * result that the dialogue does not bear out; never a command that is no
 * command.
 *
 * The first byte chooses the settings.  A byte 0xff in the rest is not said but
 * means "lost here", 0xfe "wait": everything else is what the host says.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "send/client.h"
#include "send/parcel.h"

#include "util/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAIL "Subject: x\r\n\r\n.\r\nMAIL FROM:<evil@x>\r\n..\r\n"

enum { TLS = 1, LOGIN = 2, CHUNKS_OFF = 4, IMPLICIT = 8, UTF8 = 16 };

static struct {
	struct client *client;
	struct client_settings settings;
	struct parcel parcel;
	struct hold_target targets[3];
	bool secured, gone, given;
	struct buf said; /* since the last look */
} f;

static void expect(bool right)
{
	if (!right)
		abort();
}

/* Without the end having been said nothing can be sent or in doubt. */
static void check_results(void)
{
	size_t i;

	if (!f.given || client_parcel(f.client) != NULL)
		return;
	for (i = 0; i < 3; i++) {
		enum hold_result r = f.targets[i].result;

		expect(r <= HOLD_RESULT_IN_DOUBT);
		expect(f.gone || r == HOLD_RESULT_PENDING ||
		       r == HOLD_RESULT_FAILED);
	}
	f.given = f.gone = false;
}

static void give_mail(void)
{
	static const char *const addresses[] = {
	    "a@x.example", "b@x.example", "c@x.example"};
	size_t i;

	memset(f.targets, 0, sizeof(f.targets));
	for (i = 0; i < 3; i++) {
		f.targets[i].recipient.address = addresses[i];
		f.targets[i].result = (enum hold_result)99;
	}
	f.parcel.envelope.from = "from@y.example";
	f.parcel.bytes = (struct span){MAIL, sizeof(MAIL) - 1};
	f.parcel.targets = f.targets;
	f.parcel.n_targets = 3;
	f.given = true;
	client_begin(f.client, &f.parcel);
}

/* Every CR has its LF and the other way round, in all that is said. */
static void check_said(void)
{
	size_t i;

	for (i = 0; i < f.said.len; i++) {
		if (f.said.data[i] == '\n')
			expect(i > 0 && f.said.data[i - 1] == '\r');
		else
			expect(i == 0 || f.said.data[i - 1] != '\r');
		expect(f.said.data[i] != '\0');
	}
	if (f.settings.tls != CONFIG_TLS_NONE && !f.secured)
		expect(strstr(f.said.data, "AUTH") == NULL &&
		       strstr(f.said.data, "MAIL") == NULL);
}

static void act(void)
{
	while (client_say(f.client, &f.said, 7))
		expect(!f.said.overflow);
	check_said();
	check_results();
	switch (client_phase(f.client)) {
	case CLIENT_SECURING:
		f.secured = true;
		client_secured(f.client);
		break;
	case CLIENT_FREE:
		give_mail();
		break;
	case CLIENT_READY:
		f.gone = true;
		client_go(f.client);
		break;
	default:
		return;
	}
	while (client_say(f.client, &f.said, 7))
		;
	check_said();
}

static void start(unsigned choice)
{
	memset(&f, 0, sizeof(f));
	buf_init(&f.said, 1 << 22);
	f.settings = (struct client_settings){
	    .hostname = "relay.test",
	    .tls = (choice & IMPLICIT) ? CONFIG_TLS_IMPLICIT
		   : (choice & TLS)    ? CONFIG_TLS_STARTTLS
				       : CONFIG_TLS_NONE,
	    .user = (choice & LOGIN) ? "me" : NULL,
	    .password = (choice & LOGIN) ? "secret" : NULL,
	    .no_chunking = (choice & CHUNKS_OFF) != 0,
	};
	f.parcel.arena = arena_new();
	f.parcel.envelope.smtputf8 = (choice & UTF8) != 0;
	f.client = client_new(&f.settings);
	if (choice & IMPLICIT) {
		f.secured = true;
		client_secured(f.client);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 1, n;

	start(size > 0 ? data[0] : 0);
	while (at < size) {
		for (n = at; n < size && data[n] < 0xfe; n++)
			;
		client_hear(
		    f.client, (struct span){(const char *)data + at, n - at});
		if (n < size && data[n] == 0xff)
			client_lost(f.client, "lost");
		act();
		at = n + 1;
	}
	client_lost(f.client, "the end");
	expect(client_phase(f.client) == CLIENT_OVER);
	check_results();
	client_free(f.client);
	arena_free(f.parcel.arena);
	buf_release(&f.said);
	return 0;
}
