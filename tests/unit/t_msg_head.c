#include "msg_head.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	size_t n;
	const char *names; /* joined with "|" */
	const char *values;
	const char *body;
	unsigned faults;
} rows[] = {
	{ "CRLF", "A: 1\r\nB: 2\r\n\r\nbody\r\n", 2, "A|B|", " 1| 2|", "body\r\n", 0 },
	{ "LF", "A: 1\nB: 2\n\nbody\n", 2, "A|B|", " 1| 2|", "body\n", 0 },
	{ "lone CR", "A: 1\rB: 2\r\rbody\r", 2, "A|B|", " 1| 2|", "body\r", 0 },
	{ "folded", "A: 1\r\n 2\r\n\t3\r\nB:x\r\n\r\n", 2, "A|B|", " 1\r\n 2\r\n\t3|x|", "", 0 },
	{ "white line is a continuation (obs-FWS)", "A: 1\r\n \r\nB: 2\r\n\r\n", 2, "A|B|", " 1\r\n | 2|", "", 0 },
	{ "space before colon", "A : 1\nB\t: 2\n\n", 2, "A|B|", " 1| 2|", "", MSG_HEAD_COLON },
	{ "mbox line first", "From a@b Mon\nA: 1\n\nx", 1, "A|", " 1|", "x", MSG_HEAD_FROM_LINE },
	{ "no empty line", "A: 1\nthis is body\n", 1, "A|", " 1|", "this is body\n", MSG_HEAD_NO_BLANK },
	{ "input ends in the block", "A: 1\nB: 2", 2, "A|B|", " 1| 2|", "", MSG_HEAD_NO_BLANK },
	{ "only an empty line", "\r\nbody", 0, "", "", "body", 0 },
	{ "nothing", "", 0, "", "", "", MSG_HEAD_NO_BLANK },
	{ "continuation first", " x\nA: 1\n\n", 2, "|A|", " x| 1|", "", MSG_HEAD_STRAY },
	{ "escaped From inside", "A: 1\n>From x y\nB: 2\n\n", 3, "A||B|", " 1|>From x y| 2|", "", MSG_HEAD_STRAY },
	{ "mixed line ends", "A: 1\r\nB: 2\n\r\n", 2, "A|B|", " 1| 2|", "", MSG_HEAD_MIXED },
	{ "empty value", "A:\r\nB: \r\n\r\n", 2, "A|B|", "| |", "", 0 },
	{ "colon in value", "A: b: c\n\n", 1, "A|", " b: c|", "", 0 },
	{ "name of one word with text behind is body", "hello world: x\n\n", 0, "", "", "hello world: x\n\n",
	  MSG_HEAD_NO_BLANK },
	{ "UTF-8 value (RFC 6532)", "S: J\xc3\xbc\n\n", 1, "S|", " J\xc3\xbc|", "", 0 },
};

static void check_row(size_t i, const struct msg_head *head, struct view in)
{
	BUF_AUTO struct buf names;
	BUF_AUTO struct buf values;
	BUF_AUTO struct buf raw;
	buf_init(&names, 1000);
	buf_init(&values, 1000);
	buf_init(&raw, 1000);
	for (size_t f = 0; f < head->n; f++) {
		buf_put(&names, head->at[f].name);
		buf_byte(&names, '|');
		buf_put(&values, head->at[f].value);
		buf_byte(&values, '|');
		buf_put(&raw, head->at[f].raw);
	}
	CHECK_INT(head->n, rows[i].n);
	CHECK_VIEW(buf_view(&names), rows[i].names);
	CHECK_VIEW(buf_view(&values), rows[i].values);
	CHECK_VIEW(view_from(in, head->octets), rows[i].body);
	CHECK_INT(head->faults, rows[i].faults);
	if (view_empty(head->from_line))
		CHECK_BYTES(buf_view(&raw), view_to(in, head->fields_end));
}

/* Pieces of `piece` octets must give the same block. */
static void check_reader(struct view in, size_t piece, const struct msg_head *want)
{
	struct msg_head_reader reader;
	msg_head_reader_init(&reader, 1000);
	size_t at = 0;
	while (at < in.n && !reader.done) {
		size_t used = 0;
		CHECK_INT(msg_head_reader_feed(&reader, view_slice(in, at, piece), &used, NULL), ERR_OK);
		at += used;
	}
	msg_head_reader_end(&reader);
	CHECK_INT(reader.head_n, want->octets);
	CHECK_BYTES(buf_view(&reader.head), view_to(in, at));
	msg_head_reader_done(&reader);
}

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct arena arena = { 0 };
		struct msg_head head = { 0 };
		struct view in = view_str(rows[i].in);
		CHECK_INT(msg_head_parse(in, NULL, &arena, &head, NULL), ERR_OK);
		check_row(i, &head, in);
		if (msg_line_end(in) == '\n') {
			for (size_t piece = 1; piece <= in.n; piece++)
				check_reader(in, piece, &head);
		}
		arena_done(&arena);
	}
}

static void test_lookups(void)
{
	struct arena arena = { 0 };
	struct msg_head head;
	tap_case("look-ups");
	CHECK_INT(msg_head_parse(VIEW("A: 1\nB: 2\na: 3\n 4\nA : 5\n\n"), NULL, &arena, &head, NULL), ERR_OK);
	CHECK_VIEW(msg_head_first(&head, VIEW("a"))->value, " 1");
	CHECK_VIEW(msg_head_last(&head, VIEW("A"))->value, " 5");
	CHECK_VIEW(msg_head_from_bottom(&head, VIEW("A"), 1)->value, " 3\n 4");
	CHECK_VIEW(msg_head_from_bottom(&head, VIEW("A"), 2)->value, " 1");
	CHECK(msg_head_from_bottom(&head, VIEW("A"), 3) == NULL);
	CHECK(msg_head_first(&head, VIEW("C")) == NULL);
	CHECK_INT(msg_head_count(&head, VIEW("A")), 3);
	CHECK_VIEW(msg_head_value(&head, VIEW("B"), &arena), "2");
	CHECK_VIEW(msg_head_value(&head, VIEW("C"), &arena), "");
	tap_case("unfolding");
	CHECK_VIEW(msg_head_unfold(VIEW(" a\r\n b\n\tc "), &arena), "a b\tc");
	tap_case("limits");
	struct diag diag = { 0 };
	CHECK_INT(msg_head_parse(VIEW("A:\nB:\n\n"), &(struct msg_head_limits){ .fields = 1 }, &arena, &head, &diag),
		  ERR_LIMIT);
	CHECK_STR(diag.text, "more than 1 header fields (MSG_HEAD_FIELDS_MAX)");
	CHECK_INT(msg_head_parse(VIEW("A:\nB:\n\n"), &(struct msg_head_limits){ .octets = 4 }, &arena, &head, NULL),
		  ERR_LIMIT);
	struct msg_head_reader reader;
	size_t used;
	msg_head_reader_init(&reader, 4);
	CHECK_INT(msg_head_reader_feed(&reader, VIEW("A:\nB:\n"), &used, NULL), ERR_LIMIT);
	msg_head_reader_done(&reader);
	arena_done(&arena);
}

int main(void)
{
	test_rows();
	test_lookups();
	return tap_done();
}
