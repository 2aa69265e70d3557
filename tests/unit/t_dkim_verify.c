#include <stdio.h>

#include "base_arena.h"
#include "base_ascii.h"
#include "base_env.h"
#include "dkim_sign.h"
#include "dkim_verify.h"
#include "dns_table.h"
#include "tap.h"

#define BODY "\r\nHi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n"
#define HEAD                                                                                                           \
	"From: Joe SixPack <joe@football.example.com>\r\n"                                                             \
	"To: Suzie Q <suzie@shopping.example.net>\r\n"                                                                 \
	"Subject: Is dinner ready?\r\n"                                                                                \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"                                                              \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"

#define RSA_6376                                                                                                       \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/"                                \
	"zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSs"                                                                           \
	"q631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
#define RSA_8463                                                                                                       \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/"        \
	"byYzCNb3W9"                                                                                                   \
	"1y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define ED_8463 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* Appendix C of RFC 6376. */
static const char pem_6376[] = "-----BEGIN RSA PRIVATE KEY-----\n"
			       "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
			       "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
			       "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
			       "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
			       "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
			       "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
			       "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
			       "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
			       "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
			       "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
			       "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
			       "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
			       "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
			       "-----END RSA PRIVATE KEY-----\n";
static const char seed_8463[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n";

static const char zone_rfc[] = "brisbane._domainkey.example.com TXT v=DKIM1; p=" RSA_6376 "\n"
			       "brisbane._domainkey.football.example.com TXT v=DKIM1; k=ed25519; p=" ED_8463 "\n"
			       "test._domainkey.football.example.com TXT v=DKIM1; k=rsa; p=" RSA_8463 "\n"
			       "rsa._domainkey.example.org TXT v=DKIM1; k=rsa; h=sha256; p=" RSA_6376 "\n"
			       "ed._domainkey.example.org TXT v=DKIM1; k=ed25519; p=" ED_8463 "\n"
			       "strict._domainkey.example.org TXT v=DKIM1; t=y:s; p=" RSA_6376 "\n"
			       "revoked._domainkey.example.org TXT v=DKIM1; p=\n"
			       "sha1._domainkey.example.org TXT v=DKIM1; h=sha1; p=" RSA_6376 "\n"
			       "other._domainkey.example.org TXT v=DKIM1; s=tlsrpt; p=" RSA_6376 "\n"
			       "any._domainkey.example.org TXT v=DKIM1; s=tlsrpt : *; p=" RSA_6376 "\n"
			       "dkim0._domainkey.example.org TXT v=DKIM0; p=" RSA_6376 "\n";
static const char zone[] = "late._domainkey.example.org TXT p=" RSA_6376 "; v=DKIM1\n"
			   "type._domainkey.example.org TXT k=dsa; p=" RSA_6376 "\n"
			   "bare._domainkey.example.org TXT p=" RSA_6376 "\n"
			   "g._domainkey.example.org TXT g=nobody; z=1; p=" RSA_6376 "\n"
			   "broken._domainkey.example.org TXT v=DKIM1; p=AAAA\n"
			   "split._domainkey.example.org TXT \"v=DKIM1; \" \"p=\" \"" RSA_6376 "\"\n"
			   "two._domainkey.example.org TXT v=DKIM1; p=" RSA_6376 "\n"
			   "two._domainkey.example.org TXT v=DKIM1; p=" RSA_8463 "\n"
			   "spf._domainkey.example.org TXT v=DKIM1; p=" RSA_6376 "\n"
			   "spf._domainkey.example.org TXT v=spf1 -all\n"
			   "slow._domainkey.example.org TXT!timeout\n";

static struct arena arena;
static struct dns_table table;
static struct crypto_key *rsa, *ed;

struct run {
	struct dkim_input input;
	struct dkim_bodies bodies;
	struct dkim_keys keys;
	struct dkim_verify verify;
};

static void run_done(struct run *run)
{
	dkim_keys_done(&run->keys);
	dkim_bodies_done(&run->bodies);
	dkim_input_done(&run->input);
}

static enum dkim_result run_start(struct run *run, const struct dkim_verify_opts *opts, struct view message)
{
	struct source_view source;
	source_view_init(&source, message);
	dkim_input_init(&run->input);
	dkim_bodies_init(&run->bodies);
	dkim_keys_init(&run->keys, &table.resolver, view_none(), 10, &arena);
	CHECK_INT(dkim_input_open(&run->input, &source.source, &arena, NULL), ERR_OK);
	dkim_verify_begin(&run->verify, opts, &run->input.head, &run->bodies, &run->keys, &arena);
	CHECK_INT(dkim_bodies_read(&run->bodies, &run->input, NULL, NULL), ERR_OK);
	dkim_verify_end(&run->verify);
	return run->verify.result;
}

static enum dkim_result result_of(struct view message)
{
	static struct run run;
	struct dkim_verify_opts opts = { .now = 1528637910 };
	enum dkim_result result = run_start(&run, &opts, message);
	run_done(&run);
	return result;
}

/* The examples of the RFCs. */

#define SIGNED_6376                                                                                                    \
	"DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"                                            \
	"      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"                                            \
	"      h=Received : From : To : Subject : Date : Message-ID;\r\n"                                              \
	"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                   \
	"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"                                             \
	"        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"                                             \
	"        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"                                             \
	"        4bmp/YzhwvcubU4=;\r\n"                                                                                \
	"Received: from client1.football.example.com  [192.0.2.1]\r\n"                                                 \
	"      by submitserver.example.com with SUBMISSION;\r\n"                                                       \
	"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"
#define SIGNED_8463                                                                                                    \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"                                                \
	" d=football.example.com; i=@football.example.com;\r\n"                                                        \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"                                                      \
	" subject : date : message-id : from : subject : date;\r\n"                                                    \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                        \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"                                              \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"                                                                        \
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"                                                    \
	" d=football.example.com; i=@football.example.com;\r\n"                                                        \
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"                                                \
	" date : message-id : from : subject : date;\r\n"                                                              \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                        \
	" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"                                              \
	" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"                                              \
	" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"

static void test_rfc(void)
{
	static struct run run;
	struct dkim_verify_opts opts = { .now = 1528637910 };
	tap_case("RFC 6376 A.2: rsa-sha256, simple/simple, \"b=\" ends in a semicolon");
	CHECK_INT(run_start(&run, &opts, VIEW(SIGNED_6376 HEAD BODY)), DKIM_PASS);
	CHECK_VIEW(run.verify.at[0].signature.auid, "joe@football.example.com");
	run_done(&run);
	tap_case("RFC 6376 A.2: a space more in Received breaks simple");
	CHECK_INT(result_of(VIEW(SIGNED_6376 " " HEAD BODY)), DKIM_FAIL);
	tap_case("RFC 8463 A.3: ed25519-sha256 and rsa-sha256, From, Subject and Date oversigned");
	CHECK_INT(run_start(&run, &opts, VIEW(SIGNED_8463 HEAD BODY)), DKIM_PASS);
	CHECK_INT(run.verify.n, 2);
	CHECK_INT(run.verify.at[0].result, DKIM_PASS);
	CHECK_INT(run.verify.at[1].result, DKIM_PASS);
	CHECK_VIEW(run.verify.at[0].oversigned, "from, subject, date");
	run_done(&run);
	tap_case("RFC 8463 A.3: white space added is forgiven by relaxed");
	CHECK_INT(result_of(VIEW(SIGNED_8463 HEAD
				 "\r\nHi. \r\n\r\nWe lost  the game. Are you hungry yet?\r\n\r\nJoe.\t\r\n"
				 "\r\n")),
		  DKIM_PASS);
	tap_case("RFC 8463 A.3: a second From fails both");
	CHECK_INT(run_start(&run, &opts, VIEW(SIGNED_8463 "From: a@b\r\n" HEAD BODY)), DKIM_FAIL);
	CHECK_INT(run.verify.at[0].body, DKIM_MATCH_YES);
	CHECK_INT(run.verify.at[0].header, DKIM_MATCH_NO);
	run_done(&run);
	tap_case("no signature is none");
	CHECK_INT(result_of(VIEW(HEAD BODY)), DKIM_NONE);
}

/* What we sign. */

static struct view sign_with(const struct dkim_signer *signers, size_t n, const char *headers, int64_t t, int64_t x,
			     const char *message)
{
	static struct dkim_signed made;
	struct dkim_sign_opts opts = {
		.signers = signers, .n = n, .headers = view_str(headers), .timestamp = t, .expires = x
	};
	struct source_view source;
	struct diag diag = { 0 };
	source_view_init(&source, view_str(message));
	if (!CHECK_INT(dkim_sign(&source.source, &opts, &arena, &made, &diag), ERR_OK)) {
		printf("# %s\n", diag.text);
		return view_none();
	}
	return view_str(arena_printf(&arena, "%.*s%s", VIEW_ARG(made.fields), message));
}

static struct dkim_signer signer(const struct crypto_key *key, const char *selector, unsigned forms)
{
	return (struct dkim_signer){ .domain = VIEW("example.org"),
				     .selector = view_str(selector),
				     .key = key,
				     .header = (enum dkim_canon)(forms & 1),
				     .body = (enum dkim_canon)(forms >> 1) };
}

static const struct {
	const char *what, *message;
} messages[] = {
	{ "ordinary", HEAD BODY },
	{ "empty body", "From: a@example.org\r\n\r\n" },
	{ "no body at all", "From: a@example.org\r\n" },
	{ "header without line end", "From: a@example.org" },
	{ "only blank lines", "From: a@example.org\r\n\r\n\r\n\r\n\r\n" },
	{ "no final line end", "From: a@example.org\r\n\r\nhello" },
	{ "white space everywhere",
	  "From:   a@example.org \t \r\nSubject: \t\r\n\t x \t\r\n\r\n  a \t b  \r\n \r\n\t\r\n" },
	{ "folded and empty header fields",
	  "From:\r\n a@example.org\r\nSubject:\r\nTo: b@c,\r\n\td@e\r\nCc:  \r\n\r\nx\r\n" },
	{ "a space before the colon", "From : a@example.org\r\nSubject\t: x\r\n\r\nx\r\n" },
	{ "repeated Received and Cc",
	  "Received: a\r\nReceived: b\r\nFrom: a@example.org\r\nCc: x@y\r\nCc: z@y\r\n\r\nx\r\n" },
	{ "8-bit and UTF-8 header fields", "From: \xc3\xa4 <a@example.org>\r\nSubject: \xff\xfe\r\n\r\n\xe4\r\n" },
	{ "dot lines", "From: a@example.org\r\n\r\n.\r\n..\r\n.x\r\n" },
	{ "lone CR and LF", "From: a@example.org\r\n\r\na\rb\nc \r d\r\n" },
};

static void test_signed(void)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		tap_case("sign and verify, four pairs, two keys: %s", messages[i].what);
		for (unsigned forms = 0; forms < 4; forms++) {
			static struct run run;
			struct dkim_verify_opts opts = { .now = 1000, .all = true };
			struct dkim_signer both[] = { signer(rsa, "rsa", forms), signer(ed, "ed", forms) };
			struct view message = sign_with(both, 2, "", 1000, 2000, messages[i].message);
			CHECK_INT(run_start(&run, &opts, message), DKIM_PASS);
			CHECK_INT(run.verify.n, 2);
			CHECK(run.verify.at[0].oversigned.n > 0);
			run_done(&run);
		}
	}
}

