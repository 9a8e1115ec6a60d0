/*
 * mime: walks the mail once, line by line, with a stack of open multiparts.
 * What Content-Type and its kin say is entity.c's; here is only where things
 * begin and end.
 */
#include "check/reader/mime.h"

#include "check/reader/entity.h"

#include <string.h>
#include <strings.h>

/* A multipart whose delimiters are looked for. */
struct open {
	int node;
	struct span boundary;
	bool seen; /* one of its delimiters came */
};

/* A delimiter line. */
struct delimiter {
	size_t level; /* in the stack */
	bool closes;
	struct mime_range line;
};

struct walk {
	struct mime *mime;
	size_t pos;  /* everything before has its place */
	int current; /* the node that pos is in; its ancestors are open */
	size_t n_open;
	struct open open[MIME_DEPTH_MAX + 1];
	bool outside;	     /* pos is in a preamble or epilogue */
	size_t outside_from; /* where that began */
	size_t header_bytes; /* of the fields kept of current's header */
};

/* Double the room of a list in the arena when it is full. */
static void *more(
    struct arena *arena, void *old, size_t n, size_t *room, size_t size)
{
	void *list = old;

	if (n < *room)
		return list;
	*room = *room == 0 ? 16 : 2 * *room;
	list = arena_alloc(arena, *room * size);
	if (n > 0)
		memcpy(list, old, n * size);
	return list;
}

static int add_node(struct mime *mime, int parent)
{
	struct mime_node *node;

	mime->nodes = more(mime->arena, mime->nodes, mime->n_nodes,
	    &mime->room_nodes, sizeof(*node));
	node = &mime->nodes[mime->n_nodes];
	memset(node, 0, sizeof(*node));
	node->parent = parent;
	node->depth = parent < 0 ? 0 : mime->nodes[parent].depth + 1;
	node->first_field = mime->n_fields;
	return (int)mime->n_nodes++;
}

static void add_field(struct mime *mime, const struct field *field)
{
	mime->fields = more(mime->arena, mime->fields, mime->n_fields,
	    &mime->room_fields, sizeof(*field));
	mime->fields[mime->n_fields++] = *field;
}

static void add_outside(struct mime *mime, enum mime_outside_kind kind,
    int node, struct mime_range range)
{
	struct mime_outside *last;

	if (range.length == 0)
		return;
	last = mime->n_outside > 0 ? &mime->outside[mime->n_outside - 1] : NULL;
	if (last != NULL && last->kind == kind && last->node == node &&
	    last->range.offset + last->range.length == range.offset) {
		last->range.length += range.length;
		return;
	}
	mime->outside = more(mime->arena, mime->outside, mime->n_outside,
	    &mime->room_outside, sizeof(*mime->outside));
	mime->outside[mime->n_outside++] =
	    (struct mime_outside){kind, node, range};
}

static struct span rest_of(const struct walk *walk)
{
	struct span mail = walk->mime->mail;

	return (struct span){mail.data + walk->pos, mail.len - walk->pos};
}

/* Offset before the line end that stands just before pos, if there is one. */
static size_t before_line_end(const struct mime *mime, size_t from, size_t pos)
{
	if (pos > from && mime->mail.data[pos - 1] == '\n')
		pos--;
	if (pos > from && mime->mail.data[pos - 1] == '\r')
		pos--;
	return pos;
}

static bool blanks_only(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p == end;
}

/*
 * Does this line belong to an open multipart?  RFC 2046 5.1.1: "--boundary",
 * perhaps "--", perhaps blanks.  The innermost wins.  A line that goes on in
 * another way is text here, though some read it as a delimiter: near.
 */
static bool match(const struct walk *walk, struct span line,
    struct delimiter *found, bool *near)
{
	const char *p = line.data + 2;
	const char *end = line.data + field_chomp(line).len;

	*near = false;
	for (size_t i = walk->n_open; i-- > 0;) {
		struct span boundary = walk->open[i].boundary;
		const char *after;

		if ((size_t)(end - p) < boundary.len ||
		    memcmp(p, boundary.data, boundary.len) != 0)
			continue;
		after = p + boundary.len;
		found->level = i;
		found->closes =
		    end - after >= 2 && after[0] == '-' && after[1] == '-';
		if (blanks_only(after + (found->closes ? 2 : 0), end))
			return true;
		*near = true;
	}
	return false;
}

static bool is_delimiter(const struct walk *walk, struct span line,
    struct delimiter *found, bool *near)
{
	*near = false;
	if (line.len < 3 || line.data[0] != '-' || line.data[1] != '-' ||
	    walk->n_open == 0 || !match(walk, line, found, near))
		return false;
	found->line.offset = (size_t)(line.data - walk->mime->mail.data);
	found->line.length = line.len;
	return true;
}

static bool at_delimiter(const struct walk *walk, struct span rest)
{
	struct delimiter unused;
	bool near;

	return rest.len > 0 && rest.data[0] == '-' &&
	       is_delimiter(walk, field_line(&rest), &unused, &near);
}

