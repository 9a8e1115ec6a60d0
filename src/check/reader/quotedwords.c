/*
 * quotedwords: tables, and the loops that walk them.
 */
#include "check/reader/quotedwords.h"

#include "check/reader/fold.h"

#include <stddef.h>
#include <string.h>

#define FIELD_NAME_MAX 40 /* bytes before the colon */

static const struct field_row {
	const char *name;
	unsigned kind;
} field_rows[] = {
    {"from", QUOTEDWORDS_FROM},
    {"von", QUOTEDWORDS_FROM},
    {"de", QUOTEDWORDS_FROM},
    {"expéditeur", QUOTEDWORDS_FROM},
    {"remitente", QUOTEDWORDS_FROM},
    {"da", QUOTEDWORDS_FROM},
    {"mittente", QUOTEDWORDS_FROM},
    {"van", QUOTEDWORDS_FROM},
    {"afzender", QUOTEDWORDS_FROM},
    {"från", QUOTEDWORDS_FROM},
    {"fra", QUOTEDWORDS_FROM},
    {"lähettäjä", QUOTEDWORDS_FROM},
    {"od", QUOTEDWORDS_FROM},
    {"odesílatel", QUOTEDWORDS_FROM},
    {"nadawca", QUOTEDWORDS_FROM},
    {"от", QUOTEDWORDS_FROM},
    {"від", QUOTEDWORDS_FROM},
    {"feladó", QUOTEDWORDS_FROM},
    {"de la", QUOTEDWORDS_FROM},
    {"kimden", QUOTEDWORDS_FROM},
    {"gönderen", QUOTEDWORDS_FROM},
    {"από", QUOTEDWORDS_FROM},
    {"差出人", QUOTEDWORDS_FROM},
    {"送信者", QUOTEDWORDS_FROM},
    {"发件人", QUOTEDWORDS_FROM},
    {"寄件者", QUOTEDWORDS_FROM},
    {"보낸 사람", QUOTEDWORDS_FROM},
    {"보낸사람", QUOTEDWORDS_FROM},

    {"sent", QUOTEDWORDS_DATE},
    {"date", QUOTEDWORDS_DATE},
    {"gesendet", QUOTEDWORDS_DATE},
    {"datum", QUOTEDWORDS_DATE},
    {"envoyé", QUOTEDWORDS_DATE},
    {"message du", QUOTEDWORDS_DATE},
    {"envoyé le", QUOTEDWORDS_DATE},
    {"enviado", QUOTEDWORDS_DATE},
    {"enviado el", QUOTEDWORDS_DATE},
    {"enviado em", QUOTEDWORDS_DATE},
    {"enviada em", QUOTEDWORDS_DATE},
    {"fecha", QUOTEDWORDS_DATE},
    {"data", QUOTEDWORDS_DATE},
    {"inviato", QUOTEDWORDS_DATE},
    {"verzonden", QUOTEDWORDS_DATE},
    {"skickat", QUOTEDWORDS_DATE},
    {"sendt", QUOTEDWORDS_DATE},
    {"dato", QUOTEDWORDS_DATE},
    {"lähetetty", QUOTEDWORDS_DATE},
    {"päiväys", QUOTEDWORDS_DATE},
    {"päivämäärä", QUOTEDWORDS_DATE},
    {"wysłano", QUOTEDWORDS_DATE},
    {"wysłane", QUOTEDWORDS_DATE},
    {"odesláno", QUOTEDWORDS_DATE},
    {"отправлено", QUOTEDWORDS_DATE},
    {"дата", QUOTEDWORDS_DATE},
    {"надіслано", QUOTEDWORDS_DATE},
    {"küldve", QUOTEDWORDS_DATE},
    {"elküldve", QUOTEDWORDS_DATE},
    {"dátum", QUOTEDWORDS_DATE},
    {"trimis", QUOTEDWORDS_DATE},
    {"gönderildi", QUOTEDWORDS_DATE},
    {"tarih", QUOTEDWORDS_DATE},
    {"ημερομηνία", QUOTEDWORDS_DATE},
    {"στάλθηκε", QUOTEDWORDS_DATE},
    {"送信日時", QUOTEDWORDS_DATE},
    {"日付", QUOTEDWORDS_DATE},
    {"日時", QUOTEDWORDS_DATE},
    {"发送时间", QUOTEDWORDS_DATE},
    {"日期", QUOTEDWORDS_DATE},
    {"寄件日期", QUOTEDWORDS_DATE},
    {"보낸 날짜", QUOTEDWORDS_DATE},
    {"날짜", QUOTEDWORDS_DATE},

    {"to", QUOTEDWORDS_TO},
    {"an", QUOTEDWORDS_TO},
    {"à", QUOTEDWORDS_TO},
    {"a", QUOTEDWORDS_TO},
    {"destinataire", QUOTEDWORDS_TO},
    {"para", QUOTEDWORDS_TO},
    {"aan", QUOTEDWORDS_TO},
    {"till", QUOTEDWORDS_TO},
    {"til", QUOTEDWORDS_TO},
    {"vastaanottaja", QUOTEDWORDS_TO},
    {"do", QUOTEDWORDS_TO},
    {"komu", QUOTEDWORDS_TO},
    {"кому", QUOTEDWORDS_TO},
    {"címzett", QUOTEDWORDS_TO},
    {"către", QUOTEDWORDS_TO},
    {"kime", QUOTEDWORDS_TO},
    {"alıcı", QUOTEDWORDS_TO},
    {"προς", QUOTEDWORDS_TO},
    {"宛先", QUOTEDWORDS_TO},
    {"收件人", QUOTEDWORDS_TO},
    {"收件者", QUOTEDWORDS_TO},
    {"받는 사람", QUOTEDWORDS_TO},
    {"받는사람", QUOTEDWORDS_TO},

    {"subject", QUOTEDWORDS_SUBJECT},
    {"betreff", QUOTEDWORDS_SUBJECT},
    {"objet", QUOTEDWORDS_SUBJECT},
    {"sujet", QUOTEDWORDS_SUBJECT},
    {"asunto", QUOTEDWORDS_SUBJECT},
    {"assunto", QUOTEDWORDS_SUBJECT},
    {"oggetto", QUOTEDWORDS_SUBJECT},
    {"onderwerp", QUOTEDWORDS_SUBJECT},
    {"ämne", QUOTEDWORDS_SUBJECT},
    {"emne", QUOTEDWORDS_SUBJECT},
    {"aihe", QUOTEDWORDS_SUBJECT},
    {"temat", QUOTEDWORDS_SUBJECT},
    {"předmět", QUOTEDWORDS_SUBJECT},
    {"predmet", QUOTEDWORDS_SUBJECT},
    {"тема", QUOTEDWORDS_SUBJECT},
    {"tárgy", QUOTEDWORDS_SUBJECT},
    {"subiect", QUOTEDWORDS_SUBJECT},
    {"konu", QUOTEDWORDS_SUBJECT},
    {"θέμα", QUOTEDWORDS_SUBJECT},
    {"件名", QUOTEDWORDS_SUBJECT},
    {"主题", QUOTEDWORDS_SUBJECT},
    {"主旨", QUOTEDWORDS_SUBJECT},
    {"제목", QUOTEDWORDS_SUBJECT},

    {"cc", QUOTEDWORDS_CC},
    {"bcc", QUOTEDWORDS_CC},
    {"kopie", QUOTEDWORDS_CC},
    {"kopia", QUOTEDWORDS_CC},
    {"kopi", QUOTEDWORDS_CC},
    {"kopio", QUOTEDWORDS_CC},
    {"копия", QUOTEDWORDS_CC},
    {"reply-to", QUOTEDWORDS_CC},
    {"importance", QUOTEDWORDS_CC},
    {"抄送", QUOTEDWORDS_CC},
    {"副本", QUOTEDWORDS_CC},
    {"참조", QUOTEDWORDS_CC},
};

