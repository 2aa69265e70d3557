#include "base_ascii.h"
#include "base_show.h"
#include "base_vec.h"
#include "dmarc_priv.h"
#include "msg_addr.h"

/* The lists of rua and ruf: dmarc-urilist of RFC 9989 4.8 over RFC 3986; mailto after RFC 6068. */

static bool is_uri_char(int c)
{
	return ascii_is_alnum(c) || (c > 0 && c < 0x7f && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

/* obs-dmarc-report-size: taken off and ignored. */
static void cut_size(struct dmarc_uri *uri)
{
	size_t bang = view_find_byte(uri->text, '!');
	if (bang == SIZE_MAX)
		return;
	struct view size = view_from(uri->text, bang);
	size_t digits = 1;
	while (ascii_is_digit(view_at(size, digits)))
		digits++;
	int unit = ascii_lower(view_at(size, digits));
	bool has_unit = unit == 'k' || unit == 'm' || unit == 'g' || unit == 't';
	if (digits > 1 && size.n == digits + (has_unit ? 1 : 0)) {
		uri->size = size;
		uri->text = view_to(uri->text, bang);
	}
}

static const char *percent_decode(struct view in, struct arena *arena, struct view *out)
{
	char *p = arena_alloc(arena, in.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		int c = view_at(in, i);
		if (c == '%') {
			int high = ascii_hex_value(view_at(in, i + 1)), low = ascii_hex_value(view_at(in, i + 2));
			if (high < 0 || low < 0)
				return "a percent sign without two hexadecimal digits";
			c = high * 16 + low;
			i += 2;
		}
		if (ascii_is_ctl(c))
			return "a control character";
		p[n++] = (char)c;
	}
	*out = view_of(p, n);
	return NULL;
}

static const char *read_mailto(struct view rest, struct arena *arena, struct dmarc_uri *uri)
{
	struct view path = view_to(rest, view_find_byte(rest, '?'));
	const char *problem = percent_decode(path, arena, &uri->address);
	if (problem != NULL)
		return problem;
	struct mailbox mailbox;
	if (uri->address.n == 0)
		return "no address behind mailto:";
	if (msg_addr_parse(uri->address, MSG_ADDR_LOOSE | MSG_ADDR_DOTS, arena, &mailbox, NULL) != ERR_OK ||
	    mailbox.kind != MAILBOX_FULL)
		return "no address";
	if (mailbox.literal)
		return "an address literal cannot be checked";
	if (dname_parse_idn(arena, mailbox.domain, &uri->host, NULL) != ERR_OK)
		return "no domain in the address";
	uri->host = dname_lower(arena, uri->host);
	return NULL;
}

static size_t scheme_length(struct view text)
{
	size_t n = 0;
	while (ascii_is_alnum(view_at(text, n)) || (n > 0 && strchr("+-.", view_at(text, n)) != NULL))
		n++;
	return ascii_is_alpha(view_at(text, 0)) && view_at(text, n) == ':' ? n : 0;
}

static const char *read_uri(struct arena *arena, struct dmarc_uri *uri)
{
	if (uri->text.n == 0)
		return "nothing between the commas";
	for (size_t i = 0; i < uri->text.n; i++)
		if (!is_uri_char(view_at(uri->text, i)))
			return view_at(uri->text, i) == ' ' ? "a blank inside" : "a character that a URI cannot have";
	size_t scheme = scheme_length(uri->text);
	if (scheme == 0)
		return view_has_byte(uri->text, '@') ? "an address, not a URI: put mailto: before it" : "no URI";
	if (view_has_byte(uri->text, '!'))
		return "an exclamation mark must be written %21";
	struct view rest = view_from(uri->text, scheme + 1);
	uri->mailto = view_is_case(view_to(uri->text, scheme), "mailto");
	if (uri->mailto)
		return read_mailto(rest, arena, uri);
	return rest.n == 0 ? "nothing behind the scheme" : NULL;
}

void dmarc_uris_parse(struct dmarc_parse *parse, const struct dmarc_tag *tag, struct dmarc_uris *out)
{
	for (struct view rest = tag->value; rest.p != NULL && out->n < DMARC_URIS_MAX;) {
		struct view piece = view_trim(view_cut(&rest, ','));
		struct dmarc_uri uri = { .text = piece,
					 .column = tag->value_column + (unsigned)(piece.p - tag->value.p) };
		cut_size(&uri);
		uri.problem = read_uri(parse->arena, &uri);
		if (uri.problem != NULL)
			dmarc_fault(parse, DMARC_FAULT_URI, uri.column, tag->name,
				    arena_printf(parse->arena, "%s: \"%s\": %s", SHOW(tag->name), SHOW(uri.text),
						 uri.problem));
		else if (uri.size.n > 0)
			dmarc_fault(parse, DMARC_FAULT_SIZE, uri.column + (unsigned)uri.text.n, tag->name,
				    arena_printf(parse->arena, "%s: the size limit %s is ignored", SHOW(tag->name),
						 SHOW(uri.size)));
		out->usable += uri.problem == NULL ? 1 : 0;
		*VEC_PUSH(out, parse->arena) = uri;
	}
}
