/*
 * session_mail: the calls of a session that are about mails: listing, fetching,
 * moving, putting.  Folders and the connection are session.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "mailbox/session_own.h"
#include "util/mem.h"

#define UIDS_MOST      ((size_t)1000000)
#define UID_BYTES      11u   /* of a number in an answer, at most */
#define ITEM_BYTES     1000u /* of a mail in a listing, at most */
#define LOOK_MOST      ((size_t)500)
#define SAME_SIZE_MOST 50u /* mails of one size that are compared */

/* ---- searching ---------------------------------------------------------- */

static int by_uid(const void *a, const void *b)
{
	uint32_t x = ((const struct mailbox_item *)a)->uid;
	uint32_t y = ((const struct mailbox_item *)b)->uid;

	return x < y ? -1 : x > y;
}

static void copy_uids(
    clist *from, uint32_t least, struct arena *arena, struct mailbox_items *to)
{
	size_t room = (size_t)clist_count(from);
	const clistiter *at;
	uint32_t uid;

	to->n = 0;
	to->items = arena_alloc(arena, (room + 1) * sizeof(*to->items));
	for (at = clist_begin(from); at != NULL; at = clist_next(at)) {
		uid = *(const uint32_t *)clist_content(at);
		/* "n:*" always has the last one (RFC 3501 6.4.8) */
		if (uid >= least && uid > 0)
			to->items[to->n++].uid = uid;
	}
	qsort(to->items, to->n, sizeof(*to->items), by_uid);
	if (to->n > UIDS_MOST)
		to->n = UIDS_MOST;
}

/* Runs and frees the key; NULL: no memory for it. */
static int search(struct mailbox_session *s, struct mailimap_search_key *key,
    clist **found, struct error *err)
{
	struct mailimap_search_key *all;
	int rc;

	*found = NULL;
	all = key == NULL ? NULL : mailimap_search_key_new_multiple_empty();
	if (all == NULL)
		return error_set(err, ERROR_INTERNAL, "no memory for IMAP");
	mailimap_search_key_multiple_add(
	    all, mailimap_search_key_new(MAILIMAP_SEARCH_KEY_UNDELETED, NULL,
		     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		     NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0,
		     NULL, NULL, NULL));
	mailimap_search_key_multiple_add(all, key);
	session_begin_large(s, UIDS_MOST * UID_BYTES);
	rc = mailimap_uid_search(s->imap, NULL, all, found);
	mailimap_search_key_free(all);
	return session_end(s, rc, "search", NULL, err);
}

int mailbox_session_search(struct mailbox_session *session, uint32_t from,
    struct arena *arena, struct mailbox_items *out, struct error *err)
{
	struct mailimap_set *range = mailimap_set_new_interval(from, 0);
	clist *found;

	if (search(session, mailimap_search_key_new_uid(range), &found, err))
		return -1;
	copy_uids(found, from, arena, out);
	mailimap_search_result_free(found);
	if (session->imap->imap_selection_info != NULL)
		session->exists =
		    session->imap->imap_selection_info->sel_exists;
	return 0;
}

/* ---- looking ------------------------------------------------------------ */

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3; /* March is 0 */

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day -
	       719469;
}

static int64_t time_of(const struct mailimap_date_time *t)
{
	int64_t minutes;

	if (t == NULL || t->dt_year < 1970 || t->dt_year > 9999)
		return 0;
	minutes = days_of(t->dt_year, t->dt_month, t->dt_day) * 1440 +
		  t->dt_hour * 60 + t->dt_min - t->dt_zone / 100 * 60 -
		  t->dt_zone % 100;
	return (minutes * 60 + t->dt_sec) * 1000;
}

static unsigned flag_of(const struct mailimap_flag_fetch *f)
{
	if (f->fl_type != MAILIMAP_FLAG_FETCH_OTHER || f->fl_flag == NULL)
		return 0;
	switch (f->fl_flag->fl_type) {
	case MAILIMAP_FLAG_ANSWERED:
		return MAILBOX_ANSWERED;
	case MAILIMAP_FLAG_FLAGGED:
		return MAILBOX_FLAGGED;
	case MAILIMAP_FLAG_DELETED:
		return MAILBOX_DELETED;
	case MAILIMAP_FLAG_SEEN:
		return MAILBOX_SEEN;
	case MAILIMAP_FLAG_DRAFT:
		return MAILBOX_DRAFT;
	default:
		return 0;
	}
}

static unsigned flags_of(const struct mailimap_msg_att_dynamic *dynamic)
{
	const clistiter *at;
	unsigned flags = 0;

	if (dynamic == NULL || dynamic->att_list == NULL)
		return 0;
	for (at = clist_begin(dynamic->att_list); at != NULL;
	     at = clist_next(at))
		flags |= flag_of(clist_content(at));
	return flags;
}

