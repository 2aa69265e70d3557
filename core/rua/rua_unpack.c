/* Layers: each is told what it is by its first octets, and gives what it unpacks to the next one. */
#include <stdlib.h>

#include "base_ascii.h"
#include "base_show.h"
#include "rua_read_priv.h"

void rua_problem(struct rua_reader *reader, enum err err, const struct diag *diag)
{
	reader->found++;
	reader->sink->problem(reader->sink, buf_view(&reader->where), err, diag);
}

void rua_fresh(struct rua_reader *reader, enum rua_kind kind)
{
	arena_reset(&reader->arena);
	reader->report = (struct rua_report){ .kind = kind, .begin = -1, .end = -1 };
}

void rua_yield(struct rua_reader *reader)
{
	reader->found++;
	reader->report.where = buf_view(&reader->where);
	reader->sink->report(reader->sink, &reader->report);
}

/* XML, but not a page that a person was meant to read. */
static bool is_page(struct view head)
{
	static const struct view marks[] = { VIEW_INIT("<!doctype html"), VIEW_INIT("<html"), VIEW_INIT("<body"),
					     VIEW_INIT("<div"),           VIEW_INIT("<p>"),   VIEW_INIT("<meta") };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (view_find_case(head, marks[i]) != SIZE_MAX)
			return true;
	return false;
}

enum rua_layer_type rua_sniff(struct view head)
{
	int a = view_at(head, 0), b = view_at(head, 1);
	if (a == 0x1f && b == 0x8b)
		return RUA_DEFLATE;
	if (a == 0x78 && b >= 0 && b != '^' && (a * 256 + b) % 31 == 0)
		return RUA_DEFLATE;
	if (view_starts(head, VIEW("PK\3\4")) || view_starts(head, VIEW("PK\5\6")) ||
	    view_starts(head, VIEW("PK00PK\3\4")))
		return RUA_ZIP;
	if ((a == 0xfe && b == 0xff) || (a == 0xff && b == 0xfe) || (a == '<' && b == 0) || (a == 0 && b == '<'))
		return RUA_XML;
	if (view_starts(head, VIEW("\xef\xbb\xbf")))
		head = view_from(head, 3);
	head = view_trim(head);
	if (view_at(head, 0) == '<')
		return view_find(head, VIEW("feedback")) == SIZE_MAX && is_page(head) ? RUA_FOREIGN : RUA_XML;
	return view_at(head, 0) == '{' ? RUA_JSON : RUA_FOREIGN;
}

enum err rua_unpacked(struct rua_reader *reader, size_t n, struct diag *diag)
{
	reader->out += n;
	if (reader->out > RUA_OUT_MAX)
		return diag_set(diag, ERR_LIMIT, "more than RUA_OUT_MAX (%d MiB) comes out of it: refused",
				RUA_OUT_MAX >> 20);
	if (reader->out > RUA_RATIO_FROM && reader->out / RUA_RATIO_MAX > reader->in)
		return diag_set(diag, ERR_LIMIT, "it unpacks to more than RUA_RATIO_MAX (%d) times its size: refused",
				RUA_RATIO_MAX);
	return ERR_OK;
}

enum err rua_inflate_begin(struct rua_layer *layer, int window_bits, struct diag *diag)
{
	layer->stream_ended = false;
	if (layer->out == NULL && (layer->out = malloc(RUA_BLOCK)) == NULL)
		base_out_of_memory();
	int status = layer->stream_open ? inflateReset2(&layer->stream, window_bits)
					: inflateInit2(&layer->stream, window_bits);
	if (status == Z_MEM_ERROR)
		base_out_of_memory();
	layer->stream_open = true;
	return status == Z_OK ? ERR_OK : diag_set(diag, ERR_BUG, "zlib: cannot start");
}

