#include "base_num.h"
#include "tap.h"

static const struct {
	const char *in;
	bool ok;
	uint64_t ms;
} durations[] = {
	{ "90", true, 90000 },
	{ "1s", true, 1000 },
	{ "5m", true, 300000 },
	{ "1h30m", true, 5400000 },
	{ "4d", true, 345600000 },
	{ "250ms", true, 250 },
	{ "", false, 0 },
	{ "m", false, 0 },
	{ "5x", false, 0 },
	{ "-5", false, 0 },
	{ "99999999999999d", false, 0 },
	{ "1.5s", false, 0 },
};

static const struct {
	const char *in;
	bool ok;
	uint64_t size;
} sizes[] = {
	{ "0", true, 0 },
	{ "10k", true, 10240 },
	{ "2M", true, 2097152 },
	{ "3G", true, 3221225472 },
	{ "k", false, 0 },
	{ "1kk", false, 0 },
	{ "99999999999999999999", false, 0 },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		tap_case("duration '%s'", durations[i].in);
		uint64_t ms = 0;
		CHECK_INT(num_parse_duration_ms(view_str(durations[i].in), UINT64_MAX / 2, &ms), durations[i].ok);
		CHECK_INT(ms, durations[i].ms);
	}
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		tap_case("size '%s'", sizes[i].in);
		uint64_t size = 0;
		CHECK_INT(num_parse_size(view_str(sizes[i].in), UINT64_C(1) << 40, &size), sizes[i].ok);
		CHECK_INT(size, sizes[i].size);
	}
	tap_case("unsigned up to its maximum");
	uint64_t value = 7;
	CHECK(num_parse_uint(VIEW("255"), 255, &value));
	CHECK(!num_parse_uint(VIEW("256"), 255, &value));
	CHECK(num_parse_uint(VIEW("18446744073709551615"), UINT64_MAX, &value));
	CHECK(value == UINT64_MAX);
	CHECK(!num_parse_uint(VIEW("18446744073709551616"), UINT64_MAX, &value));
	CHECK(!num_parse_uint(VIEW("1 "), 255, &value));
	tap_case("durations for people");
	BUF_AUTO struct buf out;
	buf_init(&out, 100);
	num_write_duration(320, &out);
	buf_byte(&out, '|');
	num_write_duration(4200, &out);
	buf_byte(&out, '|');
	num_write_duration(245000, &out);
	buf_byte(&out, '|');
	num_write_duration(97200000, &out);
	CHECK_VIEW(buf_view(&out), "320 ms|4.2 s|4m 5s|1d 3h");
	return tap_done();
}
