"""How mail programs answer: the reply that each of them makes of a notice and
of what a person types, as close to the real ones as what is known of them."""

import base64
import html
import quopri
import re
import textwrap
import time

from harness import REVIEWER, plain

EN = "On Sat, 21 Nov 2026 at 06:55, {name} <{address}> wrote:"
DE = "Am Sa., 21. Nov. 2026 um 06:55 Uhr schrieb {name} <{address}>:"


class Answer:
    """A reply on its way: fields and a body of one part or of more."""

    def __init__(self, notice, sender=REVIEWER, subject="Re: "):
        self.notice = notice
        self.to = notice["Reply-To"].addresses[0].addr_spec
        self.fields = [
            ("From", f"Anna Reviewer <{sender}>"),
            ("To", f"Imprimatur <{self.to}>"),
            ("Subject", subject + str(notice["Subject"])),
            ("Date", "Sat, 21 Nov 2026 07:01:02 +0100"),
            ("Message-ID", f"<{time.time_ns()}@reviewers.example>"),
            ("In-Reply-To", str(notice["Message-ID"])),
            ("References", str(notice["Message-ID"])),
            ("MIME-Version", "1.0"),
        ]

    def add(self, **fields):
        self.fields += [(k.replace("_", "-"), v) for k, v in fields.items()]
        return self

    def bytes(self, part):
        head = "".join(f"{k}: {v}\n" for k, v in self.fields)
        raw = head.encode() + part
        return re.sub(rb"\r?\n", b"\r\n", raw)


def leaf(text, kind="text/plain", cte="8bit", charset="utf-8", more=""):
    body = text.encode(charset)
    if cte == "base64":
        body = base64.encodebytes(body.replace(b"\n", b"\r\n"))
    elif cte == "quoted-printable":
        body = quopri.encodestring(body)
    return (f"Content-Type: {kind}; charset={charset}{more}\n"
            f"Content-Transfer-Encoding: {cte}\n\n").encode() + body


def multi(kind, *parts, boundary="=_part-17"):
    out = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    for part in parts:
        out += f"--{boundary}\n".encode() + part + b"\n"
    return out + f"--{boundary}--\n".encode()


def html_of(notice):
    page = notice.get_body(("html",))
    page = page.get_content() if page else (
        "<pre>" + html.escape(plain(notice)) + "</pre>")
    return re.sub(r"(?is)<!doctype[^>]*>|</?(html|body)[^>]*>|<head.*?</head>",
                  "", page)


def quoted(notice, mark="> "):
    return "".join((mark + line).rstrip() + "\n"
                   for line in plain(notice).splitlines())


def lines(own, tag="div", empty="<br>"):
    return "".join(f"<{tag}>{html.escape(line) or empty}</{tag}>"
                   for line in own.rstrip("\n").split("\n"))


def attribution(notice, form=EN):
    return form.format(name="Imprimatur",
                       address=notice["Reply-To"].addresses[0].addr_spec)


def fields_of(notice, names=("From", "Sent", "To", "Subject")):
    values = (f"Imprimatur <{notice['Reply-To'].addresses[0].addr_spec}>",
              "Saturday, November 21, 2026 6:55 AM",
              f"Anna Reviewer <{REVIEWER}>", str(notice["Subject"]))
    return list(zip(names, values))


def mutt(notice, own, **kw):
    a = Answer(notice, **kw).add(User_Agent="Mutt/2.2.12 (2023-09-09)")
    return a.bytes(leaf(
        f"{own}\n\nOn Sat, Nov 21, 2026 at 06:55:40AM +0000, Imprimatur "
        f"wrote:\n{quoted(notice)}\n-- \nAnna\n",
        more="; format=flowed" if kw.get("flowed") else ""))


def thunderbird(notice, own, **kw):
    a = Answer(notice, **kw).add(User_Agent="Mozilla Thunderbird")
    text = (f"{own}\n\nAm 21.11.26 um 06:55 schrieb Imprimatur:\n"
            + quoted(notice))
    return a.bytes(leaf(text, more="; format=flowed"))


def thunderbird_html(notice, own, **kw):
    a = Answer(notice, **kw).add(User_Agent="Mozilla Thunderbird")
    body = "<br>\n".join(html.escape(x) for x in own.rstrip("\n").split("\n"))
    return a.bytes(leaf(
        '<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" '
        'content="text/html; charset=UTF-8"></head>\n<body>\n'
        f'<p>{body}<br>\n</p>\n<div class="moz-signature">-- <br>Anna '
        'Reviewer<br>Head of Care</div>\n<div class="moz-cite-prefix">Am '
        '21.11.26 um 06:55 schrieb Imprimatur:<br>\n</div>\n<blockquote '
        f'type="cite" cite="mid:{str(notice["Message-ID"]).strip("<>")}">\n'
        f'{html_of(notice)}\n</blockquote>\n<br>\n</body></html>',
        "text/html", "quoted-printable"))


