#include "dkim_key.h"
#include "dkim_signature.h"
#include "tap.h"

static struct arena arena;

/* RFC 6376 3.2 */
static const struct {
	const char *what, *in;
	enum err err;
	size_t n;
} lists[] = {
	{ "one tag", "a=1", ERR_OK, 1 },
	{ "semicolon at the end", "a=1; b=2;", ERR_OK, 2 },
	{ "white space and folds around everything", " a = 1 \r\n ;\r\n\tb\t=\t2 ; ", ERR_OK, 2 },
	{ "no space at all", "a=1;b=2", ERR_OK, 2 },
	{ "empty value", "a=;b=", ERR_OK, 2 },
	{ "\"=\" in a value", "b=a=b==", ERR_OK, 1 },
	{ "digits and underscore in a name", "a1_b=x", ERR_OK, 1 },
	{ "UTF-8 in a value (RFC 8616)", "i=\xc3\xa4@x", ERR_OK, 1 },
	{ "names have case", "a=1; A=2", ERR_OK, 2 },
	{ "a tag twice", "a=1; b=2; a=1", ERR_DATA, 0 },
	{ "empty", "", ERR_SYNTAX, 0 },
	{ "only white space", " \r\n ", ERR_SYNTAX, 0 },
	{ "only a semicolon", ";", ERR_SYNTAX, 0 },
	{ "two semicolons", "a=1;; b=2", ERR_SYNTAX, 0 },
	{ "no \"=\"", "a=1; b", ERR_SYNTAX, 0 },
	{ "name starts with a digit", "1a=1", ERR_SYNTAX, 0 },
	{ "name with a hyphen", "a-b=1", ERR_SYNTAX, 0 },
	{ "no name", "=1", ERR_SYNTAX, 0 },
	{ "semicolon missing", "a=1 b=2", ERR_OK, 1 },
	{ "control character", "a=\x01", ERR_SYNTAX, 0 },
};

#define ED "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* RFC 6376 3.6.1 */
static const struct {
	const char *what, *in;
	enum err err;
	bool revoked, sha256, email, testing, strict;
} keys[] = {
	{ "RFC 8463 4.1", "v=DKIM1; k=ed25519; p=" ED, ERR_OK, false, true, true, false, false },
	{ "p= alone", "p=AAAA", ERR_OK, false, true, true, false, false },
	{ "p= with white space in it", "p=AA AA\tBB\r\n BB", ERR_OK, false, true, true, false, false },
	{ "p= empty: revoked", "v=DKIM1; p=", ERR_OK, true, true, true, false, false },
	{ "h= list with white space", "h=sha1 : sha256; p=AAAA", ERR_OK, false, true, true, false, false },
	{ "h= without sha256", "h=sha1; p=AAAA", ERR_OK, false, false, true, false, false },
	{ "h= of unknown ones beside it", "h=sha256:sha512; p=AAAA", ERR_OK, false, true, true, false, false },
	{ "s=email", "s=email; p=AAAA", ERR_OK, false, true, true, false, false },
	{ "s=*", "s=x:*; p=AAAA", ERR_OK, false, true, true, false, false },
	{ "s= of something else", "s=x; p=AAAA", ERR_OK, false, true, false, false, false },
	{ "t=y:s", "t=y : s; p=AAAA", ERR_OK, false, true, true, true, true },
	{ "t= of unknown flags", "t=zz; p=AAAA", ERR_OK, false, true, true, false, false },
	{ "g=, n=, unknown tags", "g=x; n=hello world; zz=1; p=AAAA", ERR_OK, false, true, true, false, false },
	{ "v= not first", "k=rsa; v=DKIM1; p=AAAA", ERR_DATA, false, false, false, false, false },
	{ "v=DKIM2", "v=DKIM2; p=AAAA", ERR_DATA, false, false, false, false, false },
	{ "v=dkim1: values have case", "v=dkim1; p=AAAA", ERR_DATA, false, false, false, false, false },
	{ "k=dsa", "k=dsa; p=AAAA", ERR_DATA, false, false, false, false, false },
	{ "no p=", "v=DKIM1; k=rsa", ERR_SYNTAX, false, false, false, false, false },
	{ "p= is no base64", "p=?", ERR_SYNTAX, false, false, false, false, false },
	{ "another record", "v=spf1 -all", ERR_DATA, false, false, false, false, false },
	{ "p= twice", "p=AAAA; p=BBBB", ERR_SYNTAX, false, false, false, false, false },
};

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define TAIL "d=example.org; s=s; h=from; " BH "; b=AAAA"

