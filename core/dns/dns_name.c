#include "dns_name.h"

#include "base_ascii.h"
#include "base_cur.h"
#include "base_show.h"

static const char root_wire[1] = { 0 };

struct dname dname_root(void) { return (struct dname){ view_of(root_wire, 1), 0 }; }

/* Wire form under construction. */
struct maker {
	char wire[DNAME_MAX];
	size_t n;      /* octets, the open label included */
	size_t length; /* where the open label's length octet is */
	unsigned labels;
};

static void maker_open(struct maker *maker)
{
	maker->length = maker->n++;
	maker->wire[maker->length] = 0;
}

static enum err maker_byte(struct maker *maker, int byte, struct view text, struct diag *diag)
{
	if (maker->n - maker->length > DNAME_LABEL_MAX)
		return diag_set(diag, ERR_LIMIT, "a label of '%s' has more than %d octets", SHOW(text),
				DNAME_LABEL_MAX);
	if (maker->n + 1 >= DNAME_MAX) /* room for the root stays */
		return diag_set(diag, ERR_LIMIT, "the name '%s' has more than %d octets", SHOW(text), DNAME_MAX);
	maker->wire[maker->n++] = (char)byte;
	return ERR_OK;
}

static enum err maker_close(struct maker *maker, struct view text, struct diag *diag)
{
	size_t n = maker->n - maker->length - 1;
	if (n == 0)
		return diag_set(diag, ERR_SYNTAX, "the name '%s' has an empty label", SHOW(text));
	maker->wire[maker->length] = (char)n;
	maker->labels++;
	return ERR_OK;
}

static struct dname maker_name(struct arena *arena, struct maker *maker)
{
	maker->wire[maker->n++] = 0;
	return (struct dname){ arena_view(arena, view_of(maker->wire, maker->n)), maker->labels };
}

/* Behind a backslash: one octet that stands for itself, or three digits (RFC 1035 5.1). */
static int take_escape(struct cur *cur)
{
	int c = cur_peek(cur);
	if (!ascii_is_digit(c)) {
		cur_skip(cur);
		return c;
	}
	int value = 0;
	for (int i = 0; i < 3; i++) {
		c = cur_peek(cur);
		if (!ascii_is_digit(c))
			return -1;
		value = value * 10 + (c - '0');
		cur_skip(cur);
	}
	return value <= 255 ? value : -1;
}

static enum err take_octet(struct cur *cur, bool escapes, struct maker *maker, struct diag *diag)
{
	int c = cur_peek(cur);
	cur_skip(cur);
	if (escapes && ascii_is_8bit(c))
		return diag_set(diag, ERR_SYNTAX, "the name '%s' is not ASCII (its A-labels are wanted here)",
				SHOW(cur->in));
	if (escapes && c == '\\') {
		c = take_escape(cur);
		if (c < 0)
			return diag_set(diag, ERR_SYNTAX,
					"bad escape in the name '%s' (\\DDD wants three digits up to 255)",
					SHOW(cur->in));
	}
	return maker_byte(maker, c, cur->in, diag);
}

static enum err parse_labels(struct cur *cur, bool escapes, struct maker *maker, struct diag *diag)
{
	enum err err = ERR_OK;
	maker_open(maker);
	while (err == ERR_OK && !cur_end(cur)) {
		if (!cur_try(cur, '.')) {
			err = take_octet(cur, escapes, maker, diag);
			continue;
		}
		err = maker_close(maker, cur->in, diag);
		if (err == ERR_OK && cur_end(cur))
			return ERR_OK;
		if (err == ERR_OK)
			maker_open(maker);
	}
	return err == ERR_OK ? maker_close(maker, cur->in, diag) : err;
}

static enum err parse_text(struct arena *arena, struct view text, bool escapes, struct dname *out, struct diag *diag)
{
	if (text.n == 0)
		return diag_set(diag, ERR_SYNTAX, "the name is empty");
	if (text.n > DNAME_INPUT_MAX)
		return diag_set(diag, ERR_LIMIT, "the name '%s' has more than %d octets", SHOW(text), DNAME_MAX);
	if (view_is(text, ".")) {
		*out = dname_root();
		return ERR_OK;
	}
	struct maker maker = { .n = 0 };
	struct cur cur = cur_of(text);
	enum err err = parse_labels(&cur, escapes, &maker, diag);
	if (err == ERR_OK)
		*out = maker_name(arena, &maker);
	return err;
}

enum err dname_parse(struct arena *arena, struct view text, struct dname *out, struct diag *diag)
{
	return parse_text(arena, text, true, out, diag);
}

enum err dname_parse_plain(struct arena *arena, struct view text, struct dname *out, struct diag *diag)
{
	return parse_text(arena, text, false, out, diag);
}

enum err dname_of_wire(struct view wire, struct dname *out, struct diag *diag)
{
	unsigned labels = 0;
	size_t at = 0;
	for (;;) {
		int n = view_at(wire, at);
		if (n < 0 || n > DNAME_LABEL_MAX)
			return diag_set(diag, ERR_SYNTAX, "a name in wire form is broken at octet %zu", at);
		at += (size_t)n + 1;
		if (at > DNAME_MAX)
			return diag_set(diag, ERR_LIMIT, "a name has more than %d octets", DNAME_MAX);
		if (n == 0)
			break;
		labels++;
	}
	if (at != wire.n)
		return diag_set(diag, ERR_SYNTAX, "a name in wire form has %zu octets behind its end", wire.n - at);
	*out = (struct dname){ wire, labels };
	return ERR_OK;
}

