#include "rua_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base_vec.h"

enum { WARNING_MAX = 300 };

const char *rua_kind_name(enum rua_kind kind)
{
	static const char *const names[] = { "aggregate", "failure", "tls" };
	return names[kind];
}

bool rua_record_passes(const struct rua_record *record)
{
	return view_is(record->dkim, "pass") || view_is(record->spf, "pass");
}

void rua_warn(struct rua_report *report, struct arena *arena, const char *fmt, ...)
{
	char text[WARNING_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	for (size_t i = 0; i < report->warnings.n; i++)
		if (strcmp(report->warnings.at[i], text) == 0)
			return;
	if (report->warnings.n < RUA_WARNINGS_MAX)
		*VEC_PUSH(&report->warnings, arena) = arena_printf(arena, "%s", text);
}
