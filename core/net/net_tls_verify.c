#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base_num.h"
#include "base_show.h"
#include "base_time.h"
#include "crypto_init.h"
#include "net_tls_ossl.h"

/* Dates as people read them: the day is enough. */
struct day {
	char text[BASE_TIME_MAX];
};

static struct day day_of(const ASN1_TIME *time)
{
	struct day day;
	base_time_rfc3339(net_tls_cert_time(time), day.text);
	day.text[10] = '\0';
	return day;
}

struct cert_text {
	char text[SHOW_MAX + 4];
};

static struct cert_text name_text(const X509_NAME *name)
{
	struct cert_text out;
	char line[256] = "";
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	if (at < 0)
		at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
	if (at >= 0)
		(void)X509_NAME_get_text_by_NID(name,
						OBJ_obj2nid(X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name, at))),
						line, sizeof line);
	(void)snprintf(out.text, sizeof out.text, "%s", SHOW(view_str(line)));
	return out;
}

static void say_mismatch(struct net_tls_session *session, X509 *cert)
{
	BUF_AUTO struct buf names;
	buf_init(&names, 400);
	net_tls_cert_names(cert, &names);
	if (names.n == 0)
		(void)snprintf(session->why, sizeof session->why,
			       "the certificate has no names in it (subjectAltName), so it is for nobody, not for %s "
			       "(get one made for this name)",
			       session->name);
	else
		(void)snprintf(session->why, sizeof session->why,
			       "the certificate is for %s, not for %s (wrong server, or the name is missing in its "
			       "certificate)",
			       names.p, session->name);
}

static void say_self_signed(struct net_tls_session *session, X509 *cert)
{
	unsigned char sha256[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	BUF_AUTO struct buf hex;
	buf_init(&hex, 2 * EVP_MAX_MD_SIZE);
	if (X509_digest(cert, EVP_sha256(), sha256, &n) == 1)
		num_write_hex(view_of(sha256, n), &hex);
	(void)snprintf(session->why, sizeof session->why,
		       "the certificate is self-signed (if you know that it is right: --tls-fingerprint %s)",
		       hex.p == NULL ? "" : hex.p);
}

static void say_dated(struct net_tls_session *session, X509 *cert, int depth, bool over)
{
	struct day day = day_of(over ? X509_get0_notAfter(cert) : X509_get0_notBefore(cert));
	char whose[SHOW_MAX + 40];
	if (depth == 0)
		(void)snprintf(whose, sizeof whose, "the certificate");
	else
		(void)snprintf(whose, sizeof whose, "the certificate of the CA \"%s\"",
			       name_text(X509_get_subject_name(cert)).text);
	(void)snprintf(session->why, sizeof session->why,
		       over ? "%s expired %s (renew it on the server)"
			    : "%s is not valid before %s (is the clock of this machine right?)",
		       whose, day.text);
}

static void say(struct net_tls_session *session, int code, X509 *cert, int depth)
{
	size_t cap = sizeof session->why;
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		say_dated(session, cert, depth, code == X509_V_ERR_CERT_HAS_EXPIRED);
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		say_mismatch(session, cert);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		say_self_signed(session, cert);
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		(void)snprintf(
			session->why, cap,
			"its chain ends in the CA \"%s\", which this machine does not trust (--tls-ca FILE if it "
			"is yours)",
			name_text(X509_get_subject_name(cert)).text);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		(void)snprintf(session->why, cap,
			       "the issuer \"%s\" is not known here (the server does not send its intermediate "
			       "certificates, or the CA is not trusted: --tls-ca FILE if it is yours)",
			       name_text(X509_get_issuer_name(cert)).text);
		break;
	case X509_V_ERR_DANE_NO_MATCH:
		(void)snprintf(session->why, cap,
			       "no TLSA record of %s matches the certificate (renewed without publishing its new "
			       "record, or somebody is in between)",
			       session->name);
		break;
	default:
		(void)snprintf(session->why, cap, "the certificate is not good: %s",
			       X509_verify_cert_error_string(code));
	}
}

/* Called for each fault in the chain. The first one is told; whether it ends the handshake, SSL_set_verify has said. */
static int verify_step(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct net_tls_session *session = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);
	int depth = X509_STORE_CTX_get_error_depth(store);
	if (ok != 1 && session->why[0] == '\0' && cert != NULL)
		say(session, X509_STORE_CTX_get_error(store), cert, depth);
	return ok;
}