/* What one answer says of one mail; body: its bytes, libetpan's. */
struct seen {
	struct mailbox_item item;
	struct span body;
};

static void read_static(
    const struct mailimap_msg_att_static *att, struct seen *seen)
{
	const struct mailimap_msg_att_body_section *section;

	switch (att->att_type) {
	case MAILIMAP_MSG_ATT_UID:
		seen->item.uid = att->att_data.att_uid;
		break;
	case MAILIMAP_MSG_ATT_RFC822_SIZE:
		seen->item.size = att->att_data.att_rfc822_size;
		break;
	case MAILIMAP_MSG_ATT_INTERNALDATE:
		seen->item.arrived_ms =
		    time_of(att->att_data.att_internal_date);
		break;
	case MAILIMAP_MSG_ATT_BODY_SECTION:
		section = att->att_data.att_body_section;
		if (section->sec_body_part != NULL)
			seen->body = (struct span){
			    section->sec_body_part, section->sec_length};
		break;
	default:
		break;
	}
}

static struct seen read_answer(const struct mailimap_msg_att *answer)
{
	struct seen seen = {.item = {0}};
	const struct mailimap_msg_att_item *item;
	const clistiter *at;

	for (at = clist_begin(answer->att_list); at != NULL;
	     at = clist_next(at)) {
		item = clist_content(at);
		if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
			read_static(item->att_data.att_static, &seen);
		else if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC)
			seen.item.flags = flags_of(item->att_data.att_dyn);
	}
	return seen;
}

static struct mailimap_fetch_type *want_listing(void)
{
	struct mailimap_fetch_type *want =
	    mailimap_fetch_type_new_fetch_att_list_empty();

	mailimap_fetch_type_new_fetch_att_list_add(
	    want, mailimap_fetch_att_new_uid());
	mailimap_fetch_type_new_fetch_att_list_add(
	    want, mailimap_fetch_att_new_flags());
	mailimap_fetch_type_new_fetch_att_list_add(
	    want, mailimap_fetch_att_new_internaldate());
	mailimap_fetch_type_new_fetch_att_list_add(
	    want, mailimap_fetch_att_new_rfc822_size());
	return want;
}

/* Put the answers where they belong; servers tell of others, too. */
static void fill(struct mailbox_items *items, size_t first,
    const struct mailbox_item *asked, size_t n, const clist *answers)
{
	const struct mailbox_item *at;
	const clistiter *answer;
	struct seen seen;

	for (answer = clist_begin(answers); answer != NULL;
	     answer = clist_next(answer)) {
		seen = read_answer(clist_content(answer));
		at = bsearch(&seen.item, asked, n, sizeof(*asked), by_uid);
		if (at != NULL)
			items->items[first + (size_t)(at - asked)] = seen.item;
	}
}

int mailbox_session_look(struct mailbox_session *session,
    struct mailbox_items *items, size_t first, size_t n, struct error *err)
{
	struct mailbox_item *asked = mem_zalloc((n + 1) * sizeof(*asked));
	struct mailimap_set *set = mailimap_set_new_empty();
	struct mailimap_fetch_type *want = want_listing();
	clist *result = NULL;
	size_t i;
	int rc;

	for (i = 0; i < n && i < LOOK_MOST; i++) {
		asked[i].uid = items->items[first + i].uid;
		mailimap_set_add_single(set, asked[i].uid);
		items->items[first + i].uid = 0;
	}
	session_begin_large(session, n * ITEM_BYTES);
	rc = mailimap_uid_fetch(session->imap, set, want, &result);
	mailimap_set_free(set);
	mailimap_fetch_type_free(want);
	if (rc == MAILIMAP_NO_ERROR && result != NULL) {
		fill(items, first, asked, i, result);
		mailimap_fetch_list_free(result);
	}
	free(asked);
	return session_end(session, rc, "list mails", NULL, err);
}

/* ---- fetching ----------------------------------------------------------- */

/* The size that the server tells; MISSING when it is gone. */
static int ask_size(
    struct mailbox_session *s, uint32_t uid, uint64_t *size, struct error *err)
{
	struct mailbox_item item = {.uid = uid};
	struct mailbox_items one = {1, &item};

	if (mailbox_session_look(s, &one, 0, 1, err))
		return -1;
	if (item.uid == 0)
		return error_set(err, ERROR_MISSING, "%s: mail %u is gone",
		    s->mailbox->host, (unsigned)uid);
	*size = item.size;
	return 0;
}

static int take_body(struct mailbox_session *s, clist *result, uint32_t uid,
    struct buf *out, struct error *err)
{
	const clistiter *at;
	struct seen seen;

