#include "resolve_hosts.h"

#include <stdlib.h>

#include "base_ascii.h"
#include "base_file.h"

enum { HOSTS_ADDRS_MAX = 64 };

struct hosts {
	struct dns_resolver resolver;
	struct dns_resolver *inner;
	struct buf text;
};

static struct hosts *hosts_of(struct dns_resolver *resolver)
{
	return (struct hosts *)(void *)((char *)resolver - offsetof(struct hosts, resolver));
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

/* Compared as text: names in a hosts file are plain, an optional last dot apart. */
static bool line_names(struct view rest, struct view name)
{
	for (struct view word; (word = next_word(&rest)).n > 0;) {
		if (word.n > 1 && view_last(word) == '.')
			word.n--;
		if (view_eq_case(word, name))
			return true;
	}
	return false;
}

static size_t find_text(struct view text, struct view name, enum ip_family family, struct ip_addr *out, size_t max,
			bool *found)
{
	size_t n = 0;
	for (struct view line; view_next_line(&text, &line);) {
		line = view_cut(&line, '#');
		struct view word = next_word(&line);
		struct ip_addr ip;
		if (word.n == 0 || !line_names(line, name) || !ip_parse(view_cut(&word, '%'), &ip))
			continue;
		*found = true;
		if (ip.family == family && n < max)
			out[n++] = ip;
	}
	return n;
}

size_t resolve_hosts_find(struct view text, struct dname name, enum ip_family family, struct ip_addr *out, size_t max,
			  bool *found)
{
	static const char localhost[] = "\11localhost";
	*found = false;
	if (name.labels > 0 &&
	    dname_eq(dname_suffix(name, 1), (struct dname){ view_of(localhost, sizeof localhost), 1 })) {
		*found = true;
		*out = family == IP_V4 ? (struct ip_addr){ IP_V4, { 127, 0, 0, 1 } }
				       : (struct ip_addr){ IP_V6, { [15] = 1 } };
		return 1;
	}
	struct dname_shown shown = dname_show(name);
	return find_text(text, view_str(shown.text), family, out, max, found);
}

static bool answer_here(struct hosts *hosts, struct arena *arena, const struct dns_question *question,
			struct dns_answer *out)
{
	if (question->type != DNS_A && question->type != DNS_AAAA)
		return false;
	struct ip_addr ips[HOSTS_ADDRS_MAX];
	bool found;
	size_t n = resolve_hosts_find(buf_view(&hosts->text), question->name, question->type == DNS_A ? IP_V4 : IP_V6,
				      ips, HOSTS_ADDRS_MAX, &found);
	if (!found)
		return false;
	*out = dns_answer_none(dname_copy(arena, question->name), n > 0 ? DNS_OK : DNS_NODATA);
	struct dns_rr *rr = arena_array(arena, n, sizeof *rr);
	for (size_t i = 0; i < n; i++)
		rr[i] = (struct dns_rr){ .type = question->type, .ip = ips[i] };
	out->rr = rr;
	out->n = n;
	out->server = VIEW("the hosts file");
	return true;
}

static void hosts_query(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
			struct dns_answer *out)
{
	struct hosts *hosts = hosts_of(resolver);
	if (!answer_here(hosts, arena, question, out))
		(void)(dns_query(hosts->inner, arena, *question, out) == DNS_OK);
}

static void hosts_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	struct hosts *hosts = hosts_of(resolver);
	struct arena arena;
	arena_init(&arena);
	struct dns_answer answer;
	if (answer_here(hosts, &arena, question, &answer))
		ask->done(ask, &answer);
	else
		dns_ask(hosts->inner, *question, ask);
	arena_done(&arena);
}

static void hosts_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	dns_cancel(hosts_of(resolver)->inner, ask);
}

static void hosts_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	struct hosts *hosts = hosts_of(resolver);
	for (size_t i = 0; i < n; i++) {
		struct ip_addr ip;
		bool found = false;
		if (questions[i].type == DNS_A || questions[i].type == DNS_AAAA)
			(void)resolve_hosts_find(buf_view(&hosts->text), questions[i].name, IP_V4, &ip, 1, &found);
		if (!found)
			dns_prefetch(hosts->inner, &questions[i], 1);
	}
}

static bool hosts_wait(struct dns_resolver *resolver) { return dns_wait(hosts_of(resolver)->inner); }

static void hosts_close(struct dns_resolver *resolver)
{
	struct hosts *hosts = hosts_of(resolver);
	buf_done(&hosts->text);
	free(hosts);
}

enum err resolve_hosts_open(const char *path, struct dns_resolver *inner, struct dns_resolver **out, struct diag *diag)
{
	static const struct dns_ops ops = { .query = hosts_query,
					    .ask = hosts_ask,
					    .cancel = hosts_cancel,
					    .prefetch = hosts_prefetch,
					    .wait = hosts_wait,
					    .close = hosts_close };
	struct buf text;
	buf_init(&text, RESOLVE_HOSTS_MAX);
	enum err err = file_read(path, &text, diag);
	if (err != ERR_OK && err != ERR_NO_INPUT) {
		buf_done(&text);
		return err;
	}
	struct hosts *hosts = calloc(1, sizeof *hosts);
	if (hosts == NULL)
		base_out_of_memory();
	*hosts = (struct hosts){ { &ops }, inner, text };
	*out = &hosts->resolver;
	return ERR_OK;
}
