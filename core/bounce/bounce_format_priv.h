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

/* The first row that fits, or NULL. */
const struct bounce_format *bounce_format_find(const struct bounce_reader *reader);

/* A line of the returned text that tells of a delay, or a subject. */
bool bounce_says_delay(const struct bounce_reader *reader);

/* From a mail system and not from a person. */
bool bounce_from_system(const struct bounce_reader *reader);

/* The subject, or the first lines, speak of a delivery that failed. */
bool bounce_says_failure(const struct bounce_reader *reader);
