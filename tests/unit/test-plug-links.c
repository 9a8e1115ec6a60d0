/*
 * Tests of plugins/links: for each link, all that is found.
 */
#include "plug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_MOST 4000 /* of a hostile mail; a sanitizer is slow */

/* Options of all rows. */
static const char *const given[] = {"internal", "corp.example", "known",
    "paypal.example", "known", "bank.example", "known", "xn--mller-kva.example",
    "shorteners", "sho.rt", "trackers", "click.mailer.example", NULL};

/* The mail goes from bot@corp.example to bob@customer.example. */
static const struct {
	const char *target, *text;
	const char *expect; /* "name value", "; " between, "!" for caution */
} rows[] = {
    /* nothing to tell */
    {"https://www.else.example/a", "click here", ""},
    {"https://www.else.example/a", "Our prices", ""},
    {"https://www.else.example/a", NULL, ""},
    {"https://www.else.example/a", "www.else.example", ""},
    {"https://www.else.example/a?b=c", "https://else.example/x", ""},
    {"https://shop.else.co.uk/", "else.co.uk", ""},
    {"https://M\xc3\x9cLLER.example/", "xn--mller-kva.example", ""},
    {"https://www.bank.example/", "bank.example", ""},
    {"https://customer.example/", "customer.example", ""},
    {"https://click.mailer.example/x", "www.partner.example", ""},
    {"https://go.corp.example/x", "www.partner.example", ""},
    {"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2F"
     "www.partner.example%2F&data=x",
	"www.partner.example", ""},
    {"mailto:bob@customer.example", "bob@customer.example", ""},
    {"mailto:Bob@Customer.example?subject=x", "bob@customer.example", ""},
    {"mailto:info@else.example", "www.else.example", ""},
    {"tel:+4930123456", "030 123456", ""},
    {"#top", "www.else.example", ""},
    {"https://www.npm.example/", "Node.js", ""},
    {"https://www.ms.example/", "ASP.NET", ""},
    {"https://files.else.example/", "report.pdf", ""},
    {"https://www.else.example/", "It ends here.In the next part", ""},
    {"https://www.else.example/", "Dr. A. Smith, Ph.D.", ""},
    {"https://www.else.example/", "version 2.0.1", ""},
    {"https://www.else.example/", "Read more about customer.examples", ""},
    {"https://mail.example/", NULL, ""},
    {"https://else.example:8080/a", "else.example:8080", ""},
    {"cid:part1@corp.example", NULL, ""},
    /* one thing shown, another meant */
    {"https://evil.example/", "https://www.else.example/login",
	"link-mismatch evil.example!"},
    {"https://evil.example/", "www.else.example",
	"link-mismatch evil.example!"},
    {"https://evil.example/", "else.example", "link-mismatch evil.example!"},
    {"https://evil.example/", "else.example/login",
	"link-mismatch evil.example!"},
    {"https://evil.example/", "Log in at partner.example today",
	"link-mismatch evil.example!"},
    {"https://evil.example/", "<https://www.else.example>",
	"link-mismatch evil.example!"},
    {"https://evil.example/?u=https://www.else.example", "www.else.example",
	"link-mismatch evil.example!"},
    {"https://evil.example/", "ann@else.example",
	"link-mismatch evil.example!"},
    {"mailto:eve@else.example", "ann@else.example",
	"link-mismatch else.example!"},
    {"mailto:ann@evil.example", "ann@else.example",
	"link-mismatch evil.example!"},
    {"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2F"
     "evil.example%2F",
	"www.else.example",
	"link-mismatch eur01.safelinks.protection.outlook.com!"},
    {"https://corp.list-manage.com/x", "www.corp.example",
	"link-mismatch corp.list-manage.com"},
    {"https://corp.list-manage.com/x", "www.else.example",
	"link-mismatch corp.list-manage.com!"},
    {"mailto:ann@else.example?bcc=eve@evil.test", "ann@else.example",
	"link-mismatch evil.test!"},
    {"mailto:?to=eve%40evil.test", "ann@else.example",
	"link-mismatch evil.test!"},
    {"mailto:ann@else.example?subject=a@b.test", "ann@else.example", ""},
    {"mailto:ann@else.example?cc=bob@else.example", "Write to us", ""},
    {"tel:+19005550199", "+44 20 7946 0000", "link-mismatch 19005550199!"},
    {"tel:+442079460000", "Call 020 7946 0000 (9-17)", ""},
    {"tel:112", "+44 20 7946 0000", ""},
    {"https://else.co.uk/", "www.other.co.uk", "link-mismatch else.co.uk!"},
    {"https://else.github.io/", "other.github.io/x",
	"link-mismatch else.github.io!"},
    /* look-alikes */
    {"https://paypa1.example/", NULL, "link-lookalike paypa1.example!"},
    {"https://www.paypaI.example/", NULL, "link-lookalike www.paypai.example!"},
    {"https://p\xd0\xb0ypal.example/", NULL,
	"link-lookalike xn--pypal-4ve.example!"},
    {"https://xn--pypal-4ve.example/", NULL,
	"link-lookalike xn--pypal-4ve.example!"},
    {"https://c0rp.example/", NULL, "link-lookalike c0rp.example!"},
    {"https://custmer.example/", NULL, "link-lookalike custmer.example!"},
    {"https://cusotmer.example/", NULL, "link-lookalike cusotmer.example!"},
    {"https://bonk.example/", NULL, ""},
    {"https://muller.example/", NULL, "link-lookalike muller.example!"},
    {"https://www.paypal.example.evil.test/", NULL,
	"link-lookalike www.paypal.example.evil.test!"},
    {"https://bank.example@evil.test/", NULL, "link-lookalike evil.test!"},
    {"https://bank.example%2flogin@evil.test/", NULL,
	"link-lookalike evil.test!"},
    {"https:\\\\bank.example\\@else.example", NULL, ""},
    {"https:///evil.test", "evil.test", ""},
    {" java\nscript:alert(1)", "x", "link-scheme javascript!"},
    {"https://\xd0\xb0\xd1\x81\xd0\xb5.example/", NULL,
	"link-lookalike xn--80ak9a.example!"},
    {"https://b\xc3\xbc"
     "cher.example/",
	NULL, ""},
    {"https://"
     "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84/",
	NULL, ""},
    {"https://a%ffb.example/", NULL, "link-lookalike a?b.example!"},
    /* the rest */
    {"https://bit.ly/x", NULL, "link-shortener bit.ly"},
    {"https://www.sho.rt/x", NULL, "link-shortener www.sho.rt"},
    {"http://else.example/", NULL, "link-insecure else.example"},
    {"HTTP://else.example/", NULL, "link-insecure else.example"},
    {"ftp://else.example/", NULL, "link-insecure else.example"},
    {"https://192.0.2.1/", NULL, "link-ip 192.0.2.1!"},
    {"https://3221225985/", NULL, "link-ip 192.0.2.1!"},
    {"https://0xc0000201/", NULL, "link-ip 192.0.2.1!"},
    {"https://0300.0.2.1:8080/x", NULL, "link-ip 192.0.2.1!"},
    {"https://\xef\xbc\x91\xef\xbc\x99\xef\xbc\x92.0.2.1/", NULL,
	"link-ip 192.0.2.1!"},
    {"https://[2001:db8::1]:443/", NULL, "link-ip 2001:db8::1!"},
    {"javascript:alert(1)", "x", "link-scheme javascript!"},
    {"data:text/html,x", "x", "link-scheme data!"},
    {"FILE:///etc/passwd", "x", "link-scheme file!"},
    {"vbscript:x", "x", "link-scheme vbscript!"},
    {"file://server/share", "x", "link-scheme file!"},
};

