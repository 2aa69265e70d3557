#include "dkim_fold.h"

#include <stdarg.h>
#include <stdio.h>

static void raw(struct dkim_folder *folder, struct view text)
{
	buf_put(folder->out, text);
	folder->column += text.n;
}

static void fold(struct dkim_folder *folder)
{
	buf_str(folder->out, "\r\n ");
	folder->column = 1;
}

void dkim_fold_begin(struct dkim_folder *folder, struct buf *out, const char *name)
{
	*folder = (struct dkim_folder){ out, 0 };
	raw(folder, view_str(name));
	raw(folder, VIEW(":"));
}

void dkim_fold_word(struct dkim_folder *folder, struct view word)
{
	if (folder->column + 1 + word.n > DKIM_FOLD_COLUMNS && folder->column > 1)
		fold(folder);
	else
		raw(folder, VIEW(" "));
	raw(folder, word);
}

void dkim_fold_printf(struct dkim_folder *folder, const char *fmt, ...)
{
	char word[1024];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(word, sizeof word, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof word)
		folder->out->over = true;
	else
		dkim_fold_word(folder, view_of(word, (size_t)n));
}

void dkim_fold_list(struct dkim_folder *folder, const char *before, struct view list, const char *after)
{
	for (bool first = true; list.p != NULL; first = false) {
		struct view name = view_cut(&list, ':');
		const char *behind = list.p != NULL ? ":" : after;
		size_t n = name.n + strlen(behind) + (first ? strlen(before) + 1 : 0);
		if (folder->column + n > DKIM_FOLD_COLUMNS)
			fold(folder);
		else if (first)
			raw(folder, VIEW(" "));
		if (first)
			raw(folder, view_str(before));
		raw(folder, name);
		raw(folder, view_str(behind));
	}
}

void dkim_fold_anywhere(struct dkim_folder *folder, struct view text)
{
	while (text.n > 0) {
		if (folder->column >= DKIM_FOLD_COLUMNS)
			fold(folder);
		struct view part = view_to(text, DKIM_FOLD_COLUMNS - folder->column);
		raw(folder, part);
		text = view_from(text, part.n);
	}
}
