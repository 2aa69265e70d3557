#include "base_arena.h"
#include "spf_macro.h"
#include "tap.h"

static struct view validated(void *ctx, struct view domain)
{
	(void)ctx;
	(void)domain;
	return VIEW("mx.example.org");
}

static struct spf_macro_env env_of(const char *local, const char *ip)
{
	struct spf_macro_env env = { .local = view_str(local),
				     .sender_domain = VIEW("email.example.com"),
				     .domain = VIEW("email.example.com"),
				     .helo = VIEW("mta.example.com"),
				     .receiver = VIEW("mx.receiver.example"),
				     .now_s = 1795291200,
				     .validated = validated };
	CHECK(ip_parse(view_str(ip), &env.ip));
	return env;
}

#define V6 "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

static const struct {
	const char *what, *in, *out;
	enum spf_macro_use use;
	const char *ip, *local;
} rows[] = {
	{ "RFC 7208 7.4", "%{s}", "strong-bad@email.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{o}", "email.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{d}", "email.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{d4}", "email.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{d3}", "email.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{d2}", "example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{d1}", "com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{dr}", "com.example.email", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{d2r}", "example.email", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{l}", "strong-bad", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{l-}", "strong.bad", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{lr}", "strong-bad", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{lr-}", "bad.strong", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{l1r-}", "strong", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.4", "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com", 0,
	  NULL, NULL },
	{ "RFC 7208 7.4", "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com", 0, NULL,
	  NULL },
	{ "RFC 7208 7.4", "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net", 0, NULL,
	  NULL },
	{ "RFC 7208 7.4", "%{ir}.%{v}._spf.%{d2}", V6 ".ip6._spf.example.com", 0, "2001:db8::cb01", NULL },
	{ "RFC 7208 7.2: p and h", "%{p} %{h}", "mx.example.org mta.example.com", SPF_IN_EXP, NULL, NULL },
	{ "RFC 7208 7.2: c, r and t in explanations", "%{c}|%{r}|%{t}", "192.0.2.3|mx.receiver.example|1795291200",
	  SPF_IN_EXP, NULL, NULL },
	{ "RFC 7208 7.2: c of IPv6 is easy to read", "%{c}", "2001:db8::cb01", SPF_IN_EXP, "2001:db8::cb01", NULL },
	{ "RFC 7208 7.1: literals", "%%-%_-%-", "%- -%20", 0, NULL, NULL },
	{ "RFC 7208 7.1: letters have no case, capitals escape", "%{S}", "strong-bad%40email.example.com", 0, NULL,
	  NULL },
	{ "RFC 7208 7.3: RFC 3986 unreserved stays", "%{L}", "a-b.c_d~e%2F%3A%20%25", 0, NULL, "a-b.c_d~e/: %" },
	{ "RFC 7208 7.3: escaped after splitting", "%{L2/}", "b%40.c", 0, NULL, "a/b@/c" },
	{ "RFC 7208 7.3: R in capitals", "%{lR-}", "bad.strong", 0, NULL, NULL },
	{ "RFC 7208 7.3: several delimiters", "%{l2+-}", "b.c", 0, NULL, "a-b+c" },
	{ "RFC 7208 7.3: a dot is none unless it is given", "%{lr-}", "c.a.b", 0, NULL, "a.b-c" },
	{ "RFC 7208 7.3: delimiters side by side make empty parts", "%{l-}", "a..b", 0, NULL, "a--b" },
	{ "RFC 7208 7.3: more parts than there are", "%{d99999999999999999999}", "email.example.com", 0, NULL, NULL },
	{ "RFC 7208 7.3: no part", "%{l2r-}", "", 0, NULL, "" },
	{ "explanations hold spaces", "a  b", "a  b", SPF_IN_EXP, NULL, NULL },
};

