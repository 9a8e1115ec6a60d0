/*
 * matrix_answer: how a message is answered, as lines: by a reaction, in words,
 * or by mail where nothing is heard.  Pure; any thread.
 */
#ifndef CHAT_MATRIX_ANSWER_H
#define CHAT_MATRIX_ANSWER_H

#include <stdbool.h>

#include "chat/matrix/matrix_line.h"

/* How a place can be answered. */
struct matrix_answer_style {
	bool hears;	    /* people answer there at all */
	bool reacts;	    /* also by a reaction */
	bool threads;	    /* and in its thread */
	const char *prefix; /* what an answer begins with: "17 ", or "" */
};

/* Add how to answer a card, and where it can be looked at. */
void matrix_answer_add(struct matrix_lines *lines, const struct chat_card *card,
    const struct matrix_answer_style *style);

#endif
