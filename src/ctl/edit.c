/*
 * edit: a draft in $EDITOR, or parts of it by options, and back to the daemon
 * as a new revision.  Nothing is approved by it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/call.h"
#include "ctl/ctl.h"
#include "ctl/decide.h"

#include "util/arena.h"
#include "util/buf.h"
#include "util/digest.h"
#include "util/headed.h"
#include "util/mem.h"

#define TEXT_MAX       ((size_t)4 * 1024 * 1024)
#define FILE_NAME_SIZE 4096
#define BLANKS	       " \t\r\n"

static int read_all(FILE *in, struct buf *text, struct error *err)
{
	char block[4096];
	size_t n;

	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		buf_add(text, block, n);
	if (ferror(in) || text->overflow)
		return error_set(err, ERROR_INVALID,
		    text->overflow ? "the text is longer than 4 MB"
				   : "the text cannot be read");
	return 0;
}

static int read_file(const char *name, struct buf *text, struct error *err)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	int rc;

	if (in == NULL)
		return error_set(err, ERROR_INVALID, "cannot read '%s': %s",
		    name, strerror(errno));
	rc = read_all(in, text, err);
	if (in != stdin)
		fclose(in);
	return rc;
}

static int write_file(int fd, const char *text, struct error *err)
{
	FILE *out = fdopen(fd, "w");

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		return error_set(err, ERROR_INTERNAL,
		    "cannot write a temporary file: %s", strerror(errno));
	return 0;
}

/* Run $VISUAL, $EDITOR or vi on a file, through the shell as is usual. */
static int run_editor(const char *name, struct error *err)
{
	const char *editor = getenv("VISUAL");
	int status;
	pid_t pid;

	if (editor == NULL || *editor == '\0')
		editor = getenv("EDITOR");
	if (editor == NULL || *editor == '\0')
		editor = "vi";
	pid = fork();
	if (pid == 0) {
		char *command = NULL;

		if (asprintf(&command, "%s \"$1\"", editor) > 0)
			execl("/bin/sh", "sh", "-c", command, "sh", name,
			    (char *)NULL);
		_exit(EX_UNAVAILABLE);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0)
		return error_set(err, ERROR_INVALID,
		    "the editor '%s' failed, so nothing was changed", editor);
	return 0;
}

/* A file of our own with the old text; its name is "" when there is none. */
static int make_file(
    const char *old, char name[FILE_NAME_SIZE], struct error *err)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	if (folder == NULL || *folder == '\0')
		folder = "/tmp";
	snprintf(name, FILE_NAME_SIZE, "%s/imprimatur.XXXXXX", folder);
	fd = mkstemp(name);
	if (fd < 0)
		error_set(err, ERROR_INTERNAL, "cannot make a file in '%s': %s",
		    folder, strerror(errno));
	else if (write_file(fd, old, err) == 0)
		return 0;
	else
		unlink(name);
	name[0] = '\0';
	return -1;
}

static int from_editor(const char *old, char name[FILE_NAME_SIZE],
    struct buf *text, struct error *err)
{
	struct error unread = ERROR_INIT;

	if (make_file(old, name, err))
		return -1;
	if (run_editor(name, err) == 0)
		return read_file(name, text, err);
	/* something may have been written all the same */
	read_file(name, text, &unread);
	return -1;
}

/* What somebody wrote is theirs until the daemon has it. */
static void keep_or_remove(const char *name, bool needless)
{
	if (*name == '\0' || access(name, F_OK) != 0)
		return;
	if (needless)
		unlink(name);
	else
		fprintf(
		    stderr, "imprimatur: your text is kept in '%s'\n", name);
}

