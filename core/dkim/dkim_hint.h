#pragma once

#include "dkim_verify.h"

/*
 * Why a signature fails, found by trying: the message is read once more, and each thing that is known to happen to mail on
 * its way is undone in turn until the hash or the signature fits.
 *
 * Body: the other canonicalization, a footer appended, dots doubled or undoubled, ">From " quoting, LF for CRLF.
 * Header: the other canonicalization, a field added, a prefix put before Subject.
 */
enum {
	DKIM_HINT_VERDICTS = 4, /* signatures that are looked into */
	DKIM_HINT_FIELDS = 40,  /* fields left out in turn, of each signature */
	DKIM_HINT_WORDS = 6,    /* words taken from the front of Subject */
	DKIM_HINT_LINES = 20000 /* places where a footer may start */
};

/*
 * Sets `hint` of the verdicts of `verify` that are fail.
 *
 * message  the same octets in wire form, at their beginning
 * errors   ERR_IO, ERR_LIMIT
 */
MUST_CHECK enum err dkim_hint_find(struct dkim_verify *verify, struct source *message, struct diag *diag);
