#pragma once

#include <stdbool.h>

#include "base_err.h"
#include "base_view.h"
#include "crypto_secret.h"
#include "smtp_ehlo.h"

/*
 * The client's side of SASL (RFC 4422). SCRAM, CRAM-MD5 and GSSAPI are GNU SASL's; PLAIN, LOGIN, EXTERNAL, XOAUTH2 and
 * OAUTHBEARER are a line or two each and ours, so that their secrets never leave a crypto_secret.
 *
 * BUGS: what GNU SASL is given (the password, for SCRAM and CRAM-MD5) it copies and does not wipe.
 */
struct smtp_sasl_opts {
	unsigned forced;                      /* 1 << enum smtp_sasl_mech; 0: whatever fits, in the order of the enum */
	struct view user;                     /* authentication identity; empty: none */
	struct view authzid;                  /* authorization identity; usually empty */
	const struct crypto_secret *password; /* NULL: none */
	const struct crypto_secret *token;    /* OAuth access token; NULL: none */
	bool client_cert;                     /* TLS showed one: EXTERNAL makes sense */
	struct view host;                     /* of the server, for GSSAPI and OAUTHBEARER */
	unsigned port;
	/* Channel bindings of the TLS below (RFC 9266 tls-exporter, RFC 5929 tls-unique); raw, empty: none. */
	struct view tls_exporter;
	struct view tls_unique;
};

/*
 * The best mechanism out of those offered (bits) and not `tried`; with a token the OAuth ones alone, CRAM-MD5 and
 * GSSAPI only when forced, -PLUS only with a channel binding. False: there is none.
 */
MUST_CHECK bool smtp_sasl_choose(const struct smtp_sasl_opts *opts, unsigned offered, unsigned tried,
				 enum smtp_sasl_mech *out);

/* One exchange; opaque, since it holds secrets. */
struct smtp_sasl;

/* opts is borrowed until smtp_sasl_close. errors: ERR_CONFIG (user or password missing), ERR_DATA (NUL in one) */
MUST_CHECK enum err smtp_sasl_open(const struct smtp_sasl_opts *opts, enum smtp_sasl_mech mech, struct smtp_sasl **out,
				   struct diag *diag);
void smtp_sasl_close(struct smtp_sasl **sasl); /* NULL is fine */

/* What can go with the AUTH command; *has false for mechanisms in which the server speaks first. */
MUST_CHECK enum err smtp_sasl_initial(struct smtp_sasl *sasl, struct crypto_secret *out, bool *has, struct diag *diag);

/*
 * The answer to a challenge (both raw).
 * limits  a challenge of SMTP_SASL_CHALLENGE_MAX octets, SMTP_SASL_STEPS challenges
 * errors  ERR_DENIED: the server's proof is wrong, so it does not know the password
 *         ERR_PROTOCOL: the challenge makes no sense here
 */
enum { SMTP_SASL_CHALLENGE_MAX = 32768, SMTP_SASL_STEPS = 16 };
MUST_CHECK enum err smtp_sasl_step(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
				   struct diag *diag);

/* May a 235 be believed? False while SCRAM has not seen the server's proof. */
bool smtp_sasl_complete(const struct smtp_sasl *sasl);

/* What the server said in its error challenge (JSON of OAuth), for messages; empty when it said nothing. */
struct view smtp_sasl_server_error(const struct smtp_sasl *sasl);
