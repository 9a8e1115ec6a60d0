"""Ordinary business mail as mail programs and senders of newsletters write it,
for test_spoof: none of it may be taken for deceptive.  Each mail is written by
hand, none is from anybody's mailbox.
"""

import base64
import quopri

FROM = "hello@corp.example"
MAILS = []  # name, bytes, recipients


def add(name, text, to=("anna@customer.example",), **fields):
    head = {"From": f"Maria Schmidt <{FROM}>", "To": ", ".join(to),
            "Subject": name, "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
            "Message-ID": f"<{len(MAILS)}.usual@corp.example>",
            "MIME-Version": "1.0"}
    head.update({k.replace("_", "-"): v for k, v in fields.items()})
    top = "".join(f"{k}: {v}\n" for k, v in head.items())
    raw = (top.encode() + text).replace(b"\n", b"\r\n")
    import re
    rcpts = re.findall(r"[\w.+-]+@[\w.-]+", head["To"]
                       + " " + head.get("Cc", ""))
    MAILS.append((name, raw, tuple(rcpts)))


def leaf(kind, text, how="qp"):
    data = text.encode()
    if how == "qp":
        data = quopri.encodestring(data)
        how = "quoted-printable"
    elif how == "base64":
        data = base64.encodebytes(data)
    return (f"Content-Type: {kind}; charset=utf-8\n"
            f"Content-Transfer-Encoding: {how}\n\n").encode() + data


def multi(kind, *parts, boundary="=_b0"):
    out = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    for p in parts:
        out += f"--{boundary}\n".encode() + p + b"\n"
    return out + f"--{boundary}--\n".encode()


def two(text, page, how="qp"):
    return multi("alternative", leaf("text/plain", text, how),
                 leaf("text/html", page, how))


# ---- Gmail ----------------------------------------------------------------

def gmail(name, text, page, **fields):
    add(name, two(text, f'<div dir="ltr">{page}</div>\n'), **fields)


gmail("Re: Samples", """Hi Anna,

thanks for the call. The samples (*three* of each colour) go out tomorrow,
see our size chart <https://corp.example/sizes>.

Best,
Maria

On Fri, Nov 20, 2026 at 4:12 PM Anna Berg <anna@customer.example> wrote:

> Could you send us samples?
> Anna
""", """Hi Anna,<div><br></div><div>thanks for the call. The samples (<b>three</b>
 of each colour) go out tomorrow, see our <a href="https://corp.example/sizes">
size chart</a>.</div><div><br></div><div>Best,</div><div>Maria</div></div><br>
<div class="gmail_quote gmail_quote_container"><div dir="ltr" class=
"gmail_attr">On Fri, Nov 20, 2026 at 4:12 PM Anna Berg &lt;<a href="mailto:\
anna@customer.example">anna@customer.example</a>&gt; wrote:<br></div><blockquote
 class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid
 rgb(204,204,204);padding-left:1ex">Could you send us samples?<br>Anna
</blockquote></div>""")
gmail("Angebot 2026-118", """Guten Tag Frau Berg,

unser Angebot lautet über 4.250,00 € netto, gültig bis 15.12.2026. Die
Lieferzeit beträgt 10 Werktage ab Auftrag. Ein Skonto gewähren wir nicht.

Mit freundlichen Grüßen
Maria Schmidt
--
Corp Example GmbH · Hohe Straße 12 · 50667 Köln
Tel. +49 221 123456 · www.corp.example
""", """Guten Tag Frau Berg,<div><br></div><div>unser Angebot lautet über <b>4.250,00
€</b> netto, gültig bis 15.12.2026. Die Lieferzeit beträgt 10 Werktage ab
Auftrag. Ein Skonto gewähren wir nicht.</div><div><br></div><div>Mit freundlichen
Grüßen</div><div>Maria Schmidt</div><div>-- <br><div dir="ltr" class=
"gmail_signature" data-smartmail="gmail_signature"><div dir="ltr"><font
color="#888888">Corp Example GmbH · Hohe Straße 12 · 50667 Köln<br>Tel. <a
href="tel:+49221123456">+49 221 123456</a> · <a href="https://www.corp.example">
www.corp.example</a></font></div></div></div>""")
gmail("Invitation à la visite 👋", """Bonjour Anna,

seriez-vous libre jeudi 26 à 14 h ? Nous n'aurons besoin que d'une heure 🙂
Le plan d'accès : https://corp.example/acces

Bien à vous,
Maria
""", """Bonjour Anna,<br><br>seriez-vous libre jeudi 26 à 14 h ? Nous n&#39;aurons
 besoin que d&#39;une heure 🙂<br>Le plan d&#39;accès : <a href=
"https://corp.example/acces" target="_blank">https://corp.example/acces</a><br>
<br>Bien à vous,<br>Maria""")
gmail("Fwd: packing list", """---------- Forwarded message ---------
From: Depot <depot@corp.example>
Date: Thu, Nov 19, 2026 at 9:01 AM
Subject: packing list
To: Maria Schmidt <hello@corp.example>


2 pallets, 480 kg, no dangerous goods.
""", """<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">----------
 Forwarded message ---------<br>From: <strong class="gmail_sendername" dir=
"auto">Depot</strong> <span dir="auto">&lt;<a href="mailto:depot@corp.example">
depot@corp.example</a>&gt;</span><br>Date: Thu, Nov 19, 2026 at 9:01 AM<br>
Subject: packing list<br>To: Maria Schmidt &lt;<a href=
"mailto:hello@corp.example">hello@corp.example</a>&gt;<br></div><br><br>
2 pallets, 480 kg, no dangerous goods.</div>""")
gmail("Tabelle der Preise", """Hallo Anna,

Artikel Preis
A-1 12,50 €
A-2 8,00 €

Gruß Maria
""", """Hallo Anna,<div><br></div><table border="1" style="border-collapse:collapse">
<tbody><tr><td style="width:50%">Artikel</td><td style="width:50%">Preis</td>
</tr><tr><td>A-1</td><td>12,50 €</td></tr><tr><td>A-2</td><td>8,00 €</td></tr>
</tbody></table><div><br></div><div>Gruß Maria</div>""")
gmail("مرحبا", "مرحبا آنا،\n\nتم شحن الطلب رقم 4411 اليوم.\n\nمع التحية\nماريا\n",
      '<div dir="rtl">مرحبا آنا،</div><div dir="rtl"><br></div><div dir="rtl">'
      'تم شحن الطلب رقم 4411 اليوم.</div><div dir="rtl"><br></div>'
      '<div dir="rtl">مع التحية<br>ماريا</div>')
