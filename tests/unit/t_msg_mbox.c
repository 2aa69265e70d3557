#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"
#include "msg_maildir.h"
#include "msg_mbox.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	const char *out; /* messages with "|" behind each */
	bool unescape;
} rows[] = {
	{ "two messages",
	  "From a@b Sat Nov 21 20:00:00 2026\nA: 1\n\nx\n\nFrom c@d Sat Nov 21 20:00:01 2026\nA: 2\n\ny\n\n",
	  "A: 1\n\nx\n|A: 2\n\ny\n|", false },
	{ "CRLF",
	  "From a Sat Nov 21 20:00:00 2026\r\nA: 1\r\n\r\nx\r\n\r\nFrom a Sat Nov 21 20:00:01 2026\r\nA: "
	  "2\r\n\r\ny\r\n",
	  "A: 1\r\n\r\nx\r\n|A: 2\r\n\r\ny\r\n|", false },
	{ "no final line end", "From a Sat Nov 21 20:00:00 2026\nA: 1\n\nx", "A: 1\n\nx|", false },
	{ "no date but a field behind", "From a\nA: 1\n\nx\n\nFrom b\nA: 2\n\ny\n", "A: 1\n\nx\n|A: 2\n\ny\n|", false },
	{ "From in the text, no empty line before it", "From a\nA: 1\n\nx\nFrom b Sat Nov 21 20:00:01 2026\ny\n",
	  "A: 1\n\nx\nFrom b Sat Nov 21 20:00:01 2026\ny\n|", false },
	{ "From in the text, no date", "From a\nA: 1\n\nx\n\nFrom here on 10:30 it goes\nwell\n",
	  "A: 1\n\nx\n\nFrom here on 10:30 it goes\nwell\n|", false },
	{ "Content-Length is not believed", "From a\nContent-Length: 1000\n\nx\n\nFrom b\nA: 2\n\ny\n",
	  "Content-Length: 1000\n\nx\n|A: 2\n\ny\n|", false },
	{ "escaped From stays", "From a\nA: 1\n\n>From x\n>>From y\n> From z\n",
	  "A: 1\n\n>From x\n>>From y\n> From z\n|", false },
	{ "escaped From unescaped", "From a\nA: 1\n\n>From x\n>>From y\n> From z\n",
	  "A: 1\n\nFrom x\n>From y\n> From z\n|", true },
	{ "one message, no mbox", "A: 1\n\nx\n\nFrom b Sat Nov 21 20:00:01 2026\ny\n",
	  "A: 1\n\nx\n\nFrom b Sat Nov 21 20:00:01 2026\ny\n|", false },
	{ "byte order mark",
	  "\xef\xbb\xbf"
	  "A: 1\n\nx\n",
	  "A: 1\n\nx\n|", false },
	{ "empty lines first", "\n\nFrom a\nA: 1\n\nx\n", "A: 1\n\nx\n|", false },
	{ "message of nothing between", "From a\n\nFrom b\nA: 2\n\ny\n", "\n|A: 2\n\ny\n|", false },
	{ "a From field with a space is no From line", "From : a@b\n\nx\n", "From : a@b\n\nx\n|", false },
	{ "nothing", "", "", false },
	{ "only a From line", "From a\n", "|", false },
};

/* A source that gives at most `piece` octets at a time. */
struct slow {
	struct source source;
	struct view all;
	size_t at, piece;
};

static enum err slow_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct slow *slow = (struct slow *)source;
	(void)diag;
	struct view part = view_slice(slow->all, slow->at, slow->piece < cap ? slow->piece : cap);
	if (part.n > 0)
		memcpy(out, part.p, part.n);
	slow->at += part.n;
	*n = part.n;
	return ERR_OK;
}

static const struct source_ops slow_ops = { slow_read, NULL };

static void read_all(struct msg_mbox *mbox, struct view in, size_t piece, bool unescape, struct buf *out, size_t *cut)
{
	struct slow slow = { { &slow_ops }, in, 0, piece };
	msg_mbox_begin(mbox, &slow.source, unescape);
	for (;;) {
		struct msg_mbox_message message;
		bool more = false;
		CHECK_INT(msg_mbox_next(mbox, &message, &more, NULL), ERR_OK);
		if (!more)
			return;
		buf_put(out, message.message);
		buf_byte(out, '|');
		*cut += message.truncated;
	}
}

