#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

/*
 * Every key of posthorn.conf as data: the reader accepts these, the man page and a lint list them.
 */
enum config_shape { CONFIG_PLAIN, CONFIG_LIST, CONFIG_SECRET };

struct config_key {
	const char *name;
	unsigned in; /* CONFIG_IN(kind) or-ed */
	enum config_shape shape;
};
#define CONFIG_IN(kind) (1U << (kind))

extern const struct config_key config_keys[];
extern const size_t config_keys_n;

/* The word that opens a section, NULL for CONFIG_GLOBAL. */
const char *config_kind_name(enum config_kind kind);
bool config_kind_titled(enum config_kind kind);