static const char *all_found(const struct plug *plug)
{
	static char text[4000];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plug->n_found; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s%s",
		    n > 0 ? "; " : "", plug->found[i].name,
		    plug->found[i].value,
		    plug->found[i].weight == IMPRIMATUR_NOTE ? "" : "!");
	return text;
}

static void begin(struct plug *plug)
{
	plug_clear(plug);
	plug_sender(plug, "bot@corp.example");
	plug_recipient(plug, "bob@customer.example");
	plug_html(plug, "<p>x", "x");
}

static void rows_are_right(void **state)
{
	struct plug *plug = plug_open(given);
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(plug);
		plug_link(plug, rows[i].target, rows[i].text);
		plug_check(plug);
		if (strcmp(all_found(plug), rows[i].expect) != 0) {
			print_message("%s, \"%s\":\n  %s\nnot\n  %s\n",
			    rows[i].target, rows[i].text, all_found(plug),
			    rows[i].expect);
			bad++;
		}
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

static void hosts_are_told_once(void **state)
{
	struct plug *plug = plug_open(NULL);

	(void)state;
	begin(plug);
	plug_link(plug, "http://else.example/a", NULL);
	plug_link(plug, "https://evil.test/", "www.else.example\n and more");
	plug_link(plug, "http://else.example/b", NULL);
	plug_link(plug, "http://corp.example/", "www.else.example");
	plug_check(plug);
	assert_string_equal(all_found(plug),
	    "link-mismatch evil.test!; link-insecure corp.example; "
	    "link-insecure else.example");
	assert_string_equal(
	    plug_find(plug, "link-insecure", "else.example")->detail,
	    "http://else.example/a (2 times)");
	assert_string_equal(plug_find(plug, "link-mismatch", NULL)->detail,
	    "\"www.else.example and more\" shows www.else.example and leads to "
	    "https://evil.test/");
	plug_close(plug);
}

static void wrong_options_are_told(void **state)
{
	static const char *const lists[] = {
	    "internal", "known", "shorteners", "trackers"};
	static const char *const values[] = {
	    "https://a.example", "a b", "*.example", "a@b.example", ""};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 5; k++) {
			const char *const wrong[] = {lists[i], values[k], NULL};
			const char *said = plug_complaint(wrong);

			if (strncmp(said, lists[i], strlen(lists[i])) != 0 ||
			    strstr(said, "write domains") == NULL)
				fail_msg("%s", said);
		}
}

