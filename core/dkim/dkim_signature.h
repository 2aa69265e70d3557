#pragma once

#include "base_arena.h"
#include "crypto_key.h"
#include "dkim_canon.h"
#include "dkim_tag.h"

/*
 * What a DKIM-Signature field says (RFC 6376 3.5), or its two relatives ARC-Message-Signature and ARC-Seal (RFC 8617 4.1),
 * which share its tags. Checked here is what the field alone can show; keys, times and hashes are dkim_verify's.
 */
enum dkim_kind {
	DKIM_KIND_MAIL, /* DKIM-Signature */
	DKIM_KIND_AMS,  /* ARC-Message-Signature: i= is the instance, there is no v= */
	DKIM_KIND_SEAL  /* ARC-Seal: i= and cv=, neither h= nor bh= nor c= */
};

enum dkim_alg { DKIM_RSA_SHA256, DKIM_ED25519_SHA256, DKIM_RSA_SHA1 };
const char *dkim_alg_name(enum dkim_alg alg); /* "rsa-sha256" */
enum crypto_alg dkim_alg_hash(enum dkim_alg alg);
enum crypto_key_type dkim_alg_key(enum dkim_alg alg);

enum dkim_seal_cv { DKIM_CV_NONE, DKIM_CV_FAIL, DKIM_CV_PASS, DKIM_CV_EMPTY };

enum {
	DKIM_NAME_MAX = 253,
	DKIM_HEADERS_MAX = 500, /* names in h= */
	DKIM_INSTANCE_MAX = 50  /* RFC 8617 4.2.1 */
};

struct dkim_signature {
	struct view raw;  /* the whole field */
	struct view b_at; /* the part of raw that is blanked while it is hashed */
	enum dkim_alg alg;
	enum dkim_canon header, body;
	struct view domain, selector; /* lower case, no dot at the end */
	struct view auid;             /* i=, or "@" and the domain; still dkim-quoted-printable */
	struct view auid_domain;
	struct view headers; /* h= as it stands */
	size_t headers_n;
	struct view signature, body_hash; /* b=, bh= with the base64 taken off */
	bool has_length;
	uint64_t length;            /* l= */
	int64_t timestamp, expires; /* t=, x=; -1 when they are not there */
	bool has_version;
	unsigned instance;    /* ARC: i= */
	enum dkim_seal_cv cv; /* ARC-Seal */
};

/*
 * The field `raw` (line ends in it). old: v= may be missing and h= need not hold From (mail from before RFC 4871).
 *
 * out     views into raw and the arena
 * errors  ERR_SYNTAX  broken grammar, a tag missing or twice, a version or algorithm nobody knows (RFC 8601: neutral)
 *         ERR_DATA    well formed, but not valid: From not signed, i= not under d=, x= before t= (permerror)
 *         ERR_LIMIT
 */
MUST_CHECK enum err dkim_signature_parse(enum dkim_kind kind, struct view raw, bool old, struct arena *arena,
					 struct dkim_signature *out, struct diag *diag);

/* The next name of an h= list; false at the end. */
bool dkim_headers_next(struct view *rest, struct view *name);

/* A name of DNS as d= and s= may have it: letters, digits, "-" and "_" in labels, no U-labels (RFC 8616). */
bool dkim_name_valid(struct view name);

/* domain is `zone` or below it; without case. */
bool dkim_name_under(struct view domain, struct view zone);

/* The field in its canonical form with b= blanked, no CRLF at its end: what is hashed last (RFC 6376 3.7). */
void dkim_signature_canon(enum dkim_canon form, struct view raw, struct view b_at, struct buf *out);
