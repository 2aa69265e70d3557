#include "base_base64.h"

#include "base_ascii.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_encode_raw(char *out, const void *in, size_t n)
{
	const unsigned char *p = in;
	char *to = out;
	for (; n >= 3; n -= 3, p += 3) {
		unsigned group = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = alphabet[group >> 6 & 63];
		*to++ = alphabet[group & 63];
	}
	if (n > 0) {
		unsigned group = (unsigned)p[0] << 16 | (n == 2 ? (unsigned)p[1] << 8 : 0);
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = n == 2 ? alphabet[group >> 6 & 63] : '=';
		*to++ = '=';
	}
	return (size_t)(to - out);
}

void base64_encode(struct view in, struct buf *out)
{
	char *room = buf_room(out, base64_encoded_size(in.n));
	if (room != NULL)
		buf_grew(out, base64_encode_raw(room, in.p, in.n));
}

static int value_of(int c)
{
	if (ascii_is_upper(c))
		return c - 'A';
	if (ascii_is_lower(c))
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void take_sextet(struct base64_decoder *decoder, int value, struct buf *out)
{
	decoder->bits = decoder->bits << 6 | (unsigned)value;
	if (++decoder->count == 4) {
		const char three[3] = { (char)(decoder->bits >> 16), (char)(decoder->bits >> 8), (char)decoder->bits };
		buf_put(out, view_of(three, 3));
		*decoder = (struct base64_decoder){ .foreign = decoder->foreign };
	}
}

/* The octets of a group that ends early: 2 sextets hold one, 3 hold two. */
static void end_group(struct base64_decoder *decoder, struct buf *out)
{
	if (decoder->count == 2)
		buf_byte(out, (int)(decoder->bits >> 4 & 0xff));
	if (decoder->count == 3) {
		buf_byte(out, (int)(decoder->bits >> 10 & 0xff));
		buf_byte(out, (int)(decoder->bits >> 2 & 0xff));
	}
	*decoder = (struct base64_decoder){ .foreign = decoder->foreign };
}

void base64_feed(struct base64_decoder *decoder, struct view in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		int c = view_at(in, i);
		int value = value_of(c);
		if (value >= 0)
			take_sextet(decoder, value, out);
		else if (c == '=')
			end_group(decoder, out);
		else if (!ascii_is_space(c))
			decoder->foreign++;
	}
}

bool base64_decode(struct view in, enum base64_form form, struct buf *out)
{
	struct base64_decoder decoder = { 0 };
	size_t pads = 0, sextets = 0;
	for (size_t i = 0; i < in.n; i++) {
		int c = view_at(in, i);
		int value = value_of(c);
		if (ascii_is_space(c))
			continue;
		if (c == '=')
			pads++;
		else if (value < 0 || pads > 0)
			return false;
		else
			sextets++, take_sextet(&decoder, value, out);
	}
	bool padded = (sextets + pads) % 4 == 0 && pads <= 2;
	if (decoder.count == 1 || (form == BASE64_STRICT ? !padded : pads > 2))
		return false;
	end_group(&decoder, out);
	return !out->over;
}
