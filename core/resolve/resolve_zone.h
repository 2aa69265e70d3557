#pragma once

#include "base_arena.h"
#include "dns.h"

/*
 * DNS answers from zone files (RFC 1035 5.1): for tests, and for people who check a zone before they publish it.
 *
 * Understood: $ORIGIN, $TTL (RFC 2308 4), $INCLUDE (relative to the file it stands in), $GENERATE (as BIND has it),
 * parentheses, comments, \DDD, times as 1h30m, unknown types (RFC 3597), wildcards (RFC 4592), DNAME. Names under a
 * delegation are answered from glue only. Several files may be loaded, each with any number of zones; a file without
 * SOA is taken too, its names then stand for themselves.
 *
 * A name outside all zones is asked of `inner`, and does not exist when that is NULL.
 */
struct resolve_zone;

enum {
	ZONE_FILE_MAX = 1 << 28,
	ZONE_RECORDS_MAX = 4000000,
	ZONE_INCLUDE_DEPTH = 8,
	ZONE_GENERATE_MAX = 65536, /* records of one $GENERATE */
	ZONE_TOKENS_MAX = 2048,    /* words of one record */
	ZONE_FAULTS_MAX = 1000     /* kept; more are counted */
};

/* What the source said that the record does not. */
enum {
	ZONE_TXT_UNQUOTED = 1, /* a string of a TXT record without quotation marks */
	ZONE_TXT_CUT = 2,      /* such a string ended at a ';', and what followed looks like data */
	ZONE_RELATIVE = 4,     /* a name in the data has inner dots and no last one, so the origin was put behind it */
	ZONE_OWNER_RELATIVE = 8, /* the same of the owner's name */
	ZONE_DUPLICATE = 16,     /* the same record stood before; left out of answers */
	ZONE_GENERATED = 32
};

struct resolve_zone_record {
	struct dname owner; /* in the file's case */
	struct dns_rr rr;
	const char *file;
	unsigned line;
	unsigned flags;
	struct resolve_zone_record *next; /* of the same owner, in the order of the file */
};

struct resolve_zone_fault {
	const char *check; /* an id of dns-check: zone.syntax, zone.string-255, zone.out-of-zone, zone.ttl */
	const char *file;
	unsigned line;
	const char *text; /* escaped */
};

struct resolve_zone *resolve_zone_new(struct dns_resolver *inner);

/*
 * Load one more file. A bad line is noted and reading goes on, so that all of them can be shown.
 *
 * errors  ERR_NO_INPUT, ERR_IO (the file, or one it includes: the latter is a fault like others), ERR_SYNTAX when any
 *         line was bad (diag: "FILE:LINE: why", the first one, and how many there are), ERR_LIMIT
 */
MUST_CHECK enum err resolve_zone_load(struct resolve_zone *zone, const char *path, struct diag *diag);

/* The same of text in memory; `name` stands for the file in messages. */
MUST_CHECK enum err resolve_zone_load_text(struct resolve_zone *zone, const char *name, struct view text,
					   struct diag *diag);

/* Valid as long as the zone; dns_close of it closes the zone. `inner` stays the caller's. */
struct dns_resolver *resolve_zone_resolver(struct resolve_zone *zone);
void resolve_zone_close(struct resolve_zone **zone);

/* For those who check the files themselves. */
const struct resolve_zone_fault *resolve_zone_faults(const struct resolve_zone *zone, size_t *n);
struct resolve_zone_record *const *resolve_zone_records(const struct resolve_zone *zone, size_t *n);

/* The owner of the SOA record of the zone that the name lies in; false: it is outside all zones. */
MUST_CHECK bool resolve_zone_apex(const struct resolve_zone *zone, struct dname name, struct dname *out);
