/*
 * wording: words in a mail's text with which programs begin: notes of
 * absence, bounces, receipts, tickets, in many languages.
 */
#ifndef CHECK_READER_WORDING_H
#define CHECK_READER_WORDING_H

#include "util/buf.h"

/*
 * Why a text looks as if a program wrote it, or NULL.  Only its first 4 KB
 * are looked at.  It proves nothing: people quote such words.  A constant.
 */
const char *wording_hint(struct span text);

#endif
