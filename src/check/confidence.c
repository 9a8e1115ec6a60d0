/*
 * confidence: reads the agent's number.  What follows from it is left to
 * fit.c and gate.c.
 */
#include "check/confidence.h"

#include "check/trace.h"

#include <stdint.h>
#include <string.h>

#define UNIT   INT64_C(1000000)
#define BLANKS " \t"

/* Digits, perhaps a point, digits; in millionths.  NULL: no number. */
static const char *read_decimal(const char *s, int64_t *millionths)
{
	int64_t whole = 0, part = 0, unit = UNIT / 10;
	const char *start = s;
	size_t digits = 0;

	for (; *s >= '0' && *s <= '9'; s++, digits++)
		if (whole <= 1000)
			whole = whole * 10 + (*s - '0');
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++, digits++) {
			part += (*s - '0') * unit;
			unit /= 10;
		}
	*millionths = whole * UNIT + part;
	return digits == 0 || s == start ? NULL : s;
}

bool confidence_read(const char *text, struct amount *number)
{
	int64_t millionths;
	const char *s = text + strspn(text, BLANKS);

	s = read_decimal(s, &millionths);
	if (s == NULL)
		return false;
	s += strspn(s, BLANKS);
	if (*s == '%') {
		millionths /= 100;
		s++;
	}
	s += strspn(s, BLANKS "\r\n");
	if (*s != '\0' || millionths > UNIT)
		return false;
	*number = (struct amount){millionths / (UNIT / AMOUNT_ONE), ""};
	return true;
}

bool confidence_known(const struct reading *reading,
    const struct channel *channel, struct amount *number, char *why,
    size_t why_size)
{
	const char *said = reading->context.confidence;

	if (said == NULL || *said == '\0')
		trace_write(why, why_size, "the agent gave no confidence");
	else if (!confidence_read(said, number))
		trace_write(why, why_size,
		    "the agent's confidence \"%.40s\" is no number from 0 to 1",
		    said);
	else if (channel == NULL || !channel->calibrated)
		trace_write(why, why_size,
		    "confidence %.20s is the agent's own claim: calibrated is "
		    "not set",
		    said);
	else
		return true;
	return false;
}
