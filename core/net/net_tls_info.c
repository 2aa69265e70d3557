#include <openssl/err.h>
#include <openssl/x509.h>

#include "crypto_init.h"
#include "net_tls_ossl.h"

const char *net_tls_protocol(const struct net_tls_session *session) { return SSL_get_version(session->ssl); }

const char *net_tls_cipher(const struct net_tls_session *session) { return SSL_get_cipher_name(session->ssl); }

bool net_tls_verified(const struct net_tls_session *session) { return session->verified; }

bool net_tls_resumed(const struct net_tls_session *session) { return SSL_session_reused(session->ssl) == 1; }

static const char *group_name(const struct net_tls_session *session)
{
	long nid = SSL_get_negotiated_group(session->ssl);
	const char *name = nid <= 0 ? NULL : OBJ_nid2sn((int)nid);
	return name;
}

static void read_chain(const struct net_tls_session *session, struct arena *arena, struct net_tls_info *out)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(session->ssl);
	int count = chain == NULL ? 0 : sk_X509_num(chain);
	if (count > NET_TLS_CHAIN_MAX)
		count = NET_TLS_CHAIN_MAX;
	struct net_tls_cert *certs = arena_array(arena, (size_t)count, sizeof *certs);
	for (int i = 0; i < count; i++)
		net_tls_cert_read(sk_X509_value(chain, i), arena, &certs[i]);
	out->chain = certs;
	out->chain_count = (size_t)count;
}

static void read_tlsa(const struct net_tls_session *session, struct net_tls_info *out)
{
	uint8_t usage = 0, selector = 0, matching = 0;
	if (session->verify != NET_TLS_DANE ||
	    SSL_get0_dane_tlsa(session->ssl, &usage, &selector, &matching, NULL, NULL) < 0)
		return;
	out->tlsa_usage = usage;
	out->tlsa_selector = selector;
	out->tlsa_matching = matching;
}

void net_tls_info(const struct net_tls_session *session, struct arena *arena, struct net_tls_info *out)
{
	*out = (struct net_tls_info){
		.protocol = net_tls_protocol(session),
		.cipher = net_tls_cipher(session),
		.group = group_name(session),
		.cipher_bits = (unsigned)SSL_get_cipher_bits(session->ssl, NULL),
		.resumed = net_tls_resumed(session),
		.verified = session->verified,
		.verify = session->verify,
		.verify_text = session->verified ? "" : arena_cstr(arena, view_str(session->why)),
	};
	read_tlsa(session, out);
	read_chain(session, arena, out);
	ERR_clear_error();
}

/* RFC 9266: "EXPORTER-Channel-Binding", no context, 32 octets. */
static bool exporter(SSL *ssl, struct buf *out)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char octets[32];
	if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1)
		return false;
	if (SSL_export_keying_material(ssl, octets, sizeof octets, label, sizeof label - 1, NULL, 0, 0) != 1)
		return false;
	buf_put(out, view_of(octets, sizeof octets));
	return true;
}

/* RFC 5929 4.1: the hash of the certificate's signature algorithm, SHA-256 instead of MD5 and SHA-1. */
static bool server_end_point(SSL *ssl, struct buf *out)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	int hash_nid = NID_undef;
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (cert == NULL || OBJ_find_sigid_algs(X509_get_signature_nid(cert), &hash_nid, NULL) != 1)
		return false;
	if (hash_nid == NID_undef) /* RSA-PSS and Ed25519 do not say it in their identifier */
		(void)X509_get_signature_info(cert, &hash_nid, NULL, NULL, NULL);
	if (hash_nid == NID_md5 || hash_nid == NID_sha1)
		hash_nid = NID_sha256;
	const EVP_MD *md = EVP_get_digestbynid(hash_nid);
	if (md == NULL || X509_digest(cert, md, octets, &n) != 1)
		return false;
	buf_put(out, view_of(octets, n));
	return true;
}

/* RFC 5929 3.1: the first Finished message, the client's in a full handshake, the server's in a resumed one. */
static bool unique(const SSL *ssl, struct buf *out)
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	if (SSL_version(ssl) != TLS1_2_VERSION || SSL_get_extms_support((SSL *)(uintptr_t)ssl) != 1)
		return false;
	size_t n = SSL_session_reused(ssl) == 1 ? SSL_get_peer_finished(ssl, octets, sizeof octets)
						: SSL_get_finished(ssl, octets, sizeof octets);
	buf_put(out, view_of(octets, n));
	return n > 0;
}

enum err net_tls_binding(const struct net_tls_session *session, enum net_tls_binding type, struct buf *out,
			 struct diag *diag)
{
	bool made = type == NET_TLS_EXPORTER           ? exporter(session->ssl, out)
		    : type == NET_TLS_SERVER_END_POINT ? server_end_point(session->ssl, out)
						       : unique(session->ssl, out);
	ERR_clear_error();
	if (!made)
		return diag_set(diag, ERR_UNAVAILABLE, "this TLS connection has no such channel binding");
	return buf_err(out) == ERR_OK ? ERR_OK : diag_set(diag, ERR_LIMIT, "no room for a channel binding");
}
