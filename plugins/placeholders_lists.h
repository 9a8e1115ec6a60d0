/*
 * placeholders_lists: words that the plug-in placeholders looks for.  In small
 * letters; a blank is any space, ' is any apostrophe.
 */
#ifndef PLACEHOLDERS_LISTS_H
#define PLACEHOLDERS_LISTS_H

#include <stdbool.h>
#include <stddef.h>

/* What stands alone between brackets, [Name], when somebody is to fill it in;
 * "*" at the end: and whatever follows. */
static const char *const placeholders_blanks[] = {
    /* clang-format off */
    "name", "names", "first name", "last name", "full name", "surname",
    "your *", "recipient*", "sender*", "company", "company name",
    "client name", "customer name", "client", "customer", "customer's *",
    "client's *", "contact name", "contact person", "manager name",
    "hiring manager*", "date", "time", "day", "month", "year", "address",
    "city", "amount", "price", "product", "product name", "project name",
    "job title", "position", "title", "phone number", "email address",
    "order number", "invoice number", "insert*", "enter *", "add *",
    "fill in*", "placeholder*", "to be *", "link here", "url here",
    "signature", "position title", "department", "reason", "topic",
    "vorname", "nachname", "ihr name", "ihre *", "ihr *", "firma",
    "firmenname", "datum", "uhrzeit", "anrede", "betrag", "kundenname",
    "kunde", "empfänger*", "absender*", "hier *", "platzhalter*",
    "nom", "prénom", "votre *", "vos *", "nom de *", "entreprise",
    "insérer*", "montant", "destinataire*",
    "nombre", "apellido", "apellidos", "su nombre", "tu nombre", "tu *",
    "nombre de*", "nombre del*", "empresa", "fecha", "importe",
    "insertar*", "destinatario*",
    "nome", "cognome", "il tuo nome", "il tuo *", "il suo *", "azienda",
    "nome dell'*", "nome del *", "importo", "inserire*", "inserisci*",
    "naam", "voornaam", "achternaam", "uw naam", "uw *", "jouw *",
    "bedrijf", "bedrijfsnaam", "bedrag", "ontvanger*", "invullen*",
    "voeg *",
    "sobrenome", "seu nome", "seu *", "sua *", "nome da *", "nome do *",
    "inserir*", "destinatário*",
    /* clang-format on */
};

struct placeholders_greeting {
	const char *text;
	bool named; /* without a name it is none, not even "Dear," */
};

/* The beginning of a mail; French has a blank before ! and is left out there */
static const struct placeholders_greeting placeholders_greetings[] = {
    {"dear", true},
    {"hello", false},
    {"hi", false},
    {"hey", false},
    {"good morning", false},
    {"good afternoon", false},
    {"sehr geehrte", true},
    {"sehr geehrter", true},
    {"liebe", true},
    {"lieber", true},
    {"hallo", false},
    {"guten tag", false},
    {"guten morgen", false},
    {"cher", true},
    {"chère", true},
    {"estimado", true},
    {"estimada", true},
    {"querido", true},
    {"querida", true},
    {"hola", false},
    {"gentile", true},
    {"egregio", true},
    {"caro", true},
    {"cara", true},
    {"ciao", false},
    {"geachte", true},
    {"beste", false},
    {"prezado", true},
    {"prezada", true},
    {"olá", false},
};

/* Between the greeting and the name. */
static const char *const placeholders_titles[] = {"mr", "mrs", "ms", "miss",
    "dr", "prof", "sir", "herr", "frau", "monsieur", "madame", "señor",
    "señora", "sr", "sra", "sig", "signor", "signora", "heer", "mevrouw",
    "de heer", "senhor", "senhora"};

/* Where a name should stand. */
static const char *const placeholders_nobody[] = {"undefined", "null", "nan",
    "none", "nil", "n/a", "name", "first name", "firstname", "last name",
    "lastname", "fname", "vorname", "nachname", "string", "unknown", "nombre",
    "prénom", "nome", "naam", "voornaam"};

/* What a language model says of its work, and traces of programs. */
static const char *const placeholders_phrases[] = {
    "lorem ipsum",
    "dolor sit amet",
    "[object object]",
    "invalid date",
    "as an ai language model",
    "as a large language model",
    "as an ai assistant",
    "as an ai model",
    "i'm just an ai",
    "i am just an ai",
    "my knowledge cutoff",
    "my training data",
    "here is the email you",
    "here's the email you",
    "here is the e-mail you",
    "here's the e-mail you",
    "here is your email:",
    "here's your email:",
    "here is a draft email",
    "here's a draft email",
    "here is a draft of the email",
    "here's a draft of the email",
    "here is a draft reply",
    "here's a draft reply",
    "here is a draft response",
    "here's a draft response",
    "here is a polished version",
    "here's a polished version",
    "here is a revised version of the email",
    "here's a revised version of the email",
    "certainly! here",
    "certainly, here",
    "sure! here",
    "sure, here is",
    "sure, here's",
    "of course! here",
    "i hope this draft",
    "would you like me to adjust",
    "let me know if you'd like me to adjust",
    "let me know if you would like me to adjust",
    "feel free to replace the placeholder",
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "[/inst]",
    "### instruction",
    "als ki-sprachmodell",
    "als ki-modell",
    "als sprachmodell",
    "als ki-assistent",
    "hier ist der entwurf der",
    "hier ist ein entwurf",
    "hier ist die e-mail, die",
    "hier ist die überarbeitete",
    "gerne! hier ist",
    "natürlich! hier ist",
    "en tant que modèle de langage",
    "en tant qu'ia",
    "voici l'e-mail que",
    "voici une version améliorée",
    "bien sûr ! voici",
    "bien sûr! voici",
    "como modelo de lenguaje",
    "aquí tienes el correo",
    "aquí tienes un borrador",
    "¡claro! aquí",
    "come modello linguistico",
    "in quanto modello di",
    "ecco l'email che",
    "ecco una bozza",
    "certo! ecco",
    "als ai-taalmodel",
    "als taalmodel",
    "hier is de e-mail die",
    "natuurlijk! hier",
    "como modelo de linguagem",
    "aqui está o e-mail que",
    "aqui está um rascunho",
    "claro! aqui",
};

#endif
