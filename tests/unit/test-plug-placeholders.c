/*
 * Tests of plugins/placeholders.c: what was not filled in, and what looks like
 * it and is ordinary.
 */
#include "plug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

struct row {
	const char *text, *values;
};

static void run(const char *const *options, const struct row *rows, size_t n)
{
	struct plug *plug = plug_open(options);
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		const char *values;

		plug_clear(plug);
		plug_text(plug, rows[i].text);
		plug_check(plug);
		values = plug_values(plug, "placeholder");
		if (strcmp(values, rows[i].values) == 0)
			continue;
		print_error("\"%s\"\n    is:  %s\n    not: %s\n", rows[i].text,
		    values, rows[i].values);
		bad++;
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

#define RUN(options, rows) run(options, rows, sizeof(rows) / sizeof((rows)[0]))

static void placeholders(void **state)
{
	static const struct row rows[] = {
	    {"Hi {{name}}, hello", "{{name}}"},
	    {"Hi {{ customer.first_name }}!", "{{ customer.first_name }}"},
	    {"{{{raw}}}", "{{{raw}}}"},
	    {"{{#if x}}", "{{#if x}}"},
	    {"{{ name | default: \"you\" }}", "{{ name | default: \"you\" }}"},
	    {"{% if customer %}", "{% if customer %}"},
	    {"Hi {name}", "{name}"},
	    {"Hi {first name}", "{first name}"},
	    {"Hi {!Contact.FirstName}", "{!Contact.FirstName}"},
	    {"Hi #{name}", "{name}"},
	    {"you owe ${amount}", "${amount}"},
	    {"Hi %NAME%,", "%NAME%"},
	    {"Hi %first_name%", "%first_name%"},
	    {"Hi %%NAME%%", "%NAME%"},
	    {"on %DATE%", "%DATE%"},
	    {"Hi %(name)s", "%(name)s"},
	    {"Hi <<name>>", "<<name>>"},
	    {"Hi <<First Name>>", "<<First Name>>"},
	    {"Hi [Name]", "[Name]"},
	    {"[Your Name]", "[Your Name]"},
	    {"[Your Company]\n[Position]", "[Your Company], [Position]"},
	    {"[insert price here]", "[insert price here]"},
	    {"[FIRST_NAME]", "[FIRST_NAME]"},
	    {"[Recipient's Name]", "[Recipient's Name]"},
	    {"[Ihr Name]", "[Ihr Name]"},
	    {"[Datum]", "[Datum]"},
	    {"[votre nom]", "[votre nom]"},
	    {"[Su nombre]", "[Su nombre]"},
	    {"[il tuo nome]", "[il tuo nome]"},
	    {"[uw naam]", "[uw naam]"},
	    {"[Seu nome]", "[Seu nome]"},
	    {"[[name]]", "[[name]]"},
	    {"Hi <first_name>", "<first_name>"},
	    {"Hi <your name>", "<your name>"},
	    {"Hi *|FNAME|*", "*|FNAME|*"},
	    {"costs XXX euros", "XXX"},
	    {"costs XXXXX", "XXXXX"},
	    {"Date: TBD", "TBD"},
	    {"TODO: price", "TODO"},
	    {"TODO ask Bob", "TODO"},
	    {"Lorem ipsum dolor", "Lorem ipsum"},
	    {"Dear ,", "Dear ,"},
	    {"Dear,", "Dear,"},
	    {"Dear Mr. ,", "Dear Mr. ,"},
	    {"text\nHello !", "Hello !"},
	    {"Hi ,", "Hi ,"},
	    {"Sehr geehrter Herr ,", "Sehr geehrter Herr ,"},
	    {"Liebe ,", "Liebe ,"},
	    {"Estimado ,", "Estimado ,"},
	    {"Chère ,", "Chère ,"},
	    {"Geachte heer ,", "Geachte heer ,"},
	    {"Hello undefined,", "Hello undefined"},
	    {"Dear null,", "Dear null"},
	    {"Hi NaN!", "Hi NaN"},
	    {"Hallo None,\n", "Hallo None"},
	    {"Dear First Name,", "Dear First Name"},
	    {"Your order #undefined", "undefined"},
	    {"Total: null", "null"},
	    {"you pay NaN EUR", "NaN"},
	    {"for [object Object]", "[object Object]"},
	    {"on Invalid Date", "Invalid Date"},
	    {"As an AI language model, I", "As an AI language model"},
	    {"Here is the email you asked for:", "Here is the email you"},
	    {"Here’s the email you wanted", "Here’s the email you"},
	    {"Sure! Here's it", "Sure! Here"},
	    {"Als KI-Sprachmodell kann ich", "Als KI-Sprachmodell"},
	    {"Hier ist ein\nEntwurf:", "Hier ist ein Entwurf"},
	    {"en tant que modèle de langage", "en tant que modèle de langage"},
	    {"```\nDear Bob", "```"},
	    {"bye<|im_end|>", "<|im_end|>"},
	    {"{{name}} and {{name}} and [Name]", "{{name}}, [Name]"},
	    {"{{"
	     "a b c d e f g h i j k l m n o p q r s t}}",
		"{{a b c d e f g h i j k l m n o p q r s t}}"},
	};

	(void)state;
	RUN(NULL, rows);
}

static void ordinary_text(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"as it says in [1] and [2, 3]", ""},
	    {"[image: Logo] [cid:x@y]", ""},
	    {"[Ticket #123] [EXTERNAL] [sic] [...]", ""},
	    {"[Your account](https://example.org/)", ""},
	    {"a[name] and list[date]", ""},
	    {"{\"name\": {\"first\": \"Bob\"}}", ""},
	    {"{{\"a\": 1}}", ""},
	    {"{ color: red; }", ""},
	    {"{}, {1}, {{}}, { }", ""},
	    {"\\begin{document} x^{max} f_{abc}", ""},
	    {"the set {a, b, c}", ""},
	    {"GET /users/{name}", ""},
	    {"a row of {name detail weight value by}", ""},
	    {"100% of 50%", ""},
	    {"100%off%", ""},
	    {"see https://example.org/a%20and%20b", ""},
	    {"https://example.org/?q=%C3%A4bc%C3%B6", ""},
	    {"in %APPDATA%", ""},
	    {"10 % net, 20 % gross", ""},
	    {"Bob <bob@example.org> wrote", ""},
	    {"<https://example.org/a_b>", ""},
	    {"<b> and <strong>", ""},
	    {"a << b >> c", ""},
	    {"cat <<EOF", ""},
	    {"Dear Bob,", ""},
	    {"Dear all,", ""},
	    {"Hello, thank you", ""},
	    {"Hello!", ""},
	    {"Hi Bob !", ""},
	    {"Bonjour !", ""},
	    {"Bonjour ,", ""},
	    {"Liebe Anna,", ""},
	    {"Sehr geehrte Damen und Herren,", ""},
	    {"Estimados,", ""},
	    {"I love you, dear, and", ""},
	    {"love and kisses xxx", ""},
	    {"size XXL or XXXL", ""},
	    {"card XXXX-XXXX-XXXX-1234", ""},
	    {"card 1234 XXXX XXXX XXXX", ""},
	    {"TODO EL MUNDO", ""},
	    {"HAY QUE HACER TODO AHORA", ""},
	    {"todo va bien", ""},
	    {"this is undefined behaviour", ""},
	    {"null and void", ""},
	    {"Nan is my grandmother", ""},
	    {"here is a draft of the contract", ""},
	    {"as an airline", ""},
	    {"Unknown sender", ""},
	    {"$5 and ${}", ""},
	    {"5*|4|*3", ""},
	    {"日本語 {日本} のメール", "{日本}"},
	};

	(void)state;
	RUN(NULL, rows);
}

