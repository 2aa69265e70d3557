#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static char name[256];
static const char *skipped;
static unsigned count, failed;
static bool open_case, passed;

static void finish_case(void)
{
	if (!open_case)
		return;
	printf("%s %u - %s%s%s\n", passed ? "ok" : "not ok", count, name, skipped != NULL ? " # SKIP " : "",
	       skipped != NULL ? skipped : "");
	failed += !passed;
	open_case = false;
}

void tap_case(const char *fmt, ...)
{
	finish_case();
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(name, sizeof name, fmt, args);
	va_end(args);
	for (char *p = name; *p != '\0'; p++)
		if (*p == '#' || *p == '\n' || *p == '\\')
			*p = '_';
	skipped = NULL;
	passed = true;
	open_case = true;
	count++;
}

void tap_skip(const char *why) { skipped = why; }

int tap_done(void)
{
	finish_case();
	printf("1..%u\n", count);
	return failed == 0 && count > 0 ? 0 : 1;
}

bool tap_check(bool ok, const char *file, int line, const char *what)
{
	if (!ok) {
		printf("# %s:%d: not so: %s\n", file, line, what);
		passed = false;
	}
	return ok;
}

static void print_bytes(const char *label, const unsigned char *p, size_t n)
{
	printf("#   %s (%zu): \"", label, n);
	for (size_t i = 0; i < n && i < 400; i++) {
		if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '"' && p[i] != '\\')
			putchar(p[i]);
		else
			printf("\\x%02x", p[i]);
	}
	printf("\"%s\n", n > 400 ? "..." : "");
}

bool tap_check_bytes(const void *got, size_t got_n, const void *want, size_t want_n, const char *file, int line,
		     const char *what)
{
	bool ok = got_n == want_n && (got_n == 0 || memcmp(got, want, got_n) == 0);
	if (!tap_check(ok, file, line, what)) {
		print_bytes("got", got, got_n);
		print_bytes("want", want, want_n);
	}
	return ok;
}

bool tap_check_int(long long got, long long want, const char *file, int line, const char *what)
{
	if (!tap_check(got == want, file, line, what))
		printf("#   got %lld, want %lld\n", got, want);
	return got == want;
}
