#include <string.h>

#include "base_ascii.h"
#include "base_num.h"
#include "base_show.h"
#include "base_time.h"
#include "base_utf8.h"
#include "base_vec.h"
#include "opt.h"

enum { DOMAIN_OCTETS = 1024, LIST_MAX = 100000 };

static void *member(void *opts, const struct opt *opt) { return (char *)opts + opt->offset; }

enum err opt_bad(struct diag *diag, const char *shown, const char *value, const char *what, const char *write_like)
{
	struct view v = view_str(value);
	if (write_like == NULL)
		return diag_set(diag, ERR_USAGE, "%s \"%s\": %s", shown, SHOW(v), what);
	return diag_set(diag, ERR_USAGE, "%s \"%s\": %s; write %s", shown, SHOW(v), what, write_like);
}

static const char *joined(const char *const *names, struct arena *arena)
{
	const char *all = names[0];
	for (size_t i = 1; names[i] != NULL; i++)
		all = arena_printf(arena, "%s%s%s", all, names[i + 1] == NULL ? " or " : ", ", names[i]);
	return all;
}

static size_t choice_index(const char *const *names, struct view word)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (view_is(word, names[i]))
			return i;
	return SIZE_MAX;
}

static enum err store_choice(const struct opt *opt, const char *shown, const char *value, void *to, struct arena *arena,
			     struct diag *diag)
{
	const char *const *names = opt->extra;
	size_t i = value == NULL ? 1 : choice_index(names, view_str(value));
	if (i == SIZE_MAX)
		return opt_bad(diag, shown, value, "no such choice", joined(names, arena));
	int chosen = (int)i;
	memcpy(to, &chosen, sizeof chosen);
	return ERR_OK;
}

static enum err store_choices(const struct opt *opt, const char *shown, const char *value, uint64_t *to,
			      struct arena *arena, struct diag *diag)
{
	const char *const *names = opt->extra;
	struct view rest = view_str(value);
	uint64_t set = *to;
	while (rest.p != NULL) {
		struct view word = view_trim(view_cut(&rest, ','));
		size_t i = choice_index(names, word);
		if (i == SIZE_MAX)
			return opt_bad(diag, shown, arena_cstr(arena, word), "no such choice", joined(names, arena));
		set |= UINT64_C(1) << (i % 64);
	}
	*to = set;
	return ERR_OK;
}

static enum err store_number(const struct opt *opt, const char *shown, const char *value, uint64_t *to,
			     struct arena *arena, struct diag *diag)
{
	const struct opt_range *range = opt->extra;
	uint64_t min = range != NULL ? range->min : 0;
	uint64_t max = range != NULL ? range->max : INT64_MAX;
	uint64_t n;
	struct view v = view_str(value);
	if (opt->kind == OPT_DURATION) {
		if (!num_parse_duration_ms(v, INT64_MAX / 1000, &n))
			return opt_bad(diag, shown, value, "not a length of time", "for example 90s, 5m, 1h30m or 4d");
		if (n < min || n > max)
			return opt_bad(diag, shown, value, "too short or too long", NULL);
	} else if (opt->kind == OPT_SIZE) {
		if (!num_parse_size(v, INT64_MAX, &n))
			return opt_bad(diag, shown, value, "not a size", "for example 500k or 25M");
		if (n < min || n > max)
			return opt_bad(diag, shown, value, "too small or too large", NULL);
	} else if (!num_parse_uint(v, UINT64_MAX, &n) || n < min || n > max) {
		const char *like = max == INT64_MAX
					   ? arena_printf(arena, "a number from %llu up", (unsigned long long)min)
					   : arena_printf(arena, "a number from %llu to %llu", (unsigned long long)min,
							  (unsigned long long)max);
		return opt_bad(diag, shown, value, "out of range or not a number", like);
	}
	*to = n;
	return ERR_OK;
}

static enum err store_time(const char *shown, const char *value, struct opt_time *to, struct diag *diag)
{
	int64_t s;
	if (!base_time_parse(view_str(value), &s))
		return opt_bad(diag, shown, value, "not a time", "2026-11-21T20:00:00Z, 2026-11-21 or epoch seconds");
	*to = (struct opt_time){ true, s };
	return ERR_OK;
}

static enum err parse_ip(const char *shown, const char *value, struct ip_addr *out, struct diag *diag)
{
	if (!ip_parse(view_str(value), out))
		return opt_bad(diag, shown, value, "not an IP address", "192.0.2.1 or 2001:db8::1");
	return ERR_OK;
}

static bool host_byte(int c) { return ascii_is_8bit(c) || (ascii_is_vchar(c) && c != '@' && c != '/' && c != ':'); }

static bool is_host(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!host_byte(view_at(v, i)))
			return false;
	return v.n > 0 && v.n <= DOMAIN_OCTETS && utf8_valid(v) && !view_is(v, "-");
}

bool opt_parse_endpoint(const char *value, struct opt_endpoint *out, struct arena *arena)
{
	struct view v = view_str(value), host = v, port = view_none();
	struct opt_endpoint e = { 0 };
	bool bracketed = view_at(v, 0) == '[';
	if (bracketed) {
		size_t close = view_find_byte(v, ']');
		if (close == SIZE_MAX)
			return false;
		host = view_slice(v, 1, close - 1);
		port = view_from(v, close + 1);
		if (!view_empty(port) && view_at(port, 0) != ':')
			return false;
	} else if (!ip_parse(v, &e.ip)) { /* a bare v6 address has no port */
		size_t colon = view_find_byte(v, ':');
		host = view_to(v, colon);
		port = colon == SIZE_MAX ? view_none() : view_from(v, colon);
	}
	uint64_t number = 0;
	if (!view_empty(port) && (!num_parse_uint(view_from(port, 1), UINT16_MAX, &number) || number == 0))
		return false;
	bool is_ip = ip_parse(host, &e.ip);
	if (!is_ip && (bracketed || !is_host(host)))
		return false;
	e.host = arena_cstr(arena, host);
	e.port = (uint16_t)number;
	*out = e;
	return true;
}

