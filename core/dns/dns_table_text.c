#include "base_ascii.h"
#include "base_cur.h"
#include "base_num.h"
#include "base_show.h"
#include "base_vec.h"
#include "dns_table.h"

static bool is_word(int c) { return c > ' '; }

static struct view take_word(struct cur *cur)
{
	struct view word = cur_need_while(cur, is_word);
	cur_skip_wsp(cur);
	return word;
}

static uint32_t take_number(struct cur *cur, uint64_t max)
{
	uint64_t value = 0;
	if (!num_parse_uint(take_word(cur), max, &value))
		(void)cur_fail(cur);
	return (uint32_t)value;
}

static struct dname take_name(struct arena *arena, struct cur *cur)
{
	struct dname name = dname_root();
	if (dname_parse(arena, take_word(cur), &name, NULL) != ERR_OK)
		(void)cur_fail(cur);
	return name;
}

static struct ip_addr take_ip(struct cur *cur, enum ip_family family)
{
	struct ip_addr ip = { .family = IP_NONE };
	if (!ip_parse(take_word(cur), &ip) || ip.family != family)
		(void)cur_fail(cur);
	return ip;
}

/* One octet of a quoted string, its escape taken away (RFC 1035 5.1). */
static int take_octet(struct cur *cur)
{
	int c = cur_peek(cur);
	cur_skip(cur);
	if (c != '\\')
		return c;
	uint64_t value = 0;
	struct view digits = view_to(cur_rest(cur), 3);
	if (digits.n == 3 && num_parse_uint(digits, 255, &value)) {
		cur->at += 3;
		return (int)value;
	}
	c = cur_peek(cur);
	cur_skip(cur);
	return c;
}

static struct view take_string(struct arena *arena, struct cur *cur)
{
	char *text = arena_alloc(arena, cur->in.n + 1);
	size_t n = 0;
	(void)cur_need(cur, '"');
	while (!cur_end(cur) && cur_peek(cur) != '"')
		text[n++] = (char)take_octet(cur);
	(void)cur_need(cur, '"');
	cur_skip_wsp(cur);
	if (n > 255)
		(void)cur_fail(cur);
	return view_of(text, n);
}

static struct dns_txt take_strings(struct arena *arena, struct cur *cur)
{
	struct {
		struct view *at;
		size_t n, cap;
	} strings = { .n = 0 };
	size_t octets = 0;
	while (!cur_end(cur)) {
		struct view string = take_string(arena, cur);
		octets += string.n;
		*VEC_PUSH(&strings, arena) = string;
	}
	char *joined = arena_alloc(arena, octets + 1);
	octets = 0;
	for (size_t i = 0; i < strings.n; i++) {
		memcpy(joined + octets, strings.at[i].p, strings.at[i].n);
		octets += strings.at[i].n;
	}
	return (struct dns_txt){ strings.at, strings.n, view_of(joined, octets) };
}

static struct dns_soa take_soa(struct arena *arena, struct cur *cur)
{
	struct dns_soa soa = { .mname = take_name(arena, cur), .rname = take_name(arena, cur) };
	soa.serial = take_number(cur, UINT32_MAX);
	soa.refresh = take_number(cur, UINT32_MAX);
	soa.retry = take_number(cur, UINT32_MAX);
	soa.expire = take_number(cur, UINT32_MAX);
	soa.minimum = take_number(cur, UINT32_MAX);
	return soa;
}

static void take_tlsa(struct arena *arena, struct cur *cur, struct dns_tlsa *tlsa)
{
	tlsa->usage = (uint8_t)take_number(cur, UINT8_MAX);
	tlsa->selector = (uint8_t)take_number(cur, UINT8_MAX);
	tlsa->matching = (uint8_t)take_number(cur, UINT8_MAX);
	struct view hex = take_word(cur);
	unsigned char *data = arena_alloc(arena, hex.n / 2 + 1);
	size_t n = 0;
	if (!num_parse_hex_bytes(hex, data, hex.n / 2 + 1, &n))
		(void)cur_fail(cur);
	tlsa->data = view_of(data, n);
}

static void take_data(struct arena *arena, struct cur *cur, struct dns_rr *rr)
{
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		rr->ip = take_ip(cur, rr->type == DNS_A ? IP_V4 : IP_V6);
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		rr->name = take_name(arena, cur);
		break;
	case DNS_MX:
		rr->mx.preference = (uint16_t)take_number(cur, UINT16_MAX);
		rr->mx.host = take_name(arena, cur);
		break;
	case DNS_TXT:
	case DNS_SPF:
		rr->txt = take_strings(arena, cur);
		break;
	case DNS_SOA:
		rr->soa = take_soa(arena, cur);
		break;
	case DNS_SRV:
		rr->srv.priority = (uint16_t)take_number(cur, UINT16_MAX);
		rr->srv.weight = (uint16_t)take_number(cur, UINT16_MAX);
		rr->srv.port = (uint16_t)take_number(cur, UINT16_MAX);
		rr->srv.target = take_name(arena, cur);
		break;
	case DNS_TLSA:
		take_tlsa(arena, cur, &rr->tlsa);
		break;
	default:
		(void)cur_fail(cur);
		break;
	}
}

static enum dns_cause cause_of(struct view name)
{
	for (enum dns_cause cause = DNS_CAUSE_TIMEOUT; cause <= DNS_CAUSE_LIMIT; cause++)
		if (view_is_case(name, dns_cause_name(cause)))
			return cause;
	return DNS_CAUSE_NONE;
}

static bool load_record(struct dns_table *table, struct dname name, struct view type, struct cur *cur)
{
	struct dns_rr rr = { .ttl = 300 };
	if (!dns_type_parse(type, &rr.type))
		return false;
	if (rr.type == DNS_TXT && cur_peek(cur) != '"') {
		dns_table_add_txt(table, name, view_trim_end(cur_rest(cur)));
		return true;
	}
	take_data(table->arena, cur, &rr);
	if (!cur_done(cur))
		return false;
	dns_table_add(table, name, &rr);
	return true;
}

static bool load_line(struct dns_table *table, struct view line)
{
	struct cur cur = cur_of(line);
	struct dname name = take_name(table->arena, &cur);
	struct view cause = take_word(&cur);
	bool fails = view_has_byte(cause, '!');
	struct view type = view_cut(&cause, '!');
	if (!cur_ok(&cur))
		return false;
	if (!fails)
		return load_record(table, name, type, &cur);
	uint16_t number = DNS_ANY;
	if (cause_of(cause) == DNS_CAUSE_NONE || (!view_is(type, "*") && !dns_type_parse(type, &number)))
		return false;
	dns_table_fail(table, name, number, cause_of(cause));
	return cur_done(&cur);
}

enum err dns_table_load(struct dns_table *table, struct view text, struct diag *diag)
{
	struct view line;
	for (unsigned number = 1; view_next_line(&text, &line); number++) {
		line = view_trim(line);
		if (line.n > 0 && view_at(line, 0) != '#' && !load_line(table, line))
			return diag_at(diag, ERR_SYNTAX, number, 0, "line %u is no DNS record that a table takes: %s",
				       number, SHOW(line));
	}
	return ERR_OK;
}
