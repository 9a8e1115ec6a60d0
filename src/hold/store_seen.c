/*
 * store_seen: series of drafts that have something in common, so that rates
 * are counted exactly by two looks, however many drafts there are.  What it
 * means that there were earlier ones is left to store_history.c.
 */
#include "hold/store.h"

#include <ctype.h>
#include <string.h>

#define RATE_SIZE 24 /* of a packed rate and its count */

/* What the hash of a series begins with. */
enum { BY_AGENT = 'a', BY_CHANNEL = 'c', BY_PERSON = 'r', BY_DOMAIN = 'd' };
#define BY_MESSAGE_ID 'm'
#define BY_WORDS      'w'

static int64_t start_of(struct digest *digest)
{
	unsigned char sha256[DIGEST_SIZE];
	int64_t start;

	digest_end(digest, sha256);
	memcpy(&start, sha256, sizeof(start));
	return start;
}

static int64_t hash_of(
    struct digest *digest, char kind, const char *text, size_t len)
{
	digest_add(digest, &kind, 1);
	digest_add(digest, text, len);
	return start_of(digest);
}

static int64_t series_of(struct digest *digest, char kind, const char *text)
{
	return hash_of(digest, kind, text, strlen(text));
}

int64_t store_seen_message_id(const char *id, size_t len)
{
	struct digest *digest = digest_new();
	int64_t hash = hash_of(digest, BY_MESSAGE_ID, id, len);

	digest_free(digest);
	return hash;
}

/* What no reader could read is known by its envelope alone. */
static const char *small_letters(struct arena *arena, const char *address)
{
	char *copy = arena_strdup(arena, address), *c;

	for (c = copy; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

static void find_people(struct store_seen *seen,
    const struct envelope *envelope, const struct reading *reading)
{
	bool known = reading->n_keys == envelope->n_recipients;
	struct store_person *person;
	size_t i;

	seen->n_people = envelope->n_recipients;
	seen->people =
	    arena_alloc(seen->arena, seen->n_people * sizeof(*seen->people));
	for (i = 0; i < seen->n_people; i++) {
		person = &seen->people[i];
		person->address = known ? reading->keys[i].address
					: small_letters(seen->arena,
					      envelope->recipients[i].address);
		person->skeleton = known ? reading->keys[i].skeleton : NULL;
	}
}

static void find_series(struct store_seen *seen, struct digest *digest)
{
	size_t i, size = seen->n_people * sizeof(*seen->persons);
	const char *address, *at;

	seen->persons = arena_alloc(seen->arena, size);
	seen->domains = arena_alloc(seen->arena, size);
	for (i = 0; i < seen->n_people; i++) {
		address = seen->people[i].address;
		at = strrchr(address, '@');
		seen->persons[i].id = series_of(digest, BY_PERSON, address);
		seen->domains[i].id =
		    series_of(digest, BY_DOMAIN, at == NULL ? "" : at + 1);
	}
}

/*
 * Of a text that is too short for a fingerprint: a hash of it and the subject.
 * What could not be read, or says nothing, is like nothing else.
 */
static void find_mark(struct store_seen *seen, const struct reading *reading,
    struct digest *digest)
{
	const char *subject = reading->subject == NULL ? "" : reading->subject;

	if (reading->trouble != NULL)
		return;
	if (reading->fingerprint != 0) {
		memcpy(&seen->mark, &reading->fingerprint, sizeof(seen->mark));
		seen->near = true;
		return;
	}
	if (reading->text.len == 0)
		return;
	digest_add(digest, subject, strlen(subject) + 1);
	seen->mark =
	    hash_of(digest, BY_WORDS, reading->text.data, reading->text.len);
}

int store_seen_open(
    struct store *store, const struct hold_put *put, struct store_seen *seen)
{
	const struct message *m = put->message;
	const char *id = put->reading->message_id;
	struct digest *digest = digest_new();

	find_people(seen, &m->envelope, put->reading);
	find_series(seen, digest);
	find_mark(seen, put->reading, digest);
	seen->agent.id =
	    series_of(digest, BY_AGENT, m->agent == NULL ? "" : m->agent);
	if (put->channel != NULL && *put->channel != '\0')
		seen->channel.id = series_of(digest, BY_CHANNEL, put->channel);
	seen->has_id = id != NULL;
	if (seen->has_id)
		seen->id_hash = hash_of(digest, BY_MESSAGE_ID, id, strlen(id));
	digest_free(digest);
	if (store_seen_last(store, &seen->agent))
		return -1;
	return seen->channel.id == 0 ? 0
				     : store_seen_last(store, &seen->channel);
}

/* A series gets no time before that of the draft itself. */
static int look_for(struct store *store, const struct hold_put *put,
    struct store_series *series)
{
	int64_t n;

	if (store_number(store,
		"SELECT count(*) FROM seen WHERE series = ? AND at_ms >= ?"
		" AND draft = ?",
		ARGS(NUM(series->id), NUM(put->message->received_ms),
		    NUM(put->draft)),
		&n))
		return -1;
	series->holds_it = n > 0;
	return 0;
}

int store_seen_already(
    struct store *store, const struct hold_put *put, struct store_seen *seen)
{
	size_t i;

	if (look_for(store, put, &seen->agent) ||
	    look_for(store, put, &seen->channel))
		return -1;
	for (i = 0; i < seen->n_people; i++)
		if (look_for(store, put, &seen->persons[i]) ||
		    look_for(store, put, &seen->domains[i]))
			return -1;
	return 0;
}

int store_seen_last(struct store *store, struct store_series *series)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT at_ms, n FROM seen WHERE series = ?"
	    " ORDER BY at_ms DESC, draft DESC LIMIT 1",
	    ARGS(NUM(series->id)));
	if (rc <= 0)
		return rc;
	series->last_ms = sqlite3_column_int64(stmt, 0);
	series->n = sqlite3_column_int64(stmt, 1);
	store_end(stmt);
	return 0;
}