static enum err parse_endpoint(const struct opt *opt, const char *shown, const char *value, struct opt_endpoint *out,
			       struct arena *arena, struct diag *diag)
{
	if (!opt_parse_endpoint(value, out, arena))
		return opt_bad(diag, shown, value, "not a host with an optional port", "host, host:port or [v6]:port");
	if ((opt->flags & OPT_IP_ONLY) && out->ip.family == IP_NONE)
		return opt_bad(diag, shown, value, "not an IP address",
			       "192.0.2.1, 192.0.2.1:port or [2001:db8::1]:port");
	return ERR_OK;
}

static enum err check_domain(const char *shown, const char *value, struct diag *diag)
{
	if (!is_host(view_str(value)))
		return opt_bad(diag, shown, value, "not a domain name", "for example example.org");
	return ERR_OK;
}

static enum err push_text(struct opt_texts *list, const char *shown, const char *value, struct arena *arena,
			  struct diag *diag)
{
	if (list->n >= LIST_MAX)
		return diag_set(diag, ERR_LIMIT, "%s: given more than %d times", shown, LIST_MAX);
	*VEC_PUSH(list, arena) = value;
	return ERR_OK;
}

/* Values of one line: what CR and LF in an option could do in a header or a command, they do not do here. */
static enum err check_line(const struct opt *opt, const char *shown, const char *value, struct diag *diag)
{
	if (value == NULL || (opt->flags & OPT_MULTILINE) || strpbrk(value, "\r\n") == NULL)
		return ERR_OK;
	struct view v = view_str(value);
	return diag_set(diag, ERR_DATA, "%s \"%s\": a line break is not allowed here (nothing was done)", shown,
			SHOW(v));
}

static enum err store_plain(const struct opt *opt, const char *shown, const char *value, void *to, struct arena *arena,
			    struct diag *diag)
{
	const char *text = value == NULL ? "" : value;
	enum err err = ERR_OK;
	bool is_file = opt->kind == OPT_FILE || opt->kind == OPT_FILES || opt->kind == OPT_OUTFILE ||
		       opt->kind == OPT_DIR;
	if (opt->kind == OPT_DOMAIN || opt->kind == OPT_DOMAINS)
		err = check_domain(shown, text, diag);
	else if (is_file && text[0] == '\0' && value != NULL)
		err = opt_bad(diag, shown, text, "an empty file name", NULL);
	if (err != ERR_OK)
		return err;
	if (opt->kind == OPT_TEXTS || opt->kind == OPT_FILES || opt->kind == OPT_DOMAINS)
		return push_text(to, shown, text, arena, diag);
	memcpy(to, &text, sizeof text);
	return ERR_OK;
}

static void store_flag(const struct opt *opt, const char *value, void *to)
{
	if (opt->kind == OPT_FLAG)
		*(bool *)to = true;
	else if (opt->kind == OPT_COUNT)
		++*(unsigned *)to;
	else
		*(enum opt_switch *)to = value != NULL ? OPT_NO : OPT_YES;
}

enum err opt_store(const struct opt *opt, const char *shown, const char *value, void *opts, struct arena *arena,
		   struct diag *diag)
{
	void *to = member(opts, opt);
	struct ip_addr ip;
	struct opt_endpoint endpoint;
	enum err err = check_line(opt, shown, value, diag);
	if (err != ERR_OK)
		return err;
	switch (opt->kind) {
	case OPT_FLAG:
	case OPT_COUNT:
	case OPT_SWITCH:
		store_flag(opt, value, to);
		return ERR_OK;
	case OPT_CHOICE:
		return store_choice(opt, shown, value, to, arena, diag);
	case OPT_CHOICES:
		return store_choices(opt, shown, value, to, arena, diag);
	case OPT_UINT:
	case OPT_DURATION:
	case OPT_SIZE:
		return store_number(opt, shown, value, to, arena, diag);
	case OPT_TIME:
		return store_time(shown, value, to, diag);
	case OPT_IP:
		return parse_ip(shown, value, to, diag);
	case OPT_IPS:
		err = parse_ip(shown, value, &ip, diag);
		if (err == ERR_OK)
			*VEC_PUSH((struct opt_ips *)to, arena) = ip;
		return err;
	case OPT_ENDPOINT:
		return parse_endpoint(opt, shown, value, to, arena, diag);
	case OPT_ENDPOINTS:
		err = parse_endpoint(opt, shown, value, &endpoint, arena, diag);
		if (err == ERR_OK)
			*VEC_PUSH((struct opt_endpoints *)to, arena) = endpoint;
		return err;
	case OPT_TEXT:
	case OPT_TEXTS:
	case OPT_FILE:
	case OPT_FILES:
	case OPT_OUTFILE:
	case OPT_DIR:
	case OPT_DOMAIN:
	case OPT_DOMAINS:
		return store_plain(opt, shown, value, to, arena, diag);
	case OPT_END:
	case OPT_HEADING:
	case OPT_ALIAS:
		break;
	}
	return diag_set(diag, ERR_BUG, "%s: a row of this kind holds no value", shown);
}
