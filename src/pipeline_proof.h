/*
 * pipeline_proof: who really wrote a reply.  It asks for what others have
 * published (keys, policies) and has a sealed reader compute.
 *
 * All functions run on the loop.
 */
#ifndef PIPELINE_PROOF_H
#define PIPELINE_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "reading.h"
#include "review/review.h"

struct house;

/*
 * Fill the input; keep it until done() is called: on the loop, once; it may be
 * before pipeline_proof() returns.
 */
struct proof {
	struct span bytes;		   /* the mail */
	const struct reading_reply *reply; /* as it was read */
	const struct config *config;
	const struct config_reviewer *reviewer; /* who it says that it is of */
	enum config_level wanted;		/* ALIGNED or SIGNED */
	int64_t notice;				/* that it answers */
	bool through_server;			/* as struct hear has it */
	void (*done)(struct proof *proof);
	void *context;

	/* results */
	enum review_level level; /* ALIGNED, SIGNED, or NONE */
	bool later;   /* nobody knows now; it may be asked again later */
	bool unbound; /* not which notice it answers: its To is not signed */
	/* how it was proven, or why not; until the proof is released */
	const char *how;
	/* SIGNED: the reply that was signed, for the requester to free */
	struct reading_reply *signed_reply;

	struct proving *proving; /* pipeline_proof.c's own */
};
void pipeline_proof(struct house *house, struct proof *proof);

/* Free what pipeline_proof() made, after done(). */
void pipeline_proof_release(struct proof *proof);

#endif