static void mails_about_code(void **state)
{
	static const char *const options[] = {
	    "code", "true", "ignore", "TBD", "ignore", "[Name]", NULL};
	static const struct row rows[] = {
	    {"use {name} and ${HOME}", ""},
	    {"```\n{{name}} TODO\n``` then {{x}}", "{{x}}"},
	    {"say `{{ name }}` there", ""},
	    {"an open ` tick {{name}}", "{{name}}"},
	    {"an open fence\n``` {{name}}", "{{name}}"},
	    {"TODO and NaN", ""},
	    {"TBD [Name]", ""},
	    {"[Your name]", "[Your name]"},
	    {"<my_type> [MY_FLAG] <<x>>", ""},
	    {"Dear ,", "Dear ,"},
	};

	(void)state;
	RUN(options, rows);
}

static void looks_everywhere(void **state)
{
	struct plug *plug = plug_open(NULL);

	(void)state;
	plug_subject(plug, "Offer for {{company}}");
	plug_text(plug, "All fine.");
	plug_html(plug,
	    "<style>{name}</style><a href=\"{{url}}\" title='%NAME%'>x</a>"
	    "<img src=\"https://e.org/%7B%7Bid%7D%7D\"><a "
	    "href=\"/u/{user}\"><first_name>",
	    "All fine.");
	plug_part(plug, "application/pdf", "Offer [Customer Name].pdf", "", 0);
	plug_address(plug, "To", "{first} {last}", "bob@example.org");
	plug_address(plug, "To", "", "%EMAIL%@example.org");
	assert_int_equal(plug_check(plug), 9);
	assert_string_equal(plug_values(plug, NULL),
	    "{{company}}, {{url}}, %NAME%, %7B%7Bid%7D%7D, {user}, "
	    "[Customer Name], {first}, {last}, %EMAIL%");
	assert_int_equal(plug->found[0].weight, IMPRIMATUR_CAUTION);
	assert_string_equal(
	    plug->found[0].detail, "'{{company}}' stands in the subject");
	assert_string_equal(plug->found[5].detail,
	    "'[Customer Name]' stands in the name of a file");
	plug_clear(plug);
	plug_text(plug, "> {{name}}");
	plug_own(plug, "Hm.");
	assert_int_equal(plug_check(plug), 0);
	plug_close(plug);
}