static int post(struct ctl *ctl, int64_t draft, json_t *body)
{
	json_t *answer;
	int rc = decide_post(draft, "edit", body, &answer);

	if (rc != EX_OK)
		return rc;
	if (ctl->json)
		return ctl_print(answer);
	printf("draft %" PRId64 " has a new revision %d, code %s\n", draft,
	    (int)json_integer_value(json_object_get(answer, "revision")),
	    ctl_text(answer, "code"));
	if (*ctl_text(answer, "note") != '\0')
		printf("%s\n", ctl_text(answer, "note"));
	printf("nothing leaves before: imprimatur approve %" PRId64 " %s\n",
	    draft, ctl_text(answer, "code"));
	json_decref(answer);
	return EX_OK;
}

/* ---- what is to change -------------------------------------------------- */

struct changes {
	json_t *body; /* of the request */
	unsigned n;
};

static int add_text(struct changes *changes, const char *name, const char *text,
    size_t size, struct error *err)
{
	json_t *value = json_stringn(text, size);

	if (value == NULL)
		return error_set(
		    err, ERROR_INVALID, "the %s is not UTF-8", name);
	json_object_set_new(changes->body, name, value);
	changes->n++;
	return 0;
}

/* The same but for blanks around them? */
static bool same_line(const char *a, const char *b)
{
	size_t a_len, b_len;

	a += strspn(a, BLANKS);
	b += strspn(b, BLANKS);
	a_len = strlen(a);
	b_len = strlen(b);
	while (a_len > 0 && strchr(BLANKS, a[a_len - 1]) != NULL)
		a_len--;
	while (b_len > 0 && strchr(BLANKS, b[b_len - 1]) != NULL)
		b_len--;
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* A line of the header, if it is named and reads otherwise than before. */
static int add_line(struct changes *changes, const json_t *view,
    const char *name, const char *text, struct error *err)
{
	if (text == NULL || same_line(text, ctl_text(view, name)))
		return 0;
	return add_text(changes, name, text, strlen(text), err);
}

/* The whole of a draft that can be written: header lines, then the text. */
static void write_draft(const json_t *view, struct buf *out)
{
	const char *cc = ctl_text(view, "cc");

	buf_addf(out, "Subject: %s\nTo: %s\n", ctl_text(view, "subject"),
	    ctl_text(view, "to"));
	if (*cc != '\0')
		buf_addf(out, "Cc: %s\n", cc);
	buf_addf(out, "\n%s", ctl_text(view, "editable"));
}

static int add_written(struct changes *changes, const json_t *view,
    struct arena *arena, const struct buf *written, struct error *err)
{
	const char *old = ctl_text(view, "editable");
	struct headed headed;

	headed_read(arena, buf_span(written), &headed);
	if (headed.fault == NULL && headed.text.data == NULL &&
	    written->data[strspn(written->data, BLANKS)] != '\0' &&
	    old[strspn(old, BLANKS)] != '\0')
		headed.fault = "the text is gone: write it below the header "
			       "lines, with an empty line between";
	if (headed.fault != NULL)
		return error_set(err, ERROR_INVALID, "%s", headed.fault);
	if (headed.text.data != NULL &&
	    (headed.text.len != strlen(old) ||
		memcmp(headed.text.data, old, headed.text.len) != 0) &&
	    add_text(changes, "text", headed.text.data, headed.text.len, err))
		return -1;
	return -(add_line(changes, view, "subject", headed.subject, err) ||
		 add_line(changes, view, "to", headed.to, err) ||
		 add_line(changes, view, "cc", headed.cc, err) ||
		 (headed.bcc != NULL && add_text(changes, "bcc", headed.bcc,
					    strlen(headed.bcc), err)));
}

/* A mail is of bytes, which JSON has no room for. */
static int add_mail(
    struct changes *changes, const char *file, struct error *err)
{
	struct buf mail;
	char *coded;
	int rc;

	buf_init(&mail, TEXT_MAX);
	rc = read_file(file, &mail, err);
	if (rc == 0) {
		coded = mem_grow(NULL, (mail.len + 2) / 3 * 4 + 1, 1);
		digest_base64(mail.data, mail.len, coded);
		rc = add_text(changes, "mail", coded, strlen(coded), err);
		free(coded);
	}
	buf_release(&mail);
	return rc;
}

static int add_file(
    struct changes *changes, const char *file, struct error *err)
{
	struct buf text;
	int rc;

	buf_init(&text, TEXT_MAX);
	rc = read_file(file, &text, err);
	if (rc == 0)
		rc = add_text(changes, "text", text.data, text.len, err);
	buf_release(&text);
	return rc;
}

struct options {
	const char *text, *mail, *subject, *to, *cc, *bcc; /* or NULL */
};

static bool any_option(const struct options *o)
{
	return o->text || o->mail || o->subject || o->to || o->cc || o->bcc;
}

static int add_options(
    struct changes *changes, const struct options *o, struct error *err)
{
	const char *const lines[][2] = {{"subject", o->subject}, {"to", o->to},
	    {"cc", o->cc}, {"bcc", o->bcc}};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i][1] != NULL &&
		    add_text(changes, lines[i][0], lines[i][1],
			strlen(lines[i][1]), err))
			return -1;
	if (o->text != NULL && add_file(changes, o->text, err))
		return -1;
	return o->mail != NULL ? add_mail(changes, o->mail, err) : 0;
}

