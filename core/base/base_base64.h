#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_buf.h"
#include "base_view.h"

/* Base64 (RFC 4648 section 4). */

static inline size_t base64_encoded_size(size_t n) { return (n + 2) / 3 * 4; }

/* Encode n octets to out, which has room for base64_encoded_size(n); padding at the end. Returns the octets written. */
size_t base64_encode_raw(char *out, const void *in, size_t n);

/*
 * The same in lines for a message body: BASE64_LINE octets make one line of 76 characters and CRLF. Give whole lines but
 * for the last call, whose rest ends in a CRLF too. out has room for base64_lines_size(n).
 */
enum { BASE64_LINE = 57 };
static inline size_t base64_lines_size(size_t n)
{
	return base64_encoded_size(n) + (n + BASE64_LINE - 1) / BASE64_LINE * 2;
}
size_t base64_encode_lines(char *out, const void *in, size_t n);

void base64_encode(struct view in, struct buf *out);

/* The whole view, white space anywhere skipped, padding required unless lenient. False: not base64 (out may have grown). */
enum base64_form { BASE64_STRICT, BASE64_LENIENT };
MUST_CHECK bool base64_decode(struct view in, enum base64_form form, struct buf *out);

/*
 * Decoding in pieces, for parts of messages: white space and foreign characters are skipped, "=" ends a group, decoding
 * goes on behind it (concatenated base64 is seen in the wild). `foreign` counts what was skipped.
 */
struct base64_decoder {
	unsigned bits;
	unsigned count;
	size_t foreign;
};
void base64_feed(struct base64_decoder *decoder, struct view in, struct buf *out);
