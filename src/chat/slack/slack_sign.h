/*
 * slack_sign: is a request really Slack's?  Its signature over the bytes as
 * they came, and a memory of those that came already.
 */
#ifndef CHAT_SLACK_SIGN_H
#define CHAT_SLACK_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"

#define SLACK_SIGN_WINDOW_S 300 /* how far the two clocks may be apart */

/*
 * timestamp, signature: the fields X-Slack-Request-Timestamp and
 * X-Slack-Signature; NULL: it did not come, or twice.  NULL: it is right;
 * else what is wrong, for the log.  Pure; the time that it takes does not tell
 * where a signature is wrong.
 */
const char *slack_sign_wrong(const char *secret, const char *timestamp,
    const char *signature, struct span body, int64_t now_ms);

/* What came in the last ten minutes, at most some thousands.  Loop. */
struct slack_seen;
struct slack_seen *slack_seen_new(void);
/* NULL is harmless. */
void slack_seen_free(struct slack_seen *seen);
/* Remember that name.  False: it was there. */
bool slack_seen_add(struct slack_seen *seen, const char *name, int64_t mono_ms);
/* It came to nothing: it may come again. */
void slack_seen_forget(struct slack_seen *seen, const char *name);

#endif
