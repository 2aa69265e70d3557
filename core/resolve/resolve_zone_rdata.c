#include <ldns/ldns.h>
#include <stdlib.h>

#include "base_ascii.h"
#include "base_base64.h"
#include "base_num.h"
#include "base_show.h"
#include "resolve_zone_priv.h"

enum { RDATA_MAX = 65535 };

/*
 * The forms of the types that mail needs. n name, a A, q AAAA, 1 2 4 numbers of so many octets, t time, s string, S strings up to
 * the end, v the rest of the line as one string without length (CAA), h hexadecimal to the end, b base64 to the end.
 */
static const struct {
	uint16_t type;
	const char *form;
} forms[] = {
	{ DNS_A, "a" },      { DNS_AAAA, "q" },    { DNS_NS, "n" },    { DNS_CNAME, "n" },     { DNS_PTR, "n" },
	{ DNS_DNAME, "n" },  { DNS_MX, "2n" },     { DNS_TXT, "S" },   { DNS_SPF, "S" },       { DNS_SOA, "nn4tttt" },
	{ DNS_SRV, "222n" }, { DNS_TLSA, "111h" }, { DNS_DS, "211h" }, { DNS_DNSKEY, "211b" }, { DNS_CAA, "1sv" },
	{ 13, "ss" },        { 17, "nn" },         { 35, "22sssn" },   { 44, "11h" },          { 53, "111h" },
	{ 59, "211h" },      { 60, "211b" },
};

struct rdata {
	struct arena *arena;
	struct dname origin;
	const struct zone_token *tokens;
	size_t n, at;
	bool text; /* a type whose strings are judged for quotation marks */
	struct buf *out;
	unsigned *flags;
	const char **check;
	struct diag *diag;
};

static enum err bad(struct rdata *rdata, struct view text, const char *what)
{
	return diag_set(rdata->diag, ERR_SYNTAX, "'%s' is no %s", SHOW(text), what);
}

static void put_number(struct buf *out, uint64_t value, unsigned octets)
{
	while (octets-- > 0)
		buf_byte(out, (int)(value >> 8 * octets & 0xff));
}

static enum err put_name(struct rdata *rdata, struct view text)
{
	struct dname name;
	bool relative;
	enum err err = zone_token_name(rdata->arena, text, rdata->origin, &name, &relative, rdata->diag);
	if (err != ERR_OK)
		return err;
	*rdata->flags |= relative ? (unsigned)ZONE_RELATIVE : 0;
	buf_put(rdata->out, name.wire);
	return ERR_OK;
}

static enum err put_ip(struct rdata *rdata, struct view text, enum ip_family family)
{
	struct ip_addr ip;
	if (!ip_parse(text, &ip) || ip.family != family)
		return bad(rdata, text, family == IP_V4 ? "IPv4 address" : "IPv6 address");
	buf_put(rdata->out, view_of(ip.octets, ip_octets(family)));
	return ERR_OK;
}

static enum err put_string(struct rdata *rdata, const struct zone_token *token)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 255);
	if (!zone_token_octets(token, &text)) {
		if (buf_err(&text) == ERR_OK)
			return bad(rdata, token->text, "string (bad escape; \\DDD wants three digits up to 255)");
		*rdata->check = "zone.string-255";
		return diag_set(rdata->diag, ERR_SYNTAX, "a string of more than 255 octets (cut it: \"...\" \"...\")");
	}
	if (rdata->text && !token->quoted)
		*rdata->flags |= (unsigned)ZONE_TXT_UNQUOTED | (token->cut ? (unsigned)ZONE_TXT_CUT : 0);
	buf_byte(rdata->out, (int)text.n);
	buf_put(rdata->out, buf_view(&text));
	return ERR_OK;
}

/* All words that are left, put together. */
static enum err put_coded(struct rdata *rdata, bool hex)
{
	BUF_AUTO struct buf coded, plain;
	buf_init(&coded, (size_t)RDATA_MAX * 2);
	buf_init(&plain, RDATA_MAX);
	while (rdata->at < rdata->n)
		buf_put(&coded, rdata->tokens[rdata->at++].text);
	if (!hex) {
		if (!base64_decode(buf_view(&coded), BASE64_STRICT, &plain))
			return bad(rdata, buf_view(&coded), "base64");
		buf_put(rdata->out, buf_view(&plain));
		return ERR_OK;
	}
	for (size_t i = 0; i < coded.n; i += 2) {
		int high = ascii_hex_value(coded.p[i]), low = i + 1 < coded.n ? ascii_hex_value(coded.p[i + 1]) : -1;
		if (high < 0 || low < 0)
			return bad(rdata, buf_view(&coded), "hexadecimal");
		buf_byte(rdata->out, high * 16 + low);
	}
	return ERR_OK;
}

static enum err put_strings(struct rdata *rdata)
{
	enum err err = ERR_OK;
	if (rdata->at == rdata->n)
		return diag_set(rdata->diag, ERR_SYNTAX, "the record has no text");
	while (err == ERR_OK && rdata->at < rdata->n)
		err = put_string(rdata, &rdata->tokens[rdata->at++]);
	return err;
}

static enum err put_uint(struct rdata *rdata, struct view text, unsigned octets)
{
	uint64_t value;
	if (!num_parse_uint(text, ((uint64_t)1 << 8 * octets) - 1, &value))
		return bad(rdata, text,
			   octets == 1   ? "number up to 255"
			   : octets == 2 ? "number up to 65535"
					 : "number");
	put_number(rdata->out, value, octets);
	return ERR_OK;
}

static enum err put_time(struct rdata *rdata, struct view text)
{
	uint32_t seconds;
	if (!zone_token_ttl(text, &seconds))
		return bad(rdata, text, "time");
	put_number(rdata->out, seconds, 4);
	return ERR_OK;
}

