#include "smtp_sasl.h"

#include <gsasl.h>
#include <stdlib.h>

#include "base_base64.h"
#include "base_buf.h"
#include "base_show.h"

enum { ERROR_TEXT_MAX = 1024 };
enum { NEEDS_USER = 1, NEEDS_PASSWORD = 2, NEEDS_TOKEN = 4, NEEDS_CERT = 8, NEEDS_BINDING = 16 };

struct smtp_sasl {
	const struct smtp_sasl_opts *opts;
	enum smtp_sasl_mech mech;
	unsigned steps; /* answers given, the initial one too */
	bool complete;
	bool bind; /* the channel binding goes to GNU SASL */
	Gsasl *gsasl;
	Gsasl_session *session;
	struct buf error;
};

static void add(struct crypto_secret *out, struct view v) { crypto_secret_add(out, v); }

/* RFC 4616: authzid NUL authcid NUL passwd. */
static enum err answer_plain(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
			     struct diag *diag)
{
	(void)challenge, (void)diag;
	add(out, sasl->opts->authzid);
	add(out, view_of("\0", 1));
	add(out, sasl->opts->user);
	add(out, view_of("\0", 1));
	add(out, crypto_secret_view(sasl->opts->password));
	sasl->complete = true;
	return ERR_OK;
}

/* draft-murchison-sasl-login: whatever the prompts say, first the name, then the password. */
static enum err answer_login(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
			     struct diag *diag)
{
	(void)challenge;
	if (sasl->steps > 1)
		return diag_set(diag, ERR_PROTOCOL, "the server asks for more than name and password (AUTH LOGIN)");
	add(out, sasl->steps == 0 ? sasl->opts->user : crypto_secret_view(sasl->opts->password));
	sasl->complete = sasl->steps == 1;
	return ERR_OK;
}

/* RFC 4422 appendix A. */
static enum err answer_external(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
				struct diag *diag)
{
	(void)challenge, (void)diag;
	add(out, sasl->opts->authzid);
	sasl->complete = true;
	return ERR_OK;
}

/* A challenge after the token is the server's error in JSON; it wants one more answer and then says 535. */
static bool take_error(struct smtp_sasl *sasl, struct view challenge)
{
	if (sasl->steps == 0)
		return false;
	buf_reset(&sasl->error);
	buf_put(&sasl->error, view_to(challenge, ERROR_TEXT_MAX));
	sasl->complete = false;
	return true;
}

/* Google's and Microsoft's XOAUTH2; the error is answered with an empty line. */
static enum err answer_xoauth2(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
			       struct diag *diag)
{
	(void)diag;
	if (take_error(sasl, challenge))
		return ERR_OK;
	add(out, VIEW("user="));
	add(out, sasl->opts->user);
	add(out, VIEW("\1auth=Bearer "));
	add(out, crypto_secret_view(sasl->opts->token));
	add(out, VIEW("\1\1"));
	sasl->complete = true;
	return ERR_OK;
}

/* RFC 5801 4: "," and "=" of a name in the GS2 header. */
static void add_saslname(struct crypto_secret *out, struct view name)
{
	for (size_t i = 0; i < name.n; i++) {
		int c = name.p[i];
		add(out, c == ',' ? VIEW("=2C") : c == '=' ? VIEW("=3D") : view_slice(name, i, 1));
	}
}

/* RFC 7628 3.1; the error is answered with %x01 (3.2.3). */
static enum err answer_oauthbearer(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
				   struct diag *diag)
{
	(void)diag;
	if (take_error(sasl, challenge)) {
		add(out, VIEW("\1"));
		return ERR_OK;
	}
	BUF_AUTO struct buf port;
	buf_init(&port, 16);
	buf_printf(&port, "%u", sasl->opts->port);
	add(out, VIEW("n,a="));
	add_saslname(out, sasl->opts->user);
	add(out, VIEW(",\1host="));
	add(out, sasl->opts->host);
	add(out, VIEW("\1port="));
	add(out, buf_view(&port));
	add(out, VIEW("\1auth=Bearer "));
	add(out, crypto_secret_view(sasl->opts->token));
	add(out, VIEW("\1\1"));
	sasl->complete = true;
	return ERR_OK;
}

