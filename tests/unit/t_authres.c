#include "authres.h"
#include "tap.h"

static struct arena arena;

/* Appendix B of RFC 8601, and what broken or hostile senders write. */
static const struct {
	const char *what, *in;
	enum err err;
	size_t n;
	const char *id, *words; /* method=result/type.name=value of all verdicts */
} rows[] = {
	{ "RFC 8601 B.2: nothing done", " example.org 1; none", ERR_OK, 0, "example.org", "" },
	{ "RFC 8601 B.3: one method", " example.com;\r\n          spf=pass smtp.mailfrom=example.net", ERR_OK, 1,
	  "example.com", "spf=pass smtp.mailfrom=example.net " },
	{ "RFC 8601 B.4: two methods",
	  " example.com;\r\n          auth=pass (cleartext) smtp.auth=sender@example.net;\r\n"
	  "          spf=pass smtp.mailfrom=example.net",
	  ERR_OK, 2, "example.com", "auth=pass smtp.auth=sender@example.net spf=pass smtp.mailfrom=example.net " },
	{ "RFC 8601 B.5: several fields of one method",
	  " example.com;\r\n dkim=pass (good signature) header.d=example.com header.i=@mail-router.example.net;\r\n"
	  " dkim=fail (bad signature) reason=\"bad signature\" header.d=newyork.example.com",
	  ERR_OK, 2, "example.com",
	  "dkim=pass header.d=example.com header.i=@mail-router.example.net dkim=fail header.d=newyork.example.com " },
	{ "RFC 8601 B.7: comments everywhere",
	  " foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
	  " policy (A dot can go here) . (like that) expired\r\n (this surprised me) = (as I wasn't expecting it) "
	  "1362471462",
	  ERR_OK, 1, "foo.example.net", "dkim=fail policy.expired=1362471462 " },
	{ "semicolon at the end", " a; spf=pass;", ERR_OK, 1, "a", "spf=pass " },
	{ "nested comments", " a; spf=pass (x (y) \\) z)", ERR_OK, 1, "a", "spf=pass " },
	{ "a comment cannot hold a verdict", " a (; dkim=pass); spf=fail", ERR_OK, 1, "a", "spf=fail " },
	{ "a quoted value cannot hold a verdict", " a; spf=fail smtp.mailfrom=\"x;dkim=pass\"", ERR_OK, 1, "a",
	  "spf=fail smtp.mailfrom=x;dkim=pass " },
	{ "quoted local part", " a; spf=fail smtp.mailfrom=\"a b\"@c.d", ERR_OK, 1, "a",
	  "spf=fail smtp.mailfrom=a b@c.d " },
	{ "method without case", " A; DKIM=Pass", ERR_OK, 1, "A", "dkim=pass " },
	{ "another version of a method is another method", " a; dkim/2=pass", ERR_OK, 1, "a", "x-other=pass " },
	{ "unknown result", " a; dkim=superb", ERR_OK, 1, "a", "dkim=unknown " },
	{ "version 2", " a 2; spf=pass", ERR_SYNTAX, 0, NULL, NULL },
	{ "no result", " a; spf", ERR_SYNTAX, 0, NULL, NULL },
	{ "no id", " ; spf=pass", ERR_SYNTAX, 0, NULL, NULL },
	{ "empty", "", ERR_SYNTAX, 0, NULL, NULL },
	{ "open comment", " a; spf=pass (", ERR_SYNTAX, 0, NULL, NULL },
	{ "open quote", " a; spf=pass smtp.mailfrom=\"x", ERR_SYNTAX, 0, NULL, NULL },
	{ "words between", " a; spf=pass or not", ERR_SYNTAX, 0, NULL, NULL },
};

static void words_of(const struct authres *authres, struct buf *out)
{
	for (size_t i = 0; i < authres->n; i++) {
		const struct authres_verdict *verdict = &authres->at[i];
		buf_printf(out, "%s=%s ", authres_method_name(verdict->method), authres_result_name(verdict->result));
		for (size_t k = 0; k < verdict->props_n; k++)
			buf_printf(out, "%.*s.%.*s=%.*s ", VIEW_ARG(verdict->props[k].type),
				   VIEW_ARG(verdict->props[k].name), VIEW_ARG(verdict->props[k].value));
	}
}

