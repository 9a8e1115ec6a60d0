/*
 * store.h: what the store files share; only files named store*.c include it.
 */
#ifndef HOLD_STORE_H
#define HOLD_STORE_H

#include "hold/store_draft.h"
#include "hold/store_intake.h"
#include "hold/store_look.h"
#include "hold/store_sql.h"

#endif
