#include "base_buf.h"
#include "tap.h"

static void limit_is_sticky(void)
{
	tap_case("a write past max leaves the buffer as it was, and all later ones too");
	BUF_AUTO struct buf buf;
	buf_init(&buf, 4);
	buf_str(&buf, "abc");
	buf_str(&buf, "de");
	buf_byte(&buf, 'x');
	CHECK_VIEW(buf_view(&buf), "abc");
	CHECK_INT(buf_err(&buf), ERR_LIMIT);
}

static void exact_fit(void)
{
	tap_case("exactly max fits");
	BUF_AUTO struct buf buf;
	buf_init(&buf, 4);
	buf_printf(&buf, "%s", "abcd");
	CHECK_VIEW(buf_view(&buf), "abcd");
	CHECK_INT(buf_err(&buf), ERR_OK);
}

static void drop_and_cut(void)
{
	tap_case("drop takes from the front, cut from the end");
	BUF_AUTO struct buf buf;
	buf_init(&buf, 100);
	buf_str(&buf, "0123456789");
	buf_drop(&buf, 3);
	buf_cut(&buf, 4);
	CHECK_VIEW(buf_view(&buf), "3456");
}

static void grows(void)
{
	tap_case("grows to its maximum byte by byte");
	BUF_AUTO struct buf buf;
	buf_init(&buf, 100000);
	for (int i = 0; i < 100000; i++)
		buf_byte(&buf, i);
	CHECK_INT(buf.n, 100000);
	CHECK_INT(buf_err(&buf), ERR_OK);
	CHECK_INT((unsigned char)buf.p[99999], 99999 % 256);
}

int main(void)
{
	limit_is_sticky();
	exact_fit();
	drop_and_cut();
	grows();
	return tap_done();
}
