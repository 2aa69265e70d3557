#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_stream.h"

/*
 * Content into the form it has on the wire (RFC 2045 6): a struct source over another source, in constant memory. How
 * the input is cut into pieces never shows.
 */
enum msg_encoding {
	MSG_ENCODING_EXACT, /* the content is wire form already and passes as it is */
	MSG_ENCODING_7BIT,  /* line ends become CRLF; who chooses it has scanned the content */
	MSG_ENCODING_QP, /* quoted-printable of a text: its line ends are line ends; "From ", "." and "--" protected */
	MSG_ENCODING_BASE64_TEXT, /* line ends become CRLF, then base64 (RFC 2045 6.8) */
	MSG_ENCODING_BASE64,      /* octet by octet */
};

/* The value of Content-Transfer-Encoding. */
const char *msg_encoding_name(enum msg_encoding encoding);

/*
 * One pass over a text tells how it can be sent. Feed it in any pieces, then choose.
 */
enum { MSG_LINE_MAX = 998 }; /* octets of a line without CRLF (RFC 5322 2.1.1) */

struct msg_scan {
	struct view avoid; /* a line must not start with this (the message's boundaries) */
	uint64_t octets;   /* fed */
	uint64_t lines;    /* LF and CRLF */
	uint64_t lone_lf;  /* of those without CR */
	uint64_t eight;    /* octets over 127 */
	uint64_t quoted;   /* characters that quoted-printable spends on this text, soft line breaks left out */
	uint64_t longest;  /* octets of the longest line */
	uint64_t bare_cr;
	uint64_t nul;
	bool from_line; /* a line starts with "From " */
	bool avoided;   /* a line starts with `avoid` */
	bool utf8;      /* all of it is UTF-8; good after msg_scan_end */
	/* private */
	uint64_t column;
	size_t from_at, avoid_at;
	unsigned char utf8_need, utf8_low, utf8_high;
	int last;
};
void msg_scan_init(struct msg_scan *scan, struct view avoid);
void msg_scan_feed(struct msg_scan *scan, struct view in);
void msg_scan_end(struct msg_scan *scan);

/* All of a source, which is rewound afterwards. */
MUST_CHECK enum err msg_scan_source(struct msg_scan *scan, struct source *source, struct diag *diag);

/* Plain 7-bit lines of at most MSG_LINE_MAX octets that need no protection. */
bool msg_scan_is_7bit(const struct msg_scan *scan);

/* 7bit where that is safe, else the shorter of quoted-printable and base64; a text with NUL is base64. */
enum msg_encoding msg_scan_choose(const struct msg_scan *scan);

/*
 * The encoder. Its buffer lives from init to done; reset starts with another content without a new buffer.
 * The content must have been rewound. With `end_line` the output ends in CRLF even when the content does not (7bit and
 * quoted-printable; base64 always does).
 */
struct msg_encoder {
	struct source source;
	struct source *content;
	enum msg_encoding encoding;
	bool end_line;
	uint64_t taken; /* octets of content read so far */
	/* private */
	char *in;
	size_t in_at, in_n;
	size_t column;
	bool in_end, line_start, last_cr, spent;
	char carry[128];
	size_t carry_at, carry_n;
};
void msg_encoder_init(struct msg_encoder *encoder);
void msg_encoder_done(struct msg_encoder *encoder);
void msg_encoder_reset(struct msg_encoder *encoder, struct source *content, enum msg_encoding encoding, bool end_line);
