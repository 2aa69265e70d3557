#include "base_ascii.h"

/* As switches, which compilers turn into a bit test: these run for every octet of names and parameters. */
bool ascii_is_atext(int c)
{
	switch (c) {
	case '(':
	case ')':
	case '<':
	case '>':
	case '[':
	case ']':
	case ':':
	case ';':
	case '@':
	case '\\':
	case ',':
	case '.':
	case '"':
		return false;
	default:
		return ascii_is_vchar(c);
	}
}

bool ascii_is_token(int c)
{
	switch (c) {
	case '(':
	case ')':
	case '<':
	case '>':
	case '@':
	case ',':
	case ';':
	case ':':
	case '\\':
	case '"':
	case '/':
	case '[':
	case ']':
	case '?':
	case '=':
		return false;
	default:
		return ascii_is_vchar(c);
	}
}
