/*
 * waiting_mail: writes the fields above a revision and knows them again.  It
 * looks for its own lines and compares bytes; what a mail means is left to the
 * sealed reader.
 */
#include "mailbox/waiting_mail.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "util/clock.h"

#define PREFIX	    "Imprimatur-"
#define TOKEN	    PREFIX "Token:"
#define MAC_LENGTH  26 /* of base32 */
#define NOTICE_MOST ((int64_t)1 << 62)

static void make_mac(const struct waiting_item *item, const unsigned char *key,
    unsigned char mac[WAITING_MAC_SIZE])
{
	static const char purpose[] = "folder";
	unsigned char text[sizeof(purpose) + 8 + DIGEST_SIZE];
	unsigned char whole[DIGEST_SIZE];
	int i;

	memcpy(text, purpose, sizeof(purpose));
	for (i = 0; i < 8; i++)
		text[sizeof(purpose) + (size_t)i] =
		    (unsigned char)((uint64_t)item->notice >> (8 * i));
	memcpy(text + sizeof(purpose) + 8, item->revision, DIGEST_SIZE);
	digest_hmac(key, WAITING_KEY_SIZE, text, sizeof(text), whole);
	memcpy(mac, whole, WAITING_MAC_SIZE);
}

void waiting_mail_head(
    struct buf *out, const struct waiting_item *item, const unsigned char *key)
{
	unsigned char mac[WAITING_MAC_SIZE];
	char token[MAC_LENGTH + 1];

	make_mac(item, key, mac);
	digest_base32(mac, sizeof(mac), token);
	buf_addf(out, TOKEN " %" PRId64 "-%s\r\n", item->notice, token);
	buf_addf(out, PREFIX "Draft: %" PRId64 ", revision %u, code %s\r\n",
	    item->draft, item->number, item->code);
	buf_addf(out, PREFIX "Waits: %s\r\n",
	    item->cut ? "for an answer to its notice, which shows what this "
			"mail cannot"
		      : "for being moved, whole and unchanged");
}

/* The next line of a header, without its end; false: the header is over. */
static bool next_line(struct span *rest, struct span *line)
{
	const char *end =
	    rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->data) + 1;

	*line = (struct span){rest->data, len};
	rest->data += len;
	rest->len -= len;
	while (line->len > 0 && (line->data[line->len - 1] == '\n' ||
				    line->data[line->len - 1] == '\r'))
		line->len--;
	return line->len > 0;
}

static bool begins(struct span line, const char *with)
{
	size_t len = strlen(with);

	return line.len >= len && strncasecmp(line.data, with, len) == 0;
}

static bool read_token(struct span text, struct waiting_claim *claim)
{
	const char *c = text.data, *end = text.data + text.len;

	claim->notice = 0;
	while (c < end && *c == ' ')
		c++;
	for (; c < end && *c >= '0' && *c <= '9'; c++) {
		if (claim->notice > NOTICE_MOST / 10 - 1)
			return false;
		claim->notice = claim->notice * 10 + (*c - '0');
	}
	while (end > c && end[-1] == ' ')
		end--;
	return claim->notice > 0 && c < end && *c == '-' &&
	       end - c - 1 == MAC_LENGTH &&
	       digest_base32_read(c + 1, MAC_LENGTH, claim->mac,
		   sizeof(claim->mac)) == WAITING_MAC_SIZE;
}

bool waiting_mail_claim(struct span mail, struct waiting_claim *claim)
{
	struct span rest = mail, line;
	unsigned n = 0;

	while (next_line(&rest, &line)) {
		if (!begins(line, TOKEN))
			continue;
		line.data += strlen(TOKEN);
		line.len -= strlen(TOKEN);
		if (++n > 1 || !read_token(line, claim))
			return false;
	}
	return n == 1;
}

bool waiting_mail_ours(const struct waiting_claim *claim,
    const struct waiting_item *item, const unsigned char *key)
{
	unsigned char mac[WAITING_MAC_SIZE];

	make_mac(item, key, mac);
	return claim->notice == item->notice &&
	       digest_equal(mac, claim->mac, sizeof(mac));
}

bool waiting_mail_same(struct span mail, struct span revision)
{
	struct span rest, line;
	size_t above;

	if (mail.len < revision.len)
		return false;
	above = mail.len - revision.len;
	if (revision.len > 0 &&
	    memcmp(mail.data + above, revision.data, revision.len) != 0)
		return false;
	if (above > WAITING_HEAD_MAX ||
	    (above > 0 && mail.data[above - 1] != '\n'))
		return false;
	rest = (struct span){mail.data, above};
	while (rest.len > 0) {
		(void)next_line(
		    &rest, &line); /* an empty one is none of ours */
		if (!begins(line, PREFIX))
			return false;
	}
	return true;
}

/* ---- what a mail program shows ------------------------------------------ */

static bool is_address(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("@.!#$%&'*+-/=?^_`{|}~\"\\", c) != NULL);
}

/* As a whole word: somebody@example is not in else.somebody@example. */
static bool names(const char *list, const char *address)
{
	size_t len = strlen(address);
	const char *at = list;

	while (at != NULL && (at = strcasestr(at, address)) != NULL) {
		if ((at == list || !is_address(at[-1])) && !is_address(at[len]))
			return true;
		at++;
	}
	return false;
}

bool waiting_mail_tells(const struct hold_view *view)
{
	const struct reading *r = view->reading;
	const char *address;
	size_t i;

	if (r->trouble != NULL || r->text_total > r->text.len)
		return false;
	for (i = 0; i < r->n_findings; i++)
		if (r->findings[i].weight == FINDING_TRIPWIRE)
			return false;
	for (i = 0; i < view->n_recipients; i++) {
		address = view->recipients[i].address;
		if (!names(r->to, address) && !names(r->cc, address))
			return false;
	}
	return true;
}

void waiting_mail_explain(struct buf *out, const struct config *config,
    const struct config_mailbox *mailbox, const char *moved_to)
{
	const struct config_reviewer *who =
	    config_reviewer(config, mailbox->reviewer);
	char date[CLOCK_MAIL_SIZE];
	unsigned char chance[10];
	char id[17];

	digest_random(chance, sizeof(chance));
	digest_base32(chance, sizeof(chance), id);
	buf_addf(out,
	    "From: Imprimatur <%s>\r\nTo: <%s>\r\n"
	    "Subject: Nothing was decided\r\nDate: %s\r\n"
	    "Message-ID: <%s.folder@%s>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\n",
	    config->review.from,
	    who == NULL ? config->review.from : who->address,
	    clock_mail(clock_now_ms(), date), id, config->hostname);
	buf_addf(out,
	    "A mail came into %s that does not say which draft it is, or says "
	    "it\r\nwrongly. Nothing was decided. That mail lies beside this "
	    "one.\r\n\r\n",
	    moved_to);
	buf_addf(out,
	    "Move the mails that wait in %s, as they are. Some mail\r\n"
	    "programs write a mail anew when it is edited or taken to another "
	    "account,\r\nand leave the field Imprimatur-Token out. To change a "
	    "draft with such a\r\nprogram, answer its notice: write \"edit\" "
	    "in the first line and the whole\r\nnew text below it.\r\n",
	    mailbox->folder);
}
