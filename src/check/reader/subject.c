/*
 * subject: the table of beginnings, and the loop that walks it.  A match is
 * never proof: a person may well write so.
 */
#include "check/reader/subject.h"

#include "check/reader/fold.h"

#include <stddef.h>
#include <string.h>

#define SUBJECT_LOOK 512 /* bytes of a subject that are looked at */

static const char absent[] = "its subject is that of a vacation note";
static const char bounced[] = "its subject is that of a bounce";
static const char receipt[] = "its subject is that of a receipt";
static const char calendar[] = "its subject is that of a calendar";
static const char ticket[] = "its subject is that of a ticket system";

/* In small letters; each is a beginning. */
static const struct row {
	const char *begins;
	const char *why;
} rows[] = {
    /* English */
    {"auto:", absent},
    {"automatic reply", absent},
    {"automatic response", absent},
    {"automated reply", absent},
    {"automated response", absent},
    {"auto reply", absent},
    {"auto-reply", absent},
    {"autoreply", absent},
    {"auto response", absent},
    {"auto-response", absent},
    {"autorespon", absent},
    {"auto-respon", absent},
    {"out of office", absent},
    {"out of the office", absent},
    {"out-of-office", absent},
    {"ooo:", absent},
    {"ooo ", absent},
    {"away from", absent},
    {"away until", absent},
    {"on vacation", absent},
    {"vacation", absent},
    {"on leave", absent},
    {"annual leave", absent},
    {"on holiday", absent},
    {"i am away", absent},
    {"i am out of", absent},
    {"i'm out of", absent},
    /* German */
    {"automatische antwort", absent},
    {"autom. antwort", absent},
    {"automatische rückantwort", absent},
    {"abwesenheit", absent},
    {"abwesend", absent},
    {"außer haus", absent},
    {"nicht im büro", absent},
    {"ich bin im urlaub", absent},
    {"urlaub", absent},
    /* French */
    {"réponse automatique", absent},
    {"reponse automatique", absent},
    {"absence", absent},
    {"absent du bureau", absent},
    {"message d'absence", absent},
    {"en congé", absent},
    {"hors du bureau", absent},
    /* Spanish, Catalan */
    {"respuesta automática", absent},
    {"respuesta automatica", absent},
    {"fuera de la oficina", absent},
    {"fuera de oficina", absent},
    {"ausente", absent},
    {"ausencia", absent},
    {"de vacaciones", absent},
    {"resposta automàtica", absent},
    /* Portuguese */
    {"resposta automática", absent},
    {"resposta automatica", absent},
    {"fora do escritório", absent},
    {"ausência", absent},
    {"de férias", absent},
    /* Italian */
    {"risposta automatica", absent},
    {"risposta non al computer", absent},
    {"fuori sede", absent},
    {"fuori ufficio", absent},
    {"assente", absent},
    {"assenza", absent},
    /* Dutch */
    {"automatisch antwoord", absent},
    {"automatische beantwoording", absent},
    {"afwezig", absent},
    {"niet aanwezig", absent},
    {"niet op kantoor", absent},
    /* Swedish, Danish, Norwegian */
    {"autosvar", absent},
    {"automatiskt svar", absent},
    {"automatisk svar", absent},
    {"frånvar", absent},
    {"ej på kontoret", absent},
    {"ikke på kontoret", absent},
    {"ikke til stede", absent},
    {"ikke tilstede", absent},
    {"fravær", absent},
    {"ikke til stede", absent},
    /* Finnish, Estonian, Latvian, Lithuanian */
    {"automaattinen vastaus", absent},
    {"poissa", absent},
    {"automaatvastus", absent},
    {"automātiskā atbilde", absent},
    {"automatinis atsakymas", absent},
    /* Polish, Czech, Slovak */
    {"automatyczna odpowiedź", absent},
    {"odpowiedź automatyczna", absent},
    {"autoodpowiedź", absent},
    {"poza biurem", absent},
    {"nieobecn", absent},
    {"automatická odpověď", absent},
    {"automatická odpoveď", absent},
    {"mimo kancelář", absent},
    {"nepřítom", absent},
    {"neprítom", absent},
    /* Hungarian, Romanian, Croatian, Turkish, Greek */
    {"automatikus válasz", absent},
    {"házon kívül", absent},
    {"távollét", absent},
    {"răspuns automat", absent},
    {"automatski odgovor", absent},
    {"izvan ureda", absent},
    {"otomatik yanıt", absent},
    {"otomatik cevap", absent},
    {"ofis dışı", absent},
    {"αυτόματη απάντηση", absent},
    {"εκτός γραφείου", absent},
    /* Russian, Ukrainian, Bulgarian */
    {"автоответ", absent},
    {"автоматический ответ", absent},
    {"нет на месте", absent},
    {"вне офиса", absent},
    {"отсутств", absent},
    {"автоматична відповідь", absent},
    {"автовідповідь", absent},
    {"автоматичен отговор", absent},
    {"извън офиса", absent},
    /* Japanese, Chinese, Korean, Vietnamese, Indonesian, Thai */
    {"自動応答", absent},
    {"自動返信", absent},
    {"不在", absent},
    {"自动答复", absent},
    {"自动回复", absent},
    {"自動回覆", absent},
    {"自動回應", absent},
    {"不在办公室", absent},
    {"外出", absent},
    {"자동 회신", absent},
    {"자동 응답", absent},
    {"자동회신", absent},
    {"부재중", absent},
    {"부재 중", absent},
    {"trả lời tự động", absent},
    {"balasan otomatis", absent},
    {"ตอบกลับอัตโนมัติ", absent},
    {"स्वचालित उत्तर", absent},
    {"स्वतः उत्तर", absent},
    /* Serbian, Slovenian */
    {"аутоматски одговор", absent},
    {"samodejni odgovor", absent},
    {"odsoten", absent},
    {"odsotna", absent},
    /* Hebrew, Arabic, Persian */
    {"پاسخ خودکار", absent},
    {"תשובה אוטומטית", absent},
    {"מענה אוטומטי", absent},
    {"מחוץ למשרד", absent},
    {"رد تلقائي", absent},
    {"الرد التلقائي", absent},
    {"خارج المكتب", absent},

    {"undeliver", bounced},
    {"undelivered", bounced},
    {"non delivery", bounced},
    {"non-delivery", bounced},
    {"nondeliver", bounced},
    {"delivery status", bounced},
    {"delivery fail", bounced},
    {"delivery report", bounced},
    {"delivery notification", bounced},
    {"delivery delayed", bounced},
    {"delayed mail", bounced},
    {"mail delivery", bounced},
    {"mail system error", bounced},
    {"mail failure", bounced},
    {"mail could not be", bounced},
    {"message delivery", bounced},
    {"message undeliverable", bounced},
    {"message status", bounced},
    {"returned mail", bounced},
    {"failure notice", bounced},
    {"failed mail", bounced},
    {"warning: could not send", bounced},
    {"warning: message", bounced},
    {"unzustellbar", bounced},
    {"nicht zustellbar", bounced},
    {"non remis", bounced},
    {"no se puede entregar", bounced},
    {"недоставлен", bounced},
    {"не доставлен", bounced},

    {"read:", receipt},
    {"not read:", receipt},
    {"read receipt", receipt},
    {"return receipt", receipt},
    {"receipt notification", receipt},
    {"disposition notification", receipt},
    {"gelesen:", receipt},
    {"ungelesen:", receipt},
    {"nicht gelesen:", receipt},
    {"lesebestätigung", receipt},
    {"empfangsbestätigung", receipt},
    {"lu:", receipt},
    {"lu :", receipt},
    {"non lu", receipt},
    {"accusé de réception", receipt},
    {"accusé de lecture", receipt},
    {"leído:", receipt},
    {"leida:", receipt},
    {"leída:", receipt},
    {"lida:", receipt},
    {"letto:", receipt},
    {"gelezen:", receipt},
    {"läst:", receipt},
    {"læst:", receipt},
    {"lest:", receipt},
    {"przeczytano:", receipt},
    {"прочитано:", receipt},
    {"開封済み:", receipt},
    {"已读", receipt},
    {"已讀", receipt},

    {"accepted:", calendar},
    {"declined:", calendar},
    {"tentative:", calendar},
    {"tentatively accepted:", calendar},
    {"canceled:", calendar},
    {"cancelled:", calendar},
    {"invitation:", calendar},
    {"updated invitation:", calendar},
    {"zugesagt:", calendar},
    {"abgelehnt:", calendar},
    {"abgesagt:", calendar},
    {"mit vorbehalt", calendar},
    {"accepté", calendar},
    {"refusé", calendar},
    {"aceptad", calendar},
    {"rechazad", calendar},
    {"accettat", calendar},
    {"rifiutat", calendar},
    {"geaccepteerd", calendar},
    {"geweigerd", calendar},
    {"accepterat", calendar},
    {"принято:", calendar},
    {"отклонено:", calendar},

    {"ticket", ticket},
    {"jira]", ticket},
    {"request received", ticket},
    {"case #", ticket},
    {"we received your", ticket},
    {"we have received your", ticket},
    {"we've received your", ticket},
    {"your request has been", ticket},
    {"your ticket", ticket},
    {"ticket received", ticket},
    {"thank you for contacting", ticket},
    {"thank you for your message", ticket},
    {"please confirm your message", ticket},
    {"eingangsbestätigung", ticket},
};

/* Brackets and stars in which such a mark is often set. */
static struct span without_frame(struct span text)
{
	static const char *const frames[] = {
	    "[", "(", "*", "\"", "<", " ", "【", "「", "（"};
	size_t i = 0;

	while (i < sizeof(frames) / sizeof(frames[0])) {
		if (fold_begins(text, frames[i])) {
			text.data += strlen(frames[i]);
			text.len -= strlen(frames[i]);
			i = 0;
		} else {
			i++;
		}
	}
	return text;
}

const char *subject_hint(const char *subject)
{
	struct span text = {subject, strlen(subject)};
	const char *why = NULL;
	struct buf small;
	size_t i;

	if (text.len > SUBJECT_LOOK)
		text.len = SUBJECT_LOOK;
	buf_init(&small, 2 * SUBJECT_LOOK);
	fold_add(&small, text);
	text = without_frame(buf_span(&small));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && why == NULL; i++)
		if (fold_begins(text, rows[i].begins))
			why = rows[i].why;
	buf_release(&small);
	return why;
}
