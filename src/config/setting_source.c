/*
 * setting_source: reads files of a configuration.  What their text means is
 * left to setting.c.
 */
#include "config/setting_source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_file(const char *name, int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(err, ERROR_INVALID, "%s: cannot be read: %s",
		    name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(
		    err, ERROR_INVALID, "%s: is no ordinary file", name);
	if ((st.st_mode & S_IWOTH) != 0)
		return error_set(err, ERROR_INVALID,
		    "%s: everybody may write this file, and so change the "
		    "rules; run \"chmod o-w %s\"",
		    name, name);
	if ((size_t)st.st_size > SETTING_SOURCE_MAX)
		return error_set(err, ERROR_INVALID,
		    "%s: is larger than %zu MB", name,
		    SETTING_SOURCE_MAX / 1024 / 1024);
	return 0;
}

/* How many bytes the UTF-8 character at s has; 0: it is none. */
static size_t character(const unsigned char *s, size_t len)
{
	static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = *s < 0x80   ? 1
		   : *s < 0xc2 ? 0
		   : *s < 0xe0 ? 2
		   : *s < 0xf0 ? 3
		   : *s < 0xf5 ? 4
			       : 0;
	unsigned long c = n > 1 ? *s & (0x7fu >> n) : *s;
	size_t i;

	if (n == 0 || n > len || *s == '\0')
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0
									   : n;
}

bool setting_source_is_text(const char *text)
{
	size_t n, len = strlen(text);

	for (; len > 0; text += n, len -= n) {
		n = character((const unsigned char *)text, len);
		if (n == 0)
			return false;
	}
	return true;
}

static int check_text(const char *name, struct span text, struct error *err)
{
	const unsigned char *s = (const unsigned char *)text.data;
	size_t i, n;
	unsigned line = 1;

	for (i = 0; i < text.len; i += n) {
		n = character(s + i, text.len - i);
		if (n == 0)
			return error_set(err, ERROR_INVALID,
			    "%s:%u: is not UTF-8 here; save the file as UTF-8",
			    name, line);
		line += s[i] == '\n';
	}
	return 0;
}

static int read_all(
    const char *name, int fd, struct buf *out, struct error *err)
{
	char block[16384];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		if (buf_add(out, block, (size_t)n))
			return error_set(
			    err, ERROR_INVALID, "%s: is too large", name);
	return n == 0 ? 0
		      : error_set(err, ERROR_INVALID, "%s: cannot be read: %s",
			    name, strerror(errno));
}

int setting_source_read(
    const char *name, struct digest *digest, struct buf *out, struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0)
		return error_set(err, ERROR_INVALID, "%s: cannot be read: %s",
		    name, strerror(errno));
	rc = check_file(name, fd, err);
	if (rc == 0)
		rc = read_all(name, fd, out, err);
	close(fd);
	if (rc == 0 && digest != NULL) {
		digest_add(digest, &out->len, sizeof(out->len));
		digest_add(digest, out->data, out->len);
	}
	if (rc == 0 && out->len >= 3 && memcmp(out->data, mark, 3) == 0)
		buf_drop_front(out, 3);
	return rc ? rc : check_text(name, buf_span(out), err);
}

const char *setting_source_path(
    struct arena *arena, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (*path == '/' || slash == NULL)
		return arena_strdup(arena, path);
	return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, path);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool setting_source_line(struct span *at, struct span *line)
{
	while (at->len > 0) {
		const char *end = memchr(at->data, '\n', at->len);
		size_t n = end == NULL ? at->len : (size_t)(end - at->data);

		*line = (struct span){at->data, n};
		n += end != NULL;
		at->data += n;
		at->len -= n;
		while (line->len > 0 && is_blank(*line->data)) {
			line->data++;
			line->len--;
		}
		while (line->len > 0 && is_blank(line->data[line->len - 1]))
			line->len--;
		if (line->len > 0 && *line->data != '#')
			return true;
	}
	return false;
}

struct scan {
	const char *at, *end;
	unsigned line;
};

static int next(struct scan *s)
{
	if (s->at == s->end)
		return EOF;
	s->line += *s->at == '\n';
	return (unsigned char)*s->at++;
}

/* Skip a comment that begins with c; returns the character after it. */
static int skip_comment(struct scan *s, int c)
{
	int before = 0;

	if (c == '/') {
		c = next(s);
		if (c == '*') {
			while ((c = next(s)) != EOF &&
			       !(before == '*' && c == '/'))
				before = c;
			return next(s);
		}
		if (c != '/')
			return c;
	}
	while (c != EOF && c != '\n')
		c = next(s);
	return c;
}

/* Skip a text in quotes; returns the character after it. */
static int skip_text(struct scan *s)
{
	int c;

	while ((c = next(s)) != EOF && c != '"')
		if (c == '\\')
			next(s);
	return next(s);
}

int setting_source_numbers(
    const char *name, struct span text, struct error *err)
{
	struct scan s = {text.data, text.data + text.len, 1};
	unsigned digits = 0;
	bool word = false;
	int c = next(&s);

	while (c != EOF) {
		if (c == '#' || c == '/') {
			c = skip_comment(&s, c);
			continue;
		}
		if (c == '"') {
			c = skip_text(&s);
			continue;
		}
		word = isalpha(c) || c == '_' || (word && isdigit(c));
		digits = !word && isdigit(c) ? digits + 1 : 0;
		if (digits > 9)
			return error_set(err, ERROR_INVALID,
			    "%s:%u: a number of more than nine digits; write "
			    "sizes and times with a unit, such as \"25M\", "
			    "and amounts in quotes",
			    name, s.line);
		c = next(&s);
	}
	return 0;
}
