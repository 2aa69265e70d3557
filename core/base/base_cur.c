#include "base_cur.h"

bool cur_try(struct cur *cur, int byte)
{
	if (cur_peek(cur) != byte || byte < 0)
		return false;
	cur->at++;
	return true;
}

bool cur_try_view(struct cur *cur, struct view what)
{
	if (cur->bad || !view_starts(cur_rest(cur), what))
		return false;
	cur->at += what.n;
	return true;
}

bool cur_try_case(struct cur *cur, struct view what)
{
	if (cur->bad || !view_starts_case(cur_rest(cur), what))
		return false;
	cur->at += what.n;
	return true;
}

bool cur_need(struct cur *cur, int byte) { return cur_try(cur, byte) || cur_fail(cur); }

struct view cur_while(struct cur *cur, bool (*in_class)(int))
{
	size_t from = cur->at;
	while (in_class(cur_peek(cur)))
		cur->at++;
	return cur_since(cur, from);
}

struct view cur_need_while(struct cur *cur, bool (*in_class)(int))
{
	struct view run = cur_while(cur, in_class);
	if (run.n == 0)
		cur_fail(cur);
	return run;
}

struct view cur_until(struct cur *cur, int byte)
{
	if (cur->bad)
		return view_none();
	size_t from = cur->at;
	size_t at = view_find_byte(cur_rest(cur), byte);
	cur->at = at == SIZE_MAX ? cur->in.n : from + at;
	return cur_since(cur, from);
}

void cur_skip_wsp(struct cur *cur) { (void)cur_while(cur, ascii_is_wsp); }

void cur_skip_fws(struct cur *cur) { (void)cur_while(cur, ascii_is_space); }

uint64_t cur_need_uint(struct cur *cur, uint64_t max)
{
	uint64_t value = 0;
	if (!ascii_is_digit(cur_peek(cur))) {
		cur_fail(cur);
		return 0;
	}
	while (ascii_is_digit(cur_peek(cur))) {
		uint64_t digit = (uint64_t)(cur_peek(cur) - '0');
		if (value > (max - digit) / 10 || digit > max) {
			cur_fail(cur);
			return 0;
		}
		value = value * 10 + digit;
		cur->at++;
	}
	return value;
}

void cur_place(const struct cur *cur, unsigned *line, unsigned *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < cur->at && i < cur->in.n; i++) {
		if (view_at(cur->in, i) == '\n') {
			*line += 1;
			*column = 1;
		} else {
			*column += 1;
		}
	}
}
