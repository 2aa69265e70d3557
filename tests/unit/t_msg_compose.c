#include "msg_compose.h"

#include "tap.h"

/* Leaf with content in memory. */
static struct msg_part *leaf(struct arena *arena, const char *type, struct view content)
{
	struct source_view *source = arena_new(arena, struct source_view);
	struct msg_part *part = arena_new(arena, struct msg_part);
	source_view_init(source, content);
	*part = (struct msg_part){ .type = view_str(type), .content = &source->source, .octets = content.n };
	return part;
}

static struct msg_part *file(struct arena *arena, const char *type, const char *name, struct view content)
{
	struct msg_part *part = leaf(arena, type, content);
	part->disposition = "attachment";
	part->name = view_str(name);
	part->attached = true;
	return part;
}

static struct msg_part *multi(struct arena *arena, const char *type, struct msg_part *first, struct msg_part *second)
{
	struct msg_part *part = arena_new(arena, struct msg_part);
	part->type = view_str(type);
	part->first = first;
	if (first != NULL)
		first->next = second;
	return part;
}

/* Composed with a fixed seed, read with several block sizes, all the same. */
static enum err compose(struct msg_part *root, struct arena *arena, struct buf *out, struct diag *diag)
{
	static const size_t caps[] = { 4096, 1, 95, 97 };
	struct env_fixed fixed = { .seed = 1 };
	struct env env = env_of_fixed(&fixed);
	struct msg_compose message;
	enum err err = msg_compose_init(&message, VIEW("From: a@b\r\n"), root, &env, arena, diag);
	for (size_t i = 0; i < ARRAY_LEN(caps) && err == ERR_OK; i++) {
		BUF_AUTO struct buf one;
		buf_init(&one, 1 << 20);
		char block[4096];
		size_t n = 1;
		while (n > 0 && err == ERR_OK) {
			err = source_read(&message.source, block, caps[i], &n, diag);
			buf_put(&one, view_of(block, err == ERR_OK ? n : 0));
		}
		if (i == 0)
			buf_put(out, buf_view(&one));
		else
			CHECK_BYTES(buf_view(&one), buf_view(out));
		if (err == ERR_OK) {
			CHECK_INT(message.octets, one.n);
			err = source_rewind(&message.source, diag);
		}
	}
	msg_compose_done(&message);
	return err;
}

#define BOUNDARY "=_c15c0289ec2d0a9167ec8e65a18debbe"

