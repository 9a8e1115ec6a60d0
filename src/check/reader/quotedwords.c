/*
 * quotedwords: tables, and the loops that walk them.
 */
#include "check/reader/quotedwords.h"

#include "check/reader/fold.h"

#include <stddef.h>
#include <string.h>

#define FIELD_NAME_MAX 40 /* bytes before the colon */

/* Names of fields, in small letters. */
static const char *const from_names[] = {"from", "von", "de", "expéditeur",
    "remitente", "da", "mittente", "van", "afzender", "från", "fra",
    "lähettäjä", "od", "odesílatel", "nadawca", "от", "від", "feladó", "de la",
    "kimden", "gönderen", "από", "差出人", "送信者", "发件人", "寄件者",
    "보낸 사람", "보낸사람", "absender", "de parte de", "remetente",
    "avsändare", "avsender", "afsender", "expeditor", "odosielateľ",
    "siuntėjas", "nuo", "saatja", "kellelt", "sūtītājs", "pošiljatelj", "šalje",
    "отправитель", "відправник", "подател", "изпраща", "αποστολέας", "מאת",
    "שולח", "من", "المرسل", "từ", "người gửi", "dari", "pengirim", "จาก", "ผู้ส่ง",
    "寄件人", "發件人", "发信人", "發信人", "寄信人", "送信元", "差出し人",
    "보낸이", "발신자", "발신인", "보내는 사람", "desde", "remitent", "frå",
    "gönderici", "emitent", "lähettänyt"};

static const char *const date_names[] = {"sent", "date", "gesendet", "datum",
    "envoyé", "message du", "envoyé le", "enviado", "enviado el", "enviado em",
    "enviada em", "fecha", "data", "inviato", "verzonden", "skickat", "sendt",
    "dato", "lähetetty", "päiväys", "päivämäärä", "wysłano", "wysłane",
    "odesláno", "отправлено", "дата", "надіслано", "küldve", "elküldve",
    "dátum", "trimis", "gönderildi", "tarih", "ημερομηνία", "στάλθηκε",
    "送信日時", "日付", "日時", "发送时间", "日期", "寄件日期", "보낸 날짜",
    "날짜", "sent at", "sent on", "date sent", "date et heure", "datum/tid",
    "skickat den", "datum och tid", "sendt den", "datum en tijd",
    "verzonden op", "lähetysaika", "päivä", "odoslané", "odoslaný",
    "dátum a čas", "datum a čas", "išsiųsta", "nosūtīts", "datums", "saadetud",
    "kuupäev", "poslano", "data wysłania", "wysłany", "wysłana",
    "дата отправки", "изпратено", "dată", "data trimiterii", "נשלח", "תאריך",
    "تاريخ", "التاريخ", "تاريخ الإرسال", "تم الإرسال", "ngày", "đã gửi", "gửi",
    "đã gửi vào", "tanggal", "terkirim", "dikirim", "วันที่", "ส่ง", "ส่งเมื่อ",
    "发送日期", "時間", "时间", "寄件時間", "傳送時間", "傳送日期", "發送時間",
    "发件时间", "送信日", "送信付日", "보낸날짜", "일시", "보낸 시간",
    "보낸시간", "gönderme tarihi", "gönderilme tarihi", "enviada el",
    "enviado a", "enviada", "fecha de envío", "fecha y hora", "data de envio",
    "data e hora", "data e ora", "inviata", "inviato il", "datum und uhrzeit",
    "gesendet am", "datum/uhrzeit", "απεσταλμένα", "εστάλη", "küldés dátuma",
    "enviat", "data i hora", "sendt dato", "tid"};

