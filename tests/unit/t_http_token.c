#include "http_token.h"

#include "tap.h"

static const struct {
	const char *what;
	unsigned status;
	const char *body;
	enum err err;
	const char *access, *refresh;
	int64_t life;
	const char *says;
} rows[] = {
	{ "RFC 6749 5.1", 200,
	  "{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\",\"token_type\":\"example\",\"expires_in\":3600,"
	  "\"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\",\"example_parameter\":\"example_value\"}",
	  ERR_OK, "2YotnFZFEjr1zCsicMWpAA", "tGzv3JOkF0XG5Qx2TlKWIA", 3600, NULL },
	{ "no refresh token, no life", 200, "{\"access_token\":\"a\"}", ERR_OK, "a", "", HTTP_TOKEN_DEFAULT_S, NULL },
	{ "a quoted life", 200, "{\"access_token\":\"a\",\"expires_in\":\"1800\"}", ERR_OK, "a", "", 1800, NULL },
	{ "a life in the past", 200, "{\"access_token\":\"a\",\"expires_in\":-5}", ERR_OK, "a", "", 0, NULL },
	{ "a life of ages", 200, "{\"access_token\":\"a\",\"expires_in\":9e15}", ERR_OK, "a", "", HTTP_TOKEN_DEFAULT_S,
	  NULL },
	{ "RFC 6749 5.2", 400, "{\"error\":\"invalid_request\"}", ERR_CONFIG, NULL, NULL, 0, "invalid_request" },
	{ "the grant is gone", 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired\"}",
	  ERR_DENIED, NULL, NULL, 0, "invalid_grant: Token has been expired (the refresh token" },
	{ "the client is wrong", 401, "{\"error\":\"invalid_client\"}", ERR_DENIED, NULL, NULL, 0, "client-secret" },
	{ "later", 503, "{\"error\":\"temporarily_unavailable\"}", ERR_TEMP, NULL, NULL, 0, NULL },
	{ "too many", 429, "slow down", ERR_TEMP, NULL, NULL, 0, "answered 429" },
	{ "a page of HTML", 200, "<html>", ERR_PROTOCOL, NULL, NULL, 0, "answered 200 and no token" },
	{ "an error with status 200", 200, "{\"error\":\"invalid_grant\"}", ERR_DENIED, NULL, NULL, 0, NULL },
	{ "nothing", 200, "", ERR_PROTOCOL, NULL, NULL, 0, NULL },
	{ "a list", 200, "[\"access_token\"]", ERR_PROTOCOL, NULL, NULL, 0, NULL },
	{ "a number for a token", 200, "{\"access_token\":1}", ERR_PROTOCOL, NULL, NULL, 0, NULL },
	{ "CR LF in a token", 200, "{\"access_token\":\"a\\r\\nMAIL\"}", ERR_PROTOCOL, NULL, NULL, 0,
	  "a token that is none" },
	{ "a space in the new refresh token", 200, "{\"access_token\":\"a\",\"refresh_token\":\"a b\"}", ERR_PROTOCOL,
	  NULL, NULL, 0, NULL },
	{ "controls in the error are shown escaped", 400, "{\"error\":\"x\\u001b[31m\"}", ERR_CONFIG, NULL, NULL, 0,
	  "x\\x1b[31m" },
	{ "the same key twice", 200, "{\"access_token\":\"a\",\"access_token\":\"b\"}", ERR_PROTOCOL, NULL, NULL, 0,
	  NULL },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("token: %s", rows[i].what);
		HTTP_TOKEN_AUTO struct http_token token = { .expires_at_s = 0 };
		struct diag diag = { .text = "" };
		CHECK_INT(http_token_parse(rows[i].status, view_str(rows[i].body), 1000, &token, &diag), rows[i].err);
		if (rows[i].err == ERR_OK) {
			CHECK_VIEW(crypto_secret_view(&token.access), rows[i].access);
			CHECK_VIEW(crypto_secret_view(&token.refresh), rows[i].refresh);
			CHECK_INT(token.expires_at_s, 1000 + rows[i].life);
		}
		if (rows[i].says != NULL && !CHECK(strstr(diag.text, rows[i].says) != NULL))
			tap_check_bytes(diag.text, strlen(diag.text), rows[i].says, strlen(rows[i].says), __FILE__,
					__LINE__, "text");
	}
	tap_case("form fields");
	CRYPTO_SECRET_AUTO struct crypto_secret form = { 0 };
	http_form_field("grant_type", VIEW("refresh_token"), &form);
	http_form_field("x", VIEW("a b&c=d/\xc3\xa4+~"), &form);
	CHECK_VIEW(crypto_secret_view(&form), "grant_type=refresh_token&x=a%20b%26c%3Dd%2F%C3%A4%2B%7E");
	return tap_done();
}
