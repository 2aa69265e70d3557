#include <stdint.h>
#include <stdlib.h>

#include "base_utf8.h"
#include "msg_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decoding gives clean UTF-8; what can be encoded decodes to itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_AUTO struct buf text, words;
	struct view in = view_of(data, size);
	buf_init(&text, 8 * size + 100);
	buf_init(&words, 16 * size + 100);
	msg_word_decode(in, &text);
	struct view got = buf_view(&text);
	if (!utf8_valid(got) || view_has_byte(got, '\r') || view_has_byte(got, '\n') || view_has_byte(got, '\0'))
		abort();
	if (msg_word_encode(in, size % 100, &words, NULL) == ERR_OK) {
		buf_reset(&text);
		msg_word_decode(buf_view(&words), &text);
		if (view_has_8bit(buf_view(&words)) || !view_eq(buf_view(&text), in))
			abort();
	}
	buf_reset(&words);
	if (msg_word_encode_phrase(in, 0, &words, NULL) == ERR_OK && view_has_8bit(buf_view(&words)))
		abort();
	return 0;
}