def apple(notice, own, **kw):
    """Apple Mail on a Mac: both forms."""
    a = Answer(notice, **kw).add(X_Mailer="Apple Mail (2.3774.600.62)")
    said = attribution(notice, "On 21. Nov 2026, at 06:55, {name} "
                       "<{address}> wrote:")
    text = f"{own}\n\n> {said}\n>\n{quoted(notice)}"
    page = (f'<html><head></head><body style="overflow-wrap: break-word;">'
            f'{lines(own)}<div><br><blockquote type="cite"><div>'
            f'{html.escape(said)}</div><br class="Apple-interchange-newline">'
            f'<div>{html_of(notice)}</div></blockquote></div><br></body>'
            '</html>')
    return a.bytes(multi("alternative", leaf(text, cte="quoted-printable"),
                         leaf(page, "text/html", "quoted-printable")))


def apple_phone(notice, own, **kw):
    a = Answer(notice, **kw).add(X_Mailer="iPhone Mail (21E219)")
    said = attribution(notice, "On 21 Nov 2026, at 06:55, {name} "
                       "<{address}> wrote:")
    text = (f"{own}\n\nSent from my iPhone\n\n> {said}\n> \n"
            f"\ufeff{quoted(notice)}")
    page = ('<html><head><meta http-equiv="content-type" content="text/html; '
            f'charset=utf-8"></head><body dir="auto">{lines(own)}<br '
            'id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my '
            'iPhone</div><div dir="ltr"><br><blockquote type="cite">'
            f'{html.escape(said)}<br><br></blockquote></div><blockquote '
            f'type="cite"><div dir="ltr">\ufeff{html_of(notice)}</div>'
            '</blockquote></body></html>')
    return a.bytes(multi("alternative", leaf(text, cte="quoted-printable"),
                         leaf(page, "text/html", "quoted-printable")))


def outlook(notice, own, **kw):
    """Outlook of the desk: Word's HTML, and text beside it."""
    a = Answer(notice, **{"subject": "RE: ", **kw}).add(
        X_Mailer="Microsoft Outlook 16.0", Thread_Index="AQHb",
        X_MS_Has_Attach="", X_MS_TNEF_Correlator="")
    block = fields_of(notice)
    text = (f"{own}\n\n \n\nAnna Reviewer\n\n \n\n"
            + "".join(f"{k}: {v} \n" for k, v in block)
            + "\n" + plain(notice))
    page = ('<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>'
            '<meta http-equiv=Content-Type content="text/html; '
            'charset=utf-8"><style><!--\np.MsoNormal, li.MsoNormal\n\t'
            '{margin:0cm;font-size:11.0pt;}\n.MsoChpDefault {mso-style-type:'
            'export-only;}\n--></style><!--[if gte mso 9]><xml>\n'
            '<o:shapedefaults v:ext="edit" spidmax="1026" /></xml>'
            '<![endif]--></head><body lang=EN-US link="#0563C1" '
            'style=\'word-wrap:break-word\'><div class=WordSection1>'
            + lines(own, "p class=MsoNormal", "<o:p>&nbsp;</o:p>").replace(
                "</p class=MsoNormal>", "<o:p></o:p></p>")
            + '<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>'
            'Anna Reviewer<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p>'
            '</p><div><div style=\'border:none;border-top:solid #E1E1E1 '
            '1.0pt;padding:3.0pt 0cm 0cm 0cm\'><p class=MsoNormal>'
            + "<br>".join(f"<b>{k}:</b> {html.escape(v)}" for k, v in block)
            + f'<o:p></o:p></p></div></div>{html_of(notice)}</div></body>'
            '</html>')
    return a.bytes(multi("alternative", leaf(text, cte="quoted-printable"),
                         leaf(page, "text/html", "quoted-printable")))


def outlook_german(notice, own, **kw):
    a = Answer(notice, **{"subject": "AW: ", **kw})
    block = fields_of(notice, ("Von", "Gesendet", "An", "Betreff"))
    return a.bytes(leaf(
        f"{own}\n\nMit freundlichen Grüßen\nAnna Reviewer\n\n"
        + "".join(f"{k}: {v} \n" for k, v in block) + "\n" + plain(notice),
        cte="base64"))


