/*
 * persons: lists addresses and finds the equal ones.  What that means is for
 * others.
 */
#include "persons.h"

#include <stdlib.h>
#include <string.h>

bool persons_key(const struct persons *persons, const char *address, char *key,
    const char **domain)
{
	const char *at = strrchr(address, '@');
	size_t n = at != NULL ? (size_t)(at - address) : strlen(address);
	char name[DOMAIN_MAX];
	bool ok;

	ok = domain_name(persons->tables, at != NULL ? at + 1 : "",
	    at != NULL ? strlen(at + 1) : 0, name);
	for (size_t i = 0; i < n; i++)
		key[i] = (char)(address[i] >= 'A' && address[i] <= 'Z'
				    ? address[i] + ('a' - 'A')
				    : address[i]);
	if (persons->tags && memchr(key, '+', n) != NULL && key[0] != '+')
		n = (size_t)((char *)memchr(key, '+', n) - key);
	key[n] = '@';
	memcpy(key + n + 1, name, strlen(name) + 1);
	*domain = key + n + 1;
	return ok;
}

static void add_person(struct persons *persons, const char *address,
    const struct imprimatur_address *header)
{
	struct person *person = &persons->list[persons->n++];
	char *key = persons->host->memory(
	    persons->report, strlen(address) + PERSONS_ROOM);

	person->written = address;
	person->key = key;
	person->header = header;
	person->name_ok = persons_key(persons, address, key, &person->domain);
}

static void list(struct persons *persons, const struct imprimatur_mail *mail)
{
	persons->list = persons->host->memory(
	    persons->report, (mail->n_recipients + mail->n_addresses + 1) *
				 sizeof(*persons->list));
	for (size_t i = 0; i < mail->n_recipients; i++)
		add_person(persons, mail->recipients[i], NULL);
	persons->n_envelope = persons->n;
	for (size_t i = 0; i < mail->n_addresses; i++)
		if (mail->addresses[i].address[0] != '\0')
			add_person(persons, mail->addresses[i].address,
			    &mail->addresses[i]);
}

static int by_key(const void *a, const void *b)
{
	const struct person *x = *(struct person *const *)a;
	const struct person *y = *(struct person *const *)b;
	int order = strcmp(x->key, y->key);

	/* keep the order in which they came */
	return order != 0 ? order : (x > y) - (x < y);
}

static int by_domain(const void *a, const void *b)
{
	const struct person *x = *(struct person *const *)a;
	const struct person *y = *(struct person *const *)b;
	int order = strcmp(x->domain, y->domain);

	return order != 0 ? order : (x > y) - (x < y);
}

static struct person **sorted(const struct persons *persons, size_t n,
    int (*order)(const void *, const void *))
{
	struct person **list =
	    persons->host->memory(persons->report, (n + 1) * sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = &persons->list[i];
	qsort(list, n, sizeof(struct person *), order);
	return list;
}

/* Does it stand where recipients do? */
bool persons_is_shown(const struct person *person)
{
	return person->header != NULL &&
	       (strcmp(person->header->field, "To") == 0 ||
		   strcmp(person->header->field, "Cc") == 0);
}

/* Tell each person where else the same address stands. */
static void match(struct persons *persons)
{
	struct person **list = sorted(persons, persons->n, by_key);

	for (size_t from = 0, to; from < persons->n; from = to) {
		bool envelope = false, header = false;
		bool header_to = false;

		for (to = from; to < persons->n &&
				strcmp(list[to]->key, list[from]->key) == 0;
		     to++)
			if (list[to]->header == NULL) {
				list[to]->again = envelope;
				envelope = true;
			} else {
				list[to]->again = header_to;
				header_to |= persons_is_shown(list[to]);
				header = true;
			}
		for (size_t i = from; i < to; i++) {
			list[i]->in_envelope = envelope;
			list[i]->in_header = header;
		}
	}
}

void persons_list(struct persons *persons, const struct imprimatur_mail *mail)
{
	list(persons, mail);
	match(persons);
}

struct person **persons_by_domain(const struct persons *persons, size_t n)
{
	return sorted(persons, n, by_domain);
}
