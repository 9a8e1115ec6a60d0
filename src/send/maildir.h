/*
 * maildir: delivery into a Maildir, on a job thread.
 *
 * A file is written and synced in tmp/, which is everything but the end, and
 * with leave renamed into new/, which is the end.  It holds "Return-Path:
 * <from>", one "X-Envelope-To: <address>" a recipient, and the exact bytes;
 * all lines end with CRLF.  Folders that are missing are made.
 */
#ifndef SEND_MAILDIR_H
#define SEND_MAILDIR_H

struct job_queue;
struct parcel;

/* See parcel.h.  Loop only. */
void maildir_start(struct job_queue *jobs, struct parcel *parcel);
void maildir_go(struct parcel *parcel);
void maildir_abandon(struct parcel *parcel);
void maildir_drop(struct parcel *parcel);

#endif
