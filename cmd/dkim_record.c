#include "dkim_record.h"

#include "base_ascii.h"

enum { STRING_MAX = 255 };

const char *const dkim_record_forms[] = { "zone", "txt", "json", "nsupdate", "tinydns", "route53", NULL };

void dkim_record_name(const struct dkim_record *record, struct buf *out)
{
	buf_printf(out, "%.*s._domainkey.%.*s", VIEW_ARG(record->selector), VIEW_ARG(record->domain));
}

/* RFC 1035 5.1: \" \\ and \DDD. */
static void write_quoted(struct view string, struct buf *out)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < string.n; i++) {
		int c = view_at(string, i);
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (char)c);
		else if (c >= ' ' && c < 0x7f)
			buf_byte(out, c);
		else
			buf_printf(out, "\\%03d", c);
	}
	buf_byte(out, '"');
}

static void write_strings(const struct dkim_record *record, const char *between, struct buf *out)
{
	for (struct view rest = record->text; rest.n > 0; rest = view_from(rest, STRING_MAX)) {
		buf_str(out, rest.p == record->text.p ? "" : between);
		write_quoted(view_to(rest, STRING_MAX), out);
	}
}

void dkim_record_json_strings(const struct dkim_record *record, struct json *json)
{
	json_key_array(json, "strings");
	for (struct view rest = record->text; rest.n > 0; rest = view_from(rest, STRING_MAX))
		json_view(json, view_to(rest, STRING_MAX));
	json_end(json);
}

static void write_zone(const struct dkim_record *record, struct buf *out)
{
	buf_printf(out, "%.*s._domainkey", VIEW_ARG(record->selector));
	if (record->absolute)
		buf_printf(out, ".%.*s.", VIEW_ARG(record->domain));
	buf_printf(out, "\t%llu\tIN\tTXT\t", (unsigned long long)record->ttl);
	bool one = record->text.n <= STRING_MAX;
	buf_str(out, one ? "" : "( ");
	write_strings(record, "\n\t", out);
	buf_printf(out, "%s\t; DKIM key %.*s of %.*s\n", one ? "" : " )", VIEW_ARG(record->selector),
		   VIEW_ARG(record->domain));
}

static void write_nsupdate(const struct dkim_record *record, struct buf *out)
{
	if (record->replace) {
		buf_str(out, "update delete ");
		dkim_record_name(record, out);
		buf_str(out, ". TXT\n");
	}
	buf_str(out, "update add ");
	dkim_record_name(record, out);
	buf_printf(out, ". %llu TXT ", (unsigned long long)record->ttl);
	write_strings(record, " ", out);
	buf_str(out, "\nsend\n");
}

/* 'name:text:ttl, octal for what tinydns-data would misread; it cuts the strings itself. */
static void write_tinydns(const struct dkim_record *record, struct buf *out)
{
	buf_byte(out, '\'');
	dkim_record_name(record, out);
	buf_byte(out, ':');
	for (size_t i = 0; i < record->text.n; i++) {
		int c = view_at(record->text, i);
		if (c > ' ' && c < 0x7f && c != ':' && c != '\\')
			buf_byte(out, c);
		else
			buf_printf(out, "\\%03o", (unsigned)c);
	}
	buf_printf(out, ":%llu\n", (unsigned long long)record->ttl);
}

static void write_route53(const struct dkim_record *record, struct buf *out)
{
	BUF_AUTO struct buf name, value;
	buf_init(&name, 1024);
	buf_init(&value, 32768);
	dkim_record_name(record, &name);
	buf_byte(&name, '.');
	write_strings(record, " ", &value);
	struct json json;
	json_init(&json, out);
	json_object(&json);
	json_key_str(&json, "Comment", "DKIM key");
	json_key_array(&json, "Changes");
	json_object(&json);
	json_key_str(&json, "Action", "UPSERT");
	json_key_object(&json, "ResourceRecordSet");
	json_key_view(&json, "Name", buf_view(&name));
	json_key_str(&json, "Type", "TXT");
	json_key_uint(&json, "TTL", record->ttl);
	json_key_array(&json, "ResourceRecords");
	json_object(&json);
	json_key_view(&json, "Value", buf_view(&value));
	for (int i = 0; i < 6; i++)
		json_end(&json);
	buf_byte(out, '\n');
}

void dkim_record_write(const struct dkim_record *record, enum dkim_record_form form, struct buf *out)
{
	switch (form) {
	case DKIM_RECORD_ZONE:
		write_zone(record, out);
		break;
	case DKIM_RECORD_NSUPDATE:
		write_nsupdate(record, out);
		break;
	case DKIM_RECORD_TINYDNS:
		write_tinydns(record, out);
		break;
	case DKIM_RECORD_ROUTE53:
		write_route53(record, out);
		break;
	case DKIM_RECORD_TXT:
	case DKIM_RECORD_JSON:
		buf_put(out, record->text);
		buf_byte(out, '\n');
		break;
	}
}
