#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_ip.h"
#include "base_view.h"

/*
 * A domain name in wire form (RFC 1035 3.1): labels with their lengths, the root's zero octet at the end, the case as it
 * was given. The functions below are the only way to get one. Small, passed by value; the octets lie in the arena (or
 * in whatever the name was made from). Parents and suffixes share the octets of their child. A struct of zeros is "no name".
 *
 * Labels hold any octets (RFC 2181 11); what may be the name of a host is asked with dname_is_host.
 */
struct dname {
	struct view wire; /* 1 to DNAME_MAX octets */
	unsigned labels;  /* without the root: 0 to DNAME_LABELS_MAX */
};

enum {
	DNAME_MAX = 255,
	DNAME_LABEL_MAX = 63,
	DNAME_LABELS_MAX = 127,
	DNAME_TEXT_MAX = 1008, /* the longest text form, each octet as \DDD */
	DNAME_INPUT_MAX = 2048 /* text from outside longer than this is no name */
};

static inline bool dname_is_set(struct dname name) { return name.wire.n > 0; }
static inline bool dname_is_root(struct dname name) { return name.wire.n == 1; }
struct dname dname_root(void);

/*
 * From text. A trailing dot is optional and changes nothing; "." is the root; the empty text is an error.
 *
 * dname_parse        the form of zone files (RFC 1035 5.1): \. \\ and \DDD are understood
 * dname_parse_plain  no escapes: dots part labels and every other octet stands for itself (domains in mail, SPF macros)
 * dname_parse_idn    what a person typed: blanks around it are dropped, U-labels become A-labels (UTS 46,
 *                    non-transitional), ASCII is read as by dname_parse
 *
 * errors  ERR_SYNTAX (empty label, bad escape; a raw octet over 0x7f in dname_parse; not valid for IDNA), ERR_LIMIT (label over 63,
 *         name over 255 octets)
 */
MUST_CHECK enum err dname_parse(struct arena *arena, struct view text, struct dname *out, struct diag *diag);
MUST_CHECK enum err dname_parse_plain(struct arena *arena, struct view text, struct dname *out, struct diag *diag);
MUST_CHECK enum err dname_parse_idn(struct arena *arena, struct view text, struct dname *out, struct diag *diag);

/* From uncompressed wire form that is exactly one name; out keeps the view. errors: ERR_SYNTAX, ERR_LIMIT */
MUST_CHECK enum err dname_of_wire(struct view wire, struct dname *out, struct diag *diag);

/* Text that can be read back by dname_parse. No dot at the end but for the root; dname_write_dot always has it. */
void dname_write(struct dname name, struct buf *out);
void dname_write_dot(struct dname name, struct buf *out);
struct view dname_text(struct arena *arena, struct dname name);

/* The same with A-labels as U-labels, where they are valid ones and safe to show. */
struct view dname_unicode(struct arena *arena, struct dname name);

struct dname_shown {
	char text[DNAME_TEXT_MAX + 1];
};
struct dname_shown dname_show(struct dname name);
#define DNAME_SHOW(name) (dname_show(name).text)

struct dname dname_copy(struct arena *arena, struct dname name);
struct dname dname_lower(struct arena *arena, struct dname name);

bool dname_eq(struct dname a, struct dname b);          /* without case */
int dname_cmp(struct dname a, struct dname b);          /* canonical order of RFC 4034 6.1 */
uint64_t dname_hash(struct dname name, uint64_t seed);  /* without case */
bool dname_under(struct dname name, struct dname zone); /* equal to it or below it */

/* Label i from the left, as octets; i < labels. */
struct view dname_label(struct dname name, unsigned i);

/* The name of its last n labels (all of it when it has no more); dname_parent takes one off. The root's parent is the root. */
struct dname dname_suffix(struct dname name, unsigned n);
struct dname dname_parent(struct dname name);

/*
 * "_dmarc" before example.org; prefix is plain text and may hold dots. dname_join puts all labels of head before tail.
 * errors  ERR_LIMIT when it becomes too long, ERR_SYNTAX
 */
MUST_CHECK enum err dname_prepend(struct arena *arena, struct view prefix, struct dname name, struct dname *out,
				  struct diag *diag);
MUST_CHECK enum err dname_join(struct arena *arena, struct dname head, struct dname tail, struct dname *out,
			       struct diag *diag);

/* 192.0.2.1 as 1.2.0.192 before `zone`, IPv6 by nibbles: for block lists. dname_of_ip uses in-addr.arpa and ip6.arpa. */
MUST_CHECK enum err dname_reversed(struct arena *arena, const struct ip_addr *ip, struct dname zone, struct dname *out,
				   struct diag *diag);
struct dname dname_of_ip(struct arena *arena, const struct ip_addr *ip);

/* Letters, digits and inner hyphens only, at least one label (RFC 952, RFC 1123 2.1). No underscore. */
bool dname_is_host(struct dname name);
