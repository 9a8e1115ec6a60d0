"""Automatic mail as programs of forty languages write it, without any of the
fields that tell so: it decides nothing and is not answered."""

import sys
from contextlib import closing
from email.header import Header

import clients
import harness
from harness import REVIEWER, Daemon, draft, plain

# (subject, text); {s} is the notice's
MAILS = (
    ("Automatic reply: {s}",
     "Thank you for your email. I am out of the office until Monday, 30 "
     "November, with limited access to email. For urgent matters please "
     "contact Bob."),
    ("Out of Office Re: {s}",
     "Hi,\n\nI'm on annual leave and back on 1 December.\n\nAnna"),
    ("Automatische Antwort: {s}",
     "Sehr geehrte Damen und Herren,\n\nich bin bis zum 30.11. nicht im "
     "Büro. Ihre E-Mail wird nicht weitergeleitet."),
    ("Abwesenheitsnotiz: {s}",
     "Vielen Dank für Ihre Nachricht. Ich befinde mich bis einschließlich "
     "4.12. im Urlaub und kann Ihre Mail nicht lesen."),
    ("Réponse automatique : {s}",
     "Bonjour,\n\nJe suis absent du bureau jusqu'au 30 novembre."),
    ("Absence du bureau Re: {s}",
     "Je suis actuellement en congés et de retour le 2 décembre."),
    ("Respuesta automática: {s}",
     "Hola, estaré fuera de la oficina hasta el lunes."),
    ("Fuera de la oficina: {s}",
     "Gracias por su mensaje. Me encuentro de vacaciones sin acceso al "
     "correo."),
    ("Risposta automatica: {s}",
     "Sono fuori ufficio fino al 30 novembre. In caso di urgenza "
     "contattare Bob."),
    ("Resposta automática: {s}",
     "Obrigado pelo seu e-mail. Estou de férias até dia 30."),
    ("Automatisch antwoord: {s}",
     "Ik ben momenteel afwezig tot 30 november."),
    ("Autosvar: {s}",
     "Jag är på semester till den 30 november."),
    ("Automatisk svar: {s}",
     "Jeg er på ferie indtil den 30. november."),
    ("Automatisk svar: {s}",
     "Jeg er ute av kontoret til 30. november."),
    ("Automaattinen vastaus: {s}",
     "Olen lomalla 30.11. asti."),
    ("Automatyczna odpowiedź: {s}",
     "Dzień dobry, przebywam na urlopie do 30 listopada."),
    ("Automatická odpověď: {s}",
     "Dobrý den, do 30. 11. čerpám dovolenou."),
    ("Automatická odpoveď: {s}",
     "Dobrý deň, do 30. 11. čerpám dovolenku."),
    ("Automatikus válasz: {s}",
     "Szabadságon vagyok november 30-ig."),
    ("Răspuns automat: {s}",
     "Bună ziua, sunt în concediu până la 30 noiembrie."),
    ("Otomatik yanıt: {s}",
     "Merhaba, 30 Kasım'a kadar izindeyim."),
    ("Αυτόματη απάντηση: {s}",
     "Βρίσκομαι σε άδεια έως τις 30 Νοεμβρίου."),
    ("Автоматический ответ: {s}",
     "Здравствуйте! Я нахожусь в отпуске до 30 ноября."),
    ("Автоматична відповідь: {s}",
     "Доброго дня! Я у відпустці до 30 листопада."),
    ("Автоматичен отговор: {s}",
     "Здравейте, в отпуск съм до 30 ноември."),
    ("Automatski odgovor: {s}",
     "Na godišnjem odmoru sam do 30. studenoga."),
    ("Samodejni odgovor: {s}",
     "Do 30. novembra sem na dopustu."),
    ("Automaatvastus: {s}",
     "Olen puhkusel kuni 30. novembrini."),
    ("Automatinis atsakymas: {s}",
     "Iki lapkričio 30 d. esu atostogose."),
    ("Automātiskā atbilde: {s}",
     "Līdz 30. novembrim atrodos atvaļinājumā."),
    ("自動応答: {s}",
     "お世話になっております。11月30日まで休暇をいただいております。"),
    ("【自動返信】{s}",
     "このメールは自動送信です。"),
    ("自动答复: {s}",
     "您好，我目前不在办公室，11月30日回来。"),
    ("自動回覆: {s}",
     "您好，我目前休假中。"),
    ("자동 회신: {s}",
     "안녕하세요. 11월 30일까지 휴가 중입니다."),
    ("Trả lời tự động: {s}",
     "Tôi đang nghỉ phép đến ngày 30/11."),
    ("Balasan otomatis: {s}",
     "Saya sedang cuti sampai 30 November."),
    ("ตอบกลับอัตโนมัติ: {s}",
     "ขณะนี้ไม่อยู่ที่สำนักงาน"),
    ("מענה אוטומטי: {s}",
     "שלום, אני בחופשה עד 30 בנובמבר."),
    ("رد تلقائي: {s}",
     "أنا خارج المكتب حتى 30 نوفمبر."),
    ("پاسخ خودکار: {s}",
     "تا ۳۰ نوامبر خارج از دفتر هستم."),
    ("स्वचालित उत्तर: {s}",
     "मैं 30 नवंबर तक कार्यालय से बाहर हूँ।"),
    ("Resposta automàtica: {s}",
     "Soc fora de l'oficina fins dilluns."),
    ("Аутоматски одговор: {s}",
     "На годишњем одмору сам до 30. новембра."),
    ("[Ticket #4711] Re: {s}",
     "Your request has been received. Your ticket reference number is "
     "4711."),
    ("[#12345] We received your request - {s}",
     "Hi Imprimatur, thanks for reaching out! Our support team will "
     "respond within 24 hours."),
    ("[Request received] {s}",
     "##- Please type your reply above this line -##\n\nYour request "
     "(4711) has been received and is being reviewed by our support staff."),
    ("[JIRA] (SUP-12) {s}",
     "Just confirming that we got your request. We're on it."),
    ("[Ticket#2026] {s}",
     "Ihre Anfrage ist bei uns eingegangen und wird unter der Nummer 2026 "
     "bearbeitet."),
    ("[Ticket 55] {s}",
     "Nous avons bien reçu votre demande."),
    ("[rt.example #4711] AutoReply: {s}",
     "Greetings,\n\nThis message has been automatically generated in "
     "response to the creation of a trouble ticket"),
    ("Read: {s}",
     "Your message\n\n   To: Anna\n   Subject: x\n   Sent: "
     "Saturday\n\nwas read on Saturday"),
    ("Gelesen: {s}",
     "Ihre Nachricht\n\n   An: Anna\n\nwurde gelesen am Samstag"),
    ("Lu : {s}",
     "Votre message a été lu le samedi"),
    ("Not read: {s}",
     "Your message\n\nwas deleted without being read on Saturday"),
    ("Leído: {s}",
     "Su mensaje fue leído el sábado"),
    ("Accepted: {s}",
     "Anna has accepted this invitation."),
    ("Declined: {s}",
     "Anna has declined this invitation."),
    ("Zugesagt: {s}",
     "Anna hat diese Einladung angenommen."),
    ("Re: {s}",
     "Please confirm that you are human: click the link below to confirm. "
     "Your message is being held until then."),
    ("[Action required] {s}",
     "I'm protecting myself from receiving junk mail. Just this once, "
     "click the link so I can receive your emails. Boxbe / SpamArrest"),
    ("Re: {s}",
     "Anna no longer works at this company. Please contact Bob."),
    ("Re: {s}",
     "Frau Reviewer ist nicht mehr im Unternehmen tätig. Diese E-Mail "
     "wurde automatisch erstellt."),
    ("Undeliverable: {s}",
     "Your message did not reach some or all of the intended recipients."),
    ("Re: {s}",
     "The mailbox is full. Your message was not delivered."),
    ("Unzustellbar: {s}",
     "Ihre Nachricht konnte nicht zugestellt werden."),
    ("配信不能: {s}",
     "メールを配信できませんでした。"),
    ("Недоставлено: {s}",
     "Сообщение не удалось доставить получателю."),
    ("Re: {s}",
     "I am currently out of the office. This is an automated response."),
    ("Re: {s}",
     "Bonjour, je suis en vacances. Ceci est une réponse automatique."),
)
DRESSES = ("plain", "quoted", "bare", "html", "marked", "planted")


