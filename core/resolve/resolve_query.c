#include "resolve_query.h"

#include "base_ascii.h"

enum { FLAG_RD = 0x0100, FLAG_AD = 0x0020, FLAG_CD = 0x0010, CLASS_IN = 1, TYPE_OPT = 41, EDNS_DO = 0x8000 };

static uint8_t *put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

/* RFC 6891 6.1.2: root, type, our UDP size, extended rcode and version 0, flags, no options. */
static uint8_t *put_opt(uint8_t *at, bool dnssec_ok)
{
	*at++ = 0;
	at = put16(at, TYPE_OPT);
	at = put16(at, RESOLVE_EDNS_SIZE);
	at = put16(at, 0);
	at = put16(at, dnssec_ok ? EDNS_DO : 0);
	return put16(at, 0);
}

size_t resolve_query_write(const struct resolve_query *query, uint8_t out[RESOLVE_QUERY_MAX])
{
	unsigned flags = FLAG_AD;
	if (query->recurse)
		flags |= FLAG_RD;
	if (query->cd)
		flags |= FLAG_CD;
	uint8_t *at = put16(out, query->id);
	at = put16(at, flags);
	at = put16(at, 1);
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, query->edns ? 1 : 0);
	memcpy(at, query->name.wire.p, query->name.wire.n);
	at += query->name.wire.n;
	at = put16(at, query->type);
	at = put16(at, CLASS_IN);
	if (query->edns)
		at = put_opt(at, query->dnssec_ok);
	return (size_t)(at - out);
}

struct dname resolve_mix_case(struct dname name, const uint8_t random[DNAME_MAX / 8 + 1], char out[DNAME_MAX])
{
	for (size_t i = 0; i < name.wire.n; i++) {
		int c = view_at(name.wire, i); /* a length octet is never a letter */
		bool upper = random[i / 8] >> (i % 8) & 1;
		out[i] = (char)(upper ? ascii_upper(c) : ascii_lower(c));
	}
	return (struct dname){ view_of(out, name.wire.n), name.labels };
}
