/*
 * sanity_secret: reads a secret and leaves no copy behind but the one.
 */
#include "config/sanity_secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LINE_MAX_BYTES (16 * 1024) /* tokens are long */
#define PEM_MAX	       (64 * 1024)

int sanity_secret(struct arena *arena, const char *option, const char *file,
    const char **secret, struct error *err)
{
	char line[LINE_MAX_BYTES] = "";
	struct stat st;
	FILE *in = fopen(file, "re");
	bool ok, whole = true;

	if (in == NULL)
		return error_set(err, ERROR_INVALID, "cannot read %s '%s': %s",
		    option, file, strerror(errno));
	if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode)) {
		fclose(in);
		return error_set(
		    err, ERROR_INVALID, "%s '%s' is no file", option, file);
	}
	ok = (st.st_mode & 07) == 0;
	if (ok && fgets(line, sizeof(line), in) != NULL) {
		whole = strlen(line) < sizeof(line) - 1;
		line[strcspn(line, "\r\n")] = '\0';
	}
	fclose(in);
	if (!ok)
		return error_set(err, ERROR_INVALID,
		    "%s '%s' can be read by everybody: chmod o= it", option,
		    file);
	if (!whole) {
		explicit_bzero(line, sizeof(line));
		return error_set(err, ERROR_INVALID,
		    "the first line of %s '%s' is too long, %d bytes are the "
		    "most",
		    option, file, LINE_MAX_BYTES - 2);
	}
	if (*line == '\0')
		return error_set(err, ERROR_INVALID,
		    "%s '%s' has an empty first line", option, file);
	*secret = arena_strdup(arena, line);
	explicit_bzero(line, sizeof(line));
	return 0;
}

/* -1: there is more than fits. */
static int read_all(FILE *in, char *out, size_t size)
{
	size_t n = fread(out, 1, size - 1, in);

	out[n] = '\0';
	return n == size - 1 || strlen(out) != n ? -1 : 0;
}

int sanity_secret_pem(struct arena *arena, const char *option, const char *file,
    bool secret, const char **pem, struct error *err)
{
	char text[PEM_MAX];
	FILE *in = fopen(file, "re");
	struct stat st;
	int rc = -1;

	if (in == NULL)
		return error_set(err, ERROR_INVALID, "cannot read %s '%s': %s",
		    option, file, strerror(errno));
	if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode))
		error_set(
		    err, ERROR_INVALID, "%s '%s' is no file", option, file);
	else if (secret && (st.st_mode & 07) != 0)
		error_set(err, ERROR_INVALID,
		    "%s '%s' can be read by everybody: chmod o= it", option,
		    file);
	else if (read_all(in, text, sizeof(text)))
		error_set(err, ERROR_INVALID,
		    "%s '%s' is no PEM file, or larger than 64 KB", option,
		    file);
	else
		rc = 0;
	fclose(in);
	if (rc == 0)
		*pem = arena_strdup(arena, text);
	explicit_bzero(text, sizeof(text));
	return rc;
}
