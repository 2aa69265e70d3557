#include "dns_rr.h"

#include "base_vec.h"

/* The data of one record, read from the front. */
struct rdata {
	struct view in;
	size_t at;
	bool bad;
};

static unsigned take(struct rdata *rdata, size_t octets)
{
	unsigned value = 0;
	if (rdata->bad || rdata->in.n - rdata->at < octets) {
		rdata->bad = true;
		return 0;
	}
	for (size_t i = 0; i < octets; i++)
		value = value << 8 | (unsigned)view_at(rdata->in, rdata->at++);
	return value;
}

static struct view take_rest(struct rdata *rdata)
{
	struct view rest = view_from(rdata->in, rdata->at);
	rdata->at = rdata->in.n;
	return rest;
}

static struct dname take_name(struct rdata *rdata)
{
	struct dname name = dname_root();
	size_t end = rdata->at;
	while (view_at(rdata->in, end) > 0)
		end += (size_t)view_at(rdata->in, end) + 1;
	struct view wire = view_slice(rdata->in, rdata->at, end + 1 - rdata->at);
	if (rdata->bad || dname_of_wire(wire, &name, NULL) != ERR_OK)
		rdata->bad = true;
	else
		rdata->at += wire.n;
	return name;
}

static struct dns_soa take_soa(struct rdata *rdata)
{
	struct dns_soa soa = { .mname = take_name(rdata), .rname = take_name(rdata) };
	soa.serial = take(rdata, 4);
	soa.refresh = take(rdata, 4);
	soa.retry = take(rdata, 4);
	soa.expire = take(rdata, 4);
	soa.minimum = take(rdata, 4);
	return soa;
}

static enum err read_txt(struct arena *arena, struct view in, struct dns_txt *out, struct diag *diag)
{
	size_t n = 0, octets = 0;
	for (size_t at = 0; at < in.n; n++) {
		octets += (size_t)view_at(in, at);
		at += (size_t)view_at(in, at) + 1;
		if (at > in.n)
			return diag_set(diag, ERR_SYNTAX, "a string of a TXT record runs past its end");
	}
	if (n == 0)
		return diag_set(diag, ERR_SYNTAX, "a TXT record without a string");
	if (n > DNS_TXT_STRINGS_MAX || octets > DNS_TXT_OCTETS_MAX)
		return diag_set(diag, ERR_LIMIT, "a TXT record has more than %d strings or %d octets",
				DNS_TXT_STRINGS_MAX, DNS_TXT_OCTETS_MAX);
	struct view *strings = arena_array(arena, n, sizeof *strings);
	char *joined = n == 1 ? NULL : arena_alloc(arena, octets + 1);
	size_t at = 0, put = 0;
	for (size_t i = 0; i < n; i++) {
		strings[i] = view_slice(in, at + 1, (size_t)view_at(in, at));
		at += strings[i].n + 1;
		if (joined != NULL && strings[i].n > 0)
			memcpy(joined + put, strings[i].p, strings[i].n);
		put += strings[i].n;
	}
	*out = (struct dns_txt){ strings, n, n == 1 ? strings[0] : view_of(joined, octets) };
	return ERR_OK;
}

static void read_ip(struct rdata *rdata, enum ip_family family, struct ip_addr *out)
{
	*out = (struct ip_addr){ .family = family };
	for (size_t i = 0; i < ip_octets(family); i++)
		out->octets[i] = (uint8_t)take(rdata, 1);
}

/* Everything that is not TXT. */
static void read_fields(struct rdata *rdata, struct dns_rr *rr)
{
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		read_ip(rdata, rr->type == DNS_A ? IP_V4 : IP_V6, &rr->ip);
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		rr->name = take_name(rdata);
		break;
	case DNS_MX:
		rr->mx.preference = (uint16_t)take(rdata, 2);
		rr->mx.host = take_name(rdata);
		break;
	case DNS_SOA:
		rr->soa = take_soa(rdata);
		break;
	case DNS_SRV:
		rr->srv.priority = (uint16_t)take(rdata, 2);
		rr->srv.weight = (uint16_t)take(rdata, 2);
		rr->srv.port = (uint16_t)take(rdata, 2);
		rr->srv.target = take_name(rdata);
		break;
	case DNS_TLSA:
		rr->tlsa.usage = (uint8_t)take(rdata, 1);
		rr->tlsa.selector = (uint8_t)take(rdata, 1);
		rr->tlsa.matching = (uint8_t)take(rdata, 1);
		rr->tlsa.data = take_rest(rdata);
		break;
	default:
		rr->raw = take_rest(rdata);
		break;
	}
}