def automatic(notice, subject, text, dress):
    a = clients.Answer(notice)
    subject = Header(subject.format(s=str(notice["Subject"])), "utf-8",
                     maxlinelen=900).encode()
    a.fields = [(k, subject if k == "Subject" else v) for k, v in a.fields]
    kind = "text/plain"
    if dress == "quoted":
        text += "\n\nOn Sat Imprimatur wrote:\n" + clients.quoted(notice)
    elif dress == "bare":
        text += "\n\n" + plain(notice)
    elif dress == "html":
        kind = "text/html"
        text = "<p>" + text.replace("\n", "<br>") + "</p>" \
            + clients.html_of(notice)
    elif dress == "marked":
        a.add(Auto_Submitted="auto-replied")
    elif dress == "planted":
        text = "approve\n\n" + text
    return a.bytes(clients.leaf(text, kind, "base64"))


def test_automatic_mail_of_many_languages(folder):
    with closing(Daemon(folder, review="help_every = 0;")) as d:
        d.start()
        number, _ = d.held(draft("approve\n"))
        notice = d.inbox.message()
        to = notice["Reply-To"].addresses[0].addr_spec
        with d.smtp(login=False) as client:
            client.ehlo()
            for dress in DRESSES:
                if dress == "planted":  # it may be asked about, no more
                    assert d.inbox.fresh() == []
                for subject, text in MAILS:
                    client.mail(REVIEWER)
                    client.rcpt(to)
                    raw = automatic(notice, subject, text, dress)
                    code, said = client.data(raw)
                    assert code == 250, said
                    log = d.log()
                    assert " answered draft=" not in log, (dress, subject)
                    assert dress == "planted" or (
                        "help-" not in log and "maybe-" not in log), \
                        (dress, subject)
        view = d.json("show", number)
        assert view["state"] == "held" and view["decisions"] == []
        print(f"# {len(MAILS) * len(DRESSES)} automatic mails, 0 decisions")
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
