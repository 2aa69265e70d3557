#pragma once

#include "base_attr.h"

/*
 * Errors: "we could not find out" or "we could not do it". A verdict (SPF fail, NXDOMAIN, a 550 for one recipient) is
 * never one of these; it is a value with an enum of its own.
 *
 * The order is that of err_table in base_err.c, which also holds the exit code of each (CLI.md 1, sysexits).
 */
enum err {
	ERR_OK = 0,
	ERR_USAGE,       /* 64  the command line makes no sense */
	ERR_SYNTAX,      /* 65  bytes from outside break a grammar; diag has line and column where they are known */
	ERR_DATA,        /* 65  well formed, but must not be used (CR in a subject, two From fields) */
	ERR_LIMIT,       /* 65  a named limit was reached; diag names it */
	ERR_NO_INPUT,    /* 66  a file that was named is missing or cannot be read */
	ERR_NO_USER,     /* 67  the mailbox does not exist */
	ERR_NO_HOST,     /* 68  the host or mail domain does not exist */
	ERR_UNAVAILABLE, /* 69  refused for good by the other side, or a service that is not there */
	ERR_BUG,         /* 70  ours */
	ERR_OS,          /* 71  the operating system refused something ordinary (fork, socket) */
	ERR_CREATE,      /* 73  a file could not be created */
	ERR_IO,          /* 74  read or write failed, disk full, closed stdout */
	ERR_TEMP,        /* 75  try again later: time-out, SERVFAIL, deferred, locked by another run */
	ERR_PROTOCOL,    /* 76  the other side broke the protocol, or TLS failed */
	ERR_DENIED,      /* 77  permission or authentication refused */
	ERR_CONFIG,      /* 78  configuration is wrong or says too little */
	ERR_IN_DOUBT,    /*  3  the message may or may not have been accepted (RFC 1047) */
	ERR_COUNT
};

enum { DIAG_TEXT_MAX = 512 };

/*
 * What a person is told about a failure: what happened, why, what to do next. Owned by the caller, written only on
 * failure. line and column count from 1; 0 means unknown.
 */
struct diag {
	char text[DIAG_TEXT_MAX];
	unsigned line;
	unsigned column;
};

/*
 * Set the text and give the error back, so that a failing function can end in `return diag_set(diag, ERR_DATA, ...)`.
 * Text from outside goes in through SHOW() (base_show.h), never raw. A longer text is cut. diag may be NULL.
 */
enum err diag_set(struct diag *diag, enum err err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with a place in the input. */
enum err diag_at(struct diag *diag, enum err err, unsigned line, unsigned column, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

/* Put "fmt: " in front of the text that is there (file name, host, command), where a caller knows more. */
enum err diag_prefix(struct diag *diag, enum err err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* errno into an error: ENOENT and EACCES to ERR_NO_INPUT, ENOSPC and EIO to ERR_IO, and so on; the text is strerror's. */
enum err diag_errno(struct diag *diag, const char *what, int errnum);

int err_exit_code(enum err err);
const char *err_name(enum err err);

/* The one place where memory that cannot be had ends the program (exit 71). */
NORETURN void base_out_of_memory(void);
