#include "base_json.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base_time.h"
#include "base_utf8.h"

void json_init(struct json *json, struct buf *out) { *json = (struct json){ .out = out }; }

static void before_value(struct json *json)
{
	uint64_t level = UINT64_C(1) << json->depth;
	if (!json->after_key) {
		if ((json->filled & level) != 0)
			buf_byte(json->out, ',');
		json->filled |= level;
	}
	json->after_key = false;
}

static void open_level(struct json *json, int bracket, bool array)
{
	before_value(json);
	assert(json->depth < JSON_DEPTH);
	json->depth++;
	uint64_t level = UINT64_C(1) << json->depth;
	json->array = array ? json->array | level : json->array & ~level;
	json->filled &= ~level;
	buf_byte(json->out, bracket);
}

void json_object(struct json *json) { open_level(json, '{', false); }

void json_array(struct json *json) { open_level(json, '[', true); }

void json_raw(struct json *json, struct view value)
{
	before_value(json);
	buf_put(json->out, value);
}

void json_end(struct json *json)
{
	assert(json->depth > 0);
	buf_byte(json->out, (json->array >> json->depth & 1) != 0 ? ']' : '}');
	json->depth--;
}

void json_key(struct json *json, const char *key)
{
	before_value(json);
	buf_byte(json->out, '"');
	buf_str(json->out, key);
	buf_str(json->out, "\":");
	json->after_key = true;
}

static void put_escaped(struct buf *out, int c)
{
	static const char with_letter[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *at = c == 0 ? NULL : strchr(with_letter, c);
	if (at == NULL) {
		buf_printf(out, "\\u%04x", (unsigned)c);
		return;
	}
	buf_byte(out, '\\');
	buf_byte(out, letters[at - with_letter]);
}

static bool is_plain(int c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void json_view(struct json *json, struct view v)
{
	before_value(json);
	buf_byte(json->out, '"');
	while (v.n > 0) {
		size_t run = 0;
		while (is_plain(view_at(v, run)))
			run++;
		buf_put(json->out, view_to(v, run));
		v = view_from(v, run);
		if (v.n == 0)
			break;
		uint32_t cp;
		size_t n = utf8_next(v, &cp);
		if (n == 0)
			utf8_put(json->out, 0xfffd);
		else if (cp < 0x80)
			put_escaped(json->out, (int)cp);
		else
			buf_put(json->out, view_to(v, n));
		v = view_from(v, n == 0 ? 1 : n);
	}
	buf_byte(json->out, '"');
}

void json_str(struct json *json, const char *s)
{
	if (s == NULL)
		json_null(json);
	else
		json_view(json, view_str(s));
}

void json_printf(struct json *json, const char *fmt, ...)
{
	char text[512];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_str(json, text);
}

void json_int(struct json *json, int64_t value)
{
	before_value(json);
	buf_printf(json->out, "%lld", (long long)value);
}

void json_uint(struct json *json, uint64_t value)
{
	before_value(json);
	buf_printf(json->out, "%llu", (unsigned long long)value);
}

void json_double(struct json *json, double value)
{
	if (!isfinite(value)) {
		json_null(json);
		return;
	}
	before_value(json);
	buf_printf(json->out, "%.6g", value);
}

void json_bool(struct json *json, bool value)
{
	before_value(json);
	buf_str(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
	before_value(json);
	buf_str(json->out, "null");
}

void json_key_view(struct json *json, const char *key, struct view v)
{
	json_key(json, key);
	json_view(json, v);
}

void json_key_str(struct json *json, const char *key, const char *s)
{
	json_key(json, key);
	json_str(json, s);
}

void json_key_int(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_int(json, value);
}

void json_key_uint(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

void json_key_null(struct json *json, const char *key)
{
	json_key(json, key);
	json_null(json);
}

void json_key_object(struct json *json, const char *key)
{
	json_key(json, key);
	json_object(json);
}

void json_key_array(struct json *json, const char *key)
{
	json_key(json, key);
	json_array(json);
}

void json_key_time(struct json *json, const char *key, int64_t epoch_s)
{
	char text[BASE_TIME_MAX];
	base_time_rfc3339(epoch_s, text);
	json_key_str(json, key, text);
}