static const char *const to_names[] = {"to", "an", "à", "a", "destinataire",
    "para", "aan", "till", "til", "vastaanottaja", "do", "komu", "кому",
    "címzett", "către", "kime", "alıcı", "προς", "宛先", "收件人", "收件者",
    "받는 사람", "받는사람", "mottagare", "modtager", "mottaker", "empfänger",
    "destinatario", "destinatari", "destinatário", "destinatários",
    "destinataires", "destinatarios", "ontvanger", "odbiorca", "adresat",
    "adresaci", "příjemce", "príjemca", "kam", "gavėjas", "kellele", "saaja",
    "adresāts", "za", "prima", "primatelj", "prejemnik", "destinatar",
    "получатель", "получатели", "одержувач", "до", "получател", "παραλήπτης",
    "אל", "נמען", "إلى", "المستلم", "المرسل إليه", "đến", "tới", "người nhận",
    "kepada", "ke", "untuk", "penerima", "ถึง", "ผู้รับ", "送信先", "受信者",
    "받는이", "수신자", "수신인", "수신", "收信人", "收信者", "至", "per a",
    "címzettek", "mottakere", "vastaanottajat", "per"};

static const char *const subject_names[] = {"subject", "betreff", "objet",
    "sujet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne",
    "aihe", "temat", "předmět", "predmet", "тема", "tárgy", "subiect", "konu",
    "θέμα", "件名", "主题", "主旨", "제목", "otsikko", "asia", "ärende",
    "teema", "pealkiri", "tema", "temats", "naslov", "zadeva", "относно",
    "נושא", "الموضوع", "موضوع", "chủ đề", "tiêu đề", "subjek", "perihal",
    "judul", "เรื่อง", "หัวเรื่อง", "標題", "标题", "主題", "题目", "タイトル",
    "表題", "subiectul", "assumpte", "konusu"};