/* ---- counting ---------------------------------------------------------- */

/* Those of the series since then, and the new one. */
static int count_since(struct store *store, const struct store_series *series,
    int64_t since, uint64_t *count)
{
	int64_t first;

	*count = 1;
	if (series->n == 0 || series->last_ms <= since)
		return 0;
	if (store_number(store,
		"SELECT n FROM seen WHERE series = ? AND at_ms > ?"
		" ORDER BY at_ms, draft LIMIT 1",
		ARGS(NUM(series->id), NUM(since)), &first))
		return -1;
	*count = (uint64_t)(series->n - first + (series->holds_it ? 1 : 2));
	return 0;
}

static int count_most(struct store *store, const struct store_series *series,
    size_t n, int64_t since, uint64_t *most)
{
	uint64_t count;
	size_t i;

	*most = 1;
	for (i = 0; i < n; i++) {
		if (count_since(store, &series[i], since, &count))
			return -1;
		if (count > *most)
			*most = count;
	}
	return 0;
}

int store_seen_count(struct store *store, const struct hold_put *put,
    const struct store_seen *seen, uint64_t *counts)
{
	const struct verdict_rate *rate;
	int64_t since;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < put->n_rates; i++) {
		rate = &put->rates[i];
		since = put->message->received_ms - (int64_t)rate->per_s * 1000;
		counts[i] = 1;
		if (rate->of == VERDICT_BY_AGENT)
			rc =
			    count_since(store, &seen->agent, since, &counts[i]);
		else if (rate->of == VERDICT_BY_CHANNEL)
			rc = count_since(
			    store, &seen->channel, since, &counts[i]);
		else
			rc = count_most(store,
			    rate->of == VERDICT_BY_RECIPIENT ? seen->persons
							     : seen->domains,
			    seen->n_people, since, &counts[i]);
	}
	return rc;
}

/* ---- remembering ------------------------------------------------------- */

/*
 * The clock may have been put back: in a series time stands still then.  A
 * draft is in a series once, however often it names it.
 */
static int add(struct store *store, const struct hold_put *put,
    const struct store_series *series, int64_t mark, bool near)
{
	int64_t at = put->message->received_ms;

	if (series->holds_it)
		return 0;
	if (at < series->last_ms)
		at = series->last_ms;
	return store_run(store,
	    "INSERT OR IGNORE INTO seen (series, at_ms, draft, n, mark, near)"
	    " VALUES (?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(series->id), NUM(at), NUM(put->draft), NUM(series->n + 1),
		NUM(mark), NUM(near)));
}

static bool came_before(const struct store_series *series, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (series[k].id == series[i].id)
			return true;
	return false;
}

int store_seen_write(struct store *store, const struct hold_put *put,
    const struct store_seen *seen)
{
	size_t i;

	if (add(store, put, &seen->agent, 0, false) ||
	    (seen->channel.id != 0 &&
		add(store, put, &seen->channel, 0, false)))
		return -1;
	for (i = 0; i < seen->n_people; i++) {
		if (add(store, put, &seen->persons[i], seen->mark, seen->near))
			return -1;
		if (!came_before(seen->domains, i) &&
		    add(store, put, &seen->domains[i], 0, false))
			return -1;
	}
	return 0;
}

/* ---- counts, kept for when it is judged again ---------------------------- */

static void put_number(unsigned char *out, uint64_t n)
{
	size_t i;

	for (i = 0; i < 8; i++)
		out[i] = (unsigned char)(n >> (8 * i));
}

static uint64_t get_number(const char *in)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		n |= (uint64_t)(unsigned char)in[i] << (8 * i);
	return n;
}

void store_seen_pack(struct buf *buf, const struct verdict_rate *rates,
    const uint64_t *counts, size_t n)
{
	unsigned char row[RATE_SIZE];
	size_t i;

	for (i = 0; i < n; i++) {
		put_number(row, (uint64_t)rates[i].of);
		put_number(row + 8, rates[i].per_s);
		put_number(row + 16, counts[i]);
		buf_add(buf, row, sizeof(row));
	}
}

static uint64_t count_of(struct span packed, const struct verdict_rate *rate)
{
	const char *row;

	for (row = packed.data; row < packed.data + packed.len;
	     row += RATE_SIZE)
		if (get_number(row) == (uint64_t)rate->of &&
		    get_number(row + 8) == rate->per_s)
			return get_number(row + 16);
	return UINT64_MAX;
}

/* A rate that nobody counted then is beyond every limit. */
const uint64_t *store_seen_unpack(struct arena *arena, struct span packed,
    const struct verdict_rate *rates, size_t n)
{
	uint64_t *counts;
	size_t i;

	packed.len -= packed.len % RATE_SIZE;
	if (rates == NULL)
		n = packed.len / RATE_SIZE;
	counts = arena_alloc(arena, n * sizeof(*counts));
	for (i = 0; i < n; i++)
		counts[i] = rates != NULL
				? count_of(packed, &rates[i])
				: get_number(packed.data + i * RATE_SIZE + 16);
	return counts;
}
