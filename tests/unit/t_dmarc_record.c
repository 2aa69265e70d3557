/* RFC 9989 4.7, 4.8, 4.10.1 and the records of appendix B.2 as rows. */
#include "dmarc_from.h"
#include "dmarc_record.h"
#include "tap.h"

static const struct {
	const char *what, *in;
	bool is;
} versions[] = {
	{ "4.8: the version alone", "v=DMARC1", true },
	{ "4.8: with a semicolon", "v=DMARC1;", true },
	{ "4.8: blanks around the equals sign", "v = DMARC1 ; p=none", true },
	{ "4.8: the tag's name in upper case", "V=DMARC1; p=none", true },
	{ "4.7: the value in lower case", "v=dmarc1; p=none", false },
	{ "4.7: another version", "v=DMARC2; p=none", false },
	{ "4.7: DMARC10", "v=DMARC10; p=none", false },
	{ "4.7: not the first tag", "p=none; v=DMARC1", false },
	{ "4.7: no version", "p=none", false },
	{ "4.8: a blank before it", " v=DMARC1; p=none", false },
	{ "4.8: no semicolon behind it", "v=DMARC1 p=none", false },
	{ "4.8: a backslash", "v=DMARC1\\; p=none", false },
	{ "4.8: empty", "", false },
};

static const struct {
	const char *what, *in;
	const char *p, *sp, *np; /* NULL: unset */
	bool applies, replaced;
	unsigned faults;
	unsigned column; /* of the first fault; 0: not checked */
	size_t rua, rua_usable;
} rows[] = {
	{ "B.2.1: monitoring", "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com", "none", .applies = true,
	  .rua = 1, .rua_usable = 1 },
	{ "B.2.2: with failure reports",
	  "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@example.com", "none",
	  .applies = true, .rua = 1, .rua_usable = 1 },
	{ "B.2.5: several addresses, t=y",
	  "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,mailto:tld-test@thirdparty.example.net; t=y",
	  "quarantine", .applies = true, .rua = 2, .rua_usable = 2 },
	{ "B.2.5: reject",
	  "v=DMARC1; p=reject; rua=mailto:dmarc-feedback@example.com, mailto:tld-test@thirdparty.example.net", "reject",
	  .applies = true, .rua = 2, .rua_usable = 2 },
	{ "values without case", "v=DMARC1; p=ReJect; sp=NONE; np=Quarantine", "reject", "none", "quarantine", true },
	{ "order does not matter", "v=DMARC1; sp=none; p=reject", "reject", "none", NULL, true },
	{ "trailing and doubled semicolons", "v=DMARC1;; p=none ; ;", "none", .applies = true },
	{ "4.10.1: no p, no rua", "v=DMARC1;", .replaced = true },
	{ "4.10.1: no p, rua", "v=DMARC1; rua=mailto:a@example.org", .applies = true, .replaced = true, .rua = 1,
	  .rua_usable = 1 },
	{ "4.10.1: bad p, no rua", "v=DMARC1; p=rejected", .replaced = true, .faults = 1, .column = 11 },
	{ "4.10.1: bad p, rua", "v=DMARC1; p=bad; rua=mailto:a@example.org", .applies = true, .replaced = true,
	  .faults = 1, .rua = 1, .rua_usable = 1 },
	{ "4.10.1: bad sp, no rua", "v=DMARC1; p=reject; sp=bad", "reject", .replaced = true, .faults = 1,
	  .column = 21 },
	{ "4.10.1: bad np, rua", "v=DMARC1; p=reject; np=x; rua=mailto:a@example.org", "reject", .applies = true,
	  .replaced = true, .faults = 1, .rua = 1, .rua_usable = 1 },
	{ "4.10.1: no p, broken rua", "v=DMARC1; rua=a@example.org", .replaced = true, .faults = 1, .column = 15,
	  .rua = 1 },
	{ "unknown tags are ignored", "v=DMARC1; p=none; xyz=1", "none", .applies = true, .faults = 1, .column = 19 },
	{ "C.5.2: removed tags", "v=DMARC1; p=none; pct=50; rf=afrf; ri=3600", "none", .applies = true, .faults = 3,
	  .column = 19 },
	{ "a tag twice: the first", "v=DMARC1; p=none; p=reject", "none", .applies = true, .faults = 1, .column = 19 },
	{ "no equals sign", "v=DMARC1; p=none; oops", "none", .applies = true, .faults = 1, .column = 23 },
	{ "digits in a name", "v=DMARC1; p=none; p2=none", "none", .applies = true, .faults = 1, .column = 20 },
	{ "no value", "v=DMARC1; p=; rua=mailto:a@b.example", .applies = true, .replaced = true, .faults = 1, .rua = 1,
	  .rua_usable = 1 },
	{ "an octet that is no ASCII", "v=DMARC1; p=none; rua=mailto:\xc3\xa4@b.example", "none", .applies = true,
	  .faults = 1 },
	{ "4.8: a size limit", "v=DMARC1; p=none; rua=mailto:a@b.example!10m", "none", .applies = true, .faults = 1,
	  .column = 41, .rua = 1, .rua_usable = 1 },
	{ "4.8: an exclamation mark that is no size", "v=DMARC1; p=none; rua=mailto:a!x@b.example", "none",
	  .applies = true, .faults = 1, .rua = 1 },
	{ "RFC 6068: percent-encoding", "v=DMARC1; p=none; rua=mailto:a%21b@b.example?subject=x", "none",
	  .applies = true, .rua = 1, .rua_usable = 1 },
	{ "another scheme is valid", "v=DMARC1; p=none; rua=https://b.example/r", "none", .applies = true, .rua = 1,
	  .rua_usable = 1 },
	{ "an empty element", "v=DMARC1; p=none; rua=mailto:a@b.example,", "none", .applies = true, .faults = 1,
	  .rua = 2, .rua_usable = 1 },
	{ "adkim is wrong: the default", "v=DMARC1; p=none; adkim=x", "none", .applies = true, .faults = 1,
	  .column = 19 },
	{ "fo: lists", "v=DMARC1; p=none; fo=1:d:s", "none", .applies = true },
	{ "fo: 0 and 1 exclude each other", "v=DMARC1; p=none; fo=0:1", "none", .applies = true, .faults = 1 },
};

