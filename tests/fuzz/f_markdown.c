#include <stdint.h>
#include <stdlib.h>

#include "markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No tag of the author's comes through, and lines of the text that can be broken are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_AUTO struct buf html, text;
	buf_init(&html, 1 << 24);
	buf_init(&text, 1 << 24);
	const struct markdown_opts opts = { .title = VIEW("x") };
	if (markdown_render(view_of(data, size), &opts, &html, &text, NULL) != ERR_OK)
		return 0;
	if (view_find_case(buf_view(&html), VIEW("<script")) != SIZE_MAX ||
	    view_find_case(buf_view(&html), VIEW("href=\"javascript:")) != SIZE_MAX)
		abort();
	buf_reset(&text);
	markdown_html_text(buf_view(&html), &text);
	return 0;
}
