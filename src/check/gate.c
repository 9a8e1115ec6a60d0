/*
 * gate: every signal is asked, so that the trace shows them all; one against
 * is enough to hold.  Rules come before and are left to judge.c.
 */
#include "check/gate.h"

#include "check/confidence.h"
#include "check/fit.h"

#include <string.h>

/* Say it in the trace; the first one is the reason. */
#define AGAINST(...)                                                           \
	do {                                                                   \
		char words[GATE_WHY];                                          \
                                                                               \
		trace_write(words, sizeof(words), __VA_ARGS__);                \
		trace_line(gate->trace, "against passing: %s", words);         \
		if (*why == '\0')                                              \
			memcpy(why, words, sizeof(words));                     \
	} while (0)

const char *gate_mode_name(enum channel_mode mode)
{
	static const char *const names[] = {
	    [CHANNEL_REVIEW] = "review",
	    [CHANNEL_CONFIDENCE] = "confidence",
	    [CHANNEL_EXCEPTION] = "exception",
	    [CHANNEL_AFTER] = "after",
	};

	return names[mode];
}

static void ask_findings(
    const struct gate *gate, const struct finding *f, size_t n, char *why)
{
	for (; n-- > 0; f++)
		if (f->weight != FINDING_NOTE)
			AGAINST("%.60s%s%.180s", f->name,
			    *f->detail ? ": " : "", f->detail);
}

static void ask_context(const struct gate *gate, char *why)
{
	const char *const *name = gate->channel->require;

	for (; name != NULL && *name != NULL; name++)
		if (!fit_has_context(&gate->facts->reading->context, *name))
			AGAINST(
			    "the agent gave no \"%.40s\", which channel %.64s "
			    "requires",
			    *name, gate->channel->name);
}

static void ask_text(const struct gate *gate, char *why)
{
	const struct reading *reading = gate->facts->reading;
	size_t i;

	for (i = 0; i < reading->n_marks; i++)
		if (reading->marks[i].unsure) {
			AGAINST("a text condition could not be searched to the "
				"end");
			return;
		}
}

static void ask_confidence(const struct gate *gate, char *why)
{
	const struct channel *channel = gate->channel;
	char unknown[GATE_WHY], a[AMOUNT_SIZE], b[AMOUNT_SIZE];
	struct amount number;

	if (!confidence_known(gate->facts->reading, channel, &number, unknown,
		sizeof(unknown)))
		AGAINST("%.200s: unknown means review", unknown);
	else if (number.value < channel->threshold.value)
		AGAINST("confidence %s is below %s", amount_print(&number, a),
		    amount_print(&channel->threshold, b));
	else
		trace_line(gate->trace, "confidence %s is at least %s",
		    amount_print(&number, a),
		    amount_print(&channel->threshold, b));
}

bool gate_opens(const struct gate *gate, char why[GATE_WHY])
{
	const struct channel *channel = gate->channel;
	const struct judge_facts *facts = gate->facts;

	*why = '\0';
	if (channel == NULL) {
		AGAINST("no channel takes this mail, and no rule lets it pass");
		return false;
	}
	if (channel->mode == CHANNEL_REVIEW) {
		AGAINST(
		    "everything of channel %.64s is reviewed", channel->name);
		return false;
	}
	if (gate->mixed)
		AGAINST("its recipients are of different channels");
	ask_findings(
	    gate, facts->reading->findings, facts->reading->n_findings, why);
	ask_findings(
	    gate, facts->history->findings, facts->history->n_findings, why);
	ask_context(gate, why);
	ask_text(gate, why);
	if (channel->mode == CHANNEL_CONFIDENCE)
		ask_confidence(gate, why);
	return *why == '\0';
}

/*
 * A line for a severity is for graver ones too, so that what looks worse is
 * never reviewed less.  A confidence that is not known may be in any band.
 */
static bool in_band(
    const struct gate *gate, const struct channel_sample *sample)
{
	char unused[GATE_WHY];
	struct amount number;

	if (sample->has_severity && sample->severity > gate->severity)
		return false;
	if (sample->from.value == 0 && sample->to.value == 0)
		return true;
	if (!confidence_known(gate->facts->reading, gate->channel, &number,
		unused, sizeof(unused)))
		return true;
	return number.value >= sample->from.value &&
	       (number.value < sample->to.value ||
		   (sample->to.value >= AMOUNT_ONE &&
		       number.value == AMOUNT_ONE));
}

/* 0.05 as "5", 0.0025 as "0.25". */
static const char *percent(int64_t share, char out[AMOUNT_SIZE])
{
	const struct amount a = {share * 100, ""};

	return amount_print(&a, out);
}

bool gate_samples(const struct gate *gate, char why[GATE_WHY])
{
	const struct channel *channel = gate->channel;
	int64_t share = 0, dice = (int64_t)(gate->facts->dice % AMOUNT_ONE);
	char text[AMOUNT_SIZE];
	size_t i;

	*why = '\0';
	for (i = 0; channel != NULL && i < channel->n_samples; i++)
		if (in_band(gate, &channel->samples[i]) &&
		    channel->samples[i].share.value > share)
			share = channel->samples[i].share.value;
	if (share == 0)
		return false;
	percent(share, text);
	trace_line(gate->trace,
	    "sample: %s %% of such mail is reviewed; this %s", text,
	    dice < share ? "one is" : "one is not");
	trace_write(why, GATE_WHY,
	    "picked for review: %s %% of what would pass is looked at", text);
	return dice < share;
}
