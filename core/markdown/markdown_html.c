#include "base_ascii.h"
#include "base_num.h"
#include "base_utf8.h"
#include "markdown.h"
#include "markdown_text_priv.h"

/* A tolerant reader: what looks like a tag is one, the rest is text; nothing is ever an error. */

enum { HTML_DEPTH = 64, HTML_ATTRIBUTE_MAX = 4096, HTML_ENTITY_MAX = 32, HTML_NAME_MAX = 24 };

enum html_role {
	HTML_INLINE,
	HTML_BLOCK,
	HTML_HIDDEN, /* with all that is in it */
	HTML_BREAK,
	HTML_RULE,
	HTML_LIST,
	HTML_ITEM,
	HTML_QUOTE,
	HTML_PRE,
	HTML_CELL,
	HTML_LINK,
	HTML_PICTURE,
};

static const struct {
	struct view name;
	enum html_role role;
} tags[] = {
#define TAG(name, role)                                                                                                \
	{                                                                                                              \
		VIEW_INIT(name), role                                                                                  \
	}
	TAG("a", HTML_LINK),       TAG("address", HTML_BLOCK),    TAG("article", HTML_BLOCK),
	TAG("aside", HTML_BLOCK),  TAG("blockquote", HTML_QUOTE), TAG("body", HTML_BLOCK),
	TAG("br", HTML_BREAK),     TAG("caption", HTML_BLOCK),    TAG("center", HTML_BLOCK),
	TAG("dd", HTML_BLOCK),     TAG("div", HTML_BLOCK),        TAG("dl", HTML_BLOCK),
	TAG("dt", HTML_BLOCK),     TAG("fieldset", HTML_BLOCK),   TAG("figcaption", HTML_BLOCK),
	TAG("figure", HTML_BLOCK), TAG("footer", HTML_BLOCK),     TAG("form", HTML_BLOCK),
	TAG("h1", HTML_BLOCK),     TAG("h2", HTML_BLOCK),         TAG("h3", HTML_BLOCK),
	TAG("h4", HTML_BLOCK),     TAG("h5", HTML_BLOCK),         TAG("h6", HTML_BLOCK),
	TAG("head", HTML_HIDDEN),  TAG("header", HTML_BLOCK),     TAG("hr", HTML_RULE),
	TAG("img", HTML_PICTURE),  TAG("li", HTML_ITEM),          TAG("main", HTML_BLOCK),
	TAG("nav", HTML_BLOCK),    TAG("ol", HTML_LIST),          TAG("p", HTML_BLOCK),
	TAG("pre", HTML_PRE),      TAG("script", HTML_HIDDEN),    TAG("section", HTML_BLOCK),
	TAG("style", HTML_HIDDEN), TAG("table", HTML_BLOCK),      TAG("tbody", HTML_BLOCK),
	TAG("td", HTML_CELL),      TAG("template", HTML_HIDDEN),  TAG("tfoot", HTML_BLOCK),
	TAG("th", HTML_CELL),      TAG("thead", HTML_BLOCK),      TAG("title", HTML_HIDDEN),
	TAG("tr", HTML_BLOCK),     TAG("ul", HTML_LIST),
#undef TAG
};

