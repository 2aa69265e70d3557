#include <stdint.h>

#include "markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 1 << 24);
	markdown_html_text(view_of(data, size), &text);
	return 0;
}
