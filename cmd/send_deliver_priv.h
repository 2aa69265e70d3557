#pragma once

#include "config.h"
#include "config_secret.h"
#include "net_connect.h"
#include "net_tls.h"
#include "resolve.h"
#include "send.h"
#include "smtp_client.h"

/*
 * From "send it" to a server: where to (send_deliver_target.c), with which login (send_deliver_auth.c), by which connection
 * (send_deliver_connect.c), the session (send_deliver.c), what is written about it (send_deliver_trace.c).
 */
enum { SEND_ADDRS_MAX = 16, SEND_GREETINGS_MAX = 5, SEND_CONNECTIONS_MAX = 1000 };

/* The server, as options, account and preset say. */
struct send_target {
	const char *shown; /* for messages and JSON: host name, or the path */
	const char *host;  /* A-labels, or the text of the address; NULL for a unix socket */
	bool is_ip;
	struct net_addr addr; /* when is_ip or a unix socket */
	uint16_t port;
	bool lmtp, implicit_tls;
	bool local;         /* nobody listens in between: loopback or unix, no proxy */
	enum send_tls tls;  /* as asked */
	enum send_tls used; /* auto resolved */
	struct view ehlo;   /* empty: found when connected */
	uint64_t timeout_ms;
	struct ip_addr source;
	struct opt_endpoint socks;
	bool insecure_auth, require_tls;
	const char *tls_ca, *tls_cert, *tls_key, *tls_sni;
	unsigned char pin[1][NET_TLS_PIN_OCTETS];
	bool pinned;
};

struct send_login {
	struct smtp_sasl_opts sasl;
	struct crypto_secret password, token;
	const char *oauth; /* the section the token is from; NULL: none */
	bool renewed;      /* asked for once more, after a refusal */
	bool wanted;
};

struct send_trace {
	struct cmd *cmd;
	int fd; /* -1: none */
	int64_t began_ms;
	uint64_t body; /* octets shown of the message */
	uint64_t body_more;
};

struct send_server {
	struct send_run *run;
	struct send_target target;
	struct send_login login;
	struct send_trace trace;
	struct net_loop *loop;
	struct net_tls *tls;
	struct resolve resolve;
	bool resolving;
	struct net_addr addrs[SEND_ADDRS_MAX];
	size_t addrs_n;
	int64_t dns_ms, connect_ms;
	bool tls_gave_up; /* the handshake failed once, and plain text is allowed */
	struct net_tls_peer peer;
	struct smtp_client_opts client_opts;
	char ehlo[128];
	void (*secured)(void *ctx, const struct net_tls_session *tls); /* NULL: nobody looks at certificates */
	void *secured_ctx;
};

/* errors: ERR_CONFIG (no server), ERR_USAGE, ERR_DATA */
MUST_CHECK enum err send_target_make(struct send_run *run, struct send_target *out, struct diag *diag);

/* Key of the command line or, when that is NULL, of the account. */
const char *send_setting(const struct send_run *run, const char *option, const char *key);

/* errors: ERR_CONFIG (no password), ERR_USAGE (mechanisms), ERR_TEMP (password-eval timed out) */
MUST_CHECK enum err send_login_make(struct send_run *run, const struct send_target *target, struct send_login *out,
				    struct diag *diag);

/*
 * After the server refused the login: another access token, once. *renewed: there is one, try again.
 * errors  those of send_oauth_token
 */
MUST_CHECK enum err send_login_renew(struct send_run *run, struct send_login *login, bool *renewed, struct diag *diag);
void send_login_done(struct send_login *login);

/* The addresses of the server. errors: ERR_NO_HOST, ERR_TEMP, ERR_USAGE, ... */
MUST_CHECK enum err send_find_addresses(struct send_server *server, struct diag *diag);

/* A stream to the first address that answers. errors: as net_connect_wait */
MUST_CHECK enum err send_connect(struct send_server *server, struct net_stream **out, struct diag *diag);

/* Not this one again. */
void send_forget_address(struct send_server *server, const struct net_addr *peer);

/* Our name for EHLO on this connection. */
struct view send_ehlo_name(struct send_server *server, const struct net_stream *stream);

MUST_CHECK enum err send_trace_open(struct send_run *run, struct send_trace *trace, struct diag *diag);
void send_trace_close(struct send_trace *trace);
void send_trace_put(void *ctx, enum smtp_trace what, bool tls, struct view text);

/* --log: one line a recipient. */
void send_log(struct send_run *run, const struct send_message *message, const struct send_results *results);

/* send_deliver.c, for send_server_info too */
MUST_CHECK enum err send_server_open(struct send_run *run, struct send_server *server, struct diag *diag);
void send_server_close(struct send_server *server);
/* The policy, once the addresses are known. */
void send_settle_tls(struct send_server *server);
MUST_CHECK enum err send_session_open(struct send_server *server, struct smtp_client *client, struct diag *diag);
