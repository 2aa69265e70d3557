/* The parser's side: bytes made fit for expat, and its events. What they mean is in rua_xml_elements.c. */
#include "rua_xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base_ascii.h"
#include "base_show.h"
#include "base_utf8.h"
#include "rua_xml_priv.h"

struct rua_xml {
	XML_Parser parser;
	struct rua_elements elements;
	struct buf head;  /* until the encoding is known */
	struct buf clean; /* a block with its broken octets replaced */
	bool started, utf8, over;
	char held[4]; /* the start of a character at the end of a block */
	size_t held_n;
	uint64_t fed, event_at;
	enum err err;
	struct diag diag;
};

static void stop(struct rua_xml *xml, enum err err)
{
	if (xml->err == ERR_OK)
		xml->err = err;
	(void)XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct rua_xml *xml = user;
	xml->event_at = xml->fed;
	enum err err = ERR_OK;
	if (attributes[0] != NULL && XML_GetSpecifiedAttributeCount(xml->parser) > RUA_ATTRIBUTES_MAX * 2)
		err = diag_set(&xml->diag, ERR_LIMIT, "an element has more than RUA_ATTRIBUTES_MAX (%d) attributes",
			       RUA_ATTRIBUTES_MAX);
	if (err == ERR_OK)
		err = rua_elements_start(&xml->elements, name, &xml->diag);
	if (err != ERR_OK)
		stop(xml, err);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
	struct rua_xml *xml = user;
	(void)name;
	xml->event_at = xml->fed;
	enum err err = rua_elements_end(&xml->elements, &xml->diag);
	if (err != ERR_OK)
		stop(xml, err);
	if (xml->elements.depth == 0) {
		xml->over = true; /* what stands behind the report is nobody's */
		(void)XML_StopParser(xml->parser, XML_FALSE);
	}
}

static void XMLCALL on_text(void *user, const XML_Char *text, int n)
{
	struct rua_xml *xml = user;
	xml->event_at = xml->fed;
	if (xml->elements.leaf != NULL)
		rua_elements_text(&xml->elements, view_of(text, (size_t)n));
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system, const XML_Char *public,
			       int internal)
{
	struct rua_xml *xml = user;
	(void)name, (void)system, (void)public, (void)internal;
	stop(xml, diag_set(&xml->diag, ERR_DATA, "a document type (DOCTYPE), which no report has: refused"));
}

struct rua_xml *rua_xml_open(void)
{
	struct rua_xml *xml = calloc(1, sizeof *xml);
	if (xml == NULL || (xml->parser = XML_ParserCreate(NULL)) == NULL)
		base_out_of_memory();
	buf_init(&xml->head, RUA_HEAD_MAX);
	buf_init(&xml->clean, (size_t)1 << 22);
	rua_elements_init(&xml->elements);
	return xml;
}

void rua_xml_close(struct rua_xml **xml)
{
	if (*xml == NULL)
		return;
	XML_ParserFree((*xml)->parser);
	rua_elements_done(&(*xml)->elements);
	buf_done(&(*xml)->head);
	buf_done(&(*xml)->clean);
	free(*xml);
	*xml = NULL;
}

void rua_xml_begin(struct rua_xml *xml, struct arena *arena, struct rua_report *out)
{
	(void)XML_ParserReset(xml->parser, NULL);
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
	rua_elements_begin(&xml->elements, arena, out);
	buf_reset(&xml->head);
	xml->started = xml->utf8 = xml->over = false;
	xml->held_n = 0;
	xml->fed = xml->event_at = 0;
	xml->err = ERR_OK;
	xml->diag = (struct diag){ 0 };
}

static enum err failed(struct rua_xml *xml, struct diag *diag)
{
	if (xml->err == ERR_OK) {
		unsigned line = (unsigned)XML_GetCurrentLineNumber(xml->parser);
		unsigned column = (unsigned)XML_GetCurrentColumnNumber(xml->parser) + 1;
		const char *why = XML_ErrorString(XML_GetErrorCode(xml->parser));
		xml->err = diag_at(&xml->diag, ERR_SYNTAX, line, column, "XML, line %u, column %u: %s", line, column,
				   why);
	}
	if (diag != NULL)
		*diag = xml->diag;
	return xml->err;
}

static enum err parse(struct rua_xml *xml, struct view bytes, bool last, struct diag *diag)
{
	if (xml->over)
		return ERR_OK;
	xml->fed += bytes.n;
	enum XML_Status status = XML_Parse(xml->parser, bytes.n == 0 ? "" : bytes.p, (int)bytes.n, last);
	if (xml->over && xml->err == ERR_OK)
		return ERR_OK;
	if (status != XML_STATUS_OK || xml->err != ERR_OK)
		return failed(xml, diag);
	if (xml->fed - xml->event_at > RUA_TOKEN_MAX) {
		xml->err = diag_set(&xml->diag, ERR_LIMIT, "nothing ends within RUA_TOKEN_MAX (%d octets)",
				    RUA_TOKEN_MAX);
		return failed(xml, diag);
	}
	return ERR_OK;
}

static bool is_ascii(struct view v)
{
	size_t i = 0;
	for (uint64_t word; i + sizeof word <= v.n; i += sizeof word) {
		memcpy(&word, v.p + i, sizeof word);
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			return false;
	}
	for (; i < v.n; i++)
		if (view_at(v, i) >= 0x80)
			return false;
	return true;
}

/* Octets at the end that may be the start of a character. */
static size_t unfinished(struct view v)
{
	for (size_t back = 1; back <= 3 && back <= v.n; back++) {
		int c = view_at(v, v.n - back);
		if ((c & 0xc0) == 0x80)
			continue;
		size_t needs = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
		return needs > back ? back : 0;
	}
	return 0;
}

