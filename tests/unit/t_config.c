/* posthorn.conf: what is understood, what is refused and how it is said, which account is chosen. */
#include "config.h"
#include "tap.h"

static void check_text(const char *got, const char *want, int line)
{
	const char *shown = got != NULL ? got : "(null)";
	(void)tap_check_bytes(shown, strlen(shown), want, strlen(want), __FILE__, line, "text");
}
#define CHECK_TEXT(got, want) check_text((got), (want), __LINE__)

static const char full[] = "# comment\n"
			   "from = \"Ops <ops@example.org>\"\n"
			   "tls = verify\n"
			   "default-account = home\n"
			   "account \"work\" {\n"
			   "  server = \"smtp.example.org:465\"\n"
			   "  from = { \"*@example.org\", \"boss@corp.example\" }\n"
			   "  password-eval = \"pass show smtp/work\"\n"
			   "}\n"
			   "account home { preset = gmail  rate = \"1/min\" user = me from = { \"me@home.example\", "
			   "\"*@home.example\" } }\n"
			   "account empty { }\n"
			   "provider google { mx = { \"*.google.com\" } connections = 5 }\n";

struct fixture {
	struct arena arena;
	struct config config;
	struct diag diag;
	enum err err;
};

static void parse(struct fixture *f, const char *text, bool is_private)
{
	*f = (struct fixture){ 0 };
	arena_init(&f->arena);
	f->err = config_parse(view_str(text), "p.conf", is_private, &f->arena, &f->config, &f->diag);
}

static void done(struct fixture *f)
{
	config_done(&f->config);
	arena_done(&f->arena);
}

static void test_values(void)
{
	struct fixture f;
	parse(&f, full, true);

	tap_case("a whole file is read");
	CHECK_INT(f.err, ERR_OK);
	CHECK_STR(f.diag.text, "");

	tap_case("global keys, quoted and not");
	CHECK_TEXT(config_text(config_global(&f.config), "from"), "Ops <ops@example.org>");
	CHECK_TEXT(config_text(config_global(&f.config), "tls"), "verify");
	CHECK(config_text(config_global(&f.config), "server") == NULL);

	tap_case("sections by title");
	const struct config_section *work = config_find(&f.config, CONFIG_ACCOUNT, "work");
	CHECK(work != NULL);
	CHECK_TEXT(config_text(work, "server"), "smtp.example.org:465");
	CHECK(config_find(&f.config, CONFIG_ACCOUNT, "nowhere") == NULL);
	CHECK(config_find(&f.config, CONFIG_ACCOUNT, "empty") != NULL);

	tap_case("lists, lines");
	const struct config_value *from = config_value(work, "from");
	CHECK(from != NULL && from->n == 2);
	CHECK_TEXT(from != NULL ? from->at[1] : NULL, "boss@corp.example");
	CHECK_INT(from != NULL ? from->line : 0, 7);

	tap_case("numbers");
	uint64_t n = 9;
	const struct config_section *google = config_find(&f.config, CONFIG_PROVIDER, "google");
	CHECK_INT(config_uint(google, "connections", 1, 100, &n, &f.diag), ERR_OK);
	CHECK_INT(n, 5);
	CHECK_INT(config_uint(google, "per-connection", 1, 100, &n, &f.diag), ERR_OK);
	CHECK_INT(n, 5);
	CHECK_INT(config_uint(google, "connections", 6, 100, &n, &f.diag), ERR_CONFIG);
	CHECK_STR(f.diag.text, "p.conf:12: connections: \"5\": write a number from 6 to 100");

	static const struct {
		const char *what, *name, *from, *want;
		enum err err;
	} rows[] = {
		{ "account by name", "empty", "x@example.org", "empty" },
		{ "account by pattern", NULL, "Ann@EXAMPLE.org", "work" },
		{ "account by address", NULL, "boss@corp.example", "work" },
		{ "account by the global default", NULL, "x@elsewhere.example", "home" },
		{ "no address: the default", NULL, "", "home" },
		{ "a name that is not there", "nowhere", "", NULL, ERR_CONFIG },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct config_section *account = NULL;
		tap_case("%s", rows[i].what);
		CHECK_INT(config_account(&f.config, rows[i].name, view_str(rows[i].from), &account, &f.diag),
			  rows[i].err);
		CHECK_TEXT(account != NULL ? account->title : NULL, rows[i].want != NULL ? rows[i].want : "(null)");
	}
	tap_case("accounts that exist are named");
	CHECK_STR(f.diag.text, "p.conf: no account \"nowhere\" (accounts: work, home, empty)");

	tap_case("account, preset, global: in that order");
	const struct config_section *home = config_find(&f.config, CONFIG_ACCOUNT, "home");
	CHECK_TEXT(config_account_text(&f.config, home, "rate"), "1/min");
	CHECK_TEXT(config_account_text(&f.config, home, "server"), "smtp.gmail.com:465");
	CHECK_TEXT(config_account_text(&f.config, work, "tls"), "verify");
	CHECK(config_account_text(&f.config, work, "rate") == NULL);

	tap_case("the account's own address, else the global one");
	CHECK_TEXT(config_account_from(&f.config, home), "me@home.example");
	CHECK_TEXT(config_account_from(&f.config, work), "boss@corp.example");
	CHECK_TEXT(config_account_from(&f.config, config_find(&f.config, CONFIG_ACCOUNT, "empty")),
		   "Ops <ops@example.org>");
	done(&f);
}

