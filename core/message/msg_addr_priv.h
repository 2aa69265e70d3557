#pragma once

#include "base_cur.h"
#include "msg_addr.h"

/* One run of a parser over one input. The cursor is the place; the first fault is written to diag. */
struct addr_parser {
	struct cur cur;
	unsigned flags;
	struct arena *arena;
	struct diag *diag;
	size_t element;      /* where the address being read starts, for the diag */
	struct view comment; /* the inside of the last comment that was skipped */
	bool lists;          /* RFC 5322: white space and comments may stand around the parts */
};

/* Set diag to `address "...": why` at octet `at`. */
MUST_CHECK enum err addr_fail(const struct addr_parser *p, enum err err, size_t at, const char *why);

/* No control characters but HT and, with MSG_ADDR_FOLDED, folds; valid UTF-8 unless MSG_ADDR_LOOSE. */
MUST_CHECK enum err addr_check_octets(const struct addr_parser *p);

/* CFWS where the grammar is RFC 5322's; nothing in the other. */
MUST_CHECK enum err addr_skip_cfws(struct addr_parser *p);

/* Optional source route up to its colon. */
MUST_CHECK enum err addr_take_route(struct addr_parser *p);

/* local-part "@" domain */
MUST_CHECK enum err addr_take_spec(struct addr_parser *p, struct mailbox *out);

/* Local part only, into local and needs_smtputf8. */
MUST_CHECK enum err addr_take_local(struct addr_parser *p, struct mailbox *out);

/* Behind the opening quote, through the closing one; the content goes to out (which may be NULL). */
MUST_CHECK enum err addr_take_quoted(struct addr_parser *p, struct buf *out);

/* Octets of a local part as it is written, quoting counted. */
size_t addr_local_octets(struct view local);

/* atext and octets of UTF-8 */
static inline bool addr_is_atom(int c) { return ascii_is_8bit(c) || ascii_is_atext(c); }