gmail("سفارش ۴۴۱۱", "سلام آنا،\n\nسفارش شما ارسال می‌شود.\n\nماریا\n",
      '<div dir="rtl">سلام آنا،<br><br>سفارش شما ارسال می‌شود.<br><br>ماریا'
      "</div>")

# ---- Outlook for Windows -------------------------------------------------

WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-\
microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"
 xmlns:m="http://schemas.microsoft.com/office/2004/12/omml" xmlns="http://www.\
w3.org/TR/REC-html40"><head><meta http-equiv=Content-Type content="text/html;
 charset=utf-8"><meta name=Generator content="Microsoft Word 15 (filtered
 medium)"><!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}
o\\:* {behavior:url(#default#VML);}
.shape {behavior:url(#default#VML);}
</style><![endif]--><style><!--
/* Font Definitions */
@font-face
	{font-family:"Cambria Math";
	panose-1:2 4 5 3 5 4 6 3 2 4;}
@font-face
	{font-family:Aptos;}
/* Style Definitions */
p.MsoNormal, li.MsoNormal, div.MsoNormal
	{margin:0cm;
	font-size:12.0pt;
	font-family:"Aptos",sans-serif;
	mso-ligatures:standardcontextual;
	mso-fareast-language:EN-US;}
a:link, span.MsoHyperlink
	{mso-style-priority:99;
	color:#467886;
	text-decoration:underline;}
span.E-MailFormatvorlage17
	{mso-style-type:personal-compose;
	color:windowtext;}
.MsoChpDefault
	{mso-style-type:export-only;
	font-size:11.0pt;}
@page WordSection1
	{size:612.0pt 792.0pt;
	margin:70.85pt 70.85pt 2.0cm 70.85pt;}
div.WordSection1
	{page:WordSection1;}
--></style><!--[if gte mso 9]><xml>
<o:shapedefaults v:ext="edit" spidmax="1026" />
</xml><![endif]--><!--[if gte mso 9]><xml>
<o:shapelayout v:ext="edit">
<o:idmap v:ext="edit" data="1" />
</o:shapelayout></xml><![endif]--></head><body lang=DE link="#467886" vlink=
"#96607D" style='word-wrap:break-word'><div class=WordSection1>%s</div></body>
</html>
"""


def outlook(name, lines, page=None, **fields):
    body = page or "".join(
        "<p class=MsoNormal><span style='font-size:11.0pt'>"
        f"{line or '&nbsp;'}<o:p></o:p></span></p>\n" for line in lines)
    add(name, two("\n".join(line if line else "\xa0" for line in lines) + "\n",
                  WORD % body), **fields)


outlook("Termin nächste Woche", [
    "Hallo Anna,", "", "passt Ihnen Dienstag, 24.11.2026 um 10:30 Uhr? Sonst"
    " gern auch am Mittwoch.", "", "Viele Grüße", "Maria Schmidt",
    "Leiterin Vertrieb"])
outlook("Purchase order 7781", [
    "Dear Anna,", "", "we order, as PO 7781, 120 units at USD 14.20"
    " each, total USD 1,704.00.", "We do not accept partial deliveries.", "",
    "Kind regards", "Maria"])
outlook("Offerte", ["Beste Anna,", "", "Hierbij onze offerte: € 1.980,- excl."
                    " btw. Vragen? Bel gerust.", "", "Met vriendelijke groet,",
                    "Maria"])
outlook("Faktura 12/2026", ["Szanowna Pani,", "", "wystawiliśmy fakturę"
                            " 12/2026 na kwotę 3 690,00 zł brutto.", "",
                            "Z poważaniem", "Maria Schmidt"])
outlook("Presupuesto", ["Estimada Anna:", "", "El presupuesto es de"
                        " 1.250,00 €. No incluye el transporte.", "",
                        "Un saludo", "María"])
outlook("RE: Vertrag", [], """<p class=MsoNormal><span style='font-size:11.0pt'>
Sehr geehrte Frau Berg,<o:p></o:p></span></p><p class=MsoNormal><o:p>&nbsp;</o:p>
</p><p class=MsoNormal>der Vertrag ist unterschrieben zurück.<o:p></o:p></p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm
 0cm 0cm'><p class=MsoNormal><b><span style='font-size:11.0pt;font-family:
"Calibri",sans-serif;mso-ligatures:none;mso-fareast-language:DE'>Von:</span></b>
<span style='font-size:11.0pt'> Anna Berg &lt;anna@customer.example&gt; <br><b>
Gesendet:</b> Freitag, 20. November 2026 16:12<br><b>An:</b> Maria Schmidt
&lt;hello@corp.example&gt;<br><b>Betreff:</b> Vertrag<o:p></o:p></span></p></div>
</div><p class=MsoNormal>Bitte unterschreiben.<o:p></o:p></p>""")
MAILS.pop()  # its plain text is below
add("RE: Vertrag", two("""Sehr geehrte Frau Berg,
\xa0
der Vertrag ist unterschrieben zurück.
Von: Anna Berg <anna@customer.example>
Gesendet: Freitag, 20. November 2026 16:12
An: Maria Schmidt <hello@corp.example>
Betreff: Vertrag

Bitte unterschreiben.
""", WORD % """<p class=MsoNormal>Sehr geehrte Frau Berg,<o:p></o:p></p><p class=
MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>der Vertrag ist unterschrieben
zurück.<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;
padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Von:</b> Anna Berg
&lt;anna@customer.example&gt; <br><b>Gesendet:</b> Freitag, 20. November 2026
16:12<br><b>An:</b> Maria Schmidt &lt;hello@corp.example&gt;<br><b>Betreff:</b>
Vertrag<o:p></o:p></p></div><p class=MsoNormal>Bitte unterschreiben.</p>"""))
PICTURE = """<p class=MsoNormal>Hello Anna,<o:p></o:p></p><p class=MsoNormal>the
 drawing is below.<o:p></o:p></p><p class=MsoNormal><!--[if gte vml 1]>
<v:shapetype id="_x0000_t75" coordsize="21600,21600" o:spt="75" path="m@4@5l@4@11
@9@11@9@5xe" filled="f" stroked="f"><v:stroke joinstyle="miter" /></v:shapetype>
<v:shape id="Picture_x0020_1" o:spid="_x0000_i1025" type="#_x0000_t75" style=
'width:200pt;height:80pt;visibility:visible'><v:imagedata src="cid:image001.png@\
01DC" o:title="" /></v:shape><![endif]--><![if !vml]><img width=267 height=107
 src="cid:image001.png@01DC" v:shapes="Picture_x0020_1"><![endif]></p>"""
add("Drawing", multi("related", multi(
    "alternative", leaf("text/plain", "Hello Anna,\n\nthe drawing is below.\n"
                        "[cid:image001.png@01DC]\n"),
    leaf("text/html", WORD % PICTURE), boundary="=_b1"),
    b'Content-Type: image/png; name="image001.png"\nContent-ID: <image001.png@'
    b'01DC>\nContent-Disposition: inline; filename="image001.png"\n'
    b"Content-Transfer-Encoding: base64\n\n"
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    b"WjR9awAAAABJRU5ErkJggg==\n"))

# ---- Outlook on the web, Apple Mail, Thunderbird, Proton, Roundcube --------

OWA = """<html><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;}
 </style></head><body dir="ltr">
<div class="elementToProof" style="font-family: Aptos, Aptos_EmbeddedFont,
 Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">%s</div>
</body></html>
"""
add("Holiday closure", two(
    "Hi Anna,\n\nwe are closed from 24 December to 1 January. Orders placed"
    " before the 22nd still ship this year.\n\nMaria\n",
    OWA % "Hi Anna,</div><div><br></div><div>we are closed from 24 December to "
    "1 January. Orders placed before the 22nd still ship this year.</div><div>"
    "<br></div><div>Maria"))
add("Re: closure", two(
    "That is fine.\n________________________________\nFrom: Anna Berg "
    "<anna@customer.example>\nSent: Friday, November 20, 2026 4:12 PM\nTo: "
    "Maria Schmidt <hello@corp.example>\nSubject: closure\n\nIs the 23rd ok?\n",
    OWA % "That is fine.</div><hr style=\"display: inline-block; width: 98%;\">"
    "<div dir=\"ltr\" id=\"divRplyFwdMsg\"><span style=\"font-size: 11pt;\"><b>"
    "From:</b>&nbsp;Anna Berg &lt;anna@customer.example&gt;<br><b>Sent:</b>"
    "&nbsp;Friday, November 20, 2026 4:12 PM<br><b>To:</b>&nbsp;Maria Schmidt "
    "&lt;hello@corp.example&gt;<br><b>Subject:</b>&nbsp;closure</span><div>"
    "&nbsp;</div></div><div>Is the 23rd ok?"))
APPLE = """<html><head><meta http-equiv="content-type" content="text/html;
 charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode:
 space; line-break: after-white-space;">%s</body></html>
"""
add("Consegna", two(
    "Gentile Anna,\n\nla consegna è prevista per il 3 dicembre. Il corriere"
    " chiamerà prima.\n\nCordiali saluti\nMaria",
    APPLE % "Gentile Anna,<div><br></div><div>la consegna è prevista per il 3 "
    "dicembre. Il corriere chiamerà prima.</div><div><br></div><div>Cordiali "
    'saluti</div><div>Maria</div><br id="lineBreakAtBeginningOfMessage">'))
add("Photos from the fair", multi("alternative", leaf(
    "text/plain", "Hi Anna,\n\nhere are two photos.\n\nMaria\n"), multi(
        "mixed", leaf("text/html", APPLE % "Hi Anna,<div><br></div><div>here are"
                      " two photos.</div><div><br></div><div>Maria</div><br>"),
        b"Content-Disposition: inline; filename=IMG_1.jpeg\nContent-Type: "
        b"image/jpeg; name=IMG_1.jpeg; x-apple-part-url=A1\n"
        b"Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 60),
        leaf("text/html", APPLE % "<div></div>"), boundary="Apple-Mail=_2"),
    boundary="Apple-Mail=_1"))
BIRD = """<!DOCTYPE html>
<html>
  <head>
    <meta http-equiv="content-type" content="text/html; charset=UTF-8">
  </head>
  <body>%s
  </body>
</html>
"""
add("Протокол встречи", two(
    "Здравствуйте, Анна!\n\nПротокол: https://corp.example/p/17\nСледующая"
    " встреча 1 декабря.\n\nМария\n",
    BIRD % '<p>Здравствуйте, Анна!</p><p>Протокол: <a class="moz-txt-link-'
    'freetext" href="https://corp.example/p/17">https://corp.example/p/17</a>'
    "<br>Следующая встреча 1 декабря.</p><p>Мария</p>"))
add("Re: Σύμβαση", two(
    "Καλημέρα Άννα,\n\nη σύμβαση είναι έτοιμη.\n\nΜαρία\n\nOn 11/20/26 16:12,"
    " Anna Berg wrote:\n> Πότε;\n",
    BIRD % '<p>Καλημέρα Άννα,</p><p>η σύμβαση είναι έτοιμη.</p><p>Μαρία</p>'
    '<div class="moz-cite-prefix">On 11/20/26 16:12, Anna Berg wrote:<br></div>'
    '<blockquote type="cite" cite="mid:1@customer.example"><p>Πότε;</p>'
    "</blockquote>"))
add("Signature with a card", multi(
    "signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\"", two(
        "Hi Anna,\n\nsee you on Monday.\n\n-- \nMaria Schmidt\nCorp Example\n",
        BIRD % '<p>Hi Anna,</p><p>see you on Monday.</p><pre class="moz-'
        'signature" cols="72">-- \nMaria Schmidt\nCorp Example</pre>'),
    b'Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"\n'
    b"Content-Description: OpenPGP digital signature\nContent-Disposition: "
    b'attachment; filename="OpenPGP_signature.asc"\n\n-----BEGIN PGP SIGNATURE'
    b"-----\n\nwsB5BAABCAAjFiEE\n-----END PGP SIGNATURE-----\n",
    boundary="=_sig"))
add("ご注文の件", two(
    "ベルク様\n\nお世話になっております。ご注文の商品を本日発送いたしました。\n"
    "詳細はこちら：https://corp.example/o/1\n\nシュミット\n",
    BIRD % "<p>ベルク様</p><p>お世話になっております。ご注文の商品を本日発送いたし"
    'ました。<br>詳細はこちら：<a href="https://corp.example/o/1">'
    "https://corp.example/o/1</a></p><p>シュミット</p>", "base64"))
add("订单确认", two("您好，\n\n您的订单 4411 已发货，预计周三送达。\n\n玛丽亚\n",
                    "<p>您好，</p><p>您的订单 4411 已发货，预计周三送达。</p>"
                    "<p>玛丽亚</p>", "base64"))
add("Proton: notes", two(
    "Hi Anna,\n\nnotes are in the folder.\n\nSent with Proton Mail secure email.",
    '<div style="font-family: Arial, sans-serif; font-size: 14px;">Hi Anna,</div>'
    '<div style="font-family: Arial, sans-serif; font-size: 14px;"><br></div>'
    "<div>notes are in the folder.</div><div><br></div><div class=\"protonmail_"
    'signature_block-proton">Sent with <a target="_blank" href="https://proton.me'
    '/mail/home">Proton Mail</a> secure email.</div>', "base64"))
add("Roundcube", leaf("text/plain", """Bonjour,

le devis 55 (1 240,00 EUR TTC) n'est plus valable. Le nouveau suit.

Cordialement
---
Maria Schmidt
https://www.corp.example
"""))
add("mutt", leaf("text/plain", """Hi Anna,

* Anna Berg [2026-11-20 16:12 +0100]:
> is 10.0.0.5 the right address?

No, please use 10.0.0.7; the patch is at [1].

Maria

[1] https://corp.example/p/9
""", "8bit"))
add("Build 512 passed", leaf("text/plain", """Build 512 of corp/site passed.

  commit   9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c
  duration 4 min 12 s
  log      https://ci.corp.example/corp/site/512

You get this because you watch corp/site.
""", "7bit"))

# ---- mail of programs and of mailing services ------------------------------

RESET = """<style type="text/css">
#outlook a {padding:0}
body{width:100%!important;-webkit-text-size-adjust:100%;margin:0;padding:0}
.ExternalClass{width:100%}
.ExternalClass,.ExternalClass p,.ExternalClass span{line-height:100%}
img{outline:none;text-decoration:none;border:0}
table td{border-collapse:collapse;mso-table-lspace:0pt;mso-table-rspace:0pt}
.mcnPreviewText{display:none!important}
u + .body .gwfw{width:100%!important}
a[x-apple-data-detectors]{color:inherit!important;text-decoration:none!important}
@media only screen and (max-width:480px){
 .column{width:100%!important;display:block!important}
 .h1{font-size:26px!important;line-height:32px!important}
 .spacer{display:none!important;height:0!important}
}
@media (prefers-color-scheme:dark){.card{background:#111!important}
 .card p{color:#eee!important}}
</style>"""
GHOST = ('<!--[if (gte mso 9)|(IE)]><table align="center" border="0" width="600">'
         '<tr><td valign="top"><![endif]-->', '<!--[if (gte mso 9)|(IE)]></td>'
         "</tr></table><![endif]-->")


def button(href, label, how="vml"):
    """As the builders of newsletters make them, so that Outlook has them."""
    if how == "vml":
        return (f'<div><!--[if mso]><v:roundrect xmlns:v="urn:schemas-microsoft-'
                f'com:vml" xmlns:w="urn:schemas-microsoft-com:office:word" '
                f'href="{href}" style="height:40px;v-text-anchor:middle;width:'
                '200px;" arcsize="10%" stroke="f" fillcolor="#0a5"><w:anchorlock'
                '/><center style="color:#ffffff;font-family:sans-serif;font-size'
                f':16px;">{label}</center></v:roundrect><![endif]--><!--[if !mso]'
                f'><!-- --><a href="{href}" style="background-color:#00aa55;'
                'border-radius:4px;color:#ffffff;display:inline-block;font-size:'
                f'16px;line-height:40px;text-align:center;width:200px">{label}'
                "</a><!--<![endif]--></div>")
    if how == "hide":
        return (f'<div><!--[if mso]><v:roundrect href="{href}" style="height:36px'
                '"><w:anchorlock/><center>'
                f"{label}</center></v:roundrect><![endif]--><a href=\"{href}\" "
                'style="background-color:#0055aa;color:#ffffff;display:inline-'
                f'block;-webkit-text-size-adjust:none;mso-hide:all;">{label}</a>'
                "</div>")
    return (f'<table><tr><td bgcolor="#0055aa"><a href="{href}" style="color:'
            '#ffffff;padding:12px 18px;border:1px solid #0055aa"><!--[if mso]>'
            "<i style=\"letter-spacing:25px;mso-font-width:-100%;mso-text-raise:"
            f'20pt">&nbsp;</i><![endif]--><span>{label}</span><!--[if mso]><i '
            'style="letter-spacing:25px;mso-font-width:-100%">&nbsp;</i>'
            "<![endif]--></a></td></tr></table>")


def preheader(text, how=0):
    styles = [
        "display:none;font-size:1px;color:#ffffff;line-height:1px;max-height:0px;"
        "max-width:0px;opacity:0;overflow:hidden;",
        "display:none !important;visibility:hidden;mso-hide:all;font-size:1px;"
        "color:#ffffff;line-height:1px;max-height:0px;max-width:0px;opacity:0;"
        "overflow:hidden;", "display:none;max-height:0;overflow:hidden",
        "display:none;overflow:hidden;line-height:1px;opacity:0;max-height:0;"
        "max-width:0"]
    fill = ["&nbsp;&zwnj;" * 12, "&#847;&zwnj;&nbsp;&#8199;&#65279;" * 9, "",
            "\xa0\u200c\u200b\u200d\u200e\u200f\ufeff" * 8]
    return (f'<{("div", "span", "div", "div")[how]} style="{styles[how]}">{text}'
            f'{fill[how]}</{("div", "span", "div", "div")[how]}>')


def letter(name, text, body, first="", how=0, **fields):
    page = (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta '
            'name="viewport" content="width=device-width"><title>' + name
            + f"</title>{RESET}<!--[if mso]><style>*{{font-family:sans-serif "
            "!important}</style><![endif]--></head><body class=\"body\" style="
            '"margin:0;background-color:#f4f4f4">'
            + (preheader(first, how) if first else "") + GHOST[0]
            + '<table class="card" role="presentation" width="100%" style="max-'
            'width:600px;background:#ffffff"><tr><td style="padding:24px;font:'
            f'16px/24px Arial,sans-serif;color:#333333">{body}</td></tr></table>'
            + GHOST[1] + "</body></html>")
    add(name, two(text, page), List_Unsubscribe="<https://corp.example/leave/1>",
        **fields)


for number, how in enumerate(("vml", "hide", "padded")):
    letter(f"Confirm your address {number}", "Welcome, Anna!\n\nPlease confirm"
           " your address: https://corp.example/c/8f7a\n\nThe link is good for 24"
           " hours.\n", '<p class="h1">Welcome, Anna!</p><p>Please confirm your '
           f'address:</p>{button("https://corp.example/c/8f7a", "Confirm", how)}'
           "<p>The link is good for 24 hours.</p>")
for number, first in enumerate((
        "Your parcel is on its way.", "Your parcel is on its way. It comes",
        "It comes on Monday.", "Your parcel is on its way…")):
    letter(f"Parcel {number}", "Your parcel is on its way.\n\nIt comes on Monday."
           " Track it: https://corp.example/t/41\n",
           "<h1>Your parcel is on its way.</h1><p>It comes on Monday. <a href="
           '"https://corp.example/t/41">Track it</a></p>', first, number)
letter("Quittung 8812", "Vielen Dank für Ihren Einkauf!\n\nTee 3 × 4,90 € 14,70"
       " €\nVersand 0,00 €\nSumme 14,70 €\n\nBezahlt mit Visa •••• 4242.\n",
       "<p>Vielen Dank für Ihren Einkauf!</p><table width=100%><tr><td>Tee</td>"
       "<td>3 × 4,90 €</td><td align=right>14,70 €</td></tr><tr><td>Versand</td>"
       "<td></td><td align=right>0,00 €</td></tr><tr><td><b>Summe</b></td><td>"
       "</td><td align=right><b>14,70 €</b></td></tr></table><p>Bezahlt mit Visa "
       "•••• 4242.</p>", "Vielen Dank für Ihren Einkauf!", 1)
letter("News of November", "A new shop in Leeds\n\nWe open on 1 December.\nhttps://"
       "click.mailer.example/u/1\n\nUnsubscribe: https://click.mailer.example/u/2\n",
       '<img src="https://img.mailer.example/logo.png" alt="Corp" width=120><h2>'
       'A new shop in Leeds</h2><p>We open on 1 December.</p><p><a href="https://'
       'click.mailer.example/u/1" style="color:#0055aa">Read more</a></p><p style='
       '"font-size:11px;color:#999999"><a href="https://click.mailer.example/u/2"'
       ' style="color:#999999">Unsubscribe</a></p><img src="https://click.mailer.'
       'example/o/1.gif" width=1 height=1 alt="" style="display:none">',
       "A new shop in Leeds", 0)
letter("Two columns", "Left: tea. Right: coffee.\n", GHOST[0] + '<div class='
       '"column" style="display:inline-block;width:50%">Left: tea.</div><!--[if '
       'mso]></td><td width="300"><![endif]--><div class="column" style="display:'
       'inline-block;width:50%"> Right: coffee.</div><div class="spacer" style='
       '"height:20px;line-height:20px;font-size:1px">&nbsp;</div>' + GHOST[1])
letter("Hide on phones", "Our range: tea and coffee.\n", '<p>Our range: <span '
       'class="spacer">tea and coffee.</span></p>')
letter("Ticket 991 updated", "##- Please type your reply above this line -##\n\n"
       "Your request (991) has been updated. To add comments, reply to this email."
       "\n\nMaria Schmidt (Support)\n\nHi Anna, the part is on its way.\n",
       '<div style="color:#b5b5b5">##- Please type your reply above this line -##'
       "</div><p>Your request (991) has been updated. To add comments, reply to "
       "this email.</p><p><strong>Maria Schmidt</strong> (Support)</p><p>Hi Anna,"
       " the part is on its way.</p>")
letter("Password reset", "Hi Anna,\n\nreset your password here: https://corp."
       "example/reset?t=Zk3\n\nIf you did not ask for this, ignore this mail.\n",
       "<p>Hi Anna,</p><p>reset your password here:</p>"
       + button("https://corp.example/reset?t=Zk3", "Reset") + "<p>If you did not "
       'ask for this, ignore this mail.</p><p style="color:#888888;font-size:12px">'
       'Or copy this address: <a href="https://corp.example/reset?t=Zk3">https://'
       "corp.example/reset?t=Zk3</a></p>")
letter("Dark and light", "Hello Anna, the dark theme is here.\n", '<div style="'
       'background-color:#1b1b1b;color:#f5f5f5;padding:20px">Hello Anna, the dark '
       'theme is here.</div>')
letter("Rating", "How did we do? Good Bad\n", '<p>How did we do?</p><a href='
       '"https://corp.example/r/1" style="color:#0a5">Good</a> <a href="https://'
       'corp.example/r/2" style="color:#a00">Bad</a>')
letter("Screen readers", "Total 12,00 €\n", '<p aria-hidden="true" style="margin:0'
       '">Total <b>12,00 €</b></p><div role="separator" style="height:1px;overflow'
       ':hidden;background:#cccccc">&nbsp;</div>')
letter("Signature of a company", "Hi Anna,\n\nagreed.\n\nMaria Schmidt | Sales\n"
       "linkedin.com/in/maria | corp.example\n", "<p>Hi Anna,</p><p>agreed.</p>"
       '<table><tr><td style="border-left:2px solid #0a5;padding-left:8px">Maria '
       'Schmidt | Sales<br><a href="https://www.linkedin.com/in/maria">linkedin.com'
       '/in/maria</a> | <a href="https://corp.example">corp.example</a></td></tr>'
       "</table>")
add("Meeting", multi("mixed", multi(
    "alternative", leaf("text/plain", "Budget review, Monday 10:00\n"),
    leaf("text/html", "<p>Budget review, Monday 10:00</p>"),
    b'Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\nBEGIN:VCALENDAR'
    b"\nMETHOD:REQUEST\nVERSION:2.0\nBEGIN:VEVENT\nUID:1@corp.example\nDTSTART:"
    b"20261123T100000Z\nSUMMARY:Budget review\nEND:VEVENT\nEND:VCALENDAR\n",
    boundary="=_b1"),
    b'Content-Type: application/ics; name="invite.ics"\nContent-Disposition: '
    b'attachment; filename="invite.ics"\n\nBEGIN:VCALENDAR\nVERSION:2.0\nEND:'
    b"VCALENDAR\n"))
add("Invoice as PDF", multi("mixed", two(
    "Dear Anna,\n\nyour invoice is attached.\n", "<p>Dear Anna,</p><p>your "
    "invoice is attached.</p>"), b"Content-Type: application/pdf; name="
    b'"Invoice 2026-11.pdf"\nContent-Disposition: attachment; filename="Invoice '
    b'2026-11.pdf"\nContent-Transfer-Encoding: base64\n\n'
    + base64.encodebytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"),
    boundary="=_m"))
add("Umlaute im Dateinamen", multi("mixed", leaf(
    "text/plain", "Anbei die Übersicht.\n"),
    b"Content-Type: text/csv; charset=utf-8; name*=utf-8''%C3%9Cbersicht.csv\n"
    b"Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.csv;\n"
    b' filename="=?utf-8?Q?=C3=9Cbersicht.csv?="\n\na;b\n1;2\n'))
add("To a team", leaf("text/plain", "Hi all,\n\nminutes attached next week.\n"),
    To='"Berg, Anna (Sales)" <anna@customer.example>, Jan de Vries '
    "<jan@customer.example>", Cc="=?utf-8?q?J=C3=BCrgen_M=C3=BCller?= "
    "<juergen@corp.example>")
add("Reply to the desk", leaf("text/plain", "Please answer to our desk.\n"),
    Reply_To="Corp Support <support@corp.example>")
add("Thai", leaf("text/plain", "สวัสดีคุณแอนนา\n\nเราจัดส่งสินค้าแล้ววันนี้\n",
                 "base64"))
add("Hindi", leaf("text/plain", "नमस्ते आन्ना,\n\nआपका ऑर्डर भेज दिया गया है।\n",
                  "base64"))
add("Hebrew", two("שלום אנה,\n\nהזמנה 4411 נשלחה היום (\u200eUPS\u200e).\n",
                  '<div dir="rtl">שלום אנה,<br><br>הזמנה 4411 נשלחה היום (&lrm;'
                  "UPS&lrm;).</div>", "base64"))
add("Emoji 👩‍💻", two("Thanks 👩‍💻👍🏽 1️⃣ 2️⃣ ❤️\n", "<p>Thanks 👩‍💻👍🏽 1️⃣ 2️⃣ ❤️</p>",
                    "base64"))
add("Soft hyphens", two("Die Donaudampfschifffahrt beginnt.\n",
                        "<p>Die Donau&shy;dampf&shy;schiff&shy;fahrt beginnt."
                        "</p>"))
