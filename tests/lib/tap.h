#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Test Anything Protocol, version 13. A test program is a main() that calls tap_case() with the row's name, then the
 * checks of that row, and returns tap_done(). A row passes when all its checks did; a check that fails says where.
 */
void tap_case(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tap_skip(const char *why); /* the current row */
int tap_done(void);

bool tap_check(bool ok, const char *file, int line, const char *what);
bool tap_check_bytes(const void *got, size_t got_n, const void *want, size_t want_n, const char *file, int line,
		     const char *what);
bool tap_check_int(long long got, long long want, const char *file, int line, const char *what);

#define CHECK(condition) tap_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(got, want) tap_check_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got)

/* got is a struct view, want a C string. */
#define CHECK_VIEW(got, want) tap_check_bytes((got).p, (got).n, (want), strlen(want), __FILE__, __LINE__, #got)
#define CHECK_BYTES(got, want) tap_check_bytes((got).p, (got).n, (want).p, (want).n, __FILE__, __LINE__, #got)
#define CHECK_STR(got, want) tap_check_bytes((got), strlen(got), (want), strlen(want), __FILE__, __LINE__, #got)