enum err rua_inflate(struct rua_reader *reader, unsigned level, struct view in, size_t *used, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	z_stream *z = &layer->stream;
	z->next_in = (Bytef *)(uintptr_t)in.p;
	z->avail_in = (uInt)in.n;
	while (!layer->stream_ended) {
		z->next_out = (Bytef *)layer->out;
		z->avail_out = RUA_BLOCK;
		int status = inflate(z, Z_NO_FLUSH);
		size_t n = RUA_BLOCK - z->avail_out;
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			return diag_set(diag, ERR_SYNTAX, "compressed data is broken (%s)",
					z->msg != NULL ? z->msg : "no reason given");
		enum err err = rua_unpacked(reader, n, diag);
		if (err != ERR_OK)
			return err;
		if (n > 0)
			rua_unpack_feed(reader, level + 1, view_of(layer->out, n));
		layer->stream_ended = status == Z_STREAM_END;
		if (z->avail_in == 0 && z->avail_out > 0)
			break;
	}
	*used = in.n - z->avail_in;
	return ERR_OK;
}

/* gzip: several members one behind the other are one file; what is no member behind the last is padding. */
static enum err feed_deflate(struct rua_reader *reader, unsigned level, struct view bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	while (bytes.n > 0) {
		size_t used;
		if (layer->stream_ended) {
			if (view_at(bytes, 0) != 0x1f || (bytes.n > 1 && view_at(bytes, 1) != 0x8b))
				return ERR_OK;
			if (++layer->members > RUA_MEMBERS_MAX)
				return diag_set(diag, ERR_LIMIT, "more than RUA_MEMBERS_MAX (%d) gzip members",
						RUA_MEMBERS_MAX);
			enum err err = rua_inflate_begin(layer, 32 + MAX_WBITS, diag);
			if (err != ERR_OK)
				return err;
		}
		enum err err = rua_inflate(reader, level, bytes, &used, diag);
		if (err != ERR_OK)
			return err;
		bytes = view_from(bytes, used);
	}
	return ERR_OK;
}

static enum err begin_as(struct rua_reader *reader, unsigned level, enum rua_layer_type type, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	layer->type = type;
	layer->members = 0;
	if ((type == RUA_DEFLATE || type == RUA_ZIP) && level >= RUA_NESTING_MAX)
		return diag_set(diag, ERR_LIMIT, "compressed more than RUA_NESTING_MAX (%d) times", RUA_NESTING_MAX);
	if (type == RUA_XML) {
		rua_fresh(reader, RUA_AGGREGATE);
		rua_xml_begin(reader->xml, &reader->arena, &reader->report);
	} else if (type == RUA_DEFLATE) {
		rua_unpack_begin(reader, level + 1);
		return rua_inflate_begin(layer, 32 + MAX_WBITS, diag);
	} else if (type == RUA_ZIP) {
		layer->zip = ZIP_HEADER;
		layer->name_at = reader->where.n;
	} else if (type == RUA_FOREIGN && !reader->in_mail) {
		return diag_set(diag, ERR_DATA, "neither XML nor JSON, nor compressed, nor mail");
	} else if (type == RUA_FOREIGN) {
		layer->failed = true;
	}
	return ERR_OK;
}

static enum err feed_json(struct rua_layer *layer, struct view bytes, struct diag *diag)
{
	buf_put(&layer->data, bytes);
	return layer->data.over ? diag_set(diag, ERR_LIMIT, "more JSON than RUA_JSON_MAX (%d MiB)", RUA_JSON_MAX >> 20)
				: ERR_OK;
}

static enum err feed_as(struct rua_reader *reader, unsigned level, struct view bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	switch (layer->type) {
	case RUA_XML:
		return rua_xml_feed(reader->xml, bytes, diag);
	case RUA_JSON:
		return feed_json(layer, bytes, diag);
	case RUA_DEFLATE:
		return feed_deflate(reader, level, bytes, diag);
	case RUA_ZIP:
		return rua_zip_feed(reader, level, bytes, diag);
	case RUA_SNIFFING:
	case RUA_FOREIGN:
		break;
	}
	return ERR_OK;
}

/* One fault ends a layer; what is behind it goes on (other members, other attachments). */
static void fail(struct rua_reader *reader, struct rua_layer *layer, enum err err, const struct diag *diag)
{
	layer->failed = true;
	rua_problem(reader, err, diag);
}