static const char *const cc_names[] = {"cc", "bcc", "kopie", "kopia", "kopi",
    "kopio", "копия", "reply-to", "importance", "抄送", "副本", "참조", "copie",
    "copie à", "copia", "cópia", "kopie an", "kopia do", "kopija", "копія",
    "másolat", "másolatot kap", "bilgi", "κοινοποίηση", "密件副本", "숨은참조",
    "숨은 참조", "antwort an", "antworten an", "répondre à", "responder a",
    "rispondi a", "beantwoorden", "odpowiedz do", "odpovědět", "ответить",
    "返信先", "回复", "回覆", "답장", "reply to", "wichtigkeit", "priorität",
    "priority", "importancia", "prioridad", "anlagen", "attachments",
    "pièces jointes", "adjuntos", "vedhæftede filer", "bilagor", "bijlagen",
    "załączniki", "вложения", "附件", "添付ファイル", "첨부", "cci", "cco",
    "ccn", "organization", "message-id", "in-reply-to", "references",
    "mailed-by", "list-id"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct field_kind {
	unsigned kind;
	size_t n;
	const char *const *names;
} field_kinds[] = {
    {QUOTEDWORDS_FROM, COUNT(from_names), from_names},
    {QUOTEDWORDS_DATE, COUNT(date_names), date_names},
    {QUOTEDWORDS_TO, COUNT(to_names), to_names},
    {QUOTEDWORDS_SUBJECT, COUNT(subject_names), subject_names},
    {QUOTEDWORDS_CC, COUNT(cc_names), cc_names},
};

static const char *const wrote[] = {
    "wrote",   /* English */
    "schrieb", /* German */
    "a écrit", /* French */
    "écrit ",
    "escribió",	  /* Spanish */
    "ha escrit",  /* Catalan */
    "escreveu",	  /* Portuguese */
    "ha scritto", /* Italian */
    "schreef",	  /* Dutch */
    "geschreven",
    "skrev",	 /* Swedish, Danish, Norwegian */
    "kirjoitti", /* Finnish */
    "napisał",	 /* Polish */
    "napsal",	 /* Czech */
    "napísal",	 /* Slovak */
    "írta:",	 /* Hungarian */
    "a scris",	 /* Romanian */
    "yazdı",	 /* Turkish */
    "έγραψε",	 /* Greek */
    "написал",	 /* Russian */
    "пишет",
    "написав", /* Ukrainian */
    "пише",
    "написа",	  /* Bulgarian */
    "napisao",	  /* Croatian */
    "je napisal", /* Slovene */
    "rašė",	  /* Lithuanian */
    "kirjutas",	  /* Estonian */
    "さんは",	  /* Japanese */
    "書きました",
    "写道", /* Chinese */
    "寫道",
    "작성",    /* Korean */
    "viết",    /* Vietnamese */
    "menulis", /* Indonesian */
    "כתב",     /* Hebrew */
    "كتب",     /* Arabic */
    /* the present tense, and others */
    "writes",
    "quoting ",
    "schreibt",
    "zitat von ",
    "écrivait",
    "écrit :",
    "escribe",
    "ha escrito",
    "citando ",
    "scrive",
    "scrisse",
    "escreve",
    "schrijft",
    "skriver",
    "kirjoittaa",
    "pisze",
    "píše",
    "írja",
    "scrie",
    "yazmış",
    "γράφει",
    "пишете",
    "писал",
    "пишуть",
    "rakstīja",
    "rašo",
    "kirjutab",
    "napisala",
    "pravi",
    "wrote:",
    "đã viết",
    "เขียน",
    "が書きました",
    "のメール",
    "が送信",
    "wrote：",
    "님이 작성",
    "님이 보낸",
    "写到",
    "來信",
    "来信",
    "מאת",
    "כתבה",
    "كتبت",
};

/* What stands before a date, and names of days as they are shortened. */
static const char *const date_words[] = {"on ", "am ", "le ", "el ", "il ",
    "em ", "op ", "den ", "på ", "w dniu", "dnia ", "dne ", "in data ",
    "a la(s)", "il giorno", "om ", "pada ", "vào ", "no dia", "στις ",
    "la data", "mon,", "tue,", "wed,", "thu,", "fri,", "sat,", "sun,", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mo., ",
    "di., ", "mi., ", "do., ", "fr., ", "sa., ", "so., ", "lun.", "mar.",
    "mer.", "jeu.", "ven.", "sam.", "dim.", "lun,", "mar,", "mié,", "mer,",
    "jue,", "vie,", "sáb,", "dom,", "seg.,", "ter.,", "qua.,", "qui.,", "sex.,",
    "sáb.,", "dom.,", "ma ", "ti ", "ke ", "to ", "pe ", "la ", "su ", "man. ",
    "tir. ", "ons. ", "tor. ", "fre. ", "lør. ", "søn. ", "pon.,", "wt.,",
    "śr.,", "czw.,", "pt.,", "sob.,", "niedz.,", "пн,", "вт,", "ср,", "чт,",
    "пт,", "сб,", "вс,", "понедельник", "вторник", "среда", "четверг",
    "пятница", "суббота", "воскресенье", "пн.", "вт.", "ср.", "чт.", "пт.",
    "сб.", "нд", "le.", "lör", "mån", "tis", "ons", "tors", "fre ", "sön",
    "ma.", "ti.", "on.", "to.", "fr.", "lø.", "sø.", "dne", "dana ", "dňa ",
    "pondělí", "úterý", "středa", "čtvrtek", "pátek", "sobota", "neděle", "po ",
    "út ", "st ", "čt ", "pá ", "so ", "ne ", "pe data", "în ", "în data",
    "pada tanggal", "เมื่อ ", "ในวัน", "في ", "بتاريخ", "בתאריך", "ב-", "ביום",
    "на ", "у ", "в ", "dňa", "dana", "u ", "v ", "kuupäeval", "op ma", "op di",
    "op wo", "op do", "op vr", "op za", "op zo", "zo ", "di ", "wo ", "do ",
    "vr ", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag",
    "sonntag", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
    "dimanche", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado",
    "domingo", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì",
    "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag",
    "zondag", "segunda", "terça", "quarta", "quinta", "sexta", "poniedziałek",
    "wtorek", "środa", "piątek", "pazartesi", "salı", "çarşamba", "perşembe",
    "cuma", "a les ", "el dia ", "em qua", "quoting ", "zitat von ", "citando ",
    "dnia", "dated ", "feb ", "mar ", "apr ", "may ", "jun ", "jul ", "aug ",
    "sep ", "oct ", "nov ", "dec ", "hétf", "kedd", "szerda", "csütörtök",
    "péntek", "szombat", "vasárnap", "дана", "дня "};

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
    "---- On Wed, ... wrote ----", "original email", "original mail",
    "original appointment", "reply message", "replied message", "forwarded by",
    "message transmis", "message précédent", "correo original",
    "mensaje anterior", "e-mail original", "mail original",
    "messaggio di origine", "origineel bericht", "oorspronkelijke bericht",
    "ursprüngliche mail", "original-mail", "ursprungligt", "originalbesked",
    "opprinnelig e-post", "alkuperäinen", "původní e-mail", "původní email",
    "pôvodný e-mail", "eredeti levél", "mesajul original", "mesaj inițial",
    "orijinal ileti", "özgün mesaj", "αρχικό", "исходное письмо",
    "пересланное сообщение", "начало переадресованного", "оригинално съобщение",
    "пренасочено съобщение", "izvorna poruka", "originalna poruka",
    "izvirno sporočilo", "originaalsõnum", "sākotnējais ziņojums",
    "originalus laiškas", "pradinis laiškas", "thư gốc", "tin nhắn gốc",
    "pesan asli", "ข้อความต้นฉบับ", "ข้อความเดิม", "元のメール",
    "オリジナルメッセージ", "转发的邮件", "转发邮件信息", "原邮件", "原始信件",
    "原文", "回复的原邮件", "original ---", "전달된 메시지", "원본 메세지",
    "הודעה מקורית", "הודעה שהועברה", "الرسالة الأصلية", "رسالة أصلية",
    "رسالة معاد توجيهها", " wrote --", /* Zoho */
};

