/*
 * zip: the central directory (APPNOTE 4.3.12, 4.3.16), with every offset
 * checked.  What stands between the files is not looked at.
 */
#include "zip.h"

#include "kinds.h"

#include <stdint.h>
#include <string.h>

#define END_SIZE    22 /* of the record at the end, without its comment */
#define ENTRY_SIZE  46 /* of an entry, without name, extra and comment */
#define COMMENT_MAX 65535

static size_t two(const unsigned char *p)
{
	return (size_t)p[0] | (size_t)p[1] << 8;
}

static size_t four(const unsigned char *p)
{
	return two(p) | two(p + 2) << 16;
}

/* The record at the end, or NULL. */
static const unsigned char *find_end(const unsigned char *bytes, size_t size)
{
	size_t back = END_SIZE;

	for (; back <= size && back <= END_SIZE + COMMENT_MAX; back++)
		if (memcmp(bytes + size - back, "PK\5\6", 4) == 0)
			return bytes + size - back;
	return NULL;
}

static bool ends_with(const char *name, size_t size, const char *end)
{
	size_t n = strlen(end);

	return size >= n && memcmp(name + size - n, end, n) == 0;
}

static bool begins_with(const char *name, size_t size, const char *start)
{
	size_t n = strlen(start);

	return size >= n && memcmp(name, start, n) == 0;
}

static void look_at_name(struct zip *zip, const char *name, size_t size)
{
	static const struct {
		const char *start, *type;
	} kinds[] = {
	    {"word/", "application/vnd.openxmlformats-officedocument."
		      "wordprocessingml.document"},
	    {"xl/", "application/vnd.openxmlformats-officedocument."
		    "spreadsheetml.sheet"},
	    {"ppt/", "application/vnd.openxmlformats-officedocument."
		     "presentationml.presentation"},
	    {"Index/Document.iwa", "application/vnd.apple.iwork"},
	    {"META-INF/manifest.xml", "application/vnd.oasis.opendocument"},
	};
	enum kinds kind = kinds_of_name(name, size);

	zip->macros = zip->macros || ends_with(name, size, "vbaProject.bin") ||
		      begins_with(name, size, "xl/macrosheets/") ||
		      begins_with(name, size, "Basic/");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (zip->office == NULL &&
		    begins_with(name, size, kinds[i].start))
			zip->office = kinds[i].type;
	if (zip->program == NULL &&
	    (kind == KINDS_PROGRAM || kind == KINDS_SCRIPT ||
		kind == KINDS_MACROS)) {
		zip->program = name;
		zip->program_size = size;
	}
}

/* A file that says what kind of document the others make. */
static bool is_label(const unsigned char *name, size_t size)
{
	static const char *const labels[] = {
	    "[Content_Types].xml", "mimetype", "Index/Document.iwa"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strlen(labels[i]) == size &&
		    memcmp(name, labels[i], size) == 0)
			return true;
	return false;
}

static void read_entries(struct zip *zip, const unsigned char *p, size_t size)
{
	bool types = false;

	while (size >= ENTRY_SIZE && memcmp(p, "PK\1\2", 4) == 0) {
		size_t name = two(p + 28);
		size_t whole = ENTRY_SIZE + name + two(p + 30) + two(p + 32);

		if (whole > size || zip->n == ZIP_FILES_MOST)
			return;
		zip->n++;
		zip->locked = zip->locked || (p[8] & 1) != 0;
		types = types || is_label(p + ENTRY_SIZE, name);
		look_at_name(zip, (const char *)p + ENTRY_SIZE, name);
		p += whole;
		size -= whole;
	}
	zip->complete = size == 0;
	if (!types)
		zip->office = NULL;
}

bool zip_read(const unsigned char *bytes, size_t size, struct zip *zip)
{
	const unsigned char *end;
	size_t length, offset;

	memset(zip, 0, sizeof(*zip));
	if (size < 4 || memcmp(bytes, "PK", 2) != 0 ||
	    (memcmp(bytes + 2, "\3\4", 2) != 0 &&
		memcmp(bytes + 2, "\5\6", 2) != 0))
		return false;
	end = find_end(bytes, size);
	if (end == NULL)
		return true;
	length = four(end + 12);
	offset = four(end + 16);
	if (offset <= (size_t)(end - bytes) &&
	    length <= (size_t)(end - bytes) - offset)
		read_entries(zip, bytes + offset, length);
	/* each file is in the list, or somebody cheats */
	if (zip->n != two(end + 10))
		zip->complete = false;
	return true;
}
