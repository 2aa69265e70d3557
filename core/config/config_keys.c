#include "config_keys.h"

#include "base_attr.h"

#define GLOBAL CONFIG_IN(CONFIG_GLOBAL)
#define ACCOUNT CONFIG_IN(CONFIG_ACCOUNT)
#define OAUTH CONFIG_IN(CONFIG_OAUTH)
#define PROVIDER CONFIG_IN(CONFIG_PROVIDER)
#define ROUTE CONFIG_IN(CONFIG_ROUTE)
#define DKIM CONFIG_IN(CONFIG_DKIM)

/* What says how a server is reached: an account, a route, and the global default. */
#define SERVER (GLOBAL | ACCOUNT | ROUTE)
/* What shapes the flow to it. */
#define FLOW (SERVER | PROVIDER)

/* libConfuse does not let a key and a section share a name: hence default-account, and no global dkim or oauth. */
const struct config_key config_keys[] = {
	/* who writes */
	{ "default-account", GLOBAL, CONFIG_PLAIN },
	{ "from", GLOBAL, CONFIG_PLAIN },
	{ "from", ACCOUNT | ROUTE, CONFIG_LIST },
	{ "from-name", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "domain", GLOBAL, CONFIG_PLAIN }, /* of names without one */
	{ "envelope-from", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "reply-to", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "header", GLOBAL | ACCOUNT, CONFIG_LIST },
	{ "dkim", ACCOUNT, CONFIG_LIST },
	/* where to */
	{ "preset", ACCOUNT, CONFIG_PLAIN },
	{ "server", SERVER, CONFIG_PLAIN },
	{ "port", SERVER, CONFIG_PLAIN },
	{ "mx", GLOBAL | ACCOUNT | ROUTE, CONFIG_PLAIN },
	{ "mx", PROVIDER, CONFIG_LIST },
	{ "recipient", ROUTE, CONFIG_LIST },
	{ "disabled", PROVIDER | ROUTE, CONFIG_PLAIN },
	{ "relay-fallback", GLOBAL | ROUTE, CONFIG_PLAIN },
	{ "source-ip", SERVER, CONFIG_PLAIN },
	{ "socks5", SERVER, CONFIG_PLAIN },
	{ "ehlo", SERVER, CONFIG_PLAIN },
	{ "timeout", SERVER, CONFIG_PLAIN },
	/* TLS */
	{ "tls", FLOW, CONFIG_PLAIN },
	{ "tls-ca", SERVER | OAUTH, CONFIG_PLAIN },
	{ "tls-cert", SERVER, CONFIG_PLAIN },
	{ "tls-key", SERVER, CONFIG_PLAIN },
	{ "tls-fingerprint", SERVER, CONFIG_PLAIN },
	{ "tls-sni", SERVER, CONFIG_PLAIN },
	{ "require-tls", SERVER, CONFIG_PLAIN },
	/* authentication */
	{ "auth", SERVER, CONFIG_PLAIN },
	{ "insecure-auth", SERVER, CONFIG_PLAIN },
	{ "user", SERVER, CONFIG_PLAIN },
	{ "password", SERVER, CONFIG_SECRET },
	{ "password-eval", SERVER | OAUTH, CONFIG_PLAIN },
	{ "password-file", SERVER, CONFIG_PLAIN },
	{ "netrc", SERVER, CONFIG_PLAIN },
	{ "oauth", ACCOUNT | ROUTE, CONFIG_PLAIN },
	{ "token-url", OAUTH, CONFIG_PLAIN },
	{ "client-id", OAUTH, CONFIG_PLAIN },
	{ "client-secret", OAUTH, CONFIG_SECRET },
	{ "client-secret-file", OAUTH, CONFIG_PLAIN },
	{ "refresh-token", OAUTH, CONFIG_SECRET },
	{ "refresh-token-file", OAUTH, CONFIG_PLAIN },
	{ "scope", OAUTH, CONFIG_PLAIN },
	/* flow */
	{ "rate", FLOW, CONFIG_PLAIN },
	{ "connections", FLOW, CONFIG_PLAIN },
	{ "per-connection", FLOW, CONFIG_PLAIN },
	{ "window", FLOW, CONFIG_PLAIN },
	/* when, and what is kept */
	{ "queue", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "expire", GLOBAL | ACCOUNT | DKIM, CONFIG_PLAIN },
	{ "retry", GLOBAL | ACCOUNT | PROVIDER, CONFIG_PLAIN },
	{ "in-doubt", GLOBAL, CONFIG_PLAIN },
	{ "durability", GLOBAL, CONFIG_PLAIN },
	{ "max-fail", GLOBAL, CONFIG_PLAIN },
	{ "preflight", GLOBAL, CONFIG_PLAIN },
	{ "store", GLOBAL, CONFIG_PLAIN },
	{ "suppress", GLOBAL, CONFIG_PLAIN },
	{ "log", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "verp", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "list-id", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "unsubscribe-url", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "unsubscribe-mailto", GLOBAL | ACCOUNT, CONFIG_PLAIN },
	{ "token-secret", GLOBAL, CONFIG_SECRET },
	{ "token-secret-file", GLOBAL, CONFIG_PLAIN },
	/* signing */
	{ "selector", DKIM, CONFIG_PLAIN },
	{ "key", DKIM, CONFIG_PLAIN },
	{ "canon", DKIM, CONFIG_PLAIN },
	{ "headers", DKIM, CONFIG_PLAIN },
	/* everywhere */
	{ "resolver", GLOBAL, CONFIG_LIST },
	{ "zone", GLOBAL, CONFIG_LIST },
	{ "dns-timeout", GLOBAL, CONFIG_PLAIN },
};
const size_t config_keys_n = ARRAY_LEN(config_keys);

const char *config_kind_name(enum config_kind kind)
{
	static const char *const names[CONFIG_KINDS] = {
		[CONFIG_ACCOUNT] = "account", [CONFIG_OAUTH] = "oauth", [CONFIG_PROVIDER] = "provider",
		[CONFIG_ROUTE] = "route",     [CONFIG_DKIM] = "dkim",   [CONFIG_ALIASES] = "aliases",
	};
	return names[kind];
}

bool config_kind_titled(enum config_kind kind) { return kind != CONFIG_GLOBAL && kind != CONFIG_ALIASES; }
