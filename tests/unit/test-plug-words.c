/*
 * Tests of plugins/words.c: topics in seven languages, and words that are none.
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

/* found: "topic: words; topic: words" in the order of topics, or "". */
struct row {
	const char *text, *found;
};

static void run(const char *const *options, const struct row *rows, size_t n)
{
	struct plug *plug = plug_open(options);
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		char found[2000] = "";
		size_t end = 0;

		plug_clear(plug);
		plug_text(plug, rows[i].text);
		plug_check(plug);
		for (size_t k = 0; k < plug->n_found; k++)
			end += (size_t)snprintf(found + end,
			    sizeof(found) - end, "%s%s: %s", k > 0 ? "; " : "",
			    plug->found[k].name, plug->found[k].value);
		if (strcmp(found, rows[i].found) == 0)
			continue;
		print_error("\"%s\"\n    is:  %s\n    not: %s\n", rows[i].text,
		    found, rows[i].found);
		bad++;
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

#define RUN(options, rows) run(options, rows, sizeof(rows) / sizeof((rows)[0]))

static void topics(void **state)
{
	static const struct row rows[] = {
	    {"My lawyer will call.", "legal: lawyer"},
	    {"LAWYERS!", "legal: lawyers"},
	    {"we threaten legal action", "legal: legal action"},
	    {"legal\n  action", "legal: legal action"},
	    {"our liability is limited", "legal: liability"},
	    {"please sign the agreement",
		"contract: sign the; contract: agreement"},
	    {"the contract", "contract: contract"},
	    {"we terminated it", "cancellation: terminated"},
	    {"to cancel, click", "cancellation: cancel"},
	    {"a formal complaint", "complaint: complaint"},
	    {"We’re sorry about that", "complaint: we're sorry"},
	    {"URGENT: read this", "urgency: urgent"},
	    {"as soon as\npossible", "urgency: as soon as possible"},
	    {"prices from 5", "pricing: prices"},
	    {"10 % off", "commitment: % off"},
	    {"50% off", "commitment: % off"},
	    {"we guarantee it", "commitment: guarantee"},
	    {"a guaranteed result", "commitment: guaranteed"},
	    {"We will pay you back", "commitment: we will pay"},
	    {"free of charge", "commitment: free of charge"},
	    {"free-of-charge", "commitment: free of charge"},
	    {"you get it by tomorrow", "commitment: by tomorrow"},
	    {"a full refund", "pricing: refund; commitment: full refund"},
	    {"**refund**", "pricing: refund"},
	    {"Mein Anwalt meldet sich", "legal: anwalt"},
	    {"Schadensersatzforderungen", "legal: schadensersatzforderungen"},
	    {"Wir gehen den Rechtsweg.", "legal: rechtsweg"},
	    {"AUSSERGERICHTLICHE Einigung", "legal: aussergerichtliche"},
	    {"außergerichtlich", "legal: aussergerichtlich"},
	    {"der Vertrag", "contract: vertrag"},
	    {"Hiermit kündige ich", "cancellation: kündige"},
	    {"Ku\xcc\x88ndigung", "cancellation: kündigung"},
	    {"Wir bedauern das", "complaint: bedauern"},
	    {"bitte unverzüglich", "urgency: unverzüglich"},
	    {"unser Angebot", "pricing: angebot"},
	    {"Wir erstatten alles",
		"pricing: erstatten; commitment: wir erstatten"},
	    {"kostenlose Lieferung bis morgen",
		"pricing: kostenlose; commitment: kostenlose; "
		"commitment: bis morgen"},
	    {"mon avocat vous écrira", "legal: avocat"},
	    {"mise en demeure", "legal: mise en demeure"},
	    {"la résiliation du contrat",
		"contract: contrat; cancellation: résiliation"},
	    {"nous sommes désolés", "complaint: désolés"},
	    {"dans les plus brefs délais",
		"urgency: dans les plus brefs délais"},
	    {"le prix", "pricing: prix"},
	    {"nous nous engageons", "commitment: nous nous engageons"},
	    {"Nous vous garantissons", "commitment: garantissons"},
	    {"mi abogada", "legal: abogada"},
	    {"el contrato", "contract: contrato"},
	    {"quiero darme de baja", "cancellation: darme de baja"},
	    {"una queja", "complaint: queja"},
	    {"lo antes posible", "urgency: lo antes posible"},
	    {"el precio", "pricing: precio"},
	    {"garantizamos", "commitment: garantizamos"},
	    {"il mio avvocato", "legal: avvocato"},
	    {"la disdetta", "cancellation: disdetta"},
	    {"un reclamo", "complaint: reclamo"},
	    {"il prima possibile", "urgency: il prima possibile"},
	    {"uno sconto", "pricing: sconto"},
	    {"Vi rimborseremo",
		"pricing: rimborseremo; commitment: rimborseremo"},
	    {"mijn advocaat", "legal: advocaat"},
	    {"de overeenkomst", "contract: overeenkomst"},
	    {"een klacht", "complaint: klacht"},
	    {"zo snel mogelijk", "urgency: zo snel mogelijk"},
	    {"de factuur", "pricing: factuur"},
	    {"wij vergoeden dit", "commitment: wij vergoeden"},
	    {"minha advogada", "legal: advogada"},
	    {"a rescisão", "cancellation: rescisão"},
	    {"uma reclamação", "complaint: reclamação"},
	    {"o mais rápido possível", "urgency: o mais rápido possível"},
	    {"orçamentos", "pricing: orçamentos"},
	    {"até amanhã", "commitment: até amanhã"},
	    {"ｒｅｆｕｎｄ", "pricing: refund"},
	    {"re\xc2\xad"
	     "fund",
		"pricing: refund"},
	    {"lawsuit oﬀ, aﬃrm", "legal: lawsuit"},
	    {"𝐠𝐮𝐚𝐫𝐚𝐧𝐭𝐞𝐞", "commitment: guarantee"},
	};

	(void)state;
	RUN(NULL, rows);
}

static void ordinary_words(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"Thank you for your mail, see you on Monday.", ""},
	    {"The prince courted a flawyer", ""},
	    {"pricey feet and contractors", ""},
	    {"Unser Termin am Freitag um 12 Uhr", ""},
	    {"Das ist recht gut und richtig.", ""},
	    {"à court terme", ""},
	    {"Nos vemos pronto, un saludo", ""},
	    {"Ci vediamo presto, grazie mille", ""},
	    {"Tot ziens en een fijne dag", ""},
	    {"Obrigado e até logo", ""},
	    {"legal", ""},
	    {"Bonjour, merci pour votre message.", ""},
	    {"the action was legal", ""},
	    {"we will. Pay attention", ""},
	    {"cancellous bone", ""},
	    {"a suitable courtesy", ""},
	    {"12345 -- ++ ## ??", ""},
	    {"日本語のメール", ""},
	    {"Rechtschreibung, Gerichtet, Preisel", ""},
	};

	(void)state;
	RUN(NULL, rows);
}

