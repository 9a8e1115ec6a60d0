/*
 * unmail: see unmail.h.
 */
#include "unmail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/mem.h"

static bool next_line(struct span *rest, struct span *line)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memmem(rest->data, rest->len, "\r\n", 2);
	assert_non_null(end);
	*line = (struct span){rest->data, (size_t)(end - rest->data)};
	rest->len -= line->len + 2;
	rest->data = end + 2;
	return true;
}

void unmail_check(struct span mail, const char *const *fields)
{
	struct span line;
	bool header = true;
	size_t i;

	while (next_line(&mail, &line)) {
		assert_true(line.len <= 998);
		assert_null(memchr(line.data, '\r', line.len));
		assert_null(memchr(line.data, '\n', line.len));
		for (i = 0; i < line.len; i++)
			if (header || line.data[i] != '\t')
				assert_in_range(
				    (unsigned char)line.data[i], 32, 126);
		if (line.len == 0)
			header = false;
		if (!header || line.data[0] == ' ')
			continue;
		assert_non_null(*fields);
		i = strlen(*fields);
		assert_true(line.len > i && line.data[i] == ':');
		assert_memory_equal(line.data, *fields, i);
		fields++;
	}
	assert_null(*fields);
	assert_false(header);
}

char *unmail_field(struct span mail, const char *name)
{
	struct span line;
	struct buf value;
	size_t n = strlen(name);
	bool found = false;

	buf_init(&value, 1 << 20);
	while (next_line(&mail, &line) && line.len > 0) {
		if (line.data[0] != ' ')
			found = line.len > n && line.data[n] == ':' &&
				memcmp(line.data, name, n) == 0;
		if (!found)
			continue;
		if (line.data[0] != ' ') {
			line.data += n + 1;
			line.len -= n + 1;
		}
		buf_add_span(&value, line);
	}
	return buf_detach(&value);
}

char *unmail_subject(struct span mail)
{
	char *raw = unmail_field(mail, "Subject"), *c = raw, *end, word[80];
	struct buf out;
	int n;

	buf_init(&out, 1 << 20);
	while ((c = strchr(c, ' ')) != NULL) {
		c++;
		if (strncmp(c, "=?utf-8?B?", 10) != 0) {
			buf_add_str(&out, c);
			break;
		}
		end = strstr(c, "?=");
		assert_non_null(end);
		assert_true(end + 2 - c <= 75); /* RFC 2047 2 */
		n = digest_base64_read(
		    c + 10, (size_t)(end - c - 10), word, sizeof(word));
		assert_true(n > 0);
		buf_add(&out, word, (size_t)n);
		c = end;
	}
	free(raw);
	return buf_detach(&out);
}

static int hex(char c)
{
	assert_true((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* RFC 2045 6.7 */
static void add_decoded(struct buf *out, struct span line)
{
	size_t i;

	assert_true(line.len <= 76);
	assert_true(line.len == 0 || line.data[line.len - 1] != ' ');
	for (i = 0; i < line.len; i++) {
		if (line.data[i] != '=') {
			buf_add_char(out, line.data[i]);
			continue;
		}
		if (i + 1 == line.len)
			return;
		assert_true(i + 2 < line.len);
		buf_add_char(out,
		    (char)(hex(line.data[i + 1]) * 16 + hex(line.data[i + 2])));
		i += 2;
	}
	buf_add_char(out, '\n');
}

char *unmail_body(struct span mail, const char *type)
{
	struct span line;
	struct buf out;
	char *wanted = mem_printf("Content-Type: %s; charset=utf-8", type);
	bool inside = false, found = false;

	buf_init(&out, 1 << 26);
	while (next_line(&mail, &line)) {
		if (line.len == strlen(wanted) &&
		    memcmp(line.data, wanted, line.len) == 0) {
			assert_false(found);
			found = true;
			while (next_line(&mail, &line) && line.len > 0)
				;
			inside = true;
			continue;
		}
		if (line.len > 4 && memcmp(line.data, "--=_", 4) == 0)
			inside = false;
		if (inside)
			add_decoded(&out, line);
	}
	assert_true(found);
	free(wanted);
	return buf_detach(&out);
}
