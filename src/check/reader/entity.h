/*
 * entity: what a node's MIME fields say of it (RFC 2045, 2046, 2183).
 */
#ifndef CHECK_READER_ENTITY_H
#define CHECK_READER_ENTITY_H

#include "check/reader/mime.h"

/*
 * Fill kind, type, charset, boundary, names, encoding of a node whose header
 * has been read, and mark in odd what is wrong with them.
 */
void entity_read(struct mime *mime, struct mime_node *node);

#endif
