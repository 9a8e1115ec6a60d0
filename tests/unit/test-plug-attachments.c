/*
 * Tests of plugins/attachments: files by content and by name, and texts that
 * speak of one.
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

#define MS_MOST 3000 /* of a hostile mail; a sanitizer is slow */

#define PDF  "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
#define PNG  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"
#define OLE  "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#define EXE  "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0"
#define RLO  "\xe2\x80\xae"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* ---- a zip file's list of contents ---- */

struct packed {
	unsigned char bytes[4000];
	size_t size;
};

static void put(struct packed *zip, const void *bytes, size_t size)
{
	assert_in_range(size, 0, sizeof(zip->bytes) - zip->size);
	memcpy(zip->bytes + zip->size, bytes, size);
	zip->size += size;
}

static void put_number(struct packed *zip, size_t value, unsigned size)
{
	for (; size > 0; size--, value >>= 8)
		put(zip, &(unsigned char){(unsigned char)value}, 1);
}

/* names: one blank between; "!" before one: it has a password. */
static struct packed make_zip(const char *names)
{
	static const unsigned char zeros[60];
	struct packed zip = {.size = 0};
	size_t n = 0, start;

	put(&zip, "PK\3\4", 4);
	put(&zip, zeros, 26);
	start = zip.size;
	while (*names != '\0') {
		size_t size = strcspn(names, " "), locked = names[0] == '!';

		put(&zip, "PK\1\2", 4);
		put(&zip, zeros, 4);
		put_number(&zip, locked, 2);
		put(&zip, zeros, 18);
		put_number(&zip, size - locked, 2);
		put(&zip, zeros, 16);
		put(&zip, names + locked, size - locked);
		names += size + (names[size] == ' ');
		n++;
	}
	put(&zip, "PK\5\6", 4);
	put(&zip, zeros, 4);
	put_number(&zip, n, 2);
	put_number(&zip, n, 2);
	put_number(&zip, zip.size - 12 - start, 4);
	put_number(&zip, start, 4);
	put(&zip, zeros, 2);
	return zip;
}

/* ---- types ---- */

