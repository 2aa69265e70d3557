#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_err.h"
#include "base_ip.h"
#include "base_view.h"

/* The address of a DNS server. */
struct resolve_addr {
	struct ip_addr ip;
	uint16_t port;
	uint32_t scope; /* interface index of a link-local IPv6 address; 0: none */
};

/*
 * "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353", "fe80::1%eth0".
 * errors  ERR_USAGE (diag says which forms there are)
 */
MUST_CHECK enum err resolve_addr_parse(struct view text, struct resolve_addr *out, struct diag *diag);

enum { RESOLVE_SERVERS_MAX = 8, RESOLVE_CONF_MAX = 1 << 16 };

/* resolv.conf(5). Search domains are never used for mail and not read; `ndots` neither. */
struct resolve_conf {
	struct resolve_addr servers[RESOLVE_SERVERS_MAX];
	size_t n;
	unsigned timeout_s; /* the longest wait for one server; 0: not said */
	unsigned attempts;  /* rounds over the servers; 0: not said */
	bool rotate, trust_ad, use_vc;
	unsigned skipped; /* nameserver lines that could not be used */
	struct diag note; /* what was wrong with the first of them */
};

/* Never fails: a bad line is skipped with a note; without any server 127.0.0.1 is taken, as by the C library. */
void resolve_conf_parse(struct view text, struct resolve_conf *out);

/* From a file; one that is missing is like an empty one. errors: ERR_NO_INPUT (unreadable), ERR_IO, ERR_LIMIT */
MUST_CHECK enum err resolve_conf_load(const char *path, struct resolve_conf *out, struct diag *diag);