static void options_choose(void **state)
{
	static const char *const few[] = {"topics", "legal", "topics", "own",
	    "languages", "de", "add_own", "Project X", "add_own", "Zebra*",
	    "add_own", "acme* gmbh", "add_legal", "Kadi", "remove_legal",
	    "Rechtsweg", "remove_legal", "anwalt*", "add_own", "  ",
	    "add_pricing", "Taler", NULL};
	static const struct row rows[] = {
	    {"lawyer and Klage", "legal: klage"},
	    {"der Preis", ""},
	    {"Taler", ""},
	    {"Anwalt auf dem Rechtsweg", ""},
	    {"Rechtsanwalt", "legal: rechtsanwalt"},
	    {"zum KADI", "legal: kadi"},
	    {"project\tx", "own: project x"},
	    {"project xy", ""},
	    {"Zebras", "own: zebras"},
	    {"acmeish GmbH", "own: acmeish gmbh"},
	    {"acme GmbH", "own: acme gmbh"},
	    {"acme die GmbH", ""},
	};

	(void)state;
	RUN(few, rows);
}

static void refuses_wrong_options(void **state)
{
	static const char *const rows[][4] = {
	    {"topics", "law", "'law'"},
	    {"languages", "english", "\"en\", \"de\""},
	    {"add_own", "*ing", "has * not at the end"},
	    {"add_own", "a*", "has * not at the end"},
	    {"add_own", "in*side", "has * not at the end"},
	    {"add_own", "...---***", "has * not at the end"},
	    {"remove_legal", "lawyers", "is not in the list"},
	    {"remove_own", "foo", "is not in the list"},
	};
	char longer[300];
	const char *const much[] = {"add_own", longer, NULL};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const options[] = {rows[i][0], rows[i][1], NULL};
		const char *why = plug_complaint(options);

		assert_non_null(strstr(why, rows[i][0]));
		assert_non_null(strstr(why, rows[i][2]));
	}
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_non_null(strstr(plug_complaint(much), "is too long"));
}

