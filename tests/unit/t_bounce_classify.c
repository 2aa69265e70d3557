#include "bounce_classify.h"
#include "tap.h"

/* One reply each, as servers say them; the category follows from the reason unless a rule says otherwise. */
static const struct {
	const char *text;
	enum bounce_reason reason;
	enum bounce_hard hard;
} rows[] = {
	{ "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 - gsmtp", BOUNCE_USER_UNKNOWN,
	  BOUNCE_HARD_YES },
	{ "452-4.2.2 The recipient's inbox is out of storage space. 452 4.2.2 - gsmtp", BOUNCE_MAILBOX_FULL,
	  BOUNCE_HARD_NO },
	{ "550-5.7.26 Your email has been blocked because the sender is unauthenticated. - gsmtp", BOUNCE_AUTH_FAILURE,
	  BOUNCE_HARD_NO },
	{ "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail. - gsmtp", BOUNCE_RATE_LIMITED,
	  BOUNCE_HARD_NO },
	{ "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", BOUNCE_USER_UNKNOWN, BOUNCE_HARD_YES },
	{ "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", BOUNCE_USER_UNKNOWN,
	  BOUNCE_HARD_YES },
	{ "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. part of their network is on our block list "
	  "(S3140). [outlook.com]",
	  BOUNCE_BLOCKED, BOUNCE_HARD_NO },
	{ "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
	  BOUNCE_RATE_LIMITED, BOUNCE_HARD_NO },
	{ "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", BOUNCE_BLOCKED,
	  BOUNCE_HARD_NO },
	{ "450 4.2.0 <a@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example",
	  BOUNCE_GREYLISTED, BOUNCE_HARD_NO },
	{ "550 5.1.1 <a@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
	  BOUNCE_USER_UNKNOWN, BOUNCE_HARD_YES },
	{ "Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found",
	  BOUNCE_HOST_UNKNOWN, BOUNCE_HARD_YES },
	{ "Host or domain name not found. Name service error for name=example.org type=MX: Host not found, try again",
	  BOUNCE_NETWORK_ERROR, BOUNCE_HARD_NO },
	{ "556 5.1.10 Domain does not accept mail (nullMX)", BOUNCE_NULL_MX, BOUNCE_HARD_YES },
	{ "450 4.1.8 <b@example.org>: Sender address rejected: Domain not found", BOUNCE_SENDER_REJECTED,
	  BOUNCE_HARD_NO },
	{ "550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", BOUNCE_NO_PTR,
	  BOUNCE_HARD_NO },
	{ "552 5.3.4 Message size exceeds fixed limit", BOUNCE_TOO_LARGE, BOUNCE_HARD_NO },
	{ "454 4.7.1 <a@example.org>: Relay access denied", BOUNCE_RELAY_DENIED, BOUNCE_HARD_NO },
	{ "452 4.3.1 Insufficient system storage", BOUNCE_SYSTEM_FULL, BOUNCE_HARD_NO },
	{ "530 5.7.0 Must issue a STARTTLS command first", BOUNCE_TLS_FAILED, BOUNCE_HARD_NO },
	{ "554 5.6.11 Message contains bare line feeds", BOUNCE_NOT_COMPLIANT, BOUNCE_HARD_NO },
	{ "550 5.2.0", BOUNCE_UNDEFINED, BOUNCE_HARD_NO },
	{ "", BOUNCE_UNDEFINED, BOUNCE_HARD_NO },
};

static void reply_rows(struct bounce_classifier *classifier)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%.60s", rows[i].text);
		struct bounce_verdict verdict;
		bounce_classify_reply(classifier, view_str(rows[i].text), view_none(), BOUNCE_COMMAND_NONE, &verdict);
		CHECK_STR(bounce_reason_name(verdict.reason), bounce_reason_name(rows[i].reason));
		CHECK_INT(verdict.hard, rows[i].hard);
	}
}

