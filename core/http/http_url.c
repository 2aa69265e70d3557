#include "http_url.h"

#include "base_ascii.h"
#include "base_num.h"
#include "base_show.h"
#include "dns_mx.h"

static enum err not_a_url(struct view text, const char *why, struct diag *diag)
{
	return diag_set(diag, ERR_SYNTAX, "%s: %s", SHOW(text), why);
}

static bool is_plain(struct view text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_vchar(view_at(text, i)))
			return false;
	}
	return true;
}

/* host [ ":" port ] with the brackets of RFC 3986 3.2.2 */
static bool split_authority(struct view authority, struct http_url *url)
{
	struct view rest = authority;
	uint64_t port = url->port;
	if (view_at(rest, 0) == '[') {
		struct ip_addr ip;
		rest = view_from(rest, 1);
		url->host = view_cut(&rest, ']');
		if (rest.p == NULL || !ip_parse(url->host, &ip) || ip.family != IP_V6)
			return false;
		if (rest.n > 0 && view_at(rest, 0) != ':')
			return false;
		rest = rest.n > 0 ? view_from(rest, 1) : view_of(NULL, 0);
	} else {
		url->host = view_cut(&rest, ':');
	}
	if (rest.p != NULL && (!num_parse_uint(rest, UINT16_MAX, &port) || port == 0))
		return false;
	url->port = (uint16_t)port;
	return url->host.n > 0 && url->host.n <= 255;
}

enum err http_url_parse(struct view text, struct http_url *out, struct diag *diag)
{
	struct http_url url = { .tls = view_starts_case(text, VIEW("https://")) };
	if (text.n > HTTP_URL_MAX)
		return diag_set(diag, ERR_LIMIT, "a URL of %zu octets; at most %d are used", text.n, HTTP_URL_MAX);
	if (!url.tls && !view_starts_case(text, VIEW("http://")))
		return not_a_url(text, "a URL beginning with https:// is expected", diag);
	if (!is_plain(text))
		return not_a_url(text, "a URL has no spaces, controls or octets beyond ASCII", diag);
	struct view rest = view_from(text, url.tls ? 8 : 7);
	size_t end = 0;
	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' && rest.p[end] != '#')
		end++;
	url.port = url.tls ? 443 : 80;
	url.rest = view_from(rest, end);
	struct view authority = view_to(rest, end);
	if (view_has_byte(authority, '@'))
		return not_a_url(text, "user names in URLs are not used", diag);
	if (!split_authority(authority, &url))
		return not_a_url(text, "no host in it, or no such port", diag);
	*out = url;
	return ERR_OK;
}

static enum err one_address(struct arena *arena, struct ip_addr ip, const struct ip_addr **out, size_t *count)
{
	struct ip_addr *at = arena_new(arena, struct ip_addr);
	*at = ip;
	*out = at;
	*count = 1;
	return ERR_OK;
}

enum err http_resolve(struct dns_resolver *resolver, struct arena *arena, struct view text, const struct ip_addr **out,
		      size_t *count, struct diag *diag)
{
	struct http_url url;
	struct dname name;
	struct ip_addr ip;
	enum err err = http_url_parse(text, &url, diag);
	if (err != ERR_OK)
		return err;
	if (ip_parse(url.host, &ip))
		return one_address(arena, ip, out, count);
	if (view_is_case(url.host, "localhost"))
		return one_address(arena, (struct ip_addr){ IP_V4, { 127, 0, 0, 1 } }, out, count);
	err = dname_parse_plain(arena, url.host, &name, diag);
	if (err != ERR_OK)
		return err;
	struct dns_addrs addrs;
	dns_addrs_query(resolver, arena, name, &addrs);
	if (addrs.status == DNS_TEMP)
		return diag_set(diag, ERR_TEMP, "%s: its address could not be looked up", SHOW(url.host));
	if (addrs.status != DNS_OK || addrs.n == 0)
		return diag_set(diag, ERR_NO_HOST, "%s: %s", SHOW(url.host),
				addrs.status == DNS_NXDOMAIN ? "no such host" : "the host has no address");
	*out = addrs.at;
	*count = addrs.n;
	return ERR_OK;
}
