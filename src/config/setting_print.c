/*
 * setting_print: the tables as text, for tests and for people who look for an
 * option.
 */
#include "config/setting.h"

#include "config/setting_number.h"

#define TABLES_MAX 64

struct printer {
	FILE *out;
	const struct setting *done[TABLES_MAX]; /* tables */
	size_t n;
};

static const char *const types[] = {
    [SETTING_STRING] = "string",
    [SETTING_STRINGS] = "strings",
    [SETTING_NUMBER] = "number",
    [SETTING_SECONDS] = "time",
    [SETTING_MILLISECONDS] = "time",
    [SETTING_SIZE] = "size",
    [SETTING_AMOUNT] = "amount",
    [SETTING_AMOUNTS] = "amounts",
    [SETTING_SCALAR] = "value",
    [SETTING_BOOL] = "bool",
    [SETTING_ENUM] = "choice",
    [SETTING_USERS] = "users",
    [SETTING_GROUP] = "group",
    [SETTING_LIST] = "groups",
};

static bool is_done(struct printer *p, const struct setting *table)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->done[i] == table)
			return true;
	if (p->n < TABLES_MAX)
		p->done[p->n++] = table;
	return false;
}

static void print_table(
    struct printer *p, const char *prefix, const struct setting *row);

static void print_row(
    struct printer *p, const char *prefix, const struct setting *row)
{
	char inside[256];
	char least[SETTING_NUMBER_SIZE], most[SETTING_NUMBER_SIZE];

	fprintf(p->out, "%s%s%s %s %s", prefix, *prefix ? "." : "", row->name,
	    types[row->type], row->fallback ? row->fallback : "-");
	if (row->most > 0)
		fprintf(p->out, " %s..%s",
		    setting_number_text(row->type, row->least, least),
		    setting_number_text(row->type, row->most, most));
	fputc('\n', p->out);
	if (row->type != SETTING_GROUP && row->type != SETTING_LIST)
		return;
	snprintf(inside, sizeof(inside), "%s%s%s", prefix, *prefix ? "." : "",
	    row->name);
	if (!is_done(p, row->group->options))
		print_table(p, inside, row->group->options);
}

static void print_table(
    struct printer *p, const char *prefix, const struct setting *row)
{
	for (; row != NULL && row->name != NULL; row++)
		if (row->type == SETTING_INLINE) {
			is_done(p, row->group->options);
			print_table(p, prefix, row->group->options);
		} else if (*row->name != '\0') {
			print_row(p, prefix, row);
		}
}

void setting_print(const struct setting_group *groups, FILE *out)
{
	struct printer p = {.out = out, .n = 0};

	for (; groups->name != NULL; groups++) {
		is_done(&p, groups->options);
		print_table(&p, groups->name, groups->options);
	}
}