/* Any octet of the body or of a signed field; relaxed forgives white space, so a letter is changed. */
static void test_changes(void)
{
	tap_case("any one octet changed fails, in all four pairs");
	for (unsigned forms = 0; forms < 4; forms++) {
		struct dkim_signer one = signer(ed, "ed", forms);
		struct view message = sign_with(&one, 1, "", 1000, -1, HEAD BODY);
		char *copy = arena_cstr(&arena, message);
		size_t first = message.n - (sizeof HEAD BODY - 1);
		for (size_t i = first; i < message.n; i++) {
			char was = copy[i];
			if (was == ' ' || was == '\r' || was == '\n')
				continue;
			copy[i] = was == 'z' ? 'q' : 'z';
			bool name = ascii_is_alpha(was) && (i == first || copy[i - 1] == '\n') && i + 5 < message.n;
			if (result_of(view_of(copy, message.n)) != DKIM_FAIL)
				CHECK(name), printf("# octet %zu (%c) did not matter\n", i - first, was);
			copy[i] = was;
		}
	}
	tap_case("a second From, Subject, To, Date, Cc or Content-Type fails");
	static const char *const added[] = { "From: x@y\r\n",
					     "Subject: x\r\n",
					     "To: x\r\n",
					     "Date: x\r\n",
					     "Cc: x\r\n",
					     "Content-Type: text/html\r\n",
					     "List-Unsubscribe: <x>\r\n",
					     "Reply-To: x\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(added); i++) {
		struct dkim_signer one = signer(ed, "ed", 3);
		struct view message = sign_with(&one, 1, "", 1000, -1, HEAD BODY);
		const char *front = arena_printf(&arena, "%s%.*s", added[i], VIEW_ARG(message));
		CHECK_INT(result_of(view_str(front)), DKIM_FAIL);
		size_t fields = message.n - (sizeof HEAD BODY - 1);
		const char *behind = arena_printf(&arena, "%.*s" HEAD "%s" BODY, (int)fields, message.p, added[i]);
		CHECK_INT(result_of(view_str(behind)), DKIM_FAIL);
	}
}

