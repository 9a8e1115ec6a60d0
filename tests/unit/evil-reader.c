/*
 * evil-reader: a reader that does what the first line of a mail tells it:
 * crash, hang, answer nonsense.  Other mails it reads in its own simple way.
 * Copied under other names it fails before its first mail.  For test-check.
 */
#include "check/reader/about.h"
#include "check/reader/edit.h"
#include "check/reader/process.h"
#include "check/reader/running.h"
#include "check/wire.h"
#include "pack.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned seen; /* mails, by this process */

static char *first_line(struct arena *arena, struct span mail)
{
	const char *end = memchr(mail.data, '\n', mail.len);

	return arena_dup(arena, mail.data,
	    end == NULL ? mail.len : (size_t)(end - mail.data));
}

static const char *checksum(struct arena *arena, struct span bytes)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < bytes.len; i++)
		sum = sum * 31 + (unsigned char)bytes.data[i];
	return arena_printf(arena, "%08" PRIx32, sum);
}

static void say(enum wire_type type, uint32_t serial, uint32_t length,
    const void *bytes, size_t size)
{
	const struct wire_head head = {length, (uint8_t)type, serial};
	unsigned char frame[WIRE_HEAD_SIZE];

	wire_head_put(&head, frame);
	if (write(WIRE_FD, frame, sizeof(frame)) < 0 ||
	    write(WIRE_FD, bytes, size) < 0)
		_exit(9);
}

static bool is(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/* What ends, stops or garbles; returns when the line says nothing evil. */
static void misbehave(const char *line)
{
	static const char rubbish[64] = "rubbish";

	if (is(line, "crash"))
		__builtin_trap();
	if (is(line, "exit"))
		_exit(7);
	while (is(line, "hang"))
		;
	if (is(line, "garbage"))
		say(WIRE_READING, 0, 0x7fffffff, rubbish, sizeof(rubbish));
	if (is(line, "serial"))
		say(WIRE_READING, 123456789, 0, "", 0);
	if (is(line, "type"))
		say(WIRE_READY, 1, 0, "", 0);
	if (is(line, "half")) {
		say(WIRE_READING, 1, 1000, rubbish, sizeof(rubbish));
		_exit(0);
	}
}

static void lie(struct reading *reading, const char *line)
{
	static struct reading_cut beyond = {0, 1000000};
	static char bad_utf8[] = "\xff", escape[] = "\033[2J";

	if (is(line, "cut")) {
		reading->cuts = &beyond;
		reading->n_cuts = 1;
	}
	if (is(line, "utf8"))
		reading->subject = bad_utf8;
	if (is(line, "escape"))
		reading->subject = escape;
}

/* "plugin NAME crash": dies while NAME runs, unless that is left out. */
static void misbehave_as_plugin(
    struct arena *arena, const char *line, const struct about *about)
{
	const char *name, *deed;

	while (is(line, "plugin ")) {
		name = arena_dup(arena, line + 7, strcspn(line + 7, " "));
		deed = line + 7 + strlen(name) + 1;
		line = deed + strcspn(deed, ";") + 1;
		if (about->without != NULL && strcmp(about->without, name) == 0)
			continue;
		running_set(name);
		if (is(deed, "memory")) {
			running_memory(true);
			_exit(71);
		}
		misbehave(deed);
	}
}

static struct reading *read_draft(struct span mail, struct about *about)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));
	char *line = first_line(arena, mail);

	seen++;
	misbehave(line);
	misbehave_as_plugin(arena, line, about);
	reading->arena = arena;
	reading->subject = line;
	reading->message_id = arena_printf(arena, "%d", (int)getpid());
	reading->date = checksum(arena, mail);
	reading->n_received = seen;
	reading->text_total = mail.len;
	reading->from = about->agent;
	reading->sender = about->sender;
	if (about->n_recipients > 0)
		reading->to = about->recipients[about->n_recipients - 1];
	reading->n_authors = about->n_recipients;
	reading->authors = about->recipients;
	if (about->n_channels > 0)
		reading->cc = arena_printf(
		    arena, "%u of %zu", about->channels[0], about->n_channels);
	lie(reading, line);
	return reading;
}

static struct reading_reply *read_reply(struct span mail)
{
	struct arena *arena = arena_new();
	struct reading_reply *reply = arena_alloc(arena, sizeof(*reply));

	seen++;
	reply->arena = arena;
	reply->line = first_line(arena, mail);
	misbehave(reply->line);
	reply->message_id = arena_printf(arena, "%d", (int)getpid());
	reply->words = checksum(arena, mail);
	reply->n_from = seen;
	return reply;
}

static struct reading_edit *apply(
    struct span mail, const struct edit_wish *wish, struct about *about)
{
	struct arena *arena = arena_new();
	struct reading_edit *edit = arena_alloc(arena, sizeof(*edit));
	struct span text = wish->text;
	char *bytes = arena_alloc(arena, text.len + mail.len);

	edit->arena = arena;
	memcpy(bytes, text.data, text.len);
	memcpy(bytes + text.len, mail.data, mail.len);
	edit->bytes = (struct span){bytes, text.len + mail.len};
	edit->note = checksum(arena, mail);
	edit->reading = read_draft(mail, about);
	return edit;
}

/* "<folder>/evil-at-start" leaves a byte in "<folder>/starts" and ends. */
static void misbehave_at_start(void)
{
	char path[1024] = "", *base;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	int fd;

	if (n <= 0)
		return;
	path[n] = '\0';
	base = strrchr(path, '/') + 1;
	if (is(base, "evil-version")) {
		say(WIRE_READY, 0, WIRE_U32_SIZE, "\1\1\1\1", WIRE_U32_SIZE);
		pause();
	}
	if (is(base, "evil-finds")) {
		char greeting[WIRE_U32_SIZE + 12] = "....words l\033gal\n";

		wire_u32_put(WIRE_VERSION, (unsigned char *)greeting);
		say(WIRE_READY, 0, sizeof(greeting), greeting,
		    sizeof(greeting));
		pause();
	}
	if (is(base, "evil-at-start")) {
		memcpy(base, "starts", sizeof("starts"));
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
		_exit(fd >= 0 && write(fd, "x", 1) == 1 ? 3 : 4);
	}
}

/* A setup whose first line is a deed does it. */
static int set_up(struct span setup, struct buf *finds, struct error *err)
{
	struct arena *arena = arena_new();
	const char *line = first_line(arena, setup);
	int rc = 0;

	(void)finds;
	misbehave_at_start();
	if (is(line, "refuse"))
		rc = error_set(
		    err, ERROR_INVALID, "a.conf:7: %zu bytes\033", setup.len);
	running_set("early");
	misbehave(line);
	running_set(NULL);
	arena_free(arena);
	return rc;
}

int main(int argc, char **argv)
{
	static const struct serve_calls calls = {
	    set_up, read_draft, read_reply, apply};

	process_run(argc, argv, &calls);
}
