#include <idn2.h>

#include "base_ascii.h"
#include "base_show.h"
#include "base_utf8.h"
#include "dns_name.h"

static void write_octet(int c, struct buf *out)
{
	if (c <= 0x20 || c >= 0x7f)
		buf_printf(out, "\\%03d", c);
	else if (c == '.' || c == '\\' || c == '"' || c == '(' || c == ')' || c == ';' || c == '@' || c == '$')
		buf_printf(out, "\\%c", c);
	else
		buf_byte(out, c);
}

void dname_write(struct dname name, struct buf *out)
{
	if (name.labels == 0)
		buf_byte(out, '.');
	for (unsigned i = 0; i < name.labels; i++) {
		struct view label = dname_label(name, i);
		if (i > 0)
			buf_byte(out, '.');
		for (size_t at = 0; at < label.n; at++)
			write_octet(view_at(label, at), out);
	}
}

void dname_write_dot(struct dname name, struct buf *out)
{
	dname_write(name, out);
	if (name.labels > 0)
		buf_byte(out, '.');
}

struct dname_shown dname_show(struct dname name)
{
	struct dname_shown shown = { "" };
	BUF_AUTO struct buf text;
	buf_init(&text, DNAME_TEXT_MAX);
	dname_write(name, &text);
	memcpy(shown.text, text.p, text.n);
	return shown;
}

struct view dname_text(struct arena *arena, struct dname name)
{
	BUF_AUTO struct buf text;
	buf_init(&text, DNAME_TEXT_MAX);
	dname_write(name, &text);
	return arena_view(arena, buf_view(&text));
}

/* U-labels can hold what must not reach a terminal; such a name stays in A-labels. */
struct view dname_unicode(struct arena *arena, struct dname name)
{
	struct view ascii = dname_text(arena, name);
	if (view_find_case(ascii, VIEW("xn--")) == SIZE_MAX)
		return ascii;
	char *unicode = NULL;
	if (idn2_to_unicode_8z8z(ascii.p, &unicode, IDN2_NONTRANSITIONAL) != IDN2_OK)
		return ascii;
	struct view found = view_str(unicode);
	BUF_AUTO struct buf shown;
	buf_init(&shown, (size_t)DNAME_INPUT_MAX * 4);
	show_write(found, &shown);
	if (view_eq(buf_view(&shown), found))
		ascii = arena_view(arena, found);
	idn2_free(unicode);
	return ascii;
}

static enum err parse_unicode(struct arena *arena, struct view text, struct dname *out, struct diag *diag)
{
	const char *utf8;
	enum err err = view_cstr(arena, text, &utf8, NULL);
	if (err != ERR_OK || !utf8_valid(text))
		return diag_set(diag, ERR_SYNTAX, "the name '%s' is not UTF-8", SHOW(text));
	char *ascii = NULL;
	int rc = idn2_to_ascii_8z(utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return diag_set(diag, rc == IDN2_TOO_BIG_LABEL || rc == IDN2_TOO_BIG_DOMAIN ? ERR_LIMIT : ERR_SYNTAX,
				"the name '%s' is not valid for IDNA: %s", SHOW(text), idn2_strerror(rc));
	err = dname_parse_plain(arena, view_str(ascii), out, diag);
	idn2_free(ascii);
	return err;
}

enum err dname_parse_idn(struct arena *arena, struct view text, struct dname *out, struct diag *diag)
{
	text = view_trim(text);
	if (text.n > DNAME_INPUT_MAX || !view_has_8bit(text))
		return dname_parse(arena, text, out, diag);
	return parse_unicode(arena, text, out, diag);
}
