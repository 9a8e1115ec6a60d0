/*
 * Tests of check/reader/html: the text of a page, what it hides, fetches and
 * does, and that hostile markup costs little.
 */
#include "check/reader/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TEXT_MAX     (256 * 1024)

static const struct {
	const char *html, *text;
	unsigned hidden, remote, active;
} pages[] = {
    {"", "", 0, 0, 0},
    {"plain\n  text", "plain text\n", 0, 0, 0},
    {"<p>one <b>two</b></p><p>three", "one two\n\nthree\n", 0, 0, 0},
    {"a<br>b<br><br>c", "a\nb\n\nc\n", 0, 0, 0},
    {"<ul><li>x<li>y</ul>", "* x\n* y\n", 0, 0, 0},
    {"<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc\n", 0, 0, 0},
    {"<pre>a\n  b</pre>c", "a\n  b\n\nc\n", 0, 0, 0},
    {"<a href='https://x.example/?a=1&amp;b'>here</a>",
	"here <https://x.example/?a=1&b>\n", 0, 0, 0},
    {"<a href=https://x.example>https://x.example</a>", "https://x.example\n",
	0, 0, 0},
    {"<a href='mailto:a@b'>a@b</a> <a href='#top'>up</a>", "a@b up\n", 0, 0, 0},
    {"<a href='https://good'>https://good.example</a>",
	"https://good.example <https://good>\n", 0, 0, 0},
    {"<a href='https://good'>https://bad</a>", "https://bad <https://good>\n",
	0, 0, 0},
    {"&lt;b&gt; &amp &copy; &#x41;&#66 &nope; &",
	"<b> & \xc2\xa9 AB &nope; "
	"&\n",
	0, 0, 0},
    {"&lbrace;&ZeroWidthSpace;x&nbsp1 &ampx&notit; &Tab;y",
	"{[U+200B]x\xc2\xa0"
	"1 &x\xc2\xac"
	"it; y\n",
	0, 0, 0},
    {"<a href='?a=1&copy=2'>v</a>", "v <?a=1&copy=2>\n", 0, 0, 0},
    {"a<$100 is due> b < c <3", "a<$100 is due> b < c <3\n", 0, 0, 0},
    {"<title>T</title>x", "[title: T]\nx\n", 0, 0, 0},
    {"<img src=cid:1 alt='a chart'>", "[image: a chart]\n", 0, 0, 0},
    {"x<!-- no -->y<!DOCTYPE z><?php a ?>z", "xyz\n", 0, 0, 0},
    {"<style>p{color:red}</style><script>x</script>y", "y\n", 0, 0, 1},
    {"<noscript>n</noscript><textarea><b>t</textarea>", "n\n<b>t\n", 0, 0, 0},
    {"&#x202e;x", "[U+202E]x\n", 0, 0, 0},

    {"<p>a<p style='display:none'>w</p>b", "a\n\n[hidden: w]\n\nb\n", 1, 0, 0},
    {"<div style='DISPLAY : None !important'>w</div>", "[hidden: w]\n", 1, 0,
	0},
    {"<div style='visibility:hidden'>w<b style='visibility:visible'>v",
	"[hidden: w]v\n", 1, 0, 0},
    {"<i style=\"vis\\69 bility/*x*/:hidden\">w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='display&#58;none'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='opacity:0.01'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='font-size:1px'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='font:0/0 a'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='max-height:0'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='height:0;overflow:hidden'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='color:transparent'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='color:rgba(0,0,0,0)'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='color:#fff'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='color:rgb(254,254,254);background:white'>w</i>",
	"[hidden: w]\n", 1, 0, 0},
    {"<font color=white>w</font>", "[hidden: w]\n", 1, 0, 0},
    {"<del>w</del>v <i style='text-decoration:line-through'>w",
	"[struck: w]v [struck: w]\n", 0, 0, 0},
    {"<blockquote>w</blockquote>", "w\n", 0, 0, 0},
    {"<i style='mso-hide:all'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='text-indent:-9999px'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<i style='position:absolute;left:-9999px'>w</i>", "[hidden: w]\n", 1, 0,
	0},
    {"<i style='transform:scale(0)'>w</i>", "[hidden: w]\n", 1, 0, 0},
    {"<p hidden>w</p><template>t</template>", "[hidden: w\n\nt]\n", 1, 0, 0},
    {"<!--[if mso]><p>w</p></div><![endif]-->v", "[hidden: w]\n\nv\n", 1, 0, 0},
    {"<p hidden>a<!--[if mso]></p><![endif]-->b</p>v", "[hidden: ab]\n\nv\n", 1,
	0, 0},
    {"<!--[if !mso]><!-->v<!--<![endif]-->", "v\n", 1, 0, 0},
    {"a<![if !mso]>v<![endif]>", "av\n", 1, 0, 0},
    {"<![if mso]>v<![endif]>", "v\n", 0, 0, 0},
    {"<!--[if mso]>See<![endif]--><b style='mso-hide:all'>See</b>",
	"[hidden: SeeSee]\n", 0, 0, 0},
    {"<!--[if mso]>Pay<![endif]--><b style='mso-hide:all'>See</b>",
	"[hidden: PaySee]\n", 2, 0, 0},
    {"<!--[if mso]>See<![endif]--><!--[if !mso]><!-->See<!--<![endif]-->",
	"[hidden: See]See\n", 0, 0, 0},
    {"<div style='display:none'>A sale.</div><p>A sale. Come!</p>",
	"[hidden: A sale.]\n\nA sale. Come!\n", 0, 0, 0},
    {"<div style='display:none'>A sale</div><p>No sale</p>",
	"[hidden: A sale]\n\nNo sale\n", 1, 0, 0},
    {"<style>.a{display:none}</style><p class='b a'>w</p>", "[hidden: w]\n", 1,
	0, 0},
    {"<p class=a>w</p><style>.a{color:#fff}</style>", "[hidden: w]\n", 1, 0, 0},
    {"<style>.a{display:none}.b{display:block}</style><p class='a b'>v</p>",
	"v\n", 0, 0, 0},
    {"<style>.c .a{display:none}</style><p class=a>v</p>", "v\n", 0, 0, 0},
    {"<style>p:hover,p::after{display:none}</style><p>v</p>", "v\n", 0, 0, 0},
    {"<style>@media print{p{display:none}}</style><p>v</p>", "v\n", 0, 0, 0},
    {"<style>@media(max-width:9px){p{display:none}}</style><p>v</p>", "v\n", 0,
	0, 0},
    {"<style>.\\61 \\:{display:none}</style><p class='a:'>w</p>",
	"[hidden: w]\n", 1, 0, 0},
    {"<base href='https://e.example/x'><a href=y>v</a>",
	"v <https://e.example/y>\n", 0, 1, 0},
    {"<svg><a xlink:href='https://e.example/'>v</a></svg>",
	"v <https://e.example/>\n", 0, 0, 0},
    {"a<b x=\"", "a[hidden: <b x=\"]\n", 1, 0, 0},
    {"a<!-- w", "a[hidden: <!-- w]\n", 1, 0, 0},
    {"<iframe>w</iframe>", "[hidden: w]\n", 1, 0, 1},

    /* what ordinary mail does, and is no alarm */
    {"<td style='font-size:0'><div style='font-size:13px'>v</div></td>", "v\n",
	0, 0, 0},
    {"<td bgcolor='#333'><a style='color:#ffffff'>v</a></td>", "v\n", 0, 0, 0},
    {"<div style='background:url(cid:1)'><i style='color:#fff'>v</i></div>",
	"v\n", 0, 0, 0},
    {"<style>.h{background:#000}</style><p class=h><i "
     "style='color:white'>v</i></p>",
	"v\n", 0, 0, 0},
    {"<div style='display:none'>&nbsp;&zwnj; &#847;</div>v", "v\n", 0, 0, 0},
    {"<!--[if mso]><table><tr><td><![endif]-->v", "v\n", 0, 0, 0},
    {"<!--[if gte mso 9]><xml><x>96</x></xml><![endif]-->v", "v\n", 0, 0, 0},
    {"<b style='font:700 14px/1.5 Arial;height:0'>v</b>", "v\n", 0, 0, 0},

    {"<img src=' HTTPS://x/p.gif'><img src=cid:1><img src=data:x>", "", 0, 1,
	0},
    {"<img src=//x/y><td background=http://x>", "", 0, 2, 0},
    {"<img srcset='cid:1 1x, https://x 2x'>", "", 0, 1, 0},
    {"<i style='background:url( \"http://x\" )'></i>", "", 0, 1, 0},
    {"<link rel=stylesheet href=https://x>", "", 0, 1, 0},
    {"<style>@import 'https://x'; p{}</style>", "", 0, 1, 0},
    {"<style>p{background:url(https://x)}</style>", "", 0, 1, 0},
    {"<a href=https://x>v</a>", "v <https://x>\n", 0, 0, 0},

    {"<base href=https://x><a href=y>v</a>", "v <https://x/y>\n", 0, 1, 0},
    {"<input type=text value='a &lt; b'>", "[input: a < b]\n", 0, 0, 0},
    {"<style>p:before{ content : 'w 1' }</style>v", "[style text: w 1]\nv\n", 1,
	0, 0},
    {"<style>li:before{content:'-'} q:before{content:\"\\201c\"}"
     "a:after{content:''}</style>v",
	"v\n", 0, 0, 0},

    {"<form action=x></form>", "", 0, 0, 1},
    {"<svg onload=alert(1)>", "", 0, 0, 1},
    {"<a href=' javascript:x'>v</a>", "v <javascript:x>\n", 0, 0, 1},
    {"<meta http-equiv=Refresh content='0;url=x'>", "", 0, 0, 1},
    {"<object data=https://x></object>", "", 0, 1, 1},
};

