/*
 * attachments: what the attached files are, by their content, what their names
 * hide, how large and how many they are, and whether one was forgotten.
 * Nothing is unpacked: lists of contents are read, with bounds.
 */
#include "attached.h"
#include "filename.h"
#include "kinds.h"
#include "zip.h"

#include <imprimatur/plugin.h>

#include <fnmatch.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <magic.h>

#define LOOK_MOST  (1024 * 1024) /* bytes of a file that libmagic gets */
#define FOUND_MOST 15		 /* findings of one name */

struct attachments {
	const struct imprimatur_host *host;
	char **allow, **deny; /* patterns, NULL at the end */
	uint64_t max_size;    /* bytes; 0: any */
	uint64_t max_count;   /* 0: any number */
};

/* One database for all channels; the last release closes it. */
static magic_t database;
static unsigned users;

static const struct imprimatur_option options[] = {
    {"allow_types", "list",
	"media types or file names, such as \"image/*\" and \"*.pdf\"; others "
	"are told; all are allowed"},
    {"deny_types", "list", "likewise: these are told; none"},
    {"max_size", "text", "of one file, such as \"10M\"; any"},
    {"max_count", "number", "of files; any"},
    {NULL, NULL, NULL},
};

enum finding { TYPE, NAME, SIZE, NUMBER, MISSING, FINDINGS };

static const struct imprimatur_finding findings[] = {
    [TYPE] = {"attachment-type",
	"not what it says, a program, a script, an archive, macros, or not "
	"allowed; the value is the real media type"},
    [NAME] = {"attachment-name", "a name that deceives or does harm; the value "
				 "is what is wrong"},
    [SIZE] = {"attachment-size",
	"above the option max_size; the value is in bytes"},
    [NUMBER] = {"attachment-count",
	"more than the option max_count; the value is how many"},
    [MISSING] = {"attachment-missing",
	"the text speaks of an attachment and there is none"},
    {NULL, NULL},
};

/* ---- configure ---- */

