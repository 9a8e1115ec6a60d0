/*
 * faulty: an SQLite VFS over the usual one whose writes and syncs fail when a
 * test says so.
 */
#ifndef TESTS_UNIT_FAULTY_H
#define TESTS_UNIT_FAULTY_H

/* Make it the VFS of connections that are opened from now on. */
void faulty_install(void);

/*
 * Let the next writes (after so many good ones) fail with an SQLite code, so
 * many times; 0 times: never again.  Likewise syncs.  Any thread.
 */
void faulty_writes(int code, int after, int times);
void faulty_syncs(int code, int after, int times);

/* How often a lock was not to be had so far. */
unsigned faulty_refused_locks(void);

#endif