static void pages_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pages); i++) {
		struct html_found found = {.hidden = 0};
		struct visible out;
		struct buf text;

		buf_init(&text, TEXT_MAX);
		visible_init(&out, &text, false);
		html_text((struct span){pages[i].html, strlen(pages[i].html)},
		    &out, &found);
		visible_end(&out);
		if (strcmp(text.data, pages[i].text) != 0)
			fail_msg("{%s} of %s", text.data, pages[i].html);
		if (found.hidden != pages[i].hidden ||
		    found.remote != pages[i].remote ||
		    found.active != pages[i].active)
			fail_msg("found %u %u %u in %s", found.hidden,
			    found.remote, found.active, pages[i].html);
		buf_release(&text);
	}
}

static void examples_are_kept(void **state)
{
	static const char html[] =
	    "<i hidden>  first &amp; </i><i hidden>second</i>"
	    "<img src='https://x/?a&amp;b'><script></script>";
	struct html_found found = {.hidden = 0};
	struct visible out;
	struct buf text;

	(void)state;
	buf_init(&text, TEXT_MAX);
	visible_init(&out, &text, false);
	html_text((struct span){html, strlen(html)}, &out, &found);
	assert_string_equal(found.hidden_first, "first &");
	assert_string_equal(found.remote_first, "https://x/?a&b");
	assert_string_equal(found.active_first, "script");
	buf_release(&text);
}

