/*
 * Tests of plugins/recipients: for each row, all that it finds in a mail.
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

#define ROW_MAX 8
#define MS_MOST 3000 /* of a hostile mail; a sanitizer is slow */

struct row {
	const char *options[ROW_MAX + 1]; /* name, value, ... */
	const char *sender;		  /* NULL: bot@corp.example */
	const char *to;			  /* envelope, blank between */
	const char *fields[ROW_MAX + 1];  /* "To: name <address>" */
	/* what it finds: "name value weight", '!' for caution; "; " between.
	 * external-recipient only when the row asks for it. */
	const char *expect;
};

#define FROM   "From: Bot <bot@corp.example>"
#define TO_BOB "To: Bob <bob@customer.example>"
#define BOB    "bob@customer.example"

static const struct row rows[] = {
    /* nothing to tell */
    {{0}, NULL, BOB, {FROM, TO_BOB}, ""},
    {{0}, NULL, "BOB@Customer.EXAMPLE", {FROM, TO_BOB}, ""},
    {{0}, NULL, "x@xn--mller-kva.example",
	{FROM, "To:  <x@m\xc3\xbcller.example>"}, ""},
    {{0}, NULL, "x@m\xc3\xbcller.example",
	{FROM, "To:  <x@M\xc3\x9cller.example>"}, ""},
    {{0}, NULL, BOB, {FROM, TO_BOB, "Reply-To:  <desk@corp.example>"}, ""},
    {{0}, NULL, BOB, {FROM, TO_BOB, "Reply-To:  <desk@help.corp.example>"}, ""},
    {{0}, NULL, BOB, {FROM, "To: bob@customer.example <bob@customer.example>"},
	""},
    {{0}, NULL, BOB,
	{FROM, "To: 'Bob@customer.example' <bob@customer.example>"}, ""},
    {{0}, NULL, BOB, {FROM, "To: Customer.example <bob@customer.example>"}, ""},
    {{0}, NULL, BOB, {FROM, "To: J.R. Smith, Ph.D. <bob@customer.example>"},
	""},
    {{0}, NULL, BOB, {FROM, "To: Node.js Inc. <bob@customer.example>"}, ""},
    {{0}, NULL,
	"a@\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84",
	{FROM}, "hidden-recipient a@xn--e1afmkfd.xn--p1ai"},
    {{0}, NULL,
	"a@b\xc3\xbc"
	"cher.example a@kaffee.example",
	{FROM,
	    "To:  <a@b\xc3\xbc"
	    "cher.example>",
	    "Cc:  <a@kaffee.example>"},
	""},
    {{0}, NULL, "", {FROM}, ""},
    /* external */
    {{"internal", "corp.example", "internal", "corp.test"}, NULL,
	"a@corp.test b@x.corp.example bob@customer.example c@customer.example",
	{FROM, TO_BOB, "Cc:  <c@customer.example>", "Cc:  <a@corp.test>",
	    "Cc:  <b@x.corp.example>"},
	"external-recipient bob@customer.example"},
    {{0}, "", BOB, {FROM, TO_BOB}, "external-recipient bob@customer.example"},
    {{0}, "", "a@corp.example", {FROM, "To:  <a@corp.example>"},
	"external-recipient none"},
    {{0}, NULL, "bob@notcorp.example", {FROM, "To:  <bob@notcorp.example>"},
	"external-recipient bob@notcorp.example"},
    /* important people */
    {{"vip", "bob@customer.example", "vip", "bank.example"}, NULL,
	"Bob@customer.example x@sub.bank.example y@else.example",
	{FROM, TO_BOB, "Cc:  <x@sub.bank.example>", "Cc:  <y@else.example>"},
	"vip-recipient bob@customer.example; "
	"vip-recipient x@sub.bank.example"},
    {{"vip", "*@bank.example", "vip", "@y.example"}, NULL,
	"x@bank.example x@mybank.example",
	{FROM, "To:  <x@bank.example>", "To:  <x@mybank.example>"},
	"vip-recipient x@bank.example"},
    /* domains that look like others */
    {{0}, NULL, "bob@xn--ustomer-xjg.example",
	{FROM, "To:  <bob@xn--ustomer-xjg.example>"},
	"confusable-domain xn--ustomer-xjg.example!"},
    {{0}, NULL, "bob@\xd1\x81ustomer.example",
	{FROM, "To:  <bob@\xd1\x81ustomer.example>"},
	"confusable-domain xn--ustomer-xjg.example!"},
    {{0}, NULL, "a@\xd0\xb0\xd1\x81\xd0\xb5.example", /* ace, all Cyrillic */
	{FROM, "To:  <a@\xd0\xb0\xd1\x81\xd0\xb5.example>"},
	"confusable-domain xn--80ak9a.example!"},
    {{"known", "bank.example"}, NULL, "a@b\xc3\xa0nk.example",
	{FROM, "To:  <a@b\xc3\xa0nk.example>"},
	"confusable-domain xn--bnk-9ka.example!"},
    {{"known", "modern.example"}, NULL, "a@modem.example",
	{FROM, "To:  <a@modem.example>"}, "confusable-domain modem.example!"},
    {{"known", "customer.example"}, NULL, "a@mail.cust0mer.example",
	{FROM, "To:  <a@mail.cust0mer.example>"},
	"confusable-domain mail.cust0mer.example!"},
    {{"known", "customer.example"}, NULL, "a@custmoer.example",
	{FROM, "To:  <a@custmoer.example>"},
	"confusable-domain custmoer.example!"},
    {{"known", "customer.example", "known", "custmoer.example"}, NULL,
	"a@custmoer.example", {FROM, "To:  <a@custmoer.example>"}, ""},
    {{"known", "mail.example"}, NULL, "a@mall.example",
	{FROM, "To:  <a@mall.example>"}, ""},
    {{"known", "mail.example"}, NULL, "a@maIl.example",
	{FROM, "To:  <a@maIl.example>"}, ""},
    {{"known", "paypal.example"}, NULL, "a@paypaI.example",
	{FROM, "To:  <a@paypaI.example>"}, "confusable-domain paypai.example!"},
    {{0}, NULL, "a@c0rp.example", {FROM, "To:  <a@c0rp.example>"},
	"confusable-domain c0rp.example!"},
    {{0}, NULL, "a@shell.example b@she11.example",
	{FROM, "To:  <a@shell.example>", "To:  <b@she11.example>"},
	"confusable-domain she11.example!; confusable-domain shell.example!"},
    {{0}, NULL, BOB, {FROM, TO_BOB, "Reply-To:  <a@xn--ustomer-xjg.example>"},
	"confusable-domain xn--ustomer-xjg.example!; "
	"reply-to-differs a@xn--ustomer-xjg.example!"},
    {{0}, NULL, "\xd0\xb0nna@customer.example",
	{FROM, "To:  <\xd0\xb0nna@customer.example>"},
	"confusable-address \xd0\xb0nna@customer.example!"},
    {{0}, NULL, "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@customer.example",
	{FROM, "To:  <\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@customer.example>"}, ""},
    {{0}, NULL, "a@xn--zzzzzzz999999.example",
	{FROM, "To:  <a@xn--zzzzzzz999999.example>"},
	"confusable-domain xn--zzzzzzz999999.example!"},
    /* names that hide the address */
    {{0}, NULL, "e@attacker.example",
	{FROM, "To: bob@customer.example <e@attacker.example>"},
	"address-in-display-name e@attacker.example!"},
    {{0}, NULL, "e@attacker.example",
	{FROM, "To: Bob (www.customer.com) <e@attacker.example>"},
	"address-in-display-name e@attacker.example!"},
    {{0}, NULL, "e@attacker.example",
	{FROM, "To: Bob                         x                          y "
	       "<e@attacker.example>"},
	"address-in-display-name e@attacker.example!"},
    {{0}, NULL, "e@attacker.example",
	{FROM,
	    "To: Bob\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85"
	    "\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4"
	    "\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3"
	    "\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4\xe3\x85\xa4 "
	    "<e@attacker.example>"},
	"address-in-display-name e@attacker.example!"},
    {{0}, NULL, "b+1@customer.example",
	{FROM, "To: b@customer.example <b+1@customer.example>"},
	"address-in-display-name b+1@customer.example!"},
    {{"tags_equal", "true"}, NULL, "b+1@customer.example",
	{FROM, "To: b@customer.example <b+1@customer.example>"}, ""},
    /* envelope and header */
    {{0}, NULL, "bob@customer.example e@attacker.example", {FROM, TO_BOB},
	"hidden-recipient e@attacker.example!"},
    {{0}, NULL, "e@attacker.example e@attacker.example", {FROM},
	"hidden-recipient e@attacker.example"},
    {{"internal", "corp.example"}, NULL,
	"bob@customer.example crm@corp.example", {FROM, TO_BOB},
	"hidden-recipient crm@corp.example"},
    {{0}, NULL, "bob@customer.example crm@corp.example", {FROM, TO_BOB},
	"hidden-recipient crm@corp.example!"},
    {{0}, NULL, "bob@customer.example bot@corp.example", {FROM, TO_BOB}, ""},
    {{0}, NULL, BOB, {FROM, TO_BOB, "Cc: Ann <ann@customer.example>"},
	"to-envelope-mismatch ann@customer.example!"},
    {{0}, NULL, BOB,
	{FROM, TO_BOB, "Cc:  <a@customer.example>",
	    "To:  <A@customer.example>"},
	"to-envelope-mismatch a@customer.example!"},
    {{"tags_equal", "true"}, NULL, "bob+x@customer.example", {FROM, TO_BOB},
	""},
    {{"tags_equal", "false"}, NULL, "bob+x@customer.example", {FROM, TO_BOB},
	"hidden-recipient bob+x@customer.example!; "
	"to-envelope-mismatch bob@customer.example!"},
    /* answers */
    {{0}, NULL, BOB, {FROM, TO_BOB, "Reply-To:  <e@attacker.example>"},
	"reply-to-differs e@attacker.example!"},
    {{"internal", "corp.example", "internal", "desk.test"}, NULL, BOB,
	{FROM, TO_BOB, "Reply-To:  <help@desk.test>"}, ""},
    {{"internal", "corp.example"}, "b@mailer.test", BOB,
	{"From:  <news@brand.co.uk>", TO_BOB,
	    "Reply-To:  <x@shop.brand.co.uk>"},
	""},
    {{"internal", "corp.example"}, "b@mailer.test", BOB,
	{"From:  <news@brand.co.uk>", TO_BOB, "Reply-To:  <x@other.co.uk>"},
	"reply-to-differs x@other.co.uk!"},
    /* how many */
    {{"most", "1"}, NULL, "bob@customer.example", {FROM, TO_BOB}, ""},
    {{"most", "1"}, NULL, "bob@customer.example ann@customer.example",
	{FROM, TO_BOB, "To:  <ann@customer.example>"}, "many-recipients 2"},
};