static void test_rows(void)
{
	struct msg_mbox mbox;
	msg_mbox_init(&mbox, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		BUF_AUTO struct buf out;
		buf_init(&out, 5000);
		for (size_t piece = 1; piece <= strlen(rows[i].in) + 1; piece++) {
			size_t cut = 0;
			buf_reset(&out);
			read_all(&mbox, view_str(rows[i].in), piece, rows[i].unescape, &out, &cut);
			CHECK_VIEW(buf_view(&out), rows[i].out);
			CHECK_INT(cut, 0);
		}
	}
	msg_mbox_done(&mbox);
}

static void test_truncated(void)
{
	tap_case("a message over the limit is cut, the next is whole");
	struct msg_mbox mbox;
	BUF_AUTO struct buf in;
	BUF_AUTO struct buf out;
	buf_init(&in, 4 << 20);
	buf_init(&out, 4 << 20);
	buf_str(&in, "From a Sat Nov 21 20:00:00 2026\nA: 1\n\n");
	for (unsigned i = 0; i < 50000; i++)
		buf_str(&in, "a line of text, \n\nFrom nobody\n");
	buf_str(&in, "\nFrom b Sat Nov 21 20:00:00 2026\nB: 1\n\nwhole\n");
	for (size_t piece = 1000; piece < 400000; piece += 99991) {
		msg_mbox_init(&mbox, 60);
		size_t cut = 0;
		buf_reset(&out);
		read_all(&mbox, buf_view(&in), piece, false, &out, &cut);
		CHECK_VIEW(buf_view(&out), "A: 1\n\na line of text, \n\nFrom|B: 1\n\nwhole\n|");
		CHECK_INT(cut, 1);
		msg_mbox_done(&mbox);
	}
	tap_case("one long message that is no mbox is cut");
	msg_mbox_init(&mbox, 60);
	size_t cut = 0;
	buf_reset(&out);
	read_all(&mbox, view_from(buf_view(&in), 1), 1 << 20, false, &out, &cut);
	CHECK_INT(out.n, 61);
	CHECK_INT(cut, 1);
	msg_mbox_done(&mbox);
}

static char root[] = "/tmp/posthorn-maildir-XXXXXX";

static const char *under(const char *name)
{
	static char path[256];
	int n = snprintf(path, sizeof path, "%s/%s", root, name);
	CHECK(n > 0 && (size_t)n < sizeof path);
	return path;
}

static void test_maildir(void)
{
	static const char *const dirs[] = { "md", "md/cur", "md/new", "md/tmp", "sub" };
	static const char *const files[] = { "b",        "a",        ".hidden",  "md/cur/2", "md/cur/1",
					     "md/new/3", "md/tmp/4", "md/other", "sub/x" };
	tap_case("files of a directory with a Maildir in it");
	CHECK(mkdtemp(root) != NULL);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		CHECK_INT(mkdir(under(dirs[i]), 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		CHECK_INT(file_create(under(files[i]), VIEW("A: 1\n\n"), 0600, NULL), ERR_OK);
	struct msg_maildir *dir = NULL;
	BUF_AUTO struct buf out;
	buf_init(&out, 5000);
	CHECK_INT(msg_maildir_open(root, &dir, NULL), ERR_OK);
	const char *path = "";
	while (msg_maildir_next(dir, &path, NULL) == ERR_OK && path != NULL)
		buf_printf(&out, "%s|", path + strlen(root));
	CHECK_VIEW(buf_view(&out), "/a|/b|/md/new/3|/md/cur/1|/md/cur/2|/sub/x|");
	msg_maildir_close(dir);
	tap_case("no such directory");
	struct diag diag = { 0 };
	CHECK_INT(msg_maildir_open(under("nowhere"), &dir, &diag), ERR_NO_INPUT);
	CHECK(diag.text[0] != '\0');
	CHECK(!msg_maildir_is_directory(under("a")) && msg_maildir_is_directory(under("sub")));
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		CHECK_INT(unlink(under(files[i])), 0);
	for (size_t i = ARRAY_LEN(dirs); i-- > 0;)
		CHECK_INT(rmdir(under(dirs[i])), 0);
	CHECK_INT(rmdir(root), 0);
}

int main(void)
{
	test_rows();
	test_truncated();
	test_maildir();
	return tap_done();
}
