#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_view.h"
#include "smtp_reply.h"

/* What a server says it can do, in the lines of its EHLO or LHLO reply (RFC 5321 4.1.1.1). */

enum smtp_extension {
	SMTP_EXT_PIPELINING = 1 << 0,           /* RFC 2920 */
	SMTP_EXT_8BITMIME = 1 << 1,             /* RFC 6152 */
	SMTP_EXT_SIZE = 1 << 2,                 /* RFC 1870 */
	SMTP_EXT_CHUNKING = 1 << 3,             /* RFC 3030 */
	SMTP_EXT_SMTPUTF8 = 1 << 4,             /* RFC 6531 */
	SMTP_EXT_DSN = 1 << 5,                  /* RFC 3461 */
	SMTP_EXT_STARTTLS = 1 << 6,             /* RFC 3207 */
	SMTP_EXT_AUTH = 1 << 7,                 /* RFC 4954 */
	SMTP_EXT_LIMITS = 1 << 8,               /* RFC 9422 */
	SMTP_EXT_REQUIRETLS = 1 << 9,           /* RFC 8689 */
	SMTP_EXT_ENHANCEDSTATUSCODES = 1 << 10, /* RFC 2034 */
	SMTP_EXT_XCLIENT = 1 << 11,             /* Postfix */
};

enum smtp_sasl_mech {
	SMTP_SASL_SCRAM_SHA_256_PLUS,
	SMTP_SASL_SCRAM_SHA_1_PLUS,
	SMTP_SASL_SCRAM_SHA_256,
	SMTP_SASL_SCRAM_SHA_1,
	SMTP_SASL_OAUTHBEARER,
	SMTP_SASL_XOAUTH2,
	SMTP_SASL_GSSAPI,
	SMTP_SASL_EXTERNAL,
	SMTP_SASL_PLAIN,
	SMTP_SASL_LOGIN,
	SMTP_SASL_CRAM_MD5,
	SMTP_SASL_MECHS
};

/* The registered name, upper case. */
const char *smtp_sasl_mech_name(enum smtp_sasl_mech mech);

/* A name in any case; false when it is none of ours. */
MUST_CHECK bool smtp_sasl_mech_parse(struct view name, enum smtp_sasl_mech *out);

struct smtp_ehlo {
	unsigned extensions;      /* enum smtp_extension */
	unsigned mechs;           /* 1 << enum smtp_sasl_mech */
	struct view greeting;     /* the first line: the server's name and what it adds */
	struct view auth;         /* the mechanisms as offered, for messages */
	struct view xclient;      /* the attributes offered */
	uint64_t size_max;        /* octets; 0: not said, or no limit */
	uint64_t mail_max;        /* LIMITS MAILMAX: transactions a connection; 0: not said */
	uint64_t rcpt_max;        /* LIMITS RCPTMAX: recipients a transaction; 0: not said */
	uint64_t rcpt_domain_max; /* LIMITS RCPTDOMAINMAX: domains a transaction; 0: not said */
};

/*
 * Read the reply to EHLO or LHLO. Keywords in any case; `AUTH=LOGIN PLAIN` of old servers too; what is unknown or
 * malformed is passed over, since a server that cannot write one line may still take mail (RFC 9422 4: the same for
 * limits). Views are copied to the arena.
 */
void smtp_ehlo_read(const struct smtp_reply *reply, struct arena *arena, struct smtp_ehlo *out);

static inline bool smtp_ehlo_has(const struct smtp_ehlo *ehlo, enum smtp_extension extension)
{
	return (ehlo->extensions & (unsigned)extension) != 0;
}
