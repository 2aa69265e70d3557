#include "smtp_ehlo.h"

#include "tap.h"

#define MECH(name) (1U << SMTP_SASL_##name)

static const struct {
	const char *what;
	const char *in;
	unsigned extensions, mechs;
	uint64_t size, mail, rcpt, domain;
} rows[] = {
	{ "nothing offered (RFC 5321 4.1.1.1)", "250 mx.example.net\r\n", 0, 0, 0, 0, 0, 0 },
	{ "keywords in any case", "250-mx\r\n250-PiPeLiNiNg\r\n250 chunking\r\n",
	  SMTP_EXT_PIPELINING | SMTP_EXT_CHUNKING, 0, 0, 0, 0, 0 },
	{ "the first line is no keyword", "250-PIPELINING\r\n250 8BITMIME\r\n", SMTP_EXT_8BITMIME, 0, 0, 0, 0, 0 },
	{ "SIZE with a number (RFC 1870 4)", "250-mx\r\n250 SIZE 1000000\r\n", SMTP_EXT_SIZE, 0, 1000000, 0, 0, 0 },
	{ "SIZE 0 is no limit (RFC 1870 4)", "250-mx\r\n250 SIZE 0\r\n", SMTP_EXT_SIZE, 0, 0, 0, 0, 0 },
	{ "SIZE without or with nonsense", "250-mx\r\n250-SIZE\r\n250 SIZE lots\r\n", SMTP_EXT_SIZE, 0, 0, 0, 0, 0 },
	{ "AUTH (RFC 4954 3)", "250-mx\r\n250 AUTH PLAIN login SCRAM-SHA-256 X-OTHER\r\n", SMTP_EXT_AUTH,
	  MECH(PLAIN) | MECH(LOGIN) | MECH(SCRAM_SHA_256), 0, 0, 0, 0 },
	{ "AUTH= of old servers", "250-mx\r\n250 AUTH=LOGIN PLAIN\r\n", SMTP_EXT_AUTH, MECH(PLAIN) | MECH(LOGIN), 0, 0,
	  0, 0 },
	{ "both forms", "250-mx\r\n250-AUTH CRAM-MD5\r\n250 AUTH=LOGIN\r\n", SMTP_EXT_AUTH,
	  MECH(CRAM_MD5) | MECH(LOGIN), 0, 0, 0, 0 },
	{ "LIMITS (RFC 9422 3)", "250-mx\r\n250 LIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1\r\n", SMTP_EXT_LIMITS, 0, 0,
	  5, 20, 1 },
	{ "LIMITS: unknown and malformed are ignored (RFC 9422 4)",
	  "250-mx\r\n250 LIMITS FOO=1 RCPTMAX=x MAILMAX rcptmax=7\r\n", SMTP_EXT_LIMITS, 0, 0, 0, 7, 0 },
	{ "all others",
	  "250-mx\r\n250-SMTPUTF8\r\n250-DSN\r\n250-STARTTLS\r\n250-REQUIRETLS\r\n250-ENHANCEDSTATUSCODES\r\n250 "
	  "XCLIENT NAME ADDR\r\n",
	  SMTP_EXT_SMTPUTF8 | SMTP_EXT_DSN | SMTP_EXT_STARTTLS | SMTP_EXT_REQUIRETLS | SMTP_EXT_ENHANCEDSTATUSCODES |
		  SMTP_EXT_XCLIENT,
	  0, 0, 0, 0, 0 },
	{ "tabs and spaces around", "250-mx\r\n250 \tSIZE \t 10  \r\n", SMTP_EXT_SIZE, 0, 10, 0, 0, 0 },
	{ "a longer word is another one", "250-mx\r\n250 PIPELININGX\r\n", 0, 0, 0, 0, 0, 0 },
};

int main(void)
{
	struct arena arena = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct smtp_reply reply;
		if (!CHECK_INT(smtp_reply_parse(view_str(rows[i].in), &reply, NULL), ERR_OK))
			continue;
		struct smtp_ehlo ehlo;
		smtp_ehlo_read(&reply, &arena, &ehlo);
		CHECK_INT(ehlo.extensions, rows[i].extensions);
		CHECK_INT(ehlo.mechs, rows[i].mechs);
		CHECK_INT(ehlo.size_max, rows[i].size);
		CHECK_INT(ehlo.mail_max, rows[i].mail);
		CHECK_INT(ehlo.rcpt_max, rows[i].rcpt);
		CHECK_INT(ehlo.rcpt_domain_max, rows[i].domain);
	}
	arena_done(&arena);
	return tap_done();
}
