#pragma once

#include "base_arena.h"
#include "crypto_digest.h"
#include "net_stream.h"

/*
 * TLS of a client, 1.2 and newer. A net_tls holds what many connections share (trust, client certificate, tickets for
 * resumption); a net_tls_peer says, for one connection, who must be at the other end.
 *
 * Nothing costs anything before the first net_tls_open (2 ms). Trust is loaded for the first connection that is verified
 * against it, from the system's hashed directory (0.3 ms); the bundle file (23 ms) is read only where there is no such
 * directory. SSL_CERT_DIR and SSL_CERT_FILE are honoured.
 */
struct net_tls;
struct net_tls_session;

/* How the peer is verified. Policies of sending (may, encrypt, dane, sts) map to these. */
enum net_tls_verify {
	NET_TLS_UNVERIFIED, /* encrypt only; nothing is looked at, and the info says so */
	NET_TLS_REPORT,     /* verify as PKIX does, go on all the same; the info has the outcome */
	NET_TLS_PKIX,       /* chain to a trusted CA, dates, name (RFC 5280, RFC 9525) */
	NET_TLS_PIN,        /* the certificate or its key has one of these SHA-256 fingerprints; nothing else counts */
	NET_TLS_DANE        /* TLSA records (RFC 7672 3): usages 2 and 3; the others are not used with SMTP */
};

struct net_tls_opts {
	const char *ca_file;   /* instead of the system's trust */
	const char *cert_file; /* client certificate with its chain, PEM */
	const char *key_file;  /* its key; NULL: in cert_file. Others must not be able to read it */
};

/* errors: ERR_NO_INPUT, ERR_DATA (no certificate in a file, key does not fit), ERR_DENIED (key readable by others), ERR_OS */
MUST_CHECK enum err net_tls_open(const struct net_tls_opts *opts, struct net_tls **out, struct diag *diag);
void net_tls_close(struct net_tls *tls); /* NULL is fine; after the last stream that uses it */
void net_tls_auto_close(struct net_tls **tls);
#define NET_TLS_AUTO CLEANUP(net_tls_auto_close)

enum { NET_TLS_PIN_OCTETS = 32, NET_TLS_RECORDS = 64, NET_TLS_NAMES = 4 };

struct net_tlsa {
	uint8_t usage, selector, matching;
	struct view data;
};

struct net_tls_peer {
	enum net_tls_verify verify;
	struct view name; /* A-label host name, or text of an IP address, to verify; also SNI, never for addresses */
	struct view sni;  /* sent instead of name (--tls-sni); the name that is verified stays */
	const struct view *other_names; /* also acceptable with DANE-TA: the next-hop domain (RFC 7672 3.2.2) */
	size_t other_names_count;
	const unsigned char (*pins)[NET_TLS_PIN_OCTETS]; /* SHA-256 of the certificate or of its SubjectPublicKeyInfo */
	size_t pin_count;
	const struct net_tlsa *tlsa; /* all of them, unusable ones too */
	size_t tlsa_count;
	struct view resume; /* key of the ticket cache, "host:port"; empty: full handshake each time */
};

/* A fingerprint as people write it: 64 hexadecimal digits, colons allowed. errors: ERR_DATA (40 digits are SHA-1: refused, says how to make the other) */
MUST_CHECK enum err net_tls_parse_pin(struct view text, unsigned char out[NET_TLS_PIN_OCTETS], struct diag *diag);

/* How many of the TLSA records SMTP can use (RFC 7672 3.1: usages 2 and 3, known selectors and matchings, right sizes). */
size_t net_tlsa_usable(const struct net_tlsa *tlsa, size_t count);

/* What is known of one certificate. */
struct net_tls_cert {
	struct view subject, issuer; /* RFC 2253 text, escaped */
	const struct view *names;    /* DNS names and addresses of subjectAltName, at most NET_TLS_CERT_NAMES */
	size_t name_count;
	int64_t not_before, not_after; /* epoch seconds */
	unsigned char sha256[32];      /* of the certificate */
	unsigned char spki_sha256[32]; /* of its SubjectPublicKeyInfo: TLSA 3 1 1 */
	struct view der;
	const char *key_type; /* "RSA", "EC", ... */
	unsigned key_bits;
	const char *signature; /* "RSA-SHA256" */
	bool self_signed;
};
enum { NET_TLS_CERT_NAMES = 100, NET_TLS_CHAIN_MAX = 16 };

struct net_tls_info {
	const char *protocol; /* "TLSv1.3" */
	const char *cipher;   /* "TLS_AES_256_GCM_SHA384" */
	const char *group;    /* "X25519"; NULL: not known */
	unsigned cipher_bits;
	bool resumed;
	bool verified; /* the peer is who it should be, by `verify`; false with NET_TLS_UNVERIFIED */
	enum net_tls_verify verify;
	const char *verify_text; /* why not, in plain words with what to do; "" when verified */
	unsigned tlsa_usage, tlsa_selector, tlsa_matching; /* the record that matched, with NET_TLS_DANE */
	const struct net_tls_cert *chain;                  /* as the server sent it, its own first */
	size_t chain_count;
};
void net_tls_info(const struct net_tls_session *session, struct arena *arena, struct net_tls_info *out);

/* Short: for a log line or JSON, without looking at certificates. */
const char *net_tls_protocol(const struct net_tls_session *session);
const char *net_tls_cipher(const struct net_tls_session *session);
bool net_tls_verified(const struct net_tls_session *session);
bool net_tls_resumed(const struct net_tls_session *session);

/*
 * Channel bindings for SCRAM-PLUS. out gets the octets.
 * errors  ERR_UNAVAILABLE: not defined for this connection (tls-exporter needs TLS 1.3 or the extended master secret,
 *         tls-unique TLS 1.2)
 */
enum net_tls_binding { NET_TLS_EXPORTER /* RFC 9266 */, NET_TLS_SERVER_END_POINT, NET_TLS_UNIQUE /* RFC 5929 */ };
MUST_CHECK enum err net_tls_binding(const struct net_tls_session *session, enum net_tls_binding type, struct buf *out,
				    struct diag *diag);