/* Move pos to the next delimiter line; false: to the mail's end. */
static bool find_delimiter(struct walk *walk, struct delimiter *found)
{
	struct mime *mime = walk->mime;
	struct span rest = rest_of(walk);
	bool near;

	while (walk->n_open > 0 && rest.len > 0) {
		struct span line = field_line(&rest);

		if (is_delimiter(walk, line, found, &near)) {
			walk->pos = found->line.offset;
			return true;
		}
		if (near)
			mime->nodes[walk->current].odd |= MIME_NEAR_BOUNDARY;
	}
	walk->pos = mime->mail.len;
	return false;
}

/* One field or junk line of a node's header, within the limits. */
static void take_field(struct walk *walk, int index, enum field_step step,
    const struct field *field)
{
	struct mime *mime = walk->mime;
	struct mime_node *node = &mime->nodes[index];
	size_t at = (size_t)(field->raw.data - mime->mail.data);
	struct mime_range range = {at, field->raw.len};

	if (walk->header_bytes + field->raw.len > MIME_HEADER_MAX ||
	    node->n_fields >= MIME_HEADER_LINES_MAX ||
	    mime->n_fields >= MIME_FIELDS_MAX) {
		node->odd |= MIME_HEADER_LARGE;
		add_outside(mime, MIME_UNREAD_HEADER, index, range);
	} else if (step == FIELD_JUNK) {
		node->odd |= MIME_JUNK_IN_HEADER;
		add_outside(mime, MIME_JUNK, index, range);
	} else {
		if (field->blank_line)
			node->odd |= MIME_BLANK_IN_FIELD;
		add_field(mime, field);
		node->n_fields++;
		walk->header_bytes += field->raw.len;
	}
}

/* Read a node's header from pos; pos is then at its body. */
static void take_header(struct walk *walk, int index)
{
	struct mime_node *node = &walk->mime->nodes[index];
	struct span rest = rest_of(walk);
	struct field field;
	bool whole = true;

	node->header.offset = walk->pos;
	walk->header_bytes = 0;
	for (;;) {
		enum field_step step;

		whole = !at_delimiter(walk, rest);
		if (!whole || (step = field_next(&rest, &field)) == FIELD_END)
			break;
		take_field(walk, index, step, &field);
	}
	walk->pos = (size_t)(rest.data - walk->mime->mail.data);
	node->header.length = walk->pos - node->header.offset;
	if (whole)
		walk->pos += field_line(&rest).len;
	else
		node->odd |= MIME_HEADER_CUT;
	node->body.offset = walk->pos;
}

/* What may not be opened is a leaf: too deep, or the last node that we keep. */
static void choose_kind(struct walk *walk, struct mime_node *node)
{
	struct mime *mime = walk->mime;

	entity_read(mime, node);
	if (node->kind != MIME_LEAF && (node->depth >= MIME_DEPTH_MAX ||
					   mime->n_nodes >= MIME_NODES_MAX)) {
		node->kind = MIME_LEAF;
		node->odd |= MIME_TOO_DEEP;
	}
	if (node->kind == MIME_MESSAGE && (node->odd & MIME_HEADER_CUT) != 0)
		node->kind = MIME_LEAF;
}

static void push(struct walk *walk, int index)
{
	struct mime_node *node = &walk->mime->nodes[index];
	struct span boundary = {node->boundary, strlen(node->boundary)};

	for (size_t i = 0; i < walk->n_open; i++)
		if (walk->open[i].boundary.len == boundary.len &&
		    memcmp(walk->open[i].boundary.data, boundary.data,
			boundary.len) == 0)
			node->odd |= MIME_ODD_BOUNDARY;
	walk->open[walk->n_open++] = (struct open){index, boundary, false};
	walk->outside = true;
	walk->outside_from = walk->pos;
}

/*
 * Begin a node at pos, and, while it is a message, the one inside it.  The
 * loop ends at a leaf or at a multipart's preamble.
 */
static void begin(struct walk *walk, int parent, struct mime_range delimiter)
{
	struct mime *mime = walk->mime;

	for (;;) {
		int index = add_node(mime, parent);
		struct mime_node *node = &mime->nodes[index];

		node->delimiter = delimiter;
		walk->current = index;
		take_header(walk, index);
		choose_kind(walk, node);
		if (node->kind == MIME_MULTIPART)
			push(walk, index);
		if (node->kind != MIME_MESSAGE)
			return;
		parent = index;
		delimiter = (struct mime_range){walk->pos, 0};
	}
}

static void end_outside(struct walk *walk, size_t end)
{
	int index = walk->current;
	bool preamble = walk->n_open > 0 &&
			walk->open[walk->n_open - 1].node == index &&
			!walk->open[walk->n_open - 1].seen;

	if (end < walk->outside_from)
		end = walk->outside_from;
	add_outside(walk->mime, preamble ? MIME_PREAMBLE : MIME_EPILOGUE, index,
	    (struct mime_range){walk->outside_from, end - walk->outside_from});
	walk->outside = false;
}

