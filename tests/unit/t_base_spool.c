#include "base_spool.h"

#include <stdlib.h>
#include <unistd.h>

#include "base_base64.h"
#include "tap.h"

/* Octet i of the pattern. */
static char octet(uint64_t i) { return (char)(i * 31 + i / 256); }

static void fill(struct spool *spool, size_t size)
{
	static char block[1000];
	for (size_t done = 0; done < size;) {
		size_t part = size - done < sizeof block ? size - done : sizeof block;
		for (size_t i = 0; i < part; i++)
			block[i] = octet(done + i);
		CHECK_INT(sink_write(&spool->sink, view_of(block, part), NULL), ERR_OK);
		done += part;
	}
}

static bool same(struct spool *spool, size_t size)
{
	char block[777];
	uint64_t at = 0;
	for (size_t n = 1; n > 0; at += n) {
		if (source_read(&spool->source, block, sizeof block, &n, NULL) != ERR_OK)
			return false;
		for (size_t i = 0; i < n; i++)
			if (block[i] != octet(at + i))
				return false;
	}
	return at == size;
}

static void sizes(void)
{
	static const struct {
		const char *what;
		size_t size;
		bool in_file;
	} rows[] = {
		{ "nothing", 0, false },
		{ "all that memory holds", SPOOL_MEMORY, false },
		{ "one octet more goes to a file", SPOOL_MEMORY + 1, true },
		{ "a megabyte", 1 << 20, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("spool: %s", rows[i].what);
		SPOOL_AUTO struct spool spool;
		spool_init(&spool);
		fill(&spool, rows[i].size);
		CHECK_INT(spool.size, rows[i].size);
		CHECK_INT(spool.fd >= 0, rows[i].in_file);
		CHECK(same(&spool, rows[i].size));
		CHECK_INT(source_rewind(&spool.source, NULL), ERR_OK);
		CHECK(same(&spool, rows[i].size));
	}
}

static void no_directory(void)
{
	tap_case("spool: a TMPDIR that is not there is ERR_CREATE and named");
	CHECK_INT(setenv("TMPDIR", "/nonexistent/dir", 1), 0);
	SPOOL_AUTO struct spool spool;
	spool_init(&spool);
	static char block[SPOOL_MEMORY + 1];
	struct diag diag = { "", 0, 0 };
	CHECK_INT(sink_write(&spool.sink, view_of(block, sizeof block), &diag), ERR_CREATE);
	CHECK(strstr(diag.text, "/nonexistent/dir") != NULL);
	CHECK_INT(unsetenv("TMPDIR"), 0);
}

/* Every length over two lines decodes to itself, and lines are 76 characters. */
static void base64_lines(void)
{
	tap_case("base64: lines of 76, every length from 0 to 130");
	char in[130], out[256];
	for (size_t n = 0; n <= sizeof in; n++) {
		for (size_t i = 0; i < n; i++)
			in[i] = octet(i * n);
		size_t got = base64_encode_lines(out, in, n);
		CHECK_INT(got, base64_lines_size(n));
		struct view rest = view_of(out, got), line = view_none();
		while (view_next_line(&rest, &line))
			CHECK(rest.n == 0 ? line.n <= 76 : line.n == 76);
		BUF_AUTO struct buf back;
		buf_init(&back, 1000);
		CHECK(base64_decode(view_of(out, got), BASE64_STRICT, &back));
		CHECK_BYTES(buf_view(&back), view_of(in, n));
	}
}

int main(void)
{
	sizes();
	no_directory();
	base64_lines();
	return tap_done();
}
