#include "base_utf8.h"

static size_t sequence_length(int lead)
{
	if (lead < 0x80)
		return lead < 0 ? 0 : 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

size_t utf8_next(struct view v, uint32_t *cp)
{
	static const uint32_t lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = sequence_length(view_at(v, 0));
	if (n == 0 || n > v.n)
		return 0;
	uint32_t c = (uint32_t)view_at(v, 0) & lead_mask[n];
	for (size_t i = 1; i < n; i++) {
		if ((view_at(v, i) & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((uint32_t)view_at(v, i) & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

/* The octets below 0x80 at the front, eight at a time: most text is nothing else. */
static size_t ascii_run(struct view v)
{
	size_t i = 0;
	for (uint64_t eight; i + sizeof eight <= v.n; i += sizeof eight) {
		memcpy(&eight, v.p + i, sizeof eight);
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < v.n && view_at(v, i) < 0x80)
		i++;
	return i;
}

bool utf8_valid(struct view v)
{
	uint32_t cp;
	for (;;) {
		v = view_from(v, ascii_run(v));
		if (v.n == 0)
			return true;
		size_t n = utf8_next(v, &cp);
		if (n == 0)
			return false;
		v = view_from(v, n);
	}
}

void utf8_put(struct buf *out, uint32_t cp)
{
	if (cp < 0x80) {
		buf_byte(out, (int)cp);
		return;
	}
	int more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
	static const int lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	buf_byte(out, lead[more] | (int)(cp >> (6 * more)));
	while (more-- > 0)
		buf_byte(out, 0x80 | (int)(cp >> (6 * more) & 0x3f));
}

void utf8_put_clean(struct buf *out, struct view v)
{
	uint32_t cp;
	while (v.n > 0) {
		size_t n = utf8_next(v, &cp);
		if (n == 0)
			utf8_put(out, 0xfffd);
		else
			buf_put(out, view_to(v, n));
		v = view_from(v, n == 0 ? 1 : n);
	}
}

struct cp_range {
	uint32_t from, to;
};

static bool in_ranges(uint32_t cp, const struct cp_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			return true;
	return false;
}

static size_t columns_of(uint32_t cp)
{
	static const struct cp_range none[] = { { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },
						{ 0x610, 0x61a },   { 0x64b, 0x65f },   { 0x200b, 0x200d },
						{ 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f } };
	static const struct cp_range wide[] = { { 0x1100, 0x115f },   { 0x2e80, 0x303e },  { 0x3041, 0x33ff },
						{ 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },  { 0xa000, 0xa4cf },
						{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },  { 0xfe30, 0xfe6f },
						{ 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },  { 0x1f300, 0x1f64f },
						{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } };
	if (cp < 0x300)
		return 1;
	if (in_ranges(cp, none, ARRAY_LEN(none)))
		return 0;
	return in_ranges(cp, wide, ARRAY_LEN(wide)) ? 2 : 1;
}

size_t utf8_columns(struct view v)
{
	size_t columns = 0;
	uint32_t cp;
	while (v.n > 0) {
		size_t n = utf8_next(v, &cp);
		columns += n == 0 ? 1 : columns_of(cp);
		v = view_from(v, n == 0 ? 1 : n);
	}
	return columns;
}
