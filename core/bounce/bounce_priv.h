#pragma once

#include "base_map.h"
#include "bounce_record.h"
#include "msg_mime.h"

/* One message on its way through the library's files. */
struct bounce_reader {
	struct bounce_classifier *classifier;
	struct arena *arena;
	struct msg_mime mime;
	struct bounce_report *out;
	struct view subject;  /* decoded */
	struct view from;     /* raw, unfolded */
	struct view text;     /* what the report says to people: decoded, up to the returned message */
	struct view returned; /* header block of the returned message, or what there is of it */
	int status_part, feedback_part, mdn_part;
};

/* An unfolded header field of the report itself. */
struct view bounce_field(const struct bounce_reader *reader, const char *name);

/* A field of the returned message. */
struct view bounce_returned_field(const struct bounce_reader *reader, const char *name);

/* The part's body, decoded, as UTF-8, in the arena. */
struct view bounce_part_text(const struct bounce_reader *reader, int part);

/* The first address in v: <a@b>, "rfc822; a@b", a@b. Empty when there is none. Copies nothing. */
struct view bounce_find_address(struct view v);
bool bounce_is_address(struct view v);

/* NULL when BOUNCE_RECORDS_MAX are there. */
struct bounce_record *bounce_add(struct bounce_reader *reader, enum bounce_type type, struct view recipient);

/* Fill reply, status, command and verdict from the record's diagnostic, else from `more`. */
void bounce_judge(const struct bounce_reader *reader, struct bounce_record *record, struct view more);

/* The kinds, each in its file. True: it was this kind, records are there. */
bool bounce_read_dsn(struct bounce_reader *reader);
bool bounce_read_feedback(struct bounce_reader *reader);
bool bounce_read_mdn(struct bounce_reader *reader);
bool bounce_read_text(struct bounce_reader *reader);
bool bounce_read_autoreply(struct bounce_reader *reader);

/* Text with its HTML tags taken out, entities of ASCII characters made plain. */
struct view bounce_strip_html(struct view html, struct arena *arena);

/* Where the returned message starts in the text of a report, or text.n. */
size_t bounce_returned_start(struct view text);
