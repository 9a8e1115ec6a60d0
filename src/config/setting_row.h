/*
 * setting_row: how the rows of setting.h's tables are written.  For the files
 * that have such tables, and for no header.
 */
#ifndef SETTING_ROW_H
#define SETTING_ROW_H

#include <stddef.h>

#include "config/setting.h"

/* How rows are written: ROW("port", NUMBER, config, port, .most = 65535). */
#define ROW(n, kind, of, field, ...)                                           \
	{                                                                      \
		.name = (n), .type = SETTING_##kind,                           \
		.offset = offsetof(struct of, field), __VA_ARGS__              \
	}
#define ROW_LINE(of, field) .line = offsetof(struct of, field)
#define ROW_END                                                                \
	{                                                                      \
		.name = NULL                                                   \
	}

#endif
