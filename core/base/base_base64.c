#include "base_base64.h"

#include "base_ascii.h"

/* Two characters for each 12 bits: half the look-ups of one character for 6, in 8 KiB that stay in the cache. */
/* clang-format off */
#define ROW(c) { c,'A' }, { c,'B' }, { c,'C' }, { c,'D' }, { c,'E' }, { c,'F' }, { c,'G' }, { c,'H' }, { c,'I' }, { c,'J' }, \
	{ c,'K' }, { c,'L' }, { c,'M' }, { c,'N' }, { c,'O' }, { c,'P' }, { c,'Q' }, { c,'R' }, { c,'S' }, { c,'T' }, { c,'U' }, \
	{ c,'V' }, { c,'W' }, { c,'X' }, { c,'Y' }, { c,'Z' }, { c,'a' }, { c,'b' }, { c,'c' }, { c,'d' }, { c,'e' }, { c,'f' }, \
	{ c,'g' }, { c,'h' }, { c,'i' }, { c,'j' }, { c,'k' }, { c,'l' }, { c,'m' }, { c,'n' }, { c,'o' }, { c,'p' }, { c,'q' }, \
	{ c,'r' }, { c,'s' }, { c,'t' }, { c,'u' }, { c,'v' }, { c,'w' }, { c,'x' }, { c,'y' }, { c,'z' }, { c,'0' }, { c,'1' }, \
	{ c,'2' }, { c,'3' }, { c,'4' }, { c,'5' }, { c,'6' }, { c,'7' }, { c,'8' }, { c,'9' }, { c,'+' }, { c,'/' }
static const char pairs[64 * 64][2] = {
	ROW('A'), ROW('B'), ROW('C'), ROW('D'), ROW('E'), ROW('F'), ROW('G'), ROW('H'), ROW('I'), ROW('J'), ROW('K'), ROW('L'), ROW('M'),
	ROW('N'), ROW('O'), ROW('P'), ROW('Q'), ROW('R'), ROW('S'), ROW('T'), ROW('U'), ROW('V'), ROW('W'), ROW('X'), ROW('Y'), ROW('Z'),
	ROW('a'), ROW('b'), ROW('c'), ROW('d'), ROW('e'), ROW('f'), ROW('g'), ROW('h'), ROW('i'), ROW('j'), ROW('k'), ROW('l'), ROW('m'),
	ROW('n'), ROW('o'), ROW('p'), ROW('q'), ROW('r'), ROW('s'), ROW('t'), ROW('u'), ROW('v'), ROW('w'), ROW('x'), ROW('y'), ROW('z'),
	ROW('0'), ROW('1'), ROW('2'), ROW('3'), ROW('4'), ROW('5'), ROW('6'), ROW('7'), ROW('8'), ROW('9'), ROW('+'), ROW('/'),
};
/* clang-format on */

static char *put_group(char *to, const unsigned char *p)
{
	unsigned group = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
	memcpy(to, pairs[group >> 12], 2);
	memcpy(to + 2, pairs[group & 4095], 2);
	return to + 4;
}

size_t base64_encode_raw(char *out, const void *in, size_t n)
{
	const unsigned char *p = in;
	char *to = out;
	for (; n >= 6; n -= 6, p += 6)
		to = put_group(put_group(to, p), p + 3);
	if (n >= 3) {
		to = put_group(to, p);
		n -= 3;
		p += 3;
	}
	if (n > 0) {
		const unsigned char last[3] = { p[0], n == 2 ? p[1] : 0, 0 };
		to = put_group(to, last);
		memcpy(to - (3 - n), "==", 3 - n);
	}
	return (size_t)(to - out);
}

size_t base64_encode_lines(char *out, const void *in, size_t n)
{
	const char *p = in;
	char *to = out;
	while (n > 0) {
		size_t part = n < BASE64_LINE ? n : BASE64_LINE;
		to += base64_encode_raw(to, p, part);
		*to++ = '\r';
		*to++ = '\n';
		p += part;
		n -= part;
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
