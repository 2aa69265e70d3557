#include <stdlib.h>

#include "resolve_conf.h"
#include "resolve_hosts.h"

/* The same text as resolv.conf, as a hosts file and as a server's address. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char wire[] = "\2mx\7example\3org";
	struct view text = view_of(data, size);
	struct resolve_conf conf;
	struct resolve_addr addr;
	struct diag diag;
	struct ip_addr ips[4];
	bool found;
	resolve_conf_parse(text, &conf);
	if (conf.n == 0 || conf.n > RESOLVE_SERVERS_MAX)
		abort();
	if (resolve_addr_parse(text, &addr, &diag) == ERR_OK && addr.port == 0)
		abort();
	size_t n = resolve_hosts_find(text, (struct dname){ view_of(wire, sizeof wire), 3 }, IP_V4, ips, 4, &found);
	if (n > 4 || (n > 0 && !found))
		abort();
	return 0;
}