static const struct {
	struct view name;
	uint32_t cp;
} entities[] = {
#define ENTITY(name, cp)                                                                                               \
	{                                                                                                              \
		VIEW_INIT(name), cp                                                                                    \
	}
	ENTITY("amp", '&'),      ENTITY("lt", '<'),        ENTITY("gt", '>'),       ENTITY("quot", '"'),
	ENTITY("apos", '\''),    ENTITY("nbsp", ' '),      ENTITY("copy", 0xa9),    ENTITY("reg", 0xae),
	ENTITY("trade", 0x2122), ENTITY("hellip", 0x2026), ENTITY("mdash", 0x2014), ENTITY("ndash", 0x2013),
	ENTITY("lsquo", 0x2018), ENTITY("rsquo", 0x2019),  ENTITY("ldquo", 0x201c), ENTITY("rdquo", 0x201d),
	ENTITY("bdquo", 0x201e), ENTITY("sbquo", 0x201a),  ENTITY("laquo", 0xab),   ENTITY("raquo", 0xbb),
	ENTITY("bull", 0x2022),  ENTITY("middot", 0xb7),   ENTITY("euro", 0x20ac),  ENTITY("pound", 0xa3),
	ENTITY("yen", 0xa5),     ENTITY("cent", 0xa2),     ENTITY("sect", 0xa7),    ENTITY("para", 0xb6),
	ENTITY("deg", 0xb0),     ENTITY("plusmn", 0xb1),   ENTITY("times", 0xd7),   ENTITY("divide", 0xf7),
	ENTITY("frac12", 0xbd),  ENTITY("larr", 0x2190),   ENTITY("rarr", 0x2192),  ENTITY("uarr", 0x2191),
	ENTITY("darr", 0x2193),  ENTITY("check", 0x2713),  ENTITY("auml", 0xe4),    ENTITY("ouml", 0xf6),
	ENTITY("uuml", 0xfc),    ENTITY("Auml", 0xc4),     ENTITY("Ouml", 0xd6),    ENTITY("Uuml", 0xdc),
	ENTITY("szlig", 0xdf),   ENTITY("eacute", 0xe9),   ENTITY("egrave", 0xe8),  ENTITY("ecirc", 0xea),
	ENTITY("agrave", 0xe0),  ENTITY("aacute", 0xe1),   ENTITY("acirc", 0xe2),   ENTITY("ccedil", 0xe7),
	ENTITY("ntilde", 0xf1),  ENTITY("oacute", 0xf3),   ENTITY("uacute", 0xfa),  ENTITY("iacute", 0xed),
	ENTITY("shy", 0),        ENTITY("zwnj", 0),        ENTITY("zwj", 0),        ENTITY("ensp", ' '),
	ENTITY("emsp", ' '),     ENTITY("thinsp", ' '),
#undef ENTITY
};

struct html {
	struct text_out text;
	struct view rest;
	unsigned pre;
	struct {
		enum html_role role;
		size_t was;
	} open[HTML_DEPTH]; /* quotes, lists and items */
	size_t depth;
	bool first_item; /* of a list outside of lists: an empty line stands before it */
	struct buf href; /* of the link that is open; empty: none */
	size_t link_from;
	bool no_quotes; /* a quote was never closed: quotes mean nothing from there on (and time stays linear) */
};

static enum html_role role_of(struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (view_eq_case(tags[i].name, name))
			return tags[i].role;
	return HTML_INLINE;
}

/* The entity at the front of v as text; returns the octets used, 0 when it is none. */
static size_t put_entity(struct view v, struct buf *out)
{
	size_t end = view_find_byte(view_to(v, HTML_ENTITY_MAX), ';');
	if (view_at(v, 0) != '&' || end == SIZE_MAX || end < 2)
		return 0;
	struct view name = view_slice(v, 1, end - 1);
	uint64_t cp = 0;
	if (view_at(name, 0) == '#') {
		bool hex = view_at(name, 1) == 'x' || view_at(name, 1) == 'X';
		bool good = hex ? num_parse_hex(view_from(name, 2), 0x10ffff, &cp)
				: num_parse_uint(view_from(name, 1), 0x10ffff, &cp);
		if (!good)
			return 0;
		bool shown = cp >= 0x20 && (cp < 0x7f || cp > 0x9f) && (cp < 0xd800 || cp > 0xdfff);
		utf8_put(out, cp == 0xa0 ? ' ' : shown ? (uint32_t)cp : ' ');
		return end + 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(entities); i++)
		if (view_eq(entities[i].name, name)) {
			if (entities[i].cp != 0)
				utf8_put(out, entities[i].cp);
			return end + 1;
		}
	return 0;
}

static void put_unescaped(struct view v, struct buf *out)
{
	while (v.n > 0) {
		size_t run = view_find_byte(v, '&');
		run = run > v.n ? v.n : run;
		buf_put(out, view_to(v, run));
		v = view_from(v, run);
		size_t used = v.n > 0 ? put_entity(v, out) : 0;
		if (used == 0 && v.n > 0) {
			buf_byte(out, '&');
			used = 1;
		}
		v = view_from(v, used);
	}
}

static void put_text(struct html *html, struct view v)
{
	BUF_AUTO struct buf plain;
	buf_init(&plain, v.n + 16);
	put_unescaped(v, &plain);
	if (html->pre > 0)
		text_raw(&html->text, buf_view(&plain));
	else
		text_words(&html->text, buf_view(&plain));
}