static void free_list(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void release(void *state)
{
	struct attachments *self = state;

	free_list(self->allow);
	free_list(self->deny);
	free(self);
	if (--users == 0) {
		magic_close(database);
		database = NULL;
	}
}

/* A list of patterns; NULL when it is empty.  -1: no memory. */
static int read_list(const struct imprimatur_host *host,
    const struct imprimatur_options *given, const char *option, char ***list)
{
	const char *item;

	for (size_t i = 0; (item = host->item(given, option, i)) != NULL; i++) {
		char **more = realloc(*list, (i + 2) * sizeof(*more));

		if (more == NULL)
			return -1;
		*list = more;
		more[i + 1] = NULL;
		more[i] = strdup(item);
		if (more[i] == NULL)
			return -1;
		if (strpbrk(item, "/.*") != NULL)
			continue;
		host->complain(given,
		    "%s has '%s'; write media types such as \"image/*\", or "
		    "names such as \"*.pdf\"",
		    option, item);
		return -1;
	}
	return 0;
}

/* "10M" as bytes; 0: it is none. */
static uint64_t read_size(const char *text, bool units)
{
	static const char letters[] = "KMG";
	unsigned shift = 0;
	uint64_t value;
	const char *unit;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return 0;
	value = strtoull(text, &end, 10);
	unit = *end != '\0' && units ? strchr(letters, *end & ~0x20) : NULL;
	if (unit != NULL) {
		shift = 10 * (unsigned)(unit - letters + 1);
		end++;
	}
	if (*end != '\0' || value > UINT64_MAX >> 40)
		return 0;
	return value << shift;
}

static int read_limit(const struct imprimatur_host *host,
    const struct imprimatur_options *given, const char *option, uint64_t *value)
{
	bool units = strcmp(option, "max_size") == 0;
	const char *text = host->option(given, option);

	if (text == NULL)
		return 0;
	*value = read_size(text, units);
	if (*value > 0)
		return 0;
	host->complain(given,
	    units ? "%s is '%s'; write a size such as \"10M\""
		  : "%s is '%s'; write a whole number above 0",
	    option, text);
	return -1;
}

/* libmagic reads its database now; behind the seal there is no file. */
static int open_database(
    const struct imprimatur_host *host, const struct imprimatur_options *given)
{
	static const char sample[] = "%PDF-1.4\n";

	if (users > 0)
		return 0;
	database = magic_open(
	    MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF);
	if (database != NULL && magic_load(database, NULL) == 0 &&
	    magic_buffer(database, sample, sizeof(sample) - 1) != NULL)
		return 0;
	host->complain(given, "the database of file types cannot be read: %s",
	    database != NULL ? magic_error(database) : "no memory");
	if (database != NULL)
		magic_close(database);
	database = NULL;
	return -1;
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *given, void **state)
{
	struct attachments *self = calloc(1, sizeof(*self));

	if (self == NULL || open_database(host, given) != 0) {
		free(self);
		return -1;
	}
	users++;
	self->host = host;
	*state = self;
	if (read_list(host, given, "allow_types", &self->allow) == 0 &&
	    read_list(host, given, "deny_types", &self->deny) == 0 &&
	    read_limit(host, given, "max_size", &self->max_size) == 0 &&
	    read_limit(host, given, "max_count", &self->max_count) == 0)
		return 0;
	release(self);
	*state = NULL;
	return -1;
}

/* ---- one file ---- */

struct file {
	const struct attachments *self;
	struct imprimatur_report *report;
	const struct imprimatur_part *part;
	const char *name;	  /* or "" */
	const char *type;	  /* what it is */
	enum kinds kind, claimed; /* what it is, and what it says it is */
	bool told;
};

__attribute__((format(printf, 3, 4))) static void tell(
    struct file *file, enum imprimatur_weight weight, const char *format, ...)
{
	char why[300];
	va_list args;

	if (file->told)
		return;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	file->told = true;
	file->self->host->find(file->report, weight, findings[TYPE].name,
	    file->type, "%s%s%s %s", file->name[0] != '\0' ? "\"" : "",
	    file->name[0] != '\0' ? file->name : file->part->type,
	    file->name[0] != '\0' ? "\"" : "", why);
}

static bool starts(
    const struct imprimatur_part *part, const void *with, size_t size)
{
	return part->size >= size && memcmp(part->bytes, with, size) == 0;
}

/* "MZ", and behind it what no text has. */
static bool is_dos(const struct imprimatur_part *part)
{
	size_t n = part->size < 512 ? part->size : 512;

	return starts(part, "MZ", 2) &&
	       (n == 2 || memchr(part->bytes, '\0', n) != NULL ||
		   memchr(part->bytes, '\x90', n) != NULL);
}

static bool is_ole(const struct imprimatur_part *part)
{
	return starts(part, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
}

/* What libmagic says, and what it overlooks. */
static void find_type(struct file *file)
{
	const struct imprimatur_part *part = file->part;
	size_t size = part->size < LOOK_MOST ? part->size : LOOK_MOST;

	file->type = "application/x-empty";
	if (size > 0)
		file->type = magic_buffer(database, part->bytes, size);
	if (file->type == NULL)
		file->type = "application/octet-stream";
	file->kind = kinds_of_type(file->type);
	if (file->kind == KINDS_UNKNOWN || file->kind == KINDS_TEXT) {
		if (is_dos(part))
			file->type = "application/x-dosexec";
		else if (is_ole(part))
			file->type = "application/x-ole-storage";
		else if (starts(part, "Rar!\x1a\7", 6))
			file->type = "application/x-rar";
		else if (starts(part, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", 8))
			file->type = "application/onenote";
		file->kind = kinds_of_type(file->type);
	}
	file->claimed = kinds_of_name(file->name, strlen(file->name));
	if (file->claimed == KINDS_UNKNOWN)
		file->claimed = kinds_of_type(part->type);
}

static bool has(
    const struct imprimatur_part *part, const void *what, size_t size)
{
	return memmem(part->bytes, part->size, what, size) != NULL;
}

/* A word as it stands in the directory of an OLE file: two bytes a letter. */
static bool has_wide(const struct imprimatur_part *part, const char *word)
{
	char wide[80];
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++) {
		wide[2 * i] = word[i];
		wide[2 * i + 1] = '\0';
	}
	return has(part, wide, 2 * n);
}

static bool allows(const struct file *file, char *const *patterns)
{
	for (; *patterns != NULL; patterns++)
		if (fnmatch(*patterns, file->type, FNM_CASEFOLD) == 0 ||
		    (file->kind == KINDS_TEXT && file->claimed == KINDS_TEXT &&
			fnmatch(*patterns, file->part->type, FNM_CASEFOLD) ==
			    0) ||
		    (strchr(*patterns, '/') == NULL &&
			fnmatch(*patterns, file->name, FNM_CASEFOLD) == 0))
			return true;
	return false;
}

static bool is_told_of(const struct file *file)
{
	return file->self->allow == NULL || !allows(file, file->self->allow);
}

static void look_at_zip(struct file *file, const struct zip *zip)
{
	char name[FILENAME_SHOWN];

	if (zip->office != NULL && file->kind != KINDS_OFFICE) {
		file->kind = KINDS_OFFICE;
		file->type = zip->office;
	} else if (file->kind == KINDS_UNKNOWN) {
		file->kind = KINDS_ARCHIVE;
		file->type = "application/zip";
	}
	if (zip->locked)
		tell(file, IMPRIMATUR_CAUTION, "is locked with a password");
	if (zip->macros)
		tell(file, IMPRIMATUR_CAUTION, "has macros");
	if (zip->program != NULL) {
		filename_shown(zip->program, zip->program_size, name);
		tell(file, IMPRIMATUR_CAUTION, "holds a program, \"%s\"", name);
	}
	if (!zip->complete)
		tell(file, IMPRIMATUR_CAUTION,
		    "has no list of contents that could be read");
}

/* What runs, or could. */
static void look_for_programs(struct file *file)
{
	const struct imprimatur_part *part = file->part;
	bool page = file->kind == KINDS_HTML || file->claimed == KINDS_HTML ||
		    strstr(file->type, "svg") != NULL;

	if (file->kind == KINDS_PROGRAM || file->claimed == KINDS_PROGRAM)
		tell(file, IMPRIMATUR_CAUTION, "is a program");
	if (file->claimed == KINDS_SCRIPT ||
	    (file->kind == KINDS_SCRIPT && file->claimed != KINDS_TEXT))
		tell(file, IMPRIMATUR_CAUTION, "is a script");
	if (file->claimed == KINDS_MACROS || file->kind == KINDS_MACROS)
		tell(file, IMPRIMATUR_CAUTION, "is made for macros");
	if (is_ole(part) && has_wide(part, "_VBA_PROJECT"))
		tell(file, IMPRIMATUR_CAUTION, "has macros");
	if (is_ole(part) && has_wide(part, "EncryptedPackage"))
		tell(file, IMPRIMATUR_CAUTION, "is locked with a password");
	if (page && (has(part, "<script", 7) || has(part, "<SCRIPT", 7)))
		tell(file, IMPRIMATUR_CAUTION, "is a page with a script");
	if (file->kind == KINDS_PDF &&
	    (has(part, "/JavaScript", 11) || has(part, "/Launch", 7)))
		tell(file, IMPRIMATUR_CAUTION, "is a PDF that runs something");
}

/* Is what it says near enough to what it is? */
static bool is_near(enum kinds claimed, enum kinds kind)
{
	if (claimed == kind || claimed == KINDS_UNKNOWN ||
	    kind == KINDS_UNKNOWN)
		return true;
	switch (claimed) {
	case KINDS_TEXT:
		return kind == KINDS_HTML || kind == KINDS_SCRIPT;
	case KINDS_HTML:
		return kind == KINDS_TEXT;
	case KINDS_OLD:
		return kind == KINDS_OFFICE || kind == KINDS_TEXT;
	case KINDS_ARCHIVE:
		return kind == KINDS_OFFICE;
	default:
		return false;
	}
}

static void look_at_claim(struct file *file)
{
	const struct attachments *self = file->self;

	if (self->deny != NULL && allows(file, self->deny))
		tell(file, IMPRIMATUR_CAUTION, "is %s, which is denied",
		    file->type);
	if (self->allow != NULL && !allows(file, self->allow))
		tell(file, IMPRIMATUR_CAUTION, "is %s, which is not allowed",
		    file->type);
	if (!is_near(file->claimed, file->kind))
		tell(file, IMPRIMATUR_CAUTION, "says it is %s and is %s",
		    kinds_say(file->claimed), kinds_say(file->kind));
}

static void look_at_type(struct file *file)
{
	struct zip zip = {.n = 0};
	bool is_zip = zip_read(file->part->bytes, file->part->size, &zip);

	find_type(file);
	if (is_zip)
		look_at_zip(file, &zip);
	look_for_programs(file);
	look_at_claim(file);
	if (file->kind != KINDS_ARCHIVE || !is_told_of(file))
		return;
	if (is_zip)
		tell(
		    file, IMPRIMATUR_NOTE, "is an archive of %zu files", zip.n);
	else
		tell(file, IMPRIMATUR_CAUTION,
		    "is an archive that nobody looked into");
}

/* ---- all files ---- */

static bool is_type(const struct imprimatur_part *part, const char *type)
{
	return strncmp(part->type, type, strlen(type)) == 0;
}

static bool is_attached(const struct imprimatur_part *part)
{
	return part->disposition != NULL &&
	       strcmp(part->disposition, "attachment") == 0;
}

/* Is it what people read, and no file? */
static bool is_body(const struct imprimatur_part *part)
{
	return is_type(part, "text/") && part->filename == NULL &&
	       !is_attached(part);
}

static void look_at_file(const struct attachments *self,
    const struct imprimatur_part *part, struct imprimatur_report *report,
    unsigned told[FINDINGS])
{
	struct file file = {.self = self, .report = report, .part = part};
	char shown[FILENAME_SHOWN], value[24];
	const char *name = part->filename != NULL ? part->filename : "";
	const char *wrong = NULL, *why;

	filename_shown(name, strlen(name), shown);
	if (part->filename != NULL)
		wrong = filename_wrong(name, &why);
	if (wrong != NULL && ++told[NAME] <= FOUND_MOST)
		self->host->find(report, IMPRIMATUR_CAUTION,
		    findings[NAME].name, wrong, "\"%s\" %s", shown, why);
	if (self->max_size > 0 && part->size > self->max_size &&
	    ++told[SIZE] <= FOUND_MOST) {
		snprintf(value, sizeof(value), "%zu", part->size);
		self->host->find(report, IMPRIMATUR_NOTE, findings[SIZE].name,
		    value, "%s%s%s has %zu bytes", *shown ? "\"" : "",
		    *shown ? shown : part->type, *shown ? "\"" : "",
		    part->size);
	}
	file.name = shown;
	if (told[TYPE] < FOUND_MOST)
		look_at_type(&file);
	told[TYPE] += file.told;
}

/* How many pictures the pages show within themselves. */
static size_t count_shown(const struct imprimatur_mail *mail)
{
	size_t n = 0;

	for (size_t i = 0; i < mail->n_parts; i++) {
		const struct imprimatur_part *part = &mail->parts[i];
		const char *p = part->source, *end = p + part->source_size;

		if (p == NULL || !is_type(part, "text/html"))
			continue;
		while ((p = memmem(p, (size_t)(end - p), "cid:", 4)) != NULL) {
			p += 4;
			n++;
		}
	}
	return n;
}

/* Of two forms of one text the first counts. */
static bool is_first(const struct imprimatur_part *part, size_t index)
{
	return part->alternative < 0 || (size_t)part->alternative > index;
}

/*
 * How many things a reader would call an attachment.  A picture within a page
 * is none; a picture beside plain text is one.
 */
static size_t count_attached(const struct imprimatur_mail *mail)
{
	size_t n = 0, pictures = 0, bodies = 0, shown = count_shown(mail);

	for (size_t i = 0; i < mail->n_parts; i++) {
		const struct imprimatur_part *part = &mail->parts[i];

		if (is_body(part) && !is_type(part, "text/calendar"))
			bodies += is_first(part, i);
		else if (is_type(part, "application/pgp-signature") ||
			 is_type(part, "application/pkcs7-signature") ||
			 is_type(part, "application/x-pkcs7-signature"))
			continue;
		else if (is_type(part, "image/") && !is_attached(part))
			pictures++;
		else
			n++;
	}
	/* a text beside the body: a mail that is forwarded, a note */
	return n + (pictures > shown ? pictures - shown : 0) +
	       (bodies > 1 ? bodies - 1 : 0);
}

static void look_for_missing(const struct attachments *self,
    const struct imprimatur_mail *mail, struct imprimatur_report *report)
{
	const char *phrase;

	if (count_attached(mail) > 0)
		return;
	phrase = attached_phrase(mail->own_text, mail->own_text_size,
	    self->host->memory(report, mail->own_text_size * 2 + 8));
	if (phrase != NULL)
		self->host->find(report, IMPRIMATUR_CAUTION,
		    findings[MISSING].name, NULL,
		    "the text says \"%s\", and nothing is attached", phrase);
}

static void say_rest(const struct attachments *self,
    struct imprimatur_report *report, const unsigned told[FINDINGS],
    size_t files)
{
	for (size_t i = 0; i < FINDINGS; i++)
		if (told[i] > FOUND_MOST)
			self->host->find(report,
			    i == SIZE ? IMPRIMATUR_NOTE : IMPRIMATUR_CAUTION,
			    findings[i].name, NULL, "and %u more",
			    told[i] - FOUND_MOST);
	if (told[TYPE] == FOUND_MOST)
		self->host->find(report, IMPRIMATUR_CAUTION,
		    findings[TYPE].name, NULL,
		    "not all of %zu files were looked into", files);
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct attachments *self = state;
	unsigned told[FINDINGS] = {0};
	size_t files = 0;
	char value[24];

	for (size_t i = 0; i < mail->n_parts; i++) {
		if (is_body(&mail->parts[i]))
			continue;
		look_at_file(self, &mail->parts[i], report, told);
		files++;
	}
	say_rest(self, report, told, files);
	if (self->max_count > 0 && files > self->max_count) {
		snprintf(value, sizeof(value), "%zu", files);
		self->host->find(report, IMPRIMATUR_NOTE, findings[NUMBER].name,
		    value, "%zu files", files);
	}
	look_for_missing(self, mail, report);
}

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "attachments",
    .version = "1",
    .about = "what is attached, by its content, and what was forgotten",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