static void add_field(struct plug *plug, const char *line)
{
	char field[20], name[400], address[200];

	if (sscanf(line, "%19[^:]: %399[^<]<%199[^>]>", field, name, address) !=
	    3) {
		name[0] = '\0';
		assert_int_equal(
		    sscanf(line, "%19[^:]:  <%199[^>]>", field, address), 2);
	}
	if (name[0] != '\0')
		name[strlen(name) - 1] = '\0';
	plug_address(plug, field, name, address);
}

static void fill(struct plug *plug, const struct row *row)
{
	const char *p = row->to;

	plug_sender(
	    plug, row->sender == NULL ? "bot@corp.example" : row->sender);
	while (*p != '\0') {
		char address[200];
		int n = 0;

		assert_int_equal(sscanf(p, " %199s%n", address, &n), 1);
		plug_recipient(plug, address);
		p += n;
	}
	for (size_t i = 0; row->fields[i] != NULL; i++)
		add_field(plug, row->fields[i]);
}

static const char *all_found(const struct plug *plug, bool external)
{
	static char text[4000];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plug->n_found; i++) {
		const struct plug_found *found = &plug->found[i];

		if (!external && strcmp(found->name, "external-recipient") == 0)
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s%s",
		    n > 0 ? "; " : "", found->name,
		    found->value != NULL ? found->value : "",
		    found->weight == IMPRIMATUR_NOTE ? "" : "!");
	}
	return n == 0 && external ? "external-recipient none" : text;
}

