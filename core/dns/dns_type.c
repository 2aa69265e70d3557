#include <stdio.h>

#include "base_num.h"
#include "dns_rr.h"

static const struct {
	uint16_t type;
	char name[DNS_TYPE_TEXT_MAX];
} types[] = {
	{ DNS_A, "A" },         { DNS_NS, "NS" },       { DNS_CNAME, "CNAME" },   { DNS_SOA, "SOA" },
	{ DNS_PTR, "PTR" },     { DNS_MX, "MX" },       { DNS_TXT, "TXT" },       { DNS_AAAA, "AAAA" },
	{ DNS_SRV, "SRV" },     { DNS_DNAME, "DNAME" }, { DNS_OPT, "OPT" },       { DNS_DS, "DS" },
	{ DNS_RRSIG, "RRSIG" }, { DNS_NSEC, "NSEC" },   { DNS_DNSKEY, "DNSKEY" }, { DNS_NSEC3, "NSEC3" },
	{ DNS_TLSA, "TLSA" },   { DNS_HTTPS, "HTTPS" }, { DNS_SPF, "SPF" },       { DNS_ANY, "ANY" },
	{ DNS_CAA, "CAA" },
};

struct dns_type_text dns_type_show(unsigned type)
{
	struct dns_type_text out;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type) {
			memcpy(out.text, types[i].name, sizeof types[i].name);
			return out;
		}
	(void)snprintf(out.text, sizeof out.text, "TYPE%u", type & 0xffff);
	return out;
}

bool dns_type_parse(struct view text, uint16_t *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (view_is_case(text, types[i].name)) {
			*type = types[i].type;
			return true;
		}
	uint64_t number;
	if (!view_starts_case(text, VIEW("TYPE")) || !num_parse_uint(view_from(text, 4), UINT16_MAX, &number))
		return false;
	*type = (uint16_t)number;
	return true;
}