	for (at = clist_begin(result); at != NULL; at = clist_next(at)) {
		seen = read_answer(clist_content(at));
		if (seen.item.uid != uid || seen.body.data == NULL)
			continue;
		if (buf_add_span(out, seen.body) == 0)
			return 0;
		return error_set(err, ERROR_INVALID,
		    "mail %u is larger than the server says", (unsigned)uid);
	}
	return error_set(err, ERROR_MISSING, "%s: mail %u is gone",
	    s->mailbox->host, (unsigned)uid);
}

static int fetch(struct mailbox_session *s, uint32_t uid, uint64_t size,
    clist **result, struct error *err)
{
	struct mailimap_set *set = mailimap_set_new_single(uid);
	struct mailimap_fetch_type *want =
	    mailimap_fetch_type_new_fetch_att_list_empty();
	int rc;

	mailimap_fetch_type_new_fetch_att_list_add(
	    want, mailimap_fetch_att_new_uid());
	mailimap_fetch_type_new_fetch_att_list_add(
	    want, mailimap_fetch_att_new_body_peek_section(
		      mailimap_section_new(NULL)));
	session_begin_large(s, size);
	rc = mailimap_uid_fetch(s->imap, set, want, result);
	mailimap_set_free(set);
	mailimap_fetch_type_free(want);
	return session_end(s, rc, "fetch a mail", NULL, err);
}

int mailbox_session_fetch(struct mailbox_session *session, uint32_t uid,
    struct buf *out, struct error *err)
{
	size_t room = out->max_bytes - out->len;
	clist *result = NULL;
	uint64_t size = 0;
	int rc;

	if (ask_size(session, uid, &size, err))
		return -1;
	if (size > room)
		return error_set(err, ERROR_INVALID,
		    "mail %u has %llu bytes, %zu are the most", (unsigned)uid,
		    (unsigned long long)size, room);
	if (fetch(session, uid, size, &result, err))
		return -1;
	rc = take_body(session, result, uid, out, err);
	mailimap_fetch_list_free(result);
	return rc;
}

/* ---- moving, marking, removing ------------------------------------------ */

static struct mailimap_flag_list *flag_list(unsigned flags)
{
	struct mailimap_flag_list *list = mailimap_flag_list_new_empty();

	if (list == NULL)
		return NULL;
	if (flags & MAILBOX_SEEN)
		mailimap_flag_list_add(list, mailimap_flag_new_seen());
	if (flags & MAILBOX_ANSWERED)
		mailimap_flag_list_add(list, mailimap_flag_new_answered());
	if (flags & MAILBOX_FLAGGED)
		mailimap_flag_list_add(list, mailimap_flag_new_flagged());
	if (flags & MAILBOX_DELETED)
		mailimap_flag_list_add(list, mailimap_flag_new_deleted());
	if (flags & MAILBOX_DRAFT)
		mailimap_flag_list_add(list, mailimap_flag_new_draft());
	return list;
}

static int add_flags(struct mailbox_session *session, uint32_t uid,
    unsigned flags, struct error *err)
{
	struct mailimap_set *set = mailimap_set_new_single(uid);
	struct mailimap_store_att_flags *store =
	    mailimap_store_att_flags_new_add_flags_silent(flag_list(flags));
	int rc;

	session_begin(session);
	rc = mailimap_uid_store(session->imap, set, store);
	mailimap_set_free(set);
	mailimap_store_att_flags_free(store);
	return session_end(session, rc, "mark a mail", NULL, err);
}

int mailbox_session_remove(
    struct mailbox_session *session, uint32_t uid, struct error *err)
{
	struct mailimap_set *set;
	int rc;

	if (add_flags(session, uid, MAILBOX_DELETED, err))
		return -1;
	/* EXPUNGE alone would take what others marked, too */
	if (!mailimap_has_uidplus(session->imap))
		return 0;
	set = mailimap_set_new_single(uid);
	session_begin(session);
	rc = mailimap_uid_expunge(session->imap, set);
	mailimap_set_free(set);
	return session_end(session, rc, "remove a mail", NULL, err);
}

/* The only number of a set, or 0; frees it. */
static uint32_t only_of(struct mailimap_set *set)
{
	const struct mailimap_set_item *item;
	uint32_t uid = 0;

	if (set == NULL)
		return 0;
	if (clist_count(set->set_list) == 1) {
		item = clist_content(clist_begin(set->set_list));
		uid = item->set_first;
	}
	mailimap_set_free(set);
	return uid;
}

