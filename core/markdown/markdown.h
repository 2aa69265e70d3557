#pragma once

#include <stdbool.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Markdown (CommonMark, by cmark) into the two parts of a message: an HTML document and plain text.
 *
 * Safe by default: raw HTML is dropped, links and pictures whose target is javascript:, vbscript:, file: or data: (other
 * than pictures) lose it. With allow_html raw HTML stays, such targets still go.
 */
enum {
	MARKDOWN_MAX = 16 << 20,  /* octets of input */
	MARKDOWN_WIDTH = 72,      /* columns of the plain text */
	MARKDOWN_INDENT_MAX = 40, /* columns that quotes and lists may take of them; deeper ones stay there */
};

struct markdown_opts {
	bool allow_html;
	struct view title; /* of the document, text; empty: none */
	struct view css;   /* put into the head; empty: none */
};

/*
 * html, text   appended to; either may be NULL
 * errors       ERR_LIMIT (MARKDOWN_MAX, or max of a buffer), ERR_DATA (css that would end its element)
 */
MUST_CHECK enum err markdown_render(struct view markdown, const struct markdown_opts *opts, struct buf *html,
				    struct buf *text, struct diag *diag);

/*
 * HTML, however broken, as plain text: for readers that show none. What is not shown (head, script, style, comments)
 * goes; blocks, lists, quotes, links, the alternative texts of pictures and preformatted text stay. Linear in html.n.
 */
void markdown_html_text(struct view html, struct buf *out);
