#include "http_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_url url;
	struct diag diag;
	struct view in = view_of(data, size);
	if (http_url_parse(in, &url, &diag) != ERR_OK)
		return 0;
	if (url.host.n == 0 || view_has_ctl(in) || view_has_byte(url.host, '@') || view_has_byte(url.host, '/') ||
	    url.port == 0)
		__builtin_trap();
	return 0;
}
