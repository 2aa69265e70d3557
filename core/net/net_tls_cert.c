#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base_show.h"
#include "base_time.h"
#include "net_tls_ossl.h"

enum { NET_TLS_TEXT_MAX = 1024 };

int64_t net_tls_cert_time(const ASN1_TIME *time)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return 0;
	struct base_date date = { .year = tm.tm_year + 1900,
				  .month = (unsigned)tm.tm_mon + 1,
				  .day = (unsigned)tm.tm_mday,
				  .hour = (unsigned)tm.tm_hour,
				  .minute = (unsigned)tm.tm_min,
				  .second = (unsigned)tm.tm_sec };
	return base_time_of_date(&date);
}

/* RFC 2253 escapes controls and everything that is not ASCII, so that the text is harmless. */
static struct view name_line(const X509_NAME *name, struct arena *arena)
{
	char *p = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		base_out_of_memory();
	(void)X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	long n = BIO_get_mem_data(bio, &p);
	struct view line = arena_view(arena, view_to(view_of(p, n < 0 ? 0 : (size_t)n), NET_TLS_TEXT_MAX));
	(void)BIO_free(bio);
	return line;
}

static struct view ip_name(const ASN1_OCTET_STRING *octets, struct arena *arena)
{
	int n = ASN1_STRING_length(octets);
	struct ip_addr ip = { .family = n == 4 ? IP_V4 : n == 16 ? IP_V6 : IP_NONE };
	if (ip.family == IP_NONE)
		return view_none();
	memcpy(ip.octets, ASN1_STRING_get0_data(octets), (size_t)n);
	return arena_view(arena, view_str(IP_SHOW(&ip)));
}

static struct view name_of(const GENERAL_NAME *name, struct arena *arena)
{
	if (name->type == GEN_DNS)
		return arena_view(arena, view_to(view_of(ASN1_STRING_get0_data(name->d.dNSName),
							 (size_t)ASN1_STRING_length(name->d.dNSName)),
						 NET_TLS_TEXT_MAX));
	return name->type == GEN_IPADD ? ip_name(name->d.iPAddress, arena) : view_none();
}

static void read_names(X509 *cert, struct arena *arena, struct net_tls_cert *out)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);
	if (count > NET_TLS_CERT_NAMES)
		count = NET_TLS_CERT_NAMES;
	struct view *at = arena_array(arena, (size_t)count, sizeof *at);
	for (int i = 0; i < count; i++) {
		struct view name = name_of(sk_GENERAL_NAME_value(names, i), arena);
		if (name.n > 0)
			at[out->name_count++] = name;
	}
	out->names = at;
	GENERAL_NAMES_free(names);
}

void net_tls_cert_names(X509 *cert, struct buf *out)
{
	enum { SHOWN = 4 };
	struct arena arena = { 0 };
	struct net_tls_cert read = { .name_count = 0 };
	read_names(cert, &arena, &read);
	for (size_t i = 0; i < read.name_count && i < SHOWN; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : ", ", SHOW(view_to(read.names[i], 80)));
	if (read.name_count > SHOWN)
		buf_printf(out, " and %zu more", read.name_count - SHOWN);
	arena_done(&arena);
}

static void read_key(X509 *cert, struct net_tls_cert *out)
{
	unsigned char *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	EVP_PKEY *key = X509_get0_pubkey(cert);
	struct crypto_hash hash = crypto_digest_of(CRYPTO_SHA256, view_of(spki, n < 0 ? 0 : (size_t)n));
	memcpy(out->spki_sha256, hash.octets, sizeof out->spki_sha256);
	OPENSSL_free(spki);
	out->key_type = key == NULL ? "unknown" : OBJ_nid2sn(EVP_PKEY_get_base_id(key));
	out->key_bits = key == NULL ? 0 : (unsigned)EVP_PKEY_get_bits(key);
	if (key != NULL && EVP_PKEY_is_a(key, "RSA") == 1)
		out->key_type = "RSA";
	else if (key != NULL && EVP_PKEY_is_a(key, "EC") == 1)
		out->key_type = "EC";
}

void net_tls_cert_read(X509 *cert, struct arena *arena, struct net_tls_cert *out)
{
	*out = (struct net_tls_cert){
		.subject = name_line(X509_get_subject_name(cert), arena),
		.issuer = name_line(X509_get_issuer_name(cert), arena),
		.not_before = net_tls_cert_time(X509_get0_notBefore(cert)),
		.not_after = net_tls_cert_time(X509_get0_notAfter(cert)),
		.signature = OBJ_nid2sn(X509_get_signature_nid(cert)),
		.self_signed = X509_self_signed(cert, 0) == 1,
	};
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);
	out->der = arena_view(arena, view_of(der, n < 0 ? 0 : (size_t)n));
	OPENSSL_free(der);
	struct crypto_hash hash = crypto_digest_of(CRYPTO_SHA256, out->der);
	memcpy(out->sha256, hash.octets, sizeof out->sha256);
	read_key(cert, out);
	read_names(cert, arena, out);
	ERR_clear_error();
}
