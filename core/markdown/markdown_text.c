#include "base_ascii.h"
#include "base_utf8.h"
#include "markdown.h"
#include "markdown_text_priv.h"

enum { TEXT_BLOCK_MAX = MARKDOWN_MAX * 4, TEXT_PREFIX_MAX = 1024 };

void text_init(struct text_out *text, struct buf *out)
{
	*text = (struct text_out){ .out = out, .tight = true };
	buf_init(&text->line, TEXT_BLOCK_MAX);
	buf_init(&text->prefix, TEXT_PREFIX_MAX);
	buf_init(&text->marker, TEXT_PREFIX_MAX);
}

void text_done(struct text_out *text)
{
	buf_done(&text->line);
	buf_done(&text->prefix);
	buf_done(&text->marker);
}

static void owed_space(struct text_out *text)
{
	if (text->space && text->line.n > 0 && view_last(buf_view(&text->line)) != '\n')
		buf_byte(&text->line, ' ');
	text->space = false;
}

void text_raw(struct text_out *text, struct view bytes)
{
	if (bytes.n == 0)
		return;
	owed_space(text);
	buf_put(&text->line, bytes);
}

void text_words(struct text_out *text, struct view words)
{
	while (words.n > 0) {
		size_t n = 0;
		while (n < words.n && !ascii_is_space(view_at(words, n)))
			n++;
		text_raw(text, view_to(words, n));
		text->space = text->space || n < words.n;
		words = view_from(words, n + 1);
	}
}

void text_break(struct text_out *text)
{
	text->space = false;
	buf_byte(&text->line, '\n');
}

/* The start of a line: the marker once, then the prefix. */
static void begin_line(struct text_out *text)
{
	struct view prefix = buf_view(&text->prefix);
	if (text->marker.n > 0) {
		buf_put(text->out, view_to(prefix, prefix.n - text->marker.n));
		buf_put(text->out, buf_view(&text->marker));
		buf_reset(&text->marker);
		return;
	}
	buf_put(text->out, prefix);
}

/* White space at the end of a line means nothing, and costs an escape in quoted-printable. */
static void end_line(struct text_out *text)
{
	while (text->out->n > 0 && view_last(buf_view(text->out)) == ' ')
		buf_cut(text->out, text->out->n - 1);
	buf_byte(text->out, '\n');
}

static void begin_block(struct text_out *text)
{
	if (text->any && !text->tight) {
		struct view prefix = buf_view(&text->prefix);
		buf_put(text->out, view_to(prefix, prefix.n - text->marker.n));
		end_line(text);
	}
	text->any = true;
	text->tight = false;
}

/* One line of the block, broken between words where it is too wide. */
static void wrap(struct text_out *text, struct view line)
{
	size_t room = MARKDOWN_WIDTH -
		      (text->prefix.n < MARKDOWN_INDENT_MAX ? text->prefix.n : (size_t)MARKDOWN_INDENT_MAX);
	size_t column = 0;
	begin_line(text);
	while (line.n > 0) {
		size_t n = 0;
		while (n < line.n && line.p[n] != ' ')
			n++;
		struct view word = view_to(line, n);
		size_t width = utf8_columns(word);
		if (column > 0 && column + 1 + width > room) {
			end_line(text);
			begin_line(text);
			column = 0;
		} else if (column > 0) {
			buf_byte(text->out, ' ');
			column++;
		}
		buf_put(text->out, word);
		column += width;
		line = view_from(line, n + 1);
	}
	end_line(text);
}

void text_block(struct text_out *text)
{
	struct view rest = view_trim_end(buf_view(&text->line)), line;
	text->space = false;
	if (rest.n > 0) {
		begin_block(text);
		while (view_next_line(&rest, &line))
			wrap(text, line);
	}
	buf_reset(&text->line);
}

void text_heading(struct text_out *text, int mark)
{
	struct view title = view_trim(buf_view(&text->line));
	size_t width = utf8_columns(title), room = MARKDOWN_WIDTH - MARKDOWN_INDENT_MAX;
	bool any = title.n > 0;
	text_block(text);
	if (!any || mark == 0)
		return;
	begin_line(text);
	buf_fill(text->out, mark, width < room * 2 ? width : room * 2);
	end_line(text);
}

void text_verbatim(struct text_out *text, struct view lines, size_t indent)
{
	struct view line;
	text_block(text);
	if (lines.n == 0)
		return;
	begin_block(text);
	while (view_next_line(&lines, &line)) {
		begin_line(text);
		buf_fill(text->out, ' ', indent);
		buf_put(text->out, line);
		end_line(text);
	}
}

void text_rule(struct text_out *text)
{
	text_block(text);
	begin_block(text);
	begin_line(text);
	buf_fill(text->out, '-', 20);
	end_line(text);
}

size_t text_enter(struct text_out *text, struct view marker, struct view prefix)
{
	size_t was = text->prefix.n;
	text_block(text);
	if (was + prefix.n > MARKDOWN_INDENT_MAX)
		return was;
	/* The empty line before a quote is not part of it. */
	if (text->any && !text->tight && text->marker.n == 0) {
		buf_put(text->out, buf_view(&text->prefix));
		end_line(text);
		text->tight = true;
	}
	/* An item in an item, both at their first line: "- - x". */
	buf_put(&text->prefix, prefix);
	if (marker.n > 0 || text->marker.n > 0)
		buf_put(&text->marker, marker.n > 0 ? marker : prefix);
	return was;
}

void text_leave(struct text_out *text, size_t was)
{
	text_block(text);
	if (text->prefix.n > was) {
		size_t n = text->prefix.n - was;
		buf_cut(&text->prefix, was);
		buf_cut(&text->marker, text->marker.n > n ? text->marker.n - n : 0);
	}
}
