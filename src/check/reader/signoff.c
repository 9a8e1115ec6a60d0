/*
 * signoff: the tables of what programs write, and the search from the end.
 */
#include "check/reader/signoff.h"

#include "check/reader/fold.h"

#include <string.h>

#define MARK	  "-- "
#define LINE_MOST 120 /* bytes of a line that a program writes */
#define LINES	  2   /* of them, one below the other */

/* Enough by themselves, in small letters; each is a beginning. */
static const char *const whole[] = {
    "sent from my ",
    "sent from mail for windows",
    "sent from outlook for",
    "get outlook for ",
    "obtenir outlook pour ",
    "outlook für ios beziehen",
    "outlook für android beziehen",
    "holen sie sich outlook für ",
    "obtener outlook para ",
    "obtenga outlook para ",
    "obter o outlook para ",
    "obter outlook para ",
    "scarica outlook per ",
    "ottieni outlook per ",
    "outlook voor ios downloaden",
    "outlook voor android downloaden",
    "hämta outlook för ",
    "hent outlook til ",
    "få outlook for ",
    "pobierz outlook dla ",
    "pobierz program outlook dla ",
    "získat outlook pro ",
    "скачать outlook для ",
    "получить outlook для ",
    "outlook for ios を入手",
    "outlook for android を入手",
    "ios版outlookを入手",
    "www.avast.com",
    "virus-free.",
    "virenfrei.",
    "free from viruses.",
    "sans virus.",
    "libre de virus.",
    "this email has been checked for viruses by ",
    "diese e-mail wurde von avast ",
    "diese e-mail wurde auf viren ",
    "cet e-mail a été vérifié par ",
    "el software de antivirus avast ",
    "questa e-mail è stata controllata per individuare virus ",
    "发自我的",
    "發自我的",
    "從我的 iphone 傳送",
    "从我的 iphone 发送",
    "나의 iphone에서 보냄",
    "내 iphone에서 보냄",
};

/* "sent", with a name of the next table. */
static const char *const sent[] = {
    "sent from ",
    "sent via ",
    "sent with ",
    "sent using ",
    "composed with ",
    "gesendet",
    "verschickt",
    "verfasst",
    "envoyé ",
    "envoyée ",
    "enviado ",
    "enviada ",
    "enviat ",
    "inviato ",
    "inviata ",
    "verzonden ",
    "verstuurd ",
    "skickat ",
    "skickades ",
    "sendt ",
    "lähetetty ",
    "lähetin ",
    "wysłane ",
    "wysłano ",
    "odesláno ",
    "odoslané ",
    "poslano ",
    "отправлено ",
    "надіслано ",
    "изпратено ",
    "küldve",
    "küldtem",
    "küldött",
    "trimis ",
    "gönderildi",
    "στάλθηκε ",
    "saadetud ",
    "išsiųsta ",
    "nosūtīts ",
    "dikirim ",
    "được gửi ",
    "gửi từ ",
    "から送信",
    "から送信されました",
    "发送",
    "傳送",
    "보냄",
    "에서 보냈",
    "נשלח",
    "أرسلت",
    "تم الإرسال",
    "ส่งจาก",
};

static const char *const devices[] = {
    "avast",
    "avg antivirus",
    "norton",
    "iphon",
    "ipad",
    "ipod",
    "apple watch",
    "android",
    "samsung",
    "galaxy",
    "huawei",
    "xiaomi",
    "redmi",
    "oneplus",
    "google pixel",
    "motorola",
    "nokia",
    "lumia",
    "sony",
    "xperia",
    "htc",
    "wiko",
    "fairphone",
    "blackberry",
    "windows phone",
    "windows mail",
    "windows 10",
    "windows 11",
    "outlook",
    "gmail",
    "yahoo",
    "aol",
    "proton",
    "tuta",
    "fastmail",
    "icloud",
    "gmx",
    "web.de",
    "t-online",
    "telekom mail",
    "k-9 mail",
    "k9 mail",
    "k-9",
    "fairemail",
    "thunderbird",
    "bluemail",
    "blue mail",
    "typeapp",
    "airmail",
    "sparrow",
    "spark",
    "mailbird",
    "em client",
    "canary",
    "newton",
    "edison",
    "superhuman",
    "zoho mail",
    "mail.ru",
    "яндекс",
    "yandex",
    "mymail",
    "foxmail",
    "qq",
    "网易",
    "163",
    "naver",
    "mobiltelefon",
    "handy",
    "smartphone",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "telefoon",
    "mobile",
    "móvil",
    "telefon",
    "telefonu",
    "tablet",
    "мобильн",
    "携帯",
    "手机",
    "手機",
    "휴대폰",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool holds_one(struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fold_holds(text, words[i]))
			return true;
	return false;
}

static bool begins_one(struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fold_begins(text, words[i]))
			return true;
	return false;
}

/* A full stop at the end is the line's, not the word's. */
static bool ends_one(struct span text, const char *const *words, size_t count)
{
	if (fold_ends(text, "."))
		text.len--;
	for (size_t i = 0; i < count; i++)
		if (fold_ends(text, words[i]))
			return true;
	return false;
}

/* "Sent from my desk, is easier.": a sentence, and the person's. */
static bool is_sentence(struct span small)
{
	return fold_holds(small, ", ") || fold_holds(small, "; ") ||
	       fold_ends(small, "!") || fold_ends(small, "?") ||
	       fold_ends(small, ":");
}

/* Does a program write this line?  A full stop needs a name that is known. */
static bool is_program(struct span small)
{
	bool named;

	if (small.len > LINE_MOST || is_sentence(small))
		return false;
	named = holds_one(small, devices, COUNT(devices));
	if (begins_one(small, whole, COUNT(whole)))
		return named || !fold_ends(small, ".") ||
		       fold_ends(small, ".com");
	return named && (begins_one(small, sent, COUNT(sent)) ||
			    ends_one(small, sent, COUNT(sent)));
}

static size_t skip_up(const struct lines *lines, size_t from, size_t end)
{
	while (end > from && lines_empty(&lines->line[end - 1]))
		end--;
	return end;
}

/* "Sent from my Galaxy", which needs no empty line above it. */
static bool is_device(struct span small)
{
	return fold_begins(small, "sent from my ") && is_program(small) &&
	       holds_one(small, devices, COUNT(devices));
}

/* A paragraph of its own, a line or two, all of a program. */
static size_t without_program(
    const struct lines *lines, size_t from, size_t end)
{
	size_t last = skip_up(lines, from, end), at = last;

	while (at > from && last - at < LINES &&
	       is_program(lines->line[at - 1].small))
		at--;
	if (at < last && (at == from || is_device(lines->line[at].small) ||
			     lines_empty(&lines->line[at - 1]) ||
			     lines->line[at - 1].small.len <= 3))
		return at;
	return end;
}

static bool is_mark(const struct line *line)
{
	return line->raw.len == strlen(MARK) && fold_begins(line->raw, MARK);
}

/* The last mark, since the person's text may hold one too. */
static size_t last_mark(const struct lines *lines, size_t from, size_t end)
{
	size_t at;

	for (at = end; at > from; at--)
		if (is_mark(&lines->line[at - 1]))
			return at - 1;
	return end;
}

size_t signoff_find(const struct lines *lines, size_t from, size_t end)
{
	size_t at = last_mark(lines, from, end);

	return at < end ? at : without_program(lines, from, end);
}