static enum err sasl_error(const struct smtp_sasl *sasl, int rc, struct diag *diag)
{
	bool proof = rc == GSASL_AUTHENTICATION_ERROR;
	bool local = rc == GSASL_SASLPREP_ERROR || rc == GSASL_NO_AUTHID || rc == GSASL_NO_PASSWORD ||
		     (rc >= GSASL_GSSAPI_RELEASE_BUFFER_ERROR && rc <= GSASL_GSSAPI_UNSUPPORTED_PROTECTION_ERROR);
	return diag_set(diag, proof || local ? ERR_DENIED : ERR_PROTOCOL, "AUTH %s: %s%s",
			smtp_sasl_mech_name(sasl->mech), gsasl_strerror(rc),
			proof ? " (the server did not prove that it knows the password)" : "");
}

static enum err answer_gsasl(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out,
			     struct diag *diag)
{
	char *bytes = NULL;
	size_t n = 0;
	int rc = gsasl_step(sasl->session, challenge.n == 0 ? "" : challenge.p, challenge.n, &bytes, &n);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return sasl_error(sasl, rc, diag);
	add(out, view_of(bytes, n));
	crypto_wipe(bytes, n);
	gsasl_free(bytes);
	sasl->complete = rc == GSASL_OK;
	return ERR_OK;
}

static const struct {
	unsigned needs;
	bool server_first;
	bool only_forced;
	bool gsasl;
	enum err (*answer)(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out, struct diag *diag);
} mechs[SMTP_SASL_MECHS] = {
	[SMTP_SASL_SCRAM_SHA_256_PLUS] = { .needs = NEEDS_USER | NEEDS_PASSWORD | NEEDS_BINDING,
					   .gsasl = true,
					   .answer = answer_gsasl },
	[SMTP_SASL_SCRAM_SHA_1_PLUS] = { .needs = NEEDS_USER | NEEDS_PASSWORD | NEEDS_BINDING,
					 .gsasl = true,
					 .answer = answer_gsasl },
	[SMTP_SASL_SCRAM_SHA_256] = { .needs = NEEDS_USER | NEEDS_PASSWORD, .gsasl = true, .answer = answer_gsasl },
	[SMTP_SASL_SCRAM_SHA_1] = { .needs = NEEDS_USER | NEEDS_PASSWORD, .gsasl = true, .answer = answer_gsasl },
	[SMTP_SASL_OAUTHBEARER] = { .needs = NEEDS_USER | NEEDS_TOKEN, .answer = answer_oauthbearer },
	[SMTP_SASL_XOAUTH2] = { .needs = NEEDS_USER | NEEDS_TOKEN, .answer = answer_xoauth2 },
	[SMTP_SASL_GSSAPI] = { .only_forced = true, .gsasl = true, .answer = answer_gsasl },
	[SMTP_SASL_EXTERNAL] = { .needs = NEEDS_CERT, .answer = answer_external },
	[SMTP_SASL_PLAIN] = { .needs = NEEDS_USER | NEEDS_PASSWORD, .answer = answer_plain },
	[SMTP_SASL_LOGIN] = { .needs = NEEDS_USER | NEEDS_PASSWORD, .server_first = true, .answer = answer_login },
	[SMTP_SASL_CRAM_MD5] = { .needs = NEEDS_USER | NEEDS_PASSWORD,
				 .server_first = true,
				 .only_forced = true,
				 .gsasl = true,
				 .answer = answer_gsasl },
};