/* A part of a message may be text that only begins like a report. */
static bool is_text(enum rua_layer_type type, struct view head)
{
	if (type == RUA_JSON)
		return view_find(head, VIEW("policies")) == SIZE_MAX &&
		       view_find(head, VIEW("report-id")) == SIZE_MAX &&
		       view_find(head, VIEW("organization-name")) == SIZE_MAX;
	return type == RUA_XML && view_at(view_trim(head), 0) == '<' && view_find(head, VIEW("<?xml")) == SIZE_MAX &&
	       view_find(head, VIEW("feedback")) == SIZE_MAX && !view_has_byte(head, 0);
}

static void decide(struct rua_reader *reader, unsigned level)
{
	struct rua_layer *layer = &reader->layers[level];
	struct diag diag = { 0 };
	struct buf head = layer->data;
	enum rua_layer_type type = rua_sniff(buf_view(&head));
	if (reader->in_mail && level == 0 && is_text(type, buf_view(&head)))
		type = RUA_FOREIGN;
	buf_init(&layer->data, RUA_JSON_MAX);
	enum err err = begin_as(reader, level, type, &diag);
	if (err == ERR_OK)
		err = feed_as(reader, level, buf_view(&head), &diag);
	if (err != ERR_OK)
		fail(reader, layer, err, &diag);
	buf_done(&head);
}

void rua_unpack_begin(struct rua_reader *reader, unsigned level)
{
	struct rua_layer *layer = &reader->layers[level];
	layer->type = RUA_SNIFFING;
	layer->failed = false;
	buf_reset(&layer->data);
	layer->data.max = RUA_JSON_MAX;
}

void rua_unpack_feed(struct rua_reader *reader, unsigned level, struct view bytes)
{
	struct rua_layer *layer = &reader->layers[level];
	struct diag diag = { 0 };
	if (layer->failed)
		return;
	if (layer->type == RUA_SNIFFING) {
		size_t room = RUA_SNIFF - layer->data.n;
		buf_put(&layer->data, view_to(bytes, room));
		bytes = view_from(bytes, room);
		if (layer->data.n < RUA_SNIFF)
			return;
		decide(reader, level);
		if (layer->failed || bytes.n == 0)
			return;
	}
	enum err err = feed_as(reader, level, bytes, &diag);
	if (err != ERR_OK)
		fail(reader, layer, err, &diag);
}

static enum err end_as(struct rua_reader *reader, unsigned level, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	enum err err = ERR_OK;
	switch (layer->type) {
	case RUA_XML:
		err = rua_xml_end(reader->xml, diag);
		break;
	case RUA_JSON:
		rua_fresh(reader, RUA_TLS);
		err = rua_tls_parse(buf_view(&layer->data), &reader->arena, &reader->report, diag);
		break;
	case RUA_DEFLATE:
		if (layer->stream_ended)
			rua_unpack_end(reader, level + 1);
		else if (!reader->layers[level + 1].failed)
			return diag_set(diag, ERR_SYNTAX, "compressed data ends too early");
		return ERR_OK;
	case RUA_ZIP:
		return rua_zip_end(reader, level, diag);
	case RUA_SNIFFING:
	case RUA_FOREIGN:
		return ERR_OK;
	}
	if (err == ERR_OK)
		rua_yield(reader);
	return err;
}

void rua_unpack_end(struct rua_reader *reader, unsigned level)
{
	struct rua_layer *layer = &reader->layers[level];
	struct diag diag = { 0 };
	if (layer->type == RUA_SNIFFING && !layer->failed) {
		if (layer->data.n == 0) {
			if (!reader->in_mail || level > 0)
				fail(reader, layer, ERR_DATA, (diag_set(&diag, ERR_DATA, "empty"), &diag));
			return;
		}
		decide(reader, level);
	}
	if (layer->failed)
		return;
	enum err err = end_as(reader, level, &diag);
	if (err != ERR_OK)
		fail(reader, layer, err, &diag);
}

void rua_unpack_done(struct rua_reader *reader)
{
	for (size_t i = 0; i < RUA_LAYERS; i++) {
		struct rua_layer *layer = &reader->layers[i];
		buf_done(&layer->data);
		if (layer->stream_open)
			(void)inflateEnd(&layer->stream);
		free(layer->out);
	}
}