static const struct {
	const char *type, *name, *bytes;
	size_t size;
	const char *value; /* of attachment-type, "!" behind it: caution */
} types[] = {
#define ROW(type, name, bytes, value)                                          \
	{                                                                      \
		type, name, bytes, sizeof(bytes) - 1, value                    \
	}
    ROW("application/pdf", "a.pdf", PDF, ""),
    ROW("application/octet-stream", "a.pdf", PDF, ""),
    ROW("application/octet-stream", NULL, PDF, ""),
    ROW("image/png", "a.png", PNG, ""),
    ROW("image/png", "a.jpg", PNG, ""),
    ROW("text/csv", "a.csv", "a,b\n1,2\n3,4\n", ""),
    ROW("application/vnd.ms-excel", "a.csv", "a,b\n1,2\n3,4\n", ""),
    ROW("application/vnd.ms-excel", "a.xls", "a\tb\n1\t2\n", ""),
    ROW("text/plain", "a.txt", "#!/bin/sh\necho\n", ""),
    ROW("text/plain", "a.log", "<html><body>x", ""),
    ROW("application/json", "a.json", "{\"a\": 1}", ""),
    ROW("text/calendar", "a.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", ""),
    ROW("text/html", "a.html", "<html><body><p>Hello</p></body></html>", ""),
    ROW("application/octet-stream", "a.dat", "\1\2\3\4\377\376", ""),
    ROW("application/pgp-signature", "signature.asc",
	"-----BEGIN PGP SIGNATURE-----\n\nabc\n", ""),
    ROW("application/rtf", "a.doc", "{\\rtf1 x}", ""),
    ROW("image/svg+xml", "a.svg",
	"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
	""),
    /* not what it says */
    ROW("application/pdf", "invoice.pdf", EXE, "application/x-dosexec!"),
    ROW("application/pdf", "invoice.pdf", PNG, "image/png!"),
    ROW("application/pdf", "invoice.pdf", "{\"error\": \"no invoice\"}",
	"application/json!"),
    ROW("application/pdf", "invoice.pdf", "<html><body>x", "text/html!"),
    ROW("image/png", "photo.png", PDF, "application/pdf!"),
    ROW("image/png", NULL, PDF, "application/pdf!"),
    ROW(XLSX, "list.xlsx", PDF, "application/pdf!"),
    ROW("text/plain", "notes.txt", PDF, "application/pdf!"),
    ROW("image/png", "photo.png", "", ""),
    /* what runs */
    ROW("application/octet-stream", "setup.exe", "x y z\n", "text/plain!"),
    ROW("application/octet-stream", "setup.EXE", EXE, "application/x-dosexec!"),
    ROW("application/octet-stream", NULL, EXE, "application/x-dosexec!"),
    ROW("application/octet-stream", "x",
	"\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0>\0", "application/x-executable!"),
    ROW("application/octet-stream", "run", "#!/bin/sh\necho\n",
	"text/x-shellscript!"),
    ROW("text/plain", "run.ps1", "Get-Process", "text/plain!"),
    ROW("application/octet-stream", "a.lnk", "\1\2\3",
	"application/octet-stream!"),
    ROW("application/octet-stream", "a.docm", "x y z\n", "text/plain!"),
    ROW("text/html", "form.html", "<html><script>x()</script>", "text/html!"),
    ROW("application/pdf", "a.pdf", PDF "/S /JavaScript /JS (x)",
	"application/pdf!"),
    ROW("application/msword", "a.doc",
	OLE "\0_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0",
	"application/x-ole-storage!"),
    ROW("application/msword", "a.docx",
	OLE "\0E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
	"application/x-ole-storage!"),
    ROW("application/msword", "a.doc", OLE "\0\0\0", ""),
    /* archives that tell nothing */
    ROW("application/gzip", "a.tar.gz", "\37\213\10\0\0\0\0\0\0\3abc",
	"application/gzip!"),
    ROW("application/octet-stream", "a.rar", "Rar!\x1a\7\0abc",
	"application/x-rar!"),
    ROW("application/zip", "a.zip", "PK\3\4 and no list", "application/zip!"),
#undef ROW
};

static void say(char *out, size_t room, const struct plug_found *found)
{
	snprintf(out, room, "%s%s", found == NULL ? "" : found->value,
	    found != NULL && found->weight == IMPRIMATUR_CAUTION ? "!" : "");
}

