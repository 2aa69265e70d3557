#pragma once

#include "bounce_record.h"

/*
 * Event records that sending services push: Amazon SES notifications (bare, or inside SNS's envelope) and SendGrid's
 * event webhook (objects, or arrays of them). They give the same records as a report by mail.
 */

/* Does the text look like one? A glance at its first octets, nothing is parsed. */
bool bounce_is_events(struct view text);

/*
 * Read the first JSON value of the text; *used of its octets belong to it, so that a stream of values can be walked.
 * Values that are no events give no records.
 *
 * limits  EVENTS_DEPTH nested strings of SNS, BOUNCE_RECORDS_MAX records
 * errors  ERR_SYNTAX: no JSON value stands there (diag: what jansson says)
 */
MUST_CHECK enum err bounce_parse_events(struct bounce_classifier *classifier, struct view text, struct arena *arena,
					struct bounce_report *out, size_t *used, struct diag *diag);
