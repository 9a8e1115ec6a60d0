/*
 * words: what somebody said with a decision.  Which categories there are is
 * the channel's.
 */
#include "hold/hold.h"

#include <string.h>

const char *hold_decision_words(const struct hold_decision *decision)
{
	const char *text = decision->text, *category = decision->category;
	size_t len = category == NULL ? 0 : strlen(category);

	if (text == NULL || *text == '\0')
		return NULL;
	if (len == 0 || strncmp(text, category, len) != 0)
		return text;
	if (text[len] == '\0')
		return NULL;
	return text[len] == ':' && text[len + 1] == ' ' ? text + len + 2 : text;
}
