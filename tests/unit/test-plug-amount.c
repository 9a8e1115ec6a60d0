/*
 * Tests of plugins/amount.c: sums in many languages, and what is no sum.
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
		values = plug_values(plug, "amount");
		if (strcmp(values, rows[i].values) == 0)
			continue;
		print_error("\"%s\"\n    is:     %s\n    not:    %s\n",
		    rows[i].text, values, rows[i].values);
		bad++;
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

#define RUN(options, rows) run(options, rows, sizeof(rows) / sizeof((rows)[0]))

#define NBSP   "\xc2\xa0"
#define NARROW "\xe2\x80\xaf"
#define SHY    "\xc2\xad"

static void formats(void **state)
{
	static const struct row rows[] = {
	    {"pay 12,000.00 EUR", "12000.00 EUR"},
	    {"12.000,50 EUR", "12000.50 EUR"},
	    {"EUR 12.000,50", "12000.50 EUR"},
	    {"12 000,50 €", "12000.50 EUR"},
	    {"12" NBSP "000,50" NBSP "€", "12000.50 EUR"},
	    {"12" NARROW "000,50" NARROW "€", "12000.50 EUR"},
	    {"1 234 567,89 €", "1234567.89 EUR"},
	    {"12'000.50 CHF", "12000.50 CHF"},
	    {"CHF 12’000.–", "12000.00 CHF"},
	    {"CHF 12.-", "12.00 CHF"},
	    {"12,-- Euro", "12.00 EUR"},
	    {"₹1,20,000", "120000.00 INR"},
	    {"Rs. 1,20,000.50 only", "120000.50 INR"},
	    {"INR 12,34,56,789", "123456789.00 INR"},
	    {"$12k", "12000.00 USD"},
	    {"$1.5M", "1500000.00 USD"},
	    {"EUR 1.5 M", "1500000.00 EUR"},
	    {"12 Tsd. EUR", "12000.00 EUR"},
	    {"3 Mio €", "3000000.00 EUR"},
	    {"3,5 Mio. €", "3500000.00 EUR"},
	    {"2 million dollars", "2000000.00 USD"},
	    {"2.5 billion USD", "2500000000.00 USD"},
	    {"USD12,000", "12000.00 USD"},
	    {"12,000USD", "12000.00 USD"},
	    {"12,50 €", "12.50 EUR"},
	    {"€12.5", "12.50 EUR"},
	    {"€0.125", "0.125 EUR"},
	    {"€0.12345", "0.1235 EUR"},
	    {"12.000 €", "12000.00 EUR"},
	    {"1.234.567 EUR", "1234567.00 EUR"},
	    {"1,234,567 EUR", "1234567.00 EUR"},
	    {"1.000.00 EUR", "1000.00 EUR"},
	    {"12000 eur", "12000.00 EUR"},
	    {"12 k€", "12000.00 EUR"},
	    {"12 TEUR", "12000.00 EUR"},
	    {"12 T€", "12000.00 EUR"},
	    {"4 MEUR", "4000000.00 EUR"},
	    {"€ 0", "0.00 EUR"},
	    {"999999999999999999999 EUR", "900000000000000.00 EUR"},
	    {"900 trillion trillion $", "900000000000000.00 USD"},
	    {"１２，０００．００ ＥＵＲ", "12000.00 EUR"},
	    {"＄５００", "500.00 USD"},
	    {"١٢٬٠٠٠٫٥٠ EUR", "12000.50 EUR"},
	    {"१,२०,००० ₹", "120000.00 INR"},
	    {"12" SHY "000 E" SHY "UR", "12000.00 EUR"},
	    {"12\xe2\x80\x8b,0\xe2\x81\xa0"
	     "00.00 EUR",
		"12000.00 EUR"},
	    {"12,000\nEUR", "12000.00 EUR"},
	    {"12\n000 EUR", "12000.00 EUR"},
	    {"-500 EUR", "500.00 EUR"},
	    {"(500.00) EUR", "500.00 EUR"},
	    {"EUR -500", "500.00 EUR"},
	    {"EUR (500)", "500.00 EUR"},
	    {"**12,000** EUR", "12000.00 EUR"},
	    {"| Licence | 12,000 | EUR |", "12000.00 EUR"},
	    {"EUR: 12.000", "12000.00 EUR"},
	    {"10-12k EUR", "12000.00 EUR, 10000.00 EUR"},
	    {"EUR 10-12k", "12000.00 EUR, 10000.00 EUR"},
	    {"10–12 Mio. Euro", "12000000.00 EUR, 10000000.00 EUR"},
	    {"between 10,000 and 12,000 EUR", "12000.00 EUR, 10000.00 EUR"},
	    {"between $10,000 and $12,000", "12000.00 USD, 10000.00 USD"},
	    {"zwischen 10.000 und 12.000 €", "12000.00 EUR, 10000.00 EUR"},
	    {"from EUR 500 to 700", "700.00 EUR, 500.00 EUR"},
	    {"3x500 EUR", "500.00 EUR"},
	    {"120万円", "1200000.00 JPY"},
	    {"3億円です", "300000000.00 JPY"},
	    {"500元", "500.00 CNY"},
	};

	(void)state;
	RUN(NULL, rows);
}

static void currencies(void **state)
{
	static const struct row rows[] = {
	    {"$5", "5.00 USD"},
	    {"US$ 5", "5.00 USD"},
	    {"US $5", "5.00 USD"},
	    {"A$5", "5.00 AUD"},
	    {"R$ 1.250,00", "1250.00 BRL"},
	    {"HK$800", "800.00 HKD"},
	    {"$500 CAD", "500.00 CAD"},
	    {"USD $500", "500.00 USD"},
	    {"500 Canadian dollars", "500.00 CAD"},
	    {"500 dollars", "500.00 USD"},
	    {"£500", "500.00 GBP"},
	    {"500 pounds sterling", "500.00 GBP"},
	    {"500 Pfund", "500.00 GBP"},
	    {"500 libras", "500.00 GBP"},
	    {"¥500", "500.00 JPY"},
	    {"500 Franken", "500.00 CHF"},
	    {"Fr. 500", "500.00 CHF"},
	    {"500 kr", "500.00 SEK"},
	    {"kr. 500", "500.00 SEK"},
	    {"500 norske kroner", "500.00 NOK"},
	    {"500 Swedish kronor", "500.00 SEK"},
	    {"500 zł", "500.00 PLN"},
	    {"500 złotych", "500.00 PLN"},
	    {"500 Kč", "500.00 CZK"},
	    {"500 рублей", "500.00 RUB"},
	    {"500 Ft", "500.00 HUF"},
	    {"500 SEK", "500.00 SEK"},
	    {"PLN 500", "500.00 PLN"},
	    {"500 TRY", "500.00 TRY"},
	    {"12 mil euros", "12000.00 EUR"},
	    {"2 millones de euros", "2000000.00 EUR"},
	    {"2 millones de dólares", "2000000.00 USD"},
	    {"3 millions d'euros", "3000000.00 EUR"},
	    {"3 millions d’euros", "3000000.00 EUR"},
	    {"4 milioni di euro", "4000000.00 EUR"},
	    {"5 miljoen euro", "5000000.00 EUR"},
	    {"6 milhões de reais", "6000000.00 BRL"},
	    {"7 Tausend Euro", "7000.00 EUR"},
	    {"a million dollars", "1000000.00 USD"},
	    {"1.5 lakh rupees", "150000.00 INR"},
	    {"2 crore INR", "20000000.00 INR"},
	    {"500 EUR and 600 USD", "500.00 EUR, 600.00 USD"},
	    {"EUR 500 USD 600", "500.00 EUR, 600.00 USD"},
	    {"500 EUR 600 USD", "500.00 EUR, 600.00 USD"},
	    {"500 EUR - 300 USD", "500.00 EUR, 300.00 USD"},
	    {"EUR 500, USD 600, 700 GBP", "500.00 EUR, 600.00 USD, 700.00 GBP"},
	    {"In 2024 EUR 500", "500.00 EUR"},
	    {"500 EUR 2024", "500.00 EUR"},
	    {"$10 = 9 EUR", "10.00 USD, 9.00 EUR"},
	    {"Order no. 123456 EUR 500", "500.00 EUR"},
	    {"Invoice 20 $500", "500.00 USD"},
	    {"paid 5 EUR. 300 people came", "5.00 EUR"},
	    {"5 EUR\n300 people", "5.00 EUR"},
	    {"Licence: 500 EUR/month", "500.00 EUR"},
	    {"only12,000 EUR", "12000.00 EUR"},
	};

	(void)state;
	RUN(NULL, rows);
}

static void no_sums(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"Meeting on 12.05.2024 at 12:30", ""},
	    {"2024-05-12 12:30:00", ""},
	    {"05/12/2024", ""},
	    {"call +49 30 1234567 or 1-800-555-0199", ""},
	    {"order 4711, ticket #12345", ""},
	    {"version 2.5.1 and 3.0", ""},
	    {"12 % of it, 12.5%", ""},
	    {"12 % EUR", ""},
	    {"at 192.168.1.17 port 587", ""},
	    {"192.168.1.17 EUR", ""},
	    {"12.05.2024 EUR", ""},
	    {"12:30 EUR", ""},
	    {"The euro fell against the dollar.", ""},
	    {"$HOME and $1 are variables in $PATH", "1.00 USD"},
	    {"chapter 3 of 12", ""},
	    {"12 km, 5kg, 3 m, 12k followers", ""},
	    {"I try 3 times: all 4 failed, top 10", ""},
	    {"the sum is 12000", ""},
	    {"Total: 12,000.00", ""},
	    {"12000", ""},
	    {"EURO 2024", "2024.00 EUR"},
	    {"ISO 9001, RFC 5321", ""},
	    {"Rank 3, pen 5, mad 7", ""},
	    {"EUR", ""},
	    {"€€€ $$$ 5", "5.00 EUR"},
	    {"Mm$", ""},
	    {"a1b2c3 d4e5", ""},
	};

	(void)state;
	RUN(NULL, rows);
}

static void bare_numbers(void **state)
{
	static const char *const options[] = {"currency", "EUR", NULL};
	static const struct row rows[] = {
	    {"Invoice total: 12,000.00", "12000.00 EUR"},
	    {"Rechnungsbetrag 12.000,50", "12000.50 EUR"},
	    {"The amount due is 500", "500.00 EUR"},
	    {"Gesamt: 1.200,00", "1200.00 EUR"},
	    {"montant: 1 200,00", "1200.00 EUR"},
	    {"Importe total 1.200,00", "1200.00 EUR"},
	    {"totale 1.200,00", "1200.00 EUR"},
	    {"totaalbedrag 80", "80.00 EUR"},
	    {"valor 12k", "12000.00 EUR"},
	    {"Total\n12,000.00", "12000.00 EUR"},
	    {"we refund 500 USD in total", "500.00 USD"},
	    {"Total 2024: 800", "800.00 EUR"},
	    {"12,000.00 total", "12000.00 EUR"},
	    {"Your refund for order 4711", ""},
	    {"the payment of invoice 20261234 is due", ""},
	    {"Erstattung zur Bestellung 4711", ""},
	    {"total for your order: 12000", "12000.00 EUR"},
	    {"the price of this order 12.000,00", "12000.00 EUR"},
	    {"invoice total 12000", "12000.00 EUR"},
	    {"total invoice 12000", "12000.00 EUR"},
	    {"refund order 4711 at 500 each", "4711.00 EUR"},
	    {"refund for order 4711: 500", "500.00 EUR"},
	    {"order 500 EUR", "500.00 EUR"},
	    {"a total of 5 items", ""},
	    {"the total number 12345", ""},
	    {"total: 12%", ""},
	    {"I paid on 12.05.2024", ""},
	    {"there are 12000 people", ""},
	    {"The price is fair. 500 people agree.", ""},
	};

	(void)state;
	RUN(options, rows);
}

static void options_change_the_reading(void **state)
{
	static const char *const point[] = {"decimal", ".", NULL};
	static const char *const comma[] = {"decimal", ",", NULL};
	static const char *const signs[] = {"dollar", "CAD", "krone", "NOK",
	    "yen", "CNY", "ignore_below", "100", NULL};
	static const struct row with_point[] = {
	    {"1.000 EUR", "1.00 EUR"},
	    {"1,000 EUR", "1000.00 EUR"},
	    {"1.000.000 EUR", "1000000.00 EUR"},
	};
	static const struct row with_comma[] = {
	    {"1.000 EUR", "1000.00 EUR"},
	    {"1,000 EUR", "1.00 EUR"},
	    {"1.50 EUR", "1.50 EUR"},
	};
	static const struct row with_signs[] = {
	    {"$500 and 500 kr and ¥500", "500.00 CAD, 500.00 NOK, 500.00 CNY"},
	    {"US$500", "500.00 USD"},
	    {"500 Danish kroner", "500.00 DKK"},
	    {"99.99 EUR", ""},
	    {"100 EUR", "100.00 EUR"},
	};

	(void)state;
	RUN(point, with_point);
	RUN(comma, with_comma);
	RUN(signs, with_signs);
}

static void says_what_stands_there(void **state)
{
	struct plug *plug = plug_open(NULL);
	const struct plug_found *found;

	(void)state;
	plug_subject(plug, "Your offer over 1.500 €");
	plug_text(plug, "We agree on EUR\n12" SHY ".000,50 then.");
	assert_int_equal(plug_check(plug), 2);
	found = plug_find(plug, "amount", "12000.50 EUR");
	assert_non_null(found);
	assert_int_equal(found->weight, IMPRIMATUR_NOTE);
	assert_string_equal(found->detail, "EUR 12.000,50");
	assert_string_equal(plug_find(plug, "amount", "1500.00 EUR")->detail,
	    "1.500 € (read as 1500.00, may be 1.50)");
	plug_clear(plug);
	plug_text(plug, "> you said 500 EUR");
	plug_own(plug, "No.");
	assert_int_equal(plug_check(plug), 0);
	plug_close(plug);
}

static void keeps_the_largest(void **state)
{
	struct plug *plug = plug_open(NULL);
	char text[4000];
	size_t n = 0;

	(void)state;
	for (int i = 1; i <= 100; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "%d EUR, %d USD; ", i, 2 * i);
	plug_text(plug, text);
	plug_text(plug, "7 EUR and 9000 EUR");
	assert_int_equal(plug_check(plug), 20);
	assert_non_null(plug_find(plug, "amount", "9000.00 EUR"));
	assert_non_null(plug_find(plug, "amount", "200.00 USD"));
	assert_int_equal(plug_count(plug, "amount", "7.00 EUR"), 1);
	plug_close(plug);
}

static void refuses_wrong_options(void **state)
{
	static const char *const rows[][3] = {
	    {"decimal", "point", NULL},
	    {"dollar", "usd", NULL},
	    {"krone", "KR", NULL},
	    {"yen", "", NULL},
	    {"currency", "EURO", NULL},
	    {"ignore_below", "much", NULL},
	    {"ignore_below", "-1", NULL},
	    {"ignore_below", "nan", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_non_null(strstr(plug_complaint(rows[i]), rows[i][0]));
}

/* A text of 1 MB made of one piece again and again. */
static void stays_quick(void **state)
{
	static const char *const pieces[] = {"1", "1,", "1.", "1 ", "1-", "$",
	    "EUR ", "1 $", "$1 ", "k", "1k", "1 and ", "\xc2\xad", "EUR 1 USD ",
	    "a", "1\n", "*", "000 ", "total ", "total 1 ", "€", "1'", ".", "d'",
	    "million ", "\xd9\xa1", "x1"};
	static const char *const options[] = {"currency", "EUR", NULL};
	struct plug *plug = plug_open(options);
	size_t size = 1024 * 1024;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t piece = strlen(pieces[i]), at = 0;

		for (; at + piece <= size; at += piece)
			memcpy(text + at, pieces[i], piece);
		plug_clear(plug);
		plug_text_bytes(plug, text, at);
		plug_check(plug);
		if (plug_ms(plug) > 2000)
			fail_msg("%s: %.0f ms", pieces[i], plug_ms(plug));
	}
	free(text);
	plug_close(plug);
}

