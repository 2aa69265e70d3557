#include "markdown.h"

#include <time.h>

#include "tap.h"

static void text_rows(void)
{
	static const struct {
		const char *what, *in, *out;
	} rows[] = {
		{ "nothing", "", "" },
		{ "paragraphs", "a\nb\n\nc\n", "a b\n\nc\n" },
		{ "hard line breaks", "a  \nb\\\nc\n", "a\nb\nc\n" },
		{ "headings", "# One\n## Two\n### Three\ntext\n", "One\n===\n\nTwo\n---\n\nThree\n\ntext\n" },
		{ "a tight list", "- a\n- b\n  more\n", "- a\n- b more\n" },
		{ "a loose list", "- a\n\n- b\n", "- a\n\n- b\n" },
		{ "an ordered list counts from its start", "9. a\n1. b\n", "9. a\n10. b\n" },
		{ "lists in lists", "- a\n  - b\n    - c\n- d\n", "- a\n  - b\n    - c\n- d\n" },
		{ "two paragraphs in an item", "- a\n\n  b\n", "- a\n\n  b\n" },
		{ "a list in a quote in a list", "- > - a\n  >   b\n", "- > - a b\n" },
		{ "a quote", "x\n\n> a\n> b\n>\n> c\n\ny\n", "x\n\n> a b\n>\n> c\n\ny\n" },
		{ "code keeps its spaces and lines", "x\n\n    a  b\n      c\n", "x\n\n    a  b\n      c\n" },
		{ "fenced code", "```sh\nls   -l\n\nx\n```\n", "    ls   -l\n\n    x\n" },
		{ "code in a line", "a `b  c` d\n", "a `b  c` d\n" },
		{ "emphasis", "*a* **b**\n", "_a_ *b*\n" },
		{ "a link", "see [here](https://x.example/) now\n", "see here <https://x.example/> now\n" },
		{ "a link that shows itself", "<https://x.example/> <a@b.example>\n",
		  "https://x.example/ a@b.example\n" },
		{ "a link without text", "[](https://x.example/)\n", "<https://x.example/>\n" },
		{ "a dangerous link is its text", "[x](javascript:alert(1)) [y](JaVaScRiPt:1) [z](data:text/html,x)\n",
		  "x y z\n" },
		{ "a picture is its text", "![logo](x.png)\n", "logo\n" },
		{ "raw HTML goes", "a <b>c</b>\n\n<div>\nd\n</div>\n\ne\n", "a c\n\ne\n" },
		{ "a rule", "a\n\n---\n\nb\n", "a\n\n--------------------\n\nb\n" },
		{ "entities", "&copy; &amp; &lt;\n", "\xc2\xa9 & <\n" },
		{ "wraps at 72 columns, wide characters counted",
		  "aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff ggggg hh\n",
		  "aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff ggggg\nhh\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("markdown to text: %s", rows[i].what);
		BUF_AUTO struct buf text;
		buf_init(&text, 10000);
		const struct markdown_opts opts = { 0 };
		CHECK_INT(markdown_render(view_str(rows[i].in), &opts, NULL, &text, NULL), ERR_OK);
		CHECK_VIEW(buf_view(&text), rows[i].out);
	}
}

static void html_parts(void)
{
	static const struct {
		const char *what, *in;
		bool allow_html;
		const char *has, *lacks;
	} rows[] = {
		{ "raw HTML is dropped", "a <b>c</b> <script>x</script>", false, "<p>a c x</p>", "<b>" },
		{ "blocks of it too", "<script>\nx\n</script>\n\ny", false, "<p>y</p>", "script" },
		{ "unless it is allowed", "a <b>c</b>", true, "<b>c</b>", "omitted" },
		{ "dangerous targets are emptied", "[x](javascript:1)", false, "<a href=\"\">x</a>", "javascript" },
		{ "also where HTML is allowed", "[x]( javascript:1) ![y](vbscript:1)", true, "<a href=\"\">x</a>",
		  "script:" },
		{ "with spaces in front, as characters", "[x](&#32;javascript:1)", false, "<a", "href=\" javascript" },
		{ "pictures as data stay", "![x](data:image/png;base64,AA)", false, "data:image/png", "\"\"" },
		{ "text is escaped", "a < b & \"c\"", false, "a &lt; b &amp; &quot;c&quot;", "a < b" },
		{ "so is the title", "x", false, "<title>T &#60;&#38;&#62;</title>", "T <" },
		{ "the style sheet stands in the head", "x", false, "<style>\np { }\n</style>\n</head>",
		  "body><style" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("markdown to HTML: %s", rows[i].what);
		BUF_AUTO struct buf html;
		buf_init(&html, 10000);
		const struct markdown_opts opts = { rows[i].allow_html, VIEW("T <&>"), VIEW("p { }") };
		CHECK_INT(markdown_render(view_str(rows[i].in), &opts, &html, NULL, NULL), ERR_OK);
		CHECK(view_find(buf_view(&html), view_str(rows[i].has)) != SIZE_MAX);
		CHECK(view_find(buf_view(&html), view_str(rows[i].lacks)) == SIZE_MAX);
	}
	tap_case("a style sheet that ends its element is refused");
	BUF_AUTO struct buf html;
	buf_init(&html, 10000);
	const struct markdown_opts opts = { .css = VIEW("a{}</STYLE ><script>") };
	CHECK_INT(markdown_render(VIEW("x"), &opts, &html, NULL, NULL), ERR_DATA);
}

static void html_text_rows(void)
{
	static const struct {
		const char *what, *in, *out;
	} rows[] = {
		{ "text", "hello  \n world", "hello world\n" },
		{ "paragraphs", "<p>a<p>b</p>c", "a\n\nb\n\nc\n" },
		{ "line breaks", "a<br>b<br/>c<BR />d", "a\nb\nc\nd\n" },
		{ "what is not shown",
		  "<html><head><title>t</title></head><style>p{}</style><!-- c --><body>a<script>if (1<2) x</script>b",
		  "ab\n" },
		{ "a list without end tags", "<ul><li>a<li>b</ul>c", "- a\n- b\n\nc\n" },
		{ "lists in lists", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n" },
		{ "a quote", "<blockquote>a<p>b</blockquote>c", "> a\n>\n> b\n\nc\n" },
		{ "preformatted", "<pre>\na  b\n c</pre>d", "    a  b\n     c\n\nd\n" },
		{ "links", "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>", "x <https://x.example/?a=1&b=2>\n" },
		{ "links in other quotes and none", "<a class=c href='u'>x</a> <a href=v>y</a>", "x <u> y <v>\n" },
		{ "a link that shows itself", "<a href=\"mailto:a@b\">a@b</a>", "a@b\n" },
		{ "no link", "<a href=\"javascript:x()\">x</a> <a href=\"#top\">y</a>", "x y\n" },
		{ "pictures", "<img src=x alt=\"a &gt; b\">", "a > b\n" },
		{ "cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc\n" },
		{ "entities", "&lt;&#65;&#x42;&nbsp;&unknown;&amp;&", "<AB &unknown;&&\n" },
		{ "entities that are controls", "a&#0;b&#13;c&#x1b;d", "a b c d\n" },
		{ "a lone <", "1 < 2 <3", "1 < 2 <3\n" },
		{ "a tag that does not end", "a<b", "a\n" },
		{ "a > in an attribute", "<img alt=\"x>y\">z", "x>yz\n" },
		{ "a quote that does not end", "<a href=\"x>y</a>z", "y <x>z\n" },
		{ "upper case", "<P>a</P><SCRIPT>x</SCRIPT>", "a\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("HTML to text: %s", rows[i].what);
		BUF_AUTO struct buf text;
		buf_init(&text, 10000);
		markdown_html_text(view_str(rows[i].in), &text);
		CHECK_VIEW(buf_view(&text), rows[i].out);
	}
}

/* Twice the input may not cost much more than twice the time; half a second for 200 kB is generous on any machine. */
static void hostile(void)
{
	static const char *const repeated[] = { "<a href=\"", "<b ",      "&",  "<li>",        "<blockquote>",
						"<pre>",      "<ul>",     "<",  "<a href='x>", "</ul>",
						"<!--",       "<script>", "&#", "<td>",        "<img alt=\"" };
	static const char *const markdown[] = { "> ",    "- ",   "1. ", "*a ",  "[",    "![",    "`",
						"a  \n", "    ", "<b>", "- - ", "1.\n", "# x\n", "***" };
	for (size_t i = 0; i < ARRAY_LEN(repeated) + ARRAY_LEN(markdown); i++) {
		bool html = i < ARRAY_LEN(repeated);
		const char *piece = html ? repeated[i] : markdown[i - ARRAY_LEN(repeated)];
		tap_case("hostile repetition of \"%s\"", piece);
		BUF_AUTO struct buf in, out;
		buf_init(&in, 400000);
		buf_init(&out, 1 << 26);
		while (in.n < 200000)
			buf_str(&in, piece);
		clock_t from = clock();
		const struct markdown_opts opts = { 0 };
		if (html)
			markdown_html_text(buf_view(&in), &out);
		else
			CHECK_INT(markdown_render(buf_view(&in), &opts, NULL, &out, NULL), ERR_OK);
		CHECK((double)(clock() - from) / CLOCKS_PER_SEC < 3);
	}
}

static void limits(void)
{
	tap_case("the limit of the input is named");
	struct diag diag = { "", 0, 0 };
	static char big[MARKDOWN_MAX + 1];
	const struct markdown_opts opts = { 0 };
	CHECK_INT(markdown_render(view_of(big, sizeof big), &opts, NULL, NULL, &diag), ERR_LIMIT);
	CHECK(strstr(diag.text, "MARKDOWN_MAX") != NULL);
	tap_case("out->max is a limit");
	BUF_AUTO struct buf small;
	buf_init(&small, 3);
	CHECK_INT(markdown_render(VIEW("hello"), &opts, NULL, &small, NULL), ERR_LIMIT);
}

int main(void)
{
	text_rows();
	html_parts();
	html_text_rows();
	hostile();
	limits();
	return tap_done();
}
