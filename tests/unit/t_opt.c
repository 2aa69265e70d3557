/* The option parser: every kind, every form of writing, every refusal with its text. */
#include <stdio.h>

#include "opt.h"
#include "tap.h"

struct opts {
	bool flag, other;
	unsigned count;
	enum opt_switch probe;
	const char *text, *body, *netrc, *domain, *file;
	struct opt_texts texts;
	int choice, dry;
	uint64_t choices, number, duration, size;
	struct opt_time time;
	struct ip_addr ip;
	struct opt_ips ips;
	struct opt_endpoint server;
	struct opt_endpoints resolvers;
	bool help;
};

static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const drys[] = { "off", "render", "connect", NULL };

#define AT(m) offsetof(struct opts, m)

static const struct opt table[] = {
	{ 0, OPT_HEADING, "Heading" },
	{ 'q', OPT_FLAG, "quiet", NULL, "", NULL, AT(flag) },
	{ 'o', OPT_FLAG, "other", NULL, "", NULL, AT(other) },
	{ 'v', OPT_COUNT, "verbose", NULL, "", NULL, AT(count) },
	{ 0, OPT_SWITCH, "probe", NULL, "", NULL, AT(probe) },
	{ 's', OPT_TEXT, "subject", "TEXT", "", NULL, AT(text) },
	{ 0, OPT_TEXT, "body", "TEXT", "", NULL, AT(body), OPT_MULTILINE },
	{ 0, OPT_FILE, "netrc", "F", "", NULL, AT(netrc), OPT_OPTIONAL },
	{ 'H', OPT_TEXTS, "header", "H", "", NULL, AT(texts) },
	{ 0, OPT_ALIAS, "add-header", "header" },
	{ 0, OPT_FILE, "raw", "F", "", NULL, AT(file) },
	{ 0, OPT_ALIAS, "data", "raw", NULL, NULL, 0, OPT_AT_FILE },
	{ 0, OPT_CHOICE, "color", "WHEN", "", colors, AT(choice) },
	{ 0, OPT_CHOICE, "dry-run", "HOW", "", drys, AT(dry), OPT_OPTIONAL },
	{ 0, OPT_CHOICES, "only", "LIST", "", colors, AT(choices) },
	{ 'p', OPT_UINT, "port", "N", "", OPT_RANGE(1, 65535), AT(number) },
	{ 0, OPT_DURATION, "expire", "T", "", NULL, AT(duration) },
	{ 0, OPT_SIZE, "size", "N", "", NULL, AT(size) },
	{ 0, OPT_TIME, "now", "T", "", NULL, AT(time) },
	{ 'i', OPT_IP, "ip", "A", "", NULL, AT(ip) },
	{ 0, OPT_IPS, "ips", "A", "", NULL, AT(ips) },
	{ 0, OPT_ENDPOINT, "server", "H", "", NULL, AT(server) },
	{ 0, OPT_ENDPOINTS, "resolver", "H", "", NULL, AT(resolvers), OPT_IP_ONLY },
	{ 'd', OPT_DOMAIN, "domain", "D", "", NULL, AT(domain) },
	{ 'I', OPT_FLAG, NULL, NULL, "", NULL, 0, OPT_IGNORED },
	{ 'O', OPT_TEXT, NULL, "X", "", NULL, 0, OPT_IGNORED },
	{ 0, OPT_FLAG, "help", NULL, "", NULL, AT(help) },
	{ 0 },
};

enum { ARGV_MAX = 12 };

struct parsed {
	struct arena arena;
	struct opts opts;
	struct opt_args args;
	struct diag diag;
	enum err err;
};