static void types_are_told(void **state)
{
	struct plug *plug = plug_open(NULL);
	unsigned bad = 0;
	char found[200];

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		plug_clear(plug);
		plug_part(plug, types[i].type, types[i].name, types[i].bytes,
		    types[i].size);
		plug_check(plug);
		say(found, sizeof(found),
		    plug_find(plug, "attachment-type", NULL));
		if (strcmp(found, types[i].value) != 0) {
			print_message("row %zu, %s: '%s', not '%s'\n", i,
			    types[i].name, found, types[i].value);
			bad++;
		}
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

static const struct {
	const char *name, *files;
	const char *detail; /* of attachment-type; "" for none */
	enum imprimatur_weight weight;
} zips[] = {
    {"a.zip", "a.pdf b.png", "\"a.zip\" is an archive of 2 files",
	IMPRIMATUR_NOTE},
    {"a.zip", "", "\"a.zip\" is an archive of 0 files", IMPRIMATUR_NOTE},
    {"a.zip", "a.pdf !b.pdf", "\"a.zip\" is locked with a password",
	IMPRIMATUR_CAUTION},
    {"a.zip", "a.pdf x/b.exe", "\"a.zip\" holds a program, \"x/b.exe\"",
	IMPRIMATUR_CAUTION},
    {"a.zip", "a\xff" RLO "fdp.js",
	"\"a.zip\" holds a program, \"a\xef\xbf\xbd[U+202E]fdp.js\"",
	IMPRIMATUR_CAUTION},
    {"a.pdf", "a.pdf", "\"a.pdf\" says it is a PDF and is an archive",
	IMPRIMATUR_CAUTION},
    {"a.docx", "[Content_Types].xml word/document.xml", "", IMPRIMATUR_NOTE},
    {"a.xlsx", "[Content_Types].xml xl/workbook.xml", "", IMPRIMATUR_NOTE},
    {"a.zip", "[Content_Types].xml xl/workbook.xml", "", IMPRIMATUR_NOTE},
    {"a.odt", "mimetype content.xml META-INF/manifest.xml", "",
	IMPRIMATUR_NOTE},
    {"a.docx", "[Content_Types].xml word/document.xml word/vbaProject.bin",
	"\"a.docx\" has macros", IMPRIMATUR_CAUTION},
    {"a.odt", "mimetype META-INF/manifest.xml Basic/script.xlb",
	"\"a.odt\" has macros", IMPRIMATUR_CAUTION},
    {"a.docx", "word/document.xml a.txt",
	"\"a.docx\" says it is an office document and is an archive",
	IMPRIMATUR_CAUTION},
};

static void lists_of_zips_are_read(void **state)
{
	struct plug *plug = plug_open(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(zips) / sizeof(zips[0]); i++) {
		struct packed zip = make_zip(zips[i].files);
		const struct plug_found *found;

		plug_clear(plug);
		plug_part(plug, "application/octet-stream", zips[i].name,
		    zip.bytes, zip.size);
		plug_check(plug);
		found = plug_find(plug, "attachment-type", NULL);
		assert_string_equal(
		    found == NULL ? "" : found->detail, zips[i].detail);
		if (found != NULL)
			assert_int_equal(found->weight, zips[i].weight);
	}
	plug_close(plug);
}

/* A list that lies in any byte is no reason to read elsewhere. */
static void broken_zips_are_told(void **state)
{
	struct packed zip = make_zip("a.pdf b.pdf");
	struct plug *plug = plug_open(NULL);

	(void)state;
	for (size_t i = 4; i < zip.size; i++) {
		struct packed broken = zip;
		unsigned char *copy;

		for (unsigned k = 0; k < 8; k++) {
			broken.bytes[i] =
			    (unsigned char)(zip.bytes[i] ^ 1u << k);
			plug_clear(plug);
			plug_part(plug, "application/zip", "a.zip",
			    broken.bytes, zip.size);
			plug_check(plug);
			assert_int_equal(
			    plug_count(plug, "attachment-type", NULL), 1);
		}
		/* cut short, in memory of exactly that size */
		copy = malloc(i);
		assert_non_null(copy);
		memcpy(copy, zip.bytes, i);
		plug_clear(plug);
		plug_part(plug, "application/zip", "a.zip", copy, i);
		plug_last(plug)->bytes = copy;
		plug_check(plug);
		assert_int_equal(
		    plug_find(plug, "attachment-type", NULL)->weight,
		    IMPRIMATUR_CAUTION);
		free(copy);
	}
	plug_close(plug);
}

/* ---- names ---- */

static const struct {
	const char *name, *value;
} names[] = {
    {"invoice.pdf", ""},
    {"Rechnung Nr. 5 (M\xc3\xa4rz).pdf", ""},
    {"report.final.v2.docx", ""},
    {"data.tar.gz", ""},
    {"invoice.pdf.p7s", ""},
    {"config.pdf", ""},
    {"com10.txt", ""},
    {"console.log", ""},
    {"smile \xe2\x9d\xa4\xef\xb8\x8f.jpg", ""},
    {"\xd9\x86\xd8\xa7\xd9\x85\xd9\x87\xe2\x80\x8c\xd9\x87\xd8\xa7.pdf", ""},
    {"a - b & c, d.xlsx", ""},
    {"invoice.pdf.exe", "double-extension"},
    {"invoice.PDF.html", "double-extension"},
    {"invoice.pdf .js", "double-extension"},
    {"invoice" RLO "fdp.exe", "invisible-characters"},
    {"a\xe2\x81\xa6"
     "b.pdf",
	"invisible-characters"},
    {"a\xe2\x80\x8b"
     "b.pdf",
	"invisible-characters"},
    {"a\xc2\xad"
     "b.pdf",
	"invisible-characters"},
    {"a\tb.pdf", "invisible-characters"},
    {"../../etc/passwd", "path"},
    {"a\\b.pdf", "path"},
    {"C:autoexec", "path"},
    {"..", "path"},
    {"CON", "device"},
    {"nul.pdf", "device"},
    {"Com1.txt", "device"},
    {"aux .tar.gz", "device"},
    {"invoice.pdf.", "odd-end"},
    {"invoice.pdf ", "odd-end"},
    {"", "odd-end"},
    {"invoice.pdf              x", "blanks"},
    {"0123456789012345678901234567890123456789012345678901234567890123456789"
     "0123456789012345678901234567890123456789012345678901234567890123456789"
     "0123456789012345678901234567890123456789012345678901234567890123456.pdf",
	"too-long"},
};

static void names_are_told(void **state)
{
	struct plug *plug = plug_open(NULL);
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		plug_clear(plug);
		plug_part(plug, "application/octet-stream", names[i].name,
		    "\1\2\3", 3);
		plug_check(plug);
		if (strcmp(plug_values(plug, "attachment-name"),
			names[i].value) != 0) {
			print_message("'%s': '%s'\n", names[i].name,
			    plug_values(plug, "attachment-name"));
			bad++;
		}
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

/* ---- what was forgotten ---- */

static const struct {
	const char *text;
	bool speaks;
} texts[] = {
    {"Hello, please find attached our offer.", true},
    {"Please find\nattached our offer.", true},
    {"*Attached* is the list.", true},
    {"I\xe2\x80\x99ve attached the slides.", true},
    {"The invoice is attached.", true},
    {"The invoice is attached to this mail.", true},
    {"See attachment for details.", true},
    {"We enclose the contract.", true},
    {"As you asked, attached you will find the numbers.", true},
    {"Guten Tag, im Anhang finden Sie das Angebot.", true},
    {"Anbei die Rechnung.", true},
    {"Die Rechnung ist beigef\xc3\xbcgt.", true},
    {"Vous trouverez ci-joint la facture.", true},
    {"Le contrat est en pi\xc3\xa8"
     "ce jointe.",
	true},
    {"Adjunto encontrar\xc3\xa1 la factura.", true},
    {"Le adjunto la factura.", true},
    {"In allegato trova la fattura.", true},
    {"Bijgevoegd de factuur.", true},
    {"In de bijlage vindt u de factuur.", true},
    {"Segue em anexo a fatura.", true},
    {"W za\xc5\x82\xc4\x85"
     "czeniu faktura.",
	true},
    {"\xd0\x92\xd0\xbe \xd0\xb2\xd0\xbb\xd0\xbe\xd0\xb6\xd0\xb5\xd0\xbd\xd0"
     "\xb8\xd0\xb8 \xd1\x81\xd1\x87\xd1\x91\xd1\x82.",
	true},
    {"IM ANHANG: DIE RECHNUNG", true},
    {"", false},
    {"Hello, here are the numbers: 1, 2.", false},
    {"The lamp is attached to the wall.", false},
    {"There are no strings attached.", false},
    {"We are attached to our customers.", false},
    {"Nothing is attached.", false},
    {"Please attach the form to your answer.", false},
    {"If a receipt is attached, we pay at once.", false},
    {"Thank you for the attached invoice.", false},
    {"I have read the attached report that you sent.", true},
    {"Your invoice was wrong; we got the attached file twice.", false},
    {"This message and any attached files are confidential.", false},
    {"Diese E-Mail und etwaige Anh\xc3\xa4nge sind vertraulich.", false},
    {"Siehe \xc2\xa7 3 im Anhang B des Vertrags.", false},
    {"Ce message et toutes les pi\xc3\xa8"
     "ces jointes sont confidentiels.",
	false},
    {"Este correo y sus archivos adjuntos son confidenciales.", false},
    {"Juan Garc\xc3\xad"
     "a, director adjunto",
	false},
    {"Unfortunately I could not open what is attached.", false},
    {"Ich habe leider nichts im Anhang gefunden.", false},
    {"The garage is detached.", false},
    {"unattached is a word", false},
    {"Thanks!\n\nFrom: Bob\nSent: Monday\nTo: us\n\nSee attached.", false},
    {"Danke!\n\n*Von:* Bob\n*Gesendet:* Montag\n\nAnbei die Rechnung", false},
    {"From: Monday on\nwe are closed.\n\nAnbei der Plan.", true},
};

static void forgotten_files_are_missed(void **state)
{
	struct plug *plug = plug_open(NULL);
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		plug_clear(plug);
		plug_text(plug, texts[i].text);
		plug_check(plug);
		if ((plug_count(plug, "attachment-missing", NULL) == 1) !=
		    texts[i].speaks) {
			print_message("'%s'\n", texts[i].text);
			bad++;
		}
		plug_part(plug, "application/pdf", "a.pdf", PDF, 20);
		plug_check(plug);
		assert_int_equal(
		    plug_count(plug, "attachment-missing", NULL), 0);
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

static void pictures_in_a_page_are_no_attachments(void **state)
{
	struct plug *plug = plug_open(NULL);

	(void)state;
	plug_html(plug, "<p>The plan is attached. <img src=\"cid:logo\">",
	    "The plan is attached.");
	plug_part(plug, "image/png", "logo.png", PNG, sizeof(PNG));
	plug_last(plug)->disposition = "inline";
	plug_check(plug);
	assert_int_equal(plug_count(plug, "attachment-missing", NULL), 1);
	plug_part(plug, "image/png", "plan.png", PNG, sizeof(PNG));
	plug_last(plug)->disposition = "inline";
	plug_check(plug);
	assert_int_equal(plug_count(plug, "attachment-missing", NULL), 0);
	/* quoted words are not the agent's */
	plug_clear(plug);
	plug_text(plug, "Thanks!\n> Please find attached our offer.");
	plug_own(plug, "Thanks!\n");
	plug_check(plug);
	assert_int_equal(plug_count(plug, "attachment-missing", NULL), 0);
	/* a signature is none */
	plug_clear(plug);
	plug_text(plug, "The plan is attached.");
	plug_part(plug, "application/pgp-signature", "signature.asc", "x", 1);
	plug_check(plug);
	assert_int_equal(plug_count(plug, "attachment-missing", NULL), 1);
	plug_close(plug);
}

/* ---- options ---- */

static void limits_are_kept(void **state)
{
	static const char *const given[] = {
	    "max_size", "1K", "max_count", "2", NULL};
	struct plug *plug = plug_open(given);
	char bytes[1025] = PDF;

	(void)state;
	plug_part(plug, "application/pdf", "a.pdf", bytes, 1024);
	plug_part(plug, "application/pdf", "b.pdf", bytes, 1024);
	plug_check(plug);
	assert_int_equal(plug->n_found, 0);
	plug_part(plug, "application/pdf", NULL, bytes, 1025);
	plug_check(plug);
	assert_int_equal(plug->n_found, 2);
	assert_string_equal(plug_values(plug, "attachment-size"), "1025");
	assert_string_equal(plug_values(plug, "attachment-count"), "3");
	plug_close(plug);
}

static void types_are_allowed_and_denied(void **state)
{
	static const char *const allow[] = {"allow_types", "application/pdf",
	    "allow_types", "*.zip", "allow_types", "text/csv", NULL};
	static const char *const deny[] = {
	    "deny_types", "image/*", "deny_types", "*.PDF", NULL};
	struct packed zip = make_zip("a.pdf");
	struct plug *plug = plug_open(allow);

	(void)state;
	plug_part(plug, "application/pdf", "a.pdf", PDF, sizeof(PDF) - 1);
	plug_part(plug, "application/zip", "a.zip", zip.bytes, zip.size);
	plug_part(plug, "text/csv", "a.csv", "a b c", 5);
	plug_check(plug);
	assert_int_equal(plug->n_found, 0);
	plug_part(plug, "image/png", "a.png", PNG, sizeof(PNG) - 1);
	plug_check(plug);
	assert_string_equal(plug_values(plug, "attachment-type"), "image/png");
	plug_close(plug);
	plug = plug_open(deny);
	plug_part(plug, "application/pdf", "a.pdf", PDF, sizeof(PDF) - 1);
	plug_part(plug, "image/png", "a.png", PNG, sizeof(PNG) - 1);
	plug_part(plug, "text/csv", "a.csv", "a b c", 5);
	plug_check(plug);
	assert_string_equal(
	    plug_values(plug, "attachment-type"), "application/pdf, image/png");
	plug_close(plug);
}

static void wrong_options_are_told(void **state)
{
	static const struct {
		const char *name, *value, *say;
	} wrong[] = {
	    {"allow_types", "pdf", "allow_types has 'pdf'"},
	    {"deny_types", "", "media types such as"},
	    {"max_size", "10X", "max_size is '10X'"},
	    {"max_size", "-5", "such as \"10M\""},
	    {"max_size", "", "such as \"10M\""},
	    {"max_size", "0", "such as \"10M\""},
	    {"max_size", "99999999999999999999G", "such as \"10M\""},
	    {"max_count", "2K", "max_count is '2K'"},
	    {"max_count", "none", "whole number above 0"},
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

/* ---- time ---- */

static void hostile_files_take_no_time(void **state)
{
	static const char *const pieces[] = {"is attached ", "if is attached ",
	    "PK\1\2", "<script", "MZ", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
	    "PK\3\4", "((((((((((", "%PDF-", "a.b.c.", "\xe2\x80\xae",
	    "please "};
	enum { SIZE = 4 * 1024 * 1024 };
	struct plug *plug = plug_open(NULL);
	char *bytes = malloc(SIZE + 1);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t n = strlen(pieces[i]);

		for (size_t k = 0; k < SIZE; k++)
			bytes[k] = pieces[i][k % n];
		bytes[SIZE] = '\0';
		plug_clear(plug);
		plug_part(
		    plug, "application/octet-stream", "a.zip", bytes, SIZE);
		plug_check(plug);
		if (plug_ms(plug) > MS_MOST)
			fail_msg("%s: %.0f ms", pieces[i], plug_ms(plug));
		if (pieces[i][0] < 0)
			continue;
		plug_clear(plug);
		bytes[SIZE / 16] = '\0';
		plug_text(plug, bytes);
		plug_check(plug);
		if (plug_ms(plug) > MS_MOST)
			fail_msg(
			    "%s as text: %.0f ms", pieces[i], plug_ms(plug));
	}
	plug_close(plug);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types_are_told),
	    cmocka_unit_test(lists_of_zips_are_read),
	    cmocka_unit_test(broken_zips_are_told),
	    cmocka_unit_test(names_are_told),
	    cmocka_unit_test(forgotten_files_are_missed),
	    cmocka_unit_test(pictures_in_a_page_are_no_attachments),
	    cmocka_unit_test(limits_are_kept),
	    cmocka_unit_test(types_are_allowed_and_denied),
	    cmocka_unit_test(wrong_options_are_told),
	    cmocka_unit_test(hostile_files_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
