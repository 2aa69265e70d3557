#pragma once

#include "base_buf.h"
#include "base_view.h"

/*
 * What SMTP servers say, brought into one shape for the phrases of the rules: ASCII in lower case, typographic quotes
 * and no-break spaces made plain, white space joined, codes at the start of reply lines ("550-5.7.1 ") left out,
 * addresses written @a and IP addresses #i. Host names stay.
 */
void bounce_text_normalise(struct view in, struct buf *out);

/* An enhanced status code (RFC 3463); class 0: none. */
struct bounce_status {
	unsigned char class;
	unsigned short subject, detail;
};

/* "5.1.1" and nothing else. */
MUST_CHECK bool bounce_status_parse(struct view v, struct bounce_status *out);

/*
 * The first reply code (200 to 599) and enhanced code in a reply or diagnostic text. IP addresses, version numbers and
 * digits inside words or URLs are not taken for codes. *reply 0 and class 0 when there is none.
 */
void bounce_text_codes(struct view in, unsigned *reply, struct bounce_status *status);