/* Many links to many hosts, against many known ones; endless ones. */
static void hostile_links_take_no_time(void **state)
{
	enum { KNOWN = 2000, LINKS = 20000, LONG = 250000 };
	static const char *const pieces[] = {"@", "a.", "http://", "%2",
	    "[:", "\xd0\xb0", "www.", "xn--a.", "a.example ", "."};
	const char **many = calloc(2 * KNOWN + 1, sizeof(*many));
	char(*names)[40] = calloc(KNOWN, sizeof(*names));
	char *text = malloc(LONG + 1);
	struct imprimatur_link *links = calloc(LINKS, sizeof(*links));
	struct plug *plug;

	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		snprintf(names[i], 40, "customer%zu.example", i);
		many[2 * i] = "known";
		many[2 * i + 1] = names[i];
	}
	plug = plug_open(many);
	begin(plug);
	for (size_t i = 0; i < LINKS; i++) {
		char *target = plug_memory(plug, 60);

		snprintf(target, 60, "http://cust0mer%zu.example/", i);
		links[i].target = target;
	}
	plug->mail.links = links;
	plug->mail.n_links = LINKS;
	plug_check(plug);
	assert_int_equal(plug_count(plug, "link-insecure", NULL), 16);
	assert_int_equal(plug_count(plug, "link-lookalike", NULL), 16);
	if (plug_ms(plug) > MS_MOST)
		fail_msg("%.0f ms", plug_ms(plug));
	plug->mail.n_links = 1;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t n = strlen(pieces[i]);

		for (size_t k = 0; k < LONG; k++)
			text[k] = pieces[i][k % n];
		text[LONG] = '\0';
		links[0].target = text;
		links[0].text = text;
		plug_check(plug);
		links[0].target = "https://evil.test/";
		plug_check(plug);
		if (plug_ms(plug) > MS_MOST)
			fail_msg("%s: %.0f ms", pieces[i], plug_ms(plug));
	}
	plug_close(plug);
	free(many);
	free(names);
	free(text);
	free(links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_right),
	    cmocka_unit_test(hosts_are_told_once),
	    cmocka_unit_test(wrong_options_are_told),
	    cmocka_unit_test(hostile_links_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
