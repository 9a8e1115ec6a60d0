/*
 * edit: the text of a draft in $EDITOR, and back to the daemon as a new
 * revision.  Nothing is approved by it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/call.h"
#include "ctl/ctl.h"
#include "ctl/decide.h"

#include "util/buf.h"

#define TEXT_MAX       ((size_t)4 * 1024 * 1024)
#define FILE_NAME_SIZE 4096

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
	if (*name == '\0')
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

static int send_text(
    struct ctl *ctl, int64_t draft, const json_t *view, const struct buf *text)
{
	struct error err = ERROR_INIT;
	json_t *body;

	if (strcmp(text->data, ctl_text(view, "editable")) == 0) {
		puts("nothing was changed");
		return EX_OK;
	}
	body = json_pack("{s:s, s:s%}", "sha256", ctl_text(view, "sha256"),
	    "text", text->data, text->len);
	if (body == NULL) {
		error_set(&err, ERROR_INVALID, "the text is not UTF-8");
		return ctl_fail(&err);
	}
	return post(ctl, draft, body);
}

int ctl_edit(struct ctl *ctl)
{
	const char *file = ctl_take_option(ctl, "--file");
	int64_t draft = ctl_draft("edit", ctl->argc == 1 ? ctl->argv[0] : NULL);
	struct error err = ERROR_INIT;
	char name[FILE_NAME_SIZE] = "";
	const char *old;
	struct buf text;
	json_t *view;
	int rc;

	if (draft < 0)
		return EX_USAGE;
	view = decide_view(draft, &err);
	if (view == NULL)
		return ctl_fail(&err);
	old = ctl_text(view, "editable");
	buf_init(&text, TEXT_MAX);
	if (file != NULL ? read_file(file, &text, &err)
			 : from_editor(old, name, &text, &err))
		rc = ctl_fail(&err);
	else
		rc = send_text(ctl, draft, view, &text);
	keep_or_remove(name, rc == EX_OK || strcmp(text.data, old) == 0);
	buf_release(&text);
	json_decref(view);
	return rc;
}
