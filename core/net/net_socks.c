#include "net_socks.h"

#include <string.h>

/* RFC 1928 3, 4, 6 */
enum {
	SOCKS_VERSION = 5,
	SOCKS_CONNECT = 1,
	SOCKS_NO_AUTH = 0,
	SOCKS_PASSWORD = 2,
	SOCKS_NONE_OF_THEM = 0xff,
	SOCKS_IPV4 = 1,
	SOCKS_NAME = 3,
	SOCKS_IPV6 = 4,
	SOCKS_REPLY_HEAD = 5 /* up to the octet that tells the length of a name */
};

static enum err check_text(struct view text, const char *what, struct diag *diag)
{
	if (text.n == 0 || text.n > NET_SOCKS_NAME_MAX || view_has_byte(text, '\0'))
		return diag_set(diag, ERR_DATA, "SOCKS: the %s must have 1 to %d octets and no NUL", what,
				NET_SOCKS_NAME_MAX);
	return ERR_OK;
}

static void put_text(struct buf *out, struct view text)
{
	buf_byte(out, (int)text.n);
	buf_put(out, text);
}

enum err net_socks_start(struct net_socks *socks, const struct net_socks_opts *opts, struct buf *out, struct diag *diag)
{
	enum err err = ERR_OK;
	if (opts->host.n > 0 || opts->ip.family == IP_NONE)
		err = check_text(opts->host, "name of the server", diag);
	if (err == ERR_OK && opts->user.n > 0)
		err = check_text(opts->user, "user name", diag);
	if (err == ERR_OK && opts->user.n > 0)
		err = check_text(opts->password, "password", diag);
	if (err != ERR_OK)
		return err;
	*socks = (struct net_socks){ opts, NET_SOCKS_METHOD };
	buf_put(out, opts->user.n > 0 ? view_of("\x05\x02\x00\x02", 4) : view_of("\x05\x01\x00", 3));
	return buf_err(out);
}

static void put_request(const struct net_socks_opts *opts, struct buf *out)
{
	buf_put(out, view_of("\x05\x01\x00", 3));
	if (opts->host.n > 0) {
		buf_byte(out, SOCKS_NAME);
		put_text(out, opts->host);
	} else {
		buf_byte(out, opts->ip.family == IP_V4 ? SOCKS_IPV4 : SOCKS_IPV6);
		buf_put(out, view_of(opts->ip.octets, ip_octets(opts->ip.family)));
	}
	buf_byte(out, opts->port >> 8);
	buf_byte(out, opts->port & 0xff);
}

static enum err feed_method(struct net_socks *socks, struct view in, size_t *used, struct buf *out, struct diag *diag)
{
	if (in.n > 0 && view_at(in, 0) != SOCKS_VERSION)
		return diag_set(diag, ERR_PROTOCOL, "the proxy does not speak SOCKS 5");
	if (in.n < 2)
		return ERR_OK;
	*used = 2;
	int method = view_at(in, 1);
	if (method == SOCKS_NO_AUTH) {
		socks->state = NET_SOCKS_REPLY;
		put_request(socks->opts, out);
		return ERR_OK;
	}
	if (method == SOCKS_PASSWORD && socks->opts->user.n > 0) {
		socks->state = NET_SOCKS_AUTH;
		buf_byte(out, 1); /* RFC 1929 2: the version of the negotiation */
		put_text(out, socks->opts->user);
		put_text(out, socks->opts->password);
		return ERR_OK;
	}
	if (method == SOCKS_NONE_OF_THEM)
		return diag_set(diag, ERR_DENIED,
				socks->opts->user.n > 0 ? "the SOCKS proxy accepts no user name and password"
							: "the SOCKS proxy wants a user name and password");
	return diag_set(diag, ERR_PROTOCOL, "the SOCKS proxy chose a method that was not offered (%d)", method);
}

/* RFC 1929 2 */
static enum err feed_auth(struct net_socks *socks, struct view in, size_t *used, struct buf *out, struct diag *diag)
{
	if (in.n < 2)
		return ERR_OK;
	*used = 2;
	if (view_at(in, 1) != 0)
		return diag_set(diag, ERR_DENIED, "the SOCKS proxy refuses the user name or password");
	socks->state = NET_SOCKS_REPLY;
	put_request(socks->opts, out);
	return ERR_OK;
}

/* RFC 1928 6 */
static enum err refused(int reply, struct diag *diag)
{
	static const struct {
		enum err err;
		const char *text;
	} replies[] = {
		{ ERR_OK, "" },
		{ ERR_TEMP, "general failure" },
		{ ERR_DENIED, "its rules do not allow this connection" },
		{ ERR_TEMP, "the network is unreachable" },
		{ ERR_TEMP, "the server is unreachable, or its name unknown" },
		{ ERR_TEMP, "the server refused the connection" },
		{ ERR_TEMP, "the connection timed out" },
		{ ERR_UNAVAILABLE, "the proxy cannot connect" },
		{ ERR_UNAVAILABLE, "the proxy does not know this kind of address" },
	};
	if (reply < 0 || (size_t)reply >= ARRAY_LEN(replies))
		return diag_set(diag, ERR_PROTOCOL, "the SOCKS proxy failed for an unknown reason (%d)", reply);
	return diag_set(diag, replies[reply].err, "the SOCKS proxy says: %s", replies[reply].text);
}

static enum err feed_reply(struct net_socks *socks, struct view in, size_t *used, struct diag *diag)
{
	if (in.n > 0 && view_at(in, 0) != SOCKS_VERSION)
		return diag_set(diag, ERR_PROTOCOL, "the proxy does not speak SOCKS 5");
	if (in.n >= 2 && view_at(in, 1) != 0)
		return refused(view_at(in, 1), diag);
	if (in.n < SOCKS_REPLY_HEAD)
		return ERR_OK;
	int type = view_at(in, 3);
	if (type != SOCKS_IPV4 && type != SOCKS_IPV6 && type != SOCKS_NAME)
		return diag_set(diag, ERR_PROTOCOL, "the SOCKS proxy sent an address of an unknown kind (%d)", type);
	size_t address = type == SOCKS_IPV4 ? 4 : type == SOCKS_IPV6 ? 16 : 1 + (size_t)view_at(in, 4);
	if (in.n < 4 + address + 2)
		return ERR_OK;
	*used = 4 + address + 2;
	socks->state = NET_SOCKS_DONE;
	return ERR_OK;
}

enum err net_socks_feed(struct net_socks *socks, struct view in, size_t *used, struct buf *out, struct diag *diag)
{
	enum err err = ERR_OK;
	*used = 0;
	switch (socks->state) {
	case NET_SOCKS_METHOD:
		err = feed_method(socks, in, used, out, diag);
		break;
	case NET_SOCKS_AUTH:
		err = feed_auth(socks, in, used, out, diag);
		break;
	case NET_SOCKS_REPLY:
		err = feed_reply(socks, in, used, diag);
		break;
	case NET_SOCKS_DONE:
		break;
	}
	return err == ERR_OK ? buf_err(out) : err;
}