/* No sum is lost where the text is cut into pieces. */
static void finds_it_anywhere(void **state)
{
	struct plug *plug = plug_open(NULL);
	size_t size = 40000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t at = 0; at + 40 < size; at += 97) {
		for (size_t i = 0; i < size; i++)
			text[i] = "lorem "[i % 6];
		memcpy(text + at, " between 10.000,50 and 12,000 EUR ", 34);
		plug_clear(plug);
		plug_text_bytes(plug, text, size);
		plug_check(plug);
		assert_string_equal(
		    plug_values(plug, "amount"), "12000.00 EUR, 10000.50 EUR");
	}
	free(text);
	plug_close(plug);
}

/* Whatever is found is what the rules can read. */
static void values_are_well_formed(void **state)
{
	static const char alphabet[] = "0123456789.,' -$k()EURM\n:/%";
	struct plug *plug = plug_open(NULL);
	unsigned seed = 1;

	(void)state;
	for (int n = 0; n < 3000; n++) {
		char text[60];

		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] =
			    alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		plug_clear(plug);
		plug_text_bytes(plug, text, sizeof(text));
		plug_check(plug);
		for (size_t i = 0; i < plug->n_found; i++) {
			const char *value = plug->found[i].value;
			size_t whole = strspn(value, "0123456789"), part;

			assert_in_range(whole, 1, 15);
			assert_int_equal(value[whole], '.');
			part = strspn(value + whole + 1, "0123456789");
			assert_in_range(part, 2, 4);
			assert_int_equal(value[whole + 1 + part], ' ');
			assert_int_equal(strlen(value), whole + part + 5);
		}
	}
	plug_close(plug);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(formats),
	    cmocka_unit_test(currencies),
	    cmocka_unit_test(no_sums),
	    cmocka_unit_test(bare_numbers),
	    cmocka_unit_test(options_change_the_reading),
	    cmocka_unit_test(says_what_stands_there),
	    cmocka_unit_test(keeps_the_largest),
	    cmocka_unit_test(refuses_wrong_options),
	    cmocka_unit_test(stays_quick),
	    cmocka_unit_test(finds_it_anywhere),
	    cmocka_unit_test(values_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
