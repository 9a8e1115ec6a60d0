/*
 * doctor: the check-ups that are under way or were asked for lately, and how
 * the command line asks and hears of them.  What is looked at is left to the
 * rooms and to doctor_*.c.
 */
#include "doctor.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/chat.h"
#include "send/send.h"

#include "checkup.h"
#include "doctor_dns.h"
#include "doctor_look.h"
#include "doctor_mail.h"
#include "house.h"

#include "util/log.h"
#include "util/mem.h"

#define KEPT	     4 /* check-ups; more at a time are refused */
#define WAIT_USUAL_S 120
#define WAIT_MOST_S  3600

struct doctor {
	struct house *house;
	struct doctor_mail *mail;
	int64_t last; /* number given */
	struct {
		int64_t number; /* 0: none */
		struct checkup *checkup;
	} kept[KEPT];
};

struct doctor *doctor_new(struct house *house)
{
	struct doctor *doctor = mem_zalloc(sizeof(*doctor));

	doctor->house = house;
	doctor->mail = doctor_mail_new(house);
	return doctor;
}

void doctor_free(struct doctor *doctor)
{
	size_t i;

	if (doctor == NULL)
		return;
	doctor_mail_free(doctor->mail);
	for (i = 0; i < KEPT; i++)
		checkup_unref(doctor->kept[i].checkup);
	free(doctor);
}

bool doctor_heard(
    struct doctor *doctor, int64_t notice, const struct hear *hear)
{
	return doctor_mail_heard(doctor->mail, notice, hear);
}

/* ---- a check-up --------------------------------------------------------- */

static void examine(
    struct doctor *doctor, struct checkup *checkup, int64_t wait_ms)
{
	struct house *house = doctor->house;

	doctor_look_files(house, checkup);
	doctor_dns(house, checkup);
	send_examine(house->send, checkup);
	if (house->chats != NULL)
		chat_examine(house->chats, checkup);
	doctor_look_people(house, checkup);
	doctor_mail_start(doctor->mail, checkup, wait_ms);
}

/* The place of the oldest that has ended, or -1. */
static int find_place(const struct doctor *doctor)
{
	int i, found = -1;

	for (i = 0; i < KEPT; i++) {
		if (doctor->kept[i].number == 0)
			return i;
		if (!checkup_is_open(doctor->kept[i].checkup) &&
		    (found < 0 ||
			doctor->kept[i].number < doctor->kept[found].number))
			found = i;
	}
	return found;
}

/* Its number, or 0: too many are under way. */
static int64_t start(struct doctor *doctor, bool probe, int64_t wait_ms)
{
	int place = find_place(doctor);

	if (place < 0)
		return 0;
	checkup_unref(doctor->kept[place].checkup);
	doctor->kept[place].checkup = checkup_new(probe);
	doctor->kept[place].number = ++doctor->last;
	log_info("doctor %" PRId64 " begins probe=%s", doctor->last,
	    probe ? "yes" : "no");
	examine(doctor, doctor->kept[place].checkup, wait_ms);
	return doctor->last;
}

/* ---- HTTP --------------------------------------------------------------- */

static bool is_admin(struct doctor *doctor, struct httpd_request *request)
{
	const struct config_reviewer *who =
	    config_reviewer_of_uid(doctor->house->config, request->uid);
	struct error err = ERROR_INIT;

	if (who != NULL && who->admin)
		return true;
	error_set(&err, ERROR_DENIED,
	    "only an admin may call the doctor, and user %u of this machine "
	    "is none",
	    (unsigned)request->uid);
	httpd_reply_error(request, &err);
	return false;
}

static void reply(struct httpd_request *request, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	httpd_reply(request, 200, "application/json",
	    (struct span){text, strlen(text)});
	free(text);
	json_decref(value);
}

static void refuse(
    struct httpd_request *request, enum error_kind kind, const char *text)
{
	struct error err = ERROR_INIT;

	error_set(&err, kind, "%s", text);
	httpd_reply_error(request, &err);
}

static void serve_start(struct httpd_request *request, void *context)
{
	struct doctor *doctor = context;
	json_int_t wait_s = WAIT_USUAL_S;
	int probe = 1;
	int64_t number;
	json_t *body;
	bool right;

	if (!is_admin(doctor, request))
		return;
	body = json_loadb(request->body.data, request->body.len, 0, NULL);
	right = json_unpack(body, "{s?b, s?I}", "probe", &probe, "wait",
		    &wait_s) == 0 &&
		wait_s >= 1 && wait_s <= WAIT_MOST_S;
	json_decref(body);
	if (!right) {
		refuse(request, ERROR_INVALID,
		    "the doctor is told {\"probe\": true, \"wait\": seconds, 1 "
		    "to 3600}");
		return;
	}
	number = start(doctor, probe != 0, wait_s * 1000);
	if (number == 0)
		refuse(request, ERROR_BUSY,
		    "the doctor is busy with others; call again in a minute");
	else
		reply(request, json_pack("{s:I}", "id", (json_int_t)number));
}

/* Words of others may be no UTF-8. */
static json_t *text_of(const char *text)
{
	json_t *value = text == NULL ? json_null() : json_string(text);
	char *plain;
	size_t i;

	if (value != NULL)
		return value;
	plain = mem_strdup(text);
	for (i = 0; plain[i] != '\0'; i++)
		if ((unsigned char)plain[i] > 0x7e)
			plain[i] = '?';
	value = json_string(plain);
	free(plain);
	return value;
}

static json_t *items_of(const struct checkup *checkup)
{
	const struct checkup_item *item;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < checkup_n(checkup); i++) {
		item = checkup_at(checkup, i);
		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:s, s:o, s:o, s:I}", "of",
			text_of(item->of), "what", text_of(item->what), "state",
			checkup_state_name(item->state), "found",
			text_of(item->found), "advice", text_of(item->advice),
			"ms", (json_int_t)item->took_ms));
	}
	return list;
}

static void serve_look(struct httpd_request *request, void *context)
{
	struct doctor *doctor = context;
	const struct checkup *checkup = NULL;
	long long number;
	char *end;
	size_t i;

	if (!is_admin(doctor, request))
		return;
	number = strtoll(request->tail, &end, 10);
	for (i = 0; i < KEPT; i++)
		if (number > 0 && *end == '\0' &&
		    doctor->kept[i].number == number)
			checkup = doctor->kept[i].checkup;
	if (checkup == NULL)
		refuse(request, ERROR_MISSING,
		    "the doctor has forgotten, or never knew, of that");
	else
		reply(request,
		    json_pack("{s:b, s:o}", "done", !checkup_is_open(checkup),
			"items", items_of(checkup)));
}

const struct httpd_route doctor_routes[] = {
    {"POST", "/v1/doctor", true, serve_start},
    {"GET", "/v1/doctor/*", true, serve_look},
    {NULL, NULL, false, NULL},
};