static const char *const forwards[] = {"begin forwarded message:",
    "anfang der weitergeleiteten nachricht:", "début du message réexpédié :",
    "début du message transféré :", "inicio del mensaje reenviado:",
    "início da mensagem encaminhada:", "inizio messaggio inoltrato:",
    "begin doorgestuurd bericht:", "vidarebefordrat brev:",
    "start på videresendt besked:", "inoltrato messaggio:",
    "inicio del mensaje transferido:", "início da mensagem reencaminhada:",
    "start på videresendt e-post:", "videresendt melding:",
    "välitetty viesti alkaa:", "edelleenlähetetty viesti:",
    "początek przekazywanej wiadomości:", "začátek přeposílané zprávy:",
    "začiatok preposielanej správy:", "továbbított levél kezdete:",
    "iletilen ileti başlangıcı:", "начало переадресованного сообщения:",
    "початок переадресованого листа:", "αρχή προωθημένου μηνύματος:",
    "転送されたメッセージ:", "以下是转发的邮件:", "以下為轉寄的郵件:",
    "开始转发邮件：", "下面是被转发的邮件：", "開始轉寄郵件：",
    "전달된 메시지:", "메시지 전달:", "bắt đầu tin nhắn được chuyển tiếp:",
    "mulai pesan yang diteruskan:", "début du message réexpédié:",
    "начало на препратено съобщение:", "počátek přeposlané zprávy:",
    "תחילת ההודעה שהועברה:", "بداية الرسالة المحولة:"};

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

static bool is_one(struct span name, const struct field_kind *kind)
{
	for (size_t i = 0; i < kind->n; i++)
		if (strlen(kind->names[i]) == name.len &&
		    memcmp(kind->names[i], name.data, name.len) == 0)
			return true;
	return false;
}

unsigned quotedwords_field(struct span line)
{
	struct span name = field_name(line);
	unsigned kinds = 0;

	for (size_t i = 0; name.len > 0 && i < COUNT(field_kinds); i++)
		if (is_one(name, &field_kinds[i]))
			kinds |= field_kinds[i].kind;
	return kinds;
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

/* A verb at the very end; blanks and colons of the table do not count. */
bool quotedwords_ends_wrote(struct span text)
{
	for (size_t i = 0; i < COUNT(wrote); i++) {
		struct span word = {wrote[i], strlen(wrote[i])};

		while (strchr(" :", word.data[word.len - 1]) != NULL)
			word.len--;
		if (text.len >= word.len &&
		    memcmp(text.data + text.len - word.len, word.data,
			word.len) == 0)
			return true;
	}
	return false;
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