/* One try; the folder is there or not. */
static int move_once(struct mailbox_session *s, uint32_t uid,
    const char *folder, uint32_t *moved, struct error *err)
{
	bool can_move = mailimap_has_extension(s->imap, "MOVE") != 0;
	struct mailimap_set *set, *from = NULL, *to = NULL;
	const char *name = session_name(s, folder, err);
	uint32_t validity = 0;
	int rc;

	if (name == NULL)
		return -1;
	set = mailimap_set_new_single(uid);
	session_begin(s);
	rc = (can_move ? mailimap_uidplus_uid_move : mailimap_uidplus_uid_copy)(
	    s->imap, set, name, &validity, &from, &to);
	mailimap_set_free(set);
	only_of(from);
	*moved = only_of(to);
	if (session_end(s, rc, "move a mail to", folder, err))
		return -1;
	if (can_move || mailbox_session_remove(s, uid, err) == 0)
		return 0;
	if (!s->broken)
		err->kind = ERROR_CONFLICT;
	return -1;
}

int mailbox_session_move(struct mailbox_session *session, uint32_t uid,
    const char *folder, uint32_t *moved, struct error *err)
{
	uint32_t there;

	if (move_once(
		session, uid, folder, moved == NULL ? &there : moved, err) == 0)
		return 0;
	if (!session_try_create(session))
		return -1;
	if (mailbox_session_make(session, folder, err))
		return -1;
	return move_once(
	    session, uid, folder, moved == NULL ? &there : moved, err);
}

/* ---- putting ------------------------------------------------------------ */

/* Days since 1970 as a date: the inverse of days_of(). */
static struct mailimap_date_time *date_of(int64_t ms)
{
	int64_t s = ms / 1000, day = s / 86400, rest = s % 86400;
	int64_t year = 1970 + day / 366, month = 12;

	while (days_of(year + 1, 1, 1) <= day)
		year++;
	while (days_of(year, month, 1) > day)
		month--;
	return mailimap_date_time_new((int)(day - days_of(year, month, 1) + 1),
	    (int)month, (int)year, (int)(rest / 3600), (int)(rest / 60 % 60),
	    (int)(rest % 60), 0);
}

static int append_once(struct mailbox_session *s, const char *folder,
    const struct mailbox_append *mail, uint32_t *uid, struct error *err)
{
	struct mailimap_flag_list *flags = flag_list(mail->flags);
	struct mailimap_date_time *date =
	    mail->date_ms > 0 ? date_of(mail->date_ms) : NULL;
	const char *name = session_name(s, folder, err);
	uint32_t validity = 0;
	int rc;

	if (name == NULL) {
		mailimap_flag_list_free(flags);
		return -1;
	}
	session_begin_large(s, mail->bytes.len);
	rc = mailimap_uidplus_append(s->imap, name, flags, date,
	    mail->bytes.data, mail->bytes.len, &validity, uid);
	mailimap_flag_list_free(flags);
	if (date != NULL)
		mailimap_date_time_free(date);
	return session_end(s, rc, "put a mail into", folder, err);
}

int mailbox_session_append(struct mailbox_session *session, const char *folder,
    const struct mailbox_append *mail, uint32_t *uid, struct error *err)
{
	uint32_t there = 0;

	if (append_once(
		session, folder, mail, uid == NULL ? &there : uid, err) == 0)
		return 0;
	if (!session_try_create(session))
		return -1;
	if (mailbox_session_make(session, folder, err))
		return -1;
	return append_once(
	    session, folder, mail, uid == NULL ? &there : uid, err);
}

/* Those of exactly that size, as the server counts. */
static int find_size(
    struct mailbox_session *s, size_t size, clist **found, struct error *err)
{
	struct mailimap_search_key *both =
	    mailimap_search_key_new_multiple_empty();

	if (both != NULL) {
		mailimap_search_key_multiple_add(
		    both, mailimap_search_key_new_larger((uint32_t)(size - 1)));
		mailimap_search_key_multiple_add(both,
		    mailimap_search_key_new_smaller((uint32_t)(size + 1)));
	}
	return search(s, both, found, err);
}

int mailbox_session_has(struct mailbox_session *session, struct span bytes,
    uint32_t *uid, struct error *err)
{
	struct mailbox_items items;
	struct arena *arena;
	clist *found;
	size_t i, tried = 0;
	struct buf body;
	int rc = 0;

	*uid = 0;
	if (bytes.len == 0 || find_size(session, bytes.len, &found, err))
		return bytes.len == 0 ? 0 : -1;
	arena = arena_new();
	copy_uids(found, 1, arena, &items);
	mailimap_search_result_free(found);
	buf_init(&body, bytes.len);
	/* the latest first */
	for (i = items.n; i-- > 0 && tried < SAME_SIZE_MOST && rc == 0;
	     tried++) {
		buf_clear(&body);
		rc = mailbox_session_fetch(
		    session, items.items[i].uid, &body, err);
		if (rc != 0 && err->kind == ERROR_MISSING)
			rc = 0;
		else if (rc == 0 && body.len == bytes.len &&
			 memcmp(body.data, bytes.data, bytes.len) == 0) {
			*uid = items.items[i].uid;
			break;
		}
	}
	buf_release(&body);
	arena_free(arena);
	return rc;
}
