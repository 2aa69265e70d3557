#include "spf_header.h"

#include "base_ascii.h"

static bool is_dot_atom(struct view v)
{
	bool dot = true;
	for (size_t i = 0; i < v.n; i++) {
		int c = view_at(v, i);
		if (c == '.' ? dot : !ascii_is_atext(c) || c >= 0x80)
			return false;
		dot = c == '.';
	}
	return !dot;
}

static int printable(int c) { return c >= 0x20 && c <= 0x7e ? c : '?'; }

/* Within a comment (RFC 5322 3.2.2). */
static void put_ctext(struct view v, struct buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		int c = printable(view_at(v, i));
		if (c == '(' || c == ')' || c == '\\')
			buf_byte(out, '\\');
		buf_byte(out, c);
	}
}

/* dot-atom / quoted-string */
static void put_value(struct view v, struct buf *out)
{
	if (is_dot_atom(v)) {
		buf_put(out, v);
		return;
	}
	buf_byte(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		int c = printable(view_at(v, i));
		if (c == '"' || c == '\\')
			buf_byte(out, '\\');
		buf_byte(out, c);
	}
	buf_byte(out, '"');
}

void spf_verdict_comment(const struct spf_verdict *verdict, const struct spf_request *request, struct buf *out)
{
	struct ip_addr client = ip_unmap(&request->ip);
	const struct ip_text ip = ip_show(&client);
	switch (verdict->result) {
	case SPF_NONE:
		put_ctext(verdict->domain, out);
		buf_str(out, " does not designate permitted sender hosts");
		return;
	case SPF_TEMPERROR:
		buf_str(out, "temporary error in processing ");
		put_ctext(verdict->domain, out);
		return;
	case SPF_PERMERROR:
		buf_str(out, "permanent error in processing ");
		put_ctext(verdict->domain, out);
		return;
	case SPF_NEUTRAL:
		buf_printf(out, "%s is neither permitted nor denied by domain of ", ip.text);
		put_ctext(verdict->sender, out);
		return;
	case SPF_PASS:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		break;
	}
	buf_str(out, verdict->result == SPF_SOFTFAIL ? "transitioning domain of " : "domain of ");
	put_ctext(verdict->sender, out);
	buf_printf(out, "%s designate%s %s as permitted sender", verdict->result == SPF_PASS ? "" : " does not",
		   verdict->result == SPF_PASS ? "s" : "", ip.text);
}

static void put_pair(const char *key, struct view value, struct buf *out)
{
	if (value.n == 0)
		return;
	buf_printf(out, " %s=", key);
	put_value(value, out);
	buf_byte(out, ';');
}

void spf_received_write(const struct spf_verdict *verdict, const struct spf_request *request, struct buf *out)
{
	struct ip_addr client = ip_unmap(&request->ip);
	buf_printf(out, "%s (", spf_result_name(verdict->result));
	if (request->receiver.n > 0) {
		put_ctext(request->receiver, out);
		buf_str(out, ": ");
	}
	spf_verdict_comment(verdict, request, out);
	buf_byte(out, ')');
	put_pair("receiver", request->receiver, out);
	put_pair("identity", verdict->helo_identity ? VIEW("helo") : VIEW("mailfrom"), out);
	put_pair("client-ip", view_str(IP_SHOW(&client)), out);
	put_pair("helo", request->helo, out);
	put_pair("envelope-from", verdict->helo_identity ? view_none() : verdict->sender, out);
	if (verdict->match != NULL)
		put_pair("mechanism", verdict->match->term->text, out);
	else if (verdict->result == SPF_NEUTRAL)
		put_pair("mechanism", VIEW("default"), out);
	if (verdict->problem != NULL && verdict->result != SPF_NONE)
		put_pair("problem", view_str(verdict->problem), out);
	if (view_last(buf_view(out)) == ';')
		buf_cut(out, out->n - 1);
}

/* Addresses that are no plain dot-atoms are cut to their domain: quoted local parts have fooled parsers (CVE-2020-12272). */
static void put_address(struct view address, struct buf *out)
{
	size_t at = address.n;
	while (at > 0 && view_at(address, at - 1) != '@')
		at--;
	struct view domain = view_from(address, at);
	if (at > 1 && is_dot_atom(view_to(address, at - 1)) && is_dot_atom(domain))
		buf_put(out, address);
	else
		put_value(domain, out);
}

void spf_authres_write(const struct spf_verdict *verdict, const struct spf_request *request, struct buf *out)
{
	buf_printf(out, "spf=%s (", spf_result_name(verdict->result));
	spf_verdict_comment(verdict, request, out);
	buf_str(out, verdict->helo_identity ? ") smtp.helo=" : ") smtp.mailfrom=");
	if (verdict->helo_identity)
		put_value(request->helo, out);
	else
		put_address(verdict->sender, out);
}
