#pragma once

#include "base_map.h"
#include "base_vec.h"
#include "resolve_zone.h"

/* A name of the store: with records, or only above such a name (an empty non-terminal). */
struct zone_node {
	struct resolve_zone_record *first, *last;
	size_t n;
	bool apex;  /* has SOA */
	bool ns;    /* has NS */
	bool dname; /* has DNAME */
};

struct resolve_zone {
	struct dns_resolver resolver;
	struct dns_resolver *inner;
	struct arena arena;
	struct map nodes; /* lower-case wire name -> struct zone_node */
	struct {
		struct resolve_zone_record **at;
		size_t n, cap;
	} records;
	struct {
		struct resolve_zone_fault *at;
		size_t n, cap;
	} faults;
	size_t fault_count;
};

/* One word of a logical line, escapes still in it. */
struct zone_token {
	struct view text;
	bool quoted;
	bool cut; /* ended at a ';' behind which something like data stands */
};

struct zone_line {
	struct zone_token *tokens; /* ZONE_TOKENS_MAX of them */
	size_t n;
	bool indented; /* starts with a blank: the owner of the record before */
	unsigned number;
};

struct zone_scan {
	struct view rest;
	unsigned line; /* of the octet at rest */
};

/*
 * The next line that is not empty, parentheses resolved. False at the end. errors are told through *why (NULL: none);
 * scanning goes on behind the line.
 */
bool zone_scan_line(struct zone_scan *scan, struct zone_line *line, const char **why);

/* Escapes resolved, appended to out. False: a bad escape, or it does not fit. */
MUST_CHECK bool zone_token_octets(const struct zone_token *token, struct buf *out);

/* A name, relative ones before origin. *relative: it was one with inner dots. */
MUST_CHECK enum err zone_token_name(struct arena *arena, struct view text, struct dname origin, struct dname *out,
				    bool *relative, struct diag *diag);

/* Seconds, as a number or as 1w2d3h4m5s. */
MUST_CHECK bool zone_token_ttl(struct view text, uint32_t *out);

/* Any type that dns_rr.h or ldns knows by name. */
MUST_CHECK bool zone_type_parse(struct view text, uint16_t *out);

/*
 * The data of a record from its words. flags: ZONE_TXT_*, ZONE_RELATIVE are added; *check is set with an error of its own kind
 */
MUST_CHECK enum err zone_rdata_parse(struct arena *arena, uint16_t type, uint32_t ttl, struct dname origin,
				     const struct zone_token *tokens, size_t n, struct dns_rr *out, unsigned *flags,
				     const char **check, struct diag *diag);

/* Into the store; `record` lies in the zone's arena. */
void zone_store_add(struct resolve_zone *zone, struct resolve_zone_record *record);
struct zone_node *zone_store_find(const struct resolve_zone *zone, struct view lower_wire);

void zone_fault(struct resolve_zone *zone, const char *check, const char *file, unsigned line, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
