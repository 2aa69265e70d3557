#include <stdio.h>
#include <string.h>

#include "base_show.h"
#include "crypto_trust.h"
#include "http_priv.h"

enum { HTTP_RESOLVE_MAX = 1024, HTTP_HEADER_ROOM = 64 << 10 };

/* What libcurl's callbacks need. */
struct transfer {
	struct http *http;
	struct http_response *response;
	size_t headers; /* octets of header so far */
	bool too_long;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	buf_put(&transfer->response->body, view_of(bytes, size * count));
	transfer->too_long = transfer->too_long || transfer->response->body.over;
	return transfer->too_long ? 0 : size * count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	struct view line = view_trim(view_of(bytes, size * count));
	struct http_response *response = transfer->response;
	transfer->headers += size * count;
	transfer->too_long = transfer->headers > HTTP_HEADER_ROOM;
	if (view_starts(line, VIEW("HTTP/"))) /* after a 100 the real head comes */
		response->location[0] = '\0';
	if (view_starts_case(line, VIEW("location:"))) {
		struct view where = view_trim(view_from(line, 9));
		if (where.n < sizeof response->location && !view_has_byte(where, '\0'))
			(void)snprintf(response->location, sizeof response->location, "%.*s", VIEW_ARG(where));
	}
	return transfer->too_long ? 0 : size * count;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&((struct transfer *)ctx)->http->closing) ? 1 : 0;
}

/* "host:port:addr,[addr]": libcurl then asks nobody. */
static void write_resolve(const struct http_url *url, const struct http_request *request, struct buf *out)
{
	bool v6_host = view_has_byte(url->host, ':');
	buf_printf(out, v6_host ? "[%.*s]:%u:" : "%.*s:%u:", VIEW_ARG(url->host), url->port);
	for (size_t i = 0; i < request->addr_count && i < HTTP_ADDRS; i++) {
		const struct ip_addr *ip = &request->addrs[i];
		buf_printf(out, ip->family == IP_V6 ? "%s[%s]" : "%s%s", i == 0 ? "" : ",", IP_SHOW(ip));
	}
}

static bool all_loopback(const struct http_request *request)
{
	for (size_t i = 0; i < request->addr_count; i++) {
		if (!ip_is_loopback(&request->addrs[i]))
			return false;
	}
	return true;
}

static enum err check(const struct http_request *request, struct http_url *url, struct diag *diag)
{
	enum err err = http_url_parse(request->url, url, diag);
	if (err != ERR_OK)
		return err;
	if (request->addr_count == 0)
		return diag_set(diag, ERR_BUG, "%s: no address was looked up", SHOW(url->host));
	if (!url->tls && !request->clear && !all_loopback(request))
		return diag_set(diag, ERR_DENIED, "%s: only https:// is used here", SHOW(request->url));
	return ERR_OK;
}

struct lists {
	struct curl_slist *resolve, *headers;
};

static bool add(const struct http_curl *curl, struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = curl->slist_append(*list, text);
	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static bool set_lists(const struct http_curl *curl, CURL *easy, const struct http_url *url,
		      const struct http_request *request, struct lists *lists)
{
	BUF_AUTO struct buf resolve;
	char type[300];
	buf_init(&resolve, HTTP_RESOLVE_MAX);
	write_resolve(url, request, &resolve);
	bool ok = buf_err(&resolve) == ERR_OK && add(curl, &lists->resolve, resolve.p);
	for (size_t i = 0; i < request->header_count && i < HTTP_HEADERS; i++)
		ok = ok && add(curl, &lists->headers, request->headers[i]);
	if (request->content_type != NULL) {
		(void)snprintf(type, sizeof type, "Content-Type: %s", request->content_type);
		ok = ok && add(curl, &lists->headers, type);
	}
	return ok && curl->easy_setopt(easy, CURLOPT_RESOLVE, lists->resolve) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_HTTPHEADER, lists->headers) == CURLE_OK;
}