static void shapes(void)
{
	struct arena arena = { 0 };
	struct {
		const char *what;
		struct msg_part *root;
		const char *out;
	} rows[] = {
		{ "a text", leaf(&arena, "text/plain", VIEW("hello\n")),
		  "Content-Type: text/plain; charset=us-ascii\r\n\r\nhello\r\n" },
		{ "a text without line end", leaf(&arena, "text/plain", VIEW("hello")),
		  "Content-Type: text/plain; charset=us-ascii\r\n\r\nhello\r\n" },
		{ "an empty text", leaf(&arena, "text/plain", VIEW("")),
		  "Content-Type: text/plain; charset=us-ascii\r\n\r\n" },
		{ "UTF-8", leaf(&arena, "text/plain", VIEW("some text with one \xc3\xa9 in it\n")),
		  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		  "some text with one =C3=A9 in it\r\n" },
		{ "not UTF-8: kept as windows-1252",
		  leaf(&arena, "text/plain", VIEW("some text with one \xe9 in it\n")),
		  "Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: "
		  "quoted-printable\r\n\r\n"
		  "some text with one =E9 in it\r\n" },
		{ "NUL makes base64", leaf(&arena, "text/plain", VIEW("a\0b\n")),
		  "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: "
		  "base64\r\n\r\nYQBiDQo=\r\n" },
		{ "a multipart of one part is that part",
		  multi(&arena, "multipart/mixed",
			multi(&arena, "multipart/alternative", leaf(&arena, "text/plain", VIEW("a\n")), NULL), NULL),
		  "Content-Type: text/plain; charset=us-ascii\r\n\r\na\r\n" },
		{ "text and attachment",
		  multi(&arena, "multipart/mixed", leaf(&arena, "text/plain", VIEW("a")),
			file(&arena, "image/png", "a.png", VIEW("\xff\xfe\xfd"))),
		  "Content-Type: multipart/mixed;\r\n boundary=\"" BOUNDARY "_0\"\r\n\r\n--" BOUNDARY
		  "_0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\na\r\n--" BOUNDARY
		  "_0\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n"
		  "Content-Disposition: attachment; filename=a.png\r\n\r\n//79\r\n--" BOUNDARY "_0--\r\n" },
		{ "an attached message stays one when it can (RFC 2046 5.2.1)",
		  file(&arena, "message/rfc822", "a.eml", VIEW("Subject: x\n\nFrom here\n")),
		  "Content-Type: message/rfc822; name=a.eml\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n"
		  "Subject: x\r\n\r\nFrom here\r\n" },
		{ "an attached message with octets over 127 is octets",
		  file(&arena, "message/rfc822", "a.eml", VIEW("Subject: \xe9\n\n")),
		  "Content-Type: application/octet-stream; name=a.eml\r\nContent-Transfer-Encoding: base64\r\n"
		  "Content-Disposition: attachment; filename=a.eml\r\n\r\nU3ViamVjdDog6QoK\r\n" },
		{ "a name that is not ASCII (RFC 2231)", file(&arena, "application/pdf", "caf\xc3\xa9.pdf", VIEW("x")),
		  "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
		  "Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf\r\n\r\neA==\r\n" },
		{ "a name with quotes", file(&arena, "application/pdf", "a \"b\\c\".pdf", VIEW("x")),
		  "Content-Type: application/pdf; name=\"a \\\"b\\\\c\\\".pdf\"\r\nContent-Transfer-Encoding: "
		  "base64\r\n"
		  "Content-Disposition: attachment; filename=\"a \\\"b\\\\c\\\".pdf\"\r\n\r\neA==\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		BUF_AUTO struct buf out;
		buf_init(&out, 1 << 20);
		CHECK_INT(compose(rows[i].root, &arena, &out, NULL), ERR_OK);
		static const struct view front = VIEW_INIT("From: a@b\r\nMIME-Version: 1.0\r\n");
		CHECK(view_starts(buf_view(&out), front));
		CHECK_VIEW(view_from(buf_view(&out), front.n), rows[i].out);
	}
	arena_done(&arena);
}

static void boundary_in_text(void)
{
	tap_case("a text with our boundary in it is encoded");
	struct arena arena = { 0 };
	BUF_AUTO struct buf out;
	buf_init(&out, 1 << 20);
	CHECK_INT(compose(multi(&arena, "multipart/mixed",
				leaf(&arena, "text/plain", VIEW("--" BOUNDARY "_0--\nand some more text behind it\n")),
				file(&arena, "image/png", "a.png", VIEW("x"))),
			  &arena, &out, NULL),
		  ERR_OK);
	CHECK(view_find(buf_view(&out), VIEW("\r\n=2D-=3D_")) != SIZE_MAX);
	arena_done(&arena);
}

static void refusals(void)
{
	struct arena arena = { 0 };
	BUF_AUTO struct buf out;
	buf_init(&out, 1 << 20);
	struct diag diag = { "", 0, 0 };

	tap_case("a file that is shorter than it was");
	struct msg_part *part = file(&arena, "image/png", "a.png", VIEW("abc"));
	part->octets = 4;
	CHECK_INT(compose(part, &arena, &out, &diag), ERR_IO);
	CHECK(strstr(diag.text, "a.png") != NULL);

	tap_case("a text that is longer than it was");
	part = leaf(&arena, "text/plain", VIEW("abc"));
	part->octets = 2;
	CHECK_INT(compose(part, &arena, &out, &diag), ERR_IO);

	tap_case("a line break in a file name");
	CHECK_INT(compose(file(&arena, "image/png", "a\r\nBcc: x@y", VIEW("x")), &arena, &out, &diag), ERR_DATA);

	tap_case("a file name that is no UTF-8");
	CHECK_INT(compose(file(&arena, "image/png", "\xff", VIEW("x")), &arena, &out, &diag), ERR_DATA);

	tap_case("a Content-ID with brackets");
	part = file(&arena, "image/png", "a", VIEW("x"));
	part->cid = VIEW("a>b");
	CHECK_INT(compose(part, &arena, &out, &diag), ERR_DATA);

	tap_case("nesting has a limit, which is named");
	part = leaf(&arena, "text/plain", VIEW("x"));
	for (int i = 0; i <= MSG_COMPOSE_DEPTH; i++)
		part = multi(&arena, "multipart/mixed", part, leaf(&arena, "text/plain", VIEW("y")));
	CHECK_INT(compose(part, &arena, &out, &diag), ERR_LIMIT);
	CHECK(strstr(diag.text, "MSG_COMPOSE_DEPTH") != NULL);
	arena_done(&arena);
}

static void types(void)
{
	static const struct {
		const char *name, *type;
	} rows[] = {
		{ "a.pdf", "application/pdf" },
		{ "A.PDF", "application/pdf" },
		{ "x.tar.gz", "application/gzip" },
		{ "dir.d/noext", "application/octet-stream" },
		{ ".txt", "text/plain" },
		{ "a.", "application/octet-stream" },
		{ "", "application/octet-stream" },
		{ "a.7z", "application/x-7z-compressed" },
		{ "a.zst", "application/zstd" },
		{ "C:\\x\\y.html", "text/html" },
		{ "pdf", "application/octet-stream" },
		{ "a.h", "text/x-c" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("type of \"%s\"", rows[i].name);
		CHECK_VIEW(msg_type_of_name(view_str(rows[i].name)), rows[i].type);
	}
}

static void specs(void)
{
	static const struct {
		const char *in;
		enum err err;
		const char *path, *type, *name, *method;
	} rows[] = {
		{ "a.txt", ERR_OK, "a.txt", NULL, NULL, NULL },
		{ "a.txt;type=text/csv", ERR_OK, "a.txt", "text/csv", NULL, NULL },
		{ "a;name=b;type=x/y", ERR_OK, "a", "x/y", "b", NULL },
		{ "a;b.txt", ERR_OK, "a;b.txt", NULL, NULL, NULL },
		{ "a;b=c;name=d", ERR_OK, "a;b=c", NULL, "d", NULL },
		{ "a;name=\"x;type=y\"", ERR_OK, "a", NULL, "x;type=y", NULL },
		{ "a;NAME=b", ERR_OK, "a", NULL, "b", NULL },
		{ "a;method=CANCEL", ERR_OK, "a", NULL, NULL, "CANCEL" },
		{ "a;name=", ERR_OK, "a", NULL, "", NULL },
		{ "\"a;type=b\"", ERR_OK, "a;type=b", NULL, NULL, NULL },
		{ "", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ ";name=x", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ "a;name=b;name=c", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ "a;type=text", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ "a;type=", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ "a;type=text/plain; charset=x", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ "a;type=multipart/mixed", ERR_USAGE, NULL, NULL, NULL, NULL },
		{ "a;name=b\r\nBcc: c", ERR_DATA, NULL, NULL, NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("attachment \"%s\"", rows[i].in);
		struct msg_attach_spec spec = { 0 };
		CHECK_INT(msg_attach_parse(view_str(rows[i].in), &spec, NULL), rows[i].err);
		if (rows[i].err != ERR_OK)
			continue;
		CHECK_VIEW(spec.path, rows[i].path);
		CHECK((spec.type.p == NULL) == (rows[i].type == NULL) &&
		      (spec.type.p == NULL || view_is(spec.type, rows[i].type)));
		CHECK((spec.name.p == NULL) == (rows[i].name == NULL) &&
		      (spec.name.p == NULL || view_is(spec.name, rows[i].name)));
		CHECK((spec.method.p == NULL) == (rows[i].method == NULL) &&
		      (spec.method.p == NULL || view_is(spec.method, rows[i].method)));
	}
}

int main(void)
{
	shapes();
	boundary_in_text();
	refusals();
	types();
	specs();
	return tap_done();
}
