#include "markdown.h"

#include <cmark.h>
#include <stdio.h>
#include <stdlib.h>

#include "base_ascii.h"
#include "base_err.h"
#include "markdown_text_priv.h"

static void node_free(cmark_node **node)
{
	if (*node != NULL)
		cmark_node_free(*node);
}

static void iter_free(cmark_iter **iter)
{
	if (*iter != NULL)
		cmark_iter_free(*iter);
}

/* A target that runs or reads something where a reader only meant to follow a link. */
static bool dangerous(struct view url)
{
	static const struct view schemes[] = { VIEW_INIT("javascript:"), VIEW_INIT("vbscript:"), VIEW_INIT("file:"),
					       VIEW_INIT("data:") };
	static const struct view pictures[] = { VIEW_INIT("data:image/png"), VIEW_INIT("data:image/gif"),
						VIEW_INIT("data:image/jpeg"), VIEW_INIT("data:image/webp") };
	while (view_at(url, 0) >= 0 && view_at(url, 0) <= ' ')
		url = view_from(url, 1);
	for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
		if (view_starts_case(url, pictures[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (view_starts_case(url, schemes[i]))
			return true;
	return false;
}

/* Raw HTML out, dangerous targets empty. */
static void make_safe(cmark_node *document, bool allow_html)
{
	CLEANUP(iter_free) cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);
		if (event != CMARK_EVENT_EXIT && (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE) &&
		    !allow_html)
			cmark_node_free(node); /* a leaf: the iterator stands behind it already */
		else if (event == CMARK_EVENT_ENTER && (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) &&
			 dangerous(view_str(cmark_node_get_url(node))))
			(void)cmark_node_set_url(node, "");
	}
}

static void put_escaped(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int c = view_at(text, i);
		if (c == '<' || c == '>' || c == '&' || c == '"')
			buf_printf(out, "&#%d;", c);
		else
			buf_byte(out, c);
	}
}

static enum err write_html(cmark_node *document, const struct markdown_opts *opts, struct buf *out, struct diag *diag)
{
	if (view_find_case(opts->css, VIEW("</style")) != SIZE_MAX)
		return diag_set(diag, ERR_DATA, "the style sheet has \"</style\" in it, which would end it early");
	buf_str(out, "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	if (opts->title.n > 0) {
		buf_str(out, "<title>");
		put_escaped(opts->title, out);
		buf_str(out, "</title>\n");
	}
	if (opts->css.n > 0) {
		buf_str(out, "<style>\n");
		buf_put(out, opts->css);
		buf_str(out, "\n</style>\n");
	}
	buf_str(out, "</head>\n<body>\n");
	char *body = cmark_render_html(document, CMARK_OPT_UNSAFE);
	if (body == NULL)
		base_out_of_memory();
	buf_str(out, body);
	free(body);
	buf_str(out, "</body>\n</html>\n");
	return ERR_OK;
}

/* What the walk over the tree keeps of each open quote, list and item. */
struct level {
	size_t was; /* for text_leave */
	int number; /* of a list's next item */
};

struct walk {
	struct text_out text;
	struct {
		struct level *at;
		size_t n, cap;
	} left;
	size_t link_from; /* of the innermost link's text in the line */
};

static void push(struct walk *walk, size_t was, int number)
{
	if (walk->left.n == walk->left.cap) {
		walk->left.cap = walk->left.cap == 0 ? 64 : walk->left.cap * 2;
		walk->left.at = realloc(walk->left.at, walk->left.cap * sizeof *walk->left.at);
		if (walk->left.at == NULL)
			base_out_of_memory();
	}
	walk->left.at[walk->left.n++] = (struct level){ was, number };
}

static void pop(struct walk *walk) { text_leave(&walk->text, walk->left.at[--walk->left.n].was); }

static void enter_item(struct walk *walk, cmark_node *item)
{
	cmark_node *list = cmark_node_parent(item);
	char marker[24];
	if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST)
		(void)snprintf(marker, sizeof marker, "%d. ", walk->left.at[walk->left.n - 1].number++);
	else
		(void)snprintf(marker, sizeof marker, "- ");
	bool tight = cmark_node_get_list_tight(list) != 0;
	text_block(&walk->text);
	walk->text.tight = walk->text.tight || (tight && cmark_node_previous(item) != NULL);
	push(walk, text_enter(&walk->text, view_str(marker), view_of("                        ", strlen(marker))), 0);
}

static bool in_tight_item(cmark_node *block)
{
	cmark_node *item = cmark_node_parent(block);
	return item != NULL && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	       cmark_node_get_list_tight(cmark_node_parent(item)) != 0;
}

