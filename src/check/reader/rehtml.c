/*
 * rehtml: chooses between the two ways.  The words are found in inplace.c,
 * whole HTML is made in makehtml.c.
 */
#include "check/reader/rehtml.h"

#include "check/reader/body.h"
#include "check/reader/charset.h"
#include "check/reader/chosen.h"
#include "check/reader/encode.h"
#include "check/reader/fold.h"
#include "check/reader/inplace.h"
#include "check/reader/makehtml.h"

#include <string.h>

/* One character becomes at most "&quot;" or "&nbsp;". */
#define GROWTH 8

/* LF between lines and at the end. */
static struct span with_lf(struct arena *arena, struct span text)
{
	struct span lines;
	struct buf out;

	buf_init(&out, text.len + 2);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '\r')
			buf_add_char(&out, text.data[i]);
		else if (i + 1 == text.len || text.data[i + 1] != '\n')
			buf_add_char(&out, '\n');
	if (out.len == 0 || out.data[out.len - 1] != '\n')
		buf_add_char(&out, '\n');
	lines = (struct span){arena_dup(arena, out.data, out.len), out.len};
	buf_release(&out);
	return lines;
}

/* ---- the words alone --------------------------------------------------- */

/* The whole of a part as UTF-8.  False: it is too long, or badly coded. */
static bool read_whole(
    const struct mime *mime, const struct mime_node *node, struct buf *out)
{
	/* what is longer fills the room to the last character */
	return body_utf8(mime, node, out) == 0 && !out->overflow &&
	       out->len + 4 < CHOSEN_INPUT_MAX;
}

static bool put_words(
    const struct rehtml_wish *wish, int index, struct span old, struct buf *new)
{
	const struct mime_node *node = &wish->mime->nodes[index];
	struct chosen_text before =
	    chosen_read(wish->mime, &wish->mime->nodes[wish->chosen]);
	const struct inplace_wish inplace = {
	    .html = old,
	    .before = before.text,
	    .after = wish->text,
	    .utf8 =
		node->charset != NULL && strcmp(node->charset, "utf-8") == 0,
	    .alone = index == wish->chosen,
	};

	return !before.cut && inplace_html(wish->arena, &inplace, new);
}

/* May the part keep its character set? */
static bool fits_charset(const struct mime_node *node, struct span lines)
{
	struct buf probe;
	bool fits;

	if (node->charset == NULL)
		return encode_is_ascii(lines);
	buf_init(&probe, 4 * lines.len + 1024);
	fits = charset_encode(node->charset, lines, &probe);
	buf_release(&probe);
	return fits;
}

/* False: it is not plain which words these are. */
static bool change_words(
    const struct rehtml_wish *wish, int index, struct rehtml *out)
{
	const struct mime_node *node = &wish->mime->nodes[index];
	struct buf old, new;
	bool done;

	buf_init(&old, CHOSEN_INPUT_MAX);
	buf_init(&new, GROWTH * wish->text.len + CHOSEN_INPUT_MAX);
	done = read_whole(wish->mime, node, &old) &&
	       put_words(wish, index, buf_span(&old), &new);
	if (done &&
	    old.len == new.len &&memcmp(old.data, new.data, old.len) == 0) {
		out->way = REHTML_SAME;
	} else if (done) {
		out->way = REHTML_WORDS;
		out->lines = with_lf(wish->arena, buf_span(&new));
		done = fits_charset(node, out->lines);
	}
	buf_release(&old);
	buf_release(&new);
	return done;
}

/* ---- all of it --------------------------------------------------------- */

/*
 * A person who edits HTML alone is shown it as text, with marks for what is
 * no text there.  These would become words of the mail.
 */
static const char *left_mark(const struct rehtml_wish *wish)
{
	static const char *const marks[] = {"[hidden:", "[struck:", "[image:",
	    "[input:", "[title:", "[style text:"};
	const struct mime *mime = wish->mime;
	struct span shown = chosen_read(mime, &mime->nodes[wish->chosen]).text;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (fold_holds(shown, marks[i]) &&
		    fold_holds(wish->text, marks[i]))
			return marks[i];
	return NULL;
}

static void write_anew(
    const struct rehtml_wish *wish, int index, struct rehtml *out)
{
	const char *charset = wish->mime->nodes[index].charset;
	struct buf lines;

	/* a set in which markup is not ASCII, or one that nobody knows */
	buf_init(&lines, GROWTH * wish->text.len + 1024);
	if (!charset_encode(charset, (struct span){"<", 1}, &lines))
		charset = out->charset = "utf-8";
	buf_clear(&lines);
	makehtml_write(wish->text, charset, &lines);
	out->way = REHTML_ANEW;
	out->lines = (struct span){
	    arena_dup(wish->arena, lines.data, lines.len), lines.len};
	buf_release(&lines);
}

struct rehtml rehtml_make(const struct rehtml_wish *wish, int index)
{
	struct rehtml out = {.way = REHTML_REFUSED};
	const char *mark;

	if (change_words(wish, index, &out))
		return out;
	out = (struct rehtml){.way = REHTML_REFUSED};
	mark = index == wish->chosen ? left_mark(wish) : NULL;
	if (mark == NULL)
		write_anew(wish, index, &out);
	else
		out.refusal = arena_printf(wish->arena,
		    "the mail is of HTML alone, which has to be written anew "
		    "for this, and your text still has \"%s ...]\" in it, "
		    "which "
		    "only shows what is no text there; take all such marks "
		    "out, or change only other words",
		    mark);
	return out;
}
