/*
 * chatroom: stands in for the room and the ledger around one kind of chat: it
 * keeps what the kind says of itself, answers what it asks, and lets a test
 * decide what becomes of each word.
 */
#ifndef TEST_CHATROOM_H
#define TEST_CHATROOM_H

#include "chat/internal.h"

struct event_base;

#define CHATROOM_WORDS 64

struct chatroom {
	struct chat chat;
	struct config_chat config;
	struct config whole;
	/* the ids of reviewers there, ended by NULL */
	const char *const *people;
	unsigned n_states; /* calls of chat_is() that changed something */
	/* words as "person remote root verb|words", in their order */
	size_t n_words;
	char *words[CHATROOM_WORDS];
	unsigned lose; /* so many words cannot be written down */
	bool silent;   /* words are not for us */
	bool keep;     /* the next word waits for chatroom_let_go() */
	struct chat_word *kept;
	/* the mark, as the ledger has it; NULL: none */
	char *mark;
	unsigned n_marks;
	bool mark_fails;
};

extern struct chatroom chatroom;

/* Everything as at the beginning; the test fills config and people. */
void chatroom_init(struct event_base *base);
/* The word that was kept is done. */
void chatroom_let_go(void);
/* Free all; every reference to the chat must be gone. */
void chatroom_release(void);

#endif