static void shows_where(void **state)
{
	struct plug *plug = plug_open(NULL);
	char text[2000];
	size_t n = 0;

	(void)state;
	plug_subject(plug, "Refund");
	plug_text(plug, "Thank you for waiting so very long.  After some "
			"thought we can give you your\nmoney back without any "
			"further questions, whatever you say");
	assert_int_equal(plug_check(plug), 2);
	assert_int_equal(plug->found[0].weight, IMPRIMATUR_NOTE);
	assert_string_equal(
	    plug_find(plug, "pricing", "refund")->detail, "... refund ...");
	assert_string_equal(plug_find(plug, "commitment", NULL)->detail,
	    "... some thought we can give you your money back without any "
	    "further questions, whatever ...");
	plug_clear(plug);
	for (char c = 'a'; c <= 'z'; c++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "lawyer%c lawyer%c ", c, c);
	plug_text(plug, text);
	assert_int_equal(plug_check(plug), 8);
	assert_non_null(strstr(plug->found[7].detail, "(and others)"));
	assert_null(strstr(plug->found[6].detail, "(and others)"));
	plug_clear(plug);
	plug_text(plug, "> your lawyer");
	plug_own(plug, "Hm.");
	assert_int_equal(plug_check(plug), 0);
	plug_close(plug);
}

/* Wherever the text is cut into pieces, a phrase is found. */
static void finds_it_anywhere(void **state)
{
	struct plug *plug = plug_open(NULL);
	size_t size = 20000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t at = 7000; at < 17000; at += 7) {
		for (size_t i = 0; i < size; i++)
			text[i] = "lorem\xc3\xa9 "[i % 8];
		memcpy(text + at - at % 8, " as soon as possible    ", 24);
		plug_clear(plug);
		plug_text_bytes(plug, text, size);
		assert_int_equal(plug_check(plug), 1);
	}
	free(text);
	plug_close(plug);
}

/* Text of any kind, 1 MB of it; and an ordinary mail within 2 ms. */
static void stays_quick(void **state)
{
	static const char *const pieces[] = {"a", "terminat", "as soon as ",
	    "refund ", "we will we will ", "\xef\xb7\xba", "^", "*", "%",
	    "\xcc\x81", "\xf0\x9f\x98\x80", "lawyer\xc3\xa9",
	    "Thank you for your mail of Monday, we read it with joy.\n"};
	struct plug *plug = plug_open(NULL);
	size_t size = 1024 * 1024;
	char *text = malloc(size);
	double least = 1e9;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t piece = strlen(pieces[i]), at = 0;

		for (; at + piece <= size; at += piece)
			memcpy(text + at, pieces[i], piece);
		plug_clear(plug);
		plug_text_bytes(plug, text, at);
		plug_check(plug);
		if (plug_ms(plug) > 3000)
			fail_msg("%s: %.0f ms", pieces[i], plug_ms(plug));
	}
	for (int i = 0; i < 20; i++) {
		plug_clear(plug);
		plug_text_bytes(plug, text, 50000);
		plug_check(plug);
		if (plug_ms(plug) < least)
			least = plug_ms(plug);
	}
	free(text);
	plug_close(plug);
	print_message("50 KB: %.2f ms\n", least);
	assert_true(least < 100); /* sanitizers, slow machines */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(topics),
	    cmocka_unit_test(ordinary_words),
	    cmocka_unit_test(options_choose),
	    cmocka_unit_test(refuses_wrong_options),
	    cmocka_unit_test(shows_where),
	    cmocka_unit_test(finds_it_anywhere),
	    cmocka_unit_test(stays_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
