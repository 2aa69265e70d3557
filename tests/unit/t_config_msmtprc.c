/* msmtp's configuration into ours; what comes out is read again. */
#include "config.h"
#include "config_msmtprc.h"
#include "tap.h"

static void check_text(const char *got, const char *want, int line)
{
	const char *shown = got != NULL ? got : "(null)";
	(void)tap_check_bytes(shown, strlen(shown), want, strlen(want), __FILE__, line, "text");
}
#define CHECK_TEXT(got, want) check_text((got), (want), __LINE__)

struct fixture {
	struct arena arena;
	struct buf out;
	struct config config;
	struct diag diag;
	enum err err;
};

static void convert(struct fixture *f, const char *text)
{
	*f = (struct fixture){ 0 };
	arena_init(&f->arena);
	buf_init(&f->out, CONFIG_OCTETS);
	f->err = config_msmtprc(view_str(text), &f->out, &f->diag);
	if (f->err == ERR_OK)
		CHECK_INT(config_parse(buf_view(&f->out), "p", true, &f->arena, &f->config, &f->diag), ERR_OK);
	CHECK_STR(f->err == ERR_OK ? f->diag.text : "", "");
}

static void done(struct fixture *f)
{
	config_done(&f->config);
	buf_done(&f->out);
	arena_done(&f->arena);
}

static void test_usual(void)
{
	struct fixture f;
	tap_case("the usual file");
	convert(&f, "defaults\nauth on\ntls on\ntls_trust_file /etc/ssl/certs/ca-certificates.crt\n\n"
		    "account gmail\nhost smtp.gmail.com\nport 587\nfrom me@gmail.com\nuser me\n"
		    "passwordeval \"gpg -q -d ~/.p | sed \"s/x/$y/\"\"\n"
		    "account tls : gmail\ntls_starttls off\nport 465\npassword secret\ndsn_notify never\n"
		    "account default : gmail\n");
	CHECK_INT(f.err, ERR_OK);
	CHECK_TEXT(config_text(config_global(&f.config), "default-account"), "gmail");
	const struct config_section *gmail = config_find(&f.config, CONFIG_ACCOUNT, "gmail");
	CHECK_TEXT(config_text(gmail, "server"), "smtp.gmail.com:587");
	CHECK_TEXT(config_text(gmail, "tls"), "verify");
	CHECK_TEXT(config_text(gmail, "user"), "me");
	CHECK_TEXT(config_text(gmail, "from"), "me@gmail.com");
	CHECK_TEXT(config_text(gmail, "password-eval"), "gpg -q -d ~/.p | sed \"s/x/$y/\"");
	CHECK(config_text(gmail, "tls-ca") == NULL && config_text(gmail, "auth") == NULL);

	tap_case("what is inherited is written out");
	const struct config_section *tls = config_find(&f.config, CONFIG_ACCOUNT, "tls");
	CHECK_TEXT(config_text(tls, "server"), "smtps://smtp.gmail.com:465");
	CHECK_TEXT(config_text(tls, "user"), "me");

	tap_case("a password is never copied");
	CHECK_INT(view_find(buf_view(&f.out), VIEW("secret")), SIZE_MAX);

	tap_case("what has no counterpart is a comment");
	CHECK(view_find(buf_view(&f.out), VIEW("#   dsn_notify never\n")) != SIZE_MAX);
	CHECK(config_find(&f.config, CONFIG_ACCOUNT, "default") == NULL);
	done(&f);
}

static void test_forms(void)
{
	static const struct {
		const char *what, *in, *key, *want;
	} rows[] = {
		{ "port 25 unless said", "account a\nhost h\n", "server", "h:25" },
		{ "an IPv6 host", "account a\nhost ::1\n", "server", "[::1]:25" },
		{ "LMTP", "account a\nhost h\nprotocol lmtp\n", "server", "lmtp://h:24" },
		{ "socket", "account a\nhost h\nsocket /run/s\n", "server", "unix:/run/s" },
		{ "TLS off", "account a\nhost h\n", "tls", "none" },
		{ "certificate not checked", "account a\nhost h\ntls on\ntls_certcheck off\n", "tls", "encrypt" },
		{ "no authentication", "account a\nhost h\n", "auth", "off" },
		{ "a method", "account a\nhost h\nauth scram-sha-256\nuser u\n", "auth", "SCRAM-SHA-256" },
		{ "netrc", "account a\nhost h\nauth on\nuser u\n", "netrc", "yes" },
		{ "proxy", "account a\nhost h\nproxy_host p\n", "socks5", "p:1080" },
		{ "syslog", "account a\nhost h\nsyslog LOG_MAIL\n", "log", "syslog" },
		{ "client certificate", "account a\nhost h\ntls_cert_file c.pem\n", "tls-cert", "c.pem" },
		{ "an account named default", "account default\nhost h\n", "server", "h:25" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;
		tap_case("%s", rows[i].what);
		convert(&f, rows[i].in);
		CHECK_TEXT(config_text(config_find(&f.config, CONFIG_ACCOUNT, NULL), rows[i].key), rows[i].want);
		done(&f);
	}
	static const struct {
		const char *in, *text;
	} faults[] = {
		{ "account a\nhots x\n", "msmtprc: unknown command: hots" },
		{ "account a : b\n", "msmtprc: no account of this name stands before: b" },
		{ "account a\naccount a\n", "msmtprc: this account is defined twice: a" },
		{ "defaults\n", "msmtprc: there is no account in it" },
		{ "account a\nhost x\033[2J\n", "msmtprc: a control character: x\\x1b[2J" },
	};
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct fixture f;
		tap_case("refused: %s", faults[i].text);
		convert(&f, faults[i].in);
		CHECK_INT(f.err, ERR_SYNTAX);
		CHECK_STR(f.diag.text, faults[i].text);
		done(&f);
	}
}

int main(void)
{
	test_usual();
	test_forms();
	return tap_done();
}
