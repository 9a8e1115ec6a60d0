/*
 * plug: a host for one plug-in that is linked into a test.
 */
#include "plug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unicode/utf8.h>

#define PARTS_MOST  200
#define OTHERS_MOST 2000
#define FOUND_MOST  5000

struct chunk {
	struct chunk *next;
	max_align_t bytes[];
};

struct plug_held {
	struct chunk *chunks;
	struct imprimatur_part parts[PARTS_MOST];
	struct imprimatur_link links[OTHERS_MOST];
	struct imprimatur_field fields[OTHERS_MOST];
	struct imprimatur_address addresses[OTHERS_MOST];
	const char *recipients[OTHERS_MOST];
	struct plug_found found[FOUND_MOST];
	double ms;
};

struct imprimatur_options {
	const char *const *pairs;
	char complaint[1000];
};

struct imprimatur_report {
	struct plug *plug;
};

static struct imprimatur_options refused;

/* ---- the host's side of the interface ---- */

static const char *item(
    const struct imprimatur_options *options, const char *name, size_t n)
{
	const struct imprimatur_option *known = imprimatur_plugin.options;
	const char *const *pair = options->pairs;

	while (known != NULL && known->name != NULL &&
	       strcmp(known->name, name) != 0)
		known++;
	if (known == NULL || known->name == NULL)
		fail_msg("asks for an option it does not list: %s", name);
	for (; pair != NULL && pair[0] != NULL; pair += 2)
		if (strcmp(pair[0], name) == 0 && n-- == 0)
			return pair[1];
	return NULL;
}

static const char *option(
    const struct imprimatur_options *options, const char *name)
{
	return item(options, name, 0);
}

static void complain(
    const struct imprimatur_options *options, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	/* the interface has it constant for the plug-in, not for the host */
	vsnprintf(((struct imprimatur_options *)(uintptr_t)options)->complaint,
	    sizeof(refused.complaint), format, args);
	va_end(args);
}

static void *memory(struct imprimatur_report *report, size_t size)
{
	return plug_memory(report->plug, size);
}

static const char *copy(struct plug *plug, const char *text, size_t size)
{
	char *bytes;

	if (text == NULL)
		return NULL;
	bytes = plug_memory(plug, size + 1);
	memcpy(bytes, text, size);
	return bytes;
}

static const char *keep(struct plug *plug, const char *text)
{
	return copy(plug, text, text == NULL ? 0 : strlen(text));
}

/* One line of valid UTF-8, or the test fails. */
static void must_be_line(const char *what, const char *text)
{
	size_t size = strlen(text);

	for (size_t at = 0; at < size;) {
		UChar32 c;

		U8_NEXT(text, at, size, c);
		if (c < 0)
			fail_msg("%s is not UTF-8: %s", what, text);
		if (c < ' ' || c == 0x7f || c == 0x2028)
			fail_msg("%s is not one line: %s", what, text);
	}
}

static void find(struct imprimatur_report *report,
    enum imprimatur_weight weight, const char *name, const char *value,
    const char *format, ...)
{
	const struct imprimatur_finding *known = imprimatur_plugin.findings;
	struct plug *plug = report->plug;
	struct plug_found *found = &plug->found[plug->n_found];
	static char detail[100000];
	va_list args;

	while (known->name != NULL && strcmp(known->name, name) != 0)
		known++;
	if (known->name == NULL)
		fail_msg("reports a finding it does not list: %s", name);
	assert_in_range(plug->n_found, 0, FOUND_MOST - 1);
	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	must_be_line("detail", detail);
	if (value != NULL)
		must_be_line("value", value);
	found->weight = weight;
	found->name = known->name;
	found->value = keep(plug, value);
	found->detail = keep(plug, detail);
	plug->n_found++;
}

static const struct imprimatur_host host = {
    .size = sizeof(host),
    .option = option,
    .item = item,
    .complain = complain,
    .find = find,
    .memory = memory,
};

/* ---- open and close ---- */

static void must_be_listed(void)
{
	const struct imprimatur_plugin *self = &imprimatur_plugin;

	assert_int_equal(self->abi, IMPRIMATUR_PLUGIN_ABI);
	assert_int_equal(self->size, sizeof(*self));
	assert_non_null(self->name);
	assert_non_null(self->version);
	assert_non_null(self->about);
	assert_non_null(self->findings);
	for (size_t i = 0; self->findings[i].name != NULL; i++)
		assert_non_null(self->findings[i].about);
	for (size_t i = 0; self->options && self->options[i].name; i++) {
		assert_non_null(self->options[i].type);
		assert_non_null(self->options[i].about);
	}
}