static void take_options(struct ctl *ctl, struct options *o)
{
	const char *file = ctl_take_option(ctl, "--file");

	o->text = ctl_take_option(ctl, "--text");
	if (o->text == NULL)
		o->text = file;
	o->mail = ctl_take_option(ctl, "--mail");
	o->subject = ctl_take_option(ctl, "--subject");
	o->to = ctl_take_option(ctl, "--to");
	o->cc = ctl_take_option(ctl, "--cc");
	o->bcc = ctl_take_option(ctl, "--bcc");
}

/* ---- the command -------------------------------------------------------- */

static int send_changes(
    struct ctl *ctl, int64_t draft, const json_t *view, struct changes *changes)
{
	if (changes->n == 0) {
		puts("nothing was changed");
		return EX_OK;
	}
	json_object_set(
	    changes->body, "sha256", json_object_get(view, "sha256"));
	return post(ctl, draft, json_incref(changes->body));
}

/* In the editor; what was written is kept unless the daemon has it. */
static int edit_written(
    struct ctl *ctl, int64_t draft, const json_t *view, struct changes *changes)
{
	struct arena *arena = arena_new();
	struct error err = ERROR_INIT;
	char name[FILE_NAME_SIZE] = "";
	struct buf old, text;
	int rc;

	buf_init(&old, TEXT_MAX);
	buf_init(&text, TEXT_MAX);
	write_draft(view, &old);
	if (from_editor(old.data, name, &text, &err) ||
	    add_written(changes, view, arena, &text, &err))
		rc = ctl_fail(&err);
	else
		rc = send_changes(ctl, draft, view, changes);
	keep_or_remove(name, rc == EX_OK || strcmp(text.data, old.data) == 0);
	buf_release(&text);
	buf_release(&old);
	arena_free(arena);
	return rc;
}

int ctl_edit(struct ctl *ctl)
{
	struct changes changes = {.n = 0};
	struct error err = ERROR_INIT;
	struct options options;
	int64_t draft;
	json_t *view;
	int rc;

	take_options(ctl, &options);
	draft = ctl_draft("edit", ctl->argc == 1 ? ctl->argv[0] : NULL);
	if (draft < 0)
		return EX_USAGE;
	view = decide_view(draft, &err);
	if (view == NULL)
		return ctl_fail(&err);
	changes.body = json_object();
	if (!any_option(&options))
		rc = edit_written(ctl, draft, view, &changes);
	else if (add_options(&changes, &options, &err))
		rc = ctl_fail(&err);
	else
		rc = send_changes(ctl, draft, view, &changes);
	json_decref(changes.body);
	json_decref(view);
	return rc;
}
