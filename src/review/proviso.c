/*
 * proviso: a table of first words, and the search for second commands.  When in
 * doubt it is one: who is asked once more loses a minute.
 */
#include "review/proviso.h"

#include "config/word.h"

#include "review/text.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In small letters; as a whole word, in front. */
static const char *const binding[] = {
    /* English */
    "but", "only", "if", "unless", "except", "provided", "providing", "not",
    "no", "wait", "hold", "stop", "don't", "don’t", "however", "though",
    "although", "after", "before", "once", "when", "until", "till", "assuming",
    "sorry", "oops", "never", "cancel", "nope",
    /* German */
    "aber", "nur", "wenn", "falls", "sofern", "soweit", "nicht", "nein", "halt",
    "erst", "sobald", "solange", "außer", "ausser", "bevor", "nachdem",
    "jedoch", "vorausgesetzt", "warte", "warten", "stopp", "doch",
    /* French */
    "mais", "seulement", "uniquement", "si", "sauf", "pas", "ne", "non",
    "attends", "attendez", "quand", "dès", "après", "avant", "cependant",
    "toutefois", "sinon",
    /* Spanish, Catalan */
    "pero", "solo", "sólo", "solamente", "salvo", "excepto", "cuando",
    "después", "antes", "espera", "espere", "només", "però",
    /* Portuguese */
    "mas", "só", "somente", "apenas", "se", "não", "quando", "depois", "exceto",
    "contanto",
    /* Italian */
    "ma", "soltanto", "tranne", "aspetta", "dopo", "purché", "invece",
    /* Dutch */
    "maar", "alleen", "als", "mits", "tenzij", "niet", "nee", "wacht", "pas",
    "nadat", "voordat", "zodra",
    /* Swedish, Danish, Norwegian */
    "men", "inte", "ikke", "ej", "nej", "nei", "endast", "kun", "bara", "hvis",
    "vänta", "vent", "när", "når", "först", "først", "innan", "efter", "etter",
    /* Finnish, Estonian */
    "mutta", "vain", "jos", "ei", "älä", "odota", "ennen", "aga", "ainult",
    "kui",
    /* Polish, Czech, Slovak, Croatian, Slovenian */
    "ale", "tylko", "jeśli", "jeżeli", "nie", "czekaj", "dopiero", "pod", "jen",
    "pouze", "pokud", "jestli", "počkej", "až", "iba", "len", "ak", "ali",
    "samo", "ako", "čekaj", "vendar", "če", "počakaj",
    /* Hungarian, Romanian, Turkish, Greek */
    "csak", "ha", "nem", "várj", "dar", "doar", "numai", "dacă", "nu",
    "așteaptă", "ama", "fakat", "sadece", "yalnız", "eğer", "hayır", "bekle",
    "ancak", "αλλά", "μόνο", "αν", "εάν", "όχι", "μην", "δεν",
    /* Russian, Ukrainian, Bulgarian */
    "но", "только", "если", "не", "нет", "подожди", "подождите", "когда",
    "после", "сначала", "але", "тільки", "якщо", "ні", "зачекай", "само", "ако",
    "недей"};

/* Languages that part no words: a beginning is enough. */
static const char *const beginnings[] = {"ただし", "但し", "でも", "もし",
    "ただ", "しかし", "待って", "いいえ", "但", "不过", "不過", "如果", "除非",
    "不", "只", "先不", "等", "하지만", "그러나", "단,", "만약", "아니", "잠깐",
    "แต่", "ไม่", "ถ้า"};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trimmed(struct span s)
{
	while (s.len > 0 && is_blank(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* Upper-case ASCII: the second word of a name. */
static bool is_name(struct span line, struct span word)
{
	struct span rest =
	    trimmed((struct span){word.data + word.len, line.len - word.len});

	return rest.len == 0 || (rest.data[0] >= 'A' && rest.data[0] <= 'Z');
}

/* First names, which may be all that stands below. */
static bool is_first_name(struct span word)
{
	static const char *const names[] = {
	    "jen", "ali", "ale", "kun", "bara", "ha", "len", "ama", "pas"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (word_same(word, text_span(names[i])))
			return true;
	return false;
}

bool proviso_begins(struct span line)
{
	struct span word = trimmed(line);
	size_t n = 0;

	line = word;
	for (size_t i = 0; i < COUNT(beginnings); i++)
		if (line.len >= strlen(beginnings[i]) &&
		    memcmp(line.data, beginnings[i], strlen(beginnings[i])) ==
			0)
			return true;
	while (n < line.len && strchr(" \t,.;:!?-", line.data[n]) == NULL)
		n++;
	word.len = n;
	if (word_same(word, text_span("do"))) /* "do not" */
		return n + 4 <= line.len &&
		       word_same((struct span){line.data + n + 1, 3},
			   text_span("not"));
	for (size_t i = 0; i < COUNT(binding); i++)
		if (word_same(word, text_span(binding[i])))
			return !is_first_name(word) || !is_name(line, word);
	return false;
}

static bool decides(enum grammar_verb verb)
{
	return verb == GRAMMAR_APPROVE || verb == GRAMMAR_DROP ||
	       verb == GRAMMAR_EDIT || verb == GRAMMAR_REVISE ||
	       verb == GRAMMAR_SNOOZE || verb == GRAMMAR_UNDO;
}

/* The first line that is a command of another kind. */
static struct span second_command(
    const struct grammar_words *house, enum grammar_verb verb, struct span text)
{
	struct grammar_command command;
	struct span line;

	while (text_next_line(&text, &line)) {
		grammar_read_with(house, trimmed(line), &command);
		if (decides(command.verb) && command.verb != verb)
			return trimmed(line);
	}
	return (struct span){"", 0};
}

struct span proviso_find(const struct grammar_words *house,
    const struct grammar_command *command, struct span words, struct span below)
{
	struct span none = {"", 0}, rest = words, line = none, found;

	if (command->verb != GRAMMAR_APPROVE && command->verb != GRAMMAR_DROP)
		return none;
	found = second_command(house, command->verb, words);
	if (found.len == 0)
		found = second_command(house, command->verb, below);
	if (found.len > 0 || command->verb != GRAMMAR_APPROVE)
		return found;
	while (line.len == 0 && text_next_line(&rest, &line))
		line = trimmed(line);
	return proviso_begins(line) ? line : none;
}