static const char *const wrote[] = {
    "wrote",		   /* English */
    "schrieb",		   /* German */
    "a écrit",		   /* French */
    "écrit ", "escribió",  /* Spanish */
    "ha escrit",	   /* Catalan */
    "escreveu",		   /* Portuguese */
    "ha scritto",	   /* Italian */
    "schreef",		   /* Dutch */
    "geschreven", "skrev", /* Swedish, Danish, Norwegian */
    "kirjoitti",	   /* Finnish */
    "napisał",		   /* Polish */
    "napsal",		   /* Czech */
    "napísal",		   /* Slovak */
    "írta:",		   /* Hungarian */
    "a scris",		   /* Romanian */
    "yazdı",		   /* Turkish */
    "έγραψε",		   /* Greek */
    "написал",		   /* Russian */
    "пишет", "написав",	   /* Ukrainian */
    "пише", "написа",	   /* Bulgarian */
    "napisao",		   /* Croatian */
    "je napisal",	   /* Slovene */
    "rašė",		   /* Lithuanian */
    "kirjutas",		   /* Estonian */
    "さんは",		   /* Japanese */
    "書きました", "写道",  /* Chinese */
    "寫道", "작성",	   /* Korean */
    "viết",		   /* Vietnamese */
    "menulis",		   /* Indonesian */
    "כתב",		   /* Hebrew */
    "كتب",		   /* Arabic */
};