static void check_policy(enum dmarc_policy got, const char *want)
{
	if (want == NULL)
		CHECK(got == DMARC_UNSET);
	else
		CHECK_STR(got == DMARC_UNSET ? "unset" : dmarc_policy_name(got), want);
}

static const struct {
	const char *what, *in, *domain; /* NULL: the state below */
	enum dmarc_from_state state;
} froms[] = {
	{ "an address", "user@example.org", "example.org", 0 },
	{ "a display name", "A User <user@Example.ORG>", "example.org", 0 },
	{ "a quoted display name with an address in it", "\"ceo@victim.example <x@victim.example>\" <user@example.org>",
	  "example.org", 0 },
	{ "a comment with an address in it", "user@example.org (was: a@victim.example)", "example.org", 0 },
	{ "a comment in the middle", "user(@victim.example)@example.org", "example.org", 0 },
	{ "a quoted local part with @ and <", "\"a@victim.example <b\"@example.org", "example.org", 0 },
	{ "an encoded word that hides an address", "=?utf-8?q?a=40victim.example?= <user@example.org>", "example.org",
	  0 },
	{ "folded", " A User\r\n <user@example.org>", "example.org", 0 },
	{ "a route", "<@relay.example:user@example.org>", "example.org", 0 },
	{ "two mailboxes of one domain", "a@example.org, b@EXAMPLE.org", "example.org", 0 },
	{ "two domains", "a@example.org, b@victim.example", NULL, DMARC_FROM_MULTIPLE },
	{ "two domains, one a subdomain", "a@example.org, b@mail.example.org", NULL, DMARC_FROM_MULTIPLE },
	{ "a group", "Team: a@example.org, b@example.org;", "example.org", 0 },
	{ "an empty group", "undisclosed:;", NULL, DMARC_FROM_NONE },
	{ "a group and an address of another domain", "Team: a@example.org;, b@victim.example", NULL,
	  DMARC_FROM_MULTIPLE },
	{ "U-labels",
	  "a@b\xc3\xbc"
	  "cher.example",
	  "xn--bcher-kva.example", 0 },
	{ "U-label and A-label of one domain",
	  "a@b\xc3\xbc"
	  "cher.example, b@xn--bcher-kva.example",
	  "xn--bcher-kva.example", 0 },
	{ "a final dot", "<a@example.org.>", "example.org", 0 },
	{ "a literal", "a@[192.0.2.1]", NULL, DMARC_FROM_NONE },
	{ "a bare name", "root", NULL, DMARC_FROM_NONE },
	{ "empty", "", NULL, DMARC_FROM_NONE },
	{ "angle brackets with nothing in them", "Name <>", NULL, DMARC_FROM_NONE },
	{ "two at signs", "a@example.org@victim.example", NULL, DMARC_FROM_BROKEN },
	{ "two pairs of angle brackets", "<a@example.org><b@victim.example>", NULL, DMARC_FROM_BROKEN },
};

