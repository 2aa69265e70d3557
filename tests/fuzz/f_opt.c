#include "base_view.h"
#include "opt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct opts {
	bool flag;
	unsigned count;
	enum opt_switch probe;
	const char *text, *netrc, *domain;
	struct opt_texts texts;
	int choice;
	uint64_t choices, number, duration, size;
	struct opt_time time;
	struct ip_addr ip;
	struct opt_ips ips;
	struct opt_endpoint server;
	struct opt_endpoints resolvers;
};

enum { ARGS_MAX = 64 };

static const char *const words[] = { "auto", "always", "never", NULL };

#define AT(m) offsetof(struct opts, m)
static const struct opt table[] = {
	{ 'q', OPT_FLAG, "quiet", NULL, "", NULL, AT(flag) },
	{ 'v', OPT_COUNT, "verbose", NULL, "", NULL, AT(count) },
	{ 0, OPT_SWITCH, "probe", NULL, "", NULL, AT(probe) },
	{ 's', OPT_TEXT, "subject", "TEXT", "", NULL, AT(text), OPT_MULTILINE },
	{ 'n', OPT_FILE, "netrc", "F", "", NULL, AT(netrc), OPT_OPTIONAL },
	{ 'H', OPT_TEXTS, "header", "H", "", NULL, AT(texts) },
	{ 0, OPT_ALIAS, "add-header", "header" },
	{ 0, OPT_CHOICE, "color", "WHEN", "", words, AT(choice) },
	{ 0, OPT_CHOICES, "only", "LIST", "", words, AT(choices) },
	{ 0, OPT_UINT, "number", "N", "", OPT_RANGE(1, 100), AT(number) },
	{ 0, OPT_DURATION, "timeout", "T", "", NULL, AT(duration) },
	{ 0, OPT_SIZE, "size", "S", "", NULL, AT(size) },
	{ 0, OPT_TIME, "now", "T", "", NULL, AT(time) },
	{ 'i', OPT_IP, "ip", "A", "", NULL, AT(ip) },
	{ 0, OPT_IPS, "ips", "A", "", NULL, AT(ips) },
	{ 0, OPT_ENDPOINT, "server", "H", "", NULL, AT(server) },
	{ 0, OPT_ENDPOINTS, "resolver", "H", "", NULL, AT(resolvers), OPT_IP_ONLY },
	{ 'd', OPT_DOMAIN, "domain", "D", "", NULL, AT(domain) },
	{ 0 },
};

/* Arguments parted by NUL or LF. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct opt *const tables[] = { table, NULL };
	struct arena arena = { 0 };
	char program[] = "posthorn";
	char *argv[ARGS_MAX + 2] = { program };
	int argc = 1;
	char *copy = arena_cstr(&arena, view_of(data, size));
	for (size_t start = 0, i = 0; i <= size && argc < ARGS_MAX; i++) {
		if (i < size && copy[i] != '\n' && copy[i] != '\0')
			continue;
		copy[i] = '\0';
		argv[argc++] = copy + start;
		start = i + 1;
	}
	struct opts opts = { 0 };
	struct opt_args args = { .arena = &arena };
	struct diag diag = { .text = "" };
	if (opt_parse(tables, argc, argv, &opts, &args, &diag) != ERR_OK && diag.text[0] == '\0')
		__builtin_trap(); /* a refusal says why */
	arena_done(&arena);
	return 0;
}
