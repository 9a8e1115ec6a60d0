/*
 * chat_place: the grammar of ids, as far as a slip of the pen would show.
 * Whether there is such a place is left to the room chat.
 */
#include "config/chat_place.h"

#include <string.h>

#define ID_LEAST   3   /* bytes of an id of Slack, with its letter */
#define ID_MOST	   32  /* likewise */
#define MATRIX_MAX 255 /* bytes of an id or alias of Matrix */

static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* One of these letters, then capitals and digits: how long?  0: no. */
static size_t slack_id(const char *text, const char *letters)
{
	size_t n = strspn(text, capitals);

	if (n < ID_LEAST || n > ID_MOST || strchr(letters, *text) == NULL)
		return 0;
	return n;
}

bool chat_place_channel(const char *text)
{
	size_t n = slack_id(text, "CGD");

	return n > 0 && text[n] == '\0';
}

bool chat_place_member(const char *text)
{
	size_t n = slack_id(text, "T"), k;

	if (n == 0 || text[n] != '/')
		return false;
	k = slack_id(text + n + 1, "UW");
	return k > 0 && text[n + 1 + k] == '\0';
}

/* A name of DNS, an address, "[::1]"; with a port or not. */
static bool is_server(const char *text)
{
	size_t n;

	if (*text == '[') {
		n = strspn(++text, "0123456789abcdefABCDEF:.");
		if (n < 2 || text[n] != ']')
			return false;
		n++;
	} else {
		n = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
		if (n == 0)
			return false;
	}
	text += n;
	if (*text == '\0')
		return true;
	n = *text == ':' ? strspn(text + 1, "0123456789") : 0;
	return n > 0 && n <= 5 && text[1 + n] == '\0';
}

/* Bytes up to the first colon that may stand there; 0: none. */
static size_t local_part(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	while (*c > ' ' && *c != 0x7f && *c != ':')
		c++;
	return (size_t)(c - (const unsigned char *)text);
}

bool chat_place_room(const char *text)
{
	size_t n;

	if ((*text != '!' && *text != '#') || strlen(text) > MATRIX_MAX)
		return false;
	n = local_part(text + 1);
	if (n == 0)
		return false;
	text += 1 + n;
	/* ids of newer rooms have no server */
	return *text == ':' ? is_server(text + 1)
			    : *text == '\0' && text[-1 - (long)n] == '!';
}

bool chat_place_person(const char *text)
{
	const char *c;
	size_t n;

	if (*text != '@' || strlen(text) > MATRIX_MAX)
		return false;
	for (c = text; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x7f)
			return false;
	n = local_part(text + 1);
	return n > 0 && text[1 + n] == ':' && is_server(text + 2 + n);
}