static unsigned missing(const struct smtp_sasl_opts *opts, enum smtp_sasl_mech mech)
{
	unsigned have = (opts->user.n > 0 ? NEEDS_USER : 0U) | (opts->password != NULL ? NEEDS_PASSWORD : 0U) |
			(opts->token != NULL ? NEEDS_TOKEN : 0U) | (opts->client_cert ? NEEDS_CERT : 0U) |
			(opts->tls_exporter.n > 0 || opts->tls_unique.n > 0 ? NEEDS_BINDING : 0U);
	return mechs[mech].needs & ~have;
}

static bool fits(const struct smtp_sasl_opts *opts, enum smtp_sasl_mech mech)
{
	if (opts->forced != 0)
		return (opts->forced & 1U << mech) != 0 && (missing(opts, mech) & ~(unsigned)NEEDS_CERT) == 0;
	if (mechs[mech].only_forced || missing(opts, mech) != 0)
		return false;
	/* A token is there to be used, and with a password somebody wants to be more than the certificate's owner. */
	if (opts->token != NULL)
		return (mechs[mech].needs & NEEDS_TOKEN) != 0;
	return mech != SMTP_SASL_EXTERNAL || opts->password == NULL;
}

bool smtp_sasl_choose(const struct smtp_sasl_opts *opts, unsigned offered, unsigned tried, enum smtp_sasl_mech *out)
{
	for (unsigned i = 0; i < SMTP_SASL_MECHS; i++) {
		if ((offered & ~tried & 1U << i) == 0 || !fits(opts, (enum smtp_sasl_mech)i))
			continue;
		*out = (enum smtp_sasl_mech)i;
		return true;
	}
	return false;
}

static enum err set_base64(Gsasl_session *session, Gsasl_property property, struct view raw)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 1024);
	base64_encode(raw, &text);
	return buf_err(&text) == ERR_OK && gsasl_property_set_raw(session, property, text.p, text.n) == GSASL_OK
		       ? ERR_OK
		       : ERR_BUG;
}

static enum err open_gsasl(struct smtp_sasl *sasl, struct diag *diag)
{
	const struct smtp_sasl_opts *opts = sasl->opts;
	int rc = gsasl_init(&sasl->gsasl);
	if (rc == GSASL_OK)
		rc = gsasl_client_start(sasl->gsasl, smtp_sasl_mech_name(sasl->mech), &sasl->session);
	if (rc != GSASL_OK)
		return diag_set(diag, ERR_CONFIG, "AUTH %s is not in this build of GNU SASL: %s",
				smtp_sasl_mech_name(sasl->mech), gsasl_strerror(rc));
	if (opts->user.n > 0)
		rc = gsasl_property_set_raw(sasl->session, GSASL_AUTHID, opts->user.p, opts->user.n);
	if (rc == GSASL_OK && opts->authzid.n > 0)
		rc = gsasl_property_set_raw(sasl->session, GSASL_AUTHZID, opts->authzid.p, opts->authzid.n);
	if (rc == GSASL_OK && opts->password != NULL)
		rc = gsasl_property_set_raw(sasl->session, GSASL_PASSWORD, opts->password->p, opts->password->n);
	if (rc == GSASL_OK)
		rc = gsasl_property_set(sasl->session, GSASL_SERVICE, "smtp");
	if (rc == GSASL_OK && opts->host.n > 0)
		rc = gsasl_property_set_raw(sasl->session, GSASL_HOSTNAME, opts->host.p, opts->host.n);
	enum err err = rc == GSASL_OK ? ERR_OK : sasl_error(sasl, rc, diag);
	if (err == ERR_OK && sasl->bind && opts->tls_exporter.n > 0)
		err = set_base64(sasl->session, GSASL_CB_TLS_EXPORTER, opts->tls_exporter);
	if (err == ERR_OK && sasl->bind && opts->tls_unique.n > 0)
		err = set_base64(sasl->session, GSASL_CB_TLS_UNIQUE, opts->tls_unique);
	return err;
}

