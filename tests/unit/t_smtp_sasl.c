#include "smtp_sasl.h"

#include <gsasl.h>
#include <stdlib.h>

#include "base_base64.h"
#include "tap.h"

#define MECH(name) (1U << SMTP_SASL_##name)
enum { ROUNDS = 10 };

static const char *server_password = "pencil";
static const char *binding_property; /* base64 */

/* The other side is GNU SASL's server. */
static int server_callback(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property)
{
	(void)gsasl;
	switch ((int)property) {
	case GSASL_PASSWORD:
		return gsasl_property_set(session, GSASL_PASSWORD, server_password);
	case GSASL_CB_TLS_EXPORTER:
		if (binding_property == NULL)
			return GSASL_NO_CB_TLS_EXPORTER;
		return gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, binding_property);
	default:
		return GSASL_NO_CALLBACK;
	}
}

struct talk {
	enum err err;     /* of our side */
	int server;       /* GSASL_OK: the server lets us in */
	bool complete;    /* our side saw all it must see */
	unsigned answers; /* ours */
};

static struct talk talk_with_server(const struct smtp_sasl_opts *opts, enum smtp_sasl_mech mech)
{
	struct talk talk = { .server = GSASL_NEEDS_MORE };
	Gsasl *gsasl = NULL;
	Gsasl_session *server = NULL;
	struct smtp_sasl *client = NULL;
	struct crypto_secret answer = { 0 };
	struct diag diag;
	bool has;
	if (gsasl_init(&gsasl) != GSASL_OK)
		abort();
	gsasl_callback_set(gsasl, server_callback);
	talk.server = gsasl_server_start(gsasl, smtp_sasl_mech_name(mech), &server);
	if (talk.server == GSASL_OK)
		talk.server = GSASL_NEEDS_MORE;
	talk.err = smtp_sasl_open(opts, mech, &client, &diag);
	if (talk.err == ERR_OK)
		talk.err = smtp_sasl_initial(client, &answer, &has, &diag);
	for (unsigned i = 0; i < ROUNDS && talk.err == ERR_OK && talk.server == GSASL_NEEDS_MORE; i++) {
		char *challenge = NULL;
		size_t n = 0;
		talk.server = gsasl_step(server, answer.n == 0 ? "" : answer.p, answer.n, &challenge, &n);
		talk.answers++;
		if (talk.server == GSASL_NEEDS_MORE || (talk.server == GSASL_OK && n > 0))
			talk.err = smtp_sasl_step(client, view_of(challenge, n), &answer, &diag);
		gsasl_free(challenge);
	}
	talk.complete = client != NULL && smtp_sasl_complete(client);
	smtp_sasl_close(&client);
	crypto_secret_done(&answer);
	gsasl_finish(server);
	gsasl_done(gsasl);
	return talk;
}

static void against_gsasl(void)
{
	struct crypto_secret password = { 0 };
	crypto_secret_set(&password, VIEW("pencil"));
	struct smtp_sasl_opts opts = { .user = VIEW("user"), .password = &password };
	static const enum smtp_sasl_mech mechs[] = { SMTP_SASL_SCRAM_SHA_256, SMTP_SASL_SCRAM_SHA_1,
						     SMTP_SASL_CRAM_MD5 };
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		tap_case("%s with the right password", smtp_sasl_mech_name(mechs[i]));
		struct talk talk = talk_with_server(&opts, mechs[i]);
		CHECK_INT(talk.err, ERR_OK);
		CHECK_INT(talk.server, GSASL_OK);
		CHECK(talk.complete);
		tap_case("%s with a wrong one", smtp_sasl_mech_name(mechs[i]));
		server_password = "brush";
		talk = talk_with_server(&opts, mechs[i]);
		CHECK(talk.server != GSASL_OK);
		CHECK(!talk.complete || mechs[i] == SMTP_SASL_CRAM_MD5);
		server_password = "pencil";
	}
	BUF_AUTO struct buf same, other;
	buf_init(&same, 100);
	buf_init(&other, 100);
	base64_encode(VIEW("0123456789abcdef0123456789abcdef"), &same);
	base64_encode(VIEW("fedcba9876543210fedcba9876543210"), &other);
	opts.tls_exporter = VIEW("0123456789abcdef0123456789abcdef");
	tap_case("SCRAM-SHA-256-PLUS bound to this TLS connection (RFC 9266)");
	binding_property = same.p;
	struct talk talk = talk_with_server(&opts, SMTP_SASL_SCRAM_SHA_256_PLUS);
	CHECK_INT(talk.server, GSASL_OK);
	CHECK(talk.complete);
	tap_case("SCRAM without -PLUS over TLS that could be bound to");
	CHECK_INT(talk_with_server(&opts, SMTP_SASL_SCRAM_SHA_256).server, GSASL_OK);
	tap_case("SCRAM-SHA-1-PLUS");
	CHECK_INT(talk_with_server(&opts, SMTP_SASL_SCRAM_SHA_1_PLUS).server, GSASL_OK);
	tap_case("SCRAM-SHA-256-PLUS through somebody in the middle");
	binding_property = other.p;
	talk = talk_with_server(&opts, SMTP_SASL_SCRAM_SHA_256_PLUS);
	CHECK(talk.server != GSASL_OK);
	CHECK(!talk.complete);
	crypto_secret_done(&password);
}

enum have { USER = 1, PASSWORD = 2, TOKEN = 4, CERT = 8, BINDING = 16 };

