#include "base_ascii.h"
#include "base_base64.h"
#include "base_show.h"
#include "base_utf8.h"
#include "msg_addr.h"
#include "msg_word.h"

enum {
	FRAME = 12,      /* "=?utf-8?Q?" and "?=" */
	WORD_LEAST = 24, /* with less room than this on the line a word is not begun there */
};

enum place { IN_TEXT, IN_PHRASE };

/* RFC 2047 5: what a Q word may hold as itself (3) in a phrase, (1) in other text. */
static bool is_q_plain(int c, enum place place)
{
	if (place == IN_PHRASE)
		return ascii_is_alnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
	return ascii_is_vchar(c) && c != '=' && c != '?' && c != '_' && c != '"';
}

static size_t q_octets(struct view text, enum place place)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == ' ' || is_q_plain(view_at(text, i), place) ? 1 : 3;
	return n;
}

static void put_q(struct view text, enum place place, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int c = view_at(text, i);
		if (c == ' ')
			buf_byte(out, '_');
		else if (is_q_plain(c, place))
			buf_byte(out, c);
		else
			buf_printf(out, "=%02X", (unsigned)c);
	}
}

/* As many whole characters as fit into `room` octets once encoded, one at least. */
static size_t fitting(struct view text, bool base64, enum place place, size_t room)
{
	size_t n = 0, q = 0;
	while (n < text.n) {
		uint32_t cp;
		size_t octets = utf8_next(view_from(text, n), &cp);
		q += q_octets(view_slice(text, n, octets), place);
		if (n > 0 && (base64 ? base64_encoded_size(n + octets) : q) > room)
			break;
		n += octets;
	}
	return n;
}

static void put_words(struct view text, enum place place, size_t used, struct buf *out)
{
	bool base64 = base64_encoded_size(text.n) < q_octets(text, place);
	size_t room = used + WORD_LEAST <= MSG_WORD_LINE ? MSG_WORD_LINE - used : MSG_WORD_MAX;
	while (!view_empty(text)) {
		size_t n = fitting(text, base64, place, (room < MSG_WORD_MAX ? room : MSG_WORD_MAX) - FRAME);
		struct view part = view_to(text, n);
		text = view_from(text, n);
		buf_str(out, base64 ? "=?utf-8?B?" : "=?utf-8?Q?");
		if (base64)
			base64_encode(part, out);
		else
			put_q(part, place, out);
		buf_str(out, view_empty(text) ? "?=" : "?= ");
		room = MSG_WORD_MAX;
	}
}

bool msg_word_is_needed(struct view text)
{
	for (size_t i = 0; i < text.n; i++) {
		int c = view_at(text, i);
		if (ascii_is_8bit(c) || (ascii_is_ctl(c) && c != '\t'))
			return true;
	}
	return msg_word_looks_encoded(text);
}

static enum err check(struct view text, struct diag *diag)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\r' || text.p[i] == '\n' || text.p[i] == '\0')
			return diag_at(diag, ERR_DATA, 1, (unsigned)i + 1,
				       "line end or NUL in a header value: \"%s\" (remove it)", SHOW(text));
	}
	if (view_has_8bit(text) && !utf8_valid(text))
		return diag_set(diag, ERR_DATA, "header value is not UTF-8: \"%s\"", SHOW(text));
	return ERR_OK;
}

/* From the first to the last of the space-separated pieces that cannot stand as they are. */
static struct view needing(struct view text)
{
	size_t first = SIZE_MAX, last = 0;
	for (size_t at = 0; at < text.n;) {
		size_t end = at;
		while (end < text.n && !ascii_is_wsp(view_at(text, end)))
			end++;
		if (msg_word_is_needed(view_slice(text, at, end - at))) {
			first = first == SIZE_MAX ? at : first;
			last = end;
		}
		at = end + 1;
	}
	return first == SIZE_MAX ? view_none() : view_slice(text, first, last - first);
}

enum err msg_word_encode(struct view text, size_t used, struct buf *out, struct diag *diag)
{
	enum err err = check(text, diag);
	if (err != ERR_OK)
		return err;
	struct view middle = needing(text);
	if (view_empty(middle)) {
		buf_put(out, text);
		return ERR_OK;
	}
	size_t before = (size_t)(middle.p - text.p);
	buf_put(out, view_to(text, before));
	put_words(middle, IN_TEXT, used + before, out);
	buf_put(out, view_from(text, before + middle.n));
	return ERR_OK;
}

enum err msg_word_encode_phrase(struct view text, size_t used, struct buf *out, struct diag *diag)
{
	enum err err = check(text, diag);
	if (err != ERR_OK)
		return err;
	if (msg_word_is_needed(text) || view_has_byte(text, '\t'))
		put_words(text, IN_PHRASE, used, out);
	else
		msg_addr_write_phrase(text, out);
	return ERR_OK;
}