static void code_rows(void)
{
	static const struct {
		const char *text;
		unsigned reply, class, subject, detail;
	} codes[] = {
		{ "550 5.1.1 no", 550, 5, 1, 1 },
		{ "550-5.7.26 no", 550, 5, 7, 26 },
		{ "host mx[192.0.2.1] said: 554 no", 554, 0, 0, 0 },
		{ "smtp; 450 4.2.2 <a@b>", 450, 4, 2, 2 },
		{ "sorry (#5.1.2)", 0, 5, 1, 2 },
		{ "connect to 5.1.1.9:25", 0, 0, 0, 0 },
		{ "queue id 5501234 at 4.4.2-1", 0, 0, 0, 0 },
		{ "https://example.org/?550", 0, 0, 0, 0 },
		{ "status 3.1.1, 600, 199", 0, 0, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		tap_case("codes of '%s'", codes[i].text);
		unsigned reply;
		struct bounce_status status;
		bounce_text_codes(view_str(codes[i].text), &reply, &status);
		CHECK_INT(reply, codes[i].reply);
		CHECK_INT(status.class, codes[i].class);
		CHECK_INT(status.subject, codes[i].subject);
		CHECK_INT(status.detail, codes[i].detail);
	}
}

static void text_rows(void)
{
	static const struct {
		const char *in, *out;
	} texts[] = {
		{ "550-5.7.1 Our  system\r\n550-5.7.1 has\n550 5.7.1 spoken", "our system has spoken" },
		{ "<A@Example.ORG>: refused by [192.0.2.1]", "<@a>: refused by [#i]" },
		{ "recipient\xe2\x80\x99s box", "recipient's box" },
		{ "a\xc2\xa0 b", "a b" },
		{ "550 no", "no" },
		{ "5501 no", "5501 no" },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		tap_case("normal form of '%s'", texts[i].out);
		BUF_AUTO struct buf out;
		buf_init(&out, 200);
		bounce_text_normalise(view_str(texts[i].in), &out);
		CHECK_VIEW(view_trim(buf_view(&out)), texts[i].out);
	}
}

static void user_rules(struct bounce_classifier *classifier)
{
	static const char rules[] = "# ours\n"
				    "[provider corp]\nhost = *.corp.example\n"
				    "[rule quota]\n"
				    "provider = corp\n"
				    "text     = \"over its limit\" &\n"
				    "\t!('temporarily' | \"for now\")\n"
				    "code     = 5.2.* 552\n"
				    "reason   = mailbox_full\nhard = yes\ncategory = content\n";
	struct arena arena = { 0 };
	struct bounce_ruleset set;
	struct diag diag = { .text = "" };
	struct bounce_verdict verdict;
	tap_case("a person's rules come first, with provider, codes and all operators");
	CHECK_INT(bounce_rules_parse(view_str(rules), "x.rules", &arena, &set, &diag), ERR_OK);
	CHECK_INT(bounce_classifier_add(classifier, &set, &diag), ERR_OK);
	bounce_classify_reply(classifier, VIEW("552 5.2.9 It is over its limit"), VIEW("mx.CORP.example"), 0, &verdict);
	CHECK_STR(verdict.rule, "quota");
	CHECK_STR(verdict.provider, "corp");
	CHECK_INT(verdict.category, BOUNCE_CONTENT);
	CHECK_INT(verdict.hard, BOUNCE_HARD_YES);
	tap_case("the same text elsewhere, negated or with another code is not theirs");
	bounce_classify_reply(classifier, VIEW("552 5.2.9 It is over its limit"), VIEW("mx.example"), 0, &verdict);
	CHECK(verdict.rule == NULL || strcmp(verdict.rule, "quota") != 0);
	bounce_classify_reply(classifier, VIEW("552 5.2.9 temporarily over its limit"), VIEW("a.corp.example"), 0,
			      &verdict);
	CHECK(verdict.rule == NULL || strcmp(verdict.rule, "quota") != 0);
	bounce_classify_reply(classifier, VIEW("450 4.2.9 over its limit"), VIEW("a.corp.example"), 0, &verdict);
	CHECK(verdict.rule == NULL || strcmp(verdict.rule, "quota") != 0);
	arena_done(&arena);
}

static void rule_errors(void)
{
	static const struct {
		const char *text, *says;
		unsigned line;
	} bad[] = {
		{ "reason = spam\n", "before the first", 1 },
		{ "[rule]\n", "expected [rule NAME]", 1 },
		{ "[rule a]\nreason = none\n", "no such reason", 2 },
		{ "[rule a]\ntext = \"x\" &\nreason = spam\n", "expected", 2 },
		{ "[rule a]\ntext = (\"x\"\nreason = spam\n", "expected", 2 },
		{ "[rule a]\ntext = \"\"\nreason = spam\n", "expected", 2 },
		{ "[rule a]\ncode = 5.1\nreason = spam\n", "no code", 2 },
		{ "[rule a]\nprovider = nobody\nreason = spam\n", "no [provider nobody]", 2 },
		{ "\n[rule a]\n\ntext = 'x'\n", "has no reason", 2 },
		{ "[rule a]\ncolour = red\n", "no such key", 2 },
		{ "[provider a]\nreason = spam\n", "no such key", 2 },
		{ "[rule a]\npriority = high\nreason = spam\n", "number", 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("refused: %.40s", bad[i].says);
		struct arena arena = { 0 };
		struct bounce_ruleset set;
		struct diag diag = { .text = "" };
		CHECK(bounce_rules_parse(view_str(bad[i].text), "x.rules", &arena, &set, &diag) != ERR_OK);
		CHECK(strstr(diag.text, bad[i].says) != NULL);
		CHECK_INT(diag.line, bad[i].line);
		arena_done(&arena);
	}
}

static void whole_words(void)
{
	tap_case("overlapping phrases, whole words and suffixes of each other");
	static const struct bounce_ac_word words[] = { { VIEW_INIT("he"), false },
						       { VIEW_INIT("she"), false },
						       { VIEW_INIT("hers"), false },
						       { VIEW_INIT("rbl"), true },
						       { VIEW_INIT("rbl"), false } };
	struct arena arena = { 0 };
	struct bounce_ac ac;
	bounce_ac_build(words, ARRAY_LEN(words), &arena, &ac);
	struct bounce_hits hits = { { 0 } };
	bounce_ac_scan(&ac, VIEW("ushers rbld"), &hits);
	CHECK(bounce_hit(&hits, 0) && bounce_hit(&hits, 1) && bounce_hit(&hits, 2));
	CHECK(!bounce_hit(&hits, 3) && bounce_hit(&hits, 4));
	hits = (struct bounce_hits){ { 0 } };
	bounce_ac_scan(&ac, VIEW("an rbl"), &hits);
	CHECK(bounce_hit(&hits, 3) && !bounce_hit(&hits, 0));
	arena_done(&arena);
}

static void every_word_is_known(void)
{
	tap_case("every reason and category is found by its own name, any way it is spelt");
	enum bounce_reason reason;
	enum bounce_category category;
	for (unsigned i = 0; i < BOUNCE_REASON_COUNT; i++) {
		CHECK(bounce_reason_parse(view_str(bounce_reason_name((enum bounce_reason)i)), &reason) && reason == i);
		CHECK(bounce_reason_help((enum bounce_reason)i) != NULL);
	}
	CHECK(bounce_reason_parse(VIEW("User-Unknown"), &reason) && reason == BOUNCE_USER_UNKNOWN);
	CHECK(bounce_reason_parse(VIEW("userunknown"), &reason) && reason == BOUNCE_USER_UNKNOWN);
	CHECK(!bounce_reason_parse(VIEW("user"), &reason));
	for (unsigned i = 0; i < BOUNCE_CATEGORY_COUNT; i++)
		CHECK(bounce_category_parse(view_str(bounce_category_name((enum bounce_category)i)), &category) &&
		      category == i);
}

int main(void)
{
	struct bounce_classifier classifier;
	bounce_classifier_init(&classifier);
	reply_rows(&classifier);
	code_rows();
	text_rows();
	user_rules(&classifier);
	rule_errors();
	whole_words();
	every_word_is_known();
	bounce_classifier_done(&classifier);
	return tap_done();
}
