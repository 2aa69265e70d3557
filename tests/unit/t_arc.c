#include <stdio.h>

#include "arc.h"
#include "dns_table.h"
#include "tap.h"

#define MESSAGE                                                                                                        \
	"From: joe@example.org\r\nTo: list@example.net\r\nSubject: chain\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n" \
	"\r\nHello.\r\n"

/* RFC 8032 7.1 test 1, the key of RFC 8463. */
static const char seed[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n";
static const char zone[] =
	"s._domainkey.a.example TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	"s._domainkey.b.example TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	"s._domainkey.slow.example TXT!timeout\n";

static struct arena arena;
static struct dns_table table;
static struct crypto_key *key;

static struct arc arc;
static struct dkim_input input;
static struct dkim_bodies bodies;
static struct dkim_keys keys;

static enum arc_result judge(struct view message)
{
	struct source_view source;
	source_view_init(&source, message);
	dkim_input_init(&input);
	dkim_bodies_init(&bodies);
	dkim_keys_init(&keys, &table.resolver, view_none(), ARC_KEYS_MAX, &arena);
	CHECK_INT(dkim_input_open(&input, &source.source, &arena, NULL), ERR_OK);
	arc_begin(&arc, &input.head, &bodies, &keys, &arena, 2000);
	size_t body = dkim_bodies_want(&bodies, DKIM_RELAXED, CRYPTO_SHA256, false, 0);
	CHECK_INT(dkim_bodies_read(&bodies, &input, NULL, NULL), ERR_OK);
	arc_end(&arc);
	return body < bodies.n ? arc.result : ARC_FAIL;
}

static void judged(void)
{
	dkim_keys_done(&keys);
	dkim_bodies_done(&bodies);
	dkim_input_done(&input);
}

static enum arc_result result_of(struct view message)
{
	enum arc_result result = judge(message);
	judged();
	return result;
}

static struct view seal(struct view message, const char *domain, enum err want)
{
	struct dkim_signer signer = { .domain = view_str(domain),
				      .selector = VIEW("s"),
				      .key = key,
				      .header = DKIM_RELAXED,
				      .body = DKIM_RELAXED };
	struct authres results = { .id = view_str(domain) };
	(void)judge(message);
	arc_add_verdict(&arc, &results, &arena);
	size_t body = dkim_bodies_want(&bodies, DKIM_RELAXED, CRYPTO_SHA256, false, 0);
	struct view fields = view_none();
	struct diag diag = { 0 };
	if (!CHECK_INT(arc_seal(&arc, &signer, &results, &bodies.at[body].hash, 1000, &arena, &fields, &diag), want))
		printf("# %s\n", diag.text);
	judged();
	return view_str(arena_printf(&arena, "%.*s%.*s", VIEW_ARG(fields), VIEW_ARG(message)));
}

/* The message with the first `from` replaced; a row says how many times it is looked for from the top. */
static struct view replaced(struct view message, const char *from, const char *to)
{
	size_t at = view_find(message, view_str(from));
	if (!CHECK(at != SIZE_MAX))
		return message;
	return view_str(arena_printf(&arena, "%.*s%s%.*s", (int)at, message.p, to,
				     VIEW_ARG(view_from(message, at + strlen(from)))));
}

static struct view without_field(struct view message, const char *start)
{
	size_t at = view_find(message, view_str(start)), end = at;
	if (!CHECK(at != SIZE_MAX))
		return message;
	do
		end += view_find(view_from(message, end), VIEW("\r\n")) + 2;
	while (view_at(message, end) == ' ');
	return view_str(arena_printf(&arena, "%.*s%.*s", (int)at, message.p, VIEW_ARG(view_from(message, end))));
}

static const struct {
	const char *what, *from, *to;
	enum arc_result result;
	const char *reason;
} rows[] = {
	{ "5.2 step 4: body", "Hello", "hello", ARC_FAIL, "ARC-Message-Signature 2: the body was changed since" },
	{ "5.2 step 4: signed field", "Subject: chain", "Subject: [list] chain", ARC_FAIL,
	  "ARC-Message-Signature 2: a signed header field was changed since, or the key is another one" },
	{ "5.2 step 4: white space is forgiven by relaxed", "Subject: chain", "subject:  chain ", ARC_PASS, NULL },
	{ "5.2 step 6: results of the newest set", " b.example;\r\n arc=pass", " b.example;\r\n arc=fail", ARC_FAIL,
	  "ARC-Seal 2: an ARC field was changed since, or the key is another one" },
	{ "5.2 step 6: results of an older set", " a.example;\r\n arc=none", " a.example;\r\n arc=pass", ARC_FAIL,
	  "ARC-Seal 2: an ARC field was changed since, or the key is another one" },
	{ "an unsigned field may come", "From: joe", "X-New: 1\r\nFrom: joe", ARC_PASS, NULL },
	{ "names without case", "ARC-Seal: i=2", "arc-SEAL: i=2", ARC_PASS, NULL },
	{ "tag names with case", "a=ed25519-sha256; cv=pass", "A=ed25519-sha256; cv=pass", ARC_FAIL,
	  "ARC-Seal 2: a= is missing" },
	{ "a tag twice", "cv=pass;", "cv=pass; cv=pass;", ARC_FAIL, "ARC-Seal without a valid i= (1 to 50)" },
	{ "cv= missing", " cv=pass;", "", ARC_FAIL, "ARC-Seal 2: cv= is missing" },
	{ "cv= empty", "cv=pass", "cv=", ARC_FAIL, "ARC-Seal 2 must say cv=pass" },
	{ "cv=none above 1", "cv=pass", "cv=none", ARC_FAIL, "ARC-Seal 2 must say cv=pass" },
	{ "cv=fail on top", "cv=pass", "cv=fail", ARC_FAIL,
	  "the chain was broken already when b.example sealed it (cv=fail)" },
	{ "cv=pass at 1", "cv=none", "cv=pass", ARC_FAIL, "ARC-Seal 1 must say cv=none" },
	{ "cv= of no value", "cv=pass", "cv=maybe", ARC_FAIL, "ARC-Seal 2: cv=maybe is none of none, pass and fail" },
	{ "h= in a seal", "cv=pass;", "cv=pass; h=from;", ARC_FAIL,
	  "ARC-Seal 2: an ARC-Seal must have no h= (RFC 8617 4.1.3)" },
	{ "i=0", "ARC-Seal: i=2", "ARC-Seal: i=0", ARC_FAIL, "ARC-Seal without a valid i= (1 to 50)" },
	{ "i=51", "ARC-Seal: i=2", "ARC-Seal: i=51", ARC_FAIL, "ARC-Seal without a valid i= (1 to 50)" },
	{ "two seals of one instance", "ARC-Seal: i=2", "ARC-Seal: i=1", ARC_FAIL, "two ARC-Seal fields with i=1" },
	{ "a gap", "ARC-Authentication-Results: i=2", "ARC-Authentication-Results: i=3", ARC_FAIL,
	  "set 2 has no ARC-Authentication-Results" },
	{ "results without i=", "ARC-Authentication-Results: i=2; ", "ARC-Authentication-Results: ", ARC_FAIL,
	  "ARC-Authentication-Results without a valid i= (1 to 50)" },
	{ "h= of an AMS holds ARC-Seal (4.1.2)", "h=From:", "h=arc-seal:From:", ARC_FAIL,
	  "ARC-Message-Signature 2: h= must not sign ARC-Seal (RFC 8617 4.1.2)" },
	{ "bh= missing", " bh=", " xh=", ARC_FAIL, "ARC-Message-Signature 2: bh= is missing" },
	{ "unknown tag breaks the seal only where it is signed", "cv=pass;", "cv=pass; zz=1;", ARC_FAIL,
	  "ARC-Seal 2: an ARC field was changed since, or the key is another one" },
	{ "unknown algorithm", "a=ed25519-sha256; cv=pass", "a=rsa-sha512; cv=pass", ARC_FAIL,
	  "ARC-Seal 2: a=rsa-sha512 is no algorithm known here" },
	{ "no key", "ARC-Seal: i=2; a=ed25519-sha256; cv=pass; d=b.example",
	  "ARC-Seal: i=2; a=ed25519-sha256; cv=pass; d=c.example", ARC_FAIL, NULL },
	{ "time-out is no verdict", "ARC-Seal: i=2; a=ed25519-sha256; cv=pass; d=b.example",
	  "ARC-Seal: i=2; a=ed25519-sha256; cv=pass; d=slow.example", ARC_TEMPERROR, NULL },
};

static void test_rows(struct view chain)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("chain of two: %s", rows[i].what);
		CHECK_INT(judge(replaced(chain, rows[i].from, rows[i].to)), rows[i].result);
		if (rows[i].reason != NULL)
			CHECK_STR(arc.reason != NULL ? arc.reason : "(none)", rows[i].reason);
		judged();
	}
	static const char *const fields[] = { "ARC-Seal: i=2",
					      "ARC-Seal: i=1",
					      "ARC-Message-Signature: i=2",
					      "ARC-Message-Signature: i=1",
					      "ARC-Authentication-Results: i=2",
					      "ARC-Authentication-Results: i=1" };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		tap_case("chain of two without %s", fields[i]);
		CHECK_INT(result_of(without_field(chain, fields[i])), ARC_FAIL);
	}
}

