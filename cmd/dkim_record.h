#pragma once

#include "base_buf.h"
#include "base_json.h"
#include "base_view.h"

/* The forms in which a key record is handed to those who publish it. */
enum dkim_record_form {
	DKIM_RECORD_ZONE,
	DKIM_RECORD_TXT,
	DKIM_RECORD_JSON,
	DKIM_RECORD_NSUPDATE,
	DKIM_RECORD_TINYDNS,
	DKIM_RECORD_ROUTE53,
};
extern const char *const dkim_record_forms[]; /* their names, for an option table */

struct dkim_record {
	struct view domain, selector;
	struct view text; /* "v=DKIM1; ..." */
	uint64_t ttl;
	bool absolute; /* zone: the owner with its domain and last dot */
	bool replace;  /* nsupdate: what is there goes first (--revoke) */
};

/* "202611._domainkey.example.org" */
void dkim_record_name(const struct dkim_record *record, struct buf *out);

/* All forms but JSON, lines ended. */
void dkim_record_write(const struct dkim_record *record, enum dkim_record_form form, struct buf *out);

/* The strings of at most 255 octets that the TXT record consists of. */
void dkim_record_json_strings(const struct dkim_record *record, struct json *json);