static void refuses_wrong_options(void **state)
{
	static const char *const code[] = {"code", "yes", NULL};
	char longer[100];
	const char *const ignore[] = {"ignore", longer, NULL};

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_string_equal(
	    plug_complaint(code), "code is 'yes'; it must be true or false");
	assert_non_null(strstr(plug_complaint(ignore), "too long"));
}

/* 1 MB made of one piece again and again. */
static void stays_quick(void **state)
{
	static const char *const pieces[] = {"{", "{{", "{ ", "${", "%", "%a",
	    "%(", "[", "[a ", "[[", "<", "<a", "<<", "*|", "`", "` ", "\n`",
	    "```", "X", "X ", "X-", "TODO ", "T", "\n", "Dear ", "\nDear ",
	    "\nDear", " ", "as an ai ", "\xc2\xa0", "#", "<a {", "\xc2"};
	static const char *const code[] = {"code", "true", NULL};
	size_t size = 1024 * 1024;
	char *text = malloc(size + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 2 * sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct plug *plug = plug_open(i % 2 ? code : NULL);
		size_t piece = strlen(pieces[i / 2]), at = 0;

		for (; at + piece <= size; at += piece)
			memcpy(text + at, pieces[i / 2], piece);
		text[at] = '\0';
		plug_html(plug, text, text);
		plug_check(plug);
		if (plug_ms(plug) > 3000)
			fail_msg("%s: %.0f ms", pieces[i / 2], plug_ms(plug));
		plug_close(plug);
	}
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(placeholders),
	    cmocka_unit_test(ordinary_text),
	    cmocka_unit_test(mails_about_code),
	    cmocka_unit_test(looks_everywhere),
	    cmocka_unit_test(refuses_wrong_options),
	    cmocka_unit_test(stays_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
