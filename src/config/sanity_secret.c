/*
 * sanity_secret: reads a secret and leaves no copy behind but the one.
 */
#include "config/sanity_secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int sanity_secret(struct arena *arena, const char *option, const char *file,
    const char **secret, struct error *err)
{
	char line[512] = "";
	struct stat st;
	FILE *in = fopen(file, "re");
	bool ok;

	if (in == NULL)
		return error_set(err, ERROR_INVALID, "cannot read %s '%s': %s",
		    option, file, strerror(errno));
	ok = fstat(fileno(in), &st) == 0 && (st.st_mode & 07) == 0;
	if (ok && fgets(line, sizeof(line), in) != NULL)
		line[strcspn(line, "\r\n")] = '\0';
	fclose(in);
	if (!ok)
		return error_set(err, ERROR_INVALID,
		    "%s '%s' can be read by everybody: chmod o= it", option,
		    file);
	if (*line == '\0')
		return error_set(err, ERROR_INVALID,
		    "%s '%s' has an empty first line", option, file);
	*secret = arena_strdup(arena, line);
	explicit_bzero(line, sizeof(line));
	return 0;
}
