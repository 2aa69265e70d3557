#pragma once

#include "bounce_priv.h"

/*
 * Mailers that report without RFC 3464: a row each, with the marks by which they are known. All marks of a row that
 * are not NULL must be there; without case. What they say about whom is found by bounce_scan.c, the same for all.
 */
struct bounce_format {
	const char *name;
	const char *from;    /* in the From field */
	const char *subject; /* in the Subject */
	const char *field;   /* this field is there; "Name: text": and holds the text */
	const char *body;    /* in the text */
	bool sure;           /* the marks alone prove a report; else it must come from a mail system too */
	const char *says;    /* the diagnostic, when the text has none; NULL: none */
};

enum { FORMAT_BODY_MAX = 6000 };

extern const struct bounce_format bounce_formats[];  /* ends with name NULL */
extern const char *const *const bounce_mark_lists[]; /* further phrases, NULL-terminated lists of such */

/* Which phrases of the table and the lists stand where in a message. */
struct bounce_marked {
	const struct bounce_marks *marks;
	struct bounce_hits from, subject, body;
};

void bounce_marks_find(const struct bounce_reader *reader, struct bounce_marked *out);
/* All phrases of a row are there (its field is not looked at). */
bool bounce_marked(const struct bounce_marked *marked, const struct bounce_format *format);

/* Any phrase of a list, which must be one of bounce_mark_lists. */
bool bounce_marked_any(const struct bounce_marked *marked, const struct bounce_hits *where, const char *const *phrases);

/* The first row that fits, or NULL. */
const struct bounce_format *bounce_format_find(const struct bounce_reader *reader, const struct bounce_marked *marked);

/* It tells of a delay, not of a failure. */
bool bounce_says_delay(const struct bounce_marked *marked);

/* From a mail system and not from a person. */
bool bounce_from_system(const struct bounce_reader *reader, const struct bounce_marked *marked);

/* The subject, or the first lines, speak of a delivery that failed. */
bool bounce_says_failure(const struct bounce_marked *marked);