static enum err put_field(struct rdata *rdata, char form)
{
	if (form == 'h' || form == 'b')
		return put_coded(rdata, form == 'h');
	if (form == 'S')
		return put_strings(rdata);
	if (rdata->at == rdata->n)
		return diag_set(rdata->diag, ERR_SYNTAX, "the record's data is too short");
	const struct zone_token *token = &rdata->tokens[rdata->at++];
	switch (form) {
	case 'n':
		return put_name(rdata, token->text);
	case 'a':
		return put_ip(rdata, token->text, IP_V4);
	case 'q':
		return put_ip(rdata, token->text, IP_V6);
	case 't':
		return put_time(rdata, token->text);
	case 's':
		return put_string(rdata, token);
	case 'v':
		return zone_token_octets(token, rdata->out) ? ERR_OK : bad(rdata, token->text, "string");
	default:
		return put_uint(rdata, token->text, (unsigned)(form - '0'));
	}
}

/* RFC 3597 5: \# length hexadecimal */
static enum err put_unknown(struct rdata *rdata)
{
	uint64_t length;
	if (rdata->n < 2 || !num_parse_uint(rdata->tokens[1].text, RDATA_MAX, &length))
		return diag_set(rdata->diag, ERR_SYNTAX, "\\# wants a length and hexadecimal octets");
	rdata->at = 2;
	enum err err = put_coded(rdata, true);
	if (err == ERR_OK && rdata->out->n != length)
		return diag_set(rdata->diag, ERR_SYNTAX, "\\# says %llu octets, there are %zu",
				(unsigned long long)length, rdata->out->n);
	return err;
}

bool zone_type_parse(struct view text, uint16_t *out)
{
	char name[16];
	if (dns_type_parse(text, out))
		return true;
	if (text.n >= sizeof name || view_has_byte(text, 0))
		return false;
	memcpy(name, text.p, text.n);
	name[text.n] = '\0';
	*out = (uint16_t)ldns_get_rr_type_by_name(name);
	return *out != 0;
}

static void rr_free(ldns_rr **rr) { ldns_rr_free(*rr); }

/* Types that we do not write down ourselves (DNSSEC and rarer ones): ldns knows their forms. */
static enum err put_by_ldns(struct rdata *rdata, uint16_t type)
{
	BUF_AUTO struct buf line;
	buf_init(&line, 10000); /* what ldns takes */
	char *name = ldns_rr_type2str((ldns_rr_type)type);
	buf_printf(&line, ". 0 IN %s", name);
	free(name);
	for (; rdata->at < rdata->n; rdata->at++) {
		const char *mark = rdata->tokens[rdata->at].quoted ? "\"" : "";
		buf_printf(&line, " %s", mark);
		buf_put(&line, rdata->tokens[rdata->at].text);
		buf_str(&line, mark);
	}
	if (buf_err(&line) != ERR_OK || view_has_byte(buf_view(&line), 0))
		return diag_set(rdata->diag, ERR_SYNTAX, "the data cannot be read");
	BUF_AUTO struct buf origin_text;
	buf_init(&origin_text, DNAME_TEXT_MAX + 2);
	dname_write_dot(rdata->origin, &origin_text);
	CLEANUP(rr_free) ldns_rr *rr = NULL;
	ldns_rdf *origin = ldns_dname_new_frm_str(origin_text.p);
	ldns_status status = ldns_rr_new_frm_str(&rr, line.p, 0, origin, NULL);
	ldns_rdf_deep_free(origin);
	if (status != LDNS_STATUS_OK)
		return diag_set(rdata->diag, ERR_SYNTAX, "bad %s data: %s", DNS_TYPE_SHOW(type),
				ldns_get_errorstr_by_id(status));
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		buf_put(rdata->out, view_of(ldns_rdf_data(ldns_rr_rdf(rr, i)), ldns_rdf_size(ldns_rr_rdf(rr, i))));
	return ERR_OK;
}

static const char *form_of(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (forms[i].type == type)
			return forms[i].form;
	return NULL;
}

static enum err put_all(struct rdata *rdata, uint16_t type)
{
	const char *form = form_of(type);
	if (rdata->n > 0 && !rdata->tokens[0].quoted && view_is(rdata->tokens[0].text, "\\#"))
		return put_unknown(rdata);
	if (form == NULL)
		return put_by_ldns(rdata, type);
	enum err err = ERR_OK;
	for (; *form != '\0' && err == ERR_OK; form++)
		err = put_field(rdata, *form);
	if (err == ERR_OK && rdata->at < rdata->n)
		return diag_set(rdata->diag, ERR_SYNTAX, "'%s' is one word too many for %s",
				SHOW(rdata->tokens[rdata->at].text), DNS_TYPE_SHOW(type));
	return err;
}

enum err zone_rdata_parse(struct arena *arena, uint16_t type, uint32_t ttl, struct dname origin,
			  const struct zone_token *tokens, size_t n, struct dns_rr *out, unsigned *flags,
			  const char **check, struct diag *diag)
{
	BUF_AUTO struct buf wire;
	buf_init(&wire, RDATA_MAX);
	struct rdata rdata = { .arena = arena, .origin = origin, .tokens = tokens, .n = n, .out = &wire };
	rdata.text = type == DNS_TXT || type == DNS_SPF;
	rdata.flags = flags;
	rdata.check = check;
	rdata.diag = diag;
	enum err err = put_all(&rdata, type);
	if (err != ERR_OK)
		return err;
	if (buf_err(&wire) != ERR_OK)
		return diag_set(diag, ERR_SYNTAX, "the record's data has more than %d octets", RDATA_MAX);
	return dns_rr_of_wire(arena, type, ttl, arena_view(arena, buf_view(&wire)), out, diag);
}
