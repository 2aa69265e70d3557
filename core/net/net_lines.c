#include "net_stream_priv.h"

bool net_lines_ok(struct view bytes, bool *after_cr)
{
	bool cr = *after_cr;
	for (size_t i = 0; i < bytes.n;) {
		if (cr != (bytes.p[i] == '\n'))
			return false;
		if (cr) {
			cr = false;
			i++;
			continue;
		}
		const char *found = memchr(bytes.p + i, '\r', bytes.n - i);
		size_t end = found == NULL ? bytes.n : (size_t)(found - bytes.p);
		if (memchr(bytes.p + i, '\n', end - i) != NULL)
			return false;
		cr = found != NULL;
		i = end + (cr ? 1 : 0);
	}
	*after_cr = cr;
	return true;
}
