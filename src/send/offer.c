/*
 * offer: reads the keywords of EHLO.  Which of them are used is left to
 * client.c and say.c.
 */
#include "send/offer.h"

#include <string.h>
#include <strings.h>

#include "send/answer.h"

#define LINE_MOST ANSWER_LINE_MOST

static void read_auth(struct offer *offer, char *words)
{
	char *next, *word;

	for (next = words; (word = strsep(&next, " ")) != NULL;) {
		offer->plain |= strcasecmp(word, "PLAIN") == 0;
		offer->login |= strcasecmp(word, "LOGIN") == 0;
	}
}

/* RFC 1870 3: decimal digits, or none, or zero for "no fixed limit". */
static void read_size(struct offer *offer, char *words)
{
	uint64_t n = 0;

	offer->size = true;
	for (; *words >= '0' && *words <= '9'; words++) {
		if (n > (UINT64_MAX - 9) / 10)
			return;
		n = n * 10 + (uint64_t)(*words - '0');
	}
	if (*words == '\0')
		offer->size_most = n;
}

static void read_line(struct offer *offer, char *line)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
	    {"STARTTLS", &offer->starttls},
	    {"PIPELINING", &offer->pipelining},
	    {"CHUNKING", &offer->chunking},
	    {"8BITMIME", &offer->eightbit},
	    {"SMTPUTF8", &offer->smtputf8},
	    {"DSN", &offer->dsn},
	};
	char *words = line;
	const char *name = strsep(&words, " ");
	size_t i;

	if (words == NULL)
		words = line + strlen(line);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcasecmp(name, flags[i].name) == 0)
			*flags[i].flag = true;
	if (strcasecmp(name, "AUTH") == 0)
		read_auth(offer, words);
	if (strcasecmp(name, "SIZE") == 0)
		read_size(offer, words);
}

void offer_read(struct offer *offer, const struct answer *answer)
{
	const char *at = answer->text.data;
	char line[LINE_MOST];
	size_t len;

	memset(offer, 0, sizeof(*offer));
	/* the first line is a greeting */
	for (at += strcspn(at, "\n"); *at != '\0'; at += len) {
		at++;
		len = strcspn(at, "\n");
		memcpy(line, at, len);
		line[len] = '\0';
		read_line(offer, line);
	}
}
