#include "base_ascii.h"

#include <string.h>

bool ascii_is_atext(int c)
{
	return ascii_is_alnum(c) || (c > 0 && c < 0x80 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

bool ascii_is_token(int c) { return ascii_is_vchar(c) && strchr("()<>@,;:\\\"/[]?=", c) == NULL; }