struct plug *plug_open(const char *const *options)
{
	struct imprimatur_options given = {.pairs = options};
	struct plug *plug = calloc(1, sizeof(*plug));

	assert_non_null(plug);
	plug->held = calloc(1, sizeof(*plug->held));
	assert_non_null(plug->held);
	must_be_listed();
	if (imprimatur_plugin.configure(&host, &given, &plug->state) != 0)
		fail_msg("it does not like its options: %s", given.complaint);
	assert_string_equal(given.complaint, "");
	plug_clear(plug);
	return plug;
}

const char *plug_complaint(const char *const *options)
{
	void *state = NULL;

	refused.pairs = options;
	refused.complaint[0] = '\0';
	assert_int_equal(
	    imprimatur_plugin.configure(&host, &refused, &state), -1);
	assert_string_not_equal(refused.complaint, "");
	must_be_line("complaint", refused.complaint);
	return refused.complaint;
}

void plug_clear(struct plug *plug)
{
	struct plug_held *held = plug->held;

	while (held->chunks != NULL) {
		struct chunk *next = held->chunks->next;

		free(held->chunks);
		held->chunks = next;
	}
	plug->n_found = 0;
	plug->found = held->found;
	plug->mail = (struct imprimatur_mail){
	    .size = sizeof(plug->mail),
	    .channel = "test",
	    .agent = "agent",
	    .sender = "agent@example.org",
	    .recipients = held->recipients,
	    .fields = held->fields,
	    .addresses = held->addresses,
	    .parts = held->parts,
	    .links = held->links,
	    .subject = "",
	    .text = "",
	    .own_text = "",
	};
}

void plug_close(struct plug *plug)
{
	if (imprimatur_plugin.release != NULL)
		imprimatur_plugin.release(plug->state);
	plug_clear(plug);
	free(plug->held);
	free(plug);
}

/* ---- the mail ---- */

void *plug_memory(struct plug *plug, size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + size);

	assert_non_null(chunk);
	chunk->next = plug->held->chunks;
	plug->held->chunks = chunk;
	return chunk->bytes;
}

void plug_subject(struct plug *plug, const char *subject)
{
	plug->mail.subject = keep(plug, subject);
}

void plug_sender(struct plug *plug, const char *address)
{
	plug->mail.sender = keep(plug, address);
}

void plug_recipient(struct plug *plug, const char *address)
{
	assert_in_range(plug->mail.n_recipients, 0, OTHERS_MOST - 1);
	plug->held->recipients[plug->mail.n_recipients++] = keep(plug, address);
}

void plug_field(struct plug *plug, const char *name, const char *value)
{
	assert_in_range(plug->mail.n_fields, 0, OTHERS_MOST - 1);
	plug->held->fields[plug->mail.n_fields++] = (struct imprimatur_field){
	    .name = keep(plug, name),
	    .value = keep(plug, value),
	};
}

void plug_address(struct plug *plug, const char *field, const char *display,
    const char *address)
{
	assert_in_range(plug->mail.n_addresses, 0, OTHERS_MOST - 1);
	plug->held->addresses[plug->mail.n_addresses++] =
	    (struct imprimatur_address){
		.field = keep(plug, field),
		.display = keep(plug, display),
		.address = keep(plug, address),
	    };
}

static struct imprimatur_part *add_part(
    struct plug *plug, const char *type, const void *bytes, size_t size)
{
	struct imprimatur_part *part;

	assert_in_range(plug->mail.n_parts, 0, PARTS_MOST - 1);
	part = &plug->held->parts[plug->mail.n_parts++];
	*part = (struct imprimatur_part){
	    .type = keep(plug, type),
	    .bytes = (const unsigned char *)copy(plug, bytes, size),
	    .size = size,
	    .alternative = -1,
	};
	if (strncmp(type, "text/", 5) == 0) {
		part->charset = "utf-8";
		part->source = part->text = (const char *)part->bytes;
		part->source_size = part->text_size = size;
	}
	return part;
}