static const struct {
	const char *what;
	unsigned have, forced, offered, tried;
	int mech; /* -1: none */
} choices[] = {
	{ "the best one offered", USER | PASSWORD, 0, MECH(PLAIN) | MECH(LOGIN) | MECH(SCRAM_SHA_256), 0,
	  SMTP_SASL_SCRAM_SHA_256 },
	{ "-PLUS with a binding", USER | PASSWORD | BINDING, 0, MECH(SCRAM_SHA_256) | MECH(SCRAM_SHA_256_PLUS), 0,
	  SMTP_SASL_SCRAM_SHA_256_PLUS },
	{ "-PLUS not without", USER | PASSWORD, 0, MECH(SCRAM_SHA_256) | MECH(SCRAM_SHA_256_PLUS), 0,
	  SMTP_SASL_SCRAM_SHA_256 },
	{ "PLAIN before LOGIN", USER | PASSWORD, 0, MECH(PLAIN) | MECH(LOGIN), 0, SMTP_SASL_PLAIN },
	{ "the next one", USER | PASSWORD, 0, MECH(PLAIN) | MECH(LOGIN), MECH(PLAIN), SMTP_SASL_LOGIN },
	{ "CRAM-MD5 not by itself", USER | PASSWORD, 0, MECH(CRAM_MD5), 0, -1 },
	{ "CRAM-MD5 when it is named", USER | PASSWORD, MECH(CRAM_MD5), MECH(CRAM_MD5) | MECH(PLAIN), 0,
	  SMTP_SASL_CRAM_MD5 },
	{ "named, but not offered", USER | PASSWORD, MECH(PLAIN), MECH(LOGIN), 0, -1 },
	{ "a token is no password", USER | TOKEN, 0, MECH(PLAIN) | MECH(XOAUTH2), 0, SMTP_SASL_XOAUTH2 },
	{ "OAUTHBEARER before XOAUTH2", USER | TOKEN, 0, MECH(OAUTHBEARER) | MECH(XOAUTH2), 0, SMTP_SASL_OAUTHBEARER },
	{ "a token and no OAuth offered", USER | TOKEN, 0, MECH(PLAIN), 0, -1 },
	{ "EXTERNAL with a certificate alone", CERT, 0, MECH(EXTERNAL) | MECH(PLAIN), 0, SMTP_SASL_EXTERNAL },
	{ "a password beside the certificate wants more", CERT | USER | PASSWORD, 0, MECH(EXTERNAL) | MECH(PLAIN), 0,
	  SMTP_SASL_PLAIN },
	{ "EXTERNAL when it is named", USER | PASSWORD | CERT, MECH(EXTERNAL), MECH(EXTERNAL) | MECH(PLAIN), 0,
	  SMTP_SASL_EXTERNAL },
	{ "GSSAPI not by itself", USER | PASSWORD, 0, MECH(GSSAPI), 0, -1 },
	{ "nothing offered", USER | PASSWORD, 0, 0, 0, -1 },
};

static void choose(void)
{
	struct crypto_secret secret = { 0 };
	crypto_secret_set(&secret, VIEW("x"));
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		tap_case("choice: %s", choices[i].what);
		unsigned have = choices[i].have;
		struct smtp_sasl_opts opts = {
			.forced = choices[i].forced,
			.user = (have & USER) != 0 ? VIEW("u") : view_none(),
			.password = (have & PASSWORD) != 0 ? &secret : NULL,
			.token = (have & TOKEN) != 0 ? &secret : NULL,
			.client_cert = (have & CERT) != 0,
			.tls_exporter = (have & BINDING) != 0 ? VIEW("b") : view_none(),
		};
		enum smtp_sasl_mech mech = SMTP_SASL_MECHS;
		bool found = smtp_sasl_choose(&opts, choices[i].offered, choices[i].tried, &mech);
		CHECK_INT(found ? (int)mech : -1, choices[i].mech);
	}
	crypto_secret_done(&secret);
}

static void refusals(void)
{
	struct crypto_secret password = { 0 };
	struct smtp_sasl *sasl = NULL;
	struct diag diag;
	tap_case("a NUL in the password, a control character in the name: never sent");
	crypto_secret_set(&password, VIEW("a\0b"));
	struct smtp_sasl_opts opts = { .user = VIEW("u"), .password = &password };
	CHECK_INT(smtp_sasl_open(&opts, SMTP_SASL_PLAIN, &sasl, &diag), ERR_DATA);
	crypto_secret_set(&password, VIEW("ab"));
	opts.user = VIEW("u\1auth=Bearer x");
	CHECK_INT(smtp_sasl_open(&opts, SMTP_SASL_PLAIN, &sasl, &diag), ERR_DATA);
	tap_case("what is missing is named");
	opts.user = view_none();
	CHECK_INT(smtp_sasl_open(&opts, SMTP_SASL_PLAIN, &sasl, &diag), ERR_CONFIG);
	CHECK(view_find(view_str(diag.text), VIEW("--user")) != SIZE_MAX);
	tap_case("LOGIN is asked a third time");
	struct crypto_secret answer = { 0 };
	opts.user = VIEW("u");
	CHECK_INT(smtp_sasl_open(&opts, SMTP_SASL_LOGIN, &sasl, &diag), ERR_OK);
	CHECK_INT(smtp_sasl_step(sasl, VIEW("Username:"), &answer, &diag), ERR_OK);
	CHECK(!smtp_sasl_complete(sasl));
	CHECK_INT(smtp_sasl_step(sasl, VIEW("Password:"), &answer, &diag), ERR_OK);
	CHECK(smtp_sasl_complete(sasl));
	CHECK_INT(smtp_sasl_step(sasl, VIEW("Shoe size:"), &answer, &diag), ERR_PROTOCOL);
	smtp_sasl_close(&sasl);
	crypto_secret_done(&answer);
	crypto_secret_done(&password);
}

int main(void)
{
	choose();
	refusals();
	against_gsasl();
	return tap_done();
}
