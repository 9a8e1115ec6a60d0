/*
 * imprimatur/plugin.h: the whole interface between Imprimatur and a plug-in in
 * C.  See imprimatur-plugin(7), and plugins/skeleton.c to start from.
 *
 * A plug-in is a shared object, NAME.so in the plug-in folder, that exports one
 * constant: imprimatur_plugin.  It looks at a draft and reports what it sees;
 * what that means is left to the rules.  It is loaded into a sealed process:
 * configure() runs before the seal and may read files, check() runs behind it
 * and may do nothing but compute.  A plug-in that crashes, hangs or eats memory
 * holds that draft and harms no other.
 *
 * One thread calls everything.  Structs only ever grow at their end; a newer
 * host runs older plug-ins.  All texts are valid UTF-8, end with NUL and hold
 * none within, unless their size says otherwise.  This header includes nothing
 * of Imprimatur.
 */
#ifndef IMPRIMATUR_PLUGIN_H
#define IMPRIMATUR_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IMPRIMATUR_PLUGIN_ABI 1

/* How much a finding weighs before any rule was asked. */
enum imprimatur_weight {
	IMPRIMATUR_NOTE,    /* a fact; shown */
	IMPRIMATUR_CAUTION, /* shown first; keeps a mail from passing on
			       confidence or for want of an exception */
	IMPRIMATUR_TRIPWIRE /* holds, whatever a rule says */
};

/* A field of the mail's own header, in order.  MIME fields too. */
struct imprimatur_field {
	const char *name;  /* as it is written */
	const char *value; /* unfolded, encoded-words decoded */
};

/* An address in From, Sender, Reply-To, To or Cc, in order. */
struct imprimatur_address {
	const char *field;   /* "From": in this spelling */
	const char *display; /* decoded; "" for none */
	const char *address; /* "" for an empty group */
};

/* A leaf of the MIME tree, in order; multiparts are left out. */
struct imprimatur_part {
	const char *type;	    /* "text/plain", lower case */
	const char *charset;	    /* lower case, or NULL */
	const char *filename;	    /* decoded, as it stands, or NULL */
	const char *disposition;    /* "attachment", "inline", or NULL */
	unsigned depth;		    /* 0: the mail's own body */
	const unsigned char *bytes; /* transfer encoding undone */
	size_t size;
	/* a text part, in UTF-8: as it stands (HTML with its tags), and as a
	 * person would read it (without characters that nobody sees); else
	 * NULL, 0 */
	const char *source;
	size_t source_size;
	const char *text;
	size_t text_size;
	int alternative; /* index of the part that says the same in another
			    type (multipart/alternative), or -1 */
};

/* A link in an HTML part, and an address written out in text. */
struct imprimatur_link {
	size_t part;	    /* index */
	const char *target; /* as written, references resolved */
	const char *text;   /* what a person reads; NULL: the target itself */
};

/* A draft.  Everything in it lives until check() returns. */
struct imprimatur_mail {
	size_t size; /* of this struct */
	const char *channel, *agent;
	const char *sender; /* of the envelope; "" is the null path */
	size_t n_recipients;
	const char *const *recipients; /* of the envelope */
	size_t n_fields;
	const struct imprimatur_field *fields;
	size_t n_addresses;
	const struct imprimatur_address *addresses;
	size_t n_parts;
	const struct imprimatur_part *parts;
	size_t n_links;
	const struct imprimatur_link *links;
	const char *subject; /* "" for none */
	/* what a reviewer is shown: all text parts; without characters that
	 * nobody sees, so that words and figures are whole */
	const char *text;
	size_t text_size;
	/* the same without what it quotes of earlier mails */
	const char *own_text;
	size_t own_text_size;
	size_t bytes; /* of the whole mail */
};

/* The options of one stanza of a channel's "plugins" list. */
struct imprimatur_options;

/* Where findings go. */
struct imprimatur_report;

/* What the host does for a plug-in.  A table of functions, alive for ever. */
struct imprimatur_host {
	size_t size; /* of this struct */

	/* ---- in configure() ---- */

	/* The value of an option, or NULL when it is not written.  Numbers and
	 * truth values come as text too: "12.5", "true". */
	const char *(*option)(
	    const struct imprimatur_options *options, const char *name);
	/* The n-th value of a list, NULL behind its end.  What is no list is a
	 * list of one; "file:NAME" has been replaced by the file's lines. */
	const char *(*item)(const struct imprimatur_options *options,
	    const char *name, size_t n);
	/* Say what is wrong with the options, then return -1: the channel will
	 * not load, and the admin reads this text. */
	void (*complain)(
	    const struct imprimatur_options *options, const char *format, ...)
#ifdef __GNUC__
	    __attribute__((format(printf, 2, 3)))
#endif
	    ;

	/* ---- in check() ---- */

	/*
	 * Report a finding.  name: lower case and hyphens, one that the plug-in
	 * lists; value: what rules compare ("12000.00 EUR", "17", a host), or
	 * NULL; the rest: one line for people.
	 */
	void (*find)(struct imprimatur_report *report,
	    enum imprimatur_weight weight, const char *name, const char *value,
	    const char *format, ...)
#ifdef __GNUC__
	    __attribute__((format(printf, 5, 6)))
#endif
	    ;
	/* Zeroed memory that lives until check() returns. */
	void *(*memory)(struct imprimatur_report *report, size_t size);
};

/* What an option is, for "imprimatur check" and for people. */
struct imprimatur_option {
	const char *name;  /* NULL ends the list */
	const char *type;  /* "text", "number", "true or false", "list" */
	const char *about; /* one line, with the default */
};

/* What a plug-in may find, for people who write rules. */
struct imprimatur_finding {
	const char *name;  /* NULL ends the list */
	const char *about; /* one line; says what the value is */
};

struct imprimatur_plugin {
	uint32_t abi;	     /* IMPRIMATUR_PLUGIN_ABI */
	uint32_t size;	     /* of this struct */
	const char *name;    /* that of its file */
	const char *version; /* its own */
	const char *about;   /* one line */
	const struct imprimatur_option *options;
	const struct imprimatur_finding *findings;

	/*
	 * Once per stanza that names the plug-in, before the seal.  0 and
	 * state, which the later calls get; or -1 after complain().  host stays
	 * valid and may be kept in state.
	 */
	int (*configure)(const struct imprimatur_host *host,
	    const struct imprimatur_options *options, void **state);
	/* Once per draft.  Must not change state in a way that a later draft
	 * could notice. */
	void (*check)(void *state, const struct imprimatur_mail *mail,
	    struct imprimatur_report *report);
	/* Once per state, at the end.  May be NULL. */
	void (*release)(void *state);
};

/* The one symbol that a plug-in exports. */
extern const struct imprimatur_plugin imprimatur_plugin;

#ifdef __cplusplus
}
#endif

#endif
