#pragma once

#include "crypto_key.h"
#include "dkim_canon.h"
#include "dkim_input.h"

/*
 * Signing (RFC 6376 5, RFC 8301, RFC 8463). One pass over the body for all signatures; rsa-sha1 and l= cannot be made.
 */
enum {
	DKIM_SIGNERS_MAX = 10,
	DKIM_RSA_BITS_MIN = 1024,  /* never below (RFC 8301 3.2) */
	DKIM_RSA_BITS_GOOD = 2048, /* below only when asked for */
};

/* One signature to make. Names are A-labels. */
struct dkim_signer {
	struct view domain, selector;
	struct view auid; /* i=; empty: none is written */
	const struct crypto_key *key;
	enum dkim_canon header, body;
};

struct dkim_sign_opts {
	const struct dkim_signer *signers;
	size_t n;
	struct view headers; /* exactly this h= ("From:To:Subject"); empty: the default of CLI.md 4 */
	bool no_oversign;    /* of the default h= */
	int64_t timestamp;   /* t=; -1: none is written */
	int64_t expires;     /* x=; -1: none is written */
};

struct dkim_made {
	const struct dkim_signer *signer;
	const char *algorithm;
	struct view headers;   /* h= as written */
	struct view body_hash; /* base64 */
	struct view signature; /* base64 */
	struct view field;     /* the whole field, CRLF at its end */
};

struct dkim_signed {
	struct dkim_made at[DKIM_SIGNERS_MAX];
	size_t n;
	struct view fields; /* all of them, in the order of the signers */
	bool from_line;     /* the first line is an mbox "From " line: the fields go behind it */
	uint64_t octets;    /* of the message in wire form */
};

/*
 * Read the message (wire form; a file goes through dkim_wire) once and make the signature fields that go in front of it.
 *
 * out     views into the arena, but for the signers
 * errors  ERR_DATA (no From; From, Sender, Date, Subject, Reply-To or Message-ID more than once; NUL; no empty line
 *         before the body; h= without From; a signer that is not valid, see dkim_signer_check), ERR_LIMIT, ERR_IO
 */
MUST_CHECK enum err dkim_sign(struct source *message, const struct dkim_sign_opts *opts, struct arena *arena,
			      struct dkim_signed *out, struct diag *diag);

/* The same for a message whose header block was read already (dkim_input_open). */
MUST_CHECK enum err dkim_sign_input(struct dkim_input *input, const struct dkim_sign_opts *opts, struct arena *arena,
				    struct dkim_signed *out, struct diag *diag);

/*
 * Names, i= and key of a signer can make a valid signature. short_key: RSA of 1024 to 2047 bits is accepted.
 * errors  ERR_DATA
 */
MUST_CHECK enum err dkim_signer_check(const struct dkim_signer *signer, bool short_key, struct diag *diag);

/* The default h= for this message. */
void dkim_sign_headers(const struct msg_head *head, bool no_oversign, struct buf *out);

/*
 * The domain of the From field in A-labels: d= when nobody gives one.
 * errors  ERR_DATA (no From, none or several domains in it, no valid name)
 */
MUST_CHECK enum err dkim_from_domain(const struct msg_head *head, struct arena *arena, struct view *out,
				     struct diag *diag);
