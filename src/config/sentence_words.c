/*
 * sentence_words: small pieces of sentences.
 */
#include "config/sentence_words.h"

void sentence_words_list(
    const char *const *list, const char *last, struct buf *out)
{
	const char *const *name = list;

	if (name == NULL || *name == NULL) {
		buf_add_str(out, "nothing");
		return;
	}
	for (; *name != NULL; name++) {
		if (name > list && name[1] == NULL)
			buf_addf(out, " %s ", last);
		else if (name > list)
			buf_add_str(out, ", ");
		buf_add_str(out, *name);
	}
}

void sentence_words_span(unsigned seconds, struct buf *out)
{
	static const struct {
		unsigned seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	while (seconds % units[i].seconds != 0 || seconds < units[i].seconds) {
		if (units[i].seconds == 1)
			break;
		i++;
	}
	buf_addf(out, "%u %s", seconds / units[i].seconds, units[i].unit);
}