def outlook_new(notice, own, **kw):
    """The new Outlook and Outlook on the web."""
    a = Answer(notice, **kw).add(X_MS_Has_Attach="", Accept_Language="en-US")
    block = fields_of(notice)
    page = ('<html><head><meta http-equiv="Content-Type" content="text/html; '
            'charset=utf-8"><style type="text/css" style="display:none;"> P '
            '{margin-top:0;margin-bottom:0;} </style></head><body dir="ltr">'
            + lines(own, 'div class="elementToProof" style="font-size: 12pt"')
            .replace('</div class="elementToProof" style="font-size: 12pt">',
                     "</div>")
            + '<div class="elementToProof"><br></div><div '
            'id="Signature"><p>Anna Reviewer</p></div><div '
            'id="appendonsend"></div><hr style="display:inline-block;'
            'width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
            '<font face="Calibri" style="font-size:11pt" color="#000000">'
            + "<br>".join(f"<b>{k}:</b> {html.escape(v)}" for k, v in block)
            + f'</font><div>&nbsp;</div></div>{html_of(notice)}</body></html>')
    text = (f"{own}\n\nAnna Reviewer\n________________________________\n"
            + "".join(f"{k}: {v}\n" for k, v in block) + "\n" + plain(notice))
    return a.bytes(multi("alternative", leaf(text, cte="base64"),
                         leaf(page, "text/html", "base64")))


def outlook_phone(notice, own, **kw):
    a = Answer(notice, **kw)
    block = fields_of(notice)
    page = ('<html><head><meta http-equiv="Content-Type" content="text/html; '
            f'charset=utf-8"></head><body>{lines(own, "div dir=ltr")}'
            .replace("</div dir=ltr>", "</div>")
            + '<div><br></div><div id="ms-outlook-mobile-signature"><div>'
            '</div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a>'
            '</div><div id="mail-editor-reference-message-container">'
            '<hr style="display:inline-block;width:98%"><div '
            'id="divRplyFwdMsg" dir="ltr"><font>'
            + "<br>".join(f"<b>{k}:</b> {html.escape(v)}" for k, v in block)
            + f'</font></div>{html_of(notice)}</div></body></html>')
    text = (f"{own}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n"
            "________________________________\n"
            + "".join(f"{k}: {v}\n" for k, v in block) + "\n" + plain(notice))
    return a.bytes(multi("alternative", leaf(text, cte="quoted-printable"),
                         leaf(page, "text/html", "quoted-printable")))


def gmail(notice, own, form=EN, before="", **kw):
    a = Answer(notice, **kw)
    said = attribution(notice, form)
    text = f"{own}\n{before}\n" + "\n".join(
        textwrap.wrap(said, 72)) + "\n\n" + quoted(notice)
    page = (f'<div dir="ltr">{lines(own)}{lines(before) if before else ""}'
            '</div><br><div class="gmail_quote gmail_quote_container"><div '
            f'dir="ltr" class="gmail_attr">{html.escape(said)}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px 0px 0px '
            '0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
            f'{html_of(notice)}</blockquote></div>\n')
    return a.bytes(multi("alternative", leaf(text),
                         leaf(page, "text/html", "quoted-printable"),
                         boundary="000000000000f1a2b3"))


def gmail_german(notice, own, **kw):
    return gmail(notice, own, DE, **kw)


def gmail_android(notice, own, **kw):
    a = Answer(notice, **kw)
    said = attribution(notice, "On Sat, Nov 21, 2026, 06:55 {name} "
                       "<{address}> wrote:")
    page = (f'<div dir="auto">{lines(own)}</div><br><div '
            f'class="gmail_quote"><div dir="ltr" class="gmail_attr">'
            f'{html.escape(said)}<br></div><blockquote class="gmail_quote" '
            f'style="margin:0 0 0 .8ex">{html_of(notice)}</blockquote></div>')
    text = f"{own}\n\n" + "\n".join(textwrap.wrap(said, 72)) \
        + "\n\n" + quoted(notice)
    return a.bytes(multi("alternative", leaf(text),
                         leaf(page, "text/html", "quoted-printable")))


def k9(notice, own, **kw):
    a = Answer(notice, **kw).add(User_Agent="K-9 Mail for Android")
    return a.bytes(leaf(
        f"{own}\n-- \nSent from my Android device with K-9 Mail. Please "
        "excuse my brevity.\n\n-------- Original Message --------\nFrom: "
        f"Imprimatur <{a.to}>\nSent: November 21, 2026 6:55:40 AM GMT+01:00"
        f"\nTo: {REVIEWER}\nSubject: {notice['Subject']}\n\n{plain(notice)}"))


def proton(notice, own, **kw):
    a = Answer(notice, **kw)
    said = attribution(notice, "On Saturday, November 21st, 2026 at 6:55 AM, "
                       "{name} <{address}> wrote:")
    page = ('<div style="font-family: Arial, sans-serif; font-size: 14px;">'
            + "<br>".join(html.escape(x)
                          for x in own.rstrip("\n").split("\n"))
            + '</div><div class="protonmail_signature_block" '
            'style="font-family: Arial"><div class="protonmail_signature_'
            'block-user protonmail_signature_block-empty"></div><div '
            'class="protonmail_signature_block-proton">Sent with <a '
            'href="https://proton.me/">Proton Mail</a> secure email.</div>'
            f'</div><div class="protonmail_quote">{html.escape(said)}<br>'
            f'<blockquote class="protonmail_quote" type="cite">'
            f'{html_of(notice)}</blockquote><br></div>')
    text = (f"{own}\n\nSent with [Proton Mail](https://proton.me/) secure "
            f"email.\n\n{said}\n\n{quoted(notice)}")
    return a.bytes(multi("alternative", leaf(text, cte="quoted-printable"),
                         leaf(page, "text/html", "quoted-printable")))


