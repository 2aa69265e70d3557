#pragma once

#include "dns.h"
#include "resolve_conf.h"

/*
 * The resolver that a command was asked for (CLI.md 1): zone files, DNS servers, or both.
 *
 *	RESOLVE_AUTO struct resolve resolve = { NULL };
 *	enum err err = resolve_open(&config, &resolve, diag);
 *	... dns_query(resolve.dns, ...)
 *
 * Cheap to open: nothing is sent, no thread, no TLS library.
 */
struct net_loop;
struct resolve_zone;

struct resolve_config {
	const struct env *env; /* NULL: the machine's */
	struct net_loop *loop; /* where its sockets live; NULL: a loop of its own that turns while dns_query waits */
	const char *const *servers; /* --resolver */
	size_t servers_n;
	const char *const *zones; /* --zone */
	size_t zones_n;
	bool zones_broken_too;           /* ERR_SYNTAX in a zone file is left to the caller (resolve_zone_faults) */
	unsigned timeout_ms;             /* --dns-timeout, 0: 5 s */
	unsigned in_flight;              /* --in-flight, 0: 256 */
	unsigned qps;                    /* --qps, 0: no limit */
	const char *resolv_conf, *hosts; /* files; NULL: those in /etc */
};

struct resolve {
	struct dns_resolver *dns;   /* what domains publish: for evaluators and checks */
	struct dns_resolver *net;   /* the part that asks servers; NULL with zones only */
	struct resolve_zone *zone;  /* NULL without zones */
	struct dns_resolver *named; /* made by resolve_servers */
	const char *hosts;
	struct resolve_addr servers[RESOLVE_SERVERS_MAX]; /* who is asked */
	size_t servers_n;
	struct diag note; /* text set: what was wrong in resolv.conf, and was skipped */
};

/* errors  ERR_USAGE (a server's address), ERR_SYNTAX and ERR_NO_INPUT (zone files, resolv.conf), ERR_OS */
MUST_CHECK enum err resolve_open(const struct resolve_config *config, struct resolve *out, struct diag *diag);
void resolve_close(struct resolve *resolve);
#define RESOLVE_AUTO CLEANUP(resolve_close)

/* For the names of servers to connect to: the hosts file first, then as above. errors: ERR_IO, ERR_LIMIT (the hosts file) */
MUST_CHECK enum err resolve_servers(struct resolve *resolve, struct dns_resolver **out, struct diag *diag);
