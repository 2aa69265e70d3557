#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "base_err.h"

/*
 * libcurl, opened at run time (linking it would cost every start 3 ms). Its functions under their own names without
 * "curl_"; types and numbers come from its header.
 */
struct http_curl {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
	CURLcode (*easy_perform)(CURL *easy);
	CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
	void (*easy_reset)(CURL *easy);
	void (*easy_cleanup)(CURL *easy);
	const char *(*easy_strerror)(CURLcode code);
	struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
	void (*slist_free_all)(struct curl_slist *list);
	curl_version_info_data *(*version_info)(CURLversion age);
	bool openssl; /* its TLS is OpenSSL's: a hashed directory works and is cheap */
};

/*
 * Opened once for the process, never closed (libcurl leaves threads and exit handlers behind).
 * errors  ERR_UNAVAILABLE (not installed, or older than 7.85)
 */
MUST_CHECK enum err http_curl_open(const struct http_curl **out, struct diag *diag);
