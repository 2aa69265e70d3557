#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_attr.h"
#include "base_err.h"
#include "base_ip.h"

/*
 * Options of a command as a table: the parser, -h, --help, the completions and the man page are made from it.
 *
 *	static const struct opt opts[] = {
 *		{ 0, OPT_HEADING, "Where" },
 *		{ 'i', OPT_IP, "ip", "ADDRESS", "client address to test", NULL, offsetof(struct spf_eval_opts, ip), OPT_COMMON },
 *		{ 0, OPT_CHOICE, "format", "FORMAT", "form of the output", formats, offsetof(struct spf_eval_opts, format) },
 *		{ 0, OPT_ALIAS, "mail-from", "from" },
 *		{ 0 },
 *	};
 *
 * An option that is not given leaves its member as it was (zero, or the command's defaults). Given twice, the last one
 * holds, lists grow. Long names are not abbreviated: a script must not change its meaning when an option is added.
 * Values with CR or LF are ERR_DATA unless OPT_MULTILINE; values that a kind refuses are ERR_USAGE.
 */
enum opt_kind {
	OPT_END = 0, /* the row behind the last */
	OPT_HEADING, /* name: a heading of --help and the man page */
	OPT_FLAG,    /* bool */
	OPT_COUNT,   /* unsigned: one more each time */
	OPT_SWITCH,  /* enum opt_switch: --name, --no-name */
	OPT_TEXT,    /* const char * */
	OPT_TEXTS,   /* struct opt_texts */
	OPT_CHOICE, /* an enum or int; extra: names, NULL behind the last; index 0 is what holds when it is not given */
	OPT_CHOICES,   /* uint64_t, bit i for extra[i]: a list with commas, adds up when repeated */
	OPT_UINT,      /* uint64_t; extra: OPT_RANGE(min, max) or NULL */
	OPT_DURATION,  /* uint64_t, milliseconds: "90", "5m", "1h30m", "250ms"; extra as OPT_UINT, in milliseconds */
	OPT_SIZE,      /* uint64_t, octets: "10k", "25M" */
	OPT_TIME,      /* struct opt_time: RFC 3339 or epoch seconds */
	OPT_IP,        /* struct ip_addr */
	OPT_IPS,       /* struct opt_ips */
	OPT_ENDPOINT,  /* struct opt_endpoint: HOST[:PORT], [v6]:port */
	OPT_ENDPOINTS, /* struct opt_endpoints */
	OPT_FILE,      /* const char *: read; not opened here */
	OPT_FILES,     /* struct opt_texts */
	OPT_OUTFILE,   /* const char *: written */
	OPT_DIR,       /* const char * */
	OPT_DOMAIN,    /* const char *: no spaces, '@' or '/'; U-labels allowed */
	OPT_DOMAINS,   /* struct opt_texts */
	OPT_ALIAS,     /* name: another name of the option `arg`; not shown by itself */
};

enum opt_flag {
	OPT_COMMON = 1U << 0, /* one of the ten or so that -h shows */
	OPT_OPTIONAL = 1U
		       << 1, /* the value may be left out (only "--name=value", "-nvalue" give one): OPT_TEXT and file
	                            kinds become "", OPT_CHOICE index 1 */
	OPT_MULTILINE = 1U << 2, /* free text: CR and LF are allowed */
	OPT_IP_ONLY = 1U << 3,   /* OPT_ENDPOINT(S): the host must be an address */
	OPT_AT_FILE = 1U << 4,   /* OPT_ALIAS: the value is written "@FILE" (--data @F) */
	OPT_IGNORED = 1U << 5, /* accepted and not stored: sendmail's harmless ones; takes a value when `arg` is set */
	OPT_HIDDEN = 1U << 6,  /* works, but is not shown */
};

struct opt {
	char letter; /* or 0 */
	enum opt_kind kind;
	const char *name; /* long name without dashes; NULL: letter only */
	const char *arg;  /* how help names the value */
	const char *help; /* one line, lower case, no full stop */
	const void *extra;
	size_t offset; /* of the member in the command's options struct */
	unsigned flags;
};

struct opt_range {
	uint64_t min, max;
};
#define OPT_RANGE(min, max) (&(const struct opt_range){ (min), (max) })

enum opt_switch { OPT_NOT_GIVEN = 0, OPT_YES = 1, OPT_NO = 2 };

struct opt_time {
	bool set;
	int64_t s; /* since the epoch */
};

struct opt_texts {
	const char **at;
	size_t n, cap;
};

struct opt_ips {
	struct ip_addr *at;
	size_t n, cap;
};

struct opt_endpoint {
	const char *host;  /* without brackets; NULL: not given */
	struct ip_addr ip; /* IP_NONE when host is a name */
	uint16_t port;     /* 0: not given */
};

struct opt_endpoints {
	struct opt_endpoint *at;
	size_t n, cap;
};

/* Each option as it was met, in order: for pairs like -s S -k K, and to tell a given value from a default. */
struct opt_seen {
	const struct opt *opt; /* the row itself, never an alias */
	const char *value;     /* NULL: none */
};

struct opt_args {
	struct arena *arena;
	struct {
		struct opt_seen *at;
		size_t n, cap;
	} seen;
	struct opt_texts operands; /* "-" is an operand; everything behind "--" too */
	bool help_asked;           /* -h or --help was met (opt_help_row): parsing ended there */
};

/*
 * Parse argv[1] and on. `tables` ends with NULL; a letter or name is looked up in their order. `args` has its arena
 * set and is empty else; `opts` is the options struct. Strings point into argv or the arena.
 * errors  ERR_USAGE, ERR_DATA (CR or LF in a value)
 */
MUST_CHECK enum err opt_parse(const struct opt *const *tables, int argc, char **argv, void *opts, struct opt_args *args,
			      struct diag *diag);

/* Was --name given? The row's own name, not an alias. */
bool opt_given(const struct opt_args *args, const char *name);

/* Parse one value into its member: for configuration files, whose keys are the long names. `shown` names it in a diag. */
MUST_CHECK enum err opt_store(const struct opt *opt, const char *shown, const char *value, void *opts,
			      struct arena *arena, struct diag *diag);

/* The same wording for values that a command checks itself: `--rate "x": not a rate; write for example 30/min`. */
enum err opt_bad(struct diag *diag, const char *shown, const char *value, const char *what, const char *write_like);

/* HOST[:PORT] with v6 in brackets; false: neither. */
MUST_CHECK bool opt_parse_endpoint(const char *value, struct opt_endpoint *out, struct arena *arena);

const struct opt *opt_find(const struct opt *table, const char *name, size_t n);
bool opt_takes_value(const struct opt *opt);

/* The nearest of `names` by edit distance, NULL when none is near. */
const char *opt_nearest(const char *word, const char *const *names, size_t n);
