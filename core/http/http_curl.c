#include "http_curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

enum { HTTP_CURL_OLDEST = 0x075500 /* 7.85: CURLOPT_PROTOCOLS_STR */ };

static struct http_curl curl; /* one library, one table: written once, under `once` */
static const char *missing;

static void *open_library(void)
{
	static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4" };
	void *library = NULL;
	for (size_t i = 0; i < ARRAY_LEN(names) && library == NULL; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

/* A data pointer into a function pointer: POSIX says it works, ISO C has no words for it. */
static bool take(void *library, const char *name, void *slot)
{
	void *found = dlsym(library, name);
	memcpy(slot, &found, sizeof found);
	return found != NULL;
}

static bool take_all(void *library)
{
	return take(library, "curl_global_init", &curl.global_init) &&
	       take(library, "curl_easy_init", &curl.easy_init) &&
	       take(library, "curl_easy_setopt", &curl.easy_setopt) &&
	       take(library, "curl_easy_perform", &curl.easy_perform) &&
	       take(library, "curl_easy_getinfo", &curl.easy_getinfo) &&
	       take(library, "curl_easy_reset", &curl.easy_reset) &&
	       take(library, "curl_easy_cleanup", &curl.easy_cleanup) &&
	       take(library, "curl_easy_strerror", &curl.easy_strerror) &&
	       take(library, "curl_slist_append", &curl.slist_append) &&
	       take(library, "curl_slist_free_all", &curl.slist_free_all) &&
	       take(library, "curl_version_info", &curl.version_info);
}

static void open_once(void)
{
	void *library = open_library();
	missing = "HTTPS needs libcurl, which is not installed (Debian: apt install libcurl4)";
	if (library == NULL || !take_all(library))
		return;
	missing = "libcurl is older than 7.85 or does not start (Debian 12 has a newer one: apt install libcurl4)";
	const curl_version_info_data *version = curl.version_info(CURLVERSION_NOW);
	if (version->version_num < HTTP_CURL_OLDEST || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return;
	curl.openssl = version->ssl_version != NULL && strncmp(version->ssl_version, "OpenSSL/", 8) == 0;
	missing = NULL;
}

enum err http_curl_open(const struct http_curl **out, struct diag *diag)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (pthread_once(&once, open_once) != 0)
		base_out_of_memory();
	if (missing != NULL)
		return diag_set(diag, ERR_UNAVAILABLE, "%s", missing);
	*out = &curl;
	return ERR_OK;
}