static void rows_are_right(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct plug *plug = plug_open(row->options);
		const char *found;

		fill(plug, row);
		plug_check(plug);
		found = all_found(plug, strstr(row->expect, "external-"));
		if (strcmp(found, row->expect) != 0) {
			print_message("row %zu (%s):\n%s\ninstead of\n%s\n", i,
			    row->to, found, row->expect);
			bad++;
		}
		plug_close(plug);
	}
	assert_int_equal(bad, 0);
}

static void details_say_it(void **state)
{
	struct plug *plug = plug_open(NULL);
	const struct row row = {{0}, NULL,
	    "bob@xn--ustomer-xjg.example a@b.example c@b.example", {FROM}, ""};

	(void)state;
	fill(plug, &row);
	plug_check(plug);
	assert_string_equal(plug_find(plug, "confusable-domain", NULL)->detail,
	    "\"\xd1\x81ustomer.example\" (xn--ustomer-xjg.example): mixes "
	    "scripts");
	assert_string_equal(
	    plug_find(plug, "external-recipient", "a@b.example")->detail,
	    "2 recipients at b.example");
	plug_close(plug);
}

static void blanks_in_a_field_are_seen(void **state)
{
	struct plug *plug = plug_open(NULL);

	(void)state;
	plug_sender(plug, "bot@corp.example");
	plug_field(plug, "to",
	    "bob@customer.example                                 ,"
	    " e@attacker.example");
	plug_field(plug, "X-Note", "a                                       b");
	plug_check(plug);
	assert_int_equal(plug_count(plug, "address-in-display-name", NULL), 1);
	plug_close(plug);
}

