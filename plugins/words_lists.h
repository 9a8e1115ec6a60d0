/*
 * words_lists: what the plug-in words looks for, by topic and language.  "|"
 * stands between two phrases; "*" at the end of a word is any rest of it.
 * Capitals do not matter; a hyphen is a blank.  Words that another of the
 * languages uses for something harmless are left out.
 */
#ifndef WORDS_LISTS_H
#define WORDS_LISTS_H

enum words_topic {
	WORDS_LEGAL,
	WORDS_CONTRACT,
	WORDS_CANCELLATION,
	WORDS_COMPLAINT,
	WORDS_URGENCY,
	WORDS_PRICING,
	WORDS_COMMITMENT,
	WORDS_OWN,
	WORDS_TOPICS
};

struct words_list {
	enum words_topic topic;
	const char *language, *phrases;
};

static const struct words_list words_lists[] = {
    {WORDS_LEGAL, "en",
	"lawyer*|attorney*|solicitor*|barrister*|lawsuit*|litigat*|legal "
	"action*|legal advice|legal claim*|legal department|legal "
	"proceeding*|legal step*|legally binding|legal liabilit*|liable|"
	"liabilit*|negligen*|sue you|sue us|suing|sued|court order*|court "
	"hearing*|court case*|in court|to court|subpoena*|plaintiff*|"
	"defendant*|defamat*|libel*|slander*|cease and desist|damages|"
	"compensation claim*|indemnif*|indemnit*|settlement agreement*|"
	"out of court|jurisdiction*|arbitrat*|infring*|copyright "
	"violation*|data breach*|gdpr|without prejudice|admission of "
	"guilt|admit liability|injunction*|statutory|prosecut*|unlawful*"},
    {WORDS_LEGAL, "de",
	"anwalt*|anwält*|rechtsanwalt*|rechtsanwält*|klage|klagen gegen|"
	"verklag*|einklag*|gericht|gerichte|gerichts*|gerichtlich*|"
	"außergerichtlich*|rechtsstreit*|rechtsweg|rechtliche schritte|"
	"rechtlichen schritte*|rechtsabteilung*|rechtsverbindlich*|"
	"haftung*|haftbar*|haften|haftet|schadensersatz*|schadenersatz*|"
	"abmahnung*|abgemahnt*|unterlassung*|strafanzeige*|anzeige "
	"erstatten|staatsanwalt*|einstweilige verfügung|mahnbescheid*|"
	"vollstreckung*|verjähr*|dsgvo|datenpanne*|datenschutzverletzung*|"
	"urheberrechtsverletz*|schuldanerkenntnis*|vergleichsangebot*|"
	"schlichtungs*|verleumd*|rechtswidrig*"},
    {WORDS_LEGAL, "fr",
	"avocat|avocats|avocate|tribunal|tribunaux|procès|poursuites|"
	"poursuivre en justice|en justice|action en justice|porter "
	"plainte|plainte pénale|mise en demeure|mettre en demeure|"
	"dommages et intérêts|dommages intérêts|responsabilité civile|"
	"juridique*|judiciaire*|contentieux|litige*|huissier*|diffamat*|"
	"préjudice*|arbitrage|prescription légale|rgpd|fuite de données|"
	"contrefaçon*|assignation*|référé"},
    {WORDS_LEGAL, "es",
	"abogad*|demanda judicial|demandar|demandaremos|demandado|"
	"demandante|juzgado*|tribunal|tribunales|juicio*|acciones "
	"legales|acción legal|vía judicial|judicial*|querella*|denuncia "
	"penal|indemnización*|indemnizar|daños y perjuicios|"
	"responsabilidad civil|responsabilidad legal|litigio*|jurídic*|"
	"burofax|arbitraje|difamación|rgpd|infracción*"},
    {WORDS_LEGAL, "it",
	"avvocat*|tribunale|tribunali|causa legale|azione legale|azioni "
	"legali|vie legali|querela*|denuncia penale|citazione in "
	"giudizio|giudizio|risarcimento*|risarcire|danni morali|"
	"responsabilità civile|responsabilità legale|contenzioso|diffida*|"
	"diffamazione|ingiunzione|decreto ingiuntivo|legalmente|arbitrato|"
	"violazione dei dati"},
    {WORDS_LEGAL, "nl",
	"advocaat|advocaten|rechtszaak|rechtszaken|rechtbank*|rechter|"
	"juridisch*|gerechtelijk*|aansprakelijk*|schadevergoeding*|"
	"schadeclaim*|dagvaard*|dagvaarding*|ingebrekestelling*|kort "
	"geding|aanklag*|aangifte|sommatie*|deurwaarder*|smaad|"
	"geschil|geschillen*|arbitrage|avg|datalek*"},
    {WORDS_LEGAL, "pt",
	"advogad*|processo judicial|ação judicial|acção judicial|tribunal|"
	"tribunais|processar|processaremos|medidas legais|medidas "
	"judiciais|indenização*|indemnização*|danos morais|litígio*|"
	"jurídic*|judicial*|difamação|responsabilidade civil|intimação|"
	"queixa crime|lgpd"},

    {WORDS_CONTRACT, "en",
	"contract|contracts|contractual*|agreement*|terms and conditions|"
	"terms of service|amendment*|addendum*|nda|non disclosure|"
	"confidentiality clause*|clause|clauses|signature|signatory|"
	"countersign*|sign the|signed copy|statement of work|purchase "
	"order*|letter of intent|memorandum of understanding|warranty|"
	"warranties|service level*|sla|renewal term|lease agreement*|"
	"hereby agree*|binding offer*|notice period*"},
    {WORDS_CONTRACT, "de",
	"vertrag|verträge*|vertrages|vertrags*|rahmenvertrag*|"
	"vereinbarung*|agb|geschäftsbedingungen|vertraulichkeit*|"
	"geheimhaltung*|nebenabrede*|zusatzvereinbarung*|unterschrift*|"
	"unterzeichn*|unterschreib*|verbindliches angebot|gewährleistung*|"
	"kündigungsfrist*|laufzeit*|auftragsbestätigung*|absichtserklärung*|"
	"bestellung aufgeben|leistungsbeschreibung*"},
    {WORDS_CONTRACT, "fr",
	"contrat|contrats|contractuel*|avenant*|conditions générales|cgv|"
	"accord cadre|accord de confidentialité|clause|clauses|signature|"
	"signatures|signer le|contresign*|bon de commande|devis signé|"
	"lettre d'intention|préavis|reconduction tacite|protocole d'accord"},
    {WORDS_CONTRACT, "es",
	"contrato|contratos|contractual*|acuerdo|acuerdos|convenio*|"
	"cláusula*|condiciones generales|confidencialidad|firma del|firmar "
	"el|firmado|anexo al|orden de compra|pedido en firme|carta de "
	"intenciones|plazo de preaviso|garantía legal"},
    {WORDS_CONTRACT, "it",
	"contratto|contratti|contrattual*|accordo|accordi|clausola|"
	"clausole|condizioni generali|riservatezza|sottoscri*|firmare|"
	"firmato|firma del|ordine di acquisto|lettera d'intenti|preavviso|"
	"rinnovo tacito|capitolato"},
    {WORDS_CONTRACT, "nl",
	"contract|contracten|contractueel|contractuele|overeenkomst*|"
	"algemene voorwaarden|geheimhouding*|clausule*|ondertek*|"
	"handtekening*|inkooporder*|intentieverklaring*|opzegtermijn*|"
	"addendum|looptijd"},
    {WORDS_CONTRACT, "pt",
	"contrato|contratos|contratual*|contratuais|acordo|acordos|"
	"cláusula*|condições gerais|termos e condições|confidencialidade|"
	"assinatura do|assinar o|assinado|aditivo|aditamento|ordem de "
	"compra|carta de intenção|aviso prévio"},

    {WORDS_CANCELLATION, "en",
	"cancel|cancels|cancelled|canceled|cancelling|canceling|"
	"cancellation*|terminat*|unsubscrib*|withdraw|withdrawal|"
	"withdrawn|revoke*|revocation|rescind*|end my subscription|close "
	"my account|close your account|opt out|right of withdrawal|cooling "
	"off|not renew|non renewal|discontinu*"},
    {WORDS_CANCELLATION, "de",
	"kündigung*|kündigen|kündige|kündigt|gekündigt*|storno|storni*|"
	"stornierung*|widerruf|widerrufen*|widerrufs*|rücktritt*|"
	"zurücktreten|abbestell*|abmeld*|vertrag auflösen|"
	"vertragsauflösung|aufhebungsvertrag*|nicht verlängern|konto "
	"löschen"},
    {WORDS_CANCELLATION, "fr",
	"résili*|annuler|annulé*|annulation*|annulons|rétract*|désabonn*|"
	"désinscri*|dénoncer le contrat|mettre fin|fin de contrat|clôtur*|"
	"supprimer mon compte|ne pas renouveler"},
    {WORDS_CANCELLATION, "es",
	"cancelar|cancelad*|cancelación*|cancelamos|anular|anulad*|"
	"anulación*|rescindir|rescisión|darse de baja|dar de baja|darme de "
	"baja|baja del servicio|desistimiento|desistir|no renovar"},
    {WORDS_CANCELLATION, "it",
	"annullare|annullat*|annullament*|disdett*|disdire|recesso|recedere|"
	"rescissione|rescindere|risoluzione del contratto|cancellare "
	"l'abbonamento|disiscri*|chiudere il conto|non rinnovare"},
    {WORDS_CANCELLATION, "nl",
	"annuler*|geannuleerd*|opzeg*|opgezegd*|beëindig*|herroep*|"
	"ontbind*|ontbonden|uitschrijv*|afmelden|stopzet*|niet verlengen"},
    {WORDS_CANCELLATION, "pt",
	"cancelar|cancelad*|cancelamento*|rescindir|rescisão|anular|"
	"anulação|desistência|desistir|encerrar a conta|encerramento da "
	"conta|revogar|não renovar"},

    {WORDS_COMPLAINT, "en",
	"complain|complains|complained|complaining|complaint*|"
	"disappointed|disappointing|dissatisf*|unsatisf*|unhappy with|not "
	"happy|unacceptable|outrageous|appalling|terrible service|poor "
	"service|bad experience|apolog*|we are sorry|we're sorry|i am "
	"sorry|i'm sorry|our mistake|our fault|defective|faulty|does not "
	"work|doesn't work|still not working|never arrived|not received|"
	"bad review*|negative review*|consumer protection|ombudsman|"
	"escalat*"},
    {WORDS_COMPLAINT, "de",
	"beschwerde*|beschwer*|reklamation*|reklamier*|unzufrieden*|"
	"enttäuscht*|enttäuschung*|inakzeptabel*|unverschämt*|frechheit*|"
	"mangelhaft*|mangel|mängel|mängelrüge*|defekt|defekte*|"
	"entschuldig*|bedauern|tut uns leid|tut mir leid|unser fehler|"
	"unser verschulden|nicht angekommen|nicht erhalten|funktioniert "
	"nicht|verbraucherzentrale*|verbraucherschutz*|schlechte "
	"bewertung*|ombudsmann|eskalier*|eskalation*"},
    {WORDS_COMPLAINT, "fr",
	"réclamation*|réclamer|plainte|plaintes|se plaindre|me plaindre|"
	"mécontent*|insatisf*|déçu*|déception|inacceptable*|scandaleux|"
	"défectueu*|défaut de conformité|ne fonctionne pas|pas reçu|jamais "
	"reçu|excuses|nous excuser|désolé*|notre erreur|mauvais service|"
	"médiateur|associations de consommateurs|avis négatif*"},
    {WORDS_COMPLAINT, "es",
	"queja|quejas|quejarme|reclamación*|reclamar|insatisf*|"
	"descontent*|decepcion*|inaceptable*|indignante|defectuos*|no "
	"funciona|no he recibido|no ha llegado|disculpas|disculpe*|"
	"lamentamos|lo sentimos|nuestro error|mal servicio|hoja de "
	"reclamaciones|defensa del consumidor|pésim*"},
    {WORDS_COMPLAINT, "it",
	"reclamo|reclami|lamentel*|lamentar*|insoddisf*|delus*|"
	"inaccettabile|inaccettabili|vergognos*|difettos*|non funziona|"
	"mai arrivato|non ho ricevuto|ci scusiamo|mi scuso|le nostre "
	"scuse|ci dispiace|nostro errore|pessim*|associazione "
	"consumatori|recensione negativa"},
    {WORDS_COMPLAINT, "nl",
	"klacht|klachten*|klagen over|ontevreden*|teleurgesteld*|"
	"teleurstell*|onacceptabel*|onaanvaardbaar*|schandalig*|gebrekkig*|"
	"werkt niet|niet ontvangen|nooit aangekomen|excuses|"
	"verontschuldig*|onze fout|slechte service|slechte ervaring|"
	"ombudsman|consumentenbond|reclamatie*"},
    {WORDS_COMPLAINT, "pt",
	"reclamação*|reclamações|reclamar|queixa|queixas|insatisf*|"
	"descontent*|decepcion*|desilud*|inaceitável|inaceitáveis|absurdo|"
	"defeituos*|não funciona|não recebi|não chegou|pedimos desculpa*|"
	"desculpe*|lamentamos|nosso erro|mau atendimento|péssim*|procon|"
	"livro de reclamações"},

    {WORDS_URGENCY, "en",
	"urgent*|immediately|asap|as soon as possible|right away|without "
	"delay|final notice|last notice|final reminder*|last chance|act "
	"now|deadline*|overdue|past due|time sensitive|emergency|"
	"emergencies|expires today|expires soon|within 24 hours|within 48 "
	"hours|today only|top priority|at your earliest convenience"},
    {WORDS_URGENCY, "de",
	"dringend*|dringlich*|eilig*|eilt|sofort|sofortig*|umgehend*|"
	"unverzüglich*|schnellstmöglich*|so schnell wie möglich|letzte "
	"mahnung|letzte erinnerung|letzte chance|frist|fristen|fristlos*|"
	"fristgerecht*|überfällig*|notfall|notfälle*|innerhalb von 24 "
	"stunden|nur heute|höchste priorität"},
    {WORDS_URGENCY, "fr",
	"urgent*|urgence*|immédiatement|sans délai|sans tarder|dès que "
	"possible|dans les plus brefs délais|au plus vite|dernier rappel|"
	"dernier avis|dernière chance|date limite|échéance*|en retard de "
	"paiement|sous 24 heures|sous 48 heures|aujourd'hui seulement"},
    {WORDS_URGENCY, "es",
	"urgente|urgentes|urgentemente|urgencia*|inmediatamente|de "
	"inmediato|cuanto antes|lo antes posible|sin demora|último aviso|"
	"última oportunidad|fecha límite|plazo vence|vencid*|emergencia*|"
	"en 24 horas|solo hoy|sólo hoy"},
    {WORDS_URGENCY, "it",
	"urgente|urgenti|urgentemente|urgenza|immediatamente|subito|il "
	"prima possibile|quanto prima|senza indugio|ultimo avviso|ultimo "
	"sollecito|ultima possibilità|scadenza*|scadut*|entro 24 ore|"
	"emergenza|emergenze|solo oggi"},
    {WORDS_URGENCY, "nl",
	"dringend*|spoed|spoedeisend*|haast|onmiddellijk*|onverwijld|zo "
	"snel mogelijk|zo spoedig mogelijk|per direct|laatste "
	"waarschuwing|laatste herinnering|laatste kans|achterstallig*|"
	"uiterste datum|noodgeval*|binnen 24 uur|alleen vandaag"},
    {WORDS_URGENCY, "pt",
	"urgente|urgentes|urgentemente|urgência*|imediatamente|de "
	"imediato|o mais rápido possível|o quanto antes|sem demora|último "
	"aviso|última chance|última oportunidade|prazo final|data limite|"
	"vencid*|emergência*|em 24 horas|somente hoje|só hoje"},

    {WORDS_PRICING, "en",
	"price|prices|priced|pricing|price list*|quote|quotes|quoted|"
	"quotation*|discount*|rebate*|surcharge*|fee|fees|invoice*|"
	"billing|billed|refund*|reimburs*|overcharg*|credit note*|"
	"chargeback*|payment plan*|payment terms|late fee*|per month|per "
	"seat|per user|vat|special offer*|cost estimate*|cheaper|rate "
	"card*|margin|margins"},
    {WORDS_PRICING, "de",
	"preis|preise|preisen|preises|preisliste*|preiserhöhung*|preisnachlass*"
	"|"
	"rabatt*|nachlass|skonto|aufpreis|zuschlag|gebühr*|kosten*|angebot|"
	"angebote*|angebots*|kostenvoranschlag*|rechnung|rechnungen|"
	"rechnungs*|gutschrift*|erstattung*|rückerstattung*|erstatten|"
	"zahlungsziel*|zahlungsbedingung*|ratenzahlung*|mehrwertsteuer*|"
	"mwst|tarif|tarife*|sonderpreis*|pauschale*|marge|vergütung*"},
    {WORDS_PRICING, "fr",
	"prix|tarif|tarifs|tarification|devis|remise|remises|rabais|"
	"ristourne*|réduction|réductions|facture|factures|facturer|"
	"facturation|rembours*|avoir sur facture|frais de|surcoût*|"
	"supplément*|échéancier|conditions de paiement|tva|offre spéciale|"
	"promotion tarifaire|coût|coûts"},
    {WORDS_PRICING, "es",
	"precio*|tarifa*|presupuesto*|descuento*|rebaja*|factura|facturas|"
	"facturar|facturación|reembols*|devolución del dinero|nota de "
	"crédito|abono en cuenta|recargo*|comisión|comisiones|coste|"
	"costes|condiciones de pago|pago a plazos|iva|oferta especial|"
	"cotización*"},
    {WORDS_PRICING, "it",
	"prezzo|prezzi|tariffa|tariffe|preventivo|preventivi|sconto|sconti|"
	"scontat*|fattura|fatture|fatturazione|fatturare|rimbors*|nota di "
	"credito|sovrapprezzo|supplemento|commissione|commissioni|costo|"
	"costi|condizioni di pagamento|rateizza*|iva|offerta speciale"},
    {WORDS_PRICING, "nl",
	"prijs|prijzen|prijslijst*|prijsverhoging*|korting|kortingen|"
	"kortings*|offerte*|factuur|facturen|factureren|terugbetal*|"
	"terugbetaling*|creditnota*|creditfactuur*|toeslag*|kosten*|tarief|"
	"tarieven|betalingsvoorwaarden|betalingsregeling*|btw|aanbieding*|"
	"vergoeding*"},
    {WORDS_PRICING, "pt",
	"preço*|tarifa*|orçamento*|desconto*|abatimento|fatura|faturas|"
	"factura|facturas|faturamento|faturação|reembols*|estorno*|nota de "
	"crédito|sobretaxa|taxa de|comissão|custo|custos|condições de "
	"pagamento|parcelamento|iva|oferta especial|cotação"},

    {WORDS_COMMITMENT, "en",
	"guarantee*|we promise*|i promise*|promise you|we will pay|we'll "
	"pay|i will pay|we will refund|we'll refund|will be refunded|full "
	"refund*|money back|we will replace|we'll replace|we will cover|"
	"we'll cover|we will compensate|compensate you|compensation|free "
	"of charge|at no cost|at no charge|no extra charge|for free|"
	"complimentary|waive*|we commit|we are committed to pay|committed "
	"to deliver*|you have my word|we assure|rest assured|we will "
	"deliver|we'll deliver|will be delivered by|by tomorrow|by end of "
	"day|by the end of the day|by monday|by friday|we will fix|we'll "
	"fix|special discount*|% off|percent off|lifetime|unlimited|no "
	"obligation|we accept responsibility|we take full responsibility|"
	"we agree to|i agree to|we hereby"},
    {WORDS_COMMITMENT, "de",
	"garantie*|garantier*|versprech*|versprochen*|wir sichern|sichern "
	"ihnen zu|zusichern|zugesichert*|zusage|zusagen|zugesagt*|wir "
	"zahlen|wir bezahlen|wir erstatten|wir werden erstatten|wird "
	"erstattet|werden erstattet|volle erstattung|geld zurück|wir "
	"ersetzen|wir übernehmen|übernehmen die kosten|kostenlos*|"
	"kostenfrei*|gratis|unentgeltlich*|ohne aufpreis|ohne "
	"mehrkosten|auf unsere kosten|kulanz*|wir verpflichten|"
	"verpflichten uns|verbindlich zu|entschädig*|bis morgen|bis "
	"heute abend|bis montag|bis freitag|bis ende der woche|wir liefern "
	"bis|lebenslang*|unbegrenzt*|wir verzichten auf|wir gewähren|"
	"prozent rabatt|% rabatt|wir haften"},
    {WORDS_COMMITMENT, "fr",
	"garanti*|nous promettons|je promets|promesse*|nous nous "
	"engageons|je m'engage|s'engage à|nous paierons|nous payerons|nous "
	"rembourserons|nous vous remboursons|vous serez remboursé*|"
	"remboursement intégral|satisfait ou remboursé|gratuit*|sans "
	"frais|à nos frais|sans supplément|offert|offerts|offerte|"
	"offertes|geste commercial|dédommag*|indemnis*|nous prenons en "
	"charge|d'ici demain|avant demain|d'ici vendredi|d'ici lundi|nous "
	"livrerons|à vie|illimité*|nous assumons|% de remise"},
    {WORDS_COMMITMENT, "es",
	"garantiz*|garantía|garantías|prometemos|prometo|promesa*|nos "
	"comprometemos|me comprometo|pagaremos|le pagaremos|"
	"reembolsaremos|le devolveremos|devolveremos el dinero|reembolso "
	"completo|reembolso total|gratis|gratuit*|sin coste|sin costo|sin "
	"cargo|sin compromiso|corre por nuestra cuenta|a nuestro cargo|"
	"compensar*|compensaremos|asumimos|asumiremos|para mañana|antes de "
	"mañana|antes del viernes|antes del lunes|entregaremos|de por "
	"vida|ilimitad*|% de descuento"},
    {WORDS_COMMITMENT, "it",
	"garantiamo|garantisco|garantito|garantita|garantire|garanzia|"
	"promettiamo|prometto|promessa|ci impegniamo|mi impegno|pagheremo|"
	"rimborseremo|sarà rimborsato|rimborso completo|rimborso totale|"
	"soddisfatti o rimborsati|gratis|gratuit*|senza costi|senza "
	"addebito|a nostre spese|a nostro carico|omaggio|risarciremo|"
	"compenseremo|entro domani|entro venerdì|entro lunedì|"
	"consegneremo|a vita|illimitat*|% di sconto"},
    {WORDS_COMMITMENT, "nl",
	"garander*|garandeer*|gegarandeerd*|garantie*|we beloven|wij "
	"beloven|ik beloof|belofte*|we zullen betalen|wij betalen|we "
	"betalen terug|wij vergoeden|we vergoeden|wordt terugbetaald|"
	"volledige terugbetaling|geld terug|niet goed geld terug|gratis|"
	"kosteloos*|zonder kosten|zonder extra kosten|op onze kosten|"
	"coulance*|compenser*|compenseren|wij verplichten ons|"
	"toezegg*|toegezegd*|voor morgen|uiterlijk morgen|voor vrijdag|"
	"uiterlijk vrijdag|wij leveren voor|levenslang*|onbeperkt*|% "
	"korting"},
    {WORDS_COMMITMENT, "pt",
	"garantimos|garanto|garantido|garantida|garantia|garantias|"
	"prometemos|prometo|promessa*|comprometemo*|nos comprometemos|me "
	"comprometo|pagaremos|vamos pagar|reembolsaremos|será "
	"reembolsado|reembolso total|reembolso integral|devolveremos o "
	"dinheiro|dinheiro de volta|grátis|gratuit*|sem custo*|sem "
	"encargos|por nossa conta|compensaremos|assumimos|até amanhã|até "
	"sexta|até segunda|entregaremos|vitalíci*|ilimitad*|% de "
	"desconto"},
};

#endif
