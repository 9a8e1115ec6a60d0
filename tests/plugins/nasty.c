/*
 * nasty: a plug-in that does what its option "deed" says, to see what becomes
 * of the reader that loaded it.  For test-plugin.
 */
#include <fcntl.h>
#include <imprimatur/plugin.h>
#include <magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unicode/ustring.h>
#include <unistd.h>

struct nasty {
	const struct imprimatur_host *host;
	char deed[32];
	const char *word; /* or NULL: with every mail */
	magic_t magic;
};

static volatile unsigned endless;

static void crash(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	raise(SIGSEGV);
	__builtin_trap();
}

static void die(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	abort();
}

static void leave(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	exit(0);
}

static void loop(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	for (;;)
		endless++;
}

static void take_memory(struct nasty *nasty, struct imprimatur_report *report)
{
	for (;;)
		memset(nasty->host->memory(report, 100000), 1, 100000);
}

/* All that malloc() has; then it writes to what it did not get. */
static void eat(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	for (;;)
		memset(malloc(10000000), 1, 10000000);
}

static void connect_out(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void start_program(struct nasty *nasty, struct imprimatur_report *report)
{
	(void)nasty;
	(void)report;
	execl("/bin/true", "true", (char *)NULL);
}

/* A sanitizer must be able to say what it found. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MAY_SPEAK 1
#else
#define MAY_SPEAK 0
#endif

/* What is only denied: it must report that, and be alive. */
static void try_out(struct nasty *nasty, struct imprimatur_report *report)
{
	int fd = open("/etc/passwd", O_RDONLY);
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	nasty->host->find(report, IMPRIMATUR_NOTE,
	    fd < 0 && pid < 0 && (MAY_SPEAK || write(2, "", 0) < 0) ? "denied"
								    : "allowed",
	    NULL, "file %d, process %d", fd, (int)pid);
}

static void babble(struct nasty *nasty, struct imprimatur_report *report)
{
	const struct imprimatur_host *host = nasty->host;
	char *huge = malloc(1000001);

	memset(huge, 'x', 1000000);
	huge[1000000] = '\0';
	host->find(report, IMPRIMATUR_NOTE, "huge", huge, "%s", huge);
	host->find(
	    report, IMPRIMATUR_NOTE, "bytes", "\xff\xfe", "\xc3(\x01)\n");
	host->find(report, IMPRIMATUR_NOTE, "same", "1", "once");
	host->find(report, IMPRIMATUR_NOTE, "same", "1", "once");
	host->find(report, (enum imprimatur_weight)77, "heavy", NULL, "x");
	host->find(report, IMPRIMATUR_NOTE, "No Name", NULL, "x");
	host->find(report, IMPRIMATUR_NOTE, NULL, NULL, "x");
	host->find(report, IMPRIMATUR_NOTE, huge, NULL, "x");
	free(huge);
}

static void flood(struct nasty *nasty, struct imprimatur_report *report)
{
	for (int i = 0; i < 10000; i++)
		nasty->host->find(
		    report, IMPRIMATUR_CAUTION, "flood", NULL, "%d", i);
}

/* What was opened in configure() works behind the seal. */
static void use_libraries(struct nasty *nasty, struct imprimatur_report *report)
{
	static const char pdf[] = "%PDF-1.4\n";
	UErrorCode status = U_ZERO_ERROR;
	UChar from[] = {0x130, 0xc9, 0}, to[8];

	u_strToLower(to, 8, from, -1, "", &status);
	nasty->host->find(report, IMPRIMATUR_NOTE, "type",
	    magic_buffer(nasty->magic, pdf, sizeof(pdf) - 1), "%s",
	    U_SUCCESS(status) && to[0] == 'i' ? "small" : "large");
}

static const struct {
	const char *name;
	void (*deed)(struct nasty *nasty, struct imprimatur_report *report);
} deeds[] = {
    {"crash", crash},
    {"abort", die},
    {"exit", leave},
    {"loop", loop},
    {"memory", take_memory},
    {"eat", eat},
    {"socket", connect_out},
    {"exec", start_program},
    {"try", try_out},
    {"babble", babble},
    {"flood", flood},
    {"libraries", use_libraries},
};

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	struct nasty *nasty = calloc(1, sizeof(*nasty));
	const char *deed = host->option(options, "deed");

	*state = nasty;
	nasty->host = host;
	snprintf(nasty->deed, sizeof(nasty->deed), "%s",
	    host->item(options, "list", 1) != NULL
		? host->item(options, "list", 1)
		: deed);
	nasty->word = host->option(options, "word");
	if (nasty->word != NULL)
		nasty->word = strdup(nasty->word);
	if (strcmp(deed, "silent-failure") == 0)
		return -1;
	if (strcmp(deed, "early-crash") == 0)
		raise(SIGSEGV);
	if (strcmp(deed, "libraries") == 0) {
		nasty->magic = magic_open(MAGIC_MIME_TYPE);
		if (magic_load(nasty->magic, NULL) != 0)
			host->complain(
			    options, "libmagic: %s", magic_error(nasty->magic));
	}
	return 0;
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	struct nasty *nasty = state;

	if (nasty->word != NULL &&
	    memmem(mail->text, mail->text_size, nasty->word,
		strlen(nasty->word)) == NULL)
		return;
	/* it may look at every byte of a mail */
	for (size_t i = 0; i < mail->n_parts; i++)
		for (size_t k = 0; k < mail->parts[i].size; k++)
			endless += mail->parts[i].bytes[k];
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(deeds[i].name, nasty->deed) == 0)
			deeds[i].deed(nasty, report);
}

static const struct imprimatur_option options[] = {
    {"deed", "text", "what to do"},
    {"list", "list", "the second of these is the deed"},
    {"word", "text", "only with mails that have it; with all"},
    {"strict", "true or false", "nothing; false"},
    {NULL, NULL, NULL},
};

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "nasty",
    .version = "1",
    .about = "misbehaves",
    .options = options,
    .configure = configure,
    .check = check,
};