static void wrong_options_are_told(void **state)
{
	static const struct {
		const char *name, *value, *say;
	} wrong[] = {
	    {"internal", "bob@corp.example", "internal has 'bob@corp.example'"},
	    {"internal", "https://corp.example", "write domains"},
	    {"known", "a b", "known has 'a b'"},
	    {"known", "*.corp.example", "write domains"},
	    {"known", "", "write domains"},
	    {"vip", "boss*@corp.example", "vip has 'boss*@corp.example'"},
	    {"vip", "boss@", "vip has 'boss@'"},
	    {"most", "many", "most is 'many'"},
	    {"most", "0", "from 1 to"},
	    {"most", "-1", "from 1 to"},
	    {"most", "2.5", "whole number"},
	    {"tags_equal", "yes", "tags_equal is 'yes'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *const given[] = {
		    wrong[i].name, wrong[i].value, NULL};
		const char *said = plug_complaint(given);

		if (strstr(said, wrong[i].say) == NULL)
			fail_msg("%s: %s", wrong[i].value, said);
	}
}

/* Many recipients, many look-alikes, long names: time stays in proportion. */
static void hostile_mail_takes_no_time(void **state)
{
	enum { N = 2000, LONG = 1000000 };
	const char *known[2 * N + 1];
	static char names[N][40];
	struct plug *plug;
	char address[60], *name = malloc(LONG + 1);

	(void)state;
	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "customer%zu.example", i);
		known[2 * i] = "known";
		known[2 * i + 1] = names[i];
	}
	known[2 * N] = NULL;
	plug = plug_open(known);
	for (size_t i = 0; i < N; i++) {
		snprintf(address, sizeof(address), "x@cust0mer%zu.example", i);
		plug_recipient(plug, address);
		plug_address(plug, "To", "", address);
	}
	plug_check(plug);
	assert_int_equal(plug_count(plug, "confusable-domain", NULL), 11);
	assert_true(plug_ms(plug) < MS_MOST);
	plug_clear(plug);
	for (size_t i = 0; i < LONG; i++)
		name[i] = "a@b.com."[i % 8];
	name[LONG] = '\0';
	plug_address(plug, "To", name, name);
	plug_recipient(plug, name);
	plug_check(plug);
	assert_true(plug_ms(plug) < MS_MOST);
	plug_close(plug);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_right),
	    cmocka_unit_test(details_say_it),
	    cmocka_unit_test(blanks_in_a_field_are_seen),
	    cmocka_unit_test(wrong_options_are_told),
	    cmocka_unit_test(hostile_mail_takes_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