/* One unit over and over, up to the limit and beyond. */
static size_t flood(const char *unit, struct html_found *found)
{
	struct visible out;
	struct buf page, text;
	size_t total;

	buf_init(&page, HTML_INPUT_MAX + 1000);
	buf_init(&text, TEXT_MAX);
	while (buf_add_str(&page, unit) == 0)
		continue;
	visible_init(&out, &text, false);
	html_text(buf_span(&page), &out, found);
	total = out.total;
	buf_release(&page);
	buf_release(&text);
	return total;
}

static void floods_are_cheap(void **state)
{
	static const char *const units[] = {"<div>", "<a ", "<", "<!--", "&",
	    "<p x=\"", "</a>", "<p style='a:b;'>", "<script>", "</",
	    "<!--[if x]>", "x<i hidden>y</i>", "a=b ", "<a href=x>", "url(",
	    "<td>", "<style>", "&#", "<a b='", "<br>"};
	clock_t from = clock();

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct html_found found = {.hidden = 0};

		flood(units[i], &found);
		assert_true(found.unread > 0);
	}
	/* About 20 ms each under a sanitizer; quadratic would be minutes. */
	assert_true((double)(clock() - from) / CLOCKS_PER_SEC < 10);
}

static void depth_hides_nothing(void **state)
{
	struct html_found found = {.hidden = 0};
	size_t total;

	(void)state;
	total = flood("<div>x", &found);
	assert_true(total > HTML_INPUT_MAX / 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_are_read),
	    cmocka_unit_test(examples_are_kept),
	    cmocka_unit_test(floods_are_cheap),
	    cmocka_unit_test(depth_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