/* RFC 6376 3.5, 6.1.1 */
static const struct {
	const char *what, *in;
	enum err err;
	const char *text;
} mails[] = {
	{ "least", "v=1; a=rsa-sha256; " TAIL, ERR_OK, NULL },
	{ "b= first", "b=AAAA; v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH, ERR_OK, NULL },
	{ "c=relaxed", "v=1; a=rsa-sha256; c=relaxed; " TAIL, ERR_OK, NULL },
	{ "i= below d=", "v=1; a=rsa-sha256; i=@mail.example.org; " TAIL, ERR_OK, NULL },
	{ "i= with a quoted-printable \"@\" before", "v=1; a=rsa-sha256; i=a=40b@example.org; " TAIL, ERR_OK, NULL },
	{ "unknown tags", "v=1; a=rsa-sha256; zz=1; r=y; " TAIL, ERR_OK, NULL },
	{ "q= with more than one", "v=1; a=rsa-sha256; q=x/y:dns/txt; " TAIL, ERR_OK, NULL },
	{ "l= of 76 digits",
	  "v=1; a=rsa-sha256; l=9999999999999999999999999999999999999999999999999999999999999999999999999999; " TAIL,
	  ERR_OK, NULL },
	{ "d= in capitals", "v=1; a=rsa-sha256; d=EXAMPLE.org; s=S; h=FROM; " BH "; b=AAAA", ERR_OK, NULL },
	{ "x= equals t=", "v=1; a=rsa-sha256; t=5; x=5; " TAIL, ERR_OK, NULL },
	{ "no v=", "a=rsa-sha256; " TAIL, ERR_SYNTAX, "v= is missing" },
	{ "v=2", "v=2; a=rsa-sha256; " TAIL, ERR_SYNTAX, "v=2 is not 1" },
	{ "no a=", "v=1; " TAIL, ERR_SYNTAX, "a= is missing" },
	{ "unknown a=", "v=1; a=rsa-sha512; " TAIL, ERR_SYNTAX, "a=rsa-sha512 is no algorithm known here" },
	{ "unknown c=", "v=1; a=rsa-sha256; c=nofws; " TAIL, ERR_SYNTAX, "c=nofws is no canonicalization known here" },
	{ "no d=", "v=1; a=rsa-sha256; s=s; h=from; " BH "; b=AAAA", ERR_SYNTAX, "d= is missing" },
	{ "no s=", "v=1; a=rsa-sha256; d=example.org; h=from; " BH "; b=AAAA", ERR_SYNTAX, "s= is missing" },
	{ "no h=", "v=1; a=rsa-sha256; d=example.org; s=s; " BH "; b=AAAA", ERR_SYNTAX, "h= is missing" },
	{ "no bh=", "v=1; a=rsa-sha256; d=example.org; s=s; h=from; b=AAAA", ERR_SYNTAX, "bh= is missing" },
	{ "no b=", "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH, ERR_SYNTAX, "b= is missing" },
	{ "b= empty", "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH "; b=", ERR_SYNTAX, "b= is empty" },
	{ "b= is no base64", "v=1; a=rsa-sha256; d=example.org; s=s; h=from; " BH "; b=@", ERR_SYNTAX,
	  "b= is not base64" },
	{ "bh= of the wrong length", "v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=AAAA; b=AAAA", ERR_SYNTAX,
	  "bh= holds 3 octets, not the 32 of rsa-sha256" },
	{ "From not signed", "v=1; a=rsa-sha256; d=example.org; s=s; h=to:subject; " BH "; b=AAAA", ERR_DATA,
	  "From is not signed (h=)" },
	{ "empty name in h=", "v=1; a=rsa-sha256; d=example.org; s=s; h=from::to; " BH "; b=AAAA", ERR_SYNTAX,
	  "h= has an empty name in it" },
	{ "a tag twice", "v=1; a=rsa-sha256; d=example.net; " TAIL, ERR_SYNTAX, "d= comes twice" },
	{ "i= elsewhere", "v=1; a=rsa-sha256; i=@example.com; " TAIL, ERR_DATA,
	  "i=@example.com is not in the domain d=example.org" },
	{ "i= above d=", "v=1; a=rsa-sha256; i=@org; " TAIL, ERR_DATA, "i=@org is not in the domain d=example.org" },
	{ "i= that only ends alike", "v=1; a=rsa-sha256; i=@notexample.org; " TAIL, ERR_DATA,
	  "i=@notexample.org is not in the domain d=example.org" },
	{ "i= without \"@\"", "v=1; a=rsa-sha256; i=example.org; " TAIL, ERR_SYNTAX, "i=example.org has no \"@\"" },
	{ "x= before t=", "v=1; a=rsa-sha256; t=6; x=5; " TAIL, ERR_DATA, "it expires (x=) before it was made (t=)" },
	{ "t= is no number", "v=1; a=rsa-sha256; t=now; " TAIL, ERR_SYNTAX, "t=now is no time (1 to 12 digits)" },
	{ "l= is negative", "v=1; a=rsa-sha256; l=-1; " TAIL, ERR_SYNTAX, "l=-1 is no number" },
	{ "q= offers nothing known", "v=1; a=rsa-sha256; q=http; " TAIL, ERR_SYNTAX, "q=http does not offer dns/txt" },
	{ "U-labels in d= (RFC 8616)", "v=1; a=rsa-sha256; d=b\xc3\xbc.example; s=s; h=from; " BH "; b=AAAA",
	  ERR_SYNTAX, "d=b\xc3\xbc.example must be written in A-labels (xn--, RFC 8616)" },
	{ "d= is no name", "v=1; a=rsa-sha256; d=a..b; s=s; h=from; " BH "; b=AAAA", ERR_SYNTAX,
	  "d=a..b is no domain name" },
	{ "s= with a space", "v=1; a=rsa-sha256; d=a.b; s=a b; h=from; " BH "; b=AAAA", ERR_SYNTAX,
	  "s=a b is no domain name" },
	{ "no tag list", "hello", ERR_SYNTAX, "\"=\" is missing at octet 9" },
};

static void test_lists(void)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct dkim_tags tags;
		tap_case("tag list: %s", lists[i].what);
		CHECK_INT(dkim_tags_parse(view_str(lists[i].in), &tags, NULL), lists[i].err);
		if (lists[i].err == ERR_OK)
			CHECK_INT(tags.n, lists[i].n);
	}
	tap_case("tag list: the limit of tags");
	BUF_AUTO struct buf many;
	buf_init(&many, DKIM_TAG_LIST_MAX * 2);
	struct dkim_tags tags;
	for (int i = 0; i < DKIM_TAGS_MAX; i++)
		buf_printf(&many, "a%d=1;", i);
	CHECK_INT(dkim_tags_parse(buf_view(&many), &tags, NULL), ERR_OK);
	buf_str(&many, "b=1");
	CHECK_INT(dkim_tags_parse(buf_view(&many), &tags, NULL), ERR_LIMIT);
	buf_fill(&many, ' ', DKIM_TAG_LIST_MAX);
	CHECK_INT(dkim_tags_parse(buf_view(&many), &tags, NULL), ERR_LIMIT);
}

static void test_keys(void)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct dkim_key_record got = { 0 };
		tap_case("key record: %s", keys[i].what);
		CHECK_INT(dkim_key_parse(view_str(keys[i].in), &arena, &got, NULL), keys[i].err);
		CHECK_INT(got.revoked, keys[i].revoked);
		CHECK_INT(got.sha256, keys[i].sha256);
		CHECK_INT(got.email, keys[i].email);
		CHECK_INT(got.testing, keys[i].testing);
		CHECK_INT(got.strict, keys[i].strict);
	}
}

