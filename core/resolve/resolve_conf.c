#include "resolve_conf.h"

#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include "base_ascii.h"
#include "base_file.h"
#include "base_num.h"
#include "base_show.h"

enum { DNS_PORT = 53, TIMEOUT_MAX_S = 30, ATTEMPTS_MAX = 5 };

/* "eth0" or a number. */
static bool parse_scope(struct view text, uint32_t *out)
{
	char name[IF_NAMESIZE];
	uint64_t number;
	if (num_parse_uint(text, UINT32_MAX, &number) && number > 0) {
		*out = (uint32_t)number;
		return true;
	}
	if (text.n == 0 || text.n >= sizeof name || view_has_byte(text, 0))
		return false;
	memcpy(name, text.p, text.n);
	name[text.n] = '\0';
	*out = if_nametoindex(name);
	return *out != 0;
}

/* Address and scope, no port. */
static bool parse_ip(struct view text, struct resolve_addr *out)
{
	struct view scope = text;
	struct view ip = view_cut(&scope, '%');
	if (!ip_parse(ip, &out->ip))
		return false;
	return scope.p == NULL || (out->ip.family == IP_V6 && parse_scope(scope, &out->scope));
}

static bool parse_port(struct view text, struct resolve_addr *out)
{
	uint64_t port;
	if (!num_parse_uint(text, UINT16_MAX, &port) || port == 0)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool parse_bracketed(struct view text, struct resolve_addr *out)
{
	struct view behind = view_from(text, 1);
	struct view ip = view_cut(&behind, ']');
	if (behind.p == NULL || !parse_ip(ip, out))
		return false;
	return behind.n == 0 || (view_at(behind, 0) == ':' && parse_port(view_from(behind, 1), out));
}

enum err resolve_addr_parse(struct view text, struct resolve_addr *out, struct diag *diag)
{
	struct resolve_addr addr = { .port = DNS_PORT };
	size_t colon = view_find_byte(text, ':');
	bool v4_port = colon != SIZE_MAX && view_has_byte(view_to(text, colon), '.');
	bool ok = view_at(text, 0) == '[' ? parse_bracketed(text, &addr)
		  : v4_port ? parse_ip(view_to(text, colon), &addr) && parse_port(view_from(text, colon + 1), &addr)
			    : parse_ip(text, &addr);
	if (!ok)
		return diag_set(diag, ERR_USAGE,
				"'%s' is no address of a DNS server (write 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or "
				"[2001:db8::1]:5353)",
				SHOW(text));
	*out = addr;
	return ERR_OK;
}

static void add_server(struct view text, unsigned line, struct resolve_conf *conf)
{
	struct resolve_addr addr;
	struct diag diag;
	if (conf->n == RESOLVE_SERVERS_MAX)
		return;
	/* here a colon never leads to a port: 192.0.2.1:53 is not what the C library reads */
	addr = (struct resolve_addr){ .port = DNS_PORT };
	if (parse_ip(text, &addr)) {
		conf->servers[conf->n++] = addr;
		return;
	}
	if (conf->skipped++ == 0) {
		(void)diag_at(&diag, ERR_CONFIG, line, 0, "line %u: '%s' is no address; skipped", line, SHOW(text));
		conf->note = diag;
	}
}

/* "timeout:2" with the name "timeout:". */
static void take_number(struct view option, const char *name, unsigned max, unsigned *out)
{
	uint64_t value;
	if (!view_starts(option, view_str(name)) ||
	    !num_parse_uint(view_from(option, strlen(name)), UINT32_MAX, &value) || value == 0)
		return;
	*out = value > max ? max : (unsigned)value;
}

static struct view next_word(struct view *rest)
{
	size_t n = 0;
	*rest = view_trim(*rest);
	while (n < rest->n && !ascii_is_space(view_at(*rest, n)))
		n++;
	struct view word = view_to(*rest, n);
	*rest = view_from(*rest, n);
	return word;
}

static void read_options(struct view rest, struct resolve_conf *conf)
{
	for (struct view option; (option = next_word(&rest)).n > 0;) {
		take_number(option, "timeout:", TIMEOUT_MAX_S, &conf->timeout_s);
		take_number(option, "attempts:", ATTEMPTS_MAX, &conf->attempts);
		conf->rotate |= view_is(option, "rotate");
		conf->trust_ad |= view_is(option, "trust-ad");
		conf->use_vc |= view_is(option, "use-vc");
	}
}

void resolve_conf_parse(struct view text, struct resolve_conf *out)
{
	*out = (struct resolve_conf){ .n = 0 };
	struct view line;
	for (unsigned number = 1; view_next_line(&text, &line); number++) {
		if (ascii_is_space(view_at(line, 0)) || view_at(line, 0) == '#' || view_at(line, 0) == ';')
			continue;
		struct view keyword = next_word(&line);
		if (view_is(keyword, "nameserver"))
			add_server(next_word(&line), number, out);
		else if (view_is(keyword, "options"))
			read_options(line, out);
	}
	if (out->n == 0)
		out->servers[out->n++] = (struct resolve_addr){ .ip = { IP_V4, { 127, 0, 0, 1 } }, .port = DNS_PORT };
}

enum err resolve_conf_load(const char *path, struct resolve_conf *out, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, RESOLVE_CONF_MAX);
	if (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)) {
		enum err err = file_read(path, &text, diag);
		if (err != ERR_OK)
			return err;
	}
	resolve_conf_parse(buf_view(&text), out);
	return ERR_OK;
}