/* The value of an attribute inside a tag. */
static void attribute(struct view tag, struct view name, struct buf *out)
{
	buf_reset(out);
	while (tag.n > 0) {
		while (tag.n > 0 && (ascii_is_space(view_at(tag, 0)) || view_at(tag, 0) == '/'))
			tag = view_from(tag, 1);
		size_t n = 0;
		while (n < tag.n && !ascii_is_space(view_at(tag, n)) && view_at(tag, n) != '=')
			n++;
		bool ours = view_eq_case(view_to(tag, n), name);
		tag = view_from(tag, n);
		if (view_at(tag, 0) != '=') {
			tag = n == 0 ? view_from(tag, 1) : tag;
			continue;
		}
		tag = view_from(tag, 1);
		int quote = view_at(tag, 0);
		bool quoted = quote == '"' || quote == '\'';
		tag = quoted ? view_from(tag, 1) : tag;
		n = 0;
		while (n < tag.n && (quoted ? view_at(tag, n) != quote : !ascii_is_space(view_at(tag, n))))
			n++;
		if (ours) {
			put_unescaped(view_to(view_to(tag, n), HTML_ATTRIBUTE_MAX), out);
			return;
		}
		tag = view_from(tag, quoted ? n + 1 : n);
	}
}

static void end_link(struct html *html)
{
	if (html->href.n == 0)
		return;
	struct text_out *text = &html->text;
	struct view href = buf_view(&html->href), shown = view_none();
	if (html->link_from <= text->line.n)
		shown = view_trim(view_from(buf_view(&text->line), html->link_from));
	bool same = view_eq(shown, href) ||
		    (view_starts_case(href, VIEW("mailto:")) && view_eq(shown, view_from(href, 7)));
	if (!same && shown.n > 0) {
		text->space = true;
		text_raw(text, VIEW("<"));
		text_raw(text, href);
		text_raw(text, VIEW(">"));
	}
	buf_reset(&html->href);
}

static void begin_link(struct html *html, struct view tag)
{
	end_link(html);
	attribute(tag, VIEW("href"), &html->href);
	struct view href = buf_view(&html->href);
	if (href.n == 0 || view_has_ctl(href) || view_at(href, 0) == '#' ||
	    view_starts_case(href, VIEW("javascript:")) || view_has_byte(href, ' '))
		buf_reset(&html->href);
	html->link_from = html->text.line.n;
}

/* Behind the end tag of `name`, or at the end when there is none. */
static void skip_hidden(struct html *html, struct view name)
{
	struct view rest = html->rest;
	for (;;) {
		size_t at = view_find(rest, VIEW("</"));
		if (at == SIZE_MAX) {
			html->rest = view_none();
			return;
		}
		rest = view_from(rest, at + 2);
		if (!view_starts_case(rest, name))
			continue;
		size_t end = view_find_byte(rest, '>');
		html->rest = view_from(rest, end == SIZE_MAX ? rest.n : end + 1);
		return;
	}
}

static void open_level(struct html *html, enum html_role role)
{
	text_block(&html->text);
	if (html->depth == HTML_DEPTH)
		return;
	size_t was = html->text.prefix.n;
	if (role == HTML_QUOTE)
		was = text_enter(&html->text, view_none(), VIEW("> "));
	if (role == HTML_ITEM)
		was = text_enter(&html->text, VIEW("- "), VIEW("  "));
	html->open[html->depth].role = role;
	html->open[html->depth++].was = was;
}

/* Close the innermost open one of this kind, and what is open inside it. */
static void close_level(struct html *html, enum html_role role)
{
	size_t at = html->depth;
	while (at > 0 && html->open[at - 1].role != role)
		at--;
	text_block(&html->text);
	while (at > 0 && html->depth >= at)
		text_leave(&html->text, html->open[--html->depth].was);
}

static void open_list(struct html *html)
{
	html->first_item = html->depth == 0 || html->open[html->depth - 1].role != HTML_ITEM;
	open_level(html, HTML_LIST);
}

/* An item ends the one before it, whether it was closed or not. */
static void open_item(struct html *html)
{
	if (html->depth > 0 && html->open[html->depth - 1].role == HTML_ITEM)
		close_level(html, HTML_ITEM);
	text_block(&html->text);
	html->text.tight = html->text.tight || !html->first_item;
	html->first_item = false;
	open_level(html, HTML_ITEM);
}

static void end_pre(struct html *html)
{
	if (html->pre == 0 || --html->pre > 0)
		return;
	BUF_AUTO struct buf lines;
	buf_init(&lines, html->text.line.max);
	buf_put(&lines, buf_view(&html->text.line));
	buf_reset(&html->text.line);
	html->text.space = false;
	struct view v = buf_view(&lines);
	text_verbatim(&html->text, view_at(v, 0) == '\n' ? view_from(v, 1) : v, 4);
}

