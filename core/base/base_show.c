#include "base_show.h"

#include "base_utf8.h"

static bool is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x61c || cp == 0x200e || cp == 0x200f ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff ||
	       (cp >= 0xe0000 && cp <= 0xe007f);
}

/* One character in its shown form; returns the octets of v that it used. */
static size_t show_one(struct view v, struct buf *out)
{
	uint32_t cp;
	size_t n = utf8_next(v, &cp);
	if (n == 0) {
		buf_printf(out, "\\x%02x", (unsigned)view_at(v, 0));
		return 1;
	}
	if (cp == '\\')
		buf_str(out, "\\\\");
	else if (is_unsafe(cp))
		buf_printf(out, cp < 0x80 ? "\\x%02x" : "\\u{%04x}", (unsigned)cp);
	else
		buf_put(out, view_to(v, n));
	return n;
}

void show_write(struct view v, struct buf *out)
{
	while (v.n > 0)
		v = view_from(v, show_one(v, out));
}

struct shown show_view(struct view v)
{
	struct shown shown = { "" };
	size_t at = 0;
	while (v.n > 0) {
		BUF_AUTO struct buf one;
		buf_init(&one, 16);
		size_t used = show_one(v, &one);
		if (at + one.n > SHOW_MAX) {
			memcpy(shown.text + at, "...", 4);
			break;
		}
		memcpy(shown.text + at, one.p, one.n);
		at += one.n;
		v = view_from(v, used);
	}
	return shown;
}