static void parse(struct parsed *p, const char *const *words)
{
	static const struct opt *const tables[] = { table, NULL };
	char *argv[ARGV_MAX + 1] = { 0 };
	int argc = 0;
	*p = (struct parsed){ 0 };
	arena_init(&p->arena);
	argv[argc++] = arena_cstr(&p->arena, VIEW("test"));
	for (; words[argc - 1] != NULL && argc < ARGV_MAX; argc++)
		argv[argc] = arena_cstr(&p->arena, view_str(words[argc - 1]));
	p->args.arena = &p->arena;
	p->err = opt_parse(tables, argc, argv, &p->opts, &p->args, &p->diag);
}

#define PARSE(p, ...) parse(&(p), (const char *const[]){ __VA_ARGS__, NULL })
#define CHECK_TEXT(got, want) CHECK_STR((got) != NULL ? (got) : "(null)", (want))

static void test_forms(void)
{
	struct parsed p;

	tap_case("flags bundled, repeated, in front of a value");
	PARSE(p, "-qvv", "-ovsHello");
	CHECK_INT(p.err, ERR_OK);
	CHECK(p.opts.flag && p.opts.other);
	CHECK_INT(p.opts.count, 3);
	CHECK_TEXT(p.opts.text, "Hello");
	arena_done(&p.arena);

	tap_case("value in the next word, even when it looks like an option");
	PARSE(p, "-s", "-q", "--subject", "--x", "--body=a\nb");
	CHECK_INT(p.err, ERR_OK);
	CHECK_TEXT(p.opts.text, "--x");
	CHECK_TEXT(p.opts.body, "a\nb");
	CHECK(!p.opts.flag);
	arena_done(&p.arena);

	tap_case("empty values are values");
	PARSE(p, "-s", "", "--body=");
	CHECK_INT(p.err, ERR_OK);
	CHECK_TEXT(p.opts.text, "");
	CHECK_TEXT(p.opts.body, "");
	arena_done(&p.arena);

	tap_case("operands anywhere, - among them, all behind --");
	PARSE(p, "a", "-q", "-", "--", "--other", "-s");
	CHECK_INT(p.err, ERR_OK);
	CHECK_INT(p.args.operands.n, 4);
	CHECK_TEXT(p.args.operands.at[1], "-");
	CHECK_TEXT(p.args.operands.at[2], "--other");
	CHECK(!p.opts.other);
	arena_done(&p.arena);

	tap_case("switch yes, no, last one holds");
	PARSE(p, "--probe", "--no-probe");
	CHECK_INT(p.err, ERR_OK);
	CHECK_INT(p.opts.probe, OPT_NO);
	arena_done(&p.arena);

	tap_case("optional value: bare");
	PARSE(p, "--netrc", "--dry-run", "file");
	CHECK_INT(p.err, ERR_OK);
	CHECK_TEXT(p.opts.netrc, "");
	CHECK_INT(p.opts.dry, 1);
	CHECK_INT(p.args.operands.n, 1);
	arena_done(&p.arena);

	tap_case("optional value: given");
	PARSE(p, "--netrc=f", "--dry-run=connect");
	CHECK_TEXT(p.opts.netrc, "f");
	CHECK_INT(p.opts.dry, 2);
	arena_done(&p.arena);

	tap_case("alias, and alias with @");
	PARSE(p, "--add-header", "X: 1", "--header", "Y: 2", "--data", "@mail.eml");
	CHECK_INT(p.err, ERR_OK);
	CHECK_INT(p.opts.texts.n, 2);
	CHECK_TEXT(p.opts.texts.at[1], "Y: 2");
	CHECK_TEXT(p.opts.file, "mail.eml");
	CHECK(opt_given(&p.args, "header") && opt_given(&p.args, "raw") && !opt_given(&p.args, "add-header"));
	arena_done(&p.arena);

	tap_case("order across options is kept");
	PARSE(p, "-s", "one", "-p1", "-s", "two", "-p2");
	CHECK_INT(p.args.seen.n, 4);
	CHECK(p.args.seen.at[2].opt->letter == 's');
	CHECK_TEXT(p.args.seen.at[3].value, "2");
	arena_done(&p.arena);

	tap_case("ignored options, with and without value");
	PARSE(p, "-I", "-Ox=y", "-O", "z", "-q");
	CHECK_INT(p.err, ERR_OK);
	CHECK(p.opts.flag);
	CHECK_INT(p.args.operands.n, 0);
	arena_done(&p.arena);

	tap_case("help ends the parsing");
	PARSE(p, "-q", "--help", "--nonsense");
	CHECK_INT(p.err, ERR_OK);
	CHECK(p.args.help_asked);
	arena_done(&p.arena);
}