/* What stands before a date, and names of days as they are shortened. */
static const char *const date_words[] = {
    "on ",
    "am ",
    "le ",
    "el ",
    "il ",
    "em ",
    "op ",
    "den ",
    "på ",
    "w dniu",
    "dnia ",
    "dne ",
    "in data ",
    "a la(s)",
    "il giorno",
    "om ",
    "pada ",
    "vào ",
    "no dia",
    "στις ",
    "la data",
    "mon,",
    "tue,",
    "wed,",
    "thu,",
    "fri,",
    "sat,",
    "sun,",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mo., ",
    "di., ",
    "mi., ",
    "do., ",
    "fr., ",
    "sa., ",
    "so., ",
    "lun.",
    "mar.",
    "mer.",
    "jeu.",
    "ven.",
    "sam.",
    "dim.",
    "lun,",
    "mar,",
    "mié,",
    "mer,",
    "jue,",
    "vie,",
    "sáb,",
    "dom,",
    "seg.,",
    "ter.,",
    "qua.,",
    "qui.,",
    "sex.,",
    "sáb.,",
    "dom.,",
    "ma ",
    "ti ",
    "ke ",
    "to ",
    "pe ",
    "la ",
    "su ",
    "man. ",
    "tir. ",
    "ons. ",
    "tor. ",
    "fre. ",
    "lør. ",
    "søn. ",
    "pon.,",
    "wt.,",
    "śr.,",
    "czw.,",
    "pt.,",
    "sob.,",
    "niedz.,",
    "пн,",
    "вт,",
    "ср,",
    "чт,",
    "пт,",
    "сб,",
    "вс,",
    "понедельник",
    "вторник",
    "среда",
    "четверг",
    "пятница",
    "суббота",
    "воскресенье",
    "пн.",
    "вт.",
    "ср.",
    "чт.",
    "пт.",
    "сб.",
    "нд",
};

static const char *const originals[] = {
    "original message", "forwarded message", "originalnachricht",
    "original-nachricht", "ursprüngliche nachricht",
    "weitergeleitete nachricht", "message d'origine", "message original",
    "message d’origine", "message initial", "message transféré",
    "mensaje original", "mensaje reenviado", "missatge original",
    "messaggio originale", "messaggio inoltrato", "mensagem original",
    "mensagem encaminhada", "oorspronkelijk bericht", "doorgestuurd bericht",
    "originalmeddelande", "ursprungligt meddelande",
    "vidarebefordrat meddelande", "oprindelig meddelelse", "oprindelig besked",
    "videresendt meddelelse", "opprinnelig melding", "videresendt melding",
    "alkuperäinen viesti", "edelleenlähetetty viesti", "wiadomość oryginalna",
    "oryginalna wiadomość", "wiadomość przekazana", "původní zpráva",
    "přeposlaná zpráva", "pôvodná správa", "eredeti üzenet",
    "továbbított üzenet", "mesaj original", "orijinal mesaj", "özgün ileti",
    "αρχικό μήνυμα", "исходное сообщение", "оригинальное сообщение",
    "пересылаемое сообщение", "переадресованное сообщение",
    "оригінальне повідомлення", "元のメッセージ", "転送メッセージ", "原始邮件",
    "原始郵件", "转发邮件", "轉寄郵件", "원본 메시지", "원본 메일",
    " wrote --", /* Zoho: "---- On Wed, ... wrote ----" */
};

static const char *const forwards[] = {
    "begin forwarded message:",
    "anfang der weitergeleiteten nachricht:",
    "début du message réexpédié :",
    "début du message transféré :",
    "inicio del mensaje reenviado:",
    "início da mensagem encaminhada:",
    "inizio messaggio inoltrato:",
    "begin doorgestuurd bericht:",
    "vidarebefordrat brev:",
    "start på videresendt besked:",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct span drop_front(struct span text, const char *set)
{
	while (text.len > 0 && strchr(set, text.data[0]) != NULL) {
		text.data++;
		text.len--;
	}
	return text;
}

/* The name before the colon, without the stars that bold print leaves. */
static struct span field_name(struct span line)
{
	const char *colon;
	struct span name = drop_front(line, "* ");

	if (name.len > FIELD_NAME_MAX)
		name.len = FIELD_NAME_MAX;
	colon = name.len > 0 ? memchr(name.data, ':', name.len) : NULL;
	if (colon == NULL && name.len > 0)
		colon = memmem(name.data, name.len, "：", strlen("："));
	if (colon == NULL)
		return (struct span){line.data, 0};
	name.len = (size_t)(colon - name.data);
	while (name.len > 0 && strchr("* ", name.data[name.len - 1]) != NULL)
		name.len--;
	return name;
}

unsigned quotedwords_field(struct span line)
{
	struct span name = field_name(line);
	unsigned kind = 0;
	size_t i;

	if (name.len == 0)
		return 0;
	for (i = 0; i < COUNT(field_rows); i++)
		if (strlen(field_rows[i].name) == name.len &&
		    memcmp(field_rows[i].name, name.data, name.len) == 0)
			kind |= field_rows[i].kind;
	return kind;
}

static bool begins_one(struct span text, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (fold_begins(text, words[i]))
			return true;
	return false;
}

static bool holds_one(struct span text, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (fold_holds(text, words[i]))
			return true;
	return false;
}

bool quotedwords_says_wrote(struct span text)
{
	return holds_one(text, wrote, COUNT(wrote));
}

bool quotedwords_begins_date(struct span text)
{
	return begins_one(text, date_words, COUNT(date_words));
}

bool quotedwords_names_original(struct span text)
{
	return holds_one(text, originals, COUNT(originals));
}

bool quotedwords_begins_forward(struct span text)
{
	return begins_one(text, forwards, COUNT(forwards));
}
