#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_buf.h"
#include "base_view.h"

/*
 * Plain text in the making: paragraphs that wrap, inside quotes and lists. Inline text is collected, then a block ends.
 */
struct text_out {
	struct buf *out;
	struct buf line;   /* the text of the block; '\n' in it is a line break that stays */
	struct buf prefix; /* in front of each line: "> ", spaces under a list item */
	struct buf marker; /* in front of the next line instead of the end of prefix: "- ", "12. " */
	bool any;          /* something was written */
	bool space;        /* white space is owed before the next word */
	bool tight;        /* no empty line before the next block */
};

void text_init(struct text_out *text, struct buf *out);
void text_done(struct text_out *text);

/* Inline: white space of any length is one space. */
void text_words(struct text_out *text, struct view words);
void text_raw(struct text_out *text, struct view bytes); /* as it is */
void text_break(struct text_out *text);                  /* a line break that stays */

/* End of a block: what was collected is wrapped, an empty line before it. Nothing collected: nothing happens. */
void text_block(struct text_out *text);
/* The same with a line of `mark` under it. */
void text_heading(struct text_out *text, int mark);
/* Lines that do not wrap, indented by `indent`. */
void text_verbatim(struct text_out *text, struct view lines, size_t indent);
void text_rule(struct text_out *text);

/* Go into a quote or list item, whose lines start with `prefix` and whose first one starts with `marker`. Gives what text_leave wants. */
size_t text_enter(struct text_out *text, struct view marker, struct view prefix);
void text_leave(struct text_out *text, size_t was);
