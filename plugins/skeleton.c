/*
 * skeleton: a plug-in to start from.  It finds mails that shout: words in
 * capitals beyond a share that the admin sets.
 *
 *     cc -shared -fPIC $(pkg-config --cflags imprimatur) -o shout.so shout.c
 *
 * See imprimatur-plugin(7).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include <imprimatur/plugin.h>

struct shout {
	const struct imprimatur_host *host;
	double share; /* of letters that may be capitals */
};

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	const char *share = host->option(options, "share");
	struct shout *shout = calloc(1, sizeof(*shout));
	char *end;

	if (shout == NULL)
		return -1;
	*state = shout;
	shout->host = host;
	shout->share = 0.6;
	if (share == NULL)
		return 0;
	shout->share = strtod(share, &end);
	if (end != share && *end == '\0' && shout->share > 0 &&
	    shout->share <= 1)
		return 0;
	host->complain(
	    options, "share is '%s'; it must be above 0, at most 1", share);
	free(shout);
	return -1;
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct shout *shout = state;
	size_t letters = 0, capitals = 0;
	char value[16];

	for (size_t i = 0; i < mail->own_text_size; i++) {
		unsigned char c = (unsigned char)mail->own_text[i];

		letters += isalpha(c) != 0;
		capitals += isupper(c) != 0;
	}
	if (letters < 20 || (double)capitals <= shout->share * (double)letters)
		return;
	snprintf(
	    value, sizeof(value), "%.2f", (double)capitals / (double)letters);
	shout->host->find(report, IMPRIMATUR_CAUTION, "shouting", value,
	    "%zu of %zu letters are capitals", capitals, letters);
}

static const struct imprimatur_option options[] = {
    {"share", "number", "of letters that may be capitals; 0.6"},
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    {"shouting", "too many capitals; the value is their share"},
    {NULL, NULL},
};

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "skeleton",
    .version = "1",
    .about = "finds mails that shout",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = free,
};
