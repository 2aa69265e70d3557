#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_stream.h"
#include "msg_addr.h"
#include "msg_encode.h"
#include "msg_head.h"

/*
 * A message that somebody else wrote (--raw, sendmail): RFC 5322 already. It is read once to judge it, then yields its
 * wire form as often as wanted: LF becomes CRLF, everything else stays octet for octet, but for what must not stay
 * (Bcc) and what the way demands (7-bit parts, lines of at most 998 octets).
 */

enum {
	MSG_RAW_RECEIVED_MAX = 50, /* Received fields; more is a mail loop (RFC 5321 6.3) */
	MSG_RAW_DEPTH = 32,        /* multiparts and messages inside each other */
	MSG_RAW_PARTS = 10000,
};

struct msg_raw {
	struct source *input; /* rewindable; borrowed */
	struct msg_head head; /* its fields are views into the arena */
	bool eight_bit;       /* octets over 127 in the body */
	bool utf8_head;       /* octets over 127 in the header */
	bool long_lines;      /* body lines of more than MSG_LINE_MAX octets */
	bool is_signed;       /* DKIM-Signature, ARC-Seal, multipart/signed: must not be changed */
	uint64_t octets;      /* of the input */
	/* private */
	uint64_t body_octets; /* of the body in wire form */
	uint64_t head_octets; /* of the input that are header, its empty line included */
	bool canonical;       /* the body is wire form already */
};

/*
 * Read and judge.
 *
 * input   the message, LF or CRLF line ends, an mbox "From " line first or not; read once, left rewound
 * owns    arena: the header
 * errors  ERR_DATA (bare CR, NUL, a header line over 998 octets, long lines in a message that is signed, over
 *         MSG_RAW_RECEIVED_MAX), ERR_LIMIT (header), ERR_IO
 */
MUST_CHECK enum err msg_raw_scan(struct msg_raw *raw, struct source *input, struct arena *arena, struct diag *diag);

/*
 * The recipients that its header names (RFC 5322 3.6.3): To, Cc and Bcc; where there are Resent- fields, those of the
 * most recent block alone (3.6.6). Appended to list.
 * errors  ERR_SYNTAX (a field that is no address list; diag names it)
 */
MUST_CHECK enum err msg_raw_recipients(const struct msg_raw *raw, unsigned flags, struct arena *arena,
				       struct msg_addr_list *list, struct diag *diag);

/*
 * The header in wire form without its empty line: `more` first (fields of ours, each with CRLF), Bcc and Resent-Bcc left
 * out, the "From " line of an mbox, and the fields named in `without` (those that `more` replaces).
 */
void msg_raw_write_head(const struct msg_raw *raw, struct view more, const struct view *without, size_t n,
			struct buf *out);

struct raw_convert; /* private */

/* The whole message in wire form, rewindable. */
struct msg_raw_source {
	struct source source;
	uint64_t octets; /* exact */
	/* private */
	const struct msg_raw *raw;
	struct view head;
	struct msg_encoder encoder;
	struct raw_convert *convert; /* NULL: nothing is converted */
	size_t head_at;
	int state;
};

/*
 * head    from msg_raw_write_head, must live as long as the source
 * seven   parts with octets over 127 are sent quoted-printable or base64
 * errors  ERR_DATA when it is signed and would have to change, or a part cannot be converted
 */
MUST_CHECK enum err msg_raw_open(struct msg_raw_source *source, const struct msg_raw *raw, struct view head, bool seven,
				 struct arena *arena, struct diag *diag);
void msg_raw_close(struct msg_raw_source *source);
