#include "base_num.h"

#include "base_cur.h"

bool num_parse_uint(struct view v, uint64_t max, uint64_t *out)
{
	struct cur cur = cur_of(v);
	uint64_t value = cur_need_uint(&cur, max);
	if (!cur_done(&cur))
		return false;
	*out = value;
	return true;
}

bool num_parse_hex(struct view v, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	if (v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		int digit = ascii_hex_value(view_at(v, i));
		if (digit < 0 || value > (max >> 4) || (value << 4 | (uint64_t)digit) > max)
			return false;
		value = value << 4 | (uint64_t)digit;
	}
	*out = value;
	return true;
}

static const struct num_unit {
	struct view name;
	uint64_t ms;
} units[] = {
	{ VIEW_INIT("ms"), 1 },      { VIEW_INIT("s"), 1000 },     { VIEW_INIT("m"), 60000 },
	{ VIEW_INIT("h"), 3600000 }, { VIEW_INIT("d"), 86400000 }, { VIEW_INIT("w"), 604800000 },
};

static uint64_t unit_ms(struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (view_eq_case(units[i].name, name))
			return units[i].ms;
	return 0;
}

bool num_parse_duration_ms(struct view v, uint64_t max_ms, uint64_t *out)
{
	struct cur cur = cur_of(v);
	uint64_t total = 0;
	do {
		uint64_t value = cur_need_uint(&cur, UINT64_MAX / 604800000);
		struct view name = cur_while(&cur, ascii_is_alpha);
		uint64_t unit = name.n == 0 ? 1000 : unit_ms(name);
		if (unit == 0 || value > max_ms / unit || value * unit > max_ms - total)
			cur_fail(&cur);
		else
			total += value * unit;
	} while (!cur_end(&cur));
	if (!cur_done(&cur))
		return false;
	*out = total;
	return true;
}

bool num_parse_size(struct view v, uint64_t max, uint64_t *out)
{
	struct cur cur = cur_of(v);
	uint64_t value = cur_need_uint(&cur, UINT64_MAX);
	static const char suffixes[] = "kmgt";
	unsigned shift = 0;
	for (unsigned i = 0; i < 4; i++)
		if (ascii_lower(cur_peek(&cur)) == suffixes[i])
			shift = 10 * (i + 1);
	if (shift > 0)
		cur_skip(&cur);
	if (!cur_done(&cur) || value > max >> shift)
		return false;
	*out = value << shift;
	return true;
}

bool num_parse_hex_bytes(struct view v, unsigned char *out, size_t cap, size_t *n)
{
	struct cur cur = cur_of(v);
	size_t count = 0;
	while (!cur_end(&cur)) {
		if (count > 0)
			(void)cur_try(&cur, ':');
		int high = ascii_hex_value(cur_peek(&cur));
		cur_skip(&cur);
		int low = ascii_hex_value(cur_peek(&cur));
		cur_skip(&cur);
		if (high < 0 || low < 0 || count == cap)
			return false;
		out[count++] = (unsigned char)(high << 4 | low);
	}
	*n = count;
	return count > 0;
}

void num_write_hex(struct view bytes, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < bytes.n; i++) {
		buf_byte(out, digits[view_at(bytes, i) >> 4]);
		buf_byte(out, digits[view_at(bytes, i) & 15]);
	}
}

void num_write_size(uint64_t bytes, struct buf *out)
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t i = 0;
	while (value >= 1024 && i + 1 < ARRAY_LEN(names)) {
		value /= 1024;
		i++;
	}
	buf_printf(out, i == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, names[i]);
}

void num_write_duration(uint64_t ms, struct buf *out)
{
	if (ms < 1000) {
		buf_printf(out, "%u ms", (unsigned)ms);
		return;
	}
	if (ms < 60000) {
		buf_printf(out, "%.1f s", (double)ms / 1000);
		return;
	}
	for (size_t i = ARRAY_LEN(units) - 2; i > 1; i--) {
		if (ms < units[i].ms)
			continue;
		buf_printf(out, "%llu%s", (unsigned long long)(ms / units[i].ms), units[i].name.p);
		uint64_t rest = ms % units[i].ms / units[i - 1].ms;
		if (rest > 0)
			buf_printf(out, " %llu%s", (unsigned long long)rest, units[i - 1].name.p);
		return;
	}
}
