/*
 * chosen: which leaf it is, and its way from bytes to lines.  Whose lines
 * they are is reply.c's question, what to make of them edit.c's.
 */
#include "check/reader/chosen.h"

#include "check/reader/body.h"
#include "check/reader/flowed.h"
#include "check/reader/html.h"
#include "check/reader/visible.h"

#include <string.h>

static bool is_type(const struct mime_node *node, const char *type)
{
	return strcmp(node->type, type) == 0;
}

bool chosen_is_text(const struct mime_node *node)
{
	if (node->kind != MIME_LEAF ||
	    (!is_type(node, "text/plain") && !is_type(node, "text/html")))
		return false;
	if (node->disposition != NULL &&
	    strcmp(node->disposition, "attachment") == 0)
		return false;
	return node->parent < 0 || node->filename == NULL;
}

bool chosen_inner(const struct mime *mime, int node)
{
	while (node >= 0) {
		node = mime->nodes[node].parent;
		if (node >= 0 && mime->nodes[node].kind == MIME_MESSAGE)
			return true;
	}
	return false;
}

bool chosen_within(const struct mime *mime, int node, int outer)
{
	while (node >= 0 && node != outer)
		node = mime->nodes[node].parent;
	return node >= 0;
}

int chosen_alternative(const struct mime *mime, int node)
{
	do
		node = mime->nodes[node].parent;
	while (
	    node >= 0 && !is_type(&mime->nodes[node], "multipart/alternative"));
	return node;
}

/* Text beside what is encrypted is nobody's word (RFC 1847). */
static bool is_sealed(const struct mime *mime, int node)
{
	while ((node = mime->nodes[node].parent) >= 0)
		if (is_type(&mime->nodes[node], "multipart/encrypted"))
			return true;
	return false;
}

static bool is_candidate(const struct mime *mime, int node)
{
	return chosen_is_text(&mime->nodes[node]) &&
	       !chosen_inner(mime, node) && !is_sealed(mime, node);
}

/* The plain text that stands for an HTML part, or the part itself. */
static int plain_twin(const struct mime *mime, int html)
{
	int alternative = chosen_alternative(mime, html);
	int i;

	if (alternative < 0)
		return html;
	for (i = alternative + 1; i < (int)mime->n_nodes; i++)
		if (chosen_within(mime, i, alternative) &&
		    is_candidate(mime, i) &&
		    is_type(&mime->nodes[i], "text/plain"))
			return i;
	return html;
}

int chosen_html_twin(const struct mime *mime, int plain)
{
	int alternative = chosen_alternative(mime, plain);
	int i;

	if (alternative < 0)
		return -1;
	for (i = alternative + 1; i < (int)mime->n_nodes; i++)
		if (i != plain && chosen_within(mime, i, alternative) &&
		    is_candidate(mime, i) &&
		    is_type(&mime->nodes[i], "text/html"))
			return i;
	return -1;
}

int chosen_first(const struct mime *mime)
{
	int i;

	for (i = 0; i < (int)mime->n_nodes; i++) {
		if (!is_candidate(mime, i))
			continue;
		return is_type(&mime->nodes[i], "text/html")
			   ? plain_twin(mime, i)
			   : i;
	}
	return -1;
}

/* --- from bytes to lines ----------------------------------------------- */

/* CRLF to LF.  A CR alone stays: it is no line end, and no letter. */
static void to_lines(struct buf *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->len; i++)
		if (text->data[i] != '\r' || i + 1 == text->len ||
		    text->data[i + 1] != '\n')
			text->data[n++] = text->data[i];
	buf_cut(text, n);
}

static void from_html(struct buf *text, bool answer)
{
	struct html_found found;
	struct visible visible;
	struct buf plain;

	memset(&found, 0, sizeof(found));
	buf_init(&plain, 4 * CHOSEN_INPUT_MAX);
	visible_init(&visible, &plain, false);
	if (answer)
		html_answer(buf_span(text), &visible);
	else
		html_text(buf_span(text), &visible, &found);
	visible_end(&visible);
	buf_release(text);
	*text = plain;
}

static void from_flowed(struct buf *text, bool delsp)
{
	struct buf joined;

	buf_init(&joined, 2 * text->len + 2);
	flowed_join(buf_span(text), delsp, &joined);
	buf_release(text);
	*text = joined;
}

static struct chosen_text read_leaf(
    const struct mime *mime, const struct mime_node *node, bool answer)
{
	struct chosen_text out = {.cut = false};
	struct buf text;

	buf_init(&text, CHOSEN_INPUT_MAX + 8);
	body_utf8(mime, node, &text);
	if (text.len > CHOSEN_INPUT_MAX) {
		buf_cut(&text, CHOSEN_INPUT_MAX);
		out.cut = true;
	}
	to_lines(&text);
	if (is_type(node, "text/html"))
		from_html(&text, answer);
	else if (node->flowed)
		from_flowed(&text, node->delsp);
	out.text.data = arena_dup(mime->arena, text.data, text.len);
	out.text.len = text.len;
	buf_release(&text);
	return out;
}

struct chosen_text chosen_read(
    const struct mime *mime, const struct mime_node *node)
{
	return read_leaf(mime, node, false);
}

struct chosen_text chosen_answer(
    const struct mime *mime, const struct mime_node *node)
{
	return read_leaf(mime, node, true);
}
