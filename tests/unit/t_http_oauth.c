#include "http_oauth.h"

#include <sys/stat.h>

#include "base_file.h"
#include "https_peer.h"
#include "tap.h"

#define JSON_ANSWER(status, body)                                                                                      \
	"HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body

static char dir[] = "/tmp/posthorn-test-XXXXXX";
static char ca_path[64], cache_path[64], lock_path[80], url[100];
static struct tls_cert ca, good;

static const struct https_page plain[] = {
	{ .path = "/token", .answer = JSON_ANSWER("200 OK", "{\"access_token\":\"first\",\"expires_in\":3600}") }
};
static const struct https_page rotating[] = { { .path = "/token",
						.answer = JSON_ANSWER(
							"200 OK", "{\"access_token\":\"second\",\"expires_in\":3600,"
								  "\"refresh_token\":\"new refresh\"}") } };
static const struct https_page rotated[] = { { .path = "/token",
					       .answer = JSON_ANSWER("200 OK",
								     "{\"access_token\":\"third\",\"expires_in\":3600,"
								     "\"refresh_token\":\"refresh-2\"}") } };
static const struct https_page dead[] = {
	{ .path = "/token", .answer = JSON_ANSWER("400 Bad Request", "{\"error\":\"invalid_grant\"}") }
};

struct found {
	struct http_oauth_addrs base;
	int asked;
};

static enum err find_loopback(struct http_oauth_addrs *self, struct view at, const struct ip_addr **addrs,
			      size_t *count, struct diag *diag)
{
	static const struct ip_addr loopback = { IP_V4, { 127, 0, 0, 1 } };
	(void)at, (void)diag;
	((struct found *)self)->asked++;
	*addrs = &loopback;
	*count = 1;
	return ERR_OK;
}

struct world {
	struct env_fixed fixed;
	struct env env;
	struct crypto_secret refresh, client;
	struct http_oauth oauth;
	struct found found;
};

static void world_init(struct world *world)
{
	*world = (struct world){ .fixed = { .wall_us = 1000000000 }, .found = { .base = { find_loopback } } };
	world->env = env_of_fixed(&world->fixed);
	crypto_secret_set(&world->refresh, VIEW("old refresh"));
	crypto_secret_set(&world->client, VIEW("s&cret"));
	world->oauth = (struct http_oauth){ .name = "work",
					    .token_url = view_str(url),
					    .client_id = VIEW("id"),
					    .scope = VIEW("https://mail.example/"),
					    .client_secret = &world->client,
					    .refresh_token = &world->refresh,
					    .cache_path = cache_path,
					    .ca_file = ca_path };
}

static void world_done(struct world *world)
{
	crypto_secret_done(&world->refresh);
	crypto_secret_done(&world->client);
}

static void check_token(struct world *world, bool fresh, enum err err, const char *token)
{
	CRYPTO_SECRET_AUTO struct crypto_secret out = { 0 };
	struct diag diag = { .text = "" };
	if (!CHECK_INT(http_oauth_token(&world->oauth, &world->found.base, &world->env, fresh, &out, &diag), err))
		printf("# %s\n", diag.text);
	if (err == ERR_OK)
		CHECK_VIEW(crypto_secret_view(&out), token);
	else
		CHECK(strncmp(diag.text, "oauth work: ", 12) == 0 || err == ERR_DENIED);
}

static void serve(struct https_peer *peer, const struct https_page *pages)
{
	*peer = (struct https_peer){ .cert = &good, .pages = pages, .page_count = 1 };
	https_start(peer);
	(void)snprintf(url, sizeof url, "https://localhost:%u/token", peer->port);
}

