/*
 * waiting_place: keeps the list of a folder's mails in step with the server.
 * What a mail is, and what is done with it, is left to waiting.c.
 */
#include "mailbox/waiting_place.h"

#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"

static int open_it(struct waiting_place *place, struct mailbox_session *session,
    struct mailbox_folder *folder, struct error *err)
{
	if (mailbox_session_select(session, place->folder, folder, err) == 0)
		return 0;
	if (err->kind != ERROR_MISSING)
		return -1;
	*err = (struct error)ERROR_INIT;
	return mailbox_session_make(session, place->folder, err) ||
		       mailbox_session_select(
			   session, place->folder, folder, err)
		   ? -1
		   : 0;
}

static void add(struct waiting_place *place, uint32_t uid)
{
	if (place->n == place->room) {
		place->room = place->room * 2 + 32;
		place->mails =
		    mem_grow(place->mails, place->room, sizeof(*place->mails));
	}
	place->mails[place->n++] =
	    (struct waiting_mail){.uid = uid, .kind = WAITING_NEW};
}

/* Both ascend.  A UID that comes late is of a server that breaks the rules. */
static void compare(
    struct waiting_place *place, const struct mailbox_items *there)
{
	size_t i = 0, k, kept = 0, n = place->n;
	uint32_t last = 0;

	for (k = 0; k < n; k++) {
		while (
		    i < there->n && there->items[i].uid < place->mails[k].uid)
			i++;
		if (i < there->n && there->items[i].uid == place->mails[k].uid)
			place->mails[kept++] = place->mails[k];
	}
	place->n = kept;
	if (kept > 0)
		last = place->mails[kept - 1].uid;
	for (i = 0; i < there->n; i++)
		if (there->items[i].uid > last)
			add(place, there->items[i].uid);
}

int waiting_place_look(struct waiting_place *place,
    struct mailbox_session *session, const char *name, struct error *err)
{
	struct mailbox_folder folder;
	struct mailbox_items items;
	struct arena *arena;
	int rc;

	if (open_it(place, session, &folder, err))
		return -1;
	if (place->validity != folder.validity) {
		if (place->validity != 0)
			log_notice("mailbox %s uidvalidity old=%u new=%u", name,
			    (unsigned)place->validity,
			    (unsigned)folder.validity);
		place->n = 0;
		place->validity = folder.validity;
	}
	arena = arena_new();
	rc = mailbox_session_search(session, 1, arena, &items, err);
	if (rc == 0)
		compare(place, &items);
	arena_free(arena);
	return rc;
}

struct waiting_mail *waiting_place_find(
    const struct waiting_place *place, int64_t notice, enum waiting_kind kind)
{
	size_t i;

	for (i = 0; i < place->n; i++)
		if (place->mails[i].kind == kind &&
		    place->mails[i].item.notice == notice)
			return &place->mails[i];
	return NULL;
}

void waiting_place_forget(struct waiting_mail *mail)
{
	mail->kind = WAITING_FOREIGN;
	mail->due_ms = 0;
	mail->goes = NULL;
}
