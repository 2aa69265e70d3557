#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_ip.h"
#include "base_spool.h"
#include "base_stream.h"
#include "cmd.h"
#include "msg_addr.h"

/*
 * `send`, room by room: the options (send_opts.c) → who and what (send.c, send_rcpt.c, send_body.c, send_compose.c,
 * send_raw.c) → struct send_message, which knows its envelope and yields its wire form → where it goes: a local place
 * (send_local.c) or a server (send_deliver.c) → one struct send_result a recipient → text, JSON, exit code
 * (send_result.c).
 */

enum send_dry_run { SEND_DRY_NO, SEND_DRY_RENDER, SEND_DRY_CONNECT };
enum { SEND_NO_FD = 1000000 };
enum send_tls { SEND_TLS_AUTO, SEND_TLS_NONE, SEND_TLS_MAY, SEND_TLS_ENCRYPT, SEND_TLS_VERIFY };
enum send_quit {
	SEND_QUIT_NEVER,
	SEND_QUIT_CONNECT,
	SEND_QUIT_EHLO,
	SEND_QUIT_TLS,
	SEND_QUIT_AUTH,
	SEND_QUIT_MAIL,
	SEND_QUIT_RCPT,
	SEND_QUIT_DATA,
};

/* What the command line said; NULL, 0 or false: not given. */
struct send_opts {
	struct opt_common common;

	/* Message */
	const char *subject;
	struct opt_texts to, cc, bcc, exclude;
	const char *from, *from_name;
	const char *envelope_from; /* "" and "<>": the null sender */
	const char *reply_to;
	struct opt_texts headers; /* "Name: value" */
	const char *in_reply_to, *references;
	const char *body, *body_file, *markdown, *html, *css;
	bool allow_html;
	struct opt_texts attach, inlined, ical; /* PATH[;key=value]... */
	const char *date, *message_id, *charset;
	bool automatic; /* --auto */
	const char *raw;
	bool from_headers; /* -t */
	bool if_output, allow_empty;

	/* Sign */
	struct opt_texts dkim; /* DOMAIN:SELECTOR:KEYFILE */
	bool no_dkim;
	const char *smime_sign;
	struct opt_texts smime_encrypt;

	/* Where */
	const char *account, *server;
	uint64_t port; /* 0: not given */
	const char *maildir, *mbox, *dump;
	struct ip_addr source_ip;
	struct opt_endpoint socks5;
	bool only_v4, only_v6;
	const char *ehlo;
	uint64_t timeout_ms;
	enum send_tls tls;
	bool insecure_auth;
	const char *tls_ca, *tls_cert, *tls_key, *tls_fingerprint, *tls_sni;
	const char *auth; /* list of mechanisms, or "off" */
	const char *user, *password_eval, *password_file, *netrc, *oauth;
	uint64_t password_fd; /* SEND_NO_FD: not given */
	const char *dsn_notify, *dsn_envid;
	enum send_ret { SEND_RET_DEFAULT, SEND_RET_FULL, SEND_RET_HDRS } dsn_ret;
	bool require_tls;

	/* Check */
	enum send_dry_run dry_run;
	bool server_info;
	enum send_quit quit_after;
	const char *xclient, *proxy_protocol;

	const char *import_msmtprc;

	/* Output */
	const char *transcript; /* "": stderr */
	const char *log;

	/* How sendmail(8) was called (cmd/sendmail.c) */
	bool as_sendmail;
	bool sendmail_smtp; /* -bs */
};

struct send_rcpts {
	struct mailbox *at;
	size_t n, cap;
};

/* The two forms in which a message can leave. */
enum send_form {
	SEND_AS_IS, /* octets over 127 stay: the server offers 8BITMIME, or there are none */
	SEND_7BIT,  /* parts with octets over 127 are quoted-printable or base64 */
};

/*
 * A message ready to go: envelope, and its bytes on demand. The bytes are signed when they are opened, after every
 * conversion, so that a signature covers exactly what is on the wire.
 */
struct send_message {
	struct mailbox sender; /* reverse-path; MAILBOX_NULL for <> */
	struct mailbox from;   /* the header's, for the choice of account and key */
	struct send_rcpts recipients;
	struct view message_id;       /* with angle brackets; of the header */
	bool eight_bit;               /* has octets over 127 in its body: SEND_AS_IS then wants BODY=8BITMIME */
	bool utf8_head;               /* raw UTF-8 in its header: wants SMTPUTF8 (addresses say so themselves) */
	struct send_content *content; /* private to send_compose.c and send_raw.c */
};

/*
 * The message from its first octet: wire form (CRLF, a final CRLF, no dot stuffing), signatures included, rewindable.
 * Opening it again starts anew and yields the same octets. *octets is exact, for SIZE= and BDAT.
 *
 * errors  ERR_DATA: SEND_7BIT of a message that is signed already and must not be changed (5.6.3); ERR_IO: an attached
 *         file changed in between
 */
MUST_CHECK enum err send_message_open(struct send_message *message, enum send_form form, struct source **source,
				      uint64_t *octets, struct diag *diag);

enum send_status {
	SEND_DELIVERED,
	SEND_DEFERRED,
	SEND_FAILED,
	SEND_IN_DOUBT,
	SEND_STATUS_COUNT,
};

enum { SEND_TIME_UNKNOWN = -1 };

/* What became of one recipient; views live in the arena of the command. Zero stands for "unknown" in all but the times. */
struct send_result {
	const struct mailbox *to;
	enum send_status status;
	enum err err; /* its exit code when it is the only recipient: ERR_OK, ERR_NO_USER, ERR_TEMP, ERR_IN_DOUBT ... */
	unsigned code;        /* SMTP reply: 250 */
	struct view enhanced; /* "2.0.0" */
	struct view reply;    /* its text, lines joined with spaces; or, without a server, what happened in words */
	const char *mx;       /* host name of the server, or the path of a local delivery */
	struct ip_addr ip;
	const char *tls_policy, *tls_protocol; /* NULL: no TLS */
	bool tls_verified;
	unsigned attempt;
	uint64_t octets;
	int64_t t_dns_ms, t_connect_ms, t_tls_ms, t_data_ms;
};

struct send_results {
	struct send_result *at; /* one a recipient, in their order */
	size_t n;
};

/* One result a recipient, status deferred and "not attempted", times unknown. */
void send_results_init(struct send_results *results, const struct send_message *message, struct arena *arena);

/* The records and the summary on stdout with --json, else a line for each that was not delivered; sets cmd->exit_code. */
void send_results_report(struct cmd *cmd, const struct send_message *message, const struct send_results *results);

struct config;
struct config_section;

/* One run of the command. */
struct send_run {
	struct cmd *cmd;
	const struct send_opts *opts;
	const struct config *config;          /* may be empty, never NULL */
	const struct config_section *account; /* -A, else by From, else the default; NULL: none */
};

/*
 * To the server that options and account name (send_deliver.c). With --dry-run=connect and --quit-after nothing is sent.
 *
 * results  one a recipient, filled in; what was not reached stays as send_results_init left it
 * errors   only what concerns no recipient: ERR_CONFIG (no server named), ERR_USAGE; a refused connection or login is a
 *          result of every recipient
 */
MUST_CHECK enum err send_deliver(struct send_run *run, struct send_message *message, struct send_results *results,
				 struct diag *diag);

/* --server-info: needs no message. */
MUST_CHECK enum err send_server_info(struct send_run *run, struct diag *diag);

/* From options to exit code; also for sendmail(8), which fills opts itself. */
MUST_CHECK enum err send_main(struct cmd *cmd, struct send_opts *opts, struct diag *diag);
