#pragma once

#include "base_buf.h"
#include "rua_report.h"

/*
 * An aggregate report out of XML in pieces of any size. Names of elements count, their namespaces and prefixes do not; what is
 * not known is skipped. A document type, and with it every entity of its own, is refused.
 */
enum {
	RUA_DEPTH_MAX = 32,
	RUA_ATTRIBUTES_MAX = 32,          /* of one element */
	RUA_TEXT_MAX = 4096,              /* octets of one element's text; longer ones are cut */
	RUA_TOKEN_MAX = 1 << 20,          /* octets without the end of a tag, comment or text */
	RUA_REPORT_MEMORY_MAX = 64 << 20, /* octets that one report may take in the arena */
	RUA_HEAD_MAX = 1024,              /* octets in which the encoding is looked for */
};

struct rua_xml;

struct rua_xml *rua_xml_open(void);
void rua_xml_close(struct rua_xml **xml); /* NULL is fine */

/* Start on a document; its texts go to the arena. */
void rua_xml_begin(struct rua_xml *xml, struct arena *arena, struct rua_report *out);

/* errors  ERR_SYNTAX (line and column), ERR_DATA (a document type, another document), ERR_LIMIT (RUA_*) */
MUST_CHECK enum err rua_xml_feed(struct rua_xml *xml, struct view bytes, struct diag *diag);

/* The end of the document: *out is complete. */
MUST_CHECK enum err rua_xml_end(struct rua_xml *xml, struct diag *diag);
