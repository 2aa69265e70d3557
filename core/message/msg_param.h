#pragma once

#include <stdbool.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Fields of the form `main; name=value; ...` (RFC 2045 5.1, RFC 2183), with the continuations and charsets of RFC 2231,
 * and what is seen besides: encoded words in values, values with spaces and no quotes, missing semicolons and closing
 * quotes. There is no input that cannot be read; faults say what was wrong with it.
 */

enum {
	MSG_PARAM_NAME_MAX = 64,
	MSG_PARAMS_MAX = 256,         /* name=value pieces of one field; more are left out */
	MSG_PARAM_OCTETS_MAX = 65536, /* of one value once decoded */
	MSG_PARAM_PLAIN_MAX = 500,    /* an ASCII value up to this is written in one piece */
};

enum msg_param_fault {
	MSG_PARAM_DUPLICATE = 1 << 0, /* a name twice; the first counts */
	MSG_PARAM_BROKEN = 1 << 1,    /* something between semicolons that is no parameter, a quote not closed */
	MSG_PARAM_GAP = 1 << 2,       /* continuations that do not start with 0 or have a gap: read up to it */
	MSG_PARAM_LIMIT = 1 << 3,     /* MSG_PARAMS_MAX or MSG_PARAM_OCTETS_MAX was reached */
};

struct msg_param {
	struct view name;  /* as written, without "*" and number; compare without case */
	struct view value; /* quoting taken off, continuations joined, as UTF-8 */
};

struct msg_params {
	struct view main; /* what stands before the first semicolon: "attachment" */
	struct msg_param *at;
	size_t n, cap;
	unsigned faults;
};

/* in: a raw field value, folded as it may be. Views into in, and arena for what had to be decoded. */
void msg_params_parse(struct view in, struct arena *arena, struct msg_params *out);

/* NULL when there is none. */
const struct msg_param *msg_param_find(const struct msg_params *params, const char *name);
/* Its value; empty when there is none. */
struct view msg_param_value(const struct msg_params *params, const char *name);

struct msg_type {
	struct view type;    /* "text"; empty when the field could not be read */
	struct view subtype; /* "plain" */
	struct msg_params params;
};

/* Content-Type. */
void msg_type_parse(struct view in, struct arena *arena, struct msg_type *out);
bool msg_type_is(const struct msg_type *type, const char *major, const char *minor); /* minor NULL: any */

/*
 * Appends "; name=value" to a field: a token or quoted string where ASCII does; else an ASCII fallback ("_" for each
 * other character) for old readers, and behind it name*= of RFC 2231, in pieces that fit on lines, each after "; ", where
 * folding may break.
 *
 * value   UTF-8
 * errors  ERR_DATA when name is no token, or value has control characters or is not UTF-8; ERR_LIMIT MSG_PARAM_OCTETS_MAX
 */
MUST_CHECK enum err msg_param_write(struct view name, struct view value, struct buf *out, struct diag *diag);