/* Verdicts that do not follow from the hashes. */

static const struct {
	const char *what, *selector;
	enum dkim_result result;
	const char *reason;
} records[] = {
	{ "several strings are joined", "split", DKIM_PASS, NULL },
	{ "no v=, no k= (RFC 6376 3.6.1: defaults)", "bare", DKIM_PASS, NULL },
	{ "g= and unknown tags are ignored", "g", DKIM_PASS, NULL },
	{ "s= has *", "any", DKIM_PASS, NULL },
	{ "t=y:s", "strict", DKIM_PASS, NULL },
	{ "one key among other TXT records", "spf", DKIM_PASS, NULL },
	{ "no such name", "missing", DKIM_PERMERROR, "no key: " },
	{ "time-out", "slow", DKIM_TEMPERROR, "" },
	{ "two keys at one name (3.6.2.2)", "two", DKIM_PERMERROR, "bad key record: 2 TXT records" },
	{ "empty p=", "revoked", DKIM_PERMERROR, "the key was revoked" },
	{ "h= without sha256", "sha1", DKIM_PERMERROR, "the key record does not admit sha256" },
	{ "s= without email", "other", DKIM_PERMERROR, "the key is not for email" },
	{ "v= is not DKIM1", "dkim0", DKIM_PERMERROR, "bad key record: v=DKIM0" },
	{ "v= is not first", "late", DKIM_PERMERROR, "bad key record: v= must be the first" },
	{ "k= unknown", "type", DKIM_PERMERROR, "bad key record: k=dsa" },
	{ "k= of the other algorithm", "ed", DKIM_PERMERROR, "the key is of type ed25519" },
	{ "p= is no key", "broken", DKIM_PERMERROR, "bad key: " },
};