struct dname dname_copy(struct arena *arena, struct dname name)
{
	return (struct dname){ arena_view(arena, name.wire), name.labels };
}

struct dname dname_lower(struct arena *arena, struct dname name)
{
	return (struct dname){ arena_lower(arena, name.wire), name.labels };
}

/* Length octets are at most 63 and so never letters: the whole wire form compares and hashes without case. */
bool dname_eq(struct dname a, struct dname b) { return view_eq_case(a.wire, b.wire); }

uint64_t dname_hash(struct dname name, uint64_t seed) { return view_hash_case(name.wire, seed); }

struct dname dname_parent(struct dname name)
{
	if (name.labels == 0)
		return name;
	return (struct dname){ view_from(name.wire, (size_t)view_at(name.wire, 0) + 1), name.labels - 1 };
}

struct dname dname_suffix(struct dname name, unsigned n)
{
	while (name.labels > n)
		name = dname_parent(name);
	return name;
}

struct view dname_label(struct dname name, unsigned i)
{
	struct dname from = dname_suffix(name, name.labels - i);
	return view_slice(from.wire, 1, (size_t)view_at(from.wire, 0));
}

bool dname_under(struct dname name, struct dname zone)
{
	return name.labels >= zone.labels && dname_eq(dname_suffix(name, zone.labels), zone);
}

/* Label by label from the root (RFC 4034 6.1). */
int dname_cmp(struct dname a, struct dname b)
{
	unsigned both = a.labels < b.labels ? a.labels : b.labels;
	for (unsigned i = 1; i <= both; i++) {
		int order = view_cmp_case(dname_label(a, a.labels - i), dname_label(b, b.labels - i));
		if (order != 0)
			return order;
	}
	return (a.labels > b.labels) - (a.labels < b.labels);
}

enum err dname_join(struct arena *arena, struct dname head, struct dname tail, struct dname *out, struct diag *diag)
{
	struct view front = view_to(head.wire, head.wire.n - 1);
	if (front.n + tail.wire.n > DNAME_MAX)
		return diag_set(diag, ERR_LIMIT, "the name '%s' below '%s' has more than %d octets",
				SHOW(view_str(DNAME_SHOW(head))), SHOW(view_str(DNAME_SHOW(tail))), DNAME_MAX);
	char *wire = arena_alloc(arena, front.n + tail.wire.n);
	if (front.n > 0)
		memcpy(wire, front.p, front.n);
	memcpy(wire + front.n, tail.wire.p, tail.wire.n);
	*out = (struct dname){ view_of(wire, front.n + tail.wire.n), head.labels + tail.labels };
	return ERR_OK;
}

enum err dname_prepend(struct arena *arena, struct view prefix, struct dname name, struct dname *out, struct diag *diag)
{
	struct dname head = dname_root();
	enum err err = dname_parse_plain(arena, prefix, &head, diag);
	return err == ERR_OK ? dname_join(arena, head, name, out, diag) : err;
}

bool dname_is_host(struct dname name)
{
	for (unsigned i = 0; i < name.labels; i++) {
		struct view label = dname_label(name, i);
		if (view_at(label, 0) == '-' || view_last(label) == '-')
			return false;
		for (size_t at = 0; at < label.n; at++)
			if (!ascii_is_alnum(view_at(label, at)) && view_at(label, at) != '-')
				return false;
	}
	return name.labels > 0;
}

static struct dname ip_labels(struct arena *arena, const struct ip_addr *ip)
{
	struct maker maker = { .n = 0 };
	static const char hex[] = "0123456789abcdef";
	for (size_t i = ip_octets(ip->family); i-- > 0;) {
		char text[4];
		unsigned octet = ip->octets[i];
		int n = 0;
		if (octet >= 100)
			text[n++] = hex[octet / 100];
		if (octet >= 10)
			text[n++] = hex[octet / 10 % 10];
		text[n++] = hex[octet % 10];
		if (ip->family == IP_V6) {
			const char nibbles[] = { 1, hex[octet % 16], 1, hex[octet / 16] };
			memcpy(maker.wire + maker.n, nibbles, sizeof nibbles);
			maker.n += sizeof nibbles;
			maker.labels += 2;
		} else {
			maker.wire[maker.n++] = (char)n;
			memcpy(maker.wire + maker.n, text, (size_t)n);
			maker.n += (size_t)n;
			maker.labels++;
		}
	}
	return maker_name(arena, &maker);
}

enum err dname_reversed(struct arena *arena, const struct ip_addr *ip, struct dname zone, struct dname *out,
			struct diag *diag)
{
	return dname_join(arena, ip_labels(arena, ip), zone, out, diag);
}

struct dname dname_of_ip(struct arena *arena, const struct ip_addr *ip)
{
	static const char v4[] = "\7in-addr\4arpa", v6[] = "\3ip6\4arpa";
	struct dname zone = ip->family == IP_V6 ? (struct dname){ view_of(v6, sizeof v6), 2 }
						: (struct dname){ view_of(v4, sizeof v4), 2 };
	struct dname name = dname_root();
	(void)(dname_reversed(arena, ip, zone, &name, NULL) == ERR_OK); /* at most 74 octets */
	return name;
}