int main(void)
{
	arena_init(&arena);
	dns_table_init(&table, &arena, NULL);
	tap_case("zone and key");
	CHECK_INT(dns_table_load(&table, view_str(zone), NULL), ERR_OK);
	CHECK_INT(crypto_key_parse_private(view_str(seed), "key", &key, NULL), ERR_OK);

	tap_case("no set is none (5.2 step 1)");
	struct view message = view_str(MESSAGE);
	CHECK_INT(result_of(message), ARC_NONE);
	tap_case("sealed once, twice");
	struct view one = seal(message, "a.example", ERR_OK), two = seal(one, "b.example", ERR_OK);
	CHECK_INT(result_of(one), ARC_PASS);
	CHECK_INT(judge(two), ARC_PASS);
	CHECK_INT(arc.n, 2);
	CHECK_INT(arc.oldest_pass, 1);
	judged();
	test_rows(two);

	tap_case("changed between two seals: the chain holds, oldest-pass tells (5.2 step 5)");
	struct view later = seal(replaced(one, "Hello", "Hallo"), "b.example", ERR_OK);
	CHECK_INT(result_of(later), ARC_FAIL); /* b found the chain broken and said cv=fail */
	tap_case("a chain marked fail takes no more sets (5.1)");
	(void)seal(later, "a.example", ERR_DATA);
	tap_case("fifty sets, and not one more (4.2.1)");
	struct view many = message;
	for (int i = 0; i < 50; i++)
		many = seal(many, i % 2 == 0 ? "a.example" : "b.example", ERR_OK);
	CHECK_INT(result_of(many), ARC_PASS);
	(void)seal(many, "a.example", ERR_DATA);
	tap_case("the verdict as a record");
	struct authres record = { 0 };
	CHECK_INT(judge(two), ARC_PASS);
	arc_add_verdict(&arc, &record, &arena);
	CHECK_INT(record.at[0].result, AUTHRES_PASS);
	CHECK_VIEW(authres_prop(&record.at[0], "header", "oldest-pass"), "0");
	judged();
	crypto_key_close(key);
	arena_done(&arena);
	return tap_done();
}
