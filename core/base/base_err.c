#include "base_err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int exit_code;
} err_table[ERR_COUNT] = {
	[ERR_OK] = { "ok", 0 },
	[ERR_USAGE] = { "usage", 64 },
	[ERR_SYNTAX] = { "syntax", 65 },
	[ERR_DATA] = { "data", 65 },
	[ERR_LIMIT] = { "limit", 65 },
	[ERR_NO_INPUT] = { "no-input", 66 },
	[ERR_NO_USER] = { "no-user", 67 },
	[ERR_NO_HOST] = { "no-host", 68 },
	[ERR_UNAVAILABLE] = { "unavailable", 69 },
	[ERR_BUG] = { "bug", 70 },
	[ERR_OS] = { "os", 71 },
	[ERR_CREATE] = { "create", 73 },
	[ERR_IO] = { "io", 74 },
	[ERR_TEMP] = { "temporary", 75 },
	[ERR_PROTOCOL] = { "protocol", 76 },
	[ERR_DENIED] = { "denied", 77 },
	[ERR_CONFIG] = { "config", 78 },
	[ERR_IN_DOUBT] = { "in-doubt", 3 },
};

int err_exit_code(enum err err) { return err_table[err].exit_code; }

const char *err_name(enum err err) { return err_table[err].name; }

PRINTF_LIKE(4, 0)
static void diag_write(struct diag *diag, unsigned line, unsigned column, const char *fmt, va_list args)
{
	(void)vsnprintf(diag->text, sizeof diag->text, fmt, args);
	diag->line = line;
	diag->column = column;
}

enum err diag_set(struct diag *diag, enum err err, const char *fmt, ...)
{
	if (diag != NULL) {
		va_list args;
		va_start(args, fmt);
		diag_write(diag, 0, 0, fmt, args);
		va_end(args);
	}
	return err;
}

enum err diag_at(struct diag *diag, enum err err, unsigned line, unsigned column, const char *fmt, ...)
{
	if (diag != NULL) {
		va_list args;
		va_start(args, fmt);
		diag_write(diag, line, column, fmt, args);
		va_end(args);
	}
	return err;
}

enum err diag_prefix(struct diag *diag, enum err err, const char *fmt, ...)
{
	if (diag == NULL)
		return err;
	char was[DIAG_TEXT_MAX];
	memcpy(was, diag->text, sizeof was);
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(diag->text, sizeof diag->text, fmt, args);
	va_end(args);
	size_t at = n < 0 ? 0 : (size_t)n;
	if (at + 3 > sizeof diag->text)
		return err;
	memcpy(diag->text + at, ": ", 3);
	size_t room = sizeof diag->text - at - 3, len = strnlen(was, sizeof was);
	memcpy(diag->text + at + 2, was, len < room ? len : room);
	diag->text[at + 2 + (len < room ? len : room)] = '\0';
	return err;
}

static enum err err_of_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
	case EACCES:
	case EPERM:
		return ERR_NO_INPUT;
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case EFBIG:
	case EROFS:
	case EPIPE:
		return ERR_IO;
	case EEXIST:
		return ERR_CREATE;
	case ETIMEDOUT:
	case ECONNREFUSED:
	case ECONNRESET:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EAGAIN:
		return ERR_TEMP;
	default:
		return ERR_OS;
	}
}

enum err diag_errno(struct diag *diag, const char *what, int errnum)
{
	char text[128];
	if (strerror_r(errnum, text, sizeof text) != 0)
		(void)snprintf(text, sizeof text, "error %d", errnum);
	return diag_set(diag, err_of_errno(errnum), "%s: %s", what, text);
}

void base_out_of_memory(void)
{
	static const char text[] = "posthorn: out of memory\n";
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(71);
	_exit(71);
}
