#pragma once

#include <stdint.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_ip.h"
#include "base_view.h"

/*
 * Macros (RFC 7208 7): checked when a record is read, expanded when a term is evaluated.
 *
 * Where a string stands decides what it may hold: SPF_IN_DOMAIN is a domain-spec or the value of an unknown modifier
 * (visible ASCII), SPF_IN_EXP the text of an explanation (spaces too, and the letters c, r and t).
 */
enum spf_macro_use { SPF_IN_DOMAIN, SPF_IN_EXP };

/* What the letters stand for. Views are borrowed. */
struct spf_macro_env {
	struct view local;                                       /* l */
	struct view sender_domain;                               /* o; s is local@sender_domain */
	struct view domain;                                      /* d */
	struct ip_addr ip;                                       /* i, c, v; never an IPv4-mapped one */
	struct view helo;                                        /* h; "unknown" when empty */
	struct view receiver;                                    /* r; "unknown" when empty */
	int64_t now_s;                                           /* t */
	struct view (*validated)(void *ctx, struct view domain); /* p: asked only when it is needed; NULL: "unknown" */
	void *ctx;
};

enum {
	SPF_NAME_MAX = 253,   /* a longer target loses labels on its left (RFC 7208 7.3) */
	SPF_EXPAND_MAX = 8192 /* octets that an expansion may make before that */
};

/*
 * Is it a macro-string (an explain-string with SPF_IN_EXP)?
 *
 * ends_in_macro  written when not NULL: the last thing in it is a macro-expand of the form %{...}, %%, %_ or %-
 * has_macros     written when not NULL
 * errors         ERR_SYNTAX (diag: column within text)
 */
MUST_CHECK enum err spf_macro_check(struct view text, enum spf_macro_use use, bool *ends_in_macro, bool *has_macros,
				    struct diag *diag);

/*
 * errors  ERR_SYNTAX as above, ERR_LIMIT when it grows over out->max
 */
MUST_CHECK enum err spf_macro_expand(const struct spf_macro_env *env, struct view text, enum spf_macro_use use,
				     struct buf *out, struct diag *diag);

/*
 * A target name: expanded, without its final dot, cut to SPF_NAME_MAX. It need not be a valid domain name.
 */
MUST_CHECK enum err spf_macro_target(const struct spf_macro_env *env, struct view text, struct buf *out,
				     struct diag *diag);