static void test_secrets(void)
{
	struct fixture f;
	tap_case("a secret in a private file is kept apart");
	parse(&f, "account a { user = u password = \"p w\" }", true);
	CHECK_INT(f.err, ERR_OK);
	const struct config_value *value = config_value(config_find(&f.config, CONFIG_ACCOUNT, "a"), "password");
	CHECK(value != NULL && value->n == 0 && value->secret != NULL);
	if (value != NULL && value->secret != NULL)
		CHECK_VIEW(crypto_secret_view(value->secret), "p w");
	done(&f);

	tap_case("aliases: any key");
	parse(&f, "aliases { root = \"ops@example.org\" default = \"all@example.org\" }", true);
	CHECK_INT(f.err, ERR_OK);
	CHECK_TEXT(config_alias(&f.config, VIEW("Root")), "ops@example.org");
	CHECK_TEXT(config_alias(&f.config, VIEW("www-data")), "all@example.org");
	done(&f);

	tap_case("no aliases");
	parse(&f, "", true);
	CHECK_INT(f.err, ERR_OK);
	CHECK(config_alias(&f.config, VIEW("root")) == NULL);
	CHECK(config_global(&f.config) != NULL);
	done(&f);

	tap_case("an empty file has no account");
	parse(&f, "\n\n", false);
	const struct config_section *account = NULL;
	CHECK_INT(config_account(&f.config, NULL, VIEW("a@b"), &account, &f.diag), ERR_OK);
	CHECK(account == NULL);
	done(&f);
}

static void test_refusals(void)
{
	static const struct {
		const char *what, *in, *text;
	} rows[] = {
		{ "unknown key", "from = a\nsrever = x\n", "p.conf:2: no such option 'srever'" },
		{ "unknown key in a section", "account a {\n\n nonsense = 1 }\n",
		  "p.conf:3: no such option 'nonsense'" },
		{ "key of another section", "account a { mx-x = 1 }", "p.conf:1: no such option 'mx-x'" },
		{ "key twice", "tls = may\ntls = none\n", "p.conf:2: tls is set twice (first in line 1)" },
		{ "title twice", "account a { }\naccount a { }\n", "p.conf:2: found duplicate title 'a'" },
		{ "section without title", "account { }", "p.conf:1: missing title for section 'account'" },
		{ "not closed", "account a {\n", "p.conf:3: a section is not closed (a } is missing)" },
		{ "line break in a value", "from = \"a\nb\"\n", "p.conf:2: from: a line break in a value" },
		{ "escape sequence in a value", "from = \"a\\nb\"\n", "p.conf:1: from: a line break in a value" },
		{ "secret in an open file", "account a { password = x }",
		  "p.conf:1: password stands in a file that others can read or write (chmod 600 it, or keep the secret "
		  "elsewhere: password-eval, password-file)" },
		{ "include from memory", "include(\"/etc/passwd\")",
		  "p.conf:1: include(\"FILE\") takes one file, and at most CONFIG_INCLUDES may be included" },
		{ "msmtprc", "# mine\ndefaults\nauth on\n",
		  "p.conf: this is a msmtprc; convert it once: posthorn send --import-msmtprc p.conf > posthorn.conf" },
		{ "msmtprc, account first", "account a\nhost b\n",
		  "p.conf: this is a msmtprc; convert it once: posthorn send --import-msmtprc p.conf > posthorn.conf" },
		{ "control characters in a key", "a\033[2Jb = 1", "p.conf:1: no such option 'a\\x1b[2Jb'" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;
		tap_case("refused: %s", rows[i].what);
		parse(&f, rows[i].in, false);
		CHECK_INT(f.err, ERR_CONFIG);
		CHECK_STR(f.diag.text, rows[i].text);
		CHECK_INT(f.config.n, 0);
		done(&f);
	}
}

static void test_match(void)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} rows[] = {
		{ "*@example.org", "a@example.org", true },
		{ "*@example.org", "a@b.example.org", false },
		{ "*@*example.org", "a@b.example.org", true },
		{ "A@B", "a@b", true },
		{ "a@b", "a@bc", false },
		{ "*", "", true },
		{ "", "", true },
		{ "", "a", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "*.google.com", "mx.google.com", true },
		{ "*.google.com", "google.com", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("match %s with %s", rows[i].pattern, rows[i].text);
		CHECK_INT(config_match(rows[i].pattern, view_str(rows[i].text)), rows[i].want);
	}
}

int main(void)
{
	test_values();
	test_secrets();
	test_refusals();
	test_match();
	return tap_done();
}