static void leave_link(struct walk *walk, cmark_node *link)
{
	struct view url = view_str(cmark_node_get_url(link)),
		    text = view_from(buf_view(&walk->text.line), walk->link_from);
	bool same = view_eq(view_trim(text), url) ||
		    (view_starts_case(url, VIEW("mailto:")) && view_eq(view_trim(text), view_from(url, 7)));
	if (url.n == 0 || same)
		return;
	walk->text.space = text.n > 0;
	text_raw(&walk->text, VIEW("<"));
	text_raw(&walk->text, url);
	text_raw(&walk->text, VIEW(">"));
}

static void enter_node(struct walk *walk, cmark_node *node)
{
	struct text_out *text = &walk->text;
	struct view literal = view_str(cmark_node_get_literal(node));
	switch ((int)cmark_node_get_type(node)) {
	case CMARK_NODE_BLOCK_QUOTE:
		push(walk, text_enter(text, view_none(), VIEW("> ")), 0);
		break;
	case CMARK_NODE_LIST:
		text->tight = text->tight || in_tight_item(node);
		push(walk, text->prefix.n, cmark_node_get_list_start(node));
		break;
	case CMARK_NODE_ITEM:
		enter_item(walk, node);
		break;
	case CMARK_NODE_PARAGRAPH:
		text->tight = text->tight || (in_tight_item(node) && cmark_node_previous(node) != NULL);
		break;
	case CMARK_NODE_CODE_BLOCK:
		text_verbatim(text, literal, 4);
		break;
	case CMARK_NODE_THEMATIC_BREAK:
		text_rule(text);
		break;
	case CMARK_NODE_TEXT:
		text_words(text, literal);
		break;
	case CMARK_NODE_CODE:
		text_raw(text, VIEW("`"));
		text_raw(text, literal);
		text_raw(text, VIEW("`"));
		break;
	case CMARK_NODE_SOFTBREAK:
		text->space = true;
		break;
	case CMARK_NODE_LINEBREAK:
		text_break(text);
		break;
	case CMARK_NODE_STRONG:
		text_raw(text, VIEW("*"));
		break;
	case CMARK_NODE_EMPH:
		text_raw(text, VIEW("_"));
		break;
	case CMARK_NODE_LINK:
		text_raw(text, view_none());
		walk->link_from = text->line.n + (text->space ? 1 : 0);
		break;
	default:
		break;
	}
}

static void leave_node(struct walk *walk, cmark_node *node)
{
	static const int marks[] = { 0, '=', '-', 0, 0, 0, 0 };
	struct text_out *text = &walk->text;
	switch ((int)cmark_node_get_type(node)) {
	case CMARK_NODE_BLOCK_QUOTE:
	case CMARK_NODE_LIST:
	case CMARK_NODE_ITEM:
		pop(walk);
		break;
	case CMARK_NODE_PARAGRAPH:
		text_block(text);
		break;
	case CMARK_NODE_HEADING:
		text_heading(text, marks[cmark_node_get_heading_level(node)]);
		break;
	case CMARK_NODE_STRONG:
		text_raw(text, VIEW("*"));
		break;
	case CMARK_NODE_EMPH:
		text_raw(text, VIEW("_"));
		break;
	case CMARK_NODE_LINK:
	case CMARK_NODE_IMAGE:
		if (cmark_node_get_type(node) == CMARK_NODE_LINK)
			leave_link(walk, node);
		break;
	default:
		break;
	}
}

static void write_text(cmark_node *document, struct buf *out)
{
	struct walk walk = { .left = { NULL, 0, 0 } };
	text_init(&walk.text, out);
	CLEANUP(iter_free) cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		if (event == CMARK_EVENT_ENTER)
			enter_node(&walk, cmark_iter_get_node(iter));
		else
			leave_node(&walk, cmark_iter_get_node(iter));
	}
	text_block(&walk.text);
	text_done(&walk.text);
	free(walk.left.at);
}

enum err markdown_render(struct view markdown, const struct markdown_opts *opts, struct buf *html, struct buf *text,
			 struct diag *diag)
{
	if (markdown.n > MARKDOWN_MAX)
		return diag_set(diag, ERR_LIMIT, "the Markdown is longer than %d octets (MARKDOWN_MAX)", MARKDOWN_MAX);
	CLEANUP(node_free)
	cmark_node *document = cmark_parse_document(markdown.n == 0 ? "" : markdown.p, markdown.n, CMARK_OPT_DEFAULT);
	if (document == NULL)
		base_out_of_memory();
	make_safe(document, opts->allow_html);
	enum err err = html == NULL ? ERR_OK : write_html(document, opts, html, diag);
	if (err == ERR_OK && text != NULL)
		write_text(document, text);
	if (err == ERR_OK && ((html != NULL && html->over) || (text != NULL && text->over)))
		err = diag_set(diag, ERR_LIMIT, "the rendered text is longer than allowed here");
	return err;
}