static void test_records(void)
{
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		static struct run run;
		struct dkim_verify_opts opts = { .now = 1000 };
		tap_case("key record: %s", records[i].what);
		struct dkim_signer one = signer(rsa, records[i].selector, 3);
		CHECK_INT(run_start(&run, &opts, sign_with(&one, 1, "", 1000, -1, HEAD BODY)), records[i].result);
		const char *reason = run.verify.at[0].reason;
		CHECK((reason == NULL) == (records[i].reason == NULL));
		if (reason != NULL && records[i].reason != NULL)
			CHECK_VIEW(view_to(view_str(reason), strlen(records[i].reason)), records[i].reason);
		run_done(&run);
	}
	tap_case("t=s: i= must have the domain of d= (3.6.1)");
	struct dkim_signer one = signer(rsa, "strict", 3);
	one.auid = VIEW("joe@mail.example.org");
	CHECK_INT(result_of(sign_with(&one, 1, "", 1000, -1, HEAD BODY)), DKIM_PERMERROR);
	one.auid = VIEW("joe@example.org");
	CHECK_INT(result_of(sign_with(&one, 1, "", 1000, -1, HEAD BODY)), DKIM_PASS);
	one = signer(rsa, "rsa", 3);
	one.auid = VIEW("j=o;e@mail.example.org");
	CHECK_INT(result_of(sign_with(&one, 1, "", 1000, -1, HEAD BODY)), DKIM_PASS);
}

