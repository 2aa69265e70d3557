#pragma once

#include "base_base64.h"
#include "base_buf.h"
#include "base_view.h"

/* Content-Transfer-Encoding (RFC 2045 6), the reading side. */
enum msg_cte {
	MSG_CTE_IDENTITY, /* 7bit, 8bit, binary, no field */
	MSG_CTE_QP,
	MSG_CTE_BASE64,
	MSG_CTE_UNKNOWN, /* uuencode and others: passed as it is */
};

/* From the field's raw value; comments and quotes around the word are tolerated. */
enum msg_cte msg_cte_parse(struct view value);

enum { MSG_CTE_HELD = 256 };

/*
 * Decodes in pieces of any size; how they are cut never shows. Broken input is passed on as it stands: "=" without two
 * hexadecimal digits in quoted-printable, foreign characters in base64 are skipped. White space at the end of a
 * quoted-printable line goes (its last MSG_CTE_HELD octets). Line ends pass as they are.
 */
struct msg_cte_decoder {
	enum msg_cte cte;
	struct base64_decoder base64;
	unsigned state;
	int high; /* first hexadecimal digit of a pair */
	size_t held_n;
	char held[MSG_CTE_HELD]; /* white space that may be at the end of a line */
};

void msg_cte_init(struct msg_cte_decoder *decoder, enum msg_cte cte);
void msg_cte_feed(struct msg_cte_decoder *decoder, struct view in, struct buf *out);
void msg_cte_end(struct msg_cte_decoder *decoder, struct buf *out);

/* All at once. Stops when out is full (out->over). */
void msg_cte_decode(struct view in, enum msg_cte cte, struct buf *out);
