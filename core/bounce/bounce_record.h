#pragma once

#include <stdint.h>

#include "base_vec.h"
#include "bounce_classify.h"

/*
 * What a message says about deliveries, a record a recipient. Everything a record points to is in the arena that
 * bounce_parse_message was given, or in the message itself.
 */
enum bounce_type {
	BOUNCE_TYPE_UNKNOWN = 0,
	BOUNCE_TYPE_BOUNCE,
	BOUNCE_TYPE_DELAY,
	BOUNCE_TYPE_SUCCESS,
	BOUNCE_TYPE_RELAYED,
	BOUNCE_TYPE_FEEDBACK,
	BOUNCE_TYPE_AUTOREPLY,
	BOUNCE_TYPE_MDN,
	BOUNCE_TYPE_COUNT
};

struct bounce_record {
	enum bounce_type type;
	struct view recipient;
	struct view original_recipient; /* where it differs from recipient */
	struct view action;             /* lower case: failed delayed delivered relayed expanded */
	struct view status_text;        /* as found */
	struct bounce_status status;
	unsigned reply;
	struct view diagnostic;
	struct view remote_mta, reporting_mta;
	enum bounce_command command;
	struct view feedback_type; /* abuse, not-spam, ... */
	struct bounce_verdict verdict;
};

/* What all records of a message share. */
struct bounce_report {
	struct {
		struct bounce_record *at;
		size_t n, cap;
	} records;
	const char *format;     /* "dsn", "arf", "mdn", "exim", ...; NULL: not recognised */
	struct view message_id; /* of the message that bounced, without <> */
	struct view sender;     /* its reverse-path or author, as an address */
	struct view subject;    /* decoded */
	struct view list_id;
	struct view returned_to; /* the envelope or To address that the report came to: for VERP */
	int64_t timestamp;       /* the report's Date, seconds since the epoch; 0: none */
	const char *error;       /* why the message could not be read to its end; NULL: it could */
};

enum { BOUNCE_RECORDS_MAX = 1000, BOUNCE_DECODED_MAX = 256 * 1024 };

const char *bounce_type_name(enum bounce_type type);
MUST_CHECK bool bounce_type_parse(struct view name, enum bounce_type *out);
const char *bounce_command_name(enum bounce_command command); /* NULL for none */

/*
 * Read one message (RFC 3464, 5965, 8098, 3834, and the texts of mailers that use none of them). A message that is no
 * report gives no records. Any input is fine: there is no error, faults are told in out->error.
 *
 * in      the whole message; LF, CRLF or CR
 * limits  BOUNCE_RECORDS_MAX records, BOUNCE_DECODED_MAX octets of each decoded part
 */
void bounce_parse_message(struct bounce_classifier *classifier, struct view in, struct arena *arena,
			  struct bounce_report *out);