static void test_from(void)
{
	struct arena arena = { 0 };
	struct dmarc_from from;
	for (size_t i = 0; i < ARRAY_LEN(froms); i++) {
		tap_case("from: %s", froms[i].what);
		dmarc_from_value(view_str(froms[i].in), &arena, &from);
		CHECK_INT(from.state, froms[i].state);
		if (froms[i].domain != NULL && CHECK(from.state == DMARC_FROM_OK))
			CHECK_VIEW(dname_text(&arena, from.domain), froms[i].domain);
	}
	static const struct {
		const char *what, *head;
		enum dmarc_from_state state;
	} heads[] = {
		{ "no field", "To: a@b.example\r\n\r\n", DMARC_FROM_NONE },
		{ "two fields, one domain", "From: a@b.example\r\nFrom: c@b.example\r\n\r\n", DMARC_FROM_OK },
		{ "two fields, two domains", "From: a@b.example\r\nfrom : c@d.example\r\n\r\n", DMARC_FROM_MULTIPLE },
	};
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct msg_head head;
		tap_case("from: %s", heads[i].what);
		if (CHECK(msg_head_parse(view_str(heads[i].head), NULL, &arena, &head, NULL) == ERR_OK)) {
			dmarc_from_head(&head, &arena, &from);
			CHECK_INT(from.state, heads[i].state);
		}
	}
	arena_done(&arena);
}

int main(void)
{
	struct arena arena = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		tap_case("%s", versions[i].what);
		CHECK_INT(dmarc_record_is(view_str(versions[i].in)), versions[i].is);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dmarc_record record;
		tap_case("%s", rows[i].what);
		dmarc_record_parse(view_str(rows[i].in), &arena, &record);
		check_policy(record.p, rows[i].p);
		check_policy(record.sp, rows[i].sp);
		check_policy(record.np, rows[i].np);
		CHECK_INT(record.applies, rows[i].applies);
		CHECK_INT(record.replaced, rows[i].replaced);
		CHECK_INT(record.faults.n, rows[i].faults);
		CHECK_INT(record.rua.n, rows[i].rua);
		CHECK_INT(record.rua.usable, rows[i].rua_usable);
		if (rows[i].column > 0 && record.faults.n > 0)
			CHECK_INT(record.faults.at[0].column, rows[i].column);
	}
	test_from();
	arena_done(&arena);
	return tap_done();
}
