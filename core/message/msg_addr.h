#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Email addresses as a type. A struct mailbox is made by the parsers below and by nothing else: whoever holds one knows
 * that no control character (so no CR or LF) is in it and that its parts are within their limits. Only the writers turn
 * it back into text.
 */

/* RFC 5321 4.5.3.1.1-3; the path's 256 octets include its angle brackets. */
enum {
	MSG_ADDR_LOCAL_MAX = 64,
	MSG_ADDR_DOMAIN_MAX = 255,
	MSG_ADDR_MAX = 254,
	MSG_ADDR_LABEL_MAX = 63,
	MSG_ADDR_LENIENT_MAX = 998,  /* local part or domain under MSG_ADDR_LENIENT: VERP and SRS make long ones */
	MSG_ADDR_COMMENT_DEPTH = 32, /* comments inside comments */
	MSG_ADDR_LIST_MAX = 100000,  /* mailboxes of one list */
	MSG_ADDR_LIST_GROUPS_MAX = 1000,
};

enum mailbox_kind {
	MAILBOX_FULL, /* local@domain */
	MAILBOX_BARE, /* a local name alone, like `root`; domain is empty */
	MAILBOX_NULL, /* the null reverse-path; local and domain are empty */
};

struct mailbox {
	enum mailbox_kind kind;
	struct view
		display; /* phrase with its quoting taken off, encoded words raw (msg_word.h); empty when there is none */
	struct view local;   /* quoting taken off: "a b"@x has the local part `a b`; may be empty (""@x) */
	struct view domain;  /* as written, U-labels kept, no final dot; an address literal with its brackets */
	bool literal;        /* domain is an address literal */
	bool needs_smtputf8; /* the local part is not ASCII (a domain alone can become A-labels) */
	bool idn;            /* the domain has U-labels */
};

/* What is accepted beyond the strict grammar; or them together. */
enum msg_addr_flag {
	MSG_ADDR_STRICT = 0,
	MSG_ADDR_BARE = 1 << 0,   /* a name without domain */
	MSG_ADDR_EMPTY = 1 << 1,  /* "" and "<>" are MAILBOX_NULL */
	MSG_ADDR_ROUTE = 1 << 2,  /* <@a,@b:c@d>: the route is dropped (RFC 5321 appendix C, RFC 5322 4.4) */
	MSG_ADDR_FOLDED = 1 << 3, /* line ends before white space, as in a raw field value */
	MSG_ADDR_DOTS = 1 << 4,   /* local parts like a..b, .a and a. (mobile carriers) */
	MSG_ADDR_LOOSE = 1 << 5,  /* CFWS around dots, underscores and final dots in domains, long parts, any literal,
	                             display names with unquoted specials or no UTF-8 */
	/* Mail that others wrote. */
	MSG_ADDR_LENIENT = MSG_ADDR_ROUTE | MSG_ADDR_FOLDED | MSG_ADDR_DOTS | MSG_ADDR_LOOSE,
};

/*
 * An envelope address: RFC 5321 4.1.2 Mailbox, with or without angle brackets; nothing around it. RFC 6531 UTF-8.
 *
 * in      one address; out keeps views into it
 * out     written only on ERR_OK
 * owns    arena: a local part that had quoted pairs
 * limits  MSG_ADDR_LOCAL_MAX, MSG_ADDR_DOMAIN_MAX, MSG_ADDR_MAX
 * errors  ERR_SYNTAX, ERR_DATA (control character), ERR_LIMIT; diag has the column
 */
MUST_CHECK enum err msg_addr_parse(struct view in, unsigned flags, struct arena *arena, struct mailbox *out,
				   struct diag *diag);

struct msg_addr_group {
	struct view name;
	size_t first, n; /* its mailboxes in the list */
};

/* All mailboxes in their order, those of groups too. */
struct msg_addr_list {
	struct mailbox *at;
	size_t n, cap;
	struct {
		struct msg_addr_group *at;
		size_t n, cap;
	} groups;
};

/*
 * RFC 5322 3.4 address-list: display names, groups, comments, quoted strings. Empty elements (`a@b,,c@d`) are skipped
 * and an empty list is no error (n == 0). A comment behind an address without display name becomes its display name.
 *
 * in      a field value; raw and folded with MSG_ADDR_FOLDED
 * out     written only on ERR_OK; views into in and arena
 * limits  as msg_addr_parse, MSG_ADDR_LIST_MAX, MSG_ADDR_LIST_GROUPS_MAX, MSG_ADDR_COMMENT_DEPTH
 * errors  ERR_SYNTAX, ERR_DATA, ERR_LIMIT; diag has line and column
 */
MUST_CHECK enum err msg_addr_parse_list(struct view in, unsigned flags, struct arena *arena, struct msg_addr_list *out,
					struct diag *diag);

/* One RFC 5322 mailbox, `Name <a@b>` or `a@b`: for --from. More or fewer than one is ERR_SYNTAX. */
MUST_CHECK enum err msg_addr_parse_one(struct view in, unsigned flags, struct arena *arena, struct mailbox *out,
				       struct diag *diag);

/* local@domain with the local part quoted where it must be; nothing for MAILBOX_NULL. This is the text of RCPT TO. */
void msg_addr_write(const struct mailbox *mailbox, struct buf *out);

/* "<local@domain>"; "<>" for MAILBOX_NULL. */
void msg_addr_write_path(const struct mailbox *mailbox, struct buf *out);

/* A local part alone, quoted where it must be. */
void msg_addr_write_local(struct view local, struct buf *out);

/*
 * A display name as RFC 5322 phrase: atoms as they are (encoded words too), anything else as a quoted string. UTF-8
 * stays; who writes for a 7-bit header encodes first (msg_word_encode_phrase). display must hold no control characters.
 */
void msg_addr_write_phrase(struct view display, struct buf *out);

/* `Display <local@domain>`, or the bare address without display name. */
void msg_addr_write_full(const struct mailbox *mailbox, struct buf *out);

/* The whole list, groups too, separated by ", ". */
void msg_addr_write_list(const struct msg_addr_list *list, struct buf *out);

/* The same place to deliver: local parts octet by octet, domains without case. Display names do not matter. */
bool msg_addr_eq(const struct mailbox *a, const struct mailbox *b);