static void test_parse(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct authres got = { 0 };
		tap_case("parse: %s", rows[i].what);
		CHECK_INT(authres_parse(view_str(rows[i].in), &arena, &got, NULL), rows[i].err);
		if (rows[i].err != ERR_OK)
			continue;
		BUF_AUTO struct buf words;
		buf_init(&words, 4096);
		words_of(&got, &words);
		CHECK_INT(got.n, rows[i].n);
		CHECK_VIEW(got.id, rows[i].id);
		CHECK_VIEW(buf_view(&words), rows[i].words);
	}
}

static void test_write(void)
{
	BUF_AUTO struct buf out;
	buf_init(&out, 4096);
	struct authres authres = { .id = VIEW("mx.example.org") };
	tap_case("write: none");
	authres_write_field(&authres, &out);
	CHECK_VIEW(buf_view(&out), "Authentication-Results: mx.example.org; none\r\n");

	tap_case("write: folded, quoted where it must be");
	struct authres_verdict *dkim = authres_add(&authres, &arena, AUTHRES_DKIM, AUTHRES_PASS);
	authres_add_prop(dkim, "header", "d", VIEW("example.org"));
	authres_add_prop(dkim, "header", "i", VIEW("@example.org"));
	authres_add_prop(dkim, "header", "b", VIEW("a/b+c=12"));
	authres_add_prop(dkim, "header", "s", VIEW(""));
	struct authres_verdict *spf = authres_add(&authres, &arena, AUTHRES_SPF, AUTHRES_SOFTFAIL);
	spf->reason = VIEW("not \"us\"");
	authres_add_prop(spf, "smtp", "mailfrom", VIEW("joe@example.org"));
	buf_reset(&out);
	authres_write_field(&authres, &out);
	CHECK_VIEW(buf_view(&out), "Authentication-Results: mx.example.org;\r\n"
				   " dkim=pass header.d=example.org header.i=@example.org header.b=\"a/b+c=12\";\r\n"
				   " spf=softfail reason=\"not \\\"us\\\"\" smtp.mailfrom=joe@example.org\r\n");

	tap_case("write: a stranger's text can neither end the field nor add a verdict (CVE-2020-12272)");
	struct authres evil = { .id = VIEW("mx") };
	struct authres_verdict *verdict = authres_add(&evil, &arena, AUTHRES_SPF, AUTHRES_FAIL);
	verdict->reason = VIEW("x\r\nSubject: y\x01\xff");
	authres_add_prop(verdict, "smtp", "mailfrom", VIEW("a@b(;dkim=pass header.d=c"));
	buf_reset(&out);
	authres_write_field(&evil, &out);
	CHECK_VIEW(buf_view(&out), "Authentication-Results: mx;\r\n spf=fail reason=\"x  Subject: y \xef\xbf\xbd\"\r\n"
				   " smtp.mailfrom=\"a@b(;dkim=pass header.d=c\"\r\n");
}

static void test_trust(void)
{
	static const char text[] = "Authentication-Results: evil.example; dkim=pass header.d=a\r\n"
				   "authentication-results: (x) MX.example.org 1; dkim=fail header.d=b\r\n"
				   "Authentication-Results: mx.example.org; dkim=pass header.d=c\r\n\r\n";
	struct msg_head head;
	struct authres got = { 0 };
	tap_case("only the topmost field with our id is believed (RFC 8601 5)");
	CHECK_INT(msg_head_parse(view_str(text), NULL, &arena, &head, NULL), ERR_OK);
	CHECK(authres_trusted(&head, VIEW("mx.example.org"), &arena, &got));
	CHECK_INT(got.n, 1);
	CHECK_VIEW(authres_prop(&got.at[0], "header", "d"), "b");
	CHECK(!authres_trusted(&head, VIEW("example.org"), &arena, &got));
	CHECK(!authres_trusted(&head, VIEW(""), &arena, &got));
	tap_case("a broken field still claims its id, so that it is removed");
	CHECK(authres_claims(VIEW(" mx.example.org; ((("), VIEW("mx.example.org")));
	CHECK(!authres_claims(VIEW(" mx.example.org.evil; x=y"), VIEW("mx.example.org")));
}

int main(void)
{
	arena_init(&arena);
	test_parse();
	test_write();
	test_trust();
	arena_done(&arena);
	return tap_done();
}