static void test_policy(void)
{
	static struct run run;
	struct dkim_signer one = signer(rsa, "rsa", 3);
	struct dkim_verify_opts opts = { .now = 3000 };
	tap_case("x= has passed");
	CHECK_INT(run_start(&run, &opts, sign_with(&one, 1, "", 1000, 2999, HEAD BODY)), DKIM_POLICY);
	run_done(&run);
	tap_case("t= lies in the future");
	CHECK_INT(run_start(&run, &opts, sign_with(&one, 1, "", 9000, -1, HEAD BODY)), DKIM_POLICY);
	run_done(&run);
	tap_case("no t=");
	CHECK_INT(run_start(&run, &opts, sign_with(&one, 1, "", -1, -1, HEAD BODY)), DKIM_PASS);
	run_done(&run);
	tap_case("key shorter than asked for");
	opts.bits_min = 2048;
	CHECK_INT(run_start(&run, &opts, sign_with(&one, 1, "", 1000, -1, HEAD BODY)), DKIM_POLICY);
	run_done(&run);
	opts.bits_min = 0;
	tap_case("unsigned copy of a signed field: told, and strict fails it");
	const char *twice = arena_printf(&arena, "Subject: other\r\n%.*s",
					 VIEW_ARG(sign_with(&one, 1, "From:Subject", 1000, -1, HEAD BODY)));
	CHECK_INT(run_start(&run, &opts, view_str(twice)), DKIM_PASS);
	CHECK_VIEW(run.verify.at[0].copies, "Subject");
	run_done(&run);
	opts.strict = true;
	CHECK_INT(run_start(&run, &opts, view_str(twice)), DKIM_FAIL);
	run_done(&run);
	opts.strict = false;
	tap_case("more signatures than the limit");
	struct dkim_signer many[10];
	for (size_t i = 0; i < 10; i++)
		many[i] = signer(ed, "ed", 3);
	struct view message = sign_with(many, 10, "", 1000, -1, HEAD BODY);
	message = view_str(arena_printf(&arena, "%.*s%.*s", (int)(message.n - (sizeof HEAD BODY - 1)), message.p,
					VIEW_ARG(message)));
	opts.all = true;
	CHECK_INT(run_start(&run, &opts, message), DKIM_POLICY);
	CHECK_INT(run.verify.n, 20);
	CHECK_INT(run.verify.at[9].result, DKIM_PASS);
	CHECK_INT(run.verify.at[10].result, DKIM_POLICY);
	CHECK_INT(table.asked > 0, 1);
	run_done(&run);
}

/* What the signer refuses. */

