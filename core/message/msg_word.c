#include "msg_word.h"

#include "base_ascii.h"
#include "base_base64.h"
#include "msg_charset.h"

struct word {
	struct view charset;
	struct view text;
	bool base64;
};

/* Words that follow each other and have one charset are converted as one text, since characters are split across them. */
struct decoder {
	struct view in;
	struct buf *out;
	struct buf octets; /* decoded, in `charset`, not yet converted */
	struct view charset;
	bool no_end; /* no "?=" in what is left: nothing there can be a word */
};

static bool is_charset_char(int c) { return c > ' ' && c != '?' && c != 0x7f; }

static size_t find_from(struct view in, size_t at, struct view what)
{
	size_t found = view_find(view_from(in, at), what);
	return found == SIZE_MAX ? SIZE_MAX : at + found;
}

/* A word whose "=?" is at `at`; *end is behind it. */
static bool take_word(struct decoder *d, size_t at, struct word *word, size_t *end)
{
	if (d->no_end)
		return false;
	size_t start = at + 2, i = start;
	while (i < d->in.n && i - start <= MSG_CHARSET_NAME_MAX && is_charset_char(view_at(d->in, i)))
		i++;
	int encoding = ascii_lower(view_at(d->in, i + 1));
	if (i == start || view_at(d->in, i) != '?' || (encoding != 'q' && encoding != 'b') ||
	    view_at(d->in, i + 2) != '?')
		return false;
	size_t text = i + 3;
	size_t close = find_from(d->in, text, VIEW("?="));
	if (close == SIZE_MAX) {
		d->no_end = true;
		return false;
	}
	struct view language = view_slice(d->in, start, i - start);
	word->charset = view_cut(&language, '*');
	word->base64 = encoding == 'b';
	word->text = view_slice(d->in, text, close - text);
	*end = close + 2;
	return true;
}

static void decode_q(struct view in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		int c = view_at(in, i), high = ascii_hex_value(view_at(in, i + 1));
		int low = ascii_hex_value(view_at(in, i + 2));
		if (c == '_') {
			c = ' ';
		} else if (c == '=' && high >= 0 && low >= 0) {
			c = high * 16 + low;
			i += 2;
		}
		buf_byte(out, c);
	}
}

static void decode_word(const struct word *word, struct buf *out)
{
	if (word->base64) {
		struct base64_decoder decoder = { 0 };
		base64_feed(&decoder, word->text, out);
		base64_feed(&decoder, VIEW("="), out); /* padding is often missing */
	} else {
		decode_q(word->text, out);
	}
}

/* Nothing that a header must not hold comes out of a word. */
static void neutralise(struct buf *out, size_t from)
{
	for (size_t i = from; i < out->n; i++) {
		if (out->p[i] == '\r' || out->p[i] == '\n' || out->p[i] == '\0')
			out->p[i] = ' ';
	}
}

static void flush(struct decoder *d)
{
	size_t from = d->out->n;
	if (d->octets.n > 0)
		(void)msg_charset_to_utf8(buf_view(&d->octets), d->charset, d->out);
	neutralise(d->out, from);
	buf_reset(&d->octets);
}

/* Text outside of words; line ends of folds go. */
static void put_plain(struct decoder *d, struct view text)
{
	size_t from = d->out->n;
	while (!view_empty(text)) {
		size_t n = 0;
		while (n < text.n && text.p[n] != '\r' && text.p[n] != '\n')
			n++;
		(void)msg_charset_to_utf8(view_to(text, n), view_none(), d->out);
		text = view_from(text, n + 1);
	}
	neutralise(d->out, from);
}

static bool is_white(struct view v) { return view_empty(view_trim(v)); }

static void decode_all(struct decoder *d)
{
	size_t plain = 0, at = 0; /* text from `plain` on is not yet written */
	bool after_word = false;
	for (;;) {
		at = find_from(d->in, at, VIEW("=?"));
		if (at == SIZE_MAX)
			break;
		struct word word;
		size_t end;
		if (!take_word(d, at, &word, &end)) {
			at += 2;
			continue;
		}
		struct view before = view_slice(d->in, plain, at - plain);
		bool joined = after_word && is_white(before);
		if (!joined || !view_eq_case(d->charset, word.charset))
			flush(d);
		if (!joined)
			put_plain(d, before);
		d->charset = word.charset;
		decode_word(&word, &d->octets);
		plain = at = end;
		after_word = true;
	}
	flush(d);
	put_plain(d, view_from(d->in, plain));
}

void msg_word_decode(struct view in, struct buf *out)
{
	struct decoder d = { .in = in, .out = out };
	buf_init(&d.octets, in.n + 1);
	decode_all(&d);
	buf_done(&d.octets);
}

struct view msg_word_decode_view(struct view in, struct arena *arena)
{
	in = view_trim(in);
	if (!view_has_8bit(in) && view_find(in, VIEW("=?")) == SIZE_MAX && !view_has_byte(in, '\n') &&
	    !view_has_byte(in, '\r') && !view_has_byte(in, '\0'))
		return in;
	BUF_AUTO struct buf out;
	buf_init(&out, 3 * in.n + 1);
	msg_word_decode(in, &out);
	return arena_view(arena, view_trim(buf_view(&out)));
}

bool msg_word_looks_encoded(struct view in) { return view_find(in, VIEW("=?")) != SIZE_MAX; }
