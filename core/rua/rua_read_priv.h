#pragma once

#include <zlib.h>

#include "msg_mbox.h"
#include "msg_mime.h"
#include "rua_read.h"
#include "rua_xml.h"

enum rua_layer_type { RUA_SNIFFING, RUA_XML, RUA_JSON, RUA_DEFLATE, RUA_ZIP, RUA_FOREIGN };

enum rua_zip_state { ZIP_HEADER, ZIP_NAME, ZIP_DEFLATED, ZIP_STORED, ZIP_DESCRIPTOR, ZIP_END };

enum { RUA_ZIP_HEADER = 30, RUA_ZIP_NAME_MAX = 1024, RUA_LAYERS = RUA_NESTING_MAX + 1, RUA_BLOCK = 65536 };

/* One skin of the onion; what it yields goes to the next one. */
struct rua_layer {
	enum rua_layer_type type;
	struct buf data; /* sniffed octets, a JSON text, a zip header */
	z_stream stream;
	bool stream_open;  /* inflateInit was called once */
	bool stream_ended; /* the end of the compressed data was there */
	enum rua_zip_state zip;
	size_t name_n, extra_n;
	uint64_t left; /* of a stored member */
	unsigned members;
	size_t name_at; /* where the member's name starts in `where` */
	bool failed;    /* the rest of this layer's input is of no use */
	char *out;      /* RUA_BLOCK octets */
};

struct rua_reader {
	struct rua_sink *sink;
	struct arena arena; /* of one report */
	struct rua_xml *xml;
	struct rua_report report;
	struct rua_layer layers[RUA_LAYERS];
	struct buf where;
	uint64_t in, out; /* octets of the file or message, and unpacked of it */
	unsigned found;   /* reports and problems */
	bool in_mail;     /* other things than reports are nothing to complain of */
	struct msg_mbox mbox;
	struct arena mail_arena;
};

/* rua_unpack.c */
void rua_unpack_begin(struct rua_reader *reader, unsigned level);
void rua_unpack_feed(struct rua_reader *reader, unsigned level, struct view bytes);
void rua_unpack_end(struct rua_reader *reader, unsigned level);
void rua_unpack_done(struct rua_reader *reader);
void rua_problem(struct rua_reader *reader, enum err err, const struct diag *diag);
void rua_yield(struct rua_reader *reader);                     /* reader->report is complete */
void rua_fresh(struct rua_reader *reader, enum rua_kind kind); /* an empty reader->report */
enum rua_layer_type rua_sniff(struct view head);

/* Count and judge what came out of a compression. */
MUST_CHECK enum err rua_unpacked(struct rua_reader *reader, size_t n, struct diag *diag);
/* Everything in `in` through the layer's inflate to the next layer; *used octets were taken. */
MUST_CHECK enum err rua_inflate(struct rua_reader *reader, unsigned level, struct view in, size_t *used,
				struct diag *diag);
MUST_CHECK enum err rua_inflate_begin(struct rua_layer *layer, int window_bits, struct diag *diag);

/* rua_zip.c */
MUST_CHECK enum err rua_zip_feed(struct rua_reader *reader, unsigned level, struct view bytes, struct diag *diag);
MUST_CHECK enum err rua_zip_end(struct rua_reader *reader, unsigned level, struct diag *diag);

/* rua_mail.c */
void rua_mail(struct rua_reader *reader, struct view message);

/* rua_arf.c: true when the message is a feedback report, of which reader->report was made or a problem told. */
bool rua_arf(struct rua_reader *reader, const struct msg_mime *mime);

/* rua_tls.c */
MUST_CHECK enum err rua_tls_parse(struct view text, struct arena *arena, struct rua_report *out, struct diag *diag);