enum err dns_rr_of_wire(struct arena *arena, uint16_t type, uint32_t ttl, struct view rdata, struct dns_rr *out,
			struct diag *diag)
{
	struct dns_rr rr = { .type = type, .ttl = ttl };
	if (type == DNS_TXT || type == DNS_SPF) {
		enum err err = read_txt(arena, rdata, &rr.txt, diag);
		if (err == ERR_OK)
			*out = rr;
		return err;
	}
	struct rdata from = { .in = rdata };
	read_fields(&from, &rr);
	if (from.bad || from.at != rdata.n)
		return diag_set(diag, ERR_SYNTAX, "the data of a %s record does not end where it should",
				DNS_TYPE_SHOW(type));
	*out = rr;
	return ERR_OK;
}

static struct dns_txt txt_copy(struct arena *arena, const struct dns_txt *txt)
{
	struct view *strings = arena_array(arena, txt->n, sizeof *strings);
	struct view joined = arena_view(arena, txt->joined);
	for (size_t i = 0, at = 0; i < txt->n; i++) {
		strings[i] = view_slice(joined, at, txt->strings[i].n);
		at += strings[i].n;
	}
	return (struct dns_txt){ strings, txt->n, joined };
}

struct dns_rr dns_rr_copy(struct arena *arena, const struct dns_rr *rr)
{
	struct dns_rr copy = *rr;
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		copy.name = dname_copy(arena, rr->name);
		break;
	case DNS_MX:
		copy.mx.host = dname_copy(arena, rr->mx.host);
		break;
	case DNS_TXT:
	case DNS_SPF:
		copy.txt = txt_copy(arena, &rr->txt);
		break;
	case DNS_SOA:
		copy.soa.mname = dname_copy(arena, rr->soa.mname);
		copy.soa.rname = dname_copy(arena, rr->soa.rname);
		break;
	case DNS_SRV:
		copy.srv.target = dname_copy(arena, rr->srv.target);
		break;
	case DNS_TLSA:
		copy.tlsa.data = arena_view(arena, rr->tlsa.data);
		break;
	default:
		copy.raw = arena_view(arena, rr->raw);
		break;
	}
	return copy;
}

static bool txt_eq(const struct dns_txt *a, const struct dns_txt *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!view_eq(a->strings[i], b->strings[i]))
			return false;
	return true;
}

static bool soa_eq(const struct dns_soa *a, const struct dns_soa *b)
{
	return dname_eq(a->mname, b->mname) && dname_eq(a->rname, b->rname) && a->serial == b->serial &&
	       a->refresh == b->refresh && a->retry == b->retry && a->expire == b->expire && a->minimum == b->minimum;
}

bool dns_rr_eq(const struct dns_rr *a, const struct dns_rr *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case DNS_A:
	case DNS_AAAA:
		return ip_eq(&a->ip, &b->ip);
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		return dname_eq(a->name, b->name);
	case DNS_MX:
		return a->mx.preference == b->mx.preference && dname_eq(a->mx.host, b->mx.host);
	case DNS_TXT:
	case DNS_SPF:
		return txt_eq(&a->txt, &b->txt);
	case DNS_SOA:
		return soa_eq(&a->soa, &b->soa);
	case DNS_SRV:
		return a->srv.priority == b->srv.priority && a->srv.weight == b->srv.weight &&
		       a->srv.port == b->srv.port && dname_eq(a->srv.target, b->srv.target);
	case DNS_TLSA:
		return a->tlsa.usage == b->tlsa.usage && a->tlsa.selector == b->tlsa.selector &&
		       a->tlsa.matching == b->tlsa.matching && view_eq(a->tlsa.data, b->tlsa.data);
	default:
		return view_eq(a->raw, b->raw);
	}
}