/* UTF-8 that is none is replaced: one octet in an organization's name must not cost the report. */
static enum err parse_utf8(struct rua_xml *xml, struct view bytes, bool last, struct diag *diag)
{
	if (xml->held_n == 0 && is_ascii(bytes))
		return parse(xml, bytes, last, diag);
	buf_reset(&xml->clean);
	buf_put(&xml->clean, view_of(xml->held, xml->held_n));
	buf_put(&xml->clean, bytes);
	struct view all = buf_view(&xml->clean);
	size_t keep = last ? 0 : unfinished(all);
	memcpy(xml->held, all.p + all.n - keep, keep);
	xml->held_n = keep;
	all = view_to(all, all.n - keep);
	if (utf8_valid(all))
		return parse(xml, all, last, diag);
	rua_warn(xml->elements.out, xml->elements.arena, "text that is no UTF-8 was replaced");
	BUF_AUTO struct buf good;
	buf_init(&good, all.n * 3 + 1);
	utf8_put_clean(&good, all);
	return parse(xml, buf_view(&good), last, diag);
}

/* A real sender leaves the schema's opening or closing tag in its reports, without the other one. */
static enum err parse_without_schema(struct rua_xml *xml, struct view bytes, bool last, struct diag *diag)
{
	for (size_t at; (at = view_find(bytes, VIEW("xs:schema"))) != SIZE_MAX;) {
		size_t start = at;
		if (view_at(bytes, start - 1) == '/')
			start--;
		size_t end = view_find_byte(view_from(bytes, at), '>');
		if (start == 0 || view_at(bytes, start - 1) != '<' || end == SIZE_MAX)
			break;
		rua_warn(xml->elements.out, xml->elements.arena, "a stray xs:schema tag was left out");
		enum err err = parse_utf8(xml, view_to(bytes, start - 1), false, diag);
		if (err != ERR_OK)
			return err;
		bytes = view_from(bytes, at + end + 1);
	}
	return parse_utf8(xml, bytes, last, diag);
}

/* The value of encoding="..." in the XML declaration. */
static struct view declared_encoding(struct view head)
{
	struct view decl = view_to(head, view_find(head, VIEW("?>")));
	size_t at = view_find(decl, VIEW("encoding"));
	if (!view_starts(head, VIEW("<?xml")) || at == SIZE_MAX || decl.n == head.n)
		return view_none();
	struct view rest = view_trim(view_from(decl, at + 8));
	if (view_at(rest, 0) != '=')
		return view_none();
	rest = view_trim(view_from(rest, 1));
	int quote = view_at(rest, 0);
	rest = view_from(rest, 1);
	return quote == '"' || quote == '\'' ? view_to(rest, view_find_byte(rest, quote)) : view_none();
}

static bool is_utf16(struct view head)
{
	return (view_at(head, 0) == 0xfe && view_at(head, 1) == 0xff) ||
	       (view_at(head, 0) == 0xff && view_at(head, 1) == 0xfe) || view_at(head, 0) == 0 || view_at(head, 1) == 0;
}

/* The octets in front of the declaration that some senders put there are no XML. */
static struct view without_front(struct view head)
{
	if (view_starts(head, VIEW("\xef\xbb\xbf")))
		head = view_from(head, 3);
	while (ascii_is_space(view_at(head, 0)))
		head = view_from(head, 1);
	return head;
}

static void choose_encoding(struct rua_xml *xml, struct view head)
{
	struct view encoding = declared_encoding(head);
	bool latin = view_is_case(encoding, "windows-1252") || view_is_case(encoding, "cp1252") ||
		     view_is_case(encoding, "iso-8859-15");
	xml->utf8 = encoding.n == 0 || view_is_case(encoding, "utf-8") || view_is_case(encoding, "utf8") ||
		    view_is_case(encoding, "us-ascii") || view_is_case(encoding, "ascii") ||
		    view_is_case(encoding, "utf-16") || view_is_case(encoding, "unicode");
	if (xml->utf8)
		(void)XML_SetEncoding(xml->parser, "UTF-8");
	else if (latin)
		(void)XML_SetEncoding(xml->parser, "ISO-8859-1");
}

static enum err start(struct rua_xml *xml, bool last, struct diag *diag)
{
	struct view head = buf_view(&xml->head);
	xml->started = true;
	if (is_utf16(head))
		return parse(xml, head, last, diag);
	head = without_front(head);
	choose_encoding(xml, head);
	return xml->utf8 ? parse_without_schema(xml, head, last, diag) : parse(xml, head, last, diag);
}

enum err rua_xml_feed(struct rua_xml *xml, struct view bytes, struct diag *diag)
{
	if (xml->err != ERR_OK)
		return failed(xml, diag);
	if (!xml->started) {
		struct view first = view_to(bytes, RUA_HEAD_MAX - xml->head.n);
		buf_put(&xml->head, first);
		bytes = view_from(bytes, first.n);
		if (xml->head.n < RUA_HEAD_MAX)
			return ERR_OK;
		enum err err = start(xml, false, diag);
		if (err != ERR_OK)
			return err;
	}
	if (bytes.n == 0 || xml->over)
		return ERR_OK;
	return xml->utf8 ? parse_without_schema(xml, bytes, false, diag) : parse(xml, bytes, false, diag);
}

enum err rua_xml_end(struct rua_xml *xml, struct diag *diag)
{
	enum err err = xml->err != ERR_OK ? failed(xml, diag)
		       : !xml->started    ? start(xml, true, diag)
		       : xml->utf8        ? parse_utf8(xml, view_none(), true, diag)
					  : parse(xml, view_none(), true, diag);
	return err == ERR_OK ? rua_elements_finish(&xml->elements, diag) : err;
}
