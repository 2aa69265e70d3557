#include "http.h"

#include "https_peer.h"
#include "tap.h"

static char dir[] = "/tmp/posthorn-test-XXXXXX";
static char ca_path[64];
static struct tls_cert ca, good, wrong;
static const struct ip_addr loopback = { IP_V4, { 127, 0, 0, 1 } };

static const struct https_page pages[] = {
	{ .path = "/policy",
	  .answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
		    "16\r\n\r\nversion: STSv1\r\n" },
	{ .path = "/missing", .answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/moved",
	  .answer = "HTTP/1.1 301 Moved\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/large", .answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", .zeros = 70000 },
	{ .path = "/large-told", .answer = "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n", .zeros = 70000 },
	{ .path = "/slow", .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .wait_ms = 600 },
	{ .path = "/none", .answer = "" },
	{ .path = "/cut", .answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort" },
	{ .path = "/noise", .answer = "250 this is SMTP\r\n" },
};

static const struct {
	const char *what, *path, *host;
	bool strange_ca;
	const struct tls_cert *cert;
	size_t max;
	int64_t timeout_ms;
	enum err err;
	unsigned status;
	size_t body;
	const char *says;
} rows[] = {
	{ "a page", "/policy", "localhost", false, &good, 65536, 0, ERR_OK, 200, 16, NULL },
	{ "a page of just the length allowed", "/policy", "localhost", false, &good, 16, 0, ERR_OK, 200, 16, NULL },
	{ "one octet longer than allowed", "/policy", "localhost", false, &good, 15, 0, ERR_LIMIT, 0, 0, "15 octets" },
	{ "any status is an answer", "/missing", "localhost", false, &good, 100, 0, ERR_OK, 404, 0, NULL },
	{ "no redirect is followed (RFC 8461 3.3)", "/moved", "localhost", false, &good, 100, 0, ERR_OK, 301, 0, NULL },
	{ "longer than allowed, length not told", "/large", "localhost", false, &good, 65536, 0, ERR_LIMIT, 0, 0,
	  NULL },
	{ "longer than allowed, length told", "/large-told", "localhost", false, &good, 65536, 0, ERR_LIMIT, 0, 0,
	  NULL },
	{ "a server that is too slow", "/slow", "localhost", false, &good, 100, 200, ERR_TEMP, 0, 0, "timed out" },
	{ "a server that hangs up", "/none", "localhost", false, &good, 100, 0, ERR_TEMP, 0, 0, NULL },
	{ "a body that is cut off", "/cut", "localhost", false, &good, 200, 0, ERR_TEMP, 0, 0, NULL },
	{ "not HTTP", "/noise", "localhost", false, &good, 100, 0, ERR_PROTOCOL, 0, 0, NULL },
	{ "another name in the certificate", "/policy", "localhost", false, &wrong, 100, 0, ERR_PROTOCOL, 0, 0, NULL },
	{ "a name that is ours to resolve", "/policy", "mta-sts.example", false, &good, 100, 0, ERR_OK, 200, 16, NULL },
	{ "a CA that is not trusted", "/policy", "localhost", true, &good, 100, 0, ERR_PROTOCOL, 0, 0, NULL },
};

static enum err fetch(struct http *http, const struct https_peer *peer, const char *host, const char *path,
		      struct http_request request, struct http_response *response, struct diag *diag)
{
	char url[200];
	(void)snprintf(url, sizeof url, "%s://%s:%u%s", peer->clear ? "http" : "https", host, peer->port, path);
	request.url = view_str(url);
	if (request.addrs == NULL) {
		request.addrs = &loopback;
		request.addr_count = 1;
	}
	return http_fetch(http, &request, response, diag);
}

static void test_rows(struct http *http)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("fetch: %s", rows[i].what);
		struct https_peer peer = { .cert = rows[i].cert, .pages = pages, .page_count = ARRAY_LEN(pages) };
		struct http_request request = { .max_octets = rows[i].max,
						.timeout_ms = rows[i].timeout_ms,
						.ca_file = rows[i].strange_ca ? NULL : ca_path };
		struct http_response response = { .status = 0 };
		struct diag diag = { .text = "" };
		https_start(&peer);
		CHECK_INT(fetch(http, &peer, rows[i].host, rows[i].path, request, &response, &diag), rows[i].err);
		if (rows[i].err == ERR_OK) {
			CHECK_INT(response.status, rows[i].status);
			CHECK_INT(response.body.n, rows[i].body);
		}
		if (rows[i].says != NULL && !CHECK(strstr(diag.text, rows[i].says) != NULL))
			printf("# says: %s\n", diag.text);
		if (rows[i].status == 301)
			CHECK_STR(response.location, "https://evil.example/");
		if (rows[i].status == 200)
			CHECK_STR(response.content_type, "text/plain; charset=utf-8");
		https_stop(&peer);
		buf_done(&response.body);
	}
}