/* The text so far, a line feed, and this. */
static void append(struct plug *plug, const char **text, size_t *size,
    const struct imprimatur_part *part)
{
	char *whole = plug_memory(plug, *size + part->text_size + 2);

	memcpy(whole, *text, *size);
	if (*size > 0)
		whole[(*size)++] = '\n';
	memcpy(whole + *size, part->text, part->text_size);
	*size += part->text_size;
	*text = whole;
}

static void add_words(struct plug *plug, const struct imprimatur_part *part)
{
	struct imprimatur_mail *mail = &plug->mail;

	append(plug, &mail->text, &mail->text_size, part);
	append(plug, &mail->own_text, &mail->own_text_size, part);
}

void plug_text_bytes(struct plug *plug, const char *text, size_t size)
{
	add_words(plug, add_part(plug, "text/plain", text, size));
}

void plug_text(struct plug *plug, const char *text)
{
	plug_text_bytes(plug, text, strlen(text));
}

void plug_html(struct plug *plug, const char *source, const char *text)
{
	size_t n = plug->mail.n_parts;
	struct imprimatur_part *part =
	    add_part(plug, "text/html", source, strlen(source));

	part->text = keep(plug, text);
	part->text_size = strlen(text);
	if (n > 0 && strcmp(part[-1].type, "text/plain") == 0 &&
	    part[-1].disposition == NULL)
		part->alternative = (int)n - 1;
	add_words(plug, part);
}

void plug_part(struct plug *plug, const char *type, const char *filename,
    const void *bytes, size_t size)
{
	struct imprimatur_part *part = add_part(plug, type, bytes, size);

	part->filename = keep(plug, filename);
	part->disposition = "attachment";
	part->depth = 1;
}

struct imprimatur_part *plug_last(struct plug *plug)
{
	assert_in_range(plug->mail.n_parts, 1, PARTS_MOST);
	return &plug->held->parts[plug->mail.n_parts - 1];
}

void plug_link(struct plug *plug, const char *target, const char *text)
{
	assert_in_range(plug->mail.n_parts, 1, PARTS_MOST);
	assert_in_range(plug->mail.n_links, 0, OTHERS_MOST - 1);
	plug->held->links[plug->mail.n_links++] = (struct imprimatur_link){
	    .part = plug->mail.n_parts - 1,
	    .target = keep(plug, target),
	    .text = keep(plug, text),
	};
}

void plug_own(struct plug *plug, const char *own_text)
{
	plug->mail.own_text = keep(plug, own_text);
	plug->mail.own_text_size = strlen(own_text);
}

/* ---- the check ---- */

size_t plug_check(struct plug *plug)
{
	struct imprimatur_report report = {.plug = plug};
	struct timespec start, end;

	plug->n_found = 0;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	imprimatur_plugin.check(plug->state, &plug->mail, &report);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	plug->held->ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
			 (double)(end.tv_nsec - start.tv_nsec) / 1e6;
	return plug->n_found;
}

static bool fits(
    const struct plug_found *found, const char *name, const char *value)
{
	return (name == NULL || strcmp(found->name, name) == 0) &&
	       (value == NULL ||
		   (found->value != NULL && strcmp(found->value, value) == 0));
}

size_t plug_count(const struct plug *plug, const char *name, const char *value)
{
	size_t n = 0;

	for (size_t i = 0; i < plug->n_found; i++)
		n += fits(&plug->found[i], name, value);
	return n;
}

const struct plug_found *plug_find(
    const struct plug *plug, const char *name, const char *value)
{
	for (size_t i = 0; i < plug->n_found; i++)
		if (fits(&plug->found[i], name, value))
			return &plug->found[i];
	return NULL;
}

const char *plug_values(struct plug *plug, const char *name)
{
	size_t size = 1, at = 0;
	char *values;

	for (size_t i = 0; i < plug->n_found; i++)
		if (fits(&plug->found[i], name, NULL) && plug->found[i].value)
			size += strlen(plug->found[i].value) + 2;
	values = plug_memory(plug, size);
	for (size_t i = 0; i < plug->n_found; i++)
		if (fits(&plug->found[i], name, NULL) && plug->found[i].value)
			at += (size_t)snprintf(values + at, size - at, "%s%s",
			    at > 0 ? ", " : "", plug->found[i].value);
	return values;
}

double plug_ms(const struct plug *plug)
{
	return plug->held->ms;
}
