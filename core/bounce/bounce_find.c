/* Small finders in free text: addresses, the start of the returned message, HTML's text. */
#include "base_ascii.h"
#include "bounce_priv.h"

static bool is_local_char(int c) { return ascii_is_atext(c) || c == '.' || c >= 0x80; }

static bool is_domain_char(int c) { return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c >= 0x80; }

/* Widen around the "@" at `at`: a dot-atom or quoted string in front, a name or address literal behind. */
static struct view address_around(struct view v, size_t at)
{
	size_t start = at, end = at + 1;
	if (start > 0 && view_at(v, start - 1) == '"') {
		start--;
		while (start > 0 && view_at(v, start - 1) != '"')
			start--;
		start -= start > 0;
	} else {
		while (start > 0 && is_local_char(view_at(v, start - 1)))
			start--;
	}
	/* quotes and slashes in front belong to the text around it */
	while (start < at && (view_at(v, start) == '\'' || view_at(v, start) == '`' || view_at(v, start) == '.' ||
			      view_at(v, start) == '/' || view_at(v, start) == '*' || view_at(v, start) == '|'))
		start++;
	if (view_at(v, end) == '[') {
		size_t close = view_find_byte(view_from(v, end), ']');
		end = close == SIZE_MAX ? v.n : end + close + 1;
	} else {
		while (is_domain_char(view_at(v, end)))
			end++;
	}
	while (end > at + 1 && (view_at(v, end - 1) == '.' || view_at(v, end - 1) == '-'))
		end--;
	return view_slice(v, start, end - start);
}

bool bounce_is_address(struct view v)
{
	size_t at = SIZE_MAX;
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '@')
			at = i;
	if (at == SIZE_MAX || at == 0 || at > 256 || at + 1 >= v.n || v.n > 512)
		return false;
	struct view around = address_around(v, at);
	return around.n == v.n;
}

struct view bounce_find_address(struct view v)
{
	for (size_t i = 0; i < v.n; i++) {
		size_t next = view_find_byte(view_from(v, i), '@');
		if (next == SIZE_MAX)
			break;
		i += next;
		struct view found = address_around(v, i);
		if (found.n > 2 && view_at(found, 0) != '@' && view_last(found) != '@' &&
		    i - (size_t)(found.p - v.p) <= 256)
			return found;
	}
	return view_none();
}

/* Lines that announce a copy of the message; matched at the start of a line, without case, marks in front skipped. */
static const char *const announcements[] = {
	"this is a copy of your message",
	"this is a copy of the message",
	"below this line is a copy of the message",
	"below this line is the original",
	"below is a copy of the original",
	"original message follows",
	"original message -",
	"original message headers",
	"the header of the original",
	"the headers of the original",
	"original header",
	"original email -",
	"original mail -",
	"header of the message",
	"message header follows",
	"message headers follow",
	"message header of original",
	"headers of original",
	"your original message",
	"your message follows",
	"unsent message follows",
	"unsent message below",
	"returned message",
	"undelivered message",
	"message text follows",
	"message body follows",
	"original message",
	"the original message",
	"copy of the original",
	"the following is a copy of",
	"the start of your message",
	"the first part of your message",
	"here is your returned",
	"here is a copy of the first",
	"content of your message",
	"contents of your message",
	"failed message follows",
	"included is a copy of the message header",
	"received: (",
	"received: from",
	"received: by",
	"return-path: <",
	"x-apparently-to",
	"delivered-to:",
	"message-id: <",
	"attached message",
	"----- message",
	"original-message",
};

static bool is_announcement(struct view line)
{
	bool marked = false;
	while (line.n > 0 && strchr("-=_*#>+~| \t", view_at(line, 0)) != NULL) {
		marked = marked || view_at(line, 0) == '-' || view_at(line, 0) == '*' || view_at(line, 0) == '=';
		line = view_from(line, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(announcements); i++) {
		if (!view_starts_case(line, view_str(announcements[i])))
			continue;
		bool is_field = view_has_byte(view_to(line, strlen(announcements[i])), ':');
		/* a sentence that goes on is talk, not a heading */
		return is_field || marked || line.n < strlen(announcements[i]) + 24;
	}
	return false;
}

size_t bounce_returned_start(struct view text)
{
	struct view rest = text, line;
	int eol = msg_line_end(text);
	for (;;) {
		size_t at = text.n - rest.n;
		if (!msg_line_next(&rest, eol, &line))
			return text.n;
		if (at > 0 && is_announcement(line))
			return at;
	}
}

/* The few entities that mailers use. */
static size_t put_entity(struct view v, struct buf *out)
{
	static const struct {
		struct view name;
		char c;
	} entities[] = { { VIEW_INIT("&lt;"), '<' },   { VIEW_INIT("&gt;"), '>' },   { VIEW_INIT("&amp;"), '&' },
			 { VIEW_INIT("&quot;"), '"' }, { VIEW_INIT("&#39;"), '\'' }, { VIEW_INIT("&nbsp;"), ' ' },
			 { VIEW_INIT("&#64;"), '@' },  { VIEW_INIT("&apos;"), '\'' } };
	for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
		if (view_starts_case(v, entities[i].name)) {
			buf_byte(out, entities[i].c);
			return entities[i].name.n;
		}
	}
	buf_byte(out, '&');
	return 1;
}

static bool breaks_line(struct view tag)
{
	static const char *const names[] = { "<br",  "<p",  "</p", "<div", "</div", "<tr",
					     "</tr", "<li", "<h",  "</td", "<table" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (view_starts_case(tag, view_str(names[i])))
			return true;
	return false;
}

struct view bounce_strip_html(struct view html, struct arena *arena)
{
	BUF_AUTO struct buf out;
	buf_init(&out, BOUNCE_DECODED_MAX);
	while (html.n > 0) {
		int c = view_at(html, 0);
		size_t used = 1;
		if (c == '<' &&
		    (ascii_is_alpha(view_at(html, 1)) || view_at(html, 1) == '/' || view_at(html, 1) == '!')) {
			size_t close = view_find_byte(html, '>');
			bool hidden = view_starts_case(html, VIEW("<style")) || view_starts_case(html, VIEW("<script"));
			if (hidden) {
				size_t end = view_find_case(html, VIEW("</s"));
				close = end == SIZE_MAX ? SIZE_MAX : end + view_find_byte(view_from(html, end), '>');
			}
			if (breaks_line(html))
				buf_byte(&out, '\n');
			used = close >= html.n ? html.n : close + 1;
		} else if (c == '&') {
			used = put_entity(html, &out);
		} else {
			buf_byte(&out, c);
		}
		html = view_from(html, used);
	}
	return arena_view(arena, buf_view(&out));
}