static void begin_tag(struct html *html, enum html_role role, struct view name, struct view tag)
{
	BUF_AUTO struct buf value;
	buf_init(&value, HTML_ATTRIBUTE_MAX);
	switch (role) {
	case HTML_INLINE:
		break;
	case HTML_BLOCK:
		if (html->pre == 0)
			text_block(&html->text);
		break;
	case HTML_HIDDEN:
		skip_hidden(html, name);
		break;
	case HTML_BREAK:
		text_break(&html->text);
		break;
	case HTML_RULE:
		text_rule(&html->text);
		break;
	case HTML_LIST:
		open_list(html);
		break;
	case HTML_ITEM:
		open_item(html);
		break;
	case HTML_QUOTE:
		open_level(html, role);
		break;
	case HTML_PRE:
		text_block(&html->text);
		html->pre++;
		break;
	case HTML_CELL:
		html->text.space = true;
		break;
	case HTML_LINK:
		begin_link(html, tag);
		break;
	case HTML_PICTURE:
		attribute(tag, VIEW("alt"), &value);
		text_words(&html->text, buf_view(&value));
		break;
	}
}

static void end_tag(struct html *html, enum html_role role)
{
	if (role == HTML_LINK)
		end_link(html);
	else if (role == HTML_PRE)
		end_pre(html);
	else if (role == HTML_ITEM || role == HTML_LIST || role == HTML_QUOTE)
		close_level(html, role);
	else if (role == HTML_BLOCK && html->pre == 0)
		text_block(&html->text);
}

/* Where the tag at the front ends: '>' outside of quotes, or SIZE_MAX. */
static size_t tag_end(struct view v, bool no_quotes)
{
	int quote = 0;
	for (size_t i = 1; i < v.n; i++) {
		int c = view_at(v, i);
		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '>')
			return i;
		else if (!no_quotes && (c == '"' || c == '\'') && view_at(v, i - 1) == '=')
			quote = c;
	}
	return SIZE_MAX;
}

static void skip_to(struct html *html, struct view end)
{
	size_t at = view_find(html->rest, end);
	html->rest = view_from(html->rest, at == SIZE_MAX ? html->rest.n : at + end.n);
}

/* "<" is at the front. */
static void read_tag(struct html *html)
{
	int c = view_at(html->rest, 1);
	if (view_starts(html->rest, VIEW("<!--"))) {
		skip_to(html, VIEW("-->"));
		return;
	}
	if (!ascii_is_alpha(c) && c != '/' && c != '!' && c != '?') {
		put_text(html, VIEW("<"));
		html->rest = view_from(html->rest, 1);
		return;
	}
	size_t end = tag_end(html->rest, html->no_quotes);
	if (end == SIZE_MAX) {
		html->no_quotes = true;
		end = view_find_byte(html->rest, '>');
	}
	struct view tag = view_slice(html->rest, 1, end == SIZE_MAX ? SIZE_MAX : end - 1);
	html->rest = view_from(html->rest, end == SIZE_MAX ? html->rest.n : end + 1);
	bool closing = view_at(tag, 0) == '/';
	tag = view_from(tag, closing ? 1 : 0);
	size_t n = 0;
	while (n < tag.n && n < HTML_NAME_MAX && ascii_is_alnum(view_at(tag, n)))
		n++;
	struct view name = view_to(tag, n);
	if (closing)
		end_tag(html, role_of(name));
	else
		begin_tag(html, role_of(name), name, view_from(tag, n));
}

void markdown_html_text(struct view source, struct buf *out)
{
	struct html html = { .rest = source };
	text_init(&html.text, out);
	buf_init(&html.href, HTML_ATTRIBUTE_MAX * 4);
	while (html.rest.n > 0) {
		size_t n = view_find_byte(html.rest, '<');
		n = n > html.rest.n ? html.rest.n : n;
		put_text(&html, view_to(html.rest, n));
		html.rest = view_from(html.rest, n);
		if (html.rest.n > 0)
			read_tag(&html);
	}
	end_link(&html);
	html.pre = html.pre > 1 ? 1 : html.pre;
	end_pre(&html);
	text_block(&html.text);
	buf_done(&html.href);
	text_done(&html.text);
}
