/*
 * test-amount: what is an amount, what is none, and how it is written.
 */
#include "util/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *text;
	int64_t value;
	const char *currency, *printed;
};

static const struct row good[] = {
    {"10000.00 EUR", 100000000, "EUR", "10000.00 EUR"},
    {"10000 EUR", 100000000, "EUR", "10000.00 EUR"},
    {"10000 eur", 100000000, "EUR", "10000.00 EUR"},
    {"0.1234 BTC", 1234, "BTC", "0.1234 BTC"},
    {"0.125 USD", 1250, "USD", "0.125 USD"},
    {"-3 USD", -30000, "USD", "-3.00 USD"},
    {"-0.5", -5000, "", "-0.5"},
    {"12.5", 125000, "", "12.5"},
    {"12.50", 125000, "", "12.5"},
    {"3", 30000, "", "3"},
    {"0", 0, "", "0"},
    {"-0", 0, "", "0"},
    {"0.85", 8500, "", "0.85"},
    {"007", 70000, "", "7"},
    {"900000000000000", INT64_C(9000000000000000000), "", "900000000000000"},
    {"-899999999999999.9999 JPY", INT64_C(-8999999999999999999), "JPY",
	"-899999999999999.9999 JPY"},
};

static const char *const bad[] = {"", " ", "-", "EUR", "1.", ".5", "1,000",
    "1.000,50", "1.23456", "1 2", "1  EUR", "1EUR", "1 EU", "1 EURO", "1 E1R",
    " 1", "1 ", "+1", "--1", "1.0.0", "0x10", "1e3", "900000000000001",
    "900000000000000.0001", "99999999999999999999999999", "1 \xe2\x82\xac",
    "nan", "1\n", "10000.00\tEUR"};

static void reads_and_writes(void **state)
{
	char out[AMOUNT_SIZE];
	struct amount a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(amount_parse(&a, good[i].text, NULL), 0);
		assert_true(a.value == good[i].value);
		assert_string_equal(a.currency, good[i].currency);
		assert_string_equal(amount_print(&a, out), good[i].printed);
	}
}

static void what_it_writes_it_reads(void **state)
{
	static const int64_t values[] = {0, 1, -1, 9999, 10000, 123450,
	    INT64_C(8999999999999999999), INT64_C(-9000000000000000000)};
	char out[AMOUNT_SIZE];
	struct amount a = {0, "CHF"}, b;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(values) / sizeof(values[0]); i++) {
		a.value = values[i / 2];
		a.currency[0] = i % 2 ? 'C' : '\0';
		assert_int_equal(
		    amount_parse(&b, amount_print(&a, out), NULL), 0);
		assert_int_equal(amount_compare(&a, &b), 0);
	}
}

static void refuses_what_is_none(void **state)
{
	struct error err = ERROR_INIT;
	struct amount a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a.value = 7;
		err.text[0] = '\0';
		assert_int_equal(amount_parse(&a, bad[i], &err), -1);
		assert_true(a.value == 0);
		assert_int_equal(err.kind, ERROR_INVALID);
		assert_non_null(strstr(err.text, "10000.00 EUR"));
	}
}

static void compares(void **state)
{
	struct amount a, b;

	(void)state;
	amount_parse(&a, "9999.99 EUR", NULL);
	amount_parse(&b, "10000 EUR", NULL);
	assert_int_equal(amount_compare(&a, &b), -1);
	assert_int_equal(amount_compare(&b, &a), 1);
	assert_int_equal(amount_compare(&b, &b), 0);
	amount_parse(&a, "-2", NULL);
	amount_parse(&b, "-1.5", NULL);
	assert_int_equal(amount_compare(&a, &b), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_and_writes),
	    cmocka_unit_test(what_it_writes_it_reads),
	    cmocka_unit_test(refuses_what_is_none),
	    cmocka_unit_test(compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
