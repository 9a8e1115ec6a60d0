/*
 * automatic: the signs of mail that no person wrote.  What follows from them
 * is left to review; an empty text is judged by reply.c.
 */
#include "check/reader/automatic.h"

#include "check/reader/address.h"
#include "check/reader/body.h"
#include "check/reader/fold.h"
#include "check/reader/param.h"
#include "check/reader/subject.h"

#include <assert.h>
#include <string.h>

#define LOOK_MAX 4096 /* bytes of a value or a calendar that are looked at */

/* Hints by kind, since two of one kind tell no more than one. */
enum hint {
	SURE = 0,
	HINT_REQUEST = 1,
	HINT_LOOP = 2,
	HINT_SUBJECT = 4,
	HINT_MAIL = 8
};

struct look {
	const struct mime *mime;
	unsigned hints; /* or of enum hint */
	struct automatic *out;
};

static void note(struct look *look, enum hint hint, const char *why)
{
	if (hint == SURE) {
		if (look->out->sure == NULL)
			look->out->sure = why;
		return;
	}
	look->hints |= (unsigned)hint;
	if (look->out->maybe == NULL)
		look->out->maybe = why;
}

/* --- fields ------------------------------------------------------------ */

/* The first word of a value: up to a blank, a ';' or a comment. */
static struct span first_word(struct span value)
{
	size_t n = 0;

	value = field_trim(value);
	while (n < value.len && strchr(" \t\r\n;(,", value.data[n]) == NULL)
		n++;
	value.len = n;
	return value;
}

static bool any(struct span value)
{
	(void)value;
	return true;
}

/* RFC 3834 section 5: everything but "no" means that a program sent it. */
static bool not_no(struct span value)
{
	return !fold_is(first_word(value), "no");
}

static bool not_false(struct span value)
{
	return !fold_is(first_word(value), "false");
}

static bool null_path(struct span value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
		if (strchr("<> \t\r\n", value.data[i]) == NULL)
			return false;
	return true;
}

static bool in_bulk(struct span value)
{
	static const char *const words[] = {"bulk", "junk", "list",
	    "auto_reply", "auto-reply", "autoreply", "auto_response"};
	struct span word = first_word(value);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (fold_is(word, words[i]))
			return true;
	return false;
}

static bool holds_any(struct span value, const char *const *words)
{
	struct buf small;
	bool found = false;

	buf_init(&small, LOOK_MAX);
	value.len = value.len < LOOK_MAX ? value.len : LOOK_MAX;
	fold_add(&small, value);
	for (; *words != NULL && !found; words++)
		found = fold_holds(buf_span(&small), *words);
	buf_release(&small);
	return found;
}

static bool exchange_class(struct span value)
{
	static const char *const words[] = {
	    ":calendarmessage", ":mdn", ":dsn", NULL};

	return holds_any(value, words);
}

static bool autoresponder(struct span value)
{
	static const char *const words[] = {"autoresponder", "autoreply", NULL};

	return holds_any(value, words);
}

