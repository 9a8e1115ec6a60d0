/*
 * stage: the rooms hold, review and chat together, with a chat of the test's
 * own: a list of messages that are posted, rewritten and whispered.
 */
#ifndef TESTS_UNIT_STAGE_H
#define TESTS_UNIT_STAGE_H

#include "chat/room.h"

#include "ledger.h"

#define STAGE_MESSAGES 600

/* A message as people see it there. */
struct stage_message {
	char id[32], root[300], person[64], once[64];
	char content[400];
	bool again;
	unsigned rewritten;
};

/* What became of one send, in order. */
struct stage_sent {
	enum chat_send_what what;
	enum chat_sent sent;
	char once[64];
	bool again;
	int64_t at_ms; /* monotonic */
};

struct stage {
	struct ledger ledger;
	struct config config;
	struct config_chat chat;
	struct config_reviewer reviewers[3];
	struct chat_kind kind;
	struct review *review;
	struct chats *chats;

	size_t n_messages, n_sent;
	struct stage_message messages[STAGE_MESSAGES];
	struct stage_sent sent[STAGE_MESSAGES];
	struct chat_send *open; /* given to the kind, not answered */
	struct event *answer;
	/* how the kind answers the next ones */
	unsigned later, never, gone;
	bool mute;	   /* it answers none of them */
	bool deaf;	   /* it starts, and does not come up */
	bool nameless;	   /* messages have no names there */
	unsigned parts;	   /* of each draft */
	int64_t opened_ms; /* when stage_many() let them go */
};

/* anna, bob and carol are there, as "@anna" ...; nothing is started yet. */
void stage_init(struct stage *stage);
/* Open the rooms; close them as a crash or an end would. */
void stage_open(struct stage *stage);
void stage_close(struct stage *stage);
/* Close, remove all. */
void stage_release(struct stage *stage);

/* The room's own chat. */
struct chat *stage_chat(struct stage *stage);

/* A held draft of which anna and bob are asked. */
int64_t stage_draft(struct stage *stage, const char *text);
/* Review looks what is due. */
void stage_kick(struct stage *stage);

/* Run the loop until the condition is true; fail after two minutes. */
bool stage_turn(struct stage *stage, int64_t since_ms);
#define stage_until(stage, condition)                                          \
	do {                                                                   \
		int64_t since_ = clock_mono_ms();                              \
		while (!(condition))                                           \
			if (!stage_turn(stage, since_))                        \
				fail_msg("%s:%d: not so: %s", __FILE__,        \
				    __LINE__, #condition);                     \
	} while (0)

/* Nothing waits there, and review has been told all. */
bool stage_is_quiet(struct stage *stage);
void stage_settle(struct stage *stage);

/* So many drafts, which come to the chat at the same time; settled. */
void stage_many(struct stage *stage, unsigned n);

/* So many that are new and that the chat was not told yet, likewise. */
void stage_together(struct stage *stage, unsigned n);

/* The first message whose content has that in it, or NULL. */
struct stage_message *stage_find(struct stage *stage, const char *text);
/* How many have. */
unsigned stage_count(struct stage *stage, const char *text);

/* What the ledger knows of a message, or else of a draft's first revision: how
 * many notices, how many of them open. */
unsigned stage_shown(struct stage *stage, const char *remote, int64_t draft,
    unsigned *n_open, bool *ended);

/* Say something and wait for what comes of it; then word's results hold, told
 * is freed by the next one. */
void stage_say(struct stage *stage, struct chat_word *word);
/* A button of that message, which shows that draft as it is now. */
struct stage_button {
	const char *remote, *verb;
	int64_t draft;
};
void stage_press(struct stage *stage, struct chat_word *word,
    const char *person, const struct stage_button *button);

#endif