static void test_kinds(void)
{
	struct parsed p;

	tap_case("numbers, time, size");
	PARSE(p, "--port=65535", "--expire=1h30m", "--size=2k", "--now=2026-11-21T20:00:00Z");
	CHECK_INT(p.err, ERR_OK);
	CHECK_INT(p.opts.number, 65535);
	CHECK_INT(p.opts.duration, 5400000);
	CHECK_INT(p.opts.size, 2048);
	CHECK(p.opts.time.set);
	CHECK_INT(p.opts.time.s, 1795291200);
	arena_done(&p.arena);

	tap_case("choice and choices");
	PARSE(p, "--color", "never", "--only=auto,never", "--only", "always");
	CHECK_INT(p.err, ERR_OK);
	CHECK_INT(p.opts.choice, 2);
	CHECK_INT(p.opts.choices, 7);
	arena_done(&p.arena);

	tap_case("addresses");
	PARSE(p, "-i", "2001:db8::1", "--ips=192.0.2.1", "--ips", "192.0.2.2",
	      "--domain=b\xc3\xbc"
	      "cher.example");
	CHECK_INT(p.err, ERR_OK);
	CHECK_INT(p.opts.ip.family, IP_V6);
	CHECK_INT(p.opts.ips.n, 2);
	CHECK_TEXT(p.opts.domain, "b\xc3\xbc"
				  "cher.example");
	arena_done(&p.arena);

	static const struct {
		const char *in, *host;
		unsigned port;
		enum ip_family family;
	} rows[] = {
		{ "mx.example.org", "mx.example.org", 0, IP_NONE },
		{ "mx.example.org:25", "mx.example.org", 25, IP_NONE },
		{ "192.0.2.1:53", "192.0.2.1", 53, IP_V4 },
		{ "[2001:db8::1]:53", "2001:db8::1", 53, IP_V6 },
		{ "[2001:db8::1]", "2001:db8::1", 0, IP_V6 },
		{ "2001:db8::1", "2001:db8::1", 0, IP_V6 },
		{ "localhost", "localhost", 0, IP_NONE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("endpoint %s", rows[i].in);
		PARSE(p, "--server", rows[i].in);
		CHECK_INT(p.err, ERR_OK);
		CHECK_TEXT(p.opts.server.host, rows[i].host);
		CHECK_INT(p.opts.server.port, rows[i].port);
		CHECK_INT(p.opts.server.ip.family, rows[i].family);
		arena_done(&p.arena);
	}
}

static void test_refusals(void)
{
	static const struct {
		const char *a, *b;
		enum err err;
		const char *text;
	} rows[] = {
		{ "--sbuject", "x", ERR_USAGE, "unknown option --sbuject (did you mean --subject?)" },
		{ "--subj", "x", ERR_USAGE, "unknown option --subj (did you mean --subject?)" },
		{ "--zzzzzz", NULL, ERR_USAGE, "unknown option --zzzzzz (--help shows all)" },
		{ "--evil\x1b[2J", NULL, ERR_USAGE, "unknown option --evil\\x1b[2J (--help shows all)" },
		{ "-z", NULL, ERR_USAGE, "unknown option -z (-h shows the most used, --help all)" },
		{ "-qz", NULL, ERR_USAGE, "unknown option -z in -qz (-h shows the most used, --help all)" },
		{ "--no-quiet", NULL, ERR_USAGE, "unknown option --no-quiet (did you mean --quiet?)" },
		{ "--quiet=1", NULL, ERR_USAGE, "--quiet takes no value" },
		{ "--subject", NULL, ERR_USAGE, "--subject wants a value: --subject TEXT" },
		{ "-s", NULL, ERR_USAGE, "-s wants a value: -s TEXT" },
		{ "-s", "a\r\nBcc: x", ERR_DATA,
		  "-s \"a\\x0d\\x0aBcc: x\": a line break is not allowed here (nothing was done)" },
		{ "--domain=a\nb", NULL, ERR_DATA,
		  "--domain \"a\\x0ab\": a line break is not allowed here (nothing was done)" },
		{ "--ip", "192.0.2.300", ERR_USAGE,
		  "--ip \"192.0.2.300\": not an IP address; write 192.0.2.1 or 2001:db8::1" },
		{ "-p", "0", ERR_USAGE, "-p \"0\": out of range or not a number; write a number from 1 to 65535" },
		{ "-p", "65536", ERR_USAGE,
		  "-p \"65536\": out of range or not a number; write a number from 1 to 65535" },
		{ "-p", "25x", ERR_USAGE, "-p \"25x\": out of range or not a number; write a number from 1 to 65535" },
		{ "-p", "-1", ERR_USAGE, "-p \"-1\": out of range or not a number; write a number from 1 to 65535" },
		{ "--expire", "soon", ERR_USAGE,
		  "--expire \"soon\": not a length of time; write for example 90s, 5m, 1h30m or 4d" },
		{ "--size", "big", ERR_USAGE, "--size \"big\": not a size; write for example 500k or 25M" },
		{ "--now", "today", ERR_USAGE,
		  "--now \"today\": not a time; write 2026-11-21T20:00:00Z, 2026-11-21 or epoch seconds" },
		{ "--color", "red", ERR_USAGE, "--color \"red\": no such choice; write auto, always or never" },
		{ "--color", "", ERR_USAGE, "--color \"\": no such choice; write auto, always or never" },
		{ "--only", "auto,red", ERR_USAGE, "--only \"red\": no such choice; write auto, always or never" },
		{ "--server", "a b", ERR_USAGE,
		  "--server \"a b\": not a host with an optional port; write host, host:port or [v6]:port" },
		{ "--server", "[::1", ERR_USAGE,
		  "--server \"[::1\": not a host with an optional port; write host, host:port or [v6]:port" },
		{ "--server", "x:0", ERR_USAGE,
		  "--server \"x:0\": not a host with an optional port; write host, host:port or [v6]:port" },
		{ "--server", "x:99999", ERR_USAGE,
		  "--server \"x:99999\": not a host with an optional port; write host, host:port or [v6]:port" },
		{ "--server", "[::1]25", ERR_USAGE,
		  "--server \"[::1]25\": not a host with an optional port; write host, host:port or [v6]:port" },
		{ "--resolver", "dns.example", ERR_USAGE,
		  "--resolver \"dns.example\": not an IP address; write 192.0.2.1, 192.0.2.1:port or "
		  "[2001:db8::1]:port" },
		{ "--domain", "a@b", ERR_USAGE, "--domain \"a@b\": not a domain name; write for example example.org" },
		{ "--domain", "", ERR_USAGE, "--domain \"\": not a domain name; write for example example.org" },
		{ "--raw", "", ERR_USAGE, "--raw \"\": an empty file name" },
		{ "--data", "mail.eml", ERR_USAGE, "--data \"mail.eml\": not the name of a file; write @FILE" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct parsed p;
		tap_case("refused: %s", rows[i].text);
		PARSE(p, rows[i].a, rows[i].b);
		CHECK_INT(p.err, rows[i].err);
		CHECK_STR(p.diag.text, rows[i].text);
		arena_done(&p.arena);
	}
}

int main(void)
{
	test_forms();
	test_kinds();
	test_refusals();
	return tap_done();
}