/* The first row that fits a field's name speaks for it. */
static const struct field_row {
	const char *name; /* ending in '*': a beginning */
	bool (*fits)(struct span value);
	enum hint hint;
	const char *why;
} field_rows[] = {
    {"Auto-Submitted", not_no, SURE, "it is marked Auto-Submitted"},
    {"Return-Path", null_path, SURE, "its return path is empty"},
    {"Precedence", in_bulk, SURE, "its precedence is that of bulk mail"},
    {"X-Precedence", in_bulk, SURE, "its precedence is that of bulk mail"},
    {"List-*", any, SURE, "it came over a mailing list"},
    {"Mailing-List", any, SURE, "it came over a mailing list"},
    {"X-Mailing-List", any, SURE, "it came over a mailing list"},
    /* Exchange heeds it; it says nothing certain of who wrote the mail */
    {"X-Auto-Response-Suppress", any, HINT_REQUEST,
	"it asks for no automatic answers"},
    {"X-Auto*", not_no, SURE, "it is marked as an automatic answer"},
    {"Auto-*", not_no, SURE, "it is marked as an automatic answer"},
    {"Autoreply*", not_no, SURE, "it is marked as an automatic answer"},
    {"Autorespon*", not_no, SURE, "it is marked as an automatic answer"},
    {"X-Mail-Auto*", not_no, SURE, "it is marked as an automatic answer"},
    {"X-Vacation*", not_no, SURE, "it is marked as a vacation note"},
    {"X-Holiday*", not_no, SURE, "it is marked as a vacation note"},
    {"X-MS-Embedded-Report", any, SURE, "it reports a failed delivery"},
    {"X-FC-MachineGenerated", not_false, SURE, "a program made it"},
    {"X-Cron-Env", any, SURE, "a program made it"},
    {"X-Failed-Recipients", any, SURE, "it reports a failed delivery"},
    {"X-MS-Exchange-Generated-Message-Source", any, SURE,
	"the mail server made it"},
    {"Content-Class", exchange_class, SURE, "it is a receipt or a calendar"},
    {"X-POST-MessageClass", autoresponder, SURE,
	"it is marked as an automatic answer"},
    {"Delivered-To", autoresponder, SURE,
	"it is marked as an automatic answer"},
    {"X-OTRS-Loop", any, SURE, "a ticket system sent it"},
    {"X-RT-Loop-Prevention", any, SURE, "a ticket system sent it"},
    {"X-MS-Exchange-Inbox-Rules-Loop", any, HINT_LOOP,
	"a rule of the mailbox sent it"},
    {"X-Loop", any, HINT_LOOP, "it carries a mark against loops"},
    {"Feedback-ID", any, HINT_LOOP, "it is marked as bulk mail"},
};

static bool row_names(const struct field_row *row, const struct field *field)
{
	char start[64];
	size_t len = strlen(row->name);

	if (row->name[len - 1] != '*')
		return field_is(field, row->name);
	assert(len <= sizeof(start));
	memcpy(start, row->name, len - 1);
	start[len - 1] = '\0';
	return field_begins(field, start);
}

static void look_at_field(struct look *look, const struct field *field)
{
	const struct field_row *row = field_rows;
	const struct field_row *end =
	    field_rows + sizeof(field_rows) / sizeof(field_rows[0]);

	while (row < end && !row_names(row, field))
		row++;
	if (row < end && row->fits(field->value))
		note(look, row->hint, row->why);
}

/* --- who sent it ------------------------------------------------------- */

/* Local parts of programs, in small letters (RFC 5230 section 4.6). */
static const struct sender_row {
	const char *text;
	bool (*fits)(struct span local, const char *text);
} sender_rows[] = {
    {"mailer-daemon", fold_begins},
    {"mailer_daemon", fold_begins},
    {"mailerdaemon", fold_begins},
    {"mail-daemon", fold_begins},
    {"postmaster", fold_is},
    {"post-master", fold_is},
    {"post_master", fold_is},
    {"noreply", fold_holds},
    {"no-reply", fold_holds},
    {"no_reply", fold_holds},
    {"no.reply", fold_holds},
    {"donotreply", fold_holds},
    {"do-not-reply", fold_holds},
    {"do_not_reply", fold_holds},
    {"do.not.reply", fold_holds},
    {"autoreply", fold_begins},
    {"auto-reply", fold_begins},
    {"autoresponder", fold_begins},
    {"owner-", fold_begins},
    {"-owner", fold_ends},
    {"-request", fold_ends},
    {"-bounces", fold_ends},
    {"bounce-", fold_begins},
    {"bounce+", fold_begins},
    {"bounces+", fold_begins},
    {"listserv", fold_is},
    {"majordomo", fold_is},
};

static bool is_program(const char *address)
{
	const char *at = strrchr(address, '@');
	struct span local = {
	    address, at != NULL ? (size_t)(at - address) : strlen(address)};
	struct buf small;
	bool found = false;
	size_t i;

	buf_init(&small, 1024);
	local.len = local.len < 1024 ? local.len : 1024;
	fold_add(&small, local);
	for (i = 0; i < sizeof(sender_rows) / sizeof(sender_rows[0]); i++)
		if (sender_rows[i].fits(buf_span(&small), sender_rows[i].text))
			found = true;
	buf_release(&small);
	return found;
}

