#include <stdlib.h>

#include "base_ascii.h"
#include "base_show.h"
#include "msg_compose.h"

/* Sorted by extension. What programs that open attachments expect, from the IANA registry where it has one. */
struct known_type {
	struct view extension, type;
};

static const struct known_type types[] = {
#define TYPE(extension, type)                                                                                          \
	{                                                                                                              \
		VIEW_INIT(extension), VIEW_INIT(type)                                                                  \
	}
	TYPE("7z", "application/x-7z-compressed"),
	TYPE("aac", "audio/aac"),
	TYPE("asc", "application/pgp-signature"),
	TYPE("avi", "video/x-msvideo"),
	TYPE("avif", "image/avif"),
	TYPE("bmp", "image/bmp"),
	TYPE("bz2", "application/x-bzip2"),
	TYPE("c", "text/x-c"),
	TYPE("cer", "application/pkix-cert"),
	TYPE("conf", "text/plain"),
	TYPE("crt", "application/x-x509-ca-cert"),
	TYPE("css", "text/css"),
	TYPE("csv", "text/csv"),
	TYPE("deb", "application/vnd.debian.binary-package"),
	TYPE("diff", "text/x-diff"),
	TYPE("doc", "application/msword"),
	TYPE("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
	TYPE("eml", "message/rfc822"),
	TYPE("eps", "application/postscript"),
	TYPE("epub", "application/epub+zip"),
	TYPE("flac", "audio/flac"),
	TYPE("gif", "image/gif"),
	TYPE("gpg", "application/pgp-encrypted"),
	TYPE("gz", "application/gzip"),
	TYPE("h", "text/x-c"),
	TYPE("heic", "image/heic"),
	TYPE("htm", "text/html"),
	TYPE("html", "text/html"),
	TYPE("ico", "image/vnd.microsoft.icon"),
	TYPE("ics", "text/calendar"),
	TYPE("ini", "text/plain"),
	TYPE("jpeg", "image/jpeg"),
	TYPE("jpg", "image/jpeg"),
	TYPE("js", "text/javascript"),
	TYPE("json", "application/json"),
	TYPE("key", "application/vnd.apple.keynote"),
	TYPE("log", "text/plain"),
	TYPE("m4a", "audio/mp4"),
	TYPE("md", "text/markdown"),
	TYPE("mkv", "video/x-matroska"),
	TYPE("mov", "video/quicktime"),
	TYPE("mp3", "audio/mpeg"),
	TYPE("mp4", "video/mp4"),
	TYPE("odp", "application/vnd.oasis.opendocument.presentation"),
	TYPE("ods", "application/vnd.oasis.opendocument.spreadsheet"),
	TYPE("odt", "application/vnd.oasis.opendocument.text"),
	TYPE("ogg", "audio/ogg"),
	TYPE("p7m", "application/pkcs7-mime"),
	TYPE("p7s", "application/pkcs7-signature"),
	TYPE("patch", "text/x-diff"),
	TYPE("pdf", "application/pdf"),
	TYPE("png", "image/png"),
	TYPE("ppt", "application/vnd.ms-powerpoint"),
	TYPE("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
	TYPE("ps", "application/postscript"),
	TYPE("py", "text/x-python"),
	TYPE("rar", "application/vnd.rar"),
	TYPE("rtf", "application/rtf"),
	TYPE("sh", "application/x-sh"),
	TYPE("sql", "application/sql"),
	TYPE("svg", "image/svg+xml"),
	TYPE("tar", "application/x-tar"),
	TYPE("tgz", "application/gzip"),
	TYPE("tif", "image/tiff"),
	TYPE("tiff", "image/tiff"),
	TYPE("toml", "application/toml"),
	TYPE("tsv", "text/tab-separated-values"),
	TYPE("txt", "text/plain"),
	TYPE("vcf", "text/vcard"),
	TYPE("wav", "audio/wav"),
	TYPE("webm", "video/webm"),
	TYPE("webp", "image/webp"),
	TYPE("xls", "application/vnd.ms-excel"),
	TYPE("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
	TYPE("xml", "application/xml"),
	TYPE("xz", "application/x-xz"),
	TYPE("yaml", "application/yaml"),
	TYPE("yml", "application/yaml"),
	TYPE("zip", "application/zip"),
	TYPE("zst", "application/zstd"),
#undef TYPE
};

static int compare_extension(const void *key, const void *row)
{
	return view_cmp_case(*(const struct view *)key, ((const struct known_type *)row)->extension);
}

struct view msg_type_of_name(struct view name)
{
	struct view base = msg_base_name(name), extension = base;
	while (extension.p != NULL && view_has_byte(extension, '.'))
		(void)view_cut(&extension, '.');
	const struct known_type *row = extension.n == base.n ? NULL
							     : bsearch(&extension, types, ARRAY_LEN(types),
								       sizeof types[0], compare_extension);
	return row == NULL ? VIEW("application/octet-stream") : row->type;
}

struct view msg_base_name(struct view path)
{
	size_t at = path.n;
	while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
		at--;
	return view_from(path, at);
}

bool msg_type_valid(struct view type)
{
	struct view sub = type, main = view_cut(&sub, '/');
	if (main.n == 0 || sub.p == NULL || sub.n == 0 || type.n > 127)
		return false;
	for (size_t i = 0; i < type.n; i++)
		if (i != main.n && !ascii_is_token(view_at(type, i)))
			return false;
	return true;
}

/* The part of `key` that a `;key=` starts at the front of v names; NULL when none does. */
static struct view *spec_member(struct view v, struct msg_attach_spec *spec, size_t *skip)
{
	const struct {
		struct view key;
		struct view *member;
	} keys[] = { { VIEW(";type="), &spec->type },
		     { VIEW(";name="), &spec->name },
		     { VIEW(";method="), &spec->method } };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (view_starts_case(v, keys[i].key)) {
			*skip = keys[i].key.n;
			return keys[i].member;
		}
	return NULL;
}

/* Octets of v before the next `;key=`. */
static size_t spec_run(struct view v, struct msg_attach_spec *spec)
{
	size_t skip;
	if (view_at(v, 0) == '"') {
		size_t close = view_find_byte(view_from(v, 1), '"');
		if (close != SIZE_MAX &&
		    (close + 2 == v.n || spec_member(view_from(v, close + 2), spec, &skip) != NULL))
			return close + 2;
	}
	size_t n = 0;
	while (n < v.n && spec_member(view_from(v, n), spec, &skip) == NULL)
		n++;
	return n;
}

static struct view unquoted(struct view v)
{
	return v.n >= 2 && view_at(v, 0) == '"' && view_last(v) == '"' ? view_slice(v, 1, v.n - 2) : v;
}

enum err msg_attach_parse(struct view in, struct msg_attach_spec *out, struct diag *diag)
{
	struct msg_attach_spec spec = { view_none(), view_of(NULL, 0), view_of(NULL, 0), view_of(NULL, 0) };
	if (view_has_ctl(in))
		return diag_set(diag, ERR_DATA, "\"%s\" has control characters", SHOW(in));
	size_t n = spec_run(in, &spec), skip = 0;
	spec.path = unquoted(view_to(in, n));
	struct view rest = view_from(in, n);
	while (rest.n > 0) {
		struct view *member = spec_member(rest, &spec, &skip);
		if (member == NULL)
			return diag_set(diag, ERR_USAGE, "\"%s\": not understood behind the quoted value", SHOW(rest));
		if (member->p != NULL)
			return diag_set(diag, ERR_USAGE, "\"%s\": given twice", SHOW(view_to(rest, skip)));
		rest = view_from(rest, skip);
		n = spec_run(rest, &spec);
		*member = unquoted(view_to(rest, n));
		rest = view_from(rest, n);
	}
	if (spec.path.n == 0)
		return diag_set(diag, ERR_USAGE, "\"%s\" names no file", SHOW(in));
	if (spec.type.p != NULL && !msg_type_valid(spec.type))
		return diag_set(diag, ERR_USAGE, "\"%s\" is no media type (write it like text/csv)", SHOW(spec.type));
	if (view_starts_case(spec.type, VIEW("multipart/")))
		return diag_set(diag, ERR_USAGE, "a file cannot be attached as %s", SHOW(spec.type));
	*out = spec;
	return ERR_OK;
}
