/*
 * A zip archive from front to end by its local headers, as it comes (APPNOTE 4.3). Sizes and checksums in it are not believed: deflate
 * says itself where it ends.
 */
#include "base_show.h"
#include "rua_read_priv.h"

enum { FLAG_ENCRYPTED = 1, FLAG_DESCRIPTOR = 8, STORED = 0, DEFLATED = 8, DESCRIPTOR_MAX = 24 };

static unsigned u16(struct view v, size_t at) { return (unsigned)view_at(v, at) | (unsigned)view_at(v, at + 1) << 8; }
static uint32_t u32(struct view v, size_t at) { return u16(v, at) | (uint32_t)u16(v, at + 2) << 16; }

/* Collect n octets of the archive in layer->data; true when they are there. */
static bool collect(struct rua_layer *layer, struct view *bytes, size_t n)
{
	struct view part = view_to(*bytes, layer->data.n < n ? n - layer->data.n : 0);
	buf_put(&layer->data, part);
	*bytes = view_from(*bytes, part.n);
	return layer->data.n >= n;
}

static void member_over(struct rua_reader *reader, unsigned level)
{
	struct rua_layer *layer = &reader->layers[level];
	rua_unpack_end(reader, level + 1);
	buf_cut(&reader->where, layer->name_at);
	buf_reset(&layer->data);
}

static enum err begin_member(struct rua_reader *reader, unsigned level, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	struct view head = buf_view(&layer->data);
	unsigned flags = u16(head, 6), method = u16(head, 8);
	struct view name = view_slice(head, RUA_ZIP_HEADER, layer->name_n);
	layer->name_at = reader->where.n;
	buf_str(&reader->where, " (");
	buf_put(&reader->where, name);
	buf_str(&reader->where, ")");
	layer->left = u32(head, 18);
	bool directory = view_last(name) == '/';
	if ((flags & FLAG_ENCRYPTED) != 0)
		return diag_set(diag, ERR_DATA, "the archive is encrypted");
	if (method != STORED && method != DEFLATED)
		return diag_set(diag, ERR_DATA, "compressed by method %u, which no report uses", method);
	if (method == STORED && ((flags & FLAG_DESCRIPTOR) != 0 || layer->left == UINT32_MAX))
		return diag_set(diag, ERR_DATA, "a stored member does not say how long it is");
	layer->zip = method == STORED ? ZIP_STORED : ZIP_DEFLATED;
	buf_reset(&layer->data);
	rua_unpack_begin(reader, level + 1);
	if (directory)
		reader->layers[level + 1].failed = true; /* a directory: nothing to read, nothing to say */
	return method == STORED ? ERR_OK : rua_inflate_begin(layer, -MAX_WBITS, diag);
}

static enum err take_header(struct rua_reader *reader, unsigned level, struct view *bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	if (!collect(layer, bytes, 4))
		return ERR_OK;
	struct view head = buf_view(&layer->data);
	if (view_starts(head, VIEW("PK00"))) {
		buf_reset(&layer->data);
		return ERR_OK;
	}
	if (!view_starts(head, VIEW("PK\3\4"))) {
		layer->zip = ZIP_END; /* the central directory, or what somebody put behind */
		return ERR_OK;
	}
	if (!collect(layer, bytes, RUA_ZIP_HEADER))
		return ERR_OK;
	if (++layer->members > RUA_MEMBERS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than RUA_MEMBERS_MAX (%d) members", RUA_MEMBERS_MAX);
	head = buf_view(&layer->data);
	layer->name_n = u16(head, 26);
	layer->extra_n = u16(head, 28);
	if (layer->name_n > RUA_ZIP_NAME_MAX)
		return diag_set(diag, ERR_LIMIT, "a name longer than RUA_ZIP_NAME_MAX (%d)", RUA_ZIP_NAME_MAX);
	layer->zip = ZIP_NAME;
	return ERR_OK;
}

static enum err take_deflated(struct rua_reader *reader, unsigned level, struct view *bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	size_t used;
	enum err err = rua_inflate(reader, level, *bytes, &used, diag);
	if (err != ERR_OK)
		return err;
	*bytes = view_from(*bytes, used);
	if (!layer->stream_ended)
		return ERR_OK;
	member_over(reader, level);
	layer->zip = ZIP_DESCRIPTOR;
	return ERR_OK;
}

static enum err take_stored(struct rua_reader *reader, unsigned level, struct view *bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	struct view part = view_to(*bytes, layer->left > bytes->n ? bytes->n : (size_t)layer->left);
	enum err err = rua_unpacked(reader, part.n, diag);
	if (err != ERR_OK)
		return err;
	rua_unpack_feed(reader, level + 1, part);
	*bytes = view_from(*bytes, part.n);
	layer->left -= part.n;
	if (layer->left > 0)
		return ERR_OK;
	member_over(reader, level);
	layer->zip = ZIP_HEADER;
	return ERR_OK;
}

/* There may be a descriptor of 12 to 24 octets, with or without a signature: look for what comes behind it. */
static void take_descriptor(struct rua_layer *layer, struct view *bytes)
{
	(void)collect(layer, bytes, DESCRIPTOR_MAX + 4);
	struct view held = buf_view(&layer->data);
	for (size_t at = 0; at + 4 <= held.n; at++) {
		struct view rest = view_from(held, at);
		if (!view_starts(rest, VIEW("PK\3\4")) && !view_starts(rest, VIEW("PK\1\2")) &&
		    !view_starts(rest, VIEW("PK\5\6")))
			continue;
		buf_drop(&layer->data, at);
		layer->zip = view_starts(rest, VIEW("PK\3\4")) ? ZIP_HEADER : ZIP_END;
		return;
	}
	if (held.n >= DESCRIPTOR_MAX + 4)
		layer->zip = ZIP_END;
}

/* A header may have been held back with the descriptor: more of it than the state needs stays in data. */
static enum err take_name(struct rua_reader *reader, unsigned level, struct view *bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	if (!collect(layer, bytes, RUA_ZIP_HEADER + layer->name_n + layer->extra_n))
		return ERR_OK;
	return begin_member(reader, level, diag);
}

enum err rua_zip_feed(struct rua_reader *reader, unsigned level, struct view bytes, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	enum err err = ERR_OK;
	layer->data.max = RUA_JSON_MAX;
	while (err == ERR_OK && layer->zip != ZIP_END) {
		enum rua_zip_state before = layer->zip;
		size_t left = bytes.n;
		switch (layer->zip) {
		case ZIP_HEADER:
			err = take_header(reader, level, &bytes, diag);
			break;
		case ZIP_NAME:
			err = take_name(reader, level, &bytes, diag);
			break;
		case ZIP_DEFLATED:
			err = take_deflated(reader, level, &bytes, diag);
			break;
		case ZIP_STORED:
			err = take_stored(reader, level, &bytes, diag);
			break;
		case ZIP_DESCRIPTOR:
			take_descriptor(layer, &bytes);
			break;
		case ZIP_END:
			break;
		}
		if (layer->zip == before && bytes.n == left)
			break;
	}
	return err;
}

enum err rua_zip_end(struct rua_reader *reader, unsigned level, struct diag *diag)
{
	struct rua_layer *layer = &reader->layers[level];
	bool inside = layer->zip == ZIP_DEFLATED || layer->zip == ZIP_STORED || layer->zip == ZIP_NAME;
	if (!inside)
		return layer->members > 0 ? ERR_OK : diag_set(diag, ERR_DATA, "an empty archive");
	return diag_set(diag, ERR_SYNTAX, "the archive ends too early");
}
