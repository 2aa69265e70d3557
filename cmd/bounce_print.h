#pragma once

#include "bounce_record.h"
#include "cmd.h"

/* Records of bounce-parse on stdout. record NULL: a message that is no report (nothing in text form). */
enum bounce_form { BOUNCE_FORM_DEFAULT, BOUNCE_FORM_JSON, BOUNCE_FORM_TEXT, BOUNCE_FORM_CSV, BOUNCE_FORM_TSV };

struct bounce_printer {
	struct cmd *cmd;
	enum bounce_form form;
	bool explain;
	bool headed; /* the line of column names is out */
};

/* What only the command knows of a record. */
struct bounce_extra {
	const char *source;
	struct view key, job; /* of VERP */
};

void bounce_print(struct bounce_printer *printer, const struct bounce_report *report,
		  const struct bounce_record *record, const struct bounce_extra *extra);