static const struct {
	const char *what, *message, *text;
} refusals[] = {
	{ "no From", "To: a\r\n\r\n", "the message has no From field, which a signature must cover" },
	{ "empty message", "", "the message has no From field, which a signature must cover" },
	{ "two From", "From: a\r\nfrom: b\r\n\r\n",
	  "2 From fields; RFC 5322 allows one, and readers differ in which they show" },
	{ "two Subject", "From: a\r\nSubject: b\r\nSubject : b\r\n\r\n",
	  "2 Subject fields; RFC 5322 allows one, and readers differ in which they show" },
	{ "two Message-ID", "From: a\r\nMessage-ID: b\r\nmessage-id: b\r\n\r\n",
	  "2 Message-ID fields; RFC 5322 allows one, and readers differ in which they show" },
	{ "no empty line", "From: a\r\nno field\r\n\r\nx\r\n",
	  "line 2 is no header field, and no empty line comes before it" },
};

static void refuse(const char *what, struct view message, const struct dkim_signer *one, const char *headers,
		   const char *text)
{
	static struct dkim_signed made;
	struct dkim_sign_opts opts = {
		.signers = one, .n = 1, .headers = view_str(headers), .timestamp = -1, .expires = -1
	};
	struct source_view source;
	struct diag diag = { 0 };
	tap_case("refused: %s", what);
	source_view_init(&source, message);
	CHECK_INT(dkim_sign(&source.source, &opts, &arena, &made, &diag), ERR_DATA);
	CHECK_STR(diag.text, text);
}

static void test_refused(void)
{
	struct dkim_signer one = signer(rsa, "rsa", 3);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		refuse(refusals[i].what, view_str(refusals[i].message), &one, "", refusals[i].text);
	refuse("NUL in the body", VIEW("From: a\r\n\r\na\0b"), &one, "",
	       "there is a NUL in the body; no mail server accepts that");
	refuse("NUL in the header", VIEW("From: a\0\r\n\r\nab"), &one, "",
	       "there is a NUL in the header block; no mail server accepts that");
	refuse("h= without From", VIEW(HEAD BODY), &one, "To:Subject",
	       "the list of fields to sign must have From in it");
	refuse("h= with an empty name", VIEW(HEAD BODY), &one, "From::To",
	       "the list of fields to sign has an empty name in it");
	tap_case("refused: signers that cannot be");
	struct diag diag;
	CHECK_INT(dkim_signer_check(&one, false, &diag), ERR_DATA);
	CHECK_INT(dkim_signer_check(&one, true, &diag), ERR_OK);
	one.domain = VIEW("b\xc3\xbc.example");
	CHECK_INT(dkim_signer_check(&one, true, &diag), ERR_DATA);
	one = signer(ed, "a;b", 3);
	CHECK_INT(dkim_signer_check(&one, true, &diag), ERR_DATA);
	one = signer(ed, "s", 3);
	one.auid = VIEW("a@example.com");
	CHECK_INT(dkim_signer_check(&one, true, &diag), ERR_DATA);
}

int main(void)
{
	arena_init(&arena);
	dns_table_init(&table, &arena, NULL);
	struct diag diag = { 0 };
	tap_case("zone and keys");
	if (!CHECK_INT(dns_table_load(&table, view_str(zone_rfc), &diag), ERR_OK) ||
	    !CHECK_INT(dns_table_load(&table, view_str(zone), &diag), ERR_OK))
		printf("# line %u: %s\n", diag.line, diag.text);
	CHECK_INT(crypto_key_parse_private(view_str(pem_6376), "rsa", &rsa, &diag), ERR_OK);
	CHECK_INT(crypto_key_parse_private(view_str(seed_8463), "ed", &ed, &diag), ERR_OK);
	test_rfc();
	test_signed();
	test_changes();
	test_records();
	test_policy();
	test_refused();
	crypto_key_close(rsa);
	crypto_key_close(ed);
	arena_done(&arena);
	return tap_done();
}
