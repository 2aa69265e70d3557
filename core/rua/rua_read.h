#pragma once

#include "base_stream.h"
#include "rua_report.h"

/*
 * All reports out of one file, whatever it is: XML, JSON (TLS reports), gzip, zlib or zip of these (and of one another, once),
 * a message or an mbox with any of them attached. What the bytes are decides, never a name or a content type. Nothing is written to
 * disk, names in archives are only shown. Memory does not grow with the input.
 */
enum {
	RUA_OUT_MAX = 32 << 20, /* octets unpacked of one file, or of one message of an mbox */
	RUA_RATIO_MAX = 400,    /* octets out of each octet in, once RUA_RATIO_FROM have come out */
	RUA_RATIO_FROM = 1 << 20,
	RUA_MEMBERS_MAX = 64,   /* looked at in one archive */
	RUA_NESTING_MAX = 2,    /* compressions inside one another */
	RUA_JSON_MAX = 4 << 20, /* octets of a TLS report */
	RUA_SNIFF = 4096,       /* octets looked at to tell what something is */
};

/* Who takes what is found. Reports and texts are good until the function returns. */
struct rua_sink {
	void (*report)(struct rua_sink *sink, struct rua_report *report);
	/* One of the things in the file could not be read; the others go on. `where`: the file, message, member. */
	void (*problem)(struct rua_sink *sink, struct view where, enum err err, const struct diag *diag);
};

struct rua_reader; /* for one file at a time; one a thread */

struct rua_reader *rua_reader_open(struct rua_sink *sink);
void rua_reader_close(struct rua_reader **reader); /* NULL is fine */

/*
 * Read one file to its end. Everything that is wrong with its content is a `problem`, also that there is no report in it.
 * errors  those of the source
 */
MUST_CHECK enum err rua_read(struct rua_reader *reader, const char *name, struct source *source, struct diag *diag);