static void test_post(struct http *http)
{
	tap_case("POST: body, type and headers arrive");
	static const char *const headers[] = { "Accept: application/json" };
	struct https_peer peer = { .cert = &good, .pages = pages, .page_count = ARRAY_LEN(pages) };
	struct http_request request = { .max_octets = 100,
					.ca_file = ca_path,
					.headers = headers,
					.header_count = 1,
					.body = VIEW("a=b&c=d"),
					.content_type = "application/x-www-form-urlencoded" };
	struct http_response response = { .status = 0 };
	https_start(&peer);
	CHECK_INT(fetch(http, &peer, "localhost", "/policy", request, &response, NULL), ERR_OK);
	CHECK(strncmp(peer.last, "POST /policy HTTP/", 18) == 0);
	CHECK(strstr(peer.last, "\r\nContent-Type: application/x-www-form-urlencoded\r\n") != NULL);
	CHECK(strstr(peer.last, "\r\nAccept: application/json\r\n") != NULL);
	CHECK(strstr(peer.last, "\r\nUser-Agent: posthorn\r\n") != NULL);
	CHECK(strstr(peer.last, "\r\n\r\na=b&c=d") != NULL);
	https_stop(&peer);
	buf_done(&response.body);
}

static void test_addresses(struct http *http)
{
	struct https_peer peer = { .cert = &good, .pages = pages, .page_count = ARRAY_LEN(pages), .clear = 1 };
	struct http_response response = { .status = 0 };
	struct diag diag = { .text = "" };
	https_start(&peer);
	tap_case("http:// to loopback is fine");
	CHECK_INT(fetch(http, &peer, "localhost", "/policy", (struct http_request){ .max_octets = 100 }, &response,
			&diag),
		  ERR_OK);
	tap_case("http:// to others is refused before anything is sent");
	struct ip_addr public = { IP_V4, { 192, 0, 2, 1 } };
	struct http_request request = { .max_octets = 100, .addrs = &public, .addr_count = 1 };
	CHECK_INT(fetch(http, &peer, "a.example", "/policy", request, &response, &diag), ERR_DENIED);
	tap_case("without an address nobody is asked");
	request.addr_count = 0;
	CHECK_INT(fetch(http, &peer, "a.example", "/policy", request, &response, &diag), ERR_BUG);
	tap_case("nobody listens: temporary");
	https_stop(&peer);
	CHECK_INT(fetch(http, &peer, "localhost", "/policy", (struct http_request){ .max_octets = 100 }, &response,
			&diag),
		  ERR_TEMP);
	buf_done(&response.body);
}

static int jobs_done;

static void job_done(struct http_job *job)
{
	jobs_done++;
	CHECK_INT(job->err, ERR_OK);
	CHECK_INT(job->response.status, 200);
}

static void test_jobs(struct http *http)
{
	tap_case("ten in the background");
	struct https_peer peer = { .cert = &good, .pages = pages, .page_count = ARRAY_LEN(pages) };
	char url[200];
	static struct http_job jobs[10];
	https_start(&peer);
	(void)snprintf(url, sizeof url, "https://localhost:%u/policy", peer.port);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		jobs[i] = (struct http_job){ .request = { .url = view_str(url),
							  .addrs = &loopback,
							  .addr_count = 1,
							  .max_octets = 100,
							  .ca_file = ca_path },
					     .done = job_done };
		CHECK_INT(http_start(http, &jobs[i], NULL), ERR_OK);
	}
	struct pollfd wait = { http_fd(http), POLLIN, 0 };
	while (jobs_done < (int)ARRAY_LEN(jobs) && poll(&wait, 1, 5000) == 1)
		http_collect(http);
	CHECK_INT(jobs_done, 10);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		buf_done(&jobs[i].response.body);
	https_stop(&peer);
}

static void test_close(void)
{
	tap_case("closed in the middle of a slow answer: at once");
	struct https_peer peer = { .cert = &good, .pages = pages, .page_count = ARRAY_LEN(pages) };
	char url[200];
	struct http *http = NULL;
	https_start(&peer);
	(void)snprintf(url, sizeof url, "https://localhost:%u/slow", peer.port);
	CHECK_INT(http_open(&http, NULL), ERR_OK);
	struct http_job job = { .request = { .url = view_str(url),
					     .addrs = &loopback,
					     .addr_count = 1,
					     .max_octets = 100,
					     .ca_file = ca_path } };
	CHECK_INT(http_start(http, &job, NULL), ERR_OK);
	(void)usleep(100000);
	http_close(http);
	CHECK(job.err != ERR_OK);
	buf_done(&job.response.body);
	https_stop(&peer);
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
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(ca_path, sizeof ca_path, "%s/ca.pem", dir);
	ca = tls_cert_make(&(struct tls_cert_spec){ .cn = "Test CA", .ca = 1 });
	good = tls_cert_make(&(struct tls_cert_spec){ .san = "DNS:localhost,DNS:mta-sts.example", .issuer = &ca });
	wrong = tls_cert_make(&(struct tls_cert_spec){ .san = "DNS:other.example", .issuer = &ca });
	tls_cert_save(&ca, ca_path, 1, 0);
	test_rows(http);
	test_post(http);
	test_addresses(http);
	test_jobs(http);
	test_close();
	http_close(http);
	tls_cert_free(&ca);
	tls_cert_free(&good);
	tls_cert_free(&wrong);
	(void)remove(ca_path);
	(void)rmdir(dir);
	return tap_done();
}
