/*
 * wire: all that crosses the wall between the daemon and a sealed reader.
 *
 * A frame is a 4-byte length of what follows (little-endian), a type byte, a
 * 4-byte serial and a payload: a mail, or an answer in the packed form of
 * pack.h, in which the daemon trusts nothing.
 * Both programs are of one build; a reader's first frame names the wire's
 * version and is compared.  Before that the daemon has sent one frame SETUP.
 *
 * In front of a mail stands what is known about it: a 4-byte length, then
 * lines of a letter and a text, each ended by LF, in this order:
 *
 *	a NAME		the agent, once or not at all
 *	f ADDRESS	sender of the envelope, likewise
 *	t ADDRESS	its recipients, in order
 *	c NUMBER	channels, as they stand in the setup
 *	w NAME		a plug-in that is not to look at it, once or not at all
 *
 * An edit is WIRE_PIECES pieces, in the order of enum wire_piece, each a 4-byte
 * length and so many bytes; the length WIRE_NO_PIECE says: this stays as it is.
 *
 * Beside the socket there is a page of memory that both see, in which a reader
 * says which plug-in runs: it still says so when the reader is dead.
 */
#ifndef CHECK_WIRE_H
#define CHECK_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION	 4
#define WIRE_HEAD_SIZE	 9
#define WIRE_U32_SIZE	 4
#define WIRE_NO_PIECE	 0xffffffffu
#define WIRE_FD		 3  /* the socket, in a reader */
#define WIRE_PAGE_FD	 4  /* of struct wire_page, until it is mapped */
#define WIRE_NAME_MAX	 64 /* a plug-in's name, NUL included */
#define WIRE_ABOUT_MAX	 ((size_t)16 * 1024 * 1024)
#define WIRE_REFUSED_MAX ((size_t)1000) /* bytes of text */
#define WIRE_FINDS_MAX	 ((size_t)64 * 1024)
#define WIRE_REQUEST_MAX ((size_t)128 * 1024 * 1024)
#define WIRE_READING_MAX ((size_t)16 * 1024 * 1024)
#define WIRE_EDITED_MAX	 ((size_t)132 * 1024 * 1024)

enum wire_type {
	/* reader -> daemon: sealed; payload: 4-byte version, then what its
	 * plug-ins say they find, lines of "PLUGIN FINDING" */
	WIRE_READY = 1,
	WIRE_REFUSED, /* likewise: the setup is of no use; payload: why */
	WIRE_SETUP,   /* daemon -> reader, first of all: setup.h, or empty */
	WIRE_DRAFT,   /* payload: about, mail */
	WIRE_REPLY,   /* payload: the mail */
	WIRE_EDIT,    /* payload: about, the pieces, mail */
	WIRE_FORK,    /* to the nursery, with two descriptors (SCM_RIGHTS),
		       * socket and page; payload: 4-byte life in ms */
	WIRE_READING, /* reader -> daemon: answers, packed (pack.h) */
	WIRE_REPLY_READ,
	WIRE_EDITED
};

/* What a person may change in a mail. */
enum wire_piece {
	WIRE_SUBJECT,
	WIRE_TO,
	WIRE_CC,
	WIRE_BCC,
	WIRE_TEXT,
	WIRE_MAIL, /* instead of the old one */
	WIRE_PIECES
};

struct wire_head {
	uint32_t length; /* of the payload */
	uint8_t type;
	uint32_t serial; /* an answer carries that of its request */
};

/* What a reader writes and the daemon reads; both trust the other with it
 * no further than that. */
struct wire_page {
	char plugin[WIRE_NAME_MAX]; /* that runs; "": none */
	unsigned char memory;	    /* it is being given memory */
};

/* Write a head into 9 bytes, and read one; -1: longer than max_bytes. */
void wire_head_put(const struct wire_head *head, unsigned char *out);
int wire_head_get(
    struct wire_head *head, const unsigned char *in, size_t max_bytes);

/* A number of four bytes, little-endian, in a payload. */
void wire_u32_put(uint32_t value, unsigned char *out);
uint32_t wire_u32_get(const void *in);

#endif
