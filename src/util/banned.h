/*
 * Functions that this project does not call.  The compiler reads this file
 * before any other (Makefile.am), so that a use of one of them is an error
 * that names its replacement.
 */
#ifndef UTIL_BANNED_H
#define UTIL_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(f, use) sorry_##f##_is_banned_use_##use

#undef strcpy
#define strcpy(d, s) BANNED(strcpy, buf_add_str)
#undef strcat
#define strcat(d, s) BANNED(strcat, buf_add_str)
#undef strncpy
#define strncpy(d, s, n) BANNED(strncpy, memcpy)
#undef strncat
#define strncat(d, s, n) BANNED(strncat, buf_add)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(s, d) BANNED(strtok, strcspn)
#undef gmtime
#define gmtime(t) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(t) BANNED(localtime, localtime_r)
#undef asctime
#define asctime(t) BANNED(asctime, strftime)
#undef ctime
#define ctime(t) BANNED(ctime, strftime)

#endif
