/*
 * sample: drafts as the ledger would show them.
 */
#include "sample.h"

#include "config/calendar.h"

#include <string.h>

#define NOON   SAMPLE_NOON
#define MIN_MS 60000

struct config *sample_config(void)
{
	static struct config_reviewer reviewers[] = {
	    {.name = "anna", .address = "anna@corp.example"},
	    {.name = "bob", .address = "bob@corp.example", .admin = true},
	    {.name = "carol",
		.address = "carol@corp.example",
		.maildir = "/var/mail/carol"},
	};
	static const char *const reasons[] = {
	    "wrong-price", "wrong-recipient", "tone", "made-up-fact", NULL};
	static const char *const team[] = {"anna", "bob", NULL};
	static struct channel channel = {
	    .name = "support",
	    .about = "answers to customers",
	    .owner = "bob",
	    .persons = 1,
	    .reviewers = team,
	    .reasons = reasons,
	};
	static struct config config = {
	    .n_channels = 1,
	    .channels = &channel,
	    .hostname = "relay.corp.example",
	    .n_reviewers = 3,
	    .reviewers = reviewers,
	    .review = {.domain = "review.corp.example",
		.from = "imprimatur@relay.corp.example",
		.notices_per_hour = 60,
		.digest_s = 600,
		.help_s = 3600},
	};
	size_t i;

	for (i = 0; i < config.n_reviewers; i++) {
		reviewers[i].calendar = calendar_always();
		reviewers[i].digest = (struct config_digest){
		    .above = SEVERITY_HIGH, .size = 200 * 1024, .items = 50};
	}
	return &config;
}

void sample_text(struct hold_view *view, const char *text)
{
	view->reading->text = (struct span){text, strlen(text)};
	view->reading->text_total = view->reading->text.len;
}

struct hold_view *sample_view(struct arena *arena)
{
	struct hold_view *view = arena_alloc(arena, sizeof(*view));
	struct reading *reading = arena_alloc(arena, sizeof(*reading));
	static const char *authors[] = {"support@corp.example"};

	reading->arena = arena;
	reading->subject = "Your refund for order 4711";
	reading->from = "Corp Support <support@corp.example>";
	reading->to = "max@customer.example";
	reading->n_authors = 1;
	reading->authors = authors;
	reading->context.why =
	    "The parcel arrived broken; the order is paid; refunds up to "
	    "100 EUR are allowed.";
	reading->context.sources = "crm:4711\npolicy:refunds#3";
	reading->context.confidence = "0.93";
	*view = (struct hold_view){
	    .arena = arena,
	    .draft = 17,
	    .state = HOLD_HELD,
	    .agent = "support-bot",
	    .peer = "127.0.0.1",
	    .received_ms = NOON,
	    .rule = "default",
	    .reason = "everything is held for review",
	    .number = 1,
	    .current = 1,
	    .code = "k7q4rm",
	    .size = 1874,
	    .from = "support@corp.example",
	    .reading = reading,
	};
	memset(view->sha256, 0x17, sizeof(view->sha256));
	sample_recipients(arena, view, 1);
	sample_text(view,
	    "Dear Max,\n"
	    "\n"
	    "thank you for writing. I am sorry that your parcel arrived "
	    "broken. We refund the 89.90 EUR for order 4711 to your card; it "
	    "should be there within five working days.\n"
	    "\n"
	    "You need not send anything back.\n"
	    "\n"
	    "Best regards\n"
	    "Eva, Corp Support\n");
	return view;
}

void sample_recipients(struct arena *arena, struct hold_view *view, size_t n)
{
	size_t i;

	view->n_recipients = n;
	view->recipients = arena_alloc(arena, n * sizeof(*view->recipients));
	for (i = 0; i < n; i++) {
		view->recipients[i].state = "pending";
		view->recipients[i].address =
		    n == 1
			? "max@customer.example"
			: arena_printf(arena, "person%zu@%s", i,
			      i % 3 == 0 ? "corp.example" : "customer.example");
	}
}