static void test_life(void)
{
	struct https_peer peer;
	struct world world;
	serve(&peer, plain);
	world_init(&world);

	tap_case("the first token is asked for, with everything the server wants to know");
	check_token(&world, false, ERR_OK, "first");
	CHECK_INT(peer.served, 1);
	CHECK(strstr(peer.last,
		     "grant_type=refresh_token&refresh_token=old%20refresh&client_id=id&client_secret=s%26cret&"
		     "scope=https%3A%2F%2Fmail.example%2F") != NULL);
	struct stat st;
	CHECK(stat(cache_path, &st) == 0 && (st.st_mode & 0777) == 0600);

	tap_case("while it is good it comes from the cache, without DNS or network");
	world.fixed.wall_us += 3539 * (int64_t)1000000;
	check_token(&world, false, ERR_OK, "first");
	CHECK_INT(peer.served, 1);
	CHECK_INT(world.found.asked, 1);

	tap_case("a minute before its end, and when the mail server refused it, another is asked for");
	world.fixed.wall_us += 1000000;
	check_token(&world, false, ERR_OK, "first");
	CHECK_INT(peer.served, 2);
	check_token(&world, true, ERR_OK, "first");
	CHECK_INT(peer.served, 3);

	tap_case("another configured refresh token: the cache is not for it");
	crypto_secret_set(&world.refresh, VIEW("authorized again"));
	check_token(&world, false, ERR_OK, "first");
	CHECK_INT(peer.served, 4);
	CHECK(strstr(peer.last, "refresh_token=authorized%20again&") != NULL);

	tap_case("a cache that is damaged is asked anew; one that others can read is refused");
	CHECK_INT(file_replace(cache_path, VIEW("{"), 0600, NULL), ERR_OK);
	check_token(&world, false, ERR_OK, "first");
	CHECK_INT(chmod(cache_path, 0644), 0);
	check_token(&world, false, ERR_DENIED, NULL);
	(void)unlink(cache_path);

	tap_case("no refresh token is configured");
	crypto_secret_set(&world.refresh, view_none());
	check_token(&world, false, ERR_CONFIG, NULL);
	world_done(&world);
	https_stop(&peer);
}

static void test_rotation(void)
{
	struct https_peer peer;
	struct world world;
	tap_case("a refresh token that is none is refused, the cache stays as it was");
	serve(&peer, rotating);
	world_init(&world);
	check_token(&world, false, ERR_PROTOCOL, NULL);
	CHECK(access(cache_path, F_OK) != 0);
	https_stop(&peer);

	tap_case("a new refresh token is kept and used from then on");
	serve(&peer, rotated);
	world.oauth.token_url = view_str(url);
	check_token(&world, false, ERR_OK, "third");
	check_token(&world, true, ERR_OK, "third");
	CHECK(strstr(peer.last, "refresh_token=refresh-2&") != NULL);
	https_stop(&peer);

	tap_case("and still when the server then sends none");
	serve(&peer, plain);
	world.oauth.token_url = view_str(url);
	check_token(&world, true, ERR_OK, "first");
	check_token(&world, true, ERR_OK, "first");
	CHECK(strstr(peer.last, "refresh_token=refresh-2&") != NULL);
	https_stop(&peer);

	tap_case("a grant that is gone needs a person");
	serve(&peer, dead);
	world.oauth.token_url = view_str(url);
	check_token(&world, true, ERR_DENIED, NULL);
	https_stop(&peer);

	tap_case("the token of before is still there");
	check_token(&world, false, ERR_OK, "first");
	world_done(&world);
}

int main(void)
{
	struct http *http = NULL;
	struct diag diag;
	if (http_open(&http, &diag) != ERR_OK) {
		tap_case("libcurl is there");
		tap_skip(diag.text);
		return tap_done();
	}
	http_close(http);
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(ca_path, sizeof ca_path, "%s/ca.pem", dir);
	(void)snprintf(cache_path, sizeof cache_path, "%s/token", dir);
	(void)snprintf(lock_path, sizeof lock_path, "%s.lock", cache_path);
	ca = tls_cert_make(&(struct tls_cert_spec){ .cn = "Test CA", .ca = 1 });
	good = tls_cert_make(&(struct tls_cert_spec){ .san = "DNS:localhost", .issuer = &ca });
	tls_cert_save(&ca, ca_path, 1, 0);
	test_life();
	test_rotation();
	tls_cert_free(&ca);
	tls_cert_free(&good);
	(void)remove(ca_path);
	(void)remove(cache_path);
	(void)remove(lock_path);
	(void)rmdir(dir);
	return tap_done();
}
