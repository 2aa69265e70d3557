#include "crypto_key_priv.h"

/* The length octets: at most three, in their shortest form (X.690 10.1). */
static bool take_length(struct view *rest, size_t *out)
{
	int first = view_at(*rest, 0);
	if (first < 0)
		return false;
	*rest = view_from(*rest, 1);
	if (first < 0x80) {
		*out = (size_t)first;
		return true;
	}
	size_t octets = (size_t)first & 0x7f, length = 0;
	if (octets == 0 || octets > 3 || octets > rest->n || rest->p[0] == 0)
		return false;
	for (size_t i = 0; i < octets; i++)
		length = length << 8 | (size_t)view_at(*rest, i);
	*rest = view_from(*rest, octets);
	*out = length;
	return length >= 0x80;
}

bool crypto_der_take(struct view *rest, int tag, struct view *body)
{
	struct view at = view_from(*rest, 1);
	size_t length;
	if (view_at(*rest, 0) != tag || !take_length(&at, &length) || length > at.n)
		return false;
	*body = view_to(at, length);
	*rest = view_from(at, length);
	return true;
}

bool crypto_der_uint(struct view *rest, struct view *magnitude)
{
	struct view body;
	if (!crypto_der_take(rest, DER_INTEGER, &body) || body.n == 0 || (body.p[0] & 0x80) != 0)
		return false;
	if (body.p[0] == 0 && body.n > 1) {
		body = view_from(body, 1);
		if ((body.p[0] & 0x80) == 0)
			return false;
	}
	*magnitude = body;
	return true;
}
