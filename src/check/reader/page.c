/*
 * page: white space and brackets; what HTML means by an element is html's.
 */
#include "check/reader/page.h"

#include <string.h>
#include <strings.h>

void page_init(struct page *page, struct visible *out)
{
	memset(page, 0, sizeof(*page));
	page->out = out;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void remember(struct page *page, const char *p, size_t len)
{
	size_t room = sizeof(page->link) - page->link_len;

	if (len > room)
		len = room;
	memcpy(page->link + page->link_len, p, len);
	page->link_len += len;
}

/* Write what waited for text. */
static void flush(struct page *page)
{
	bool begins = !page->any || page->breaks > 0;

	if (page->any)
		for (; page->breaks > 0; page->breaks--)
			visible_add_str(page->out, "\n");
	else
		page->breaks = 0;
	if (begins && page->quoted)
		visible_add_str(page->out, "> ");
	if (page->space)
		visible_add_str(page->out, " ");
	if (page->link_len > 0 && (page->space || begins))
		remember(page, " ", 1);
	if (page->marker != NULL)
		visible_add_str(page->out, page->marker);
	page->marker = NULL;
	page->space = false;
	page->any = true;
}

static void word(struct page *page, const char *p, size_t len)
{
	flush(page);
	visible_add(page->out, (struct span){p, len});
	remember(page, p, len);
}

static void text_pre(struct page *page, struct span text)
{
	const char *p = text.data, *end = p + text.len;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *stop = lf != NULL ? lf : end;

		if (stop > p && stop[-1] == '\r')
			stop--;
		if (stop > p)
			word(page, p, (size_t)(stop - p));
		if (lf == NULL)
			break;
		page_break(page);
		p = lf + 1;
	}
}

void page_text(struct page *page, struct span text, bool pre)
{
	const char *p = text.data, *end = p + text.len;

	if (pre) {
		text_pre(page, text);
		return;
	}
	while (p < end) {
		const char *from = p;

		while (p < end && !is_space(*p))
			p++;
		if (p > from)
			word(page, from, (size_t)(p - from));
		if (p < end)
			page_space(page);
		while (p < end && is_space(*p))
			p++;
	}
}

void page_mark(struct page *page, const char *mark)
{
	if (mark == page->mark || (mark != NULL && page->mark != NULL &&
				      strcmp(mark, page->mark) == 0))
		return;
	if (page->mark != NULL)
		visible_add_str(page->out, "]");
	page->mark = mark;
	if (mark == NULL)
		return;
	flush(page);
	visible_add_str(page->out, mark);
}

void page_quote(struct page *page, bool quoted)
{
	if (quoted == page->quoted)
		return;
	page_mark(page, NULL);
	page_block(page, 1);
	page->quoted = quoted;
}

void page_sign(struct page *page)
{
	page_mark(page, NULL);
	page_block(page, 1);
	flush(page);
	visible_add_str(page->out, "-- ");
	page_block(page, 1);
}

void page_block(struct page *page, unsigned breaks)
{
	if (page->breaks < breaks)
		page->breaks = breaks;
	page->space = false;
	page->marker = NULL;
}

void page_break(struct page *page)
{
	page->breaks++;
	page->space = false;
}

void page_space(struct page *page)
{
	if (page->any && page->breaks == 0)
		page->space = true;
}

void page_link_begin(struct page *page)
{
	page->link_len = 0;
}

bool page_link_equals(const struct page *page, struct span address)
{
	return page->link_len == address.len &&
	       page->link_len < sizeof(page->link) &&
	       strncasecmp(page->link, address.data, address.len) == 0;
}

struct span page_link_text(const struct page *page)
{
	size_t len = page->link_len;

	/* full: the last character may be half of one */
	if (len == sizeof(page->link)) {
		while (len > 0 &&
		       ((unsigned char)page->link[len - 1] & 0xc0) == 0x80)
			len--;
		if (len > 0 && ((unsigned char)page->link[len - 1] & 0x80) != 0)
			len--;
	}
	return (struct span){page->link, len};
}

void page_end(struct page *page)
{
	page_mark(page, NULL);
	if (page->any)
		visible_add_str(page->out, "\n");
}