static void test_signatures(void)
{
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct dkim_signature got;
		struct diag diag = { 0 };
		tap_case("signature: %s", mails[i].what);
		struct view raw = view_str(arena_printf(&arena, "DKIM-Signature: %s\r\n", mails[i].in));
		CHECK_INT(dkim_signature_parse(DKIM_KIND_MAIL, raw, false, &arena, &got, &diag), mails[i].err);
		if (mails[i].text != NULL)
			CHECK_STR(diag.text, mails[i].text);
	}
	tap_case("old mail: v= and From may be missing");
	struct dkim_signature got;
	struct view raw = VIEW("DKIM-Signature: a=rsa-sha1; d=a.b; s=s; h=to; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA");
	CHECK_INT(dkim_signature_parse(DKIM_KIND_MAIL, raw, true, &arena, &got, NULL), ERR_OK);
	CHECK_INT(dkim_signature_parse(DKIM_KIND_MAIL, raw, false, &arena, &got, NULL), ERR_SYNTAX);
}

static void test_blanking(void)
{
	static const struct {
		const char *what, *in, *out;
	} rows[] = {
		{ "b= in the middle", "DKIM-Signature: v=1; b=AA\r\n AA; a=rsa-sha256; d=b=.c",
		  "dkim-signature:v=1; b=; a=rsa-sha256; d=b=.c" },
		{ "the same text elsewhere stays", "DKIM-Signature: bh=AAAA; zb=AAAA; b=AAAA",
		  "dkim-signature:bh=AAAA; zb=AAAA; b=" },
		{ "white space around the value goes too (3.7)", "DKIM-Signature: b = \r\n\t AAAA \r\n ; v=1",
		  "dkim-signature:b =; v=1" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		struct dkim_tags tags;
		tap_case("blanked by position: %s", rows[i].what);
		struct view raw = view_str(rows[i].in);
		CHECK_INT(dkim_tags_parse(view_from(raw, 15), &tags, NULL), ERR_OK);
		dkim_signature_canon(DKIM_RELAXED, raw, dkim_tags_find(&tags, "b")->span, &out);
		CHECK_VIEW(buf_view(&out), rows[i].out);
	}
}

int main(void)
{
	arena_init(&arena);
	test_lists();
	test_keys();
	test_signatures();
	test_blanking();
	arena_done(&arena);
	return tap_done();
}
