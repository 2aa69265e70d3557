#pragma once

#include "base_buf.h"
#include "base_view.h"

/* Writes a long structured field in lines of at most 76 columns, CRLF and one space at the folds. */
enum { DKIM_FOLD_COLUMNS = 76 };

struct dkim_folder {
	struct buf *out;
	size_t column;
};

/* "Name:" */
void dkim_fold_begin(struct dkim_folder *folder, struct buf *out, const char *name);

/* A piece that stays whole, with a space or a fold before it. */
void dkim_fold_word(struct dkim_folder *folder, struct view word);
void dkim_fold_printf(struct dkim_folder *folder, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A list "a:b:c" that may fold behind each colon, `before` in front, `after` behind. */
void dkim_fold_list(struct dkim_folder *folder, const char *before, struct view list, const char *after);

/* Text that may be cut anywhere (base64), directly behind what is there. */
void dkim_fold_anywhere(struct dkim_folder *folder, struct view text);