static const struct {
	const char *what, *in;
	enum spf_macro_use use;
	unsigned column;
} bad[] = {
	{ "RFC 7208 7.1: unknown letter", "a.%{x}", 0, 3 },
	{ "RFC 7208 7.1: no letter", "%{}", 0, 1 },
	{ "RFC 7208 7.1: unknown letter behind %", "%a", 0, 1 },
	{ "RFC 7208 7.1: % at the end", "ab%", 0, 3 },
	{ "RFC 7208 7.1: not closed", "%{d", 0, 1 },
	{ "RFC 7208 7.1: two letters", "%{dd}", 0, 1 },
	{ "RFC 7208 7.1: parenthesis", "%(d)", 0, 1 },
	{ "RFC 7208 7.1: digits behind r", "%{dr2}", 0, 1 },
	{ "RFC 7208 7.1: r behind delimiters", "%{d-r}", 0, 1 },
	{ "RFC 7208 7.1: no such delimiter", "%{d:}", 0, 1 },
	{ "RFC 7208 7.3: zero parts", "%{d0}", 0, 1 },
	{ "RFC 7208 7.2: c is for explanations", "%{c}", 0, 1 },
	{ "RFC 7208 7.2: r is for explanations", "%{R}", 0, 1 },
	{ "RFC 7208 7.2: t is for explanations", "%{t}", 0, 1 },
	{ "RFC 7208 7.1: space outside explanations", "a b", 0, 2 },
	{ "RFC 7208 7.1: control", "a\tb", SPF_IN_EXP, 2 },
	{ "RFC 7208 7.1: 8 bits", "a\xc3\xbc", SPF_IN_EXP, 2 },
	{ "RFC 7208 7.1: DEL", "\x7f", 0, 1 },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s: %s", rows[i].what, rows[i].in);
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		struct spf_macro_env env = env_of(rows[i].local != NULL ? rows[i].local : "strong-bad",
						  rows[i].ip != NULL ? rows[i].ip : "192.0.2.3");
		CHECK_INT(spf_macro_expand(&env, view_str(rows[i].in), rows[i].use, &out, NULL), ERR_OK);
		CHECK_VIEW(buf_view(&out), rows[i].out);
		CHECK_INT(spf_macro_check(view_str(rows[i].in), rows[i].use, NULL, NULL, NULL), ERR_OK);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("%s: '%s'", bad[i].what, bad[i].in);
		struct diag why = { .column = 0 };
		CHECK_INT(spf_macro_check(view_str(bad[i].in), bad[i].use, NULL, NULL, &why), ERR_SYNTAX);
		CHECK_INT(why.column, bad[i].column);
	}
}

static void test_target(void)
{
	struct arena arena = { 0 };
	char local[400];
	for (size_t n = 200; n < 400; n += 50) {
		tap_case("RFC 7208 7.3: a local part of %zu octets is cut by labels", n);
		for (size_t i = 0; i < n; i++)
			local[i] = i % 10 == 9 ? '.' : 'a';
		local[n - 1] = 'z';
		struct spf_macro_env env = env_of(arena_cstr(&arena, view_of(local, n)), "192.0.2.3");
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		CHECK_INT(spf_macro_target(&env, VIEW("%{l}.%{d}."), &out, NULL), ERR_OK);
		CHECK(out.n <= SPF_NAME_MAX && out.n > (n < 235 ? n : SPF_NAME_MAX - 10U));
		CHECK(view_ends(buf_view(&out), VIEW("z.email.example.com")));
		CHECK(view_at(buf_view(&out), 9) == '.' && view_at(buf_view(&out), 0) == 'a');
	}
	tap_case("an expansion without end is refused");
	struct spf_macro_env env = env_of("x", "192.0.2.3");
	BUF_AUTO struct buf out;
	buf_init(&out, 30);
	CHECK_INT(spf_macro_expand(&env, VIEW("%{d}%{d}"), SPF_IN_DOMAIN, &out, NULL), ERR_LIMIT);
	arena_done(&arena);
}

int main(void)
{
	test_rows();
	test_target();
	return tap_done();
}