static enum err check_identity(const struct smtp_sasl_opts *opts, enum smtp_sasl_mech mech, struct diag *diag)
{
	unsigned lacks = missing(opts, mech);
	if ((lacks & (NEEDS_USER | NEEDS_PASSWORD | NEEDS_TOKEN)) != 0)
		return diag_set(diag, ERR_CONFIG, "AUTH %s needs a %s", smtp_sasl_mech_name(mech),
				(lacks & NEEDS_USER) != 0       ? "user name (--user)"
				: (lacks & NEEDS_PASSWORD) != 0 ? "password"
								: "token (--oauth)");
	/* An octet of control in a name would end a field of XOAUTH2 or PLAIN. */
	if (view_has_ctl(opts->user) || view_has_ctl(opts->authzid))
		return diag_set(diag, ERR_DATA, "the user name holds a control character: \"%s\"", SHOW(opts->user));
	if (opts->password != NULL && view_has_byte(crypto_secret_view(opts->password), '\0'))
		return diag_set(diag, ERR_DATA, "the password holds a NUL");
	if (opts->token != NULL && view_has_ctl(crypto_secret_view(opts->token)))
		return diag_set(diag, ERR_DATA, "the OAuth token holds a control character");
	return ERR_OK;
}

enum err smtp_sasl_open(const struct smtp_sasl_opts *opts, enum smtp_sasl_mech mech, struct smtp_sasl **out,
			struct diag *diag)
{
	enum err err = check_identity(opts, mech, diag);
	if (err != ERR_OK)
		return err;
	struct smtp_sasl *sasl = calloc(1, sizeof *sasl);
	if (sasl == NULL)
		base_out_of_memory();
	sasl->opts = opts;
	sasl->mech = mech;
	buf_init(&sasl->error, ERROR_TEXT_MAX);
	/*
	 * RFC 5802 6 lets a client that could bind but sees no -PLUS say so ("y"); GNU SASL 2.2.0 fails at its first step
	 * when it is given a binding for a mechanism without, so "n" is what we say.
	 */
	sasl->bind = (mechs[mech].needs & NEEDS_BINDING) != 0;
	err = mechs[mech].gsasl ? open_gsasl(sasl, diag) : ERR_OK;
	if (err == ERR_OK)
		*out = sasl;
	else
		smtp_sasl_close(&sasl);
	return err;
}

void smtp_sasl_close(struct smtp_sasl **sasl)
{
	if (*sasl == NULL)
		return;
	if ((*sasl)->session != NULL)
		gsasl_finish((*sasl)->session);
	if ((*sasl)->gsasl != NULL)
		gsasl_done((*sasl)->gsasl);
	buf_done(&(*sasl)->error);
	free(*sasl);
	*sasl = NULL;
}

enum err smtp_sasl_initial(struct smtp_sasl *sasl, struct crypto_secret *out, bool *has, struct diag *diag)
{
	*has = !mechs[sasl->mech].server_first;
	return *has ? smtp_sasl_step(sasl, view_none(), out, diag) : ERR_OK;
}

enum err smtp_sasl_step(struct smtp_sasl *sasl, struct view challenge, struct crypto_secret *out, struct diag *diag)
{
	crypto_secret_set(out, view_none());
	if (challenge.n > SMTP_SASL_CHALLENGE_MAX || sasl->steps >= SMTP_SASL_STEPS)
		return diag_set(diag, ERR_PROTOCOL, "AUTH %s: the server's challenges do not end",
				smtp_sasl_mech_name(sasl->mech));
	enum err err = mechs[sasl->mech].answer(sasl, challenge, out, diag);
	sasl->steps++;
	return err;
}

bool smtp_sasl_complete(const struct smtp_sasl *sasl) { return sasl->complete; }

struct view smtp_sasl_server_error(const struct smtp_sasl *sasl) { return buf_view(&sasl->error); }
