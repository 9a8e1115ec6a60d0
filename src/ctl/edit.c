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

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

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

static int from_editor(const char *old, struct buf *text, struct error *err)
{
	const char *folder = getenv("TMPDIR");
	char name[256];
	int fd, rc;

	snprintf(name, sizeof(name), "%s/imprimatur.XXXXXX",
	    folder ? folder : "/tmp");
	fd = mkstemp(name);
	if (fd < 0)
		return error_set(err, ERROR_INTERNAL,
		    "cannot make a file in '%s': %s", folder ? folder : "/tmp",
		    strerror(errno));
	rc = write_file(fd, old, err) || run_editor(name, err) ||
		     read_file(name, text, err)
		 ? -1
		 : 0;
	unlink(name);
	return rc;
}

static int post(struct ctl *ctl, int64_t draft, json_t *body)
{
	struct error err = ERROR_INIT;
	json_t *conflict = NULL, *answer;
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/v1/drafts/%" PRId64 "/edit", draft);
	answer = call_post(path, body, &conflict, &err);
	if (answer == NULL) {
		rc = conflict ? decide_lost(conflict, &err) : ctl_fail(&err);
		json_decref(conflict);
		return rc;
	}
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
	json_t *body;

	if (strcmp(text->data, ctl_text(view, "editable")) == 0) {
		puts("nothing was changed");
		return EX_OK;
	}
	body = json_pack("{s:s, s:s%}", "sha256", ctl_text(view, "sha256"),
	    "text", text->data, text->len);
	if (body == NULL) {
		fprintf(stderr, "imprimatur: the text is not UTF-8\n");
		return EX_DATAERR;
	}
	return post(ctl, draft, body);
}

int ctl_edit(struct ctl *ctl)
{
	const char *file = ctl_take_option(ctl, "--file");
	int64_t draft = ctl_draft("edit", ctl->argc == 1 ? ctl->argv[0] : NULL);
	struct error err = ERROR_INIT;
	struct buf text;
	json_t *view;
	int rc;

	if (draft < 0)
		return EX_USAGE;
	view = decide_view(draft, &err);
	if (view == NULL)
		return ctl_fail(&err);
	buf_init(&text, TEXT_MAX);
	if (file != NULL ? read_file(file, &text, &err)
			 : from_editor(ctl_text(view, "editable"), &text, &err))
		rc = ctl_fail(&err);
	else
		rc = send_text(ctl, draft, view, &text);
	buf_release(&text);
	json_decref(view);
	return rc;
}