def gmx(notice, own, **kw):
    """GMX and Web.de in the browser: HTML alone."""
    a = Answer(notice, **{"subject": "Aw: ", **kw})
    block = fields_of(notice, ("Gesendet", "Von", "An", "Betreff"))
    page = ('<html><head></head><body><div style="font-family: Verdana;'
            f'font-size: 12.0px;">{lines(own, "div", "&nbsp;")}<div>&nbsp;'
            '</div><div class="signature">-- <br/>Gesendet mit der GMX Mail '
            'App</div><div>&nbsp;<div name="quote" style="margin:10px 5px '
            '5px 10px; padding: 10px 0 10px 10px; border-left:2px solid '
            '#C3D9E5;"><div style="margin:0 0 10px 0;">'
            + "<br/>".join(f"<b>{k}:</b>&nbsp;{html.escape(v)}"
                           for k, v in block)
            + f'</div><div name="quoted-content">{html_of(notice)}</div>'
            '</div></div></div></body></html>')
    return a.bytes(leaf(page, "text/html", "quoted-printable"))


def yahoo(notice, own, **kw):
    a = Answer(notice, **kw)
    said = attribution(notice, "On Saturday, November 21, 2026 at 06:55:40 "
                       "AM GMT+1, {name} <{address}> wrote:")
    page = ('<html><head></head><body><div class="ydp-yahoo-style-wrap" '
            'style="font-family:Helvetica">'
            + lines(own, 'div dir="ltr" data-setdir="false"').replace(
                '</div dir="ltr" data-setdir="false">', "</div>")
            + '<div><br></div></div><div id="yahoo_quoted_4242" '
            'class="yahoo_quoted"><div style="font-family:Helvetica">'
            f'<div>{html.escape(said)}</div><div><br></div><div>'
            f'{html_of(notice)}</div></div></div></body></html>')
    text = f" {own}\n\n    {said}  \n \n {plain(notice)}"
    return a.bytes(multi("alternative", leaf(text, cte="quoted-printable"),
                         leaf(page, "text/html", "quoted-printable")))


def samsung(notice, own, **kw):
    """The mail program of Samsung's telephones."""
    a = Answer(notice, **kw)
    block = fields_of(notice, ("From", "Date", "To", "Subject"))
    text = (f"{own}\nSent from my Galaxy\n\n-------- Original message "
            "--------\n" + "".join(f"{k}: {v} \n" for k, v in block)
            + "\n" + plain(notice))
    page = ('<html><head></head><body dir="auto">'
            f'{lines(own)}<div><br></div><div id="composer_signature" '
            'dir="auto"><div style="font-size:14px;color:#575757">Sent from '
            'my Galaxy</div></div><div><br></div><div align="left" dir="auto" '
            'style="font-size:100%;color:#000000"><div>-------- Original '
            'message --------</div>'
            + "".join(f"<div>{k}: {html.escape(v)}</div>" for k, v in block)
            + f'<div><br></div></div>{html_of(notice)}</body></html>')
    return a.bytes(multi("alternative", leaf(text, cte="base64"),
                         leaf(page, "text/html", "base64")))


def zimbra(notice, own, **kw):
    a = Answer(notice, **kw).add(X_Mailer="Zimbra 8.8.15_GA_4545")
    block = fields_of(notice, ("From", "To", "Sent", "Subject"))
    text = (f"{own} \n\n\n" + "".join(f"{k}: {v} \n" for k, v in block)
            + "\n" + plain(notice))
    page = (f'<html><body><div style="font-family: arial">{lines(own)}<div>'
            '<br></div><hr id="zwchr" data-marker="__DIVIDER__"><div '
            'data-marker="__HEADERS__">'
            + "".join(f"<b>{k}: </b>{html.escape(v)}<br>" for k, v in block)
            + f'</div><div data-marker="__QUOTED_TEXT__">{html_of(notice)}'
            '</div></div></body></html>')
    return a.bytes(multi("alternative", leaf(text),
                         leaf(page, "text/html", "quoted-printable")))


CLIENTS = (mutt, thunderbird, thunderbird_html, apple, apple_phone, outlook,
           outlook_german, outlook_new, outlook_phone, gmail, gmail_german,
           gmail_android, k9, proton, gmx, yahoo, samsung, zimbra)
