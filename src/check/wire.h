/*
 * wire: all that crosses the wall between the daemon and a sealed reader.
 *
 * A frame is a 4-byte length of what follows (little-endian), a type byte, a
 * 4-byte serial and a payload: a mail, or an answer in the packed form of
 * pack.h, in which the daemon trusts nothing.
 * Both programs are of one build; a reader's first frame names the wire's
 * version and is compared.
 */
#ifndef CHECK_WIRE_H
#define CHECK_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION	 1
#define WIRE_HEAD_SIZE	 9
#define WIRE_U32_SIZE	 4
#define WIRE_FD		 3 /* the socket, in a reader */
#define WIRE_REQUEST_MAX ((size_t)128 * 1024 * 1024)
#define WIRE_READING_MAX ((size_t)16 * 1024 * 1024)
#define WIRE_EDITED_MAX	 ((size_t)132 * 1024 * 1024)

enum wire_type {
	WIRE_READY = 1, /* reader -> daemon: sealed; payload: 4-byte version */
	WIRE_DRAFT,	/* daemon -> reader: payload is the mail */
	WIRE_REPLY,	/* likewise */
	WIRE_EDIT,	/* payload: 4-byte length of the text, text, mail */
	WIRE_FORK,	/* to the nursery, with a descriptor (SCM_RIGHTS);
			 * payload: 4-byte life of the fork in ms */
	WIRE_READING,	/* reader -> daemon: answers, packed (pack.h) */
	WIRE_REPLY_READ,
	WIRE_EDITED
};

struct wire_head {
	uint32_t length; /* of the payload */
	uint8_t type;
	uint32_t serial; /* an answer carries that of its request */
};

/* Write a head into 9 bytes, and read one; -1: longer than max_bytes. */
void wire_head_put(const struct wire_head *head, unsigned char *out);
int wire_head_get(
    struct wire_head *head, const unsigned char *in, size_t max_bytes);

/* A number of four bytes, little-endian, in a payload. */
void wire_u32_put(uint32_t value, unsigned char *out);
uint32_t wire_u32_get(const void *in);

#endif