/* A multipart that ended without any part is a leaf: its text is content. */
static void pop(struct walk *walk)
{
	struct open *open = &walk->open[--walk->n_open];
	struct mime_node *node = &walk->mime->nodes[open->node];

	walk->outside = false;
	if (open->seen) {
		node->odd |= MIME_UNCLOSED;
		return;
	}
	node->kind = MIME_LEAF;
	node->odd |= MIME_NO_PARTS;
}

/*
 * End current and its ancestors below node stop, at the line end before pos
 * (which belongs to the delimiter there).
 */
static void end_nodes(struct walk *walk, int stop)
{
	struct mime *mime = walk->mime;

	while (walk->current != stop) {
		struct mime_node *node = &mime->nodes[walk->current];
		size_t end = stop < 0 ? walk->pos
				      : before_line_end(
					    mime, node->body.offset, walk->pos);

		if (walk->n_open > 0 &&
		    walk->open[walk->n_open - 1].node == walk->current)
			pop(walk);
		else if (walk->outside)
			end_outside(walk, end);
		node->body.length = end - node->body.offset;
		walk->current = node->parent;
	}
}

/* What lies behind the limit of parts is one range, shown as it stands. */
static void give_up(struct walk *walk, size_t from)
{
	struct mime *mime = walk->mime;

	mime->too_many_parts = true;
	walk->pos = mime->mail.len;
	add_outside(mime, MIME_UNREAD, walk->current,
	    (struct mime_range){from, mime->mail.len - from});
}

/* At a delimiter line: end what is inside, begin what follows. */
static void take_delimiter(struct walk *walk, const struct delimiter *found)
{
	struct open *open = &walk->open[found->level];
	int index = open->node;

	end_nodes(walk, index);
	if (walk->outside)
		end_outside(walk,
		    before_line_end(walk->mime, walk->outside_from, walk->pos));
	open->seen = true;
	if (walk->mime->n_nodes >= MIME_NODES_MAX && !found->closes) {
		give_up(walk, found->line.offset);
		return;
	}
	walk->pos += found->line.length;
	if (found->closes) {
		walk->n_open--;
		walk->outside = true;
		walk->outside_from = walk->pos;
		return;
	}
	begin(walk, index, found->line);
}

struct mime *mime_split(struct arena *arena, struct span mail)
{
	struct mime *mime = arena_alloc(arena, sizeof(*mime));
	struct walk walk;
	struct delimiter found;

	mime->arena = arena;
	mime->mail = mail;
	walk = (struct walk){.mime = mime, .current = -1};
	begin(&walk, -1, (struct mime_range){0, 0});
	while (!mime->too_many_parts && find_delimiter(&walk, &found))
		take_delimiter(&walk, &found);
	end_nodes(&walk, -1);
	return mime;
}

/* Is there another part in the same multipart? */
static bool has_sibling(const struct mime *mime, const struct mime_node *node)
{
	for (size_t i = 0; i < mime->n_nodes; i++)
		if (mime->nodes[i].parent == node->parent &&
		    &mime->nodes[i] != node)
			return true;
	return false;
}

/* Is the end of this node the end of a multipart that is never closed? */
static bool ends_unclosed(const struct mime *mime, const struct mime_node *node)
{
	const struct mime_node *parent = &mime->nodes[node->parent];

	return (parent->odd & MIME_UNCLOSED) != 0 &&
	       node->body.offset + node->body.length >=
		   parent->body.offset + parent->body.length;
}

struct mime_range mime_whole_part(
    const struct mime *mime, const struct mime_node *node)
{
	const char *mail = mime->mail.data;
	size_t from = node->delimiter.offset;
	size_t end = node->body.offset + node->body.length;
	struct mime_range none = {from, 0};

	if (node->delimiter.length == 0 || !has_sibling(mime, node))
		return none;
	if (end < mime->mail.len && mail[end] == '\r')
		end++;
	if (end < mime->mail.len && mail[end] == '\n')
		end++;
	if (mime->mail.len - end < 2 || memcmp(mail + end, "--", 2) != 0 ||
	    ends_unclosed(mime, node))
		return none;
	return (struct mime_range){from, end - from};
}

struct span mime_bytes(const struct mime *mime, struct mime_range range)
{
	return (struct span){mime->mail.data + range.offset, range.length};
}

static const struct field *find_field(const struct mime *mime,
    const struct mime_node *node, size_t from, struct span name)
{
	for (size_t i = from; i < node->first_field + node->n_fields; i++) {
		const struct field *field = &mime->fields[i];

		if (field->name.len == name.len &&
		    strncasecmp(field->name.data, name.data, name.len) == 0)
			return field;
	}
	return NULL;
}

const struct field *mime_field(
    const struct mime *mime, const struct mime_node *node, const char *name)
{
	return find_field(
	    mime, node, node->first_field, (struct span){name, strlen(name)});
}

const struct field *mime_field_after(const struct mime *mime,
    const struct mime_node *node, const struct field *field)
{
	return find_field(
	    mime, node, (size_t)(field - mime->fields) + 1, field->name);
}

struct mime_range mime_field_range(
    const struct mime *mime, const struct field *field)
{
	return (struct mime_range){
	    (size_t)(field->raw.data - mime->mail.data), field->raw.len};
}