static enum err expect_name(struct net_tls_session *session, const struct net_tls_peer *peer, struct diag *diag)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(session->ssl);
	struct ip_addr ip;
	bool set = ip_parse(peer->name, &ip) ? X509_VERIFY_PARAM_set1_ip_asc(param, session->name) == 1
					     : X509_VERIFY_PARAM_set1_host(param, peer->name.p, peer->name.n) == 1;
	/* RFC 9525: the common name is no name of a server, and a wildcard is a whole first label. */
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return set ? ERR_OK : diag_set(diag, ERR_DATA, "%s cannot be verified as the name of a server", session->name);
}

static bool tlsa_usable(const struct net_tlsa *tlsa)
{
	static const size_t sizes[] = { 0, 32, 64 };
	if ((tlsa->usage != 2 && tlsa->usage != 3) || tlsa->selector > 1 || tlsa->matching > 2)
		return false;
	return tlsa->matching == 0 ? tlsa->data.n > 0 : tlsa->data.n == sizes[tlsa->matching];
}

size_t net_tlsa_usable(const struct net_tlsa *tlsa, size_t count)
{
	size_t usable = 0;
	for (size_t i = 0; i < count; i++)
		usable += tlsa_usable(&tlsa[i]);
	return usable;
}

static enum err dane_setup(struct net_tls_session *session, const struct net_tls_peer *peer, struct diag *diag)
{
	size_t added = 0;
	if (SSL_dane_enable(session->ssl, session->name) != 1)
		return diag_set(diag, ERR_DATA, "%s cannot be verified with DANE: %s", session->name, crypto_reason());
	SSL_set_hostflags(session->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (size_t i = 0; i < peer->other_names_count && i < NET_TLS_NAMES; i++) {
		char name[256];
		(void)snprintf(name, sizeof name, "%.*s", VIEW_ARG(view_to(peer->other_names[i], sizeof name - 1)));
		(void)SSL_add1_host(session->ssl, name);
	}
	for (size_t i = 0; i < peer->tlsa_count && i < NET_TLS_RECORDS; i++) {
		const struct net_tlsa *tlsa = &peer->tlsa[i];
		added += tlsa_usable(tlsa) &&
			 SSL_dane_tlsa_add(session->ssl, tlsa->usage, tlsa->selector, tlsa->matching,
					   (const unsigned char *)tlsa->data.p, tlsa->data.n) == 1;
	}
	ERR_clear_error();
	return added > 0 ? ERR_OK
			 : diag_set(diag, ERR_DATA,
				    "%s: none of its %zu TLSA records can be used with SMTP (RFC 7672 3.1)",
				    session->name, peer->tlsa_count);
}

static void send_sni(struct net_tls_session *session, const struct net_tls_peer *peer)
{
	struct view sni = peer->sni.n > 0 ? peer->sni : peer->name;
	struct ip_addr ip;
	char name[256];
	if (sni.n == 0 || sni.n >= sizeof name || ip_parse(sni, &ip)) /* RFC 6066 3: never an address */
		return;
	(void)snprintf(name, sizeof name, "%.*s", VIEW_ARG(sni));
	(void)SSL_set_tlsext_host_name(session->ssl, name);
}

enum err net_tls_verify_setup(struct net_tls_session *session, const struct net_tls_peer *peer, struct diag *diag)
{
	if (peer->name.n >= sizeof session->name || view_has_ctl(peer->name) || view_has_ctl(peer->sni))
		return diag_set(diag, ERR_DATA, "%s is no name of a server", SHOW(peer->name));
	(void)snprintf(session->name, sizeof session->name, "%.*s", VIEW_ARG(peer->name));
	bool chain = peer->verify == NET_TLS_PKIX || peer->verify == NET_TLS_REPORT;
	bool must = peer->verify == NET_TLS_PKIX || peer->verify == NET_TLS_DANE;
	enum err err = chain ? net_tls_trust_system(session->tls, diag) : ERR_OK;
	if (err == ERR_OK && chain)
		err = expect_name(session, peer, diag);
	if (err == ERR_OK && peer->verify == NET_TLS_DANE)
		err = dane_setup(session, peer, diag);
	if (err == ERR_OK && peer->verify == NET_TLS_PIN && peer->pin_count == 0)
		err = diag_set(diag, ERR_BUG, "no fingerprint to compare with");
	/* Where nothing better than no TLS at all is asked for, old keys are better than none. */
	if (peer->verify == NET_TLS_UNVERIFIED || peer->verify == NET_TLS_REPORT)
		SSL_set_security_level(session->ssl, 1);
	SSL_set_verify(session->ssl, must ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verify_step);
	send_sni(session, peer);
	return err;
}

static bool pin_matches(const struct net_tls_session *session, const unsigned char *sha256)
{
	for (size_t i = 0; i < session->pin_count; i++) {
		if (memcmp(session->pins[i], sha256, NET_TLS_PIN_OCTETS) == 0)
			return true;
	}
	return false;
}

static bool pinned(struct net_tls_session *session, X509 *cert)
{
	unsigned char whole[EVP_MAX_MD_SIZE], *spki = NULL;
	unsigned n = 0;
	int spki_n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	struct crypto_hash key = crypto_digest_of(CRYPTO_SHA256, view_of(spki, spki_n < 0 ? 0 : (size_t)spki_n));
	OPENSSL_free(spki);
	if (X509_digest(cert, EVP_sha256(), whole, &n) != 1)
		return false;
	if (pin_matches(session, whole) || pin_matches(session, key.octets))
		return true;
	BUF_AUTO struct buf hex;
	buf_init(&hex, 2 * EVP_MAX_MD_SIZE);
	num_write_hex(view_of(whole, n), &hex);
	(void)snprintf(session->why, sizeof session->why,
		       "the certificate has another fingerprint: %s (changed on purpose? then give this one)", hex.p);
	return false;
}

bool net_tls_verify_finish(struct net_tls_session *session)
{
	X509 *cert = SSL_get0_peer_certificate(session->ssl);
	if (session->verify == NET_TLS_UNVERIFIED) {
		(void)snprintf(session->why, sizeof session->why, "not verified: only encryption was asked for");
		return false;
	}
	if (cert == NULL) {
		(void)snprintf(session->why, sizeof session->why, "the server showed no certificate");
		return false;
	}
	if (session->verify == NET_TLS_PIN) {
		session->why[0] = '\0'; /* what OpenSSL thinks of the chain does not count */
		return pinned(session, cert);
	}
	long code = SSL_get_verify_result(session->ssl);
	if (code != X509_V_OK && session->why[0] == '\0') /* a resumed session has its result, not its reason */
		say(session, (int)code, cert, 0);
	return code == X509_V_OK;
}

static const char *alert_text(int reason)
{
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
		return "the server does not speak TLS here (port 465 begins with TLS, 587 and 25 begin without)";
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
		return "the server offers no TLS 1.2 or newer (it must be updated)";
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
	case SSL_R_NO_SHARED_CIPHER:
		return "no cipher in common, or the server wants a client certificate (--tls-cert)";
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return "the server wants a client certificate (--tls-cert)";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		return "the server refuses our client certificate (--tls-cert)";
	case SSL_R_TLSV1_UNRECOGNIZED_NAME:
		return "the server does not know the name it was asked for (SNI; --tls-sni)";
	case SSL_R_DH_KEY_TOO_SMALL:
	case SSL_R_EE_KEY_TOO_SMALL:
		return "the server's key is too short to be safe";
	default:
		return NULL;
	}
}

void net_tls_explain(struct net_tls_session *session, int ssl_error, int errnum)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	const char *where = session->done ? "TLS" : "TLS handshake", *known = alert_text(reason);
	bool lost = (ssl_error == SSL_ERROR_SYSCALL && code == 0) || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
		    ERR_SYSTEM_ERROR(code);
	if (lost && !session->done)
		session->err = diag_set(&session->diag, ERR_TEMP,
					"the server dropped the connection during the TLS handshake%s",
					errnum == ECONNRESET || errnum == 0 ? "" : " (network error)");
	else if (lost)
		session->err = diag_set(&session->diag, ERR_TEMP, "the server dropped the connection");
	else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && session->why[0] != '\0')
		session->err = diag_set(&session->diag, ERR_PROTOCOL, "%s", session->why);
	else if (known != NULL)
		session->err = diag_set(&session->diag, ERR_PROTOCOL, "%s failed: %s", where, known);
	else
		session->err = diag_set(&session->diag, ERR_PROTOCOL, "%s failed: %s", where, crypto_reason());
}
