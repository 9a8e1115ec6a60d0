/*
 * slack_sign: Slack's signatures, version v0.  Which request has which fields
 * is left to slack_http.c.
 */
#include "chat/slack/slack_sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/mem.h"

#define KEPT_MS	    (2 * SLACK_SIGN_WINDOW_S * INT64_C(1000))
#define SEEN_MOST   4096
#define STAMP_MOST  12 /* digits: enough for 30,000 years */
#define VERSION	    "v0="
#define SIGNED_SIZE (sizeof(VERSION) - 1 + DIGEST_HEX_SIZE)

/* Seconds since 1970, digits alone; -1: it is no such number. */
static int64_t read_stamp(const char *s)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; s[i] >= '0' && s[i] <= '9' && i < STAMP_MOST; i++)
		n = n * 10 + (s[i] - '0');
	return i > 0 && s[i] == '\0' ? n : -1;
}

static void sign(const char *secret, const char *timestamp, struct span body,
    char out[SIGNED_SIZE])
{
	unsigned char mac[DIGEST_SIZE];
	struct buf base;

	buf_init(&base, body.len + 64);
	buf_addf(&base, "v0:%s:", timestamp);
	buf_add_span(&base, body);
	digest_hmac(secret, strlen(secret), base.data, base.len, mac);
	buf_release(&base);
	memcpy(out, VERSION, sizeof(VERSION) - 1);
	digest_hex(mac, DIGEST_SIZE, out + sizeof(VERSION) - 1);
}

const char *slack_sign_wrong(const char *secret, const char *timestamp,
    const char *signature, struct span body, int64_t now_ms)
{
	char right[SIGNED_SIZE];
	int64_t stamp, apart;

	if (secret == NULL || *secret == '\0')
		return "there is no signing secret";
	if (timestamp == NULL || signature == NULL)
		return "it has not one signature and one time";
	stamp = read_stamp(timestamp);
	if (stamp < 0)
		return "its time is no number";
	apart = stamp - now_ms / 1000;
	if (strlen(signature) != SIGNED_SIZE - 1)
		return "its signature is not one of version 0";
	sign(secret, timestamp, body, right);
	if (!digest_equal(signature, right, SIGNED_SIZE - 1))
		return "its signature is not right: is secret_file the app's "
		       "signing secret?";
	if (apart > SLACK_SIGN_WINDOW_S || apart < -SLACK_SIGN_WINDOW_S)
		return "its time is more than 5 min from ours: is this "
		       "machine's clock right?";
	return NULL;
}

/* ---- what came already ----------------------------------------------------
 */

struct slack_seen {
	size_t next, n; /* a ring: next is the oldest once it is full */
	struct {
		unsigned char name[DIGEST_SIZE];
		int64_t mono_ms; /* 0: forgotten */
	} ring[SEEN_MOST];
};

struct slack_seen *slack_seen_new(void)
{
	return mem_zalloc(sizeof(struct slack_seen));
}

void slack_seen_free(struct slack_seen *seen)
{
	free(seen);
}

bool slack_seen_add(struct slack_seen *seen, const char *name, int64_t mono_ms)
{
	unsigned char digest[DIGEST_SIZE];
	size_t i;

	digest_of(name, strlen(name), digest);
	for (i = 0; i < seen->n; i++)
		if (seen->ring[i].mono_ms > mono_ms - KEPT_MS &&
		    seen->ring[i].mono_ms != 0 &&
		    memcmp(seen->ring[i].name, digest, DIGEST_SIZE) == 0)
			return false;
	memcpy(seen->ring[seen->next].name, digest, DIGEST_SIZE);
	seen->ring[seen->next].mono_ms = mono_ms == 0 ? 1 : mono_ms;
	seen->next = (seen->next + 1) % SEEN_MOST;
	if (seen->n < SEEN_MOST)
		seen->n++;
	return true;
}

void slack_seen_forget(struct slack_seen *seen, const char *name)
{
	unsigned char digest[DIGEST_SIZE];
	size_t i;

	digest_of(name, strlen(name), digest);
	for (i = 0; i < seen->n; i++)
		if (memcmp(seen->ring[i].name, digest, DIGEST_SIZE) == 0)
			seen->ring[i].mono_ms = 0;
}