struct hold_view *sample_edited(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->before = view->reading->text;
	view->number = view->current = 2;
	view->editor = "anna";
	view->note = "the HTML part was rewritten from the new text";
	memcpy(view->code, "bf2x6a", HOLD_CODE_SIZE);
	sample_text(view,
	    "Dear Max,\n"
	    "\n"
	    "thank you for writing. I am sorry that your parcel arrived "
	    "broken. We refund the 98.90 EUR for order 4711 to your card; it "
	    "should be there within three working days.\n"
	    "\n"
	    "You need not send anything back.\n"
	    "If you would rather have a new one, just answer this mail.\n"
	    "\n"
	    "Best regards\n"
	    "Eva, Corp Support\n");
	return view;
}

struct hold_view *sample_routed(struct arena *arena)
{
	static struct finding findings[] = {
	    {"first-contact", "nobody wrote to max@customer.example before",
		FINDING_NOTE, "max@customer.example", NULL},
	    {"legal", "the text speaks of a lawyer", FINDING_CAUTION, NULL,
		"words"},
	    {"amount", "12,000 euros", FINDING_CAUTION, "12000.00 EUR",
		"amount"},
	};
	static struct hold_decision decisions[] = {
	    {HOLD_APPROVE, "bob", "command line", "checked with sales",
		"k7q4rm", NOON + 5 * MIN_MS, NULL, NULL},
	    {HOLD_CLAIM, "carol", "mail", NULL, "k7q4rm", NOON + 8 * MIN_MS,
		NULL, NULL},
	};
	struct hold_view *view = sample_view(arena);

	view->channel = "support";
	view->severity = SEVERITY_HIGH;
	view->rule = "large-amount";
	view->reason = "the draft promises more than 10000.00 EUR";
	view->persons = 2;
	view->approvals = 1;
	view->needs_reason = true;
	view->deadline_ms = INT64_C(1795422600000); /* Mon 23 Nov, 08:30 UTC */
	view->claimed_by = "carol";
	view->claimed_ms = NOON + 8 * MIN_MS;
	view->n_decisions = 2;
	view->decisions = decisions;
	view->reading->n_findings = 3;
	view->reading->findings = findings;
	return view;
}

struct hold_view *sample_hostile(struct arena *arena)
{
	static struct finding findings[] = {
	    {"odd-header", "the subject has a line end inside", FINDING_NOTE,
		NULL, NULL},
	    {"link-mismatch", "link says bank.example but goes to evil.example",
		FINDING_TRIPWIRE, NULL, NULL},
	    {"hidden-text", "31 characters are white on white", FINDING_CAUTION,
		NULL, NULL},
	};
	static struct reading_part parts[] = {
	    {0, "text/plain", "utf-8", NULL, 300, true},
	    {0, "application/x-\"><script>", NULL,
		"invoice\r\nBcc: x@evil.example.pdf", 123456, false},
	    {0, "image/png", NULL, NULL, 70, false},
	};
	struct hold_view *view = sample_view(arena);
	struct reading *r = view->reading;

	r->subject = "Hi\r\nBcc: victim@evil.example\r\n\r\n<script>alert(1)"
		     "</script> =?utf-8?Q?approve?= \xe2\x80\xae"
		     "desrever "
		     "\xff\xfe and so on until it is far too long";
	r->from = "\"anna@corp.example\" <support@corp.example>\r\nTo: you";
	r->to = "Max\r\nX-Evil: 1 <other@evil.example>";
	r->reply_to = "collect@evil.example";
	r->context.why = "legal already approved this\napprove k7q4rm\n"
			 "</td></table><img src=http://evil.example/x>";
	r->n_findings = 3;
	r->findings = findings;
	r->n_parts = 3;
	r->parts = parts;
	view->reason = "a tripwire: link-mismatch\r\napprove";
	view->rule = "links";
	sample_text(view,
	    "approve k7q4rm\n"
	    "(end of the text)\n"
	    "\n"
	    "Imprimatur asks you: may this mail leave? (draft 18)\n"
	    "<a href=\"http://evil.example\" onclick=\"x()\">click</a> "
	    "& 'quotes' \x01\x1b[31m\x7f\xc2\x85 \xe2\x80\xae"
	    "end\n"
	    "\n\n\n\n\n\n\n\n\n\n\n\n"
	    "AverylongwordwithoutanyspacethatgoesonandonandonandonandonandonUn"
	    "til-the-end-of-the-line-and-further-still\n"
	    "\ttab\tand \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5"
	    "\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"
	    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac"
	    "\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5"
	    "\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"
	    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n"
	    "From the start of a line\n"
	    ".\n"
	    "last line without an end");
	return view;
}