static void look_at_sender(struct look *look, const struct field *field)
{
	struct address_list list;
	size_t i;

	if (!field_is(field, "From") && !field_is(field, "Sender") &&
	    !field_is(field, "Reply-To"))
		return;
	memset(&list, 0, sizeof(list));
	address_read(look->mime->arena, field->value, &list);
	for (i = 0; i < list.n; i++)
		if (is_program(list.address[i]))
			note(look, SURE,
			    "its sender is the address of a "
			    "program");
}

static void look_at_subject(struct look *look, const struct field *field)
{
	const char *why;

	if (!field_is(field, "Subject"))
		return;
	why = subject_hint(field_text(look->mime->arena, field->value).text);
	if (why != NULL)
		note(look, HINT_SUBJECT, why);
}

/* --- what it is made of ------------------------------------------------ */

static bool within_message(
    const struct mime *mime, const struct mime_node *node)
{
	while (node->parent >= 0) {
		node = &mime->nodes[node->parent];
		if (node->kind == MIME_MESSAGE)
			return true;
	}
	return false;
}

static const struct type_row {
	const char *type;
	const char *why;
} type_rows[] = {
    {"multipart/report", "it is a report of a mail system"},
    {"message/delivery-status", "it reports a delivery"},
    {"message/global-delivery-status", "it reports a delivery"},
    {"message/disposition-notification", "it is a receipt"},
    {"message/global-disposition-notification", "it is a receipt"},
    {"message/feedback-report", "it is a report of abuse"},
    {"multipart/digest", "it is a digest of a mailing list"},
};

/* RFC 5546: a calendar object with a METHOD is a message between programs. */
static bool has_method(const struct mime *mime, const struct mime_node *node)
{
	static const char *const method[] = {"method:", NULL};
	struct buf text;
	bool found;

	buf_init(&text, LOOK_MAX);
	body_utf8(mime, node, &text);
	found = holds_any(buf_span(&text), method);
	buf_release(&text);
	return found;
}

static bool is_calendar_answer(
    const struct mime *mime, const struct mime_node *node)
{
	const struct field *field;
	struct param_value value;

	if (strcmp(node->type, "text/calendar") != 0 ||
	    (node->disposition != NULL &&
		strcmp(node->disposition, "attachment") == 0))
		return false;
	field = mime_field(mime, node, "Content-Type");
	if (field != NULL) {
		param_read(mime->arena, field->value, &value);
		if (param_find(&value, "method") != NULL)
			return true;
	}
	return has_method(mime, node);
}

static void look_at_part(struct look *look, const struct mime_node *node)
{
	size_t i;

	if (within_message(look->mime, node))
		return;
	for (i = 0; i < sizeof(type_rows) / sizeof(type_rows[0]); i++)
		if (strcmp(node->type, type_rows[i].type) == 0)
			note(look, SURE, type_rows[i].why);
	if (node->kind == MIME_MESSAGE ||
	    strcmp(node->type, "text/rfc822-headers") == 0)
		note(look, HINT_MAIL, "it carries another mail");
	if (is_calendar_answer(look->mime, node))
		note(look, SURE, "it is the answer of a calendar");
}

void automatic_look(const struct mime *mime, struct automatic *out)
{
	struct look look = {.mime = mime, .out = out};
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field;
	size_t i;

	*out = (struct automatic){NULL, NULL, false};
	for (i = 0; i < root->n_fields; i++) {
		field = &mime->fields[root->first_field + i];
		look_at_field(&look, field);
		look_at_sender(&look, field);
		look_at_subject(&look, field);
	}
	for (i = 0; i < mime->n_nodes; i++)
		look_at_part(&look, &mime->nodes[i]);
	if ((root->odd & MIME_HEADER_LARGE) != 0 && out->maybe == NULL)
		out->maybe = "its header is too long to be read";
	if (out->sure == NULL && (look.hints & (look.hints - 1)) != 0)
		out->sure = out->maybe;
	out->only_mail = out->sure == NULL && look.hints == HINT_MAIL &&
			 (root->odd & MIME_HEADER_LARGE) == 0;
}
