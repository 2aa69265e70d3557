#pragma once

#include "base_arena.h"
#include "crypto_key.h"
#include "dkim_tag.h"

/*
 * Key records (RFC 6376 3.6.1, RFC 8301, RFC 8463): what stands in the TXT record SELECTOR._domainkey.DOMAIN.
 */
struct dkim_key_record {
	struct view text;          /* the record, its strings joined */
	enum crypto_key_type type; /* k=, RSA when it is not there */
	struct view der;           /* p= with the base64 taken off; empty: the key was revoked */
	bool revoked;
	bool sha256, sha1; /* h= admits them, or is not there */
	bool email;        /* s= admits email, or is not there */
	bool testing;      /* t=y: the domain is trying DKIM out */
	bool strict;       /* t=s: i= and d= must have the same domain */
	struct view notes; /* n=, a stranger's text */
};

/*
 * text    the record; out keeps views into it and the arena
 * errors  ERR_SYNTAX (no tag list, no p=, p= is no base64), ERR_DATA (v= is not first or not DKIM1, k= is unknown), ERR_LIMIT
 */
MUST_CHECK enum err dkim_key_parse(struct view text, struct arena *arena, struct dkim_key_record *out,
				   struct diag *diag);

/*
 * Out of all TXT records at the name. Several are undefined (RFC 6376 3.6.2.2): they are an error unless just one of them is a
 * key record.
 * errors  those of dkim_key_parse, ERR_DATA (several key records)
 */
MUST_CHECK enum err dkim_key_choose(const struct view *texts, size_t n, struct arena *arena,
				    struct dkim_key_record *out, struct diag *diag);

/* What a record for a key says, for dkim_key_write. */
struct dkim_key_form {
	struct view flags; /* "s", "y", "y:s"; empty: no t= */
	struct view notes; /* empty: no n= */
};

/* "v=DKIM1; k=rsa; h=sha256; p=..." of the key's public half; key NULL: the revoked form with an empty p=. */
MUST_CHECK enum err dkim_key_write(const struct crypto_key *key, const struct dkim_key_form *form, struct buf *out,
				   struct diag *diag);
