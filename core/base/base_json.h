#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"

/*
 * Writes one JSON value (RFC 8259) on one line. Commas are its business. Strings that are no UTF-8 get U+FFFD.
 * Keys are ours and written as they are. Nesting at most JSON_DEPTH, asserted: the shape is ours, never input's.
 *
 *	json_object(&j);
 *	json_key(&j, "domain");
 *	json_view(&j, domain);
 *	json_end(&j);
 */
enum { JSON_DEPTH = 62 };

struct json {
	struct buf *out;
	uint64_t array;  /* bit d: level d is an array */
	uint64_t filled; /* bit d: level d has a member already */
	unsigned depth;
	bool after_key;
};

void json_init(struct json *json, struct buf *out);

/*
 * jansson has functions of the same names as some of these; in one program (linked statically, or by interposition) they
 * must not meet. A file that reads with jansson does not include this header.
 */
#define BASE_JSON_SYMBOL(name) __asm__("base_" name)
void json_object(struct json *json) BASE_JSON_SYMBOL("json_object");
void json_array(struct json *json) BASE_JSON_SYMBOL("json_array");
void json_end(struct json *json); /* closes the innermost object or array */
void json_key(struct json *json, const char *key);

void json_view(struct json *json, struct view v);
void json_str(struct json *json, const char *s); /* NULL is written as null */
void json_printf(struct json *json, const char *fmt, ...) PRINTF_LIKE(2, 3);
void json_int(struct json *json, int64_t value);
void json_uint(struct json *json, uint64_t value);
void json_double(struct json *json, double value); /* at most 6 significant decimals; not finite becomes null */
void json_bool(struct json *json, bool value);
void json_null(struct json *json) BASE_JSON_SYMBOL("json_null");
void json_raw(struct json *json, struct view value); /* a whole value that another writer made */

/* Key and value in one: the usual case. */
void json_key_view(struct json *json, const char *key, struct view v);
void json_key_str(struct json *json, const char *key, const char *s);
void json_key_int(struct json *json, const char *key, int64_t value);
void json_key_uint(struct json *json, const char *key, uint64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_null(struct json *json, const char *key);
void json_key_object(struct json *json, const char *key);
void json_key_array(struct json *json, const char *key);

/* A time as RFC 3339 in UTC, seconds since the epoch. */
void json_key_time(struct json *json, const char *key, int64_t epoch_s);