static bool set_trust(const struct http_curl *curl, CURL *easy, const char *ca_file)
{
	bool ok = curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	struct crypto_trust trust = { NULL, ca_file };
	if (ca_file == NULL && !(curl->openssl && crypto_trust_find(&trust)))
		return ok; /* another TLS library: what libcurl was built with */
	return ok && curl->easy_setopt(easy, CURLOPT_CAINFO, trust.file) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_CAPATH, trust.dir) == CURLE_OK;
}

static bool set_request(const struct http_curl *curl, CURL *easy, const char *url, const struct http_request *request)
{
	long timeout = request->timeout_ms > 0 ? (long)request->timeout_ms : HTTP_TIMEOUT_MS;
	bool ok = curl->easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout) == CURLE_OK &&
		  curl->easy_setopt(easy, CURLOPT_USERAGENT, "posthorn") == CURLE_OK;
	if (all_loopback(request)) /* a proxy cannot reach our loopback */
		ok = ok && curl->easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
	if (request->body.p != NULL)
		ok = ok && curl->easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
		     curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n) == CURLE_OK &&
		     curl->easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.p) == CURLE_OK;
	return ok;
}

static bool set_callbacks(const struct http_curl *curl, CURL *easy, struct transfer *transfer, char *why)
{
	return curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_XFERINFODATA, transfer) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, why) == CURLE_OK;
}

static enum err explain(const struct http_curl *curl, CURLcode code, const struct transfer *transfer,
			const struct http_url *url, const char *why, struct diag *diag)
{
	enum err err = ERR_PROTOCOL;
	if (transfer->too_long)
		return diag_set(diag, ERR_LIMIT, "%s: the answer is longer than the %zu octets that are read",
				SHOW(url->host), transfer->response->body.max);
	switch ((int)code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
	case CURLE_ABORTED_BY_CALLBACK:
		err = ERR_TEMP;
		break;
	default:
		break;
	}
	return diag_set(diag, err, "%s: %s", SHOW(url->host),
			SHOW(view_str(why[0] != '\0' ? why : curl->easy_strerror(code))));
}

static void read_result(const struct http_curl *curl, CURL *easy, struct http_response *response)
{
	long status = 0;
	const char *type = NULL;
	(void)curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl->easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	response->status = status < 0 ? 0 : (unsigned)status;
	(void)snprintf(response->content_type, sizeof response->content_type, "%s", type == NULL ? "" : type);
}

enum err http_perform(struct http *http, CURL *easy, const struct http_request *request, struct http_response *response,
		      struct diag *diag)
{
	const struct http_curl *curl = http->curl;
	struct http_url url;
	struct lists lists = { NULL, NULL };
	struct transfer transfer = { http, response, 0, false };
	char why[CURL_ERROR_SIZE] = "", text[HTTP_URL_MAX + 1];
	enum err err = check(request, &url, diag);
	if (err != ERR_OK)
		return err;
	(void)snprintf(text, sizeof text, "%.*s", VIEW_ARG(request->url));
	response->location[0] = response->content_type[0] = '\0';
	buf_done(&response->body);
	buf_init(&response->body, request->max_octets < HTTP_BODY_MAX ? request->max_octets : HTTP_BODY_MAX);
	curl->easy_reset(easy);
	bool set = set_request(curl, easy, text, request) && set_trust(curl, easy, request->ca_file) &&
		   set_lists(curl, easy, &url, request, &lists) && set_callbacks(curl, easy, &transfer, why);
	CURLcode code = set ? curl->easy_perform(easy) : CURLE_FAILED_INIT;
	if (code == CURLE_OK)
		read_result(curl, easy, response);
	else
		err = explain(curl, code, &transfer, &url, why, diag);
	curl->slist_free_all(lists.resolve);
	curl->slist_free_all(lists.headers);
	return err;
}
