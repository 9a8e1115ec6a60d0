/*
 * process: the life of a reader: warm up, seal, say READY, serve, end.
 */
#ifndef CHECK_READER_PROCESS_H
#define CHECK_READER_PROCESS_H

#include "check/reader/serve.h"

/*
 * Called from main().  argv: "reader" or "nursery", then the most bytes of
 * address space (0: no limit); the socket is descriptor WIRE_FD.  Does not
 * return.
 */
void process_run(int argc, char **argv, const struct serve_calls *calls)
    __attribute__((noreturn));

#endif
